import { expect, test } from 'vitest'
import type { TroubleKind, HistoryEvent } from './history.ts'
import { availability, describeRecoveries, recoveriesOf } from './availability.ts'

/** Three pages that are in touch; `a` hosts. */
const ROOM: readonly HistoryEvent[] = ['a', 'b', 'c'].flatMap((peer): HistoryEvent[] => [
  { atMs: 0, peer, type: 'joined' },
  { atMs: 10, peer, type: 'live', branch: '1:a' },
])
const END: HistoryEvent = {
  atMs: 100_000,
  peer: 'b',
  type: 'final',
  branch: '1:a',
  lastSeq: 0,
  pending: 0,
  streams: [],
}

function fault(
  atMs: number,
  kind: TroubleKind,
  peers: readonly string[],
  what = kind as string,
): HistoryEvent {
  return { atMs, peer: '', type: 'fault', kind, what, peers }
}

function healed(atMs: number, kind: TroubleKind, what = kind as string): HistoryEvent {
  return { atMs, peer: '', type: 'healed', kind, what }
}

let number = 0

function op(peer: string, sentMs: number, answeredMs: number | null): HistoryEvent[] {
  const mid = `${peer}/${++number}`
  const invoked: HistoryEvent = {
    atMs: sentMs,
    peer,
    type: 'invoked',
    mid,
    action: 'append',
    key: 'log',
  }
  return answeredMs === null
    ? [invoked]
    : [invoked, { atMs: answeredMs, peer, type: 'acknowledged', mid, seq: number }]
}

function history(...events: readonly HistoryEvent[][]): HistoryEvent[] {
  return [...ROOM, ...events.flat().sort((a, b) => a.atMs - b.atMs), END]
}

test.each([
  ['leave', 1_000],
  ['crash', 2_500],
  ['hang', 6_000],
  ['freeze', 6_000],
  ['cut', 6_000],
] as const)(
  'after a %s of the host the first receipt may come %i ms later, and no later',
  (kind, withinMs) => {
    const after = (ms: number) => history([fault(1_000, kind, ['a'])], op('b', 1_000, 1_000 + ms))
    expect(availability(after(withinMs))).toBeNull()
    expect(availability(after(withinMs + 1))).toBe(
      `the first receipt after the ${kind} until 1000 ms took ${withinMs + 1} ms; ${withinMs} ms are allowed`,
    )
  },
)

test.each([
  ['link-cut', 14_000, 3_000],
  ['link-cut', 16_000, 5_000],
  ['partition', 30_000, 10_000],
] as const)(
  'after a %s of %i ms the first receipt may come %i ms after it healed',
  (kind, lastsMs, withinMs) => {
    const healedMs = 1_000 + lastsMs
    const after = (ms: number) =>
      history(
        [fault(1_000, kind, ['a', 'b']), healed(healedMs, kind)],
        op('b', healedMs, healedMs + ms),
      )
    expect(availability(after(withinMs))).toBeNull()
    expect(availability(after(withinMs + 1))).toContain(
      `took ${withinMs + 1} ms; ${withinMs} ms are allowed`,
    )
  },
)

test.each(['signaling-down', 'signaling-restart', 'socket-cut'] as const)(
  'receipts go on during a %s',
  (kind) => {
    const during = (ms: number) =>
      history([fault(1_000, kind, []), healed(31_000, kind)], op('b', 5_000, 5_000 + ms))
    expect(availability(during(1_000))).toBeNull()
    expect(availability(during(1_001))).toContain('took 1001 ms; 1000 ms are allowed')
  },
)

test('a receipt that never comes is late', () => {
  expect(availability(history([fault(1_000, 'crash', ['a'])], op('b', 1_100, null)))).toBe(
    'the first receipt after the crash until 1000 ms did not come about; 2400 ms are allowed',
  )
})

test('who sends late has a second for its receipt', () => {
  const late = (ms: number) => history([fault(1_000, 'leave', ['a'])], op('b', 60_000, 60_000 + ms))
  expect(availability(late(1_000))).toBeNull()
  expect(availability(late(1_001))).not.toBeNull()
})

