import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NO_TERM, type Term } from './ids.ts'
import { parseFromSignaling } from './parse-from-signaling.ts'
import { parseToSignaling } from './parse-to-signaling.ts'
import { BOX_CHARS_MAX, type FromSignaling, type ToSignaling } from './signals.ts'
import { peer, topicOf } from './testing-ids.ts'

const ann = peer('A')
const ben = peer('B')
const topic = topicOf('T')
const term = 3 as Term
const claim = { term, host: ann }
const WIRE_CHANGED =
  'A signaling message has changed: raise PROTOCOL_VERSION in limits.ts, then pin the new text here.'

type Golden<Message extends { type: string }> = {
  readonly [Type in Message['type']]: readonly (readonly [
    Extract<Message, { type: Type }>,
    string,
  ])[]
}

const goldenTo: Golden<ToSignaling> = {
  join: [
    [
      { type: 'join', version: 1, topic, peer: ann, secret: ann, claim, held: 2 as Term },
      `{"type":"join","version":1,"topic":"${topic}","peer":"${ann}","secret":"${ann}","claim":{"term":3,"host":"${ann}"},"held":2}`,
    ],
    [
      { type: 'join', version: 1, topic, peer: ann, secret: ann, claim: null, held: NO_TERM },
      `{"type":"join","version":1,"topic":"${topic}","peer":"${ann}","secret":"${ann}","claim":null,"held":0}`,
    ],
  ],
  signal: [
    [
      { type: 'signal', to: ben, attempt: 'try-1_a', box: 'Zm9v-_' },
      `{"type":"signal","to":"${ben}","attempt":"try-1_a","box":"Zm9v-_"}`,
    ],
  ],
  relay: [
    [
      { type: 'relay', to: ben, session: 'try-1_a', box: 'Zm9v-_' },
      `{"type":"relay","to":"${ben}","session":"try-1_a","box":"Zm9v-_"}`,
    ],
  ],
  claim: [
    [{ type: 'claim', term, reason: 'vacant' }, '{"type":"claim","term":3,"reason":"vacant"}'],
    [{ type: 'claim', term, reason: 'goodbye' }, '{"type":"claim","term":3,"reason":"goodbye"}'],
    [{ type: 'claim', term, reason: 'handover' }, '{"type":"claim","term":3,"reason":"handover"}'],
    [{ type: 'claim', term, reason: 'closed' }, '{"type":"claim","term":3,"reason":"closed"}'],
    [{ type: 'claim', term, reason: 'silent' }, '{"type":"claim","term":3,"reason":"silent"}'],
  ],
  suspect: [
    [{ type: 'suspect', term, suspected: true }, '{"type":"suspect","term":3,"suspected":true}'],
    [{ type: 'suspect', term, suspected: false }, '{"type":"suspect","term":3,"suspected":false}'],
  ],
  yield: [[{ type: 'yield', term, to: ben }, `{"type":"yield","term":3,"to":"${ben}"}`]],
  alive: [[{ type: 'alive', term }, '{"type":"alive","term":3}']],
  know: [[{ type: 'know', claim }, `{"type":"know","claim":{"term":3,"host":"${ann}"}}`]],
  ask: [[{ type: 'ask', at: 7 }, '{"type":"ask","at":7}']],
  bye: [[{ type: 'bye' }, '{"type":"bye"}']],
  heartbeat: [[{ type: 'heartbeat' }, '{"type":"heartbeat"}']],
}

