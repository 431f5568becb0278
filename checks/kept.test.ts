import { expect, test } from 'vitest'
import type { HistoryEvent, Retained } from './history.ts'
import { countReceipts, kept } from './kept.ts'

const BRANCH = '1:a'

function sent(
  number: number,
  action: 'append' | 'replace' | 'compact' | 'relay',
  seq: number,
  held?: readonly string[],
): HistoryEvent[] {
  const mid = `a/${number}`
  const invoked: HistoryEvent = {
    atMs: number,
    peer: 'a',
    type: 'invoked',
    mid,
    action,
    key: 'k',
    ...(action === 'compact' && { seq }),
  }
  const delivered: HistoryEvent[] =
    action === 'compact'
      ? []
      : [{ atMs: number, peer: 'b', type: 'delivered', branch: BRANCH, seq, key: 'k', mid }]
  return [
    invoked,
    ...delivered,
    { atMs: number, peer: 'a', type: 'acknowledged', mid, seq, ...(held && { held }) },
  ]
}

function end(...messages: readonly Retained[]): HistoryEvent {
  return {
    atMs: 1_000,
    peer: 'b',
    type: 'final',
    branch: BRANCH,
    lastSeq: 9,
    pending: 0,
    streams: [['k', messages]],
  }
}

function gone(peer: string, kind?: 'crash' | 'leave'): HistoryEvent[] {
  const ended: HistoryEvent = { atMs: 500, peer, type: 'ended', how: 'crashed' }
  return kind === undefined
    ? [ended]
    : [{ atMs: 500, peer: '', type: 'fault', kind, what: '', peers: [peer] }, ended]
}

test('what is in the end state is kept', () => {
  expect(kept([...sent(1, 'append', 1), end([1, 'a/1'])])).toBeNull()
})

test('what is not there is lost, where nobody may lose it', () => {
  expect(kept([...sent(1, 'append', 1), end()])).toBe(
    'a/1 ("k") was acknowledged at 1 ms as 1 and is not in b\'s end state, though nobody may lose it',
  )
})

test('a later replace covers what was before it, and an earlier one does not', () => {
  expect(kept([...sent(1, 'append', 1), ...sent(2, 'replace', 2), end([2, 'a/2'])])).toBeNull()
  expect(kept([...sent(1, 'replace', 1), ...sent(2, 'append', 2), end([1, 'a/1'])])).toContain(
    'a/2',
  )
})

test('a compaction covers what is not above its seq', () => {
  expect(kept([...sent(1, 'append', 1), ...sent(2, 'compact', 1), end([1, 'a/2'])])).toBeNull()
  expect(
    kept([
      ...sent(1, 'append', 1),
      ...sent(2, 'append', 2),
      ...sent(3, 'compact', 1),
      end([1, 'a/3']),
    ]),
  ).toContain('a/2')
})

test('a fold that a long branch left behind covers what it folded there, wherever it stands', () => {
  const left = [
    ...sent(1, 'append', 1),
    ...sent(2, 'append', 2),
    ...sent(3, 'append', 3),
    ...sent(4, 'compact', 2),
  ]
  expect(kept([...left, end([7, 'b/1'], [8, 'a/4'], [9, 'a/3'])])).toBeNull()
  expect(kept([...left, end([7, 'b/1'], [8, 'a/4'])])).toContain('a/3')
})

test('an append in front covers nothing', () => {
  expect(kept([...sent(1, 'append', 1), ...sent(2, 'append', 2), end([2, 'a/2'])])).toContain('a/1')
})

test('nothing is promised of relays', () => {
  expect(kept([...sent(1, 'relay', 1), end()])).toBeNull()
})

test('a conflict that its author was told of is no silent loss', () => {
  const conflict = (peer: string): HistoryEvent => ({
    atMs: 9,
    peer,
    type: 'conflict',
    mid: 'a/1',
    code: 'room-full',
  })
  expect(kept([...sent(1, 'append', 1), conflict('a'), end()])).toBeNull()
  expect(kept([...sent(1, 'append', 1), conflict('b'), end()])).not.toBeNull()
})

test('what all its holders took with them may be lost, if faults made them go', () => {
  const unseen = sent(1, 'append', 1, ['a', 'c']).filter(({ type }) => type !== 'delivered')
  expect(kept([...unseen, ...gone('a', 'crash'), ...gone('c', 'leave'), end()])).toBeNull()
  expect(kept([...unseen, ...gone('a', 'crash'), ...gone('c'), end()])).toBe(
    'all who held a/1, acknowledged at 1 ms, are gone, and no fault made c go',
  )
})

test('one holder that lives is enough to owe it', () => {
  expect(kept([...sent(1, 'append', 1, ['a', 'b']), ...gone('a', 'crash'), end()])).toContain(
    'not all who held it are gone, as [a b] did at first',
  )
})

test('who was given it holds it from then on', () => {
  expect(
    kept([
      ...sent(1, 'append', 1, ['a', 'c']),
      ...gone('a', 'crash'),
      ...gone('c', 'leave'),
      end(),
    ]),
  ).not.toBeNull()
})

test('receipts are counted, and those among them that nobody is left to keep', () => {
  const unseen = sent(1, 'append', 1, ['a', 'c']).filter(({ type }) => type !== 'delivered')
  expect(
    countReceipts([
      ...unseen,
      ...sent(2, 'append', 2, ['a', 'b']),
      ...sent(3, 'relay', 3),
      ...gone('a', 'crash'),
      ...gone('c', 'leave'),
    ]),
  ).toEqual({ owed: 2, excused: 1 })
})

