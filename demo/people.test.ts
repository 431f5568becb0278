import { expect, test } from 'vitest'
import type { PeerInfo } from '../client/api.ts'
import { PEOPLE_MAX } from './board-limits.ts'
import {
  cursorHeard,
  cursorsExpired,
  initialsOf,
  peersChanged,
  personHeard,
  personKnown,
  personOf,
  runnersOf,
  type People,
} from './people.ts'

const NOBODY: People = new Map()
const peer = (id: string, role: PeerInfo['role'] = 'peer'): PeerInfo => ({
  id: id as PeerInfo['id'],
  role,
  path: null,
})
const hello = (id: string, name: string) => ({ id, name, color: 'teal', since: 1, ask: false })

test('who said hello has a name, who did not is called by the id', () => {
  const people = personHeard(NOBODY, hello('abcdefgh', 'Teal Heron'))
  expect(personOf(people, 'abcdefgh')).toEqual({ name: 'Teal Heron', color: 'teal' })
  expect(personOf(people, 'zyxwvuts')).toEqual({ name: 'Runner zyxwvu', color: 'slate' })
})

test('the same hello again changes nothing', () => {
  const people = personHeard(NOBODY, hello('a', 'Teal Heron'))
  expect(personHeard(people, hello('a', 'Teal Heron'))).toBe(people)
})

test('names are remembered up to a bound, the longest known forgotten first', () => {
  let people = NOBODY
  for (let i = 0; i <= PEOPLE_MAX; i++)
    people = personKnown(people, `p${i}`, { name: `N${i}`, color: 'blue' })
  expect(people.size).toBe(PEOPLE_MAX)
  expect(people.has('p0')).toBe(false)
})

test('this page is first and the others stand in the same order everywhere', () => {
  const runners = runnersOf(NOBODY, [peer('c'), peer('a', 'host')], 'b', 'standby')
  expect(runners.map(({ id, isMe, role }) => [id, isMe, role])).toEqual([
    ['b', true, 'standby'],
    ['a', false, 'host'],
    ['c', false, 'peer'],
  ])
})

test('joins and leaves are the difference of two lists', () => {
  expect(peersChanged([peer('a'), peer('b')], [peer('b', 'host'), peer('c')])).toEqual({
    joined: ['c'],
    left: ['a'],
  })
})

test('a pointer counts only while its owner is here and moves', () => {
  const peers = [peer('a')]
  const cursors = cursorHeard(new Map(), { id: 'a', x: 0.1, y: 2 }, peers, 1_000)
  expect(cursors.get('a')).toEqual({ x: 0.1, y: 1, at: 1_000 })
  expect(cursorHeard(cursors, { id: 'b', x: 0, y: 0 }, peers, 1_000)).toBe(cursors)
  expect(cursorsExpired(cursors, peers, 900)).toBe(cursors)
  expect(cursorsExpired(cursors, peers, 1_001).size).toBe(0)
  expect(cursorsExpired(cursors, [], 0).size).toBe(0)
})

test('initials are letters', () => {
  expect([initialsOf('Teal Heron'), initialsOf('<b>Zoë'), initialsOf('!!')]).toEqual([
    'TH',
    'bZ',
    '?',
  ])
})
