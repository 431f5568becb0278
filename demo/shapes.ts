// Owns the shapes that travel in the demo's room, and the one door through which they come in: other people
// send them, so each reader answers with a value that is safe to show, or null. Nothing here throws.

import {
  CHAT_CHARS_MAX,
  CHAT_LINES_MAX,
  LISTED_MAX,
  NAME_CHARS_MAX,
  NOTE_CHARS_MAX,
  STROKES_MAX,
  STROKE_NUMBERS_MAX,
} from './board-limits.ts'
import { isNoteColor, isPersonColor, type NoteColor, type PersonColor } from './palette.ts'

/** A place on the board as shares of its width and height, 0 to 1, so that a phone and a desktop agree. */
export type Spot = { readonly x: number; readonly y: number }

/** Key `note/<id>`, by `replace`; null deletes. `x`, `y` are the note's middle. */
export type Note = Spot & {
  readonly text: string
  readonly color: NoteColor
  readonly author: string
}
/** Key `notes`, by `append`: ids of notes that exist. A fold has the same shape. */
export type Listing = { readonly ids: readonly string[] }
/** Key `chat`, by `append`: one line. A fold has the same shape, with many. */
export type ChatLine = {
  readonly id: string
  readonly name: string
  readonly color: PersonColor
  readonly text: string
}
export type Talk = { readonly lines: readonly ChatLine[] }
/** Key `strokes`, by `append`; `clear` by `replace`. Points are x, y, x, y … in whole `GRID` steps. */
export type Stroke = {
  readonly id: string
  readonly color: NoteColor
  readonly points: readonly number[]
}
export type InkStep =
  | { readonly type: 'draw'; readonly strokes: readonly Stroke[] }
  | { readonly type: 'erase'; readonly id: string }
  | { readonly type: 'clear' }
/** Key `hello`, by `relay`. `since`: when its page came, in ms. `ask`: please say who you are, too. */
export type Hello = {
  readonly id: string
  readonly name: string
  readonly color: PersonColor
  readonly since: number
  readonly ask: boolean
}
/** Key `cursor` (`id` of the peer) and key `drag` (`id` of the note), by `relay`. */
export type Pointing = Spot & { readonly id: string }

/** Steps along each side of the board that a stroke can tell apart. */
export const GRID = 10_000

export function readNote(value: unknown): Note | null {
  const note = record(value)
  const spot = readSpot(value)
  if (
    note === null ||
    spot === null ||
    typeof note['text'] !== 'string' ||
    !isNoteColor(note['color'])
  )
    return null
  return {
    ...spot,
    text: note['text'].slice(0, NOTE_CHARS_MAX),
    color: note['color'],
    author: nameOf(note['author']) ?? '',
  }
}

export function readListing(value: unknown): Listing | null {
  const ids = record(value)?.['ids']
  if (!Array.isArray(ids)) return null
  return { ids: ids.slice(0, LISTED_MAX).filter(isItemId) }
}

export function readTalk(value: unknown): Talk | null {
  const lines = record(value)?.['lines']
  if (!Array.isArray(lines)) return null
  return { lines: lines.slice(-CHAT_LINES_MAX).flatMap((line) => readChatLine(line) ?? []) }
}

function readChatLine(value: unknown): ChatLine | null {
  const line = record(value)
  const name = nameOf(line?.['name'])
  if (line === null || name === null || !isItemId(line['id']) || !isPersonColor(line['color']))
    return null
  if (typeof line['text'] !== 'string' || line['text'].trim() === '') return null
  return { id: line['id'], name, color: line['color'], text: line['text'].slice(0, CHAT_CHARS_MAX) }
}

export function readInkStep(value: unknown): InkStep | null {
  const step = record(value)
  if (step === null) return null
  if (step['type'] === 'clear') return { type: 'clear' }
  if (step['type'] === 'erase' && isItemId(step['id'])) return { type: 'erase', id: step['id'] }
  if (step['type'] !== 'draw' || !Array.isArray(step['strokes'])) return null
  return {
    type: 'draw',
    strokes: step['strokes'].slice(-STROKES_MAX).flatMap((stroke) => readStroke(stroke) ?? []),
  }
}

function readStroke(value: unknown): Stroke | null {
  const stroke = record(value)
  if (
    stroke === null ||
    !isItemId(stroke['id']) ||
    !isNoteColor(stroke['color']) ||
    !Array.isArray(stroke['points'])
  )
    return null
  const points: readonly unknown[] = stroke['points'].slice(0, STROKE_NUMBERS_MAX)
  if (points.length % 2 !== 0 || !points.every(isGridStep)) return null
  return { id: stroke['id'], color: stroke['color'], points }
}

export function readHello(value: unknown): Hello | null {
  const hello = record(value)
  const name = nameOf(hello?.['name'])
  if (hello === null || name === null || !isPeerName(hello['id']) || !isPersonColor(hello['color']))
    return null
  const since = typeof hello['since'] === 'number' ? hello['since'] : 0
  return { id: hello['id'], name, color: hello['color'], since, ask: hello['ask'] === true }
}

export function readPointing(value: unknown): Pointing | null {
  const id = record(value)?.['id']
  const spot = readSpot(value)
  return spot !== null && isPeerName(id) ? { ...spot, id } : null
}

function readSpot(value: unknown): Spot | null {
  const spot = record(value)
  const x = spot?.['x']
  const y = spot?.['y']
  if (typeof x !== 'number' || typeof y !== 'number' || !Number.isFinite(x) || !Number.isFinite(y))
    return null
  return spotAt(x, y)
}

/** The nearest place on the board, to four digits: finer than a pixel, and short on the wire. */
export function spotAt(x: number, y: number): Spot {
  return { x: share(x), y: share(y) }
}

function share(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * GRID) / GRID
}

/** A name as it may stand on a tag, or null for what is no name: one line, no hidden characters, not too long. */
export function nameOf(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const name = value
    .slice(0, 200)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
  return name === '' ? null : [...name].slice(0, NAME_CHARS_MAX).join('').trim()
}

function isItemId(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9]{8,24}$/.test(value)
}

function isPeerName(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value)
}

function isGridStep(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= GRID
}

function record(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null
}
