// A chat: a shared log of messages, and who is typing as presence.

import { joinRoom, presence, sharedLog } from '/baton.js'
import { add, keepName, ownName, showRoom } from '../room-bar.js'

const room = joinRoom() // named by what follows # in the address
const done = showRoom(room)
const [list, typing, form, name, text] = ['messages', 'typing', 'form', 'name', 'text'].map((id) => document.getElementById(id))

name.value = ownName()
const messages = sharedLog(room, 'messages')
const people = presence(room, { name: name.value, isTyping: false })

function show() {
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40
  list.replaceChildren()
  if (messages.value.length === 0) add(list, 'li', { className: 'hint', textContent: messages.isReady ? 'Nobody has written anything yet. Everyone with the link reads what you write.' : 'Looking for the room…' })
  for (const message of messages.value) {
    const item = add(list, 'li', { className: message.from === name.value ? 'mine' : '' })
    add(item, 'time', { className: 'aside', dateTime: new Date(message.at).toISOString(), textContent: new Date(message.at).toLocaleTimeString([], { timeStyle: 'short' }) })
    add(item, 'b', { textContent: message.from })
    item.append(` ${message.text}`)
  }
  if (isAtEnd) list.scrollTop = list.scrollHeight
}
show()
messages.subscribe(show)
messages.ready.then(show)

people.subscribe((others) => {
  const names = [...others.values()].filter(({ isTyping }) => isTyping).map(({ name }) => name)
  typing.textContent = names.length === 0 ? '\u00a0' : `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} writing…`
})

const tell = () => people.set({ name: name.value, isTyping: text.value !== '' })
text.addEventListener('input', tell)
name.addEventListener('change', () => {
  name.value = name.value.trim() || ownName()
  keepName(name.value)
  tell()
  show()
})

form.addEventListener('submit', (event) => {
  event.preventDefault()
  if (text.value.trim() === '') return
  done(messages.append({ from: name.value, text: text.value, at: room.now() }))
  text.value = ''
  tell()
})
