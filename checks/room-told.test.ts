import { expect, test } from 'vitest'
import type { HistoryEvent, Retained } from './history.ts'
import { roomTold } from './room-told.ts'
import type { Told, ToldStatus } from './told-to-app.ts'

const BRANCH = '1:a'

/** Message `a/number` of key k, with its number as seq: sent, given to page a, and heard by its listener 0. */
function said(...numbers: readonly number[]): { events: HistoryEvent[]; told: Told[] } {
  return {
    events: numbers.flatMap((seq): HistoryEvent[] => [
      { atMs: seq, peer: 'a', type: 'invoked', mid: `a/${seq}`, action: 'append', key: 'k' },
      { atMs: seq, peer: 'a', type: 'delivered', branch: BRANCH, seq, key: 'k', mid: `a/${seq}` },
    ]),
    told: numbers.map((seq) => heard(0, seq)),
  }
}

function heard(listener: number, seq: number): Told {
  return { type: 'message', listener, key: 'k', seq, mid: `a/${seq}` }
}

function listens(listener: number, from: number | null, isWhole = false): Told {
  return { type: 'listens', listener, key: 'k', from, isWhole }
}

function final(...messages: readonly Retained[]): HistoryEvent {
  const streams: [string, readonly Retained[]][] = [['k', messages]]
  const pending = 0
  return { atMs: 99, peer: 'a', type: 'final', branch: BRANCH, lastSeq: 9, pending, streams }
}

function wrongIn(
  told: readonly Told[],
  events: readonly HistoryEvent[],
  status: ToldStatus | null = null,
): string | null {
  return roomTold([{ peer: 'a', name: 'p1', told, status }], events)
}

const RESET: HistoryEvent = {
  atMs: 50,
  peer: 'a',
  type: 'reset',
  seq: 1,
  headSeq: 1,
  keys: 'all',
  reason: 'rewound',
}
const TOLD_RESET: Told = { type: 'reset', seq: 1, keys: 'all' }

test('a room tells each message, in order', () => {
  const { events, told } = said(1, 2)
  expect(wrongIn(told, events)).toBeNull()
  expect(wrongIn(told.slice(1), events)).toBe(
    'p1 heard a/2 as 2 under "k" where its peer told a/1 as 1 under "k"',
  )
  expect(wrongIn([...told, ...told], events)).toContain('heard a/1 as 1 under "k" where its peer')
  expect(wrongIn(told, [...events, RESET])).toContain('heard nothing where its peer told a reset')
  expect(wrongIn([TOLD_RESET, ...told], [...events, RESET])).toContain('heard a reset of all')
})

test('an outcome is told once, as the peer said', () => {
  const receipt: HistoryEvent = { atMs: 3, peer: 'a', type: 'acknowledged', mid: 'a/1', seq: 1 }
  const ended = (as: string): Told => ({ type: 'ended', mid: 'a/1', as })
  const { events, told } = said(1)
  const all = [...events, receipt]
  expect(wrongIn([...told, ended('acknowledged as 1')], all)).toBeNull()
  expect(wrongIn(told, all)).toBe('p1 was never told that a/1 is acknowledged as 1')
  expect(wrongIn([...told, ended('refused (closed)')], all)).toContain('where it was acknowledged')
  expect(wrongIn([...told, ended('refused (closed)')], events)).toBeNull()
  expect(wrongIn([...told, ended('acknowledged as 1')], events)).toContain('where it was refused')
  const twice = [ended('acknowledged as 1'), ended('acknowledged as 1')]
  expect(wrongIn([...told, ...twice], all)).toContain('was told twice of a/1')
})

test('who listens from now on is given all that comes, and nothing else', () => {
  const { events } = said(1, 2)
  const told = (...seen: readonly Told[]) => [heard(0, 1), listens(1, null), heard(0, 2), ...seen]
  expect(wrongIn(told(heard(1, 2)), events)).toBeNull()
  expect(wrongIn(told(), events)).toBe('p1 listener 1 of "k" was not given a/2 as 2')
  expect(wrongIn(told(heard(1, 1)), events)).toBe(
    'p1 listener 1 of "k" was given a/1 as 1, which is not new',
  )
  expect(wrongIn(told({ type: 'stops', listener: 1 }), events)).toBeNull()
  expect(wrongIn(told({ type: 'stops', listener: 1 }, heard(1, 2)), events)).toContain(
    'listens no more',
  )
})

test('who listens with a replay is shown what the room holds, without gap or repeat', () => {
  const { events } = said(1, 2)
  const asks: Told = { type: 'asks', key: 'k' }
  const answered: Told = { type: 'answered', key: 'k' }
  const end = final([1, 'a/1'], [2, 'a/2'])
  const replayed = [listens(1, 0), asks, heard(0, 1), heard(0, 2), answered]
  expect(wrongIn([...replayed, heard(1, 1), heard(1, 2)], [...events, end])).toBeNull()
  expect(wrongIn([...replayed, heard(1, 2)], [...events, end])).toBe(
    'p1 listener 1 of "k" after 0 was shown a/2 as 2 where the room holds a/1 as 1',
  )
  expect(wrongIn([...replayed, heard(1, 1), heard(1, 1)], events)).toBe(
    'p1 listener 1 of "k" was given a/1 as 1 after 1',
  )
  const live = [listens(1, 0), asks, answered, heard(0, 1), heard(1, 1), heard(0, 2)]
  expect(wrongIn(live, events)).toBe('p1 listener 1 of "k" was not given a/2 as 2')
})