const goldenFrom: Golden<FromSignaling> = {
  joined: [
    [
      {
        type: 'joined',
        members: [
          { peer: ann, term },
          { peer: ben, term: 0 as Term },
        ],
        claim,
        hostHere: true,
      },
      `{"type":"joined","members":[{"peer":"${ann}","term":3},{"peer":"${ben}","term":0}],"claim":{"term":3,"host":"${ann}"},"hostHere":true}`,
    ],
    [
      { type: 'joined', members: [], claim: null, hostHere: false },
      '{"type":"joined","members":[],"claim":null,"hostHere":false}',
    ],
    [
      { type: 'joined', members: [], claim: null, hostHere: false, relay: true },
      '{"type":"joined","members":[],"claim":null,"hostHere":false,"relay":true}',
    ],
  ],
  'peer-joined': [[{ type: 'peer-joined', peer: ben }, `{"type":"peer-joined","peer":"${ben}"}`]],
  'peer-left': [
    [
      { type: 'peer-left', peer: ben, why: 'closed' },
      `{"type":"peer-left","peer":"${ben}","why":"closed"}`,
    ],
    [
      { type: 'peer-left', peer: ben, why: 'bye' },
      `{"type":"peer-left","peer":"${ben}","why":"bye"}`,
    ],
  ],
  signal: [
    [
      { type: 'signal', from: ben, attempt: 'a', box: 'b' },
      `{"type":"signal","from":"${ben}","attempt":"a","box":"b"}`,
    ],
  ],
  relay: [
    [
      { type: 'relay', from: ben, session: 'a', box: 'b' },
      `{"type":"relay","from":"${ben}","session":"a","box":"b"}`,
    ],
  ],
  pause: [[{ type: 'pause', ms: 250 }, '{"type":"pause","ms":250}']],
  turn: [
    [
      { type: 'turn', urls: ['turn:turn.example'], username: '9:a', credential: 'c' },
      '{"type":"turn","urls":["turn:turn.example"],"username":"9:a","credential":"c"}',
    ],
  ],
  network: [
    [
      { type: 'network', hosts: ['10.0.0.7'], stun: ['stun:10.0.0.7:8080'] },
      '{"type":"network","hosts":["10.0.0.7"],"stun":["stun:10.0.0.7:8080"]}',
    ],
  ],
  host: [[{ type: 'host', claim }, `{"type":"host","claim":{"term":3,"host":"${ann}"}}`]],
  denied: [
    [
      { type: 'denied', term, why: 'outdated', claim, retryMs: 0 },
      `{"type":"denied","term":3,"why":"outdated","claim":{"term":3,"host":"${ann}"},"retryMs":0}`,
    ],
    [
      { type: 'denied', term, why: 'wait', claim: null, retryMs: 250 },
      '{"type":"denied","term":3,"why":"wait","claim":null,"retryMs":250}',
    ],
    [
      { type: 'denied', term, why: 'host-alive', claim: null, retryMs: 0 },
      '{"type":"denied","term":3,"why":"host-alive","claim":null,"retryMs":0}',
    ],
  ],
  stands: [
    [
      { type: 'stands', at: 7, claim },
      `{"type":"stands","at":7,"claim":{"term":3,"host":"${ann}"}}`,
    ],
    [{ type: 'stands', at: 7, claim: null }, '{"type":"stands","at":7,"claim":null}'],
  ],
  heartbeat: [[{ type: 'heartbeat' }, '{"type":"heartbeat"}']],
  challenge: [[{ type: 'challenge', term }, '{"type":"challenge","term":3}']],
  error: [
    [
      { type: 'error', code: 'room-full', message: 'No place left.' },
      '{"type":"error","code":"room-full","message":"No place left."}',
    ],
  ],
}

const to = Object.values<readonly (readonly [ToSignaling, string])[]>(goldenTo).flat()
const from = Object.values<readonly (readonly [FromSignaling, string])[]>(goldenFrom).flat()

/** A valid message as fields, to be spoilt. */
function fieldsOf(message: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(message)) as Record<string, unknown>
}

describe('[SG6] a message to the service', () => {
  test.each(to.map(([message, text]) => [text, message] as const))(
    'is pinned and read: %s',
    (text, message) => {
      expect(JSON.stringify(message), WIRE_CHANGED).toBe(text)
      expect(parseToSignaling(text)).toStrictEqual({ ok: true, value: message })
    },
  )

  test.each(to)('lacks nothing: without any one field $type is refused', (message) => {
    for (const name of Object.keys(message)) {
      const { [name]: _, ...rest } = fieldsOf(message)
      expect(parseToSignaling(JSON.stringify(rest)), `without ${name}`).toEqual({
        ok: false,
        error: 'bad-shape',
      })
    }
  })

  test.each(to)(
    'has nothing more: $type with a field that nobody asked for is refused',
    (message) => {
      for (const name of ['extra', '__proto__', 'constructor', 'toString']) {
        const text = `${JSON.stringify(message).slice(0, -1)},${JSON.stringify(name)}:1}`
        expect(parseToSignaling(text), name).toEqual({ ok: false, error: 'bad-shape' })
      }
    },
  )

  test.each(to)('is refused when any field of $type is of another kind', (message) => {
    for (const name of Object.keys(message)) {
      for (const wrong of [[], {}, 'é', -1, 1.5]) {
        expect(
          parseToSignaling(JSON.stringify({ ...message, [name]: wrong })),
          `${name}: ${JSON.stringify(wrong)}`,
        ).toEqual({ ok: false, error: 'bad-shape' })
      }
    }
  })
})

