// What is said to the service in well-formed frames: JSON, messages, joins, claims, floods. Rows 16 to 41 of
// docs/bad-input.md.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { beforeEach, expect } from 'vitest'
import { NO_TERM, type PeerId, type Term, type Topic } from '../protocol/ids.ts'
import { FIRST_TERM_MAX, PROTOCOL_VERSION, TERM_LEAP_MAX } from '../protocol/limits.ts'
import type { ToSignaling } from '../protocol/signals.ts'
import { Conduct, Flow } from '../signaling/directory/conduct.ts'
import {
  ADDRESS_SHARES,
  DEFAULT_LIMITS,
  MESSAGES_BURST,
} from '../signaling/directory/service-limits.ts'
import { refusal } from '../signaling/directory/refusals.ts'
import { frame, named, PageSocket, peerId, Wire } from '../signaling/socket-scene.ts'
import { row } from './row.ts'
import { attackedService, Victim } from './victim.ts'

const TEXT = 1
const CLI = fileURLToPath(new URL('../dist/signaling/cli.js', import.meta.url))

const attacked = attackedService({ challengeMs: 50 })
let rooms = 0
/** Of this test alone. */
let topic: Topic

beforeEach(() => {
  rooms += 1
  topic = `room${rooms}`.padEnd(22, '-') as Topic
})

function joinOf(
  name: string,
  more: Partial<Extract<ToSignaling, { type: 'join' }>> = {},
): ToSignaling {
  return {
    type: 'join',
    version: PROTOCOL_VERSION,
    topic,
    ...named(name),
    claim: null,
    held: NO_TERM,
    ...more,
  }
}

async function enter(
  name: string,
  more: Partial<Extract<ToSignaling, { type: 'join' }>> = {},
  url = attacked.victim.url,
): Promise<PageSocket> {
  const page = await PageSocket.open(url)
  page.send(joinOf(name, more))
  await page.until(({ type }) => type === 'joined')
  return page
}

/** A room with a host of term 1, and another member. */
async function roomOfTwo(): Promise<readonly [PageSocket, PageSocket]> {
  const host = await enter('host')
  host.send({ type: 'claim', term: 1 as Term, reason: 'vacant' })
  await host.until(({ type }) => type === 'host')
  return [host, await enter('other')]
}

/** The answer to a text on a fresh connection. */
async function answerTo(text: string): Promise<unknown> {
  const page = await PageSocket.open(attacked.victim.url)
  page.socket.send(text)
  const answer = await page.next()
  page.socket.terminate()
  return answer
}

async function expectAnswer(
  code: Parameters<typeof refusal>[0],
  texts: readonly string[],
): Promise<void> {
  for (const text of texts)
    expect([text.slice(0, 80), await answerTo(text)]).toEqual([text.slice(0, 80), refusal(code)])
}

const join = (fields: string) =>
  `{"type":"join","version":${PROTOCOL_VERSION},"topic":"${'t'.repeat(22)}",` +
  `"peer":"${peerId('x')}","secret":"${named('x').secret}","claim":null,"held":0${fields}}`

row('16', 'frames that are no JSON', 'bad-json, the fifth in 10 s closes with 1008', async () => {
  await expectAnswer('bad-json', [
    '{',
    '',
    'NaN',
    'undefined',
    '{"type":"bye",}',
    '\ufeff{"type":"bye"}',
    '{"type":"bye"} // so long',
    '{"type":"bye"}{"type":"bye"}',
    "{'type':'bye'}",
    '\0',
    '1e',
    '"\\x"',
    '{"type":"b\nye"}',
  ])
  const page = await PageSocket.open(attacked.victim.url)
  for (let n = 0; n < 5; n++) page.socket.send('{')
  expect(await page.closed).toBe(1008)
})

row('17', 'JSON that is no message', 'bad-shape', () =>
  expectAnswer('bad-shape', [
    'null',
    '5',
    '"x"',
    '[1]',
    '{}',
    'true',
    '[]',
    '[{"type":"bye"}]',
    '{"type":null}',
    '{"type":["bye"]}',
    '{"type":{"type":"bye"}}',
  ]),
)

row('18', 'nesting of 30,000 in 60 KB', 'bad-shape, before it is parsed', () =>
  expectAnswer('bad-shape', [
    '['.repeat(30_000) + ']'.repeat(30_000),
    '{"a":'.repeat(9) + '1' + '}'.repeat(9),
    '['.repeat(65_000),
  ]),
)