test('a replace of a branch that gave way yields, where its author is gone and cannot be told', () => {
  const rewound: HistoryEvent = {
    atMs: 600,
    peer: 'b',
    type: 'reset',
    seq: 0,
    headSeq: 1,
    keys: 'all',
    reason: 'rewound',
  }
  const other: HistoryEvent[] = [
    { atMs: 5, peer: 'c', type: 'invoked', mid: 'c/1', action: 'append', key: 'k' },
  ]
  const yields = [...sent(1, 'replace', 1), ...other, ...gone('a', 'crash'), rewound]
  expect(kept([...yields, end([1, 'c/1'])])).toBeNull()
  expect(kept([...yields, end()])).toContain('a/1')
  expect(kept([...sent(1, 'replace', 1), ...other, rewound, end([1, 'c/1'])])).toContain('a/1')
  expect(
    kept([...sent(1, 'append', 1), ...other, ...gone('a', 'crash'), rewound, end([1, 'c/1'])]),
  ).toContain('a/1')
})

test('a page that may not host holds as much as a tail of a branch that it has to leave', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, i) => sent(1 + i, 'append', 1 + i, ['a', 'b'])).flat()
  const left = (count: number): HistoryEvent[] => [
    { atMs: 0, peer: 'b', type: 'joined', canHost: false },
    ...many(count),
    ...gone('a', 'crash'),
    { atMs: 600, peer: 'b', type: 'reset', seq: 0, headSeq: 0, keys: 'all', reason: 'rewound' },
    end(),
  ]
  expect(kept(left(500))).toBeNull()
  expect(kept(left(300))).toContain('a/1 ("k") was acknowledged at 1 ms as 1 and is not in')
  // One that may host keeps the streams, however long they are.
  expect(kept(left(500).slice(1))).toContain('a/1 ("k") was acknowledged at 1 ms as 1')
})

/** A page that may not host holds what it sent, then follows the host of another branch. */
function guestMovesOn(...before: readonly HistoryEvent[]): HistoryEvent[] {
  const [invoked, , acknowledged] = sent(1, 'append', 1, ['a'])
  const own = { atMs: 1, peer: 'a', branch: BRANCH, seq: 1, key: 'k', mid: 'a/1' } as const
  return [
    { atMs: 0, peer: 'a', type: 'joined', canHost: false },
    invoked!,
    { ...own, type: 'delivered' },
    acknowledged!,
    ...before,
    { atMs: 9, peer: 'a', type: 'reset', seq: 0, headSeq: 1, keys: 'all', reason: 'rewound' },
    { atMs: 9, peer: 'a', type: 'live', branch: '2:b' },
    ...gone('c', 'crash'),
  ]
}

test('what the next host had ordered again, a page without streams holds no more', () => {
  const again = { atMs: 8, peer: 'c', branch: '2:b', seq: 1, key: 'k', mid: 'a/1' } as const
  expect(kept([...guestMovesOn({ ...again, type: 'delivered' }), end()])).toBeNull()
})

test('what nobody had ordered again, it holds', () => {
  expect(kept([...guestMovesOn(), end()])).toContain('not all who held it are gone')
})

test('a page that may not host leaves to its room what the log has behind which it goes on', () => {
  const reset: HistoryEvent = {
    atMs: 600,
    peer: 'b',
    type: 'reset',
    seq: 0,
    headSeq: 1,
    keys: 'all',
    reason: 'rewound',
  }
  const live = (peer: string, branch: string): HistoryEvent => ({
    atMs: 700,
    peer,
    type: 'live',
    branch,
  })
  const given = (peer: string, branch: string, seq: number): HistoryEvent => ({
    atMs: 400,
    peer,
    type: 'delivered',
    branch,
    seq,
    key: 'k',
    mid: 'a/1',
  })
  const joined: HistoryEvent = { atMs: 0, peer: 'b', type: 'joined', canHost: false }
  const left = (...meanwhile: readonly HistoryEvent[]): HistoryEvent[] => [
    joined,
    ...sent(1, 'append', 1, ['a', 'b']),
    ...gone('a', 'crash'),
    ...meanwhile,
    end(),
  ]
  const lost = 'a/1 ("k") was acknowledged at 1 ms as 1 and is not in'
  // The room of c has the message, and c ends.
  const room = [given('c', '1:c', 1), live('c', '3:c'), ...gone('c', 'crash')]
  expect(kept(left(...room, reset, live('b', '3:c')))).toBeNull()
  // One that may host keeps what it left until it has the streams.
  expect(kept(left(...room, reset, live('b', '3:c')).slice(1))).toContain(lost)
  // Nobody was given it there, or only behind the place where the page goes on.
  expect(kept(left(live('c', '3:c'), reset, live('b', '3:c')))).toContain(lost)
  expect(kept(left(given('c', '1:c', 2), live('c', '3:c'), reset, live('b', '3:c')))).toContain(
    lost,
  )
  // It was given the message again.
  expect(kept(left(...room, reset, live('b', '3:c'), given('b', '3:c', 2)))).toContain(lost)
  // A reset to a log that it was never live on counts with the next.
  expect(kept(left(...room, reset, { ...reset, seq: 1, headSeq: 3 }, live('b', '3:c')))).toBeNull()
})
