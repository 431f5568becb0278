// A chat: a shared log of messages, and who is typing as presence.

import { joinRoom, presence, sharedLog, uniqueClientId } from '../baton.js'
import { add, keepName, ownName, showRoom } from '../room-bar.js'

const room = joinRoom() // named by what follows # in the address
const done = showRoom(room)
const [log, list, empty, typing, form, name, text] = [
  'log',
  'messages',
  'empty',
  'typing',
  'form',
  'name',
  'text',
].map((id) => document.getElementById(id))

name.value = ownName()
const me = uniqueClientId() // the same after a reload
const messages = sharedLog(room, 'messages')
const people = presence(room, { name: name.value, isTyping: false })

let shown = [] // the message of each line

/** Lines that say what they said stay, so that a screen reader hears of new ones only. */
function show() {
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40
  empty.hidden = messages.value.length > 0
  empty.textContent = messages.isReady
    ? 'Nobody has written anything yet. Everyone with the link reads what you write.'
    : 'Looking for the room…'
  messages.value.forEach((message, i) => {
    if (shown[i] === message) return
    if (i < shown.length) list.children[i].replaceWith(lineOf(message))
    else list.append(lineOf(message))
  })
  while (list.children.length > messages.value.length) list.lastChild.remove()
  shown = messages.value
  if (isAtEnd) log.scrollTop = log.scrollHeight
}

function lineOf({ by, from, text, at }) {
  const line = document.createElement('li')
  line.className = by === me ? 'mine' : ''
  add(line, 'time', {
    className: 'aside',
    dateTime: new Date(at).toISOString(),
    textContent: new Date(at).toLocaleTimeString([], { timeStyle: 'short' }),
  })
  add(line, 'b', { textContent: from })
  line.append(` ${text}`)
  return line
}

show()
messages.subscribe(show)
messages.ready.then(show)

people.subscribe((others) => {
  const names = [...others.values()].filter(({ isTyping }) => isTyping).map(({ name }) => name)
  typing.textContent =
    names.length === 0
      ? '\u00a0'
      : `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} writing…`
})

const tell = () => people.set({ name: name.value, isTyping: text.value !== '' })
text.addEventListener('input', tell)
name.addEventListener('change', () => {
  name.value = name.value.trim() || ownName()
  keepName(name.value)
  tell()
})

form.addEventListener('submit', (event) => {
  event.preventDefault()
  if (text.value.trim() === '') return
  done(messages.append({ by: me, from: name.value, text: text.value, at: room.now() }))
  text.value = ''
  tell()
})
