import { expect, test } from 'vitest'
import {
  NO_CHAT,
  chatHeard,
  chatRefusal,
  chatReset,
  foldedChat,
  lineFailed,
  lineSaid,
  unreadSince,
} from './chat.ts'
import { CHAT_LINES_MAX } from './board-limits.ts'
import type { ChatLine } from './shapes.ts'

const line = (n: number): ChatLine => ({
  id: `line${String(n).padStart(5, '0')}`,
  name: 'Teal Heron',
  color: 'teal',
  text: `line ${n}`,
})
const heard = (...numbers: number[]) =>
  numbers.reduce((chat, n) => chatHeard(chat, { lines: [line(n)] }), NO_CHAT)

test('lines come in the order of the room, each once', () => {
  expect(
    chatHeard(heard(1, 2), { lines: [line(2), line(3)] }).lines.map(({ text }) => text),
  ).toEqual(['line 1', 'line 2', 'line 3'])
})

test('only the last lines are kept', () => {
  const chat = heard(...Array.from({ length: CHAT_LINES_MAX + 5 }, (_, i) => i))
  expect(chat.lines).toHaveLength(CHAT_LINES_MAX)
  expect(chat.lines[0]).toEqual(line(5))
})

test('a newcomer who hears a fold and what follows holds the same lines', () => {
  const before = heard(1, 2, 3)
  const newcomer = chatHeard(chatHeard(NO_CHAT, foldedChat(before)), { lines: [line(4)] })
  expect(newcomer.lines).toEqual(chatHeard(before, { lines: [line(4)] }).lines)
})

test('a line that was said waits until the room sends it back', () => {
  const waiting = lineSaid(heard(1), line(2))
  expect(waiting.unsent).toEqual([{ line: line(2), failed: false }])
  expect(chatHeard(waiting, { lines: [line(2)] })).toMatchObject({
    lines: [line(1), line(2)],
    unsent: [],
  })
})

test('a line that failed says so and stays to be read', () => {
  expect(lineFailed(lineSaid(NO_CHAT, line(1)), line(1).id).unsent).toEqual([
    { line: line(1), failed: true },
  ])
})

test('a reset of the chat forgets its lines, not what waits', () => {
  const chat = lineSaid(heard(1), line(2))
  expect(chatReset(chat, ['strokes'])).toBe(chat)
  expect(chatReset(chat, 'all')).toMatchObject({ lines: [], unsent: [{ line: line(2) }] })
})

test('only lines of others count as unread', () => {
  const chat = chatHeard(chatHeard(lineSaid(heard(1, 2), line(3)), { lines: [line(3)] }), {
    lines: [line(4)],
  })
  expect(unreadSince(chat, line(2).id)).toBe(1)
  expect(unreadSince(chat, null)).toBe(3)
  expect(unreadSince(chat, line(4).id)).toBe(0)
})

test('too long a line is refused in a sentence with its figures', () => {
  expect(chatRefusal('x'.repeat(500))).toBeNull()
  expect(chatRefusal('x'.repeat(532))).toBe(
    'A message holds at most 500 characters; this one has 532. Shorten it by 32.',
  )
})