test('the first receipt counts, whoever gets it', () => {
  expect(
    recoveriesOf(
      history([fault(1_000, 'crash', ['a'])], op('b', 1_100, 9_000), op('c', 1_300, 1_500)),
    ),
  ).toEqual([{ kind: 'crash', atMs: 1_000, tookMs: 400, withinMs: 2_400 }])
})

test('operations of the page that was hit say nothing', () => {
  expect(
    recoveriesOf(
      history([fault(1_000, 'hang', ['a']), healed(30_000, 'hang')], op('a', 1_000, 31_000)),
    ),
  ).toEqual([])
})

test('operations of a page that is not in touch yet, or ends meanwhile, say nothing', () => {
  const ended: HistoryEvent = { atMs: 2_000, peer: 'c', type: 'ended', how: 'crashed' }
  expect(
    recoveriesOf(
      history(
        [{ atMs: 900, peer: 'd', type: 'joined' }, fault(1_000, 'crash', ['a']), ended],
        op('d', 1_100, null),
        op('c', 1_100, null),
      ),
    ),
  ).toEqual([])
})

test('a fault inside the time of another extends it', () => {
  const both = (ms: number) =>
    history(
      [fault(1_000, 'crash', ['a']), fault(3_000, 'hang', ['c'])],
      op('b', 1_100, null),
      op('b', 3_000, ms),
    )
  expect(availability(both(9_000))).toBeNull()
  expect(recoveriesOf(both(9_001))).toEqual([
    { kind: 'several', atMs: 3_000, tookMs: 6_001, withinMs: 6_000 },
  ])
})

test('faults whose times are apart are judged each by its own', () => {
  const two = history(
    [fault(1_000, 'leave', ['a']), fault(5_000, 'crash', ['c'])],
    op('b', 1_000, 1_900),
    op('b', 5_000, 7_000),
  )
  expect(recoveriesOf(two).map(({ kind, tookMs, withinMs }) => [kind, tookMs, withinMs])).toEqual([
    ['leave', 900, 1_000],
    ['crash', 2_000, 2_500],
  ])
})

test('faults are healed by name where they have one', () => {
  const overlapping = [
    fault(1_000, 'link-cut', ['a', 'b'], 'first'),
    fault(1_500, 'link-cut', ['a', 'c'], 'second'),
    healed(2_000, 'link-cut', 'second'),
    healed(9_000, 'link-cut', 'first'),
  ]
  expect(recoveriesOf(history(overlapping, op('b', 9_000, 11_000)))).toEqual([
    { kind: 'several', atMs: 9_000, tookMs: 2_000, withinMs: 3_000 },
  ])
})

test('a run that ends too early to tell is not judged', () => {
  const short = history([fault(99_000, 'crash', ['a'])], op('b', 99_100, null))
  expect(recoveriesOf(short)).toEqual([])
})

test('a page that comes while signaling restarts is in 4 s after it is back', () => {
  const join = (ms: number): HistoryEvent[] => [
    { atMs: 2_000, peer: 'd', type: 'joined' },
    { atMs: ms, peer: 'd', type: 'live', branch: '1:a' },
  ]
  const restart = [fault(1_000, 'signaling-restart', []), healed(5_000, 'signaling-restart')]
  expect(availability(history(restart, join(9_000)))).toBeNull()
  expect(availability(history(restart, join(9_001)))).toBe(
    'joining at 2000 ms, with signaling just back, took 7001 ms; 7000 ms are allowed',
  )
})

test('worst and 99th percentile are told by kind', () => {
  const crashes = Array.from({ length: 9 }, (_, i) =>
    [fault(10_000 * (i + 1), 'crash', ['a'])].concat(
      op('b', 10_000 * (i + 1), 10_000 * (i + 1) + 100 * (i + 1)),
    ),
  )
  expect(describeRecoveries(history(...crashes))).toEqual([
    'crash: 9 times, worst 900 ms, p99 900 ms',
  ])
})