test('a reset takes back what comes after it, and what stands comes again', () => {
  const { events } = said(1, 2)
  const again: HistoryEvent = {
    atMs: 60,
    peer: 'a',
    type: 'delivered',
    branch: '2:a',
    seq: 2,
    key: 'k',
    mid: 'a/2',
  }
  const all = [...events, RESET, again, final([1, 'a/1'], [2, 'a/2'])]
  const told = [listens(1, 0), heard(0, 1), heard(1, 1), heard(0, 2), heard(1, 2), TOLD_RESET]
  expect(wrongIn([...told, heard(0, 2), heard(1, 2)], all)).toBeNull()
  expect(wrongIn([...told, heard(0, 2)], all)).toContain('was not given a/2 as 2')
})

test('who takes replays whole is given one at first, and after each reset', () => {
  const { events } = said(1)
  const list = (...messages: readonly Retained[]): Told => ({ type: 'list', listener: 1, messages })
  const end = final([1, 'a/1'])
  expect(wrongIn([listens(1, 0, true), list(), heard(0, 1), heard(1, 1)], events)).toBeNull()
  expect(wrongIn([listens(1, 0, true), heard(0, 1), heard(1, 1)], events)).toBe(
    'p1 listener 1 of "k" was given a/1 as 1 before its replay',
  )
  const reset = [...events, RESET, end]
  const told = [heard(0, 1), listens(1, 0, true), list([1, 'a/1']), TOLD_RESET]
  expect(wrongIn([...told, list([1, 'a/1'])], reset)).toBeNull()
  expect(wrongIn(told, reset)).toBe('p1 listener 1 of "k" after 0 never got its replay')
  expect(wrongIn([...told, list()], reset)).toContain('was shown nothing where the room holds a/1')
})

test('a view is a fold: replaces stand alone, relays are heard once, compactions stand for what they folded', () => {
  const sent = (n: number, action: 'append' | 'relay' | 'replace' | 'compact'): HistoryEvent => ({
    atMs: n,
    peer: 'a',
    type: 'invoked',
    mid: `a/${n}`,
    action,
    key: 'k',
    ...(action === 'compact' && { seq: 3 }),
  })
  const given = [1, 2, 3, 4].map((seq): HistoryEvent => ({
    atMs: 9,
    peer: 'a',
    type: 'delivered',
    branch: BRANCH,
    seq,
    key: 'k',
    mid: `a/${seq}`,
  }))
  const actions = ['append', 'replace', 'append', 'relay', 'compact'] as const
  const events = [...actions.map((action, i) => sent(i + 1, action)), ...given]
  const told = [listens(1, 0), ...[1, 2, 3, 4].flatMap((seq) => [heard(0, seq), heard(1, seq)])]
  expect(wrongIn(told, [...events, final([2, 'a/2'], [3, 'a/3'])])).toBeNull()
  expect(wrongIn(told, [...events, final([3, 'a/5'])])).toBeNull()
  expect(wrongIn(told, [...events, final([2, 'a/2'])])).toContain('was shown a/3 as 3')
})

test('a replay that was asked for is answered as the peer answers', () => {
  const replayed = (was: string): Told => ({ type: 'replayed', key: 'k', is: '[]', was })
  expect(wrongIn([replayed('[]')], [])).toBeNull()
  expect(wrongIn([replayed('[[1,"a/1"]]')], [])).toBe(
    'p1 was answered [] of "k", and its peer [[1,"a/1"]]',
  )
})

const LIVE: ToldStatus = {
  status: 'live',
  role: 'peer',
  term: 1,
  hostId: 'b',
  signaling: 'connected',
  path: 'direct',
}
const status = (now: Partial<ToldStatus>): Told => ({ type: 'status', status: { ...LIVE, ...now } })

test('a status is told when it changes, and the last one is how the room is', () => {
  const told = [status({}), status({ status: 'migrating' })]
  expect(wrongIn(told, [], { ...LIVE, status: 'migrating' })).toBeNull()
  expect(wrongIn(told, [], LIVE)).toContain('ends as {"status":"live"')
  expect(wrongIn([...told, status({ status: 'migrating' })], [])).toContain('twice')
  expect(wrongIn([status({ status: 'closed' }), ...told], [])).toContain('after its end')
  expect(wrongIn([status({ hostId: null })], [])).toContain('is live without a host')
  expect(wrongIn([status({ role: 'host' })], [])).toContain('hosts for another')
  expect(wrongIn([{ type: 'error', what: 'no' }], [])).toBe('p1 was told of an error: no')
})

test('each change of the host names the one before', () => {
  const host = (hostId: string, previousHostId: string | null): Told => ({
    type: 'host',
    hostId,
    term: 1,
    previousHostId,
  })
  expect(wrongIn([host('a', null), host('b', 'a')], [])).toBeNull()
  expect(wrongIn([host('a', null), host('b', 'c')], [])).toContain('its host was a')
  expect(wrongIn([host('a', null), host('a', 'a')], [])).toContain('no change')
})
