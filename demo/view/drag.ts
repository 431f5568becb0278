// Owns the difference between a tap and a drag, for anything that lies on the board.

import type { Spot } from '../shapes.ts'

/** Pointers tremble: fewer pixels than this are a tap. */
const TREMBLE_PX = 4

export type DragEvents = {
  /** Leaves a press on this part to the browser. */
  ignores(target: Element): boolean
  /** Where the element's middle is dragged to, as shares of the board. */
  moved(spot: Spot): void
  ended(): void
  tapped(): void
}

/** The place of a pointer, as shares of an element's width and height. */
export function spotOf(event: PointerEvent | MouseEvent, element: Element): Spot {
  const box = element.getBoundingClientRect()
  return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height }
}

type Press = {
  readonly pointer: number
  readonly x: number
  readonly y: number
  /** From the pointer to the element's middle. */
  readonly grip: Spot
  isDrag: boolean
}

export function onDrag(element: HTMLElement, board: HTMLElement, events: DragEvents): void {
  let press: Press | null = null

  element.addEventListener('pointerdown', (event) => {
    if (press !== null || event.button !== 0) return
    if (!(event.target instanceof Element) || events.ignores(event.target)) return
    event.preventDefault()
    element.focus()
    element.setPointerCapture(event.pointerId)
    const pointer = spotOf(event, board)
    const middle = middleOf(element, board)
    press = {
      pointer: event.pointerId,
      x: event.clientX,
      y: event.clientY,
      grip: { x: middle.x - pointer.x, y: middle.y - pointer.y },
      isDrag: false,
    }
  })
  element.addEventListener('pointermove', (event) => {
    if (press?.pointer !== event.pointerId) return
    const way = Math.hypot(event.clientX - press.x, event.clientY - press.y)
    if (!press.isDrag && way < TREMBLE_PX) return
    press.isDrag = true
    element.classList.add('dragging')
    const pointer = spotOf(event, board)
    events.moved({ x: pointer.x + press.grip.x, y: pointer.y + press.grip.y })
  })
  for (const end of ['pointerup', 'pointercancel'] as const) {
    element.addEventListener(end, (event) => {
      if (press?.pointer !== event.pointerId) return
      const { isDrag } = press
      press = null
      element.classList.remove('dragging')
      if (isDrag) events.ended()
      else if (end === 'pointerup') events.tapped()
    })
  }
}

function middleOf(element: Element, board: Element): Spot {
  const box = element.getBoundingClientRect()
  const around = board.getBoundingClientRect()
  return {
    x: (box.left + box.width / 2 - around.left) / around.width,
    y: (box.top + box.height / 2 - around.top) / around.height,
  }
}
