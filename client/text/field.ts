// Owns how a text field and a shared text follow each other: what is typed becomes an edit of what the field showed;
// what others did is put into the field around the caret. It knows neither room nor key.

import type { SharedReducer } from '../index.ts'
import { applied, offsetOf, placeAt, textOf, type Edit, type Letters } from './letters.ts'
import { spanOf } from './span.ts'

export type Field = HTMLInputElement | HTMLTextAreaElement

export type Source = {
  readonly letters: SharedReducer<Letters, Edit>
  /** Null where nothing changes. */
  readonly editOf: (letters: Letters, text: string, caret: number | undefined) => Edit | null
  /** The text takes no more: the field is the page's own. */
  readonly isOver: () => boolean
}

/** Returns what ends it. */
export function bindField(field: Field, { letters, editOf, isOver }: Source): () => void {
  let shown = letters.value
  /** While the browser composes, the field is its own; while an edit is handed on, the field is ahead. */
  let isBusy = false

  function show(): void {
    if (isBusy || isOver()) return
    write(field, shown, letters.value)
    shown = letters.value
  }

  function typed(): void {
    if (isBusy || isOver()) return
    const edit = editOf(shown, field.value, field.selectionEnd ?? undefined)
    if (edit === null) return show()
    shown = applied(shown, edit)
    isBusy = true
    letters.dispatch(edit).catch(report)
    isBusy = false
    show()
  }

  const listeners = {
    input: typed,
    compositionstart: () => {
      isBusy = true
    },
    compositionend: () => {
      isBusy = false
      typed()
    },
  }
  for (const [event, listener] of Object.entries(listeners)) field.addEventListener(event, listener)
  const off = letters.subscribe(show)
  show()
  return () => {
    off()
    for (const [event, listener] of Object.entries(listeners))
      field.removeEventListener(event, listener)
  }
}

/** Changes the span that differs, and nothing where none does: so own typing stays the browser's to undo. */
function write(field: Field, before: Letters, after: Letters): void {
  const { value, selectionStart, selectionEnd, selectionDirection } = field
  const text = textOf(after)
  if (text === value) return
  if (selectionStart === null || selectionEnd === null) {
    field.value = text // a field of this type has no caret that a page can see
    return
  }
  const follow = (offset: number) => offsetOf(after, placeAt(before, offset))
  const { start, end, put } = spanOf(value, text)
  field.setRangeText(put, start, end, 'preserve')
  field.setSelectionRange(
    follow(selectionStart),
    follow(selectionEnd),
    selectionDirection ?? 'none',
  )
}

/** Nobody awaits what is typed. In a room that was left, and on the way out of a split, the field shows what stands. */
function report(error: { readonly code?: string }): void {
  if (error.code !== 'closed' && error.code !== 'receipt-unknown') reportError(error)
}
