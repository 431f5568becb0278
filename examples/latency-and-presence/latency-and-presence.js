// Who is here and how far away: presence carries each tab's name and its latency to the host; relays, which nobody
// keeps, measure the way to each tab and back.

import { joinRoom, presence } from '../baton.js'
import { add, keepName, ownName, showRoom } from '../room-bar.js'

const SECONDS_SHOWN = 60

const room = joinRoom() // named by what follows # in the address
const done = showRoom(room)
const [form, name, ping, list, alone, graph, now, worst, clock, passed] = [
  'form',
  'name',
  'ping',
  'people',
  'alone',
  'graph',
  'now',
  'worst',
  'clock',
  'passed',
].map((id) => document.getElementById(id))

name.value = ownName()
const people = presence(room, { name: name.value, latency: null })
const echoes = new Map() // by peer: milliseconds from ping to its echo
const latencies = [] // one a second, the newest last
const inMs = (ms) => (ms === null || ms === undefined ? '–' : `${Math.round(ms)} ms`)

function show() {
  const { role, path, status } = room.status
  list.replaceChildren()
  addRow({ who: `${name.value} (you)`, role, path, latency: room.latency, echo: null })
  for (const { id, role, path } of room.peers) {
    const other = people.value.get(id)
    addRow({
      who: other?.name ?? 'Somebody',
      role,
      path,
      latency: other?.latency,
      echo: echoes.get(id),
    })
  }
  const isAlone = room.peers.length === 0
  alone.hidden = !isAlone
  alone.textContent =
    status === 'connecting'
      ? 'Looking for the room…'
      : 'Nobody else is here. Open a second tab, or the link on another device.'
  ping.disabled = isAlone
}

function addRow({ who, role, path, latency, echo }) {
  const row = add(list, 'tr')
  add(row, 'th', { scope: 'row', textContent: who })
  for (const text of [role, path ?? '–', inMs(latency), inMs(echo)])
    add(row, 'td', { textContent: text })
}

show()
people.subscribe(show)
room.on('peers', show)
room.on('status', show)

// A ping goes to everyone through the host, and so does each answer: the same two ways that a message takes.
let pings = 0
let sentAt = 0
ping.addEventListener('click', () => {
  echoes.clear()
  pings += 1
  sentAt = performance.now()
  done(room.relay('ping', { from: room.id, n: pings }))
  show()
})
room.subscribe('ping', ({ value: { from, n } }) => {
  if (from !== room.id) done(room.relay('echo', { to: from, n, from: room.id }))
})
room.subscribe('echo', ({ value: { to, n, from } }) => {
  if (to !== room.id || n !== pings) return
  echoes.set(from, performance.now() - sentAt)
  show()
})

const tell = () =>
  people.set({ name: name.value, latency: room.latency === null ? null : Math.round(room.latency) })
form.addEventListener('submit', (event) => event.preventDefault())
name.addEventListener('change', () => {
  name.value = name.value.trim() || ownName()
  keepName(name.value)
  tell()
  show()
})

function measure() {
  latencies.push(room.latency)
  if (latencies.length > SECONDS_SHOWN) latencies.shift()
  const known = latencies.filter((latency) => latency !== null)
  const top = Math.max(10, ...known)
  graph.replaceChildren()
  latencies.forEach((latency, second) => {
    const bar = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
    const height = latency === null ? 0 : Math.max(0.4, (latency / top) * 20)
    for (const [key, value] of Object.entries({
      x: second + 0.1,
      y: 20 - height,
      width: 0.8,
      height,
    }))
      bar.setAttribute(key, String(value))
    graph.append(bar)
  })
  now.textContent = inMs(room.latency)
  worst.textContent = inMs(known.length === 0 ? null : Math.max(...known))
  clock.textContent =
    room.status.status === 'connecting'
      ? '–'
      : new Date(room.now()).toLocaleTimeString([], { hour12: false })
  tell()
  show()
}
measure()
setInterval(measure, 1_000)

room.on('host', ({ hostId, previousHostId, gapMs }) => {
  if (previousHostId === null) return
  const host = hostId === room.id ? 'this tab' : (people.value.get(hostId)?.name ?? 'another tab')
  passed.textContent = `The room passed to ${host}; nobody hosted it for ${Math.round(gapMs)} ms.`
})
