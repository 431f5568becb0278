import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ByteWriter } from './byte-writer.ts'
import type { Entry, MessageAction, Op, RefusalCode } from './entry.ts'
import { encodeFrame, parseFrame } from './frame-codec.ts'
import { isControl, type Frame, type FrameType } from './frames.ts'
import type { PeerId, Term } from './ids.ts'
import {
  COMPRESSED_BYTES_MAX,
  FRAME_OPS_MAX,
  LACKING_RUNS_MAX,
  PROTOCOL_VERSION,
  ROSTER_MAX,
} from './limits.ts'
import { index, opId, peer, seq } from './testing-ids.ts'

const ann = peer('A')
const ben = peer('B')
const term = 300 as Term
const claim = { term, host: ann }
const lower = { term: 2 as Term, host: ben }
const value = Uint8Array.of(0, 34, 255)

/** Every code, in the order of the wire. */
const codes = Object.keys({
  'room-full': true,
  'key-too-long': true,
  'value-too-large': true,
  'compact-out-of-range': true,
  'compact-outdated': true,
  superseded: true,
  'not-repeated': true,
} satisfies { readonly [Code in RefusalCode]: true }) as RefusalCode[]

const append: Op = { action: 'append', author: ann, opId: opId(1), key: 'notes', value }
const relay: Op = { action: 'relay', author: ben, opId: opId(2), key: '', value: new Uint8Array() }
const replace: Op = { action: 'replace', author: ann, opId: opId(128), key: '🗝', value }
const compact: Op = {
  action: 'compact',
  author: ben,
  opId: opId(3),
  key: '__proto__',
  value,
  seq: seq(9),
  basis: lower,
}

/** One more of the same author, to the same key. */
const again: Op = { ...append, opId: opId(2), value: Uint8Array.of(1) }

const entries: readonly Entry[] = [
  { type: 'reign', index: index(500), claim, inSync: [ann, ben] },
  { type: 'message', index: index(501), seq: seq(400), op: append },
  { type: 'message', index: index(502), seq: seq(401), op: relay },
  { type: 'message', index: index(503), seq: seq(402), op: replace },
  { type: 'compaction', index: index(504), op: compact },
  ...codes.map((code, i): Entry => ({
    type: 'refusal',
    index: index(505 + i),
    author: ben,
    opId: opId(4 + i),
    code,
  })),
  { type: 'in-sync', index: index(512), inSync: [] },
]