row(
  '19',
  'fields named __proto__, constructor, prototype',
  'bad-shape, and nothing is polluted',
  async () => {
    await expectAnswer('bad-shape', [
      '{"type":"bye","__proto__":{"admin":1}}',
      '{"__proto__":{"type":"bye"}}',
      '{"type":"__proto__"}',
      '{"type":"constructor"}',
      '{"type":"toString"}',
      '{"type":"bye","constructor":1}',
      join(',"__proto__":{"admin":1}'),
    ])
    expect((await attacked.victim.memory()).rss).toBeGreaterThan(0) // the process still has its methods
  },
)

row('20', 'unknown types, extra fields, nested extra fields', 'bad-shape', () =>
  expectAnswer('bad-shape', [
    '{"type":"no such"}',
    '{"type":"BYE"}',
    '{"type":"bye","more":1}',
    '{"type":"bye","":1}',
    join(',"more":null'),
    `{"type":"know","claim":{"term":1,"host":"${peerId('x')}","more":1}}`,
    join('').replace('"claim":null', `"claim":{"term":1,"host":"${peerId('x')}","__proto__":1}`),
  ]),
)

row('20a', 'duplicate keys', 'the last one counts, as JSON has it', async () => {
  expect(await answerTo(`{"type":"nothing",${join('').slice(1)}`)).toMatchObject({ type: 'joined' })
})

row('21', 'numbers: 1e999, -0, 2^53 + 1, 1.5, a text, negative ones', 'bad-shape', () =>
  expectAnswer(
    'bad-shape',
    [
      '1e999',
      '-0',
      '9007199254740993',
      '9007199254740991',
      '1.5',
      '"10"',
      '-1',
      '0',
      'null',
      '[1]',
      '1e-7',
      'true',
    ].map((term) => `{"type":"suspect","term":${term},"suspected":true}`),
  ),
)

row('22', 'lone surrogates in a text', 'bad-shape', () =>
  expectAnswer('bad-shape', [
    join('').replace('"t', '"\\ud800'),
    `{"type":"signal","to":"${peerId('x')}","attempt":"\\udc00","box":"x"}`,
    `{"type":"signal","to":"${peerId('x')}","attempt":"x","box":"x\\ud800"}`,
    '{"type":"\\ud800"}',
  ]),
)

row(
  '23',
  'topics and ids: 60 KB, empty, "..", NUL, RTL marks, full-width and combined letters',
  'bad-shape',
  async () => {
    for (const id of [
      'x'.repeat(60_000),
      '',
      '..',
      '../../etc/passwd',
      '\\u0000'.repeat(22),
      '\\u202e'.repeat(22),
      '\\uff41'.repeat(22),
      'e\\u0301'.repeat(11),
      'x'.repeat(21),
      'x'.repeat(23),
      `${'x'.repeat(21)}\\n`,
    ]) {
      await expectAnswer('bad-shape', [
        join('').replace('t'.repeat(22), id),
        join('').replace(named('x').secret, id),
        `{"type":"signal","to":"${id}","attempt":"x","box":"x"}`,
      ])
    }
  },
)

row(
  '24',
  'one address that begins room after room',
  'too-many-rooms and 1013 after 300 in a minute, empty rooms go at once',
  async () => {
    const small = await Victim.start({ roomsPerAddressPerMinuteMax: 20 })
    const at = (n: number) => ({ topic: `flood${n}`.padEnd(22, '-') as Topic })
    for (let n = 0; n < 20; n++) (await enter('x', at(n), small.url)).socket.terminate()
    const page = await PageSocket.open(small.url)
    page.send(joinOf('x', at(20)))
    expect(await page.next()).toEqual(refusal('too-many-rooms'))
    expect(await page.closed).toBe(1013)
    // The rooms that it left are gone, and none of them was kept for it.
    while (((await (await fetch(`${small.url}healthz`)).json()) as { rooms: number }).rooms > 0)
      await new Promise((resolve) => setImmediate(resolve))
    await small.stop()
  },
)

row('25', 'a connection that never joins', 'idle and 1008 after 5 s', async () => {
  const hasty = await Victim.start({ joinTimeoutMs: 60 })
  const page = await PageSocket.open(hasty.url)
  expect(await page.next()).toEqual(refusal('idle'))
  expect(await page.closed).toBe(1008)
  expect(DEFAULT_LIMITS.joinTimeoutMs).toBe(5_000)
  await hasty.stop()
})

row('26', 'a second join, anything before the first', 'bad-state', async () => {
  const page = await PageSocket.open(attacked.victim.url)
  page.send({ type: 'heartbeat' })
  expect(await page.next()).toEqual(refusal('bad-state'))
  page.send({ type: 'claim', term: 1 as Term, reason: 'vacant' })
  expect(await page.next()).toEqual(refusal('bad-state'))
  page.send(joinOf('x'))
  expect(await page.next()).toMatchObject({ type: 'joined' })
  page.send(joinOf('x', { topic: 'another'.padEnd(22, '-') as Topic }))
  expect(await page.next()).toEqual(refusal('bad-state'))
})

