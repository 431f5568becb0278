import { expect, test } from 'vitest'
import type { RoomStatus } from '../client/api.ts'
import { LONG_SEARCH_MS } from './board-limits.ts'
import { newcomer } from './model.ts'
import type { People } from './people.ts'
import { hostSentence, notice, passedSentence, searchSentence, spoken } from './words.ts'

const people: People = new Map([['h', { name: 'Teal Heron', color: 'teal' }]])
const status = (patch: Partial<RoomStatus>): RoomStatus => ({
  ...newcomer().status,
  status: 'live',
  hostId: 'h' as RoomStatus['hostId'],
  signaling: 'connected',
  ...patch,
})

test('a passing names the new host and its gap', () => {
  expect(passedSentence(people, 'me', 'h', 61.3)).toBe('The baton passed to Teal Heron in 61 ms')
  expect(passedSentence(people, 'h', 'h', 61.3)).toBe('The baton passed to you in 61 ms')
})

test('the header says who hosts', () => {
  expect(hostSentence(status({}), people, 'me')).toBe('Teal Heron hosts')
  expect(hostSentence(status({}), people, 'h')).toBe('You host this room')
})

test('nothing is said while all is well', () => {
  expect(notice(status({}), false)).toBeNull()
  expect(notice(status({ status: 'migrating', signaling: 'disconnected' }), false)).toBeNull()
})

test('each trouble says what still works', () => {
  expect(notice(status({ signaling: 'disconnected' }), false)).toContain('Everyone here goes on')
  expect(notice(status({ status: 'offline' }), false)).toContain('your changes wait')
  expect(notice(status({}), true)).toBe('Only you are here.')
})

test('a long search tells a missing signaling service from a missing path', () => {
  const early = searchSentence(status({ status: 'connecting', signaling: 'disconnected' }), 0)
  const unsignaled = searchSentence(
    status({ status: 'connecting', signaling: 'disconnected' }),
    LONG_SEARCH_MS,
  )
  const unlinked = searchSentence(status({ status: 'connecting' }), LONG_SEARCH_MS)
  expect(new Set([early, unsignaled, unlinked]).size).toBe(3)
})

test('a passing does not change what the screen reader hears of the state', () => {
  const live = spoken({ status: status({}), leftByChoice: false, peers: [] })
  expect(spoken({ status: status({ status: 'migrating' }), leftByChoice: false, peers: [] })).toBe(
    live,
  )
})