/** One frame of every type, and two where a field can be null; what each must look like on the wire of this version. */
const golden: {
  readonly [Type in FrameType]: readonly (readonly [Extract<Frame, { type: Type }>, string])[]
} = {
  hello: [
    [
      {
        term,
        type: 'hello',
        claim,
        nonce: 7,
        position: { claim: lower, index: index(499) },
        headSeq: seq(399),
        stable: index(498),
        past: index(450),
        complete: true,
        lacks: [
          { from: seq(3), to: seq(5) },
          { from: seq(9), to: seq(9) },
        ],
        canHost: false,
        visible: true,
        replay: {
          request: 3,
          queries: [
            { key: 'notes', after: 300 },
            { key: '', after: 0 },
          ],
        },
      },
      'ac0200ac0216414141414141414141414141414141414141414141410701021642424242424242424242424242424242424242424242f3038f03f203c2030102030509090001010302056e6f746573ac020000',
    ],
    [
      {
        term,
        type: 'hello',
        claim,
        nonce: 0,
        position: null,
        headSeq: seq(0),
        stable: index(0),
        past: index(0),
        complete: false,
        lacks: [],
        canHost: true,
        visible: false,
        replay: null,
      },
      'ac0200ac02164141414141414141414141414141414141414141414100000000000000010000',
    ],
  ],
  submit: [
    [
      { term, type: 'submit', nonce: 7, floor: opId(3), ops: [append, relay, replace, compact] },
      'ac02010703021641414141414141414141414141414141414141414141164242424242424242424242424242424242424242424204000001056e6f746573030022ff01010200000200800104f09f979d030022ff030103095f5f70726f746f5f5f030022ff09021642424242424242424242424242424242424242424242',
    ],
    [
      { term, type: 'submit', nonce: 7, floor: opId(1), ops: [append, again] },
      'ac0201070101164141414141414141414141414141414141414141414102000001056e6f746573030022ff050101',
    ],
  ],
  replay: [
    [
      {
        term,
        type: 'replay',
        nonce: 7,
        request: 8,
        queries: [
          { key: 'notes', after: 0 },
          { key: '', after: 200 },
        ],
      },
      'ac0202070802056e6f7465730000c801',
    ],
  ],
  report: [
    [
      { term, type: 'report', nonce: 7, index: index(500), complete: true, visible: false },
      'ac020307f4030100',
    ],
  ],
  ping: [[{ term, type: 'ping', at: 1_700_000_000_000 }, 'ac020480d095ffbc31']],
  welcome: [
    [
      {
        term,
        type: 'welcome',
        nonce: 7,
        resume: true,
        head: index(500),
        headSeq: seq(400),
        lacks: [
          { from: seq(3), to: seq(5) },
          { from: seq(9), to: seq(9) },
        ],
        history: [
          { number: 1, claim: lower, index: index(499), seq: seq(399) },
          { number: 6, claim, index: index(500), seq: seq(399) },
        ],
        ops: [{ author: ben, opId: opId(9), missing: [{ from: opId(2), to: opId(4) }] }],
      },
      'ac02050701f403900302030509090201021642424242424242424242424242424242424242424242f3038f0306ac021641414141414141414141414141414141414141414141f4038f0301164242424242424242424242424242424242424242424209010204',
    ],
  ],
  entries: [
    [
      { term, type: 'entries', stable: index(499), entries },
      'ac0206f30302164141414141414141414141414141414141414141414116424242424242424242424242424242424242424242420df40303ac0216414141414141414141414141414141414141414141410216414141414141414141414141414141414141414141411642424242424242424242424242424242424242424242009003000001056e6f746573030022ff00910301010200000092030200800104f09f979d030022ff01030103095f5f70726f746f5f5f030022ff0902164242424242424242424242424242424242424242424202010400020105010201060202010703020108040201090502010a060400',
    ],
    [
      {
        term,
        type: 'entries',
        stable: index(499),
        entries: [
          { type: 'message', index: index(501), seq: seq(400), op: append },
          { type: 'message', index: index(502), seq: seq(401), op: again },
        ],
      },
      'ac0206f30301164141414141414141414141414141414141414141414102f503009003000001056e6f746573030022ff050101',
    ],
  ],
  replayed: [
    [
      {
        term,
        type: 'replayed',
        nonce: 7,
        request: 8,
        last: true,
        items: [
          {
            key: 'notes',
            seqs: Float64Array.of(1, 3, 400),
            ends: Float64Array.of(0, 1, 3),
            bytes: value,
          },
          { key: '', seqs: new Float64Array(), ends: new Float64Array(), bytes: new Uint8Array() },
        ],
      },
      'ac0207070801181802056e6f7465730301028d0303000102030022ff00000000',
    ],
  ],
  repeated: [
    [
      {
        term,
        type: 'repeated',
        nonce: 7,
        repeats: [
          { author: ann, opId: opId(1), index: index(501), seq: seq(400), code: null },
          { author: ben, opId: opId(4), index: index(0), seq: seq(0), code: 'value-too-large' },
        ],
      },
      'ac02080702164141414141414141414141414141414141414141414101f50390030016424242424242424242424242424242424242424242420400000102',
    ],
  ],
  gap: [
    [
      { term, type: 'gap', nonce: 7, author: ben, expected: opId(5) },
      'ac020907164242424242424242424242424242424242424242424205',
    ],
  ],
  roster: [
    [
      {
        term,
        type: 'roster',
        members: [
          { peer: ann, canHost: true, visible: false },
          { peer: ben, canHost: false, visible: true },
        ],
        succession: [ben, ann],
        standbys: 1,
        paused: true,
      },
      'ac020a02164141414141414141414141414141414141414141414101001642424242424242424242424242424242424242424242000102164242424242424242424242424242424242424242424216414141414141414141414141414141414141414141410101',
    ],
  ],
  pong: [[{ term, type: 'pong', at: 1_700_000_000_000, clock: 5 }, 'ac020b80d095ffbc3105']],
  handover: [[{ term, type: 'handover', head: index(511) }, 'ac020cff03']],
  reign: [
    [{ term, type: 'reign', claim }, 'ac020dac021641414141414141414141414141414141414141414141'],
  ],
  fetch: [
    [
      {
        term,
        type: 'fetch',
        request: 8,
        ends: [{ number: 3, claim: lower, index: index(499), seq: seq(398) }],
        lacks: [{ from: seq(3), to: seq(5) }],
      },
      'ac020e080103021642424242424242424242424242424242424242424242f3038e03010305',
    ],
    [{ term, type: 'fetch', request: 9, ends: [], lacks: [] }, 'ac020e090000'],
  ],
  part: [
    [
      { term, type: 'part', request: 8, number: 130, last: true, bytes: value },
      'ac020f088201010404030022ff',
    ],
  ],
  'part-taken': [[{ term, type: 'part-taken', request: 8, number: 130 }, 'ac0210088201']],
  goodbye: [[{ term, type: 'goodbye' }, 'ac0211']],
  doubt: [
    [{ term, type: 'doubt', claim }, 'ac0212ac021641414141414141414141414141414141414141414141'],
  ],
  vouch: [
    [
      { term, type: 'vouch', claim, hears: true },
      'ac0213ac02164141414141414141414141414141414141414141414101',
    ],
  ],
  taken: [
    [
      {
        term,
        type: 'taken',
        stable: index(500),
        index: index(501),
        seq: seq(400),
        opId: opId(3),
        count: 2,
      },
      'ac0214f403f50390030302',
    ],
  ],
}

