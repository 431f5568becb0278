import { expect, test } from 'vitest'
import { mergeHistories, toJsonLines, type HistoryEvent } from './history.ts'
import { parseHistory } from './parse-history.ts'

const ONE_OF_EACH: readonly HistoryEvent[] = [
  { atMs: 0, peer: 'p', type: 'joined' },
  { atMs: 1, peer: 'p', type: 'invoked', mid: 'p/1', action: 'append', key: '' },
  { atMs: 1, peer: 'p', type: 'invoked', mid: 'p/2', action: 'compact', key: '__proto__', seq: 1 },
  { atMs: 2, peer: 'p', type: 'live', branch: '1:p' },
  { atMs: 2, peer: 'p', type: 'hosting', branch: '1:p' },
  { atMs: 3, peer: 'p', type: 'delivered', branch: '1:p', seq: 1, key: '', mid: 'p/1' },
  { atMs: 3.5, peer: 'p', type: 'acknowledged', mid: 'p/1', seq: 1, held: ['p'] },
  { atMs: 4, peer: 'p', type: 'refused', mid: 'p/2', code: 'compact-out-of-range' },
  {
    atMs: 4,
    peer: 'p',
    type: 'replayed',
    branch: '1:p',
    key: '',
    after: 0,
    entries: [[1, 'p/1']],
    askedAtMs: 3.5,
  },
  {
    atMs: 5,
    peer: '',
    type: 'fault',
    kind: 'partition',
    what: 'p | q',
    peers: ['p'],
    signaling: 'unreachable',
  },
  {
    atMs: 6,
    peer: 'p',
    type: 'reset',
    seq: 0,
    headSeq: 4,
    keys: ['', 'a'],
    reason: 'rewound',
    avoidable: false,
  },
  { atMs: 6, peer: 'p', type: 'reset', seq: 4, keys: 'all', reason: 'missed' },
  { atMs: 7, peer: 'p', type: 'conflict', mid: 'p/1', code: 'room-full' },
  { atMs: 8, peer: '', type: 'healed', kind: 'partition', what: 'p | q' },
  { atMs: 8, peer: 'p', type: 'quiet', pending: 0 },
  { atMs: 8, peer: 'p', type: 'sample', what: 'log', bytes: 64 },
  {
    atMs: 9,
    peer: 'p',
    type: 'final',
    branch: '0:',
    lastSeq: 4,
    pending: 0,
    streams: [['', [[1, 'p/1']]]],
  },
  { atMs: 9, peer: 'p', type: 'ended', how: 'left' },
]

test('a history comes back from its lines', () => {
  expect(parseHistory(`\n${toJsonLines(ONE_OF_EACH)}\r\n`)).toEqual({
    ok: true,
    value: ONE_OF_EACH,
  })
})

test.each([
  ['{', /JSON/],
  ['[]', /no object/],
  ['{"type":"toString","atMs":0,"peer":"p"}', /no event is of type "toString"/],
  ['{"type":"joined","atMs":-1,"peer":"p"}', /atMs is -1/],
  ['{"type":"joined","atMs":0,"peer":""}', /a joined event has the peer ""/],
  ['{"type":"fault","atMs":0,"peer":"p","kind":"cut","what":""}', /a fault event has the peer "p"/],
  [
    '{"type":"fault","atMs":0,"peer":"","kind":"flood","what":""}',
    /kind of a fault event is "flood"/,
  ],
  ['{"type":"quiet","atMs":0,"peer":"p"}', /a quiet event has no pending/],
  ['{"type":"quiet","atMs":0,"peer":"p","pending":1.5}', /pending of a quiet event is 1.5/],
  ['{"type":"live","atMs":0,"peer":"p","branch":"undefined:undefined"}', /branch of a live event/],
  [
    '{"type":"refused","atMs":0,"peer":"p","mid":"p/0","code":""}',
    /mid of a refused event is "p\/0"/,
  ],
  [
    '{"type":"replayed","atMs":0,"peer":"p","branch":"1:p","key":"","after":0,"entries":[[1]]}',
    /entries of a replayed event/,
  ],
  ['{"type":"joined","atMs":0,"peer":"p","constructor":1}', /a joined event has a constructor/],
])('the line %s is refused with its number', (line, why) => {
  const parsed = parseHistory(`${toJsonLines(ONE_OF_EACH.slice(0, 2))}${line}\n`)
  expect(parsed).toMatchObject({ ok: false, error: expect.stringMatching(/^line 3: /) })
  expect(parsed).toMatchObject({ error: expect.stringMatching(why) })
})

test('histories merge by time, and keep the order of each recorder', () => {
  const at = (peer: string, ...times: number[]): HistoryEvent[] =>
    times.map((atMs) => ({ atMs, peer, type: 'joined' }))
  const merged = mergeHistories([at('p', 1, 5, 3, 9), at('q', 2, 5, 8)])
  expect(merged.map(({ peer, atMs }) => `${peer}${atMs}`)).toEqual([
    'p1',
    'q2',
    'p5',
    'p3',
    'q5',
    'q8',
    'p9',
  ])
})