row(
  '27',
  'a join without the token',
  'seated, and shut out by the seal: it gets ids and terms, and nothing that it can open',
  async () => {
    const [host] = await roomOfTwo()
    const stranger = await PageSocket.open(attacked.victim.url)
    stranger.send(joinOf('stranger'))
    const joined = await stranger.next()
    expect(Object.keys(joined)).toEqual(['type', 'members', 'claim', 'hostHere', 'relay'])
    await host.until(
      (message) => message.type === 'peer-joined' && message.peer === peerId('stranger'),
    )
  },
)

row(
  '28',
  'a join of a topic that nobody has',
  'seated alone: a topic is squatted only by who knows it',
  async () => {
    const page = await PageSocket.open(attacked.victim.url)
    page.send(joinOf('x'))
    expect(await page.next()).toEqual({
      type: 'joined',
      members: [],
      claim: null,
      hostHere: false,
      relay: true,
    })
  },
)

row(
  '29',
  'a join under the id of somebody else',
  'bad-proof and 1008, and the peer keeps its seat',
  async () => {
    const [host, other] = await roomOfTwo()
    for (const secret of [named('thief').secret, peerId('host'), 'A'.repeat(22)]) {
      const thief = await PageSocket.open(attacked.victim.url)
      thief.send(joinOf('host', { secret }))
      expect(await thief.next()).toEqual(refusal('bad-proof'))
      expect(await thief.closed).toBe(1008)
    }
    other.send({ type: 'signal', to: peerId('host'), attempt: 'still', box: 'there' })
    await host.until((message) => message.type === 'signal' && message.attempt === 'still')
  },
)

row(
  '29a',
  'a join with the secret of another peer and an id of its own',
  'bad-proof and 1008',
  async () => {
    const page = await PageSocket.open(attacked.victim.url)
    page.send(joinOf('x', { secret: named('y').secret }))
    expect(await page.next()).toEqual(refusal('bad-proof'))
    expect(await page.closed).toBe(1008)
  },
)

row(
  '30',
  'one peer that joins twice',
  'the newest stands, the old gets replaced and 4001, nobody hears of a leave',
  async () => {
    const [host, other] = await roomOfTwo()
    const again = await enter('other')
    expect(await other.until(({ type }) => type === 'error')).toEqual(refusal('replaced'))
    expect(await other.closed).toBe(4001)
    again.send({ type: 'signal', to: peerId('host'), attempt: 'again', box: 'here' })
    expect([(await host.next()).type, await host.next()]).toEqual([
      'peer-joined',
      { type: 'signal', from: peerId('other'), attempt: 'again', box: 'here' },
    ])
  },
)

row(
  '31',
  'a signal with a forged sender',
  'bad-shape; the service itself says from whom one is',
  async () => {
    await expectAnswer('bad-shape', [
      `{"type":"signal","to":"${peerId('x')}","from":"${peerId('y')}","attempt":"x","box":"x"}`,
    ])
    const [host, other] = await roomOfTwo()
    other.send({ type: 'signal', to: peerId('host'), attempt: 'x', box: 'x' })
    expect(await host.until(({ type }) => type === 'signal')).toMatchObject({
      from: peerId('other'),
    })
  },
)

row(
  '32',
  'signals to itself, to nobody, to a peer of another room',
  'no-peer, the same for all three',
  async () => {
    const page = await enter('x')
    for (const to of [peerId('x'), peerId('nobody'), peerId('honest-a')]) {
      page.send({ type: 'signal', to, attempt: 'x', box: 'x' })
      expect(await page.next()).toEqual(refusal('no-peer'))
    }
  },
)

row(
  '33',
  'alive, yield, suspect and claims by who does not host, of other terms',
  'nothing changes; it is told the reign that stands',
  async () => {
    const [host, other] = await roomOfTwo()
    const truth = { type: 'host', claim: { term: 1, host: peerId('host') } }
    const lies: readonly ToSignaling[] = [
      { type: 'alive', term: 1 as Term },
      { type: 'alive', term: 9 as Term },
      { type: 'yield', term: 1 as Term, to: peerId('other') },
      { type: 'suspect', term: 7 as Term, suspected: true },
      { type: 'know', claim: { term: 1 as Term, host: '-'.repeat(22) as PeerId } },
    ]
    for (const lie of lies) {
      other.send(lie)
      expect([lie.type, await other.next()]).toEqual([lie.type, truth])
    }
    other.send({ type: 'claim', term: 1 as Term, reason: 'silent' })
    expect(await other.next()).toMatchObject({ type: 'denied', why: 'outdated' })
    other.send({ type: 'claim', term: 2 as Term, reason: 'goodbye' })
    expect(await other.next()).toMatchObject({ type: 'denied', why: 'host-alive' })
    host.send({ type: 'signal', to: peerId('other'), attempt: 'x', box: 'x' })
    expect(await other.next()).toMatchObject({ type: 'signal' })
  },
)

