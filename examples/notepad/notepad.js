// A notepad: one text that several people write at once, and who is writing as presence.

import { joinRoom, presence } from '../baton.js'
import { sharedText } from '../baton-text.js'
import { ownName, showRoom } from '../room-bar.js'

const WRITING_MS = 2_000

const room = joinRoom() // named by what follows # in the address
showRoom(room)
const [field, writing] = ['text', 'writing'].map((id) => document.getElementById(id))

sharedText(room, 'text').bind(field) // what each of them types stays, and so does each caret

const people = presence(room, { name: ownName(), isWriting: false })
people.subscribe((others) => {
  const names = [...others.values()].filter(({ isWriting }) => isWriting).map(({ name }) => name)
  const verb = names.length === 1 ? 'is' : 'are'
  writing.textContent = names.length === 0 ? '\u00a0' : `${names.join(', ')} ${verb} writing…`
})

let pause
field.addEventListener('input', () => {
  people.set((mine) => ({ ...mine, isWriting: true }))
  clearTimeout(pause)
  pause = setTimeout(() => people.set((mine) => ({ ...mine, isWriting: false })), WRITING_MS)
})
