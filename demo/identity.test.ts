import { expect, test } from 'vitest'
import {
  loadIdentity,
  mustRename,
  randomIdentity,
  saveIdentity,
  type Identity,
} from './identity.ts'
import { PERSON_COLORS } from './palette.ts'

const mine: Identity = { name: 'Teal Heron', color: 'teal', chosen: false }
const storage = (text: string | null) => ({ getItem: () => text })
const closed = {
  getItem: () => {
    throw new Error('denied')
  },
  setItem: () => {
    throw new Error('denied')
  },
}

test('a fresh name is a colour and an animal, in a colour nobody has', () => {
  expect(randomIdentity(() => 0)).toEqual({ name: 'Blue Heron', color: 'blue', chosen: false })
  expect(randomIdentity(() => 0, new Set(['blue'])).color).toBe('teal')
  expect(randomIdentity(() => 0, new Set(PERSON_COLORS)).color).toBe('blue')
})

test('what was saved is loaded', () => {
  let saved = ''
  saveIdentity(
    {
      setItem: (_, text) => {
        saved = text
      },
    },
    { ...mine, chosen: true },
  )
  expect(loadIdentity(storage(saved), () => 0)).toEqual({ ...mine, chosen: true })
})

test.each([
  ['nothing', null],
  ['no JSON', '{'],
  ['another shape', '[1]'],
  ['an unknown colour', '{"name":"A","color":"red"}'],
])('storage with %s gives a fresh name', (_, text) => {
  expect(loadIdentity(storage(text), () => 0).name).toBe('Blue Heron')
})

test('storage that is closed to the page is no obstacle', () => {
  expect(loadIdentity(closed, () => 0).name).toBe('Blue Heron')
  expect(() => saveIdentity(closed, mine)).not.toThrow()
})

test('of two alike the later one takes another name, unless its owner chose it', () => {
  const other = { id: 'a', since: 10, ask: false, name: 'Teal Heron', color: 'teal' } as const
  const me = { ...mine, id: 'b', since: 20 }
  const taken = new Set(['teal'] as const)
  expect(mustRename(me, other, taken)).toBe(true)
  expect(mustRename({ ...me, since: 5 }, other, taken)).toBe(false)
  expect(mustRename({ ...me, since: 10 }, other, taken)).toBe(true)
  expect(mustRename({ ...me, chosen: true }, other, taken)).toBe(false)
  expect(mustRename({ ...me, id: 'a' }, other, taken)).toBe(false)
})

test('the same colour alone matters only while another is free', () => {
  const other = { id: 'a', since: 10, ask: false, name: 'Teal Otter', color: 'teal' } as const
  const me = { ...mine, id: 'b', since: 20 }
  expect(mustRename(me, other, new Set(['teal']))).toBe(true)
  expect(mustRename(me, other, new Set(PERSON_COLORS))).toBe(false)
})
