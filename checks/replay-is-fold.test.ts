import { expect, test } from 'vitest'
import type { HistoryEvent, Retained } from './history.ts'
import { replayIsFold } from './replay-is-fold.ts'

const SENT: readonly HistoryEvent[] = (
  ['append', 'relay', 'append', 'replace', 'append', 'append'] as const
).map((action, i) => ({ atMs: 0, peer: 'a', type: 'invoked', mid: `a/${i + 1}`, action, key: 'k' }))
const FOLDING: HistoryEvent = {
  atMs: 0,
  peer: 'a',
  type: 'invoked',
  mid: 'a/7',
  action: 'compact',
  key: 'k',
  seq: 5,
}

function given(upTo: number, from = 1): HistoryEvent[] {
  return Array.from({ length: upTo - from + 1 }, (_, i) => ({
    atMs: 10 * (from + i),
    peer: 'b',
    type: 'delivered',
    branch: '1:a',
    seq: from + i,
    key: 'k',
    mid: `a/${from + i}`,
  }))
}

function replay(entries: readonly Retained[], after = 0, askedAtMs?: number): HistoryEvent {
  return {
    atMs: 1_000,
    peer: 'b',
    type: 'replayed',
    branch: '1:a',
    key: 'k',
    after,
    entries,
    ...(askedAtMs !== undefined && { askedAtMs }),
  }
}

const shown = (...seqs: readonly number[]): Retained[] => seqs.map((seq) => [seq, `a/${seq}`])

test('relays are not retained, and a replace stands alone', () => {
  expect(replayIsFold([...SENT, ...given(3), replay(shown(1, 3))])).toBeNull()
  expect(replayIsFold([...SENT, ...given(5), replay(shown(4, 5))])).toBeNull()
  expect(replayIsFold([...SENT, ...given(3), replay(shown(1, 2, 3))])).toContain(
    'a/2 as 2, which was relayed only',
  )
  expect(replayIsFold([...SENT, ...given(5), replay(shown(3, 4, 5))])).toContain(
    'a/3 as 3, which a/4 as 4 replaced',
  )
})

test('nothing that was asked for is missing, and nothing else is there', () => {
  expect(replayIsFold([...SENT, ...given(6), replay(shown(5, 6), 4)])).toBeNull()
  expect(replayIsFold([...SENT, ...given(6), replay(shown(6), 4)])).toContain(
    'a/6 as 6 where the messages up to 6 make a/5 as 5',
  )
  expect(replayIsFold([...SENT, ...given(6), replay(shown(5), 4)])).toContain(
    'nothing where the messages up to 6 make a/6 as 6',
  )
  expect(replayIsFold([...SENT, ...given(6), replay(shown(4, 5, 6), 4)])).toContain(
    'a/4 as 4, which is not after 4',
  )
  expect(replayIsFold([...SENT, ...given(5), replay(shown(4, 5, 6))])).toContain(
    'a/6 as 6, and it was given nothing after 5 yet',
  )
  expect(replayIsFold([...SENT, ...given(5), replay([...shown(5), ...shown(4)])])).toContain(
    'a/4 as 4 after a/5 as 5',
  )
})

test('a compaction stands in front, in the place of what it folded', () => {
  expect(
    replayIsFold([
      ...SENT,
      FOLDING,
      ...given(6),
      replay([
        [5, 'a/7'],
        [6, 'a/6'],
      ]),
    ]),
  ).toBeNull()
  expect(replayIsFold([...SENT, FOLDING, ...given(6), replay([[5, 'a/7']])])).toContain(
    'nothing where the messages up to 6 make a/6 as 6',
  )
  expect(
    replayIsFold([
      ...SENT,
      FOLDING,
      ...given(6),
      replay([
        [4, 'a/4'],
        [5, 'a/7'],
        [6, 'a/6'],
      ]),
    ]),
  ).toContain('the compaction a/7 as 5 behind messages')
  expect(
    replayIsFold([
      ...SENT,
      { ...FOLDING, seq: 3 } as HistoryEvent,
      ...given(6),
      replay([
        [3, 'a/7'],
        [5, 'a/5'],
        [6, 'a/6'],
      ]),
    ]),
  ).toContain('a/7 as 3, which a/4 as 4 replaced')
})

test('an answer that was on its way may stand anywhere since it was asked for', () => {
  expect(replayIsFold([...SENT, ...given(6), replay(shown(4, 5), 0, 50)])).toBeNull()
  expect(replayIsFold([...SENT, ...given(6), replay(shown(4, 5, 6), 0, 50)])).toBeNull()
  expect(replayIsFold([...SENT, ...given(6), replay(shown(4), 0, 50)])).toContain(
    'nothing where the messages up to 5 make a/5 as 5',
  )
})

test('what nobody was given is not judged', () => {
  expect(replayIsFold([...SENT, ...given(6, 5), replay(shown(4, 5, 6))])).toBeNull()
  expect(replayIsFold([...SENT, ...given(6, 5), replay(shown(4, 6))])).toContain(
    'a/6 as 6 where the messages up to 6 make a/5 as 5',
  )
})

test('an end state is judged key by key, those that are not shown among them', () => {
  const final: HistoryEvent = {
    atMs: 2_000,
    peer: 'b',
    type: 'final',
    branch: '1:a',
    lastSeq: 6,
    pending: 0,
    streams: [],
  }
  expect(replayIsFold([...SENT, ...given(6), final])).toBe(
    'b ends with nothing where the messages up to 6 make a/4 as 4 under "k"',
  )
})

test('a fold that a branch left behind as a message is not judged, though it stands by chance where it named', () => {
  const rewound: HistoryEvent = {
    atMs: 45,
    peer: 'b',
    type: 'reset',
    seq: 4,
    headSeq: 4,
    keys: 'all',
    reason: 'rewound',
    avoidable: false,
  }
  const came: HistoryEvent = {
    atMs: 50,
    peer: 'b',
    type: 'delivered',
    branch: '2:a',
    seq: 5,
    key: 'k',
    mid: 'a/7',
  }
  const answer = replay([
    [4, 'a/4'],
    [5, 'a/7'],
  ])
  expect(replayIsFold([...SENT, FOLDING, ...given(4), rewound, came, answer])).toBeNull()
  expect(replayIsFold([...SENT, FOLDING, ...given(4), rewound, answer])).toContain(
    'the compaction a/7 as 5 behind messages',
  )
})
