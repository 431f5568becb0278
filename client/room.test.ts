import { expect, test, vi } from 'vitest'
import { BatonError } from '../protocol/errors.ts'
import type { PeerId, Seq, Term } from '../protocol/ids.ts'
import { decodeValue } from '../protocol/value.ts'
import { Peer } from '../peer/peer.ts'
import type { PeerInput, PeerOutput } from '../peer/peer-io.ts'
import type { Room } from './api.ts'
import { RoomImpl } from './room.ts'

/** A room whose connection leads nowhere; what it is fed is kept, and happens when a test lets it. */
function lonely(): {
  readonly room: RoomImpl
  readonly fed: PeerInput[]
  readonly happen: (input: PeerInput) => void
  /** For each time the connection was closed, whether the page may come back. */
  readonly closed: boolean[]
} {
  const fed: PeerInput[] = []
  const closed: boolean[] = []
  const peer = new Peer(
    { self: 'm'.repeat(22) as PeerId, canHost: true, visible: true, durability: 'standby' },
    0,
  )
  const room = new RoomImpl('token', () => ({
    peer,
    feed: (input) => void fed.push(input),
    pathTo: () => null,
    now: () => 0,
    later: (run) => run(),
    report: (error) => {
      throw error
    },
    close: (mayComeBack) => void closed.push(mayComeBack),
    handOver: async () => {},
  }))
  const carryOut = (output: PeerOutput) => {
    switch (output.type) {
      case 'send':
      case 'signal':
      case 'connect':
      case 'disconnect':
      case 'retired':
        return
      default:
        room.carryOut(output)
    }
  }
  const happen = (input: PeerInput) => {
    for (const output of peer.handle(input, 0)) carryOut(output)
    room.inputDone()
  }
  return { room, fed, happen, closed }
}

test('[SG7b] an error that nobody listens to is a line in the console', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const { room } = lonely()
  room.fail('signaling', 'There is none.')
  expect(warn.mock.calls).toEqual([['Baton: There is none.']])
  const off = room.on('error', () => {})
  room.fail('signaling', 'There is none.')
  expect(warn).toHaveBeenCalledTimes(1)
  off()
  room.fail('signaling', 'There is none.')
  expect(warn).toHaveBeenCalledTimes(2)
  warn.mockRestore()
})

test('a room that was left has no peers', async () => {
  const { room } = lonely()
  const members = ['m', 'p'].map((letter) => ({
    peer: letter.repeat(22) as PeerId,
    canHost: true,
    visible: true,
  }))
  room.carryOut({ type: 'roster', members, standbys: [] })
  expect(room.peers.map(({ id }) => id)).toEqual(['p'.repeat(22)])
  await room.leave()
  expect(room.peers).toEqual([])
})

const reset = (room: RoomImpl, seq: number) =>
  room.carryOut({
    type: 'reset',
    seq: seq as Seq,
    headSeq: seq as Seq,
    keys: 'all',
    reason: 'rewound',
  })

test('[RE4] a compaction not gone out when what it folds is renumbered is refused, all else goes', async () => {
  const { room, fed } = lonely()
  const outdated = room.compact('k', 5, 'folded')
  const compaction = room.compact('k', 3, 'folded before')
  const message = room.append('k', 'said')
  compaction.catch(() => {})
  message.catch(() => {})
  reset(room, 3)
  await expect(outdated).rejects.toMatchObject({ code: 'compact-outdated', retryable: true })
  expect(fed).toMatchObject([
    {
      type: 'batch',
      submissions: [
        { type: 'compacted', seq: 3 },
        { type: 'submitted', action: 'append' },
      ],
    },
  ])
})

test('the values of small operations lie in one buffer, side by side', () => {
  const { room, fed } = lonely()
  const sent = [room.append('k', 'a'), room.append('k', Uint8Array.of(7)), room.replace('k', [1])]
  for (const receipt of sent) receipt.catch(() => {})
  room.replay('k').catch(() => {}) // feeds what was sent before
  const values = fed.flatMap((input) =>
    input.type === 'batch' ? input.submissions.map(({ value }) => value) : [],
  )
  expect(values.map((value) => decodeValue(value))).toEqual(['a', Uint8Array.of(7), [1]])
  expect(new Set(values.map(({ buffer }) => buffer)).size).toBe(1)
})