row(
  '34',
  'claims and reigns of a term far above',
  'a leap of more than 2^20 is outdated or not believed; the last term is out of reach',
  async () => {
    const [, other] = await roomOfTwo()
    const far = (1 + TERM_LEAP_MAX + 1) as Term
    for (const term of [far, FIRST_TERM_MAX as Term, (Number.MAX_SAFE_INTEGER - 1) as Term]) {
      other.send({ type: 'claim', term, reason: 'silent' })
      expect(await other.next()).toMatchObject({ type: 'denied', why: 'outdated' })
      other.send({ type: 'know', claim: { term, host: peerId('other') } })
      expect(await other.next()).toEqual({ type: 'host', claim: { term: 1, host: peerId('host') } })
    }
    const late = await enter('late', { claim: { term: far, host: peerId('late') } })
    late.send({ type: 'suspect', term: 9 as Term, suspected: true })
    expect(await late.next()).toEqual({ type: 'host', claim: { term: 1, host: peerId('host') } })
  },
)

row('34a', 'the first word about a room is a term above 2^40', 'not believed', async () => {
  const page = await PageSocket.open(attacked.victim.url)
  page.send(joinOf('x', { claim: { term: (FIRST_TERM_MAX + 1) as Term, host: peerId('x') } }))
  expect(await page.next()).toMatchObject({ type: 'joined', claim: null })
  page.send({ type: 'claim', term: (FIRST_TERM_MAX + 1) as Term, reason: 'vacant' })
  expect(await page.next()).toMatchObject({ type: 'denied', why: 'outdated' })
  page.send({ type: 'claim', term: 1 as Term, reason: 'vacant' })
  expect(await page.next()).toMatchObject({ type: 'host' })
})

row(
  '34b',
  'a reign one term above, told by one who knows the topic alone',
  'believed, as that of any peer: peers that come back tell the service what it forgot',
  async () => {
    const [host, other] = await roomOfTwo()
    other.send({ type: 'know', claim: { term: 2 as Term, host: peerId('other') } })
    expect(await host.until(({ type }) => type === 'host')).toEqual({
      type: 'host',
      claim: { term: 2, host: peerId('other') },
    })
  },
)