const pinned = Object.values<readonly (readonly [Frame, string])[]>(golden)
  .flat()
  .map(([frame, hex]) => {
    const name =
      'position' in frame && frame.position === null
        ? `${frame.type} without a position`
        : frame.type
    return [name, frame, hex] as const
  })

describe(`the wire of version ${PROTOCOL_VERSION}`, () => {
  test.each(pinned)('pins the bytes of %s', (_, frame, hex) => {
    const change =
      'The wire has changed. Raise PROTOCOL_VERSION in limits.ts, then pin the new bytes here.'
    expect(toHex(encodeFrame(frame)), change).toBe(hex)
  })

  test.each(pinned)('reads the pinned %s as it was written', (_, frame, hex) => {
    expect(parseFrame(fromHex(hex))).toStrictEqual({ ok: true, value: frame })
  })

  test('is the one that these bytes were pinned for', () => {
    expect(PROTOCOL_VERSION, 'Check that every frame above is still what this version sends.').toBe(
      7,
    )
  })
})

test('bursts of few authors and keys are read as they were written', () => {
  const anyOp = fc.record({
    action: fc.constantFrom('append' as const, 'relay' as const),
    author: fc.constantFrom(ann, ben),
    opId: fc.constantFrom(1, 2, 3, 4).map(opId),
    key: fc.constantFrom('k', 'kk'),
    value: fc.uint8Array({ maxLength: 3 }),
  })
  const step = fc.record({ op: anyOp, at: fc.constantFrom(1, 2, 3, 4) })
  const there = (frame: Frame) => parseFrame(encodeFrame(frame))
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const ops: Op[] = steps.map(({ op }) => ({ ...op }))
      const submit: Frame = { term, type: 'submit', nonce: 7, floor: opId(1), ops }
      expect(there(submit)).toStrictEqual({ ok: true, value: submit })
      const messages = steps.map(({ op, at }, i): Entry => ({
        type: 'message',
        index: index(5 + i),
        seq: seq(at),
        op: { ...op },
      }))
      const frame: Frame = { term, type: 'entries', stable: index(1), entries: messages }
      expect(there(frame)).toStrictEqual({ ok: true, value: frame })
    }),
  )
})

test('[EL3] only frames that speak of now may overtake others', () => {
  expect(
    Object.keys(golden)
      .filter((type) => isControl(type as FrameType))
      .toSorted(),
  ).toEqual(['doubt', 'goodbye', 'ping', 'pong', 'reign', 'vouch'])
})

// --- any frame at all ---

