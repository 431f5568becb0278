import { expect, test } from 'vitest'
import type { HistoryEvent } from './history.ts'
import { oneSide } from './one-side.ts'

/**
 * `a1` says that a hosts the first reign, `b>a1` that b follows it, `+a` that a has a receipt
 * (`+ab`: of b), `-a` that a has ended.
 */
function historyOf(...lines: readonly string[]): HistoryEvent[] {
  return lines.map((line, atMs): HistoryEvent => {
    if (line.startsWith('+'))
      return {
        atMs,
        peer: line[1]!,
        type: 'acknowledged',
        mid: `${line[1]}/${atMs}`,
        seq: atMs,
        held: [line[2] ?? line[1]!],
      }
    if (line.startsWith('-')) return { atMs, peer: line[1]!, type: 'ended', how: 'left' }
    const [host, term] = line.slice(-2)
    return { atMs, peer: line[0]!, type: 'live', branch: `${term}:${host}` }
  })
}

test('[EL6c] a side gives way for good to one that gives receipts under a later reign', () => {
  expect(oneSide(historyOf('a1', '+a', 'b2', '+b', 'a>b2', '+a', 'b3', '+b'))).toBeNull()
  expect(oneSide(historyOf('a1', 'b2', '+a', '+b'))).toBeNull()
  expect(oneSide(historyOf('a1', 'b2', '+b', '+a'))).toContain('a has a receipt for a/3')
})

test('[EL6c] of two reigns of one term the one of the higher peer is the later', () => {
  expect(oneSide(historyOf('a2', 'b2', '+a', '+b'))).toBeNull()
  expect(oneSide(historyOf('a2', 'b2', '+b', '+a'))).not.toBeNull()
})

test('[EL6e] a follower may be told late what its host gave in time', () => {
  expect(oneSide(historyOf('a1', 'c>a1', 'b2', '+b', '+c'))).toBeNull()
})

test('[EL6c] a room that ended with all its pages stands in the way of no other', () => {
  expect(oneSide(historyOf('a2', 'c>a2', '+a', '-a', '-c', 'b1', '+b'))).toBeNull()
  expect(oneSide(historyOf('a2', 'c>a2', '+a', '-a', 'b1', '+b', '-c'))).not.toBeNull()
})

test('[EL6c] a page that has begun to follow is told of receipts before it is live', () => {
  expect(oneSide(historyOf('a1', 'b2', '+b', '+ab'))).toBeNull()
})
