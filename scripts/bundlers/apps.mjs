// Owns the pages and tests that each tool is given: as a user of the package writes them on the first day.

/** A room, an entry upon it, and what the page shows: the greetings that it was given, and what went wrong. */
export const APP = `
import { joinRoom } from 'baton-relay'
import { sharedText } from 'baton-relay/text'
const show = (line) => document.body.append(Object.assign(document.createElement('p'), { textContent: line }))
const room = joinRoom()
room.on('error', ({ message }) => show('error: ' + message))
sharedText(room, 'title', 'Untitled').subscribe(() => {})
room.subscribe('greetings', ({ value }) => show(value), { replay: true })
room.append('greetings', 'hello from ' + new URLSearchParams(location.search).get('tab'))
`

/** The page around it. */
export const pageWith = (script) => `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Greetings</title></head>
  <body>${script}</body>
</html>
`

/** The same in React, as a component that frameworks render on a server first. */
export const REACT_APP = `'use client'
import { useEffect, useState } from 'react'
import { useRoom } from 'baton-relay/react'
import { sharedText } from 'baton-relay/text'
export function Greetings() {
  const room = useRoom()
  const [lines, setLines] = useState([])
  useEffect(() => {
    if (room === null) return
    const show = (line) => setLines((now) => [...now, line])
    room.on('error', ({ message }) => show('error: ' + message))
    sharedText(room, 'title', 'Untitled').subscribe(() => {})
    const off = room.subscribe('greetings', ({ value }) => show(value), { replay: true })
    room.append('greetings', 'hello from ' + new URLSearchParams(location.search).get('tab'))
    return off
  }, [room])
  return lines.map((line, i) => <p key={i}>{line}</p>)
}
`

export const REACT_PAGE = `
import { RoomProvider } from 'baton-relay/react'
import { Greetings } from './greetings'
export default function Page() {
  return <RoomProvider><Greetings /></RoomProvider>
}
`

export const REACT_LAYOUT = `
export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>
}
`

/** The custom server of docs/deploying.md. */
export const NEXT_SERVER = `
import { createServer } from 'node:http'
import { attach } from 'baton-relay/signaling'
import next from 'next'
const app = next({ dev: false })
await app.prepare()
const server = createServer(app.getRequestHandler())
attach(server, { path: '/signal' })
server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port + '/'))
`

const CHECKS = `
test('where there is a page, a room is joined and left', async () => {
  if (typeof document === 'undefined') return
  const room = joinRoom({ token: createToken(), signaling: 'ws://127.0.0.1:9' }) // nobody is there
  expect(room.status.status).toBe('connecting')
  await room.leave()
  expect(room.status.status).toBe('closed')
})
test('what needs no network works', () => {
  expect(createToken()).toMatch(/^[\\w-]{20,}$/)
  expect(createToken()).not.toBe(createToken())
  expect(isBatonError(() => sharedText(null, 'k'))).toBe(true)
  expect(isBatonError(() => joinRoom({ tokn: 'x' }))).toBe(true)
  function isBatonError(act) {
    try { act() } catch (error) { return error instanceof BatonError }
  }
})
`

/** A unit test with ES modules. */
export const MODULE_TEST = `
import { expect, test } from 'vitest'
import { BatonError, createToken, joinRoom } from 'baton-relay'
import { sharedText } from 'baton-relay/text'
${CHECKS}`

/** A unit test with CommonJS, which has globals. */
export const COMMON_JS_TEST = `
const { BatonError, createToken, joinRoom } = require('baton-relay')
const { sharedText } = require('baton-relay/text')
${CHECKS}`

/** Components, in a page that is none. */
export const COMMON_JS_REACT_TEST = `
const { createElement } = require('react')
const { renderToString } = require('react-dom/server')
const { BatonError } = require('baton-relay')
const { RoomProvider, StatusIndicator, useRoom } = require('baton-relay/react')
test('components are rendered, and speak of the same rooms', () => {
  const html = renderToString(createElement(RoomProvider, { token: 't' }, createElement(StatusIndicator)))
  expect(html).toContain('data-status="connecting"')
  let thrown
  const Orphan = () => { try { useRoom() } catch (error) { thrown = error } }
  renderToString(createElement(Orphan))
  expect(thrown).toBeInstanceOf(BatonError)
})
`
