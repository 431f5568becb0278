// The rules, as a reducer: every page applies the same actions in the room's order and comes to the same game. What is
// against the rules changes nothing, so two players who click at once need no referee.

export const NEW_GAME = { cells: Array(9).fill(null), turn: 'X', seats: { X: null, O: null } }

const LINES = [
  [0, 1, 2],
  [3, 4, 5],
  [6, 7, 8],
  [0, 3, 6],
  [1, 4, 7],
  [2, 5, 8],
  [0, 4, 8],
  [2, 4, 6],
]

/** The three fields that won, or null. */
export function wonBy({ cells }) {
  return (
    LINES.find(
      ([a, b, c]) => cells[a] !== null && cells[a] === cells[b] && cells[b] === cells[c],
    ) ?? null
  )
}

export function isOver(game) {
  return wonBy(game) !== null || game.cells.every((mark) => mark !== null)
}

/** X or O for who has a seat; null for who watches. */
export function markOf({ seats }, player) {
  return seats.X === player ? 'X' : seats.O === player ? 'O' : null
}

/** Whether this player may play now: whose turn it is, or who would take the free seat of that turn. */
export function mayPlay(game, player) {
  if (isOver(game)) return false
  const mark = markOf(game, player)
  return mark === game.turn || (mark === null && game.seats[game.turn] === null)
}

export function play(game, action) {
  switch (action.type) {
    case 'play': {
      const { at, by } = action
      if (!mayPlay(game, by) || game.cells[at] !== null) return game
      return {
        cells: game.cells.with(at, game.turn),
        turn: game.turn === 'X' ? 'O' : 'X',
        seats: { ...game.seats, [game.turn]: by },
      }
    }
    case 'again':
      return {
        ...game,
        cells: NEW_GAME.cells,
        turn: 'X',
        seats: { X: game.seats.O, O: game.seats.X },
      } // who was second begins
    case 'free':
      return { ...game, seats: { ...game.seats, [action.mark]: null } }
  }
  return game
}