describe("[SG6] the service's door answers bad-json", () => {
  test.each([
    '',
    ' ',
    '{',
    '{"type":"bye"',
    '{"type":"bye"}}',
    '{"type":"bye"} x',
    "{'type':'bye'}",
    '{type:"bye"}',
    '{"type":"bye",}',
    'undefined',
    'NaN',
    '\uFEFF{"type":"bye"}',
    '\0',
  ])('%j', (text) => {
    expect(parseToSignaling(text)).toEqual({ ok: false, error: 'bad-json' })
    expect(parseFromSignaling(text)).toBeNull()
  })
})

describe("[SG6] the service's door answers bad-shape", () => {
  test.each([
    'null',
    'true',
    '1',
    '"bye"',
    '[]',
    '["bye"]',
    '[{"type":"bye"}]',
    '{}',
    '{"type":null}',
    '{"type":["bye"]}',
    '{"type":"Bye"}',
    '{"type":"bye "}',
    '{"type":"joined"}',
    '{"type":"constructor"}',
    '{"type":"__proto__"}',
    '{"__proto__":{"type":"bye"}}',
  ])('%s', (text) => {
    expect(parseToSignaling(text)).toEqual({ ok: false, error: 'bad-shape' })
    expect(parseFromSignaling(text)).toBeNull()
  })

  test.each([
    ['a term of zero', '{"type":"alive","term":0}'],
    ['a negative term', '{"type":"alive","term":-1}'],
    ['a term of minus zero', '{"type":"alive","term":-0}'],
    ['half a term', '{"type":"alive","term":1.5}'],
    ['an endless term', '{"type":"alive","term":1e999}'],
    ['a term beyond what a number counts', '{"type":"alive","term":9007199254740993}'],
    ['a term with no room for the next', `{"type":"alive","term":${Number.MAX_SAFE_INTEGER}}`],
    ['a term in words', '{"type":"alive","term":"3"}'],
    ['a claim that is a list', '{"type":"know","claim":[]}'],
    ['no claim to know', '{"type":"know","claim":null}'],
    ['a claim of term zero', `{"type":"know","claim":{"term":0,"host":"${ann}"}}`],
    ['a claim by nobody', '{"type":"know","claim":{"term":1,"host":""}}'],
    ['a peer id that is too long', `{"type":"yield","term":1,"to":"${ann}A"}`],
    ['a peer id with a line break', `{"type":"yield","term":1,"to":"${ann.slice(1)}\\n"}`],
    ['a peer id of other characters', `{"type":"yield","term":1,"to":"${ann.slice(1)}="}`],
    ['a reason of its own', '{"type":"claim","term":1,"reason":"bored"}'],
    ['an attempt without a name', `{"type":"signal","to":"${ann}","attempt":"","box":"b"}`],
    [
      'an attempt with a long name',
      `{"type":"signal","to":"${ann}","attempt":"${'a'.repeat(33)}","box":"b"}`,
    ],
    ['an empty box', `{"type":"signal","to":"${ann}","attempt":"a","box":""}`],
    ['a box of other characters', `{"type":"signal","to":"${ann}","attempt":"a","box":"a b"}`],
    [
      'a box above its limit',
      `{"type":"signal","to":"${ann}","attempt":"a","box":"${'b'.repeat(BOX_CHARS_MAX + 1)}"}`,
    ],
  ])('for %s', (_, text) =>
    expect(parseToSignaling(text)).toEqual({ ok: false, error: 'bad-shape' }),
  )

  test('for nesting that no message has, without reading it', () => {
    expect(parseToSignaling('['.repeat(60_000))).toEqual({ ok: false, error: 'bad-shape' })
    expect(parseToSignaling(`${'{"a":'.repeat(9)}1${'}'.repeat(9)}`)).toEqual({
      ok: false,
      error: 'bad-shape',
    })
    expect(parseFromSignaling('['.repeat(60_000))).toBeNull()
  })
})