row(
  '35',
  '10,000 claims at once',
  'slow-down, then closed with 1008; the host stands',
  async () => {
    const [host, other] = await roomOfTwo()
    const more = setInterval(
      () => other.send({ type: 'claim', term: 2 as Term, reason: 'silent' }),
      1,
    )
    for (let n = 0; n < 10_000; n++)
      other.send({ type: 'claim', term: (2 + n) as Term, reason: 'silent' })
    expect(await other.until(({ type }) => type === 'error')).toEqual(refusal('slow-down'))
    for (;;) {
      for (let n = 0; n < 500; n++) other.send({ type: 'claim', term: 2 as Term, reason: 'silent' })
      if (other.socket.readyState !== other.socket.OPEN) break
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    clearInterval(more)
    expect(await other.closed).toBe(1008)
    expect(await host.until(({ type }) => type === 'peer-left' || type === 'host')).toMatchObject({
      type: 'peer-left',
    })
  },
)

row(
  '36',
  'messages at many times the limit',
  'slow-down once, what follows is dropped, then 1008',
  async () => {
    const page = await enter('x')
    const text = JSON.stringify({ type: 'signal', to: peerId('x'), attempt: 'x', box: 'x' })
    const answers: string[] = []
    page.socket.on('message', (data) =>
      answers.push((JSON.parse(String(data)) as { code: string }).code),
    )
    const interval = setInterval(() => {
      for (let n = 0; n < 200; n++) page.socket.send(text)
    }, 10)
    expect(await page.closed).toBe(1008)
    clearInterval(interval)
    expect(answers.filter((code) => code === 'slow-down').length).toBe(2) // the warning, and the reason of the close
    expect(answers.filter((code) => code === 'no-peer').length).toBeLessThan(MESSAGES_BURST * 2)
  },
)

row(
  '36a',
  'many sockets of one address, each within its limit',
  'together they get what 64 get: a frame beyond is warned of and dropped, but nobody is closed for the others',
  () => {
    const shared = new Flow(ADDRESS_SHARES, 0)
    const crowd = Array.from({ length: ADDRESS_SHARES }, () => new Conduct(shared, 1, 0))
    for (const one of crowd)
      for (let n = 0; n < MESSAGES_BURST; n++) expect(one.frame(100, 0).type).toBe('pass')
    const innocent = new Conduct(shared, 1, 0)
    expect([innocent.frame(100, 0).type, innocent.frame(100, 0).type]).toEqual(['warn', 'drop'])
    for (const one of crowd) for (let n = 0; n < MESSAGES_BURST; n++) one.frame(100, 5_000)
    expect(innocent.frame(100, 5_000).type).toBe('drop')
    expect(new Conduct(new Flow(ADDRESS_SHARES, 0), 1, 0).frame(100, 0).type).toBe('pass')
  },
)

row(
  '37',
  'a reader that never reads',
  'cut at 1 MiB un-sent, and its room hears of it',
  async () => {
    const wire = await Wire.upgraded(attacked.victim.url)
    wire.socket.write(frame(TEXT, Buffer.from(JSON.stringify(joinOf('stuck')))))
    await once(wire.socket, 'data')
    wire.socket.pause()
    const witness = await enter('witness')
    const cut = witness.until(({ type }) => type === 'peer-left')
    for (let i = 0; ; i++) {
      const page = await enter(`page${i}`)
      for (let j = 0; j < 30; j++)
        page.send({ type: 'signal', to: peerId('stuck'), attempt: 'x', box: 'x'.repeat(32 * 1024) })
      page.send({ type: 'signal', to: peerId('nobody'), attempt: 'x', box: 'x' })
      const news = await Promise.race([cut, page.until(({ type }) => type === 'error')])
      if (news.type === 'peer-left') break
    }
    expect(await cut).toMatchObject({ peer: peerId('stuck'), why: 'closed' })
    wire.socket.destroy()
  },
)

row(
  '39',
  'a page that hangs while its browser answers pings',
  'idle and 1008 after 35 s without a word; its room hears of it',
  async () => {
    // The witness speaks 150 times in that span: a busy machine does not keep it silent for all of it.
    const hasty = await Victim.start({ idleTimeoutMs: 3_000, pingIntervalMs: 50 })
    const witness = await enter('witness', {}, hasty.url)
    const talking = setInterval(() => witness.send({ type: 'heartbeat' }), 20)
    const page = await enter('frozen', {}, hasty.url)
    expect(await page.until(({ type }) => type === 'error')).toEqual(refusal('idle'))
    expect(await page.closed).toBe(1008)
    expect(await witness.until(({ type }) => type === 'peer-left')).toMatchObject({
      peer: peerId('frozen'),
      why: 'closed',
    })
    clearInterval(talking)
    await hasty.stop()
  },
)

row(
  '41',
  'SIGTERM with pages, hanging sockets and half a request',
  'shutting-down and 1001 to all, exit code 0 within 5 s',
  async () => {
    // By its own clock, and in the order of its own timers: a busy machine stops both.
    const ownTimer =
      'process.once("SIGTERM", () => setTimeout(() => process.exit(5), 5_000).unref())'
    const child = fork(CLI, ['--port', '0'], {
      stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
      execArgv: [`--import=data:text/javascript,${encodeURIComponent(ownTimer)}`],
    })
    const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string]
    const url = /http:\S+/.exec(line)![0]
    const page = await enter('x', {}, url)
    const deaf = await Wire.upgraded(url)
    deaf.socket.pause()
    new Wire(url).socket.write('GET / HTTP/1.1\r\nHost:')
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await page.until(({ type }) => type === 'error')).toEqual(refusal('shutting-down'))
    expect(await page.closed).toBe(1001)
    expect(await exited).toEqual([0, null])
    deaf.socket.destroy()
  },
)

row(
  '41a',
  'a room filled by one who knows its topic',
  'room-full and 1013 for the next; those inside and other rooms go on',
  async () => {
    const [host, other] = await roomOfTwo()
    for (let n = 0; n < 62; n++) await enter(`seat${n}`)
    const late = await PageSocket.open(attacked.victim.url)
    late.send(joinOf('late'))
    expect(await late.next()).toEqual(refusal('room-full'))
    expect(await late.closed).toBe(1013)
    // A member whose socket blinked keeps its place.
    const again = await enter('other')
    again.send({ type: 'signal', to: peerId('host'), attempt: 'back', box: 'x' })
    await host.until(({ type }) => type === 'signal')
    await other.closed
  },
)
