// A build log: what a command prints, streamed into the room by stream.mjs. The page only reads; it hosts the room.

import { joinRoom } from '../baton.js'
import { add, showRoom } from '../room-bar.js'

const room = joinRoom()
showRoom(room)
const [command, outcome, log] = ['command', 'outcome', 'log'].map((id) =>
  document.getElementById(id),
)
document.querySelector('#how code').textContent = `node stream.mjs '${location.href}' -- npm test`

let off = () => {}
function show() {
  off()
  let run = null
  let next = 0
  off = room.subscribe(
    'build',
    ({ value }) => {
      if (value.command !== undefined) {
        run = value.run
        next = 0
        log.replaceChildren()
        command.textContent = value.command
        tell('running…')
      }
      if (value.run !== run || value.n < next) return // of a run before, or said twice
      next = value.n + 1
      if (value.lines !== undefined) print(value.lines)
      if (value.exit !== undefined)
        tell(
          value.exit === 0 ? 'done' : `failed with ${value.exit}`,
          value.exit === 0 ? 'ok' : 'failed',
        )
    },
    { replay: true },
  )
}
show()
room.on('reset', show) // some of what was shown no longer stands, or some was missed: begin anew

function print(lines) {
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40
  for (const { stream, text } of lines)
    add(log, 'span', { className: stream, textContent: `${text}\n` })
  if (isAtEnd) log.scrollTop = log.scrollHeight
}

function tell(text, className = '') {
  outcome.textContent = text
  outcome.className = className
}