test('[RE5] a subscription that takes replays whole asks at once, and again after a reset', () => {
  const { room, fed } = lonely()
  room.subscribe('k', () => {}, { onReplay: () => {} })
  reset(room, 3)
  expect(fed).toMatchObject([{ type: 'replay-asked', queries: [{ key: 'k', after: 0 }] }])
  room.carryOut({ type: 'replayed', request: 1, items: [] })
  reset(room, 3)
  expect(fed).toHaveLength(2)
})

test('a message of a new reign is told with the status of that reign, and the status event follows it', async () => {
  const { room, fed, happen } = lonely()
  const told: string[] = []
  room.onMessage(({ seq }) =>
    told.push(`message ${seq}, term ${room.status.term}, ${room.status.role}`),
  )
  room.on('host', ({ term }) => told.push(`host of term ${term}, ${room.status.role}`))
  room.on('status', ({ term, role, status }) => told.push(`${status}, term ${term}, ${role}`))
  happen({
    type: 'signaled',
    message: { type: 'joined', members: [], claim: null, hostHere: false },
  })
  void room.append('k', 'sent before anybody hosts')
  await Promise.resolve()
  happen(fed[0]!)
  told.length = 0
  happen({ type: 'signaled', message: { type: 'host', claim: { term: 1 as Term, host: room.id } } })
  expect(told).toEqual(['host of term 1, host', 'message 1, term 1, host', 'live, term 1, host'])
})

test('what was sent in the turn in which a room is left goes out before the hand-over', async () => {
  const { room, fed } = lonely()
  const sent = room.append('k', 'last words')
  sent.catch(() => {})
  const left = room.leave()
  expect(fed).toMatchObject([{ type: 'batch', submissions: [{ type: 'submitted', key: 'k' }] }])
  await left
  await expect(sent).rejects.toMatchObject({ code: 'closed' })
})

test('a room that is left says so once, when its hand-over is over', async () => {
  const { room, happen } = lonely()
  const told: string[] = []
  room.on('status', ({ status }) => told.push(status))
  const left = room.leave()
  // What the hand-over brings about is no news any more.
  happen({ type: 'signaling-closed' })
  expect(told).toEqual([])
  await left
  expect(told).toEqual(['closed'])
})

test('a page that went comes back into its room, unless its app has left meanwhile', async () => {
  const { room, closed } = lonely()
  room.pageLeft()
  room.pageRestored()
  expect(room.status.status).toBe('connecting')
  room.pageLeft()
  await room.leave()
  room.pageRestored()
  expect(room.status.status).toBe('closed')
  expect(closed).toEqual([true, true, false])
})

test('a page that goes while its app leaves has left, and does not come back', async () => {
  const { room, closed } = lonely()
  const told: string[] = []
  room.on('status', ({ status }) => told.push(status))
  const left = room.leave()
  room.pageLeft()
  room.pageRestored()
  await left
  expect(told).toEqual(['closed'])
  expect(closed).toEqual([false])
})

test('a room that is given up while its app leaves is told of once', async () => {
  const { room, closed } = lonely()
  const told: string[] = []
  room.on('status', ({ status }) => told.push(status))
  room.on('error', ({ code }) => told.push(code))
  const left = room.leave()
  room.giveUp(new BatonError('version-mismatch', 'This service is newer.'))
  await left
  expect(told).toEqual(['version-mismatch', 'closed'])
  expect(closed).toEqual([false])
})