test('[SG6] the largest of everything is still taken', () => {
  const box = 'b'.repeat(BOX_CHARS_MAX)
  expect(
    parseToSignaling(JSON.stringify({ type: 'signal', to: ann, attempt: 'a'.repeat(32), box })).ok,
  ).toBe(true)
  expect(parseToSignaling(`{"type":"alive","term":${Number.MAX_SAFE_INTEGER - 1}}`).ok).toBe(true)
})

describe('a message of the service', () => {
  test.each(from.map(([message, text]) => [text, message] as const))(
    'is pinned and read: %s',
    (text, message) => {
      expect(JSON.stringify(message), WIRE_CHANGED).toBe(text)
      expect(parseFromSignaling(text)).toStrictEqual(message)
    },
  )

  test.each(from)('may grow fields, which a page leaves aside: $type', (message) => {
    const grown = `${JSON.stringify(message).slice(0, -1)},"__proto__":{"type":"host"},"hint":[1]}`
    expect(parseFromSignaling(grown)).toStrictEqual(message)
  })

  test.each(from)('lacks nothing: without any one field $type is none', (message) => {
    for (const name of Object.keys(message)) {
      if (name === 'relay') continue // a service that says nothing of relayed links carries none
      const { [name]: _, ...rest } = fieldsOf(message)
      expect(parseFromSignaling(JSON.stringify(rest)), `without ${name}`).toBeNull()
    }
  })

  test.each([
    '{"type":"joined","members":{},"claim":null,"hostHere":true}',
    '{"type":"joined","members":[null],"claim":null,"hostHere":true}',
    `{"type":"joined","members":["${ann}"],"claim":null,"hostHere":true}`,
    `{"type":"joined","members":[{"peer":"${ann}","term":-1}],"claim":null,"hostHere":true}`,
    '{"type":"joined","members":[],"claim":[],"hostHere":true}',
    '{"type":"joined","members":[],"claim":null,"hostHere":1}',
    `{"type":"peer-left","peer":"${ann}","why":"bored"}`,
    '{"type":"host","claim":null}',
    '{"type":"denied","term":1,"why":"no","claim":null,"retryMs":0}',
    '{"type":"denied","term":1,"why":"wait","claim":null,"retryMs":-1}',
    '{"type":"denied","term":1,"why":"wait","claim":null,"retryMs":1e999}',
    '{"type":"challenge","term":1e999}',
    '{"type":"error","code":1,"message":""}',
    '{"type":"pause","ms":-1}',
    '{"type":"turn","urls":"turn:a","username":"","credential":""}',
    '{"type":"turn","urls":[1],"username":"","credential":""}',
    '{"type":"network","hosts":[null],"stun":[]}',
    '{"type":"network","hosts":[],"stun":"stun:a"}',
  ])('is none in the form %s', (text) => expect(parseFromSignaling(text)).toBeNull())
})

describe('whatever the text,', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc
      .tuple(
        fc.constantFrom(...[...to, ...from].map(([, text]) => text)),
        fc.nat(),
        fc.constantFrom('', '"', '{', '[', '0', '-', 'null', ','),
      )
      .map(([text, at, with_]) => {
        const place = at % text.length
        return text.slice(0, place) + with_ + text.slice(place + 1)
      }),
  )

  test('both doors answer and never throw', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const parsed = parseToSignaling(text)
        if (!parsed.ok) expect(['bad-json', 'bad-shape']).toContain(parsed.error)
        parseFromSignaling(text)
      }),
      { numRuns: 3_000 },
    )
  })

  test('what is taken reads the same once written again', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const parsed = parseToSignaling(text)
        if (parsed.ok) expect(parseToSignaling(JSON.stringify(parsed.value))).toEqual(parsed)
      }),
      { numRuns: 1_000 },
    )
  })
})