const anyCount = fc.oneof(fc.nat({ max: 300 }), fc.maxSafeNat())
const anyIndex = anyCount.map(index)
const anySeq = anyCount.map(seq)
const anyOpId = anyCount.map(opId)
const anyTerm = anyCount.map((n) => n as Term)
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', '__proto__', '\uFEFFmarked', '\0'),
)
const anyBytes = fc.uint8Array({ maxLength: 300 })
const anyPeer = fc.oneof(
  fc.constantFrom(ann, ben),
  fc
    .string({ unit: fc.constantFrom(...'abcXYZ019-_'), minLength: 22, maxLength: 22 })
    .map((id) => id as PeerId),
)
const anyPeers = fc.array(anyPeer, { maxLength: 6 })
const anyClaim = fc.record({ term: anyTerm, host: anyPeer })
const anyPosition = fc.option(fc.record({ claim: anyClaim, index: anyIndex }))
const anyQueries = fc.array(fc.record({ key: anyText, after: anyCount }), { maxLength: 5 })
const anyRising = (length: number, sum: number) =>
  fc
    .array(fc.nat({ max: sum }), { minLength: length, maxLength: length })
    .map((all) => Float64Array.from(all.toSorted((a, b) => a - b)))

const named = { author: anyPeer, opId: anyOpId, key: anyText, value: anyBytes }
const anyMessageOp = fc.record({
  action: fc.constantFrom<MessageAction>('append', 'relay', 'replace'),
  ...named,
})
const anyCompactOp = fc.record({
  action: fc.constant('compact' as const),
  ...named,
  seq: anySeq,
  basis: anyClaim,
})
const anyOps = fc.array(fc.oneof(anyMessageOp, anyCompactOp), { maxLength: 8 })

type Unplaced = Entry extends infer E ? (E extends Entry ? Omit<E, 'index'> : never) : never
const anyUnplaced: fc.Arbitrary<Unplaced> = fc.oneof(
  fc.record({ type: fc.constant('message' as const), seq: anySeq, op: anyMessageOp }),
  fc.record({ type: fc.constant('compaction' as const), op: anyCompactOp }),
  fc.record({
    type: fc.constant('refusal' as const),
    author: anyPeer,
    opId: anyOpId,
    code: fc.constantFrom(...codes),
  }),
  fc.record({ type: fc.constant('reign' as const), claim: anyClaim, inSync: anyPeers }),
  fc.record({ type: fc.constant('in-sync' as const), inSync: anyPeers }),
)
const anyEntries = fc
  .tuple(fc.maxSafeNat(), fc.array(anyUnplaced, { maxLength: 8 }))
  .map(([first, unplaced]) =>
    unplaced.map(
      (entry, i) =>
        ({ ...entry, index: index(Math.min(first, Number.MAX_SAFE_INTEGER - 8) + i) }) as Entry,
    ),
  )
const anyReplayed = fc.tuple(anyText, fc.nat({ max: 5 }), anyBytes).chain(([key, length, bytes]) =>
  fc.tuple(anyRising(length, 2 ** 40), anyRising(length, bytes.length)).map(([seqs, ends]) => {
    if (length > 0) ends[length - 1] = bytes.length
    return { key, seqs, ends, bytes: length === 0 ? new Uint8Array() : bytes }
  }),
)

/** Each run begins some way behind the end of the one before. */
const anyLacks = fc
  .array(fc.tuple(fc.integer({ min: 2, max: 300 }), fc.nat({ max: 300 })), { maxLength: 5 })
  .map((steps) => {
    let at = 0
    return steps.map(([gap, length]) => {
      const from = at + gap
      at = from + length
      return { from: seq(from), to: seq(at) }
    })
  })

const anyHistory = fc
  .array(fc.record({ claim: anyClaim, index: anyIndex, seq: anySeq }), { maxLength: 5 })
  .map((reigns) => reigns.map((reign, i) => ({ number: 1 + i * i, ...reign })))

