// Owns one note as it is seen and handled: a runner's bib with the author's name, moved by pointer and arrow keys.

import type { Acts } from '../acts.ts'
import { NOTE_CHARS_MAX } from '../board-limits.ts'
import { ON_TOP, type ShownNote } from '../notes.ts'
import { onDrag } from './drag.ts'
import { make, setText } from './dom.ts'

/** A step of an arrow key, as a share of the board's side; Shift takes longer ones. */
const STEP = 0.01
const LONG_STEP = 0.05
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

export type NoteCard = {
  readonly element: HTMLElement
  show(note: ShownNote): void
  edit(): void
}

export function createNoteCard(id: string, acts: () => Acts | null, board: HTMLElement): NoteCard {
  const parts = createParts()
  const { element, author, recolor, remove, text, limit } = parts

  function edit(): void {
    element.classList.add('editing')
    text.focus()
    text.setSelectionRange(text.value.length, text.value.length)
  }

  function removeNote(): void {
    const neighbour = element.nextElementSibling ?? element.previousElementSibling ?? board
    acts()?.removeNote(id)
    if (neighbour instanceof HTMLElement) neighbour.focus()
  }

  text.addEventListener('input', () => {
    fit(parts)
    setText(limit, limitText(text.value.length))
    acts()?.writeNote(id, text.value)
  })
  text.addEventListener('blur', () => {
    element.classList.remove('editing')
    setText(limit, '')
  })
  recolor.addEventListener('click', () => acts()?.recolorNote(id))
  remove.addEventListener('click', removeNote)
  element.addEventListener('keydown', (event) => {
    if (event.target === text && event.key === 'Escape') element.focus()
    if (event.target !== element) return
    const arrow = ARROWS[event.key]
    const step = event.shiftKey ? LONG_STEP : STEP
    if (arrow !== undefined) acts()?.nudgeNote(id, arrow[0] * step, arrow[1] * step)
    else if (event.key === 'Enter') edit()
    else if (event.key === 'Delete' || event.key === 'Backspace') removeNote()
    else return
    event.preventDefault()
  })
  onDrag(element, board, {
    ignores: (target) =>
      target.closest('.note-button') !== null ||
      (target === text && element.classList.contains('editing')),
    moved: (spot) => acts()?.dragNote(id, spot),
    ended: () => acts()?.dropNote(id),
    tapped: edit,
  })

  return {
    element,
    edit,
    show({ note, order, waiting }) {
      element.dataset['color'] = note.color
      element.classList.toggle('waiting', waiting)
      element.style.setProperty('--x', String(note.x))
      element.style.setProperty('--y', String(note.y))
      element.style.zIndex = String(Number.isFinite(order) ? order : ON_TOP)
      element.setAttribute(
        'aria-label',
        `Note by ${note.author}: ${note.text === '' ? 'empty' : note.text}`,
      )
      setText(author, note.author)
      // Whoever types here knows better than what is on its way back.
      if (document.activeElement !== text && text.value !== note.text) text.value = note.text
      fit(parts)
    },
  }
}

type Parts = ReturnType<typeof createParts>

function createParts() {
  const author = make('bdi', { class: 'note-author' })
  const recolor = make(
    'button',
    { type: 'button', class: 'note-button', 'aria-label': 'Change colour', title: 'Change colour' },
    '◐',
  )
  const remove = make(
    'button',
    { type: 'button', class: 'note-button', 'aria-label': 'Delete note', title: 'Delete note' },
    '✕',
  )
  const text = make('textarea', {
    class: 'note-text',
    rows: '1',
    maxlength: String(NOTE_CHARS_MAX),
    'aria-label': 'Note text',
    tabindex: '-1',
    dir: 'auto',
    spellcheck: 'false',
  })
  const sizer = make('div', { class: 'note-sizer' }, text)
  const limit = make('p', { class: 'note-limit', role: 'status' })
  const head = make('header', { class: 'note-head' }, author, recolor, remove)
  const element = make(
    'article',
    { class: 'note', 'data-testid': 'note', tabindex: '0', 'aria-roledescription': 'note' },
    head,
    sizer,
    limit,
  )
  return { element, author, recolor, remove, text, sizer, limit }
}

/** The box grows with its text, and short texts are set large, like a number on a bib. */
function fit({ element, sizer, text: { value } }: Parts): void {
  sizer.dataset['text'] = `${value} `
  element.dataset['size'] = sizeOf(value.length)
}

function sizeOf(length: number): 'large' | 'medium' | 'small' | 'long' {
  if (length <= 12) return 'large'
  if (length <= 48) return 'medium'
  return length <= 120 ? 'small' : 'long'
}

/** Nothing, as long as there is room. */
function limitText(length: number): string {
  const left = NOTE_CHARS_MAX - length
  if (left === 0) return `A note holds ${NOTE_CHARS_MAX} characters, and this one is full.`
  return left <= 30 ? `${left} characters left` : ''
}
