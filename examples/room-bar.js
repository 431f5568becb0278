// Owns the line on top of the examples: how the room is, who is here, the link to it, and what went wrong.

import { linkTo, onOtherRoom } from './baton.js'

const WORDS = {
  connecting: 'Connecting…',
  live: 'Live',
  migrating: 'Changing hosts, what you do waits…',
  offline: 'Offline, what you do waits in this tab',
  closed: 'Out of the room, reload to come back',
}

/**
 * Fills the `.room-bar` of a page. Returns what to do with a promise of the room that the page does not await:
 * what fails is said in a sentence, until something succeeds.
 */
export function showRoom(room) {
  const bar = document.querySelector('.room-bar')
  const status = add(bar, 'span', { className: 'room-status', role: 'status' })
  const actions = add(bar, 'span', { className: 'row' })
  const copy = add(actions, 'button', {
    type: 'button',
    className: 'copy',
    textContent: 'Copy link',
  })
  add(actions, 'a', {
    className: 'button open',
    href: location.href,
    target: '_blank',
    rel: 'noopener',
    textContent: 'Second tab',
  })
  const problem = add(bar, 'p', { className: 'problem', role: 'alert', hidden: true })

  function show() {
    const { status: word } = room.status
    const others = room.peers.length
    status.dataset.status = word
    status.textContent =
      word === 'live'
        ? `Live, ${others === 0 ? 'only you are here' : others === 1 ? '1 other is here' : `${others} others are here`}`
        : WORDS[word]
    if (word === 'live') problem.hidden = true
  }
  function fail(error) {
    problem.textContent = error.message
    problem.hidden = false
  }

  // The link of another room was put into the address of this tab.
  onOtherRoom(room, () => location.reload())

  show()
  room.on('status', show)
  room.on('peers', show)
  room.on('error', fail)
  copy.addEventListener('click', async () => {
    const isCopied = await copyText(linkTo(room))
    copy.textContent = isCopied ? 'Copied' : 'Copy the address above'
    copy.classList.toggle('done', isCopied)
    setTimeout(() => {
      copy.textContent = 'Copy link'
      copy.classList.remove('done')
    }, 2_000)
  })
  return (promise) => promise.then(() => (problem.hidden = true), fail)
}

/** Pages on plain http have no clipboard API; the old command still works on a selected field. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const field = add(document.body, 'input', { value: text })
    field.select()
    const done = document.execCommand('copy')
    field.remove()
    return done
  }
}

/** A new element at the end of another. */
export function add(parent, tag, properties = {}) {
  const element = Object.assign(document.createElement(tag), properties)
  parent.append(element)
  return element
}

const NAMES = [
  'Adder',
  'Badger',
  'Crane',
  'Dipper',
  'Eider',
  'Finch',
  'Gull',
  'Heron',
  'Ibex',
  'Jay',
  'Kite',
  'Lynx',
  'Marten',
  'Newt',
  'Otter',
  'Plover',
  'Quail',
  'Raven',
  'Stoat',
  'Toad',
  'Urchin',
  'Viper',
  'Wren',
  'Yak',
]

/** What this person is called: kept in this browser, drawn at the first visit. */
export function ownName() {
  const drawn = NAMES[crypto.getRandomValues(new Uint8Array(1))[0] % NAMES.length]
  try {
    return localStorage.getItem('name') ?? drawn
  } catch {
    return drawn // storage may be closed to this page
  }
}

export function keepName(name) {
  try {
    localStorage.setItem('name', name)
  } catch {
    // the name then lasts as long as the page
  }
}