const bodies: {
  readonly [Type in FrameType]: fc.Arbitrary<Omit<Extract<Frame, { type: Type }>, 'type' | 'term'>>
} = {
  hello: fc.record({
    claim: anyClaim,
    nonce: anyCount,
    position: anyPosition,
    headSeq: anySeq,
    stable: anyIndex,
    past: anyIndex,
    complete: fc.boolean(),
    lacks: anyLacks,
    canHost: fc.boolean(),
    visible: fc.boolean(),
    replay: fc.option(fc.record({ request: anyCount, queries: anyQueries })),
  }),
  submit: fc.record({ nonce: anyCount, floor: anyOpId, ops: anyOps }),
  replay: fc.record({
    nonce: anyCount,
    request: anyCount,
    queries: anyQueries,
  }),
  report: fc.record({
    nonce: anyCount,
    index: anyIndex,
    complete: fc.boolean(),
    visible: fc.boolean(),
  }),
  ping: fc.record({ at: anyCount }),
  welcome: fc.record({
    nonce: anyCount,
    resume: fc.boolean(),
    head: anyIndex,
    headSeq: anySeq,
    lacks: anyLacks,
    history: anyHistory,
    ops: fc.array(
      fc.record({
        author: anyPeer,
        opId: anyOpId,
        missing: fc.array(fc.record({ from: anyOpId, to: anyOpId }), { maxLength: 3 }),
      }),
      { maxLength: 5 },
    ),
  }),
  entries: fc.record({ stable: anyIndex, entries: anyEntries }),
  replayed: fc.record({
    nonce: anyCount,
    request: anyCount,
    last: fc.boolean(),
    items: fc.array(anyReplayed, { maxLength: 4 }),
  }),
  repeated: fc.record({
    nonce: anyCount,
    repeats: fc.array(
      fc.record({
        author: anyPeer,
        opId: anyOpId,
        index: anyIndex,
        seq: anySeq,
        code: fc.option(fc.constantFrom(...codes)),
      }),
      { maxLength: 5 },
    ),
  }),
  gap: fc.record({ nonce: anyCount, author: anyPeer, expected: anyOpId }),
  roster: fc.record({
    members: fc.array(fc.record({ peer: anyPeer, canHost: fc.boolean(), visible: fc.boolean() }), {
      maxLength: 5,
    }),
    succession: anyPeers,
    standbys: anyCount,
    paused: fc.boolean(),
  }),
  pong: fc.record({ at: anyCount, clock: anyCount }),
  handover: fc.record({ head: anyIndex }),
  reign: fc.record({ claim: anyClaim }),
  fetch: fc.record({ request: anyCount, ends: anyHistory, lacks: anyLacks }),
  part: fc.record({ request: anyCount, number: anyCount, last: fc.boolean(), bytes: anyBytes }),
  'part-taken': fc.record({ request: anyCount, number: anyCount }),
  goodbye: fc.record({}),
  doubt: fc.record({ claim: anyClaim }),
  vouch: fc.record({ claim: anyClaim, hears: fc.boolean() }),
  taken: fc.record({
    stable: anyIndex,
    index: anyIndex,
    seq: anySeq,
    opId: anyOpId,
    count: anyCount,
  }),
}

const anyFrame = fc.oneof(
  ...Object.entries(bodies).map(([type, body]) =>
    fc
      .tuple(anyTerm, body as fc.Arbitrary<object>)
      .map(([term, fields]) => ({ term, type, ...fields }) as Frame),
  ),
)

