import { describe, expect, test } from 'vitest'
import { claimOf, index } from '../protocol/testing-ids.ts'
import { Following } from './following.ts'

const CLAIM = claimOf(4, 'h')

/** Greeting for the second time: the nonce of now is 2, that of the connection before 1. */
function greeting(): Following {
  const following = new Following()
  following.begin(CLAIM)
  following.greet(CLAIM, 0)
  following.unlinked()
  following.greet(CLAIM, 0)
  return following
}

describe('an answer to a greeting', () => {
  test('is expected by nobody who has not greeted, whatever its nonce', () => {
    const idle = new Following()
    expect(idle.isAnswered(idle.nonce)).toBe(false)
    const unlinked = greeting()
    unlinked.unlinked()
    expect(unlinked.isAnswered(unlinked.nonce)).toBe(false)
  })

  test('is one to the greeting of now', () => {
    expect(greeting().isAnswered(2)).toBe(true)
    expect(greeting().isAnswered(1)).toBe(false)
  })

  test('may come again: a host that cut a follower off welcomes it anew', () => {
    const following = greeting()
    following.welcomed(CLAIM, index(3))
    expect(following.isAnswered(2)).toBe(true)
    following.reached(index(3))
    expect(following.isAnswered(2)).toBe(true)
  })
})

describe('an answer to what a live peer asked', () => {
  test('is of the connection of now, and of no peer that is not live', () => {
    const following = greeting()
    expect(following.isCurrent(2)).toBe(false)
    following.welcomed(CLAIM, index(3))
    expect(following.isCurrent(2)).toBe(false)
    following.reached(index(3))
    expect(following.isCurrent(2)).toBe(true)
    expect(following.isCurrent(1)).toBe(false)
  })
})
