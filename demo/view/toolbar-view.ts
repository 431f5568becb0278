// Owns the toolbar: note, pen, and the colour both take.

import type { Model } from '../model.ts'
import { NOTE_COLORS, type NoteColor } from '../palette.ts'
import { button, byId, make } from './dom.ts'

export type ToolbarEvents = {
  note(): void
  pen(): void
  color(color: NoteColor): void
  undo(): void
  clear(): void
}

export function createToolbar(events: ToolbarEvents): { draw(model: Model): void } {
  const radios = new Map<NoteColor, HTMLInputElement>()
  for (const color of NOTE_COLORS) {
    const radio = make('input', {
      type: 'radio',
      name: 'tool-color',
      value: color,
      'aria-label': color,
    })
    radio.addEventListener('change', () => events.color(color))
    radios.set(color, radio)
    byId('colors', HTMLElement).append(
      make('label', { class: 'swatch', 'data-color': color, title: color }, radio),
    )
  }
  button('tool-note').addEventListener('click', events.note)
  button('tool-pen').addEventListener('click', events.pen)
  button('pen-undo').addEventListener('click', events.undo)
  button('pen-clear').addEventListener('click', events.clear)
  return {
    draw({ tool, color, status }) {
      button('tool-pen').setAttribute('aria-pressed', String(tool === 'pen'))
      byId('pen-actions', HTMLElement).hidden = tool !== 'pen'
      byId('toolbar', HTMLElement).toggleAttribute('inert', status.status === 'closed')
      const radio = radios.get(color)
      if (radio !== undefined) radio.checked = true
    },
  }
}
