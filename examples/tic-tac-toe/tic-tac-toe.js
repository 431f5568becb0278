// Tic-tac-toe: the game is a shared reducer, and presence tells whether the players are still here.

import { joinRoom, presence, sharedReducer, uniqueClientId } from '../baton.js'
import { add, showRoom } from '../room-bar.js'
import { isOver, markOf, mayPlay, NEW_GAME, play, wonBy } from './game.js'

const room = joinRoom() // named by what follows # in the address
const done = showRoom(room)
const [board, turn, seats, again, free] = ['cells', 'turn', 'seats', 'again', 'free'].map((id) =>
  document.getElementById(id),
)

const me = uniqueClientId() // the same after a reload, another one in another tab
const game = sharedReducer(room, 'game', play, NEW_GAME)
const people = presence(room, { player: me })

const buttons = NEW_GAME.cells.map((_, at) => {
  const button = add(board, 'button', { type: 'button', tabIndex: at === 0 ? 0 : -1 })
  button.addEventListener(
    'click',
    () => mayPlay(game.value, me) && done(game.dispatch({ type: 'play', at, by: me })),
  )
  return button
})

const isHere = (player) =>
  player === me || [...people.value.values()].some((other) => other.player === player)
const gone = () =>
  ['X', 'O'].find((mark) => game.value.seats[mark] !== null && !isHere(game.value.seats[mark]))

function show() {
  const won = wonBy(game.value)
  buttons.forEach((button, at) => {
    const mark = game.value.cells[at]
    button.textContent = mark ?? ''
    button.dataset.mark = mark ?? ''
    button.className = won?.includes(at) ? 'won' : ''
    button.ariaLabel = `Row ${Math.floor(at / 3) + 1}, column ${(at % 3) + 1}: ${mark ?? 'free'}`
    button.ariaDisabled = String(mark !== null || !mayPlay(game.value, me))
  })
  turn.textContent = game.isReady ? sentence(won) : 'Looking for the room…'
  seats.textContent =
    game.value.cells.every((mark) => mark === null) && markOf(game.value, me) === null
      ? 'The first move takes a seat. Send the link to whom you want to play with.'
      : `X: ${nameOf('X')}. O: ${nameOf('O')}.`
  free.hidden = gone() === undefined
  free.textContent = `Free the seat of ${gone()}`
}

function sentence(won) {
  const mark = markOf(game.value, me)
  if (won !== null) {
    const winner = game.value.cells[won[0]]
    return mark === winner
      ? 'You have won.'
      : mark === null
        ? `${winner} has won.`
        : 'You have lost.'
  }
  if (isOver(game.value)) return 'A draw.'
  if (mayPlay(game.value, me)) return `Your turn, as ${game.value.turn}.`
  return game.value.seats[game.value.turn] === null
    ? `Waiting for somebody to play ${game.value.turn}.`
    : `${game.value.turn} is to play.`
}

function nameOf(mark) {
  const player = game.value.seats[mark]
  return player === null
    ? 'nobody yet'
    : player === me
      ? 'you'
      : isHere(player)
        ? 'another tab'
        : 'gone'
}

show()
game.subscribe(show)
game.ready.then(show)
people.subscribe(show)
again.addEventListener('click', () => done(game.dispatch({ type: 'again' })))
free.addEventListener('click', () => done(game.dispatch({ type: 'free', mark: gone() })))

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -3, ArrowDown: 3 }
board.addEventListener('keydown', (event) => {
  const at = buttons.indexOf(document.activeElement)
  const to = at + (STEPS[event.key] ?? 0)
  const isInRow = Math.floor(to / 3) === Math.floor(at / 3)
  if (to === at || buttons[to] === undefined || (Math.abs(to - at) === 1 && !isInRow)) return
  event.preventDefault()
  buttons[at].tabIndex = -1
  buttons[to].tabIndex = 0
  buttons[to].focus()
})
