import { expect, test } from 'vitest'
import { peer } from '../protocol/testing-ids.ts'
import type { Attempt } from './attempt.ts'
import { PAST_ATTEMPTS_MAX } from './link-limits.ts'
import type { RelayAttempt } from './relay-attempt.ts'
import { isNothing, namedIn, Standings } from './standing.ts'

const A = peer('A')
const direct = { id: 'direct', path: 'direct' } as Attempt
const relay = { id: 'relay', path: 'relayed' } as RelayAttempt

test('there is nothing with a peer that was never met, nor with one after its last attempt', () => {
  const standings = new Standings()
  expect(isNothing(standings.with(A))).toBe(true)
  standings.change(A, { direct })
  expect(standings.peers).toEqual([A])
  standings.change(A, { direct: null })
  expect(isNothing(standings.with(A))).toBe(true)
  expect(standings.peers).toEqual([])
})

test('a change tells how it stood before, so that what was replaced can be ended', () => {
  const standings = new Standings()
  standings.change(A, { direct, link: relay })
  expect(standings.change(A, { direct: null, link: direct })).toEqual({
    direct,
    relay: null,
    link: relay,
  })
  expect(standings.clear(A)).toEqual({ direct: null, relay: null, link: direct })
  expect(standings.all).toEqual([])
})

test('what is attempted and what is open are found by their names', () => {
  const standings = new Standings()
  standings.change(A, { relay, link: direct })
  const standing = standings.with(A)
  expect(namedIn(standing, 'relay')).toBe(relay)
  expect(namedIn(standing, 'direct')).toBe(direct)
  expect(namedIn(standing, 'other')).toBeUndefined()
})

test('of past attempts the last names are remembered', () => {
  const standings = new Standings()
  for (let n = 0; n <= PAST_ATTEMPTS_MAX; n++) standings.remember(`attempt ${n}`)
  expect(standings.isPast('attempt 0')).toBe(false)
  expect(standings.isPast('attempt 1')).toBe(true)
  expect(standings.isPast(`attempt ${PAST_ATTEMPTS_MAX}`)).toBe(true)
})