describe('any frame', () => {
  test('comes back as it was sent', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        expect(parseFrame(encodeFrame(frame))).toEqual({ ok: true, value: frame })
      }),
      { numRuns: 1_000 },
    )
  })

  test('that is cut short anywhere is refused', () => {
    fc.assert(
      fc.property(anyFrame, fc.nat(), (frame, cut) => {
        const bytes = encodeFrame(frame)
        expect(parseFrame(bytes.subarray(0, cut % bytes.length)).ok).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  test('with anything after its end is refused', () => {
    fc.assert(
      fc.property(anyFrame, fc.uint8Array({ minLength: 1, maxLength: 9 }), (frame, more) => {
        expect(parseFrame(Uint8Array.of(...encodeFrame(frame), ...more)).ok).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  test('with some of its bytes changed is read or refused, and never throws', () => {
    const change = fc.record({
      at: fc.nat(),
      byte: fc.constantFrom(0, 1, 2, 127, 128, 255),
      drop: fc.boolean(),
    })
    fc.assert(
      fc.property(anyFrame, fc.array(change, { minLength: 1, maxLength: 4 }), (frame, changes) => {
        const bytes = [...encodeFrame(frame)]
        for (const { at, byte, drop } of changes)
          bytes.splice(at % (bytes.length + 1), drop ? 1 : 0, byte)
        expectAnswer(Uint8Array.from(bytes))
      }),
      { numRuns: 2_000 },
    )
  })
})

test('random bytes are read or refused, and never throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), expectAnswer), { numRuns: 2_000 })
})

describe('no Baton sends, and none takes,', () => {
  const id = `16${'41'.repeat(22)}`
  const ofUnlisted = { error: 'an author that the batch does not list' }
  const ofNoneBefore = { error: 'one more message, and none before it' }
  const ofMisfit = { error: 'fields that do not belong together' }

  // Each starts with the term 1 and the number of its type; the groups are the fields.
  test.each<readonly [string, FrameType, readonly string[], { readonly error?: string }]>([
    [
      'a truth that is neither 0 nor 1',
      'part',
      ['01', '01', '02', '0100'],
      { error: 'a byte 2 above 1' },
    ],
    ['an id that is too short', 'reign', ['01', `15${'41'.repeat(21)}`], { error: 'no peer id' }],
    ['an id of other characters', 'reign', ['01', `16${'2b'.repeat(22)}`], { error: 'no peer id' }],
    ['a text that is not UTF-8', 'replay', ['00', '00', '01', '02c328', '00'], {}],
    ['a number above 2^53', 'ping', ['8080808080808010'], { error: 'a number above 2^53' }],
    ['a number without end', 'ping', ['80'.repeat(400), '00'], {}],
    ['a length without end', 'part', ['01', '01', '00', '80'.repeat(400), '00'], {}],
    [
      'an op of an unlisted author',
      'submit',
      ['00', '00', '01', id, '01', '00', '01', '01', '00', '00'],
      ofUnlisted,
    ],
    [
      'a refusal of an unlisted author',
      'entries',
      ['00', '00', '01', '01', '02', '00', '01', '00'],
      ofUnlisted,
    ],
    [
      'a compaction in the place of a message',
      'entries',
      ['00', '01', id, '01', '01', '00', '01', '03', '00', '01', '00', '00', '01', '01', id],
      { error: 'another op in the place of a message' },
    ],
    [
      'a message in the place of a compaction',
      'entries',
      ['00', '01', id, '01', '01', '01', '00', '00', '01', '00', '00'],
      { error: 'another op in the place of a compaction' },
    ],
    [
      'one more op where there is none before',
      'submit',
      ['00', '00', '01', id, '01', '05', '00'],
      ofNoneBefore,
    ],
    [
      'one more message where there is none before',
      'entries',
      ['00', '01', id, '01', '01', '05', '00'],
      ofNoneBefore,
    ],
    [
      'one more op in a message of its own',
      'entries',
      [
        '00',
        '01',
        id,
        '02',
        '01',
        '00',
        '01',
        '00',
        '00',
        '01',
        '00',
        '00',
        '00',
        '02',
        '05',
        '00',
      ],
      ofNoneBefore,
    ],
    [
      'one more op behind the last number',
      'submit',
      ['00', '00', '01', id, '02', '00', '00', 'ffffffffffffff0f', '00', '00', '05', '00'],
      { error: 'a number above 2^53' },
    ],
    [
      'more ends than seqs',
      'replayed',
      ['00', '00', '01', plain('01', '00', '0101', '020001', '01ff')],
      ofMisfit,
    ],
    [
      'ends that stop short of their bytes',
      'replayed',
      ['00', '00', '01', plain('01', '00', '0101', '0100', '01ff')],
      ofMisfit,
    ],
    ['runs that fall', 'fetch', ['01', '00', '02', '0509', '0103'], ofMisfit],
    ['runs that touch', 'fetch', ['01', '00', '02', '0103', '0405'], ofMisfit],
    ['a run that ends before it begins', 'fetch', ['01', '00', '01', '0503'], ofMisfit],
    ['a run that begins before the first message', 'fetch', ['01', '00', '01', '0003'], ofMisfit],
    [
      'ends beyond their bytes',
      'replayed',
      ['00', '00', '01', plain('01', '00', '0101', '0102', '01ff')],
      ofMisfit,
    ],
  ])('%s', (_, type, fields, expected) => {
    expect(parseFrame(fromHex(`01${numberOf(type)}${fields.join('')}`))).toMatchObject({
      ok: false,
      ...expected,
    })
  })

  const ofNoBlock = { error: expect.stringContaining('compressed') as string }
  test.each([
    ['compressed from no bytes', ['05', '00'], ofNoBlock],
    ['compressed to more than it was', ['05', '06', '50aabbccddee'], ofNoBlock],
    ['compressed from more than it stands for', ['08', '02', '10aa'], ofNoBlock],
    ['that repeats what is before its begin', ['0a', '05', '10aa0200', '00'], ofNoBlock],
    ['that repeats nothing', ['0a', '05', '10aa0000', '00'], ofNoBlock],
    ['whose distance is cut off', ['0a', '03', '10aa01'], ofNoBlock],
    ['whose literals are cut off', ['0a', '02', '40aa'], ofNoBlock],
    ['whose length is cut off', ['50', '02', 'f0ff'], ofNoBlock],
    ['that repeats beyond its end', ['0a', '06', '1faa0100ff00'], ofNoBlock],
    ['of which something is left', ['0a', '07', '1f000100000000'], {}],
  ])('a part %s', (_, dense, expected) => {
    expect(parseFrame(fromHex(`01${numberOf('part')}010100${dense.join('')}`))).toMatchObject({
      ok: false,
      ...expected,
    })
  })

  test('nothing at all', () => expect(parseFrame(new Uint8Array()).ok).toBe(false))
  test('a type beyond the last', () =>
    expect(parseFrame(Uint8Array.of(1, 21))).toEqual({ ok: false, error: 'a byte 21 above 20' }))
})

describe('a length out of all proportion', () => {
  afterEach(() => void vi.unstubAllGlobals())

  const huge = 'ffffffffffffff0f' // 2^53 - 1 as a varint
  test.each([
    ['a list of queries', `01${numberOf('replay')}0000${huge}`, 'a list of'],
    ['a list of authors', `01${numberOf('submit')}0000${huge}`, `more than ${FRAME_OPS_MAX}`],
    ['a list of ops', `01${numberOf('submit')}000000${huge}`, `more than ${FRAME_OPS_MAX}`],
    ['a list of entries', `01${numberOf('entries')}0000${huge}01`, `more than ${FRAME_OPS_MAX}`],
    ['a list of runs', `01${numberOf('fetch')}0100${huge}`, `more than ${LACKING_RUNS_MAX}`],
    ['a list of members', `01${numberOf('roster')}${huge}`, `more than ${ROSTER_MAX}`],
    ['a text', `01${numberOf('replay')}000001${huge}`, 'where 0 are left'],
    ['bytes', `01${numberOf('part')}010100${plain(huge)}`, 'where 0 are left'],
    ['replayed seqs', `01${numberOf('replayed')}000001${plain('0100', huge)}`, 'a list of'],
    [
      'replayed seqs that would just fit into memory',
      `01${numberOf('replayed')}000001${plain('0100', '80808040', '0101')}`,
      'a list of',
    ],
  ])('is refused before anything is allocated for it: %s', (_, hex, error) => {
    const allocated: unknown[] = []
    vi.stubGlobal(
      'Float64Array',
      new Proxy(Float64Array, {
        construct: (target, args) => {
          allocated.push(args[0])
          return new target(0)
        },
      }),
    )
    const parsed = parseFrame(fromHex(hex))
    vi.unstubAllGlobals()
    expect(parsed).toEqual({ ok: false, error: expect.stringContaining(error) as string })
    expect(allocated).toEqual([])
  })
})

describe('[WI1] what travels compressed', () => {
  const frameOf = (bytes: Uint8Array) =>
    ({ type: 'part', term, request: 1, number: 0, last: true, bytes }) as const
  const travels = (bytes: Uint8Array) => {
    const frame = encodeFrame(frameOf(bytes))
    const parsed = parseFrame(frame)
    if (!parsed.ok || parsed.value.type !== 'part') throw new Error('this is a part')
    expect(Buffer.compare(parsed.value.bytes, bytes)).toBe(0)
    return frame.length
  }

  test('comes back as it was, and is shorter where it repeats itself', () => {
    const notes = Array.from({ length: 10_000 }, (_, i) => `note ${i} of a room. `).join('')
    expect(travels(Uint8Array.from(Buffer.from(notes)))).toBeLessThan(notes.length / 3)
  })

  test('goes as it is where it does not repeat itself', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    expect(travels(bytes)).toBeLessThan(bytes.length + 20)
  })

  test('goes as it is where it is too long to be made of a few bytes', () => {
    const bytes = Uint8Array.from({ length: COMPRESSED_BYTES_MAX }, (_, i) =>
      i % 40 === 0 ? Math.imul(i, 2_654_435_761) >>> 24 : 7,
    )
    expect(travels(bytes)).toBeGreaterThan(bytes.length)
    expect(travels(bytes.subarray(4))).toBeLessThan(bytes.length / 4)
  })

  test('goes as it is where it would be made of too few bytes', () => {
    const bytes = new Uint8Array(10_000)
    expect(travels(bytes)).toBeGreaterThan(bytes.length)
    bytes.forEach((_, i) => (bytes[i] = i % 64 === 0 ? Math.imul(i, 2_654_435_761) >>> 24 : 7))
    expect(travels(bytes)).toBeLessThan(bytes.length / 4)
  })

  test.each([
    ['more than a frame may become', COMPRESSED_BYTES_MAX + 1, 100_000],
    ['more than so few bytes stand for', 64 * 3 + 1, 3],
  ])('is refused before anything is allocated for it: %s', (_, length, blockBytes) => {
    const numberOfBytes = (value: number) => {
      const writer = new ByteWriter()
      writer.uint(value)
      return toHex(writer.end())
    }
    const block = 'ff'.repeat(blockBytes)
    const fields = `010100${numberOfBytes(length)}${numberOfBytes(blockBytes)}${block}`
    const bytes = fromHex(`01${numberOf('part')}${fields}`)
    const allocated: unknown[] = []
    vi.stubGlobal(
      'Uint8Array',
      new Proxy(Uint8Array, {
        construct: (target, args) => {
          allocated.push(args[0])
          return new target(0)
        },
      }),
    )
    const parsed = parseFrame(bytes)
    vi.unstubAllGlobals()
    expect(parsed).toMatchObject({ ok: false })
    expect(allocated).toEqual([])
  })
})

function expectAnswer(data: Uint8Array): void {
  const parsed = parseFrame(data)
  if (!parsed.ok) expect(parsed.error).not.toBe('')
}

/** The byte that stands for a type: the golden table lists them in the order of the wire. */
function numberOf(type: FrameType): string {
  return Object.keys(golden).indexOf(type).toString(16).padStart(2, '0')
}

/** What could travel compressed, and does not. */
function plain(...fields: readonly string[]): string {
  const hex = fields.join('')
  const length = (hex.length / 2).toString(16).padStart(2, '0')
  return `${length}${length}${hex}`
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'))
}

test('the values of entries lie in one buffer of their own, which holds nothing else of the frame', () => {
  const value = new Uint8Array(100)
  const bytes = encodeFrame({
    type: 'entries',
    term,
    stable: index(0),
    entries: [1, 2, 3].map((n) => ({
      type: 'message',
      index: index(n),
      seq: seq(n),
      op: { action: 'append', author: ann, opId: opId(n), key: 'k', value },
    })),
  })
  const packet = new Uint8Array(bytes.length + 10_000)
  packet.set(bytes, 5_000)
  const parsed = parseFrame(packet.subarray(5_000, 5_000 + bytes.length))
  if (!parsed.ok || parsed.value.type !== 'entries') throw new Error('these are entries')
  const buffers = parsed.value.entries.map(
    (entry) => 'op' in entry && 'value' in entry.op && entry.op.value.buffer,
  )
  expect(new Set(buffers).size).toBe(1)
  expect((buffers[0] as ArrayBuffer).byteLength).toBeLessThan(bytes.length)
})
