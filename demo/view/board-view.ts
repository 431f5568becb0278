// Owns the board: its notes, its drawing, the pointers of others, and what a pointer does on bare ground.

import type { Acts } from '../acts.ts'
import { CURSOR_FADE_MS, CURSOR_SILENCE_MS } from '../board-limits.ts'
import type { Model } from '../model.ts'
import { shownNotes } from '../notes.ts'
import type { Pen } from '../pen.ts'
import { personOf } from '../people.ts'
import { freeSpot, type Box } from '../free-spot.ts'
import type { Spot } from '../shapes.ts'
import { byId, keyed, make, makeSvg, setText } from './dom.ts'
import { spotOf } from './drag.ts'
import { createInkView } from './ink-view.ts'
import { createNoteCard, type NoteCard } from './note-card.ts'

export type BoardView = {
  draw(model: Model): void
  /** Puts a note up at this place, or near the middle, and opens it for typing. */
  newNote(spot?: Spot): void
}

export function createBoardView(
  acts: () => Acts | null,
  pen: () => Pen | null,
  penIsOut: () => boolean,
  flush: () => void,
): BoardView {
  const board = byId('board', HTMLElement)
  const notes = byId('notes', HTMLElement)
  const cards = new Map<string, NoteCard>()
  const noteElements = new Map<string, HTMLElement>()
  const cursorElements = new Map<string, HTMLElement>()
  const ink = createInkView()
  let editNext: string | null = null

  function newNote(spot = roomNearTheMiddle(board, [...noteElements.values()])): void {
    editNext = acts()?.addNote(spot) ?? null
    flush()
  }

  function drawNotes(model: Model): void {
    keyed(
      notes,
      noteElements,
      shownNotes(model.notes),
      (id) => {
        const card = createNoteCard(id, acts, board)
        cards.set(id, card)
        return card.element
      },
      (_, note, id) => cards.get(id)?.show(note),
    )
    for (const id of cards.keys()) if (!noteElements.has(id)) cards.delete(id)
    if (editNext === null) return
    cards.get(editNext)?.edit()
    editNext = null
  }

  function drawCursors({ cursors, people, myId }: Model): void {
    const others = new Map([...cursors].filter(([id]) => id !== myId))
    keyed(
      byId('cursors', HTMLElement),
      cursorElements,
      others,
      createCursor,
      (element, cursor, id) => {
        const { name, color } = personOf(people, id)
        const silentMs = performance.now() - cursor.at
        element.dataset['person'] = color
        element.classList.toggle('fading', silentMs > CURSOR_SILENCE_MS - CURSOR_FADE_MS)
        element.style.setProperty('--x', String(cursor.x))
        element.style.setProperty('--y', String(cursor.y))
        const label = element.lastElementChild
        if (label !== null) setText(label, name)
      },
    )
  }

  board.addEventListener('dblclick', (event) => {
    if (isGround(event.target) && !penIsOut()) newNote(spotOf(event, board))
  })
  board.addEventListener('pointermove', (event) => acts()?.point(spotOf(event, board)))
  listenToPen(board, pen, penIsOut)

  return {
    newNote,
    draw(model) {
      drawNotes(model)
      ink.draw(model)
      drawCursors(model)
      board.classList.toggle('drawing', model.tool === 'pen')
    },
  }
}

function listenToPen(board: HTMLElement, pen: () => Pen | null, penIsOut: () => boolean): void {
  let pointer: number | null = null
  board.addEventListener('pointerdown', (event) => {
    const isFree = penIsOut() && pointer === null
    if (!isFree || event.button !== 0) return
    event.preventDefault()
    pointer = event.pointerId
    board.setPointerCapture(pointer)
    pen()?.down(spotOf(event, board))
  })
  board.addEventListener('pointermove', (event) => {
    if (event.pointerId !== pointer) return
    for (const step of event.getCoalescedEvents?.() ?? [event]) pen()?.move(spotOf(step, board))
  })
  for (const end of ['pointerup', 'pointercancel'] as const) {
    board.addEventListener(end, (event) => {
      if (event.pointerId !== pointer) return
      pointer = null
      pen()?.up()
    })
  }
}

/** As high as an empty note or one of two lines, in pixels. */
const NOTE_HEIGHT = 120
/** Around a new note, in pixels. */
const GAP = 16

/** Not always the same place: two people who put up notes at once must not hide each other's. */
function roomNearTheMiddle(board: HTMLElement, notes: readonly HTMLElement[]): Spot {
  const off = () => (Math.random() - 0.5) * 0.3
  const { left, top, width, height } = board.getBoundingClientRect()
  const noteWidth = Number.parseFloat(getComputedStyle(board).getPropertyValue('--note-width'))
  const taken = notes.map((note): Box => {
    const box = note.getBoundingClientRect()
    return {
      x: (box.left - left + box.width / 2) / width,
      y: (box.top - top + box.height / 2) / height,
      width: box.width / width,
      height: box.height / height,
    }
  })
  const size = { width: (noteWidth + GAP) / width, height: (NOTE_HEIGHT + GAP) / height }
  return freeSpot({ x: 0.5 + off(), y: 0.45 + off() }, size, taken)
}

function isGround(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('.note, button, .notice') === null
}

function createCursor(): HTMLElement {
  const arrow = makeSvg('svg', { viewBox: '0 0 16 18', width: '16', height: '18' })
  arrow.append(
    makeSvg('path', {
      d: 'M1.5 1.2 14 8.6 8.3 10.2 5.4 16z',
      fill: 'var(--person)',
      stroke: 'white',
      'stroke-width': '1.4',
      'stroke-linejoin': 'round',
    }),
  )
  return make('div', { class: 'cursor' }, arrow, make('bdi', { class: 'cursor-name' }))
}
