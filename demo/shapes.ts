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
/**
 * Key `strokes`, by `append`; `clear` by `replace`. Points are x, y, x, y … in whole `GRID` steps.
 * `order`: the seq at which it was begun, as a fold tells it; notes that were touched later lie
 * above it.
 */
export type Stroke = {
  readonly id: string
  readonly color: NoteColor
  readonly order?: number
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
  const { text, color, author } = fieldsOf(value)
  const spot = readSpot(value)
  if (spot === null) return null
  if (typeof text !== 'string' || !isNoteColor(color)) return null
  return { ...spot, text: text.slice(0, NOTE_CHARS_MAX), color, author: nameOf(author) ?? '' }
}

export function readListing(value: unknown): Listing | null {
  const { ids } = fieldsOf(value)
  if (!Array.isArray(ids)) return null
  return { ids: ids.slice(0, LISTED_MAX).filter(isItemId) }
}

export function readTalk(value: unknown): Talk | null {
  const { lines } = fieldsOf(value)
  if (!Array.isArray(lines)) return null
  return { lines: lines.slice(-CHAT_LINES_MAX).flatMap((line) => readChatLine(line) ?? []) }
}

function readChatLine(value: unknown): ChatLine | null {
  const { id, name: given, color, text } = fieldsOf(value)
  const name = nameOf(given)
  if (name === null || !isItemId(id) || !isPersonColor(color)) return null
  if (typeof text !== 'string' || text.trim() === '') return null
  return { id, name, color, text: text.slice(0, CHAT_CHARS_MAX) }
}

export function readInkStep(value: unknown): InkStep | null {
  const { type, id, strokes } = fieldsOf(value)
  if (type === 'clear') return { type }
  if (type === 'erase') return isItemId(id) ? { type, id } : null
  if (type !== 'draw' || !Array.isArray(strokes)) return null
  return {
    type,
    strokes: strokes.slice(-STROKES_MAX).flatMap((stroke) => readStroke(stroke) ?? []),
  }
}

function readStroke(value: unknown): Stroke | null {
  const { id, color, points: given, order } = fieldsOf(value)
  if (!isItemId(id) || !isNoteColor(color)) return null
  if (!Array.isArray(given)) return null
  const points: readonly unknown[] = given.slice(0, STROKE_NUMBERS_MAX)
  if (points.length % 2 !== 0 || !points.every(isGridStep)) return null
  const stroke = { id, color, points }
  return typeof order === 'number' && Number.isSafeInteger(order) ? { ...stroke, order } : stroke
}

export function readHello(value: unknown): Hello | null {
  const { id, name: given, color, since, ask } = fieldsOf(value)
  const name = nameOf(given)
  if (name === null || !isPeerName(id) || !isPersonColor(color)) return null
  return { id, name, color, since: typeof since === 'number' ? since : 0, ask: ask === true }
}

export function readPointing(value: unknown): Pointing | null {
  const { id } = fieldsOf(value)
  const spot = readSpot(value)
  return spot !== null && isPeerName(id) ? { ...spot, id } : null
}

function readSpot(value: unknown): Spot | null {
  const { x, y } = fieldsOf(value)
  return isFiniteNumber(x) && isFiniteNumber(y) ? spotAt(x, y) : null
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

function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value)
}

function isGridStep(value: unknown): value is number {
  if (typeof value !== 'number' || !Number.isInteger(value)) return false
  return value >= 0 && value <= GRID
}

/** None, where the value is no object. */
function fieldsOf(value: unknown): { readonly [field: string]: unknown } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  return value as { readonly [field: string]: unknown }
}
