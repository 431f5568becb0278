import { describe, expect, test } from 'vitest'
import { FIRST_TERM_MAX, TERM_LEAP_MAX } from '../protocol/limits.ts'
import type { Claim } from '../protocol/ids.ts'
import type { Frame, FrameBody } from '../protocol/frames.ts'
import { claimOf } from '../protocol/testing-ids.ts'
import { judgeFrame } from './fence.ts'

type Greeting = 'reign' | 'hello'

/** A frame that speaks of a claim, from one who follows it. */
function greeting(type: Greeting, claim: Claim): Frame {
  const hello = {
    nonce: 1,
    position: null,
    headSeq: 0,
    stable: 0,
    complete: true,
    lacks: [],
    canHost: true,
    visible: true,
  }
  const body = type === 'reign' ? { type, claim } : { type, claim, ...hello }
  return { ...(body as FrameBody), term: claim.term }
}

const KNOWN = claimOf(4, 'h')

describe.each<Greeting>(['reign', 'hello'])('[EL1] a %s', (type) => {
  test('of a higher claim is news', () => {
    for (const claim of [claimOf(5, 'a'), claimOf(4, 'i'), claimOf(4 + TERM_LEAP_MAX, 'a')])
      expect(judgeFrame(greeting(type, claim), KNOWN)).toEqual({ type: 'learn', claim })
  })

  test('of a term that no room can have reached is dropped', () => {
    const leap = claimOf(4 + TERM_LEAP_MAX + 1, 'a')
    expect(judgeFrame(greeting(type, leap), KNOWN)).toEqual({ type: 'drop' })
    const first = claimOf(FIRST_TERM_MAX + 1, 'a')
    expect(judgeFrame(greeting(type, first), null)).toEqual({ type: 'drop' })
  })
})
