import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CHAT_CHARS_MAX, NAME_CHARS_MAX, NOTE_CHARS_MAX } from './board-limits.ts'
import {
  nameOf,
  readHello,
  readInkStep,
  readListing,
  readNote,
  readPointing,
  readTalk,
  spotAt,
} from './shapes.ts'

const note = { x: 0.5, y: 0.25, text: 'hi', color: 'mint', author: 'Teal Heron' }
const line = { id: 'line00001', name: 'Teal Heron', color: 'teal', text: 'hello' }

test('whatever a peer sends, every reader answers and none throws', () => {
  for (const read of [readNote, readListing, readTalk, readInkStep, readHello, readPointing]) {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        read(value)
      }),
    )
  }
})

test('a well-made note comes through as it is', () => {
  expect(readNote(note)).toEqual(note)
})

test.each([
  ['null', null],
  ['an array', [note]],
  ['no text', { ...note, text: 7 }],
  ['a colour of its own', { ...note, color: 'url(x)' }],
  ['no place', { ...note, x: undefined }],
  ['a place that is no number', { ...note, y: Number.NaN }],
])('a note with %s is refused', (_, value) => {
  expect(readNote(value)).toBeNull()
})

test('a note outside the board or too long is brought within bounds', () => {
  const read = readNote({ ...note, x: -3, y: 1e9, text: 'x'.repeat(9_999) })
  expect(read).toMatchObject({ x: 0, y: 1 })
  expect(read?.text).toHaveLength(NOTE_CHARS_MAX)
})

test('a listing keeps only ids', () => {
  expect(readListing({ ids: ['abcdefgh1', '__proto__', 7, '', 'a/b/c/d/e'] })).toEqual({
    ids: ['abcdefgh1'],
  })
})

test('a talk leaves out the lines that are no lines and cuts the long ones', () => {
  const read = readTalk({
    lines: [
      line,
      { ...line, text: '   ' },
      { ...line, color: 'red' },
      'x',
      { ...line, id: 'line00002', text: 'y'.repeat(9_999) },
    ],
  })
  expect(read?.lines.map(({ id }) => id)).toEqual(['line00001', 'line00002'])
  expect(read?.lines[1]?.text).toHaveLength(CHAT_CHARS_MAX)
})

test('a stroke needs whole grid steps in pairs', () => {
  const stroke = { id: 'stroke001', color: 'sky', points: [0, 0, 10_000, 1] }
  const read = (points: unknown) => readInkStep({ type: 'draw', strokes: [{ ...stroke, points }] })
  expect(read(stroke.points)).toEqual({ type: 'draw', strokes: [stroke] })
  for (const points of [[1], [1, 2, 3], [0.5, 1], [-1, 0], [10_001, 0], ['1', '2'], null]) {
    expect(read(points)).toEqual({ type: 'draw', strokes: [] })
  }
})

test('a name is one visible line of bounded length', () => {
  expect(nameOf('  Teal \n Heron ')).toBe('Teal Heron')
  expect(nameOf('\u202Eevil')).toBe('evil')
  expect(nameOf(' \u200B ')).toBeNull()
  expect(nameOf('')).toBeNull()
  expect([...(nameOf('🏃'.repeat(80)) ?? '')]).toHaveLength(NAME_CHARS_MAX)
})

test('a hello without a time counts as the earliest', () => {
  expect(readHello({ id: 'a', name: 'A', color: 'blue' })).toEqual({
    id: 'a',
    name: 'A',
    color: 'blue',
    since: 0,
    ask: false,
  })
})

test('a spot is kept on the board and short on the wire', () => {
  expect(spotAt(1 / 3, 2)).toEqual({ x: 0.3333, y: 1 })
})
