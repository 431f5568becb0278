import { describe, expect, test } from 'vitest'
import {
  COPY_BURST_BYTES,
  COPY_BYTES_PER_SECOND,
  COPY_REQUEST_BYTES,
  RETAINED_BYTES_MAX,
} from '../protocol/limits.ts'
import { peer } from '../protocol/testing-ids.ts'
import { CopyBudget } from './copy-budget.ts'

const [ann, ben] = [peer('a'), peer('b')]

/** How often something of that size may be copied for Ann at one moment. */
function timesAllowed(budget: CopyBudget, bytes: number, nowMs: number): number {
  let times = 0
  for (; budget.allows(ann, nowMs); times++) budget.spend(ann, bytes, nowMs)
  return times
}

describe('[LK12] for each peer', () => {
  test('a full room may be copied three times at once', () => {
    expect(timesAllowed(new CopyBudget(), RETAINED_BYTES_MAX, 0)).toBe(3)
  })

  test('what was copied wears off, and no more is saved up than a burst', () => {
    const budget = new CopyBudget()
    timesAllowed(budget, RETAINED_BYTES_MAX, 0)
    const aRoomLaterMs = (RETAINED_BYTES_MAX / COPY_BYTES_PER_SECOND) * 1_000
    expect(timesAllowed(budget, RETAINED_BYTES_MAX, aRoomLaterMs)).toBe(1)
    expect(timesAllowed(budget, RETAINED_BYTES_MAX, 3_600_000)).toBe(3)
  })

  test('requests count as well, whatever they bring', () => {
    const budget = new CopyBudget()
    expect(timesAllowed(budget, 0, 0)).toBe(COPY_BURST_BYTES / COPY_REQUEST_BYTES)
    expect(timesAllowed(budget, 0, 1_000)).toBe(COPY_BYTES_PER_SECOND / COPY_REQUEST_BYTES)
  })

  test('what is copied for others does not matter', () => {
    const budget = new CopyBudget()
    timesAllowed(budget, RETAINED_BYTES_MAX, 0)
    expect([budget.allows(ann, 0), budget.allows(ben, 0)]).toEqual([false, true])
    budget.spend(ben, 0, 0)
    expect(budget.allows(ann, 0)).toBe(false)
  })

  test('one copy may be larger than what is left', () => {
    const budget = new CopyBudget()
    budget.spend(ann, COPY_BURST_BYTES - COPY_REQUEST_BYTES - 1, 0)
    expect(timesAllowed(budget, RETAINED_BYTES_MAX, 0)).toBe(1)
  })
})