test('a room works behind a Proxy, and its methods when they are taken out of it', async () => {
  const { room, fed } = lonely()
  const wrapped = new Proxy(room, {})
  expect(wrapped.status.status).toBe('connecting')
  expect([wrapped.id, wrapped.token, wrapped.peers, wrapped.latency]).toEqual([
    room.id,
    'token',
    [],
    null,
  ])
  expect(wrapped.now()).toBe(0)
  const told: string[] = []
  wrapped.on('status', ({ status }) => told.push(status))
  const offs = [wrapped.onMessage(() => {}), wrapped.subscribe('k', () => {}, { replay: true })]
  const { append, relay, replace, compact, replay, leave } = room
  const asked = [
    append('k', 1),
    relay('k', 2),
    wrapped.replace('k', 3),
    replace('k', 4),
    compact('k', 1, 5),
    replay('k'),
    wrapped.ready,
  ]
  for (const promise of asked) promise.catch(() => {})
  for (const off of offs) off()
  await leave()
  expect(fed.map(({ type }) => type)).toEqual(['replay-asked', 'batch', 'replay-asked'])
  expect(
    fed.flatMap((input) =>
      input.type === 'batch' ? input.submissions.map(({ type }) => type) : [],
    ),
  ).toEqual([...Array<string>(4).fill('submitted'), 'compacted'])
  expect(told).toEqual(['closed'])
})

const refusal = (sentence: RegExp) =>
  expect.objectContaining({
    name: 'BatonError',
    code: 'bad-argument',
    message: expect.stringMatching(sentence),
  })

const listen = () => {}

test.each<[string, (room: Room) => unknown, RegExp]>([
  [
    'an event that there is not',
    (room) => room.on('message' as never, listen as never),
    /is "status" or .* or "error"; this one is "message"\. Messages come through subscribe/,
  ],
  [
    'an event named as what objects inherit',
    (room) => room.on('toString' as never, listen as never),
    /event/,
  ],
  ['no event', (room) => room.on(undefined as never, listen as never), /this one is undefined/],
  [
    'an event without a listener',
    (room) => room.on('status', undefined as never),
    /^A listener is a function; this one is undefined\.$/,
  ],
  ['messages without a listener', (room) => room.onMessage({} as never), /this one is object/],
  ['a key without a listener', (room) => room.subscribe('k', undefined as never), /A listener is/],
  [
    'options in the place of a listener',
    (room) => room.subscribe('k', { replay: true } as never),
    /A listener is a function; this one is object/,
  ],
  [
    'a word in the place of options',
    (room) => room.subscribe('k', listen, 'replay' as never),
    /^The options of subscribe are an object with any of replay, after, onReplay; this is string\.$/,
  ],
  [
    'an option that there is not',
    (room) => room.subscribe('k', listen, { replays: true } as never),
    /^subscribe has no option "replays"\. Its options are replay, after, onReplay\.$/,
  ],
  [
    'an option of another type',
    (room) => room.subscribe('k', listen, { onReplay: true } as never),
    /^`onReplay` of subscribe is a function; this one is boolean\.$/,
  ],
])('%s is refused with a sentence', (_, call, sentence) => {
  const { room, fed } = lonely()
  expect(() => call(room)).toThrow(refusal(sentence))
  expect(fed).toEqual([])
})

test.each<[string, (room: Room) => Promise<unknown>, RegExp]>([
  ['nothing', (room) => room.replay(undefined as never), /a key, or a list .*; this is undefined/],
  ['a key that is no text', (room) => room.replay(7 as never), /a key, or a list/],
  ['a list of keys', (room) => room.replay(['k'] as never), /The options of replay .* is string/],
  ['null in the list', (room) => room.replay([null] as never), /this is null/],
  [
    'a seq for `after`',
    (room) => room.replay('k', 5 as never),
    /with any of after; this is number/,
  ],
  ['another name of `after`', (room) => room.replay('k', { seq: 5 } as never), /no option "seq"/],
  ['a list without keys', (room) => room.replay([{ after: 5 }] as never), /A key is a string/],
])('a replay of %s is refused with a sentence', async (_, call, sentence) => {
  const { room, fed } = lonely()
  await expect(call(room)).rejects.toEqual(refusal(sentence))
  expect(fed).toEqual([])
})
