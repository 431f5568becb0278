// A whiteboard: finished strokes in a shared map; those being drawn, and where everybody points, as presence.

import { joinRoom, presence, sharedMap, uniqueClientId } from '../baton.js'
import { add, ownName, showRoom } from '../room-bar.js'

/** A longer stroke goes on as another one. */
const POINTS_MAX = 500
/** The board is a square of this many units, whatever the window. */
const UNITS = 1_000
const KEY_STEP = 10

const room = joinRoom() // named by what follows # in the address
const done = showRoom(room)
const [drawing, cursors, kept, moving, empty, undo, clear, said] = [
  'drawing',
  'cursors',
  'kept',
  'moving',
  'empty',
  'undo',
  'clear',
  'said',
].map((id) => document.getElementById(id))
const color = () => document.querySelector('[name=color]:checked').value

const me = uniqueClientId()
const strokes = sharedMap(room, 'strokes') // by name: { color, points: [x, y, x, y, …] }
const others = presence(room, { name: ownName(), color: color(), at: null, stroke: null })

let stroke = null // mine, as long as it is being drawn
let pen = null // where the keyboard's pen stands
let isDown = false

const mine = () => [...strokes.value.keys()].filter((name) => name.startsWith(`${me} `)).sort() // the newest last

/** What is kept, which may be much, and what moves are two layers: a moving pen draws one of them anew. */
function showKept() {
  kept.replaceChildren(...[...strokes.value.values()].map(pathOf))
  undo.disabled = mine().length === 0
  clear.disabled = strokes.value.size === 0
  showMoving()
}

function showMoving() {
  const theirs = [...others.value.values()].map(({ stroke }) => stroke)
  const unfinished = [...theirs, stroke].filter((one) => one !== null)
  moving.replaceChildren(...unfinished.map(pathOf), ...(pen === null ? [] : [cross(pen)]))
  empty.hidden = strokes.value.size + unfinished.length > 0
  empty.textContent = strokes.isReady
    ? 'Nothing is drawn yet. Draw with a finger, a mouse or the arrow keys; everyone with the link sees it.'
    : 'Looking for the room…'
}
showKept()
strokes.subscribe(showKept)
strokes.ready.then(showMoving)
others.subscribe(showMoving)
others.subscribe(showCursors)

function showCursors() {
  const here = [...others.value.values()].filter(({ at }) => at !== null)
  while (cursors.childElementCount > here.length) cursors.lastChild.remove()
  here.forEach(({ name, color, at: [x, y] }, i) => {
    const cursor = cursors.children[i] ?? add(cursors, 'li')
    cursor.className = color
    cursor.textContent = name
    cursor.style.translate = `${(x / UNITS) * drawing.clientWidth}px ${(y / UNITS) * drawing.clientHeight}px`
  })
}

/** Tells the others something of this page; of fast changes only some travel. */
function tell(change) {
  others.set((mine) => ({ ...mine, ...change }))
}

function pathOf({ color, points }) {
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  path.setAttribute('class', color)
  path.setAttribute('d', `M${points.slice(0, 2)}L${points}`)
  return path
}

function cross([x, y]) {
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  path.id = 'pen'
  path.setAttribute('d', `M${x - 12} ${y}h24M${x} ${y - 12}v24`)
  return path
}

function drawTo([x, y]) {
  stroke = { color: stroke?.color ?? color(), points: [...(stroke?.points ?? []), x, y] }
  if (stroke.points.length >= POINTS_MAX * 2) {
    lift()
    stroke = { color: color(), points: [x, y] }
  }
  tell({ stroke, color: stroke.color, at: [x, y] })
  showMoving()
}

function lift() {
  if (stroke === null) return
  done(
    strokes.set(
      `${me} ${Math.round(room.now())} ${crypto.getRandomValues(new Uint32Array(1))[0]}`,
      stroke,
    ),
  )
  stroke = null
  tell({ stroke: null })
  showMoving()
}

function placeOf(event) {
  const { left, top, width, height } = drawing.getBoundingClientRect()
  return [(event.clientX - left) / width, (event.clientY - top) / height].map((share) =>
    Math.round(share * UNITS),
  )
}

drawing.addEventListener('pointerdown', (event) => {
  if (event.button !== 0 || !event.isPrimary) return
  drawing.setPointerCapture(event.pointerId)
  lift()
  drawTo(placeOf(event))
})
drawing.addEventListener('pointermove', (event) => {
  tell({ at: placeOf(event) })
  if (drawing.hasPointerCapture(event.pointerId))
    for (const part of event.getCoalescedEvents?.() ?? [event]) drawTo(placeOf(part))
})
drawing.addEventListener('pointerleave', () => tell({ at: null }))
for (const end of ['pointerup', 'pointercancel']) drawing.addEventListener(end, lift)

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
const within = (units) => Math.min(UNITS, Math.max(0, units))

drawing.addEventListener('keydown', (event) => {
  const move = MOVES[event.key]
  if (move === undefined && event.key !== ' ') return
  event.preventDefault()
  pen ??= [UNITS / 2, UNITS / 2]
  if (move !== undefined) pen = pen.map((at, axis) => within(at + move[axis] * KEY_STEP))
  else {
    isDown = !isDown
    said.textContent = isDown ? 'Pen down.' : 'Pen lifted.'
    if (!isDown) lift()
  }
  if (isDown) drawTo(pen)
  else showMoving()
})
drawing.addEventListener('blur', () => {
  pen = null
  isDown = false
  lift()
  showMoving()
})

undo.addEventListener('click', () => done(strokes.delete(mine().at(-1))))
clear.addEventListener('click', () => done(strokes.clear()))
