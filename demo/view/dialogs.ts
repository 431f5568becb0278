// Owns the two small dialogs: who you are, and whether to clear the drawing. Esc closes each, as the browser does.

import { randomIdentity, type Identity } from '../identity.ts'
import { NAME_CHARS_MAX } from '../board-limits.ts'
import { PERSON_COLORS, isPersonColor } from '../palette.ts'
import { nameOf } from '../shapes.ts'
import { button, byId, make, setText } from './dom.ts'

/** A press on the backdrop closes a dialog, too. */
export function closesOutside(dialog: HTMLDialogElement): void {
  dialog.addEventListener('pointerdown', (event) => {
    if (event.target !== dialog) return
    if (!isWithin(dialog.getBoundingClientRect(), event)) dialog.close()
  })
}

function isWithin(
  { left, right, top, bottom }: DOMRect,
  { clientX, clientY }: MouseEvent,
): boolean {
  const isAcross = clientX >= left && clientX <= right
  return isAcross && clientY >= top && clientY <= bottom
}

export function createIdentityDialog(
  current: () => Identity,
  chosen: (identity: Identity) => void,
): { open(): void } {
  const dialog = byId('identity', HTMLDialogElement)
  const form = byId('identity-form', HTMLFormElement)
  const name = byId('identity-input', HTMLInputElement)
  const problem = byId('identity-problem', HTMLElement)
  closesOutside(dialog)
  byId('identity-colors', HTMLElement).append(
    ...PERSON_COLORS.map((color) =>
      make(
        'label',
        { class: 'swatch', 'data-person': color, title: color },
        make('input', { type: 'radio', name: 'color', value: color, 'aria-label': color }),
      ),
    ),
  )

  function fill(identity: Identity): void {
    name.value = identity.name
    setText(problem, '')
    const radio = form.querySelector<HTMLInputElement>(`input[value="${identity.color}"]`)
    if (radio !== null) radio.checked = true
  }

  button('identity-another').addEventListener('click', () => fill(randomIdentity(Math.random)))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const refusal = nameRefusal(name.value)
    setText(problem, refusal ?? '')
    if (refusal !== null) return name.focus()
    const color = new FormData(form).get('color')
    chosen({
      name: nameOf(name.value) ?? current().name,
      color: isPersonColor(color) ? color : current().color,
      chosen: true,
    })
    dialog.close()
  })
  return {
    open() {
      fill(current())
      dialog.showModal()
      name.focus()
      name.select()
    },
  }
}

function nameRefusal(text: string): string | null {
  const length = [...text.trim()].length
  if (nameOf(text) === null) return 'A name needs at least one letter that can be seen.'
  if (length > NAME_CHARS_MAX)
    return `A name holds at most ${NAME_CHARS_MAX} characters; this one has ${length}.`
  return null
}

export function createClearDialog(confirmed: () => void): { open(): void } {
  const dialog = byId('clear', HTMLDialogElement)
  closesOutside(dialog)
  dialog.addEventListener('close', () => {
    if (dialog.returnValue === 'clear') confirmed()
  })
  return {
    open() {
      dialog.returnValue = ''
      dialog.showModal()
    },
  }
}
