import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Peer } from '../peer/peer.ts'
import type { PeerId } from '../protocol/ids.ts'
import type { JoinOptions } from './api.ts'
import { createToken, joinRoom } from './join-room.ts'

// Files share what they import: here nothing may have been imported with the real connection, nor later with this one.
vi.hoisted(() => vi.resetModules())
afterAll(() => void vi.resetModules())

const connected: { url: string; options: JoinOptions }[] = []

/** Nothing is dialed: a test sees what would be. */
vi.mock('./page-connection.ts', () => ({
  PageConnection: class {
    readonly peer = new Peer(
      { self: 'm'.repeat(22) as PeerId, canHost: true, visible: true, durability: 'standby' },
      0,
    )

    constructor(_: unknown, url: string, options: JoinOptions) {
      connected.push({ url, options })
    }

    pathTo() {
      return null
    }
  },
}))

const warnings: string[] = []
let written: string[] = []

function onPage(href: string, origin = new URL(href).origin): void {
  let url = new URL(href)
  written = []
  vi.stubGlobal('document', { baseURI: href })
  vi.stubGlobal('self', { origin })
  vi.stubGlobal('location', {
    get href() {
      return url.href
    },
    get hash() {
      return url.hash
    },
    protocol: url.protocol,
    origin: url.origin,
    pathname: url.pathname,
    search: url.search,
  })
  vi.stubGlobal('history', {
    state: null,
    replaceState(_state: unknown, _: string, to: string) {
      url = new URL(to)
      written.push(to)
    },
  })
}

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation((text: string) => void warnings.push(text))
  onPage('https://example.org/post?id=3#rules')
})

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  warnings.length = 0
  connected.length = 0
})

const refusal = (code: string, message: RegExp) =>
  expect.objectContaining({
    name: 'BatonError',
    code,
    message: expect.stringMatching(message),
  })

test('[SG1b] the token in the fragment names the room, and the address stays as it is', () => {
  onPage('https://example.org/#/board/3?room=our%20kitchen%2C%20the%20big%20one%201')
  expect(joinRoom().token).toBe('our kitchen, the big one 1')
  expect(written).toEqual([])
})

test('[SG1b] a fresh token is put beside what the fragment holds', () => {
  const { token } = joinRoom()
  expect(token).toMatch(/^[\w-]{22}$/)
  expect(written).toEqual([`https://example.org/post?id=3#rules&room=${token}`])
  expect(joinRoom().token).toBe(token)
})

test('[SG1b] a join that is refused leaves the address as it was', () => {
  expect(() => joinRoom({ signaling: 'ftp://example.org' })).toThrow(refusal('bad-argument', /ftp/))
  expect(written).toEqual([])
})

test('[SG1a] a token that reads like words is warned of, a fresh one is not', () => {
  joinRoom({ token: 'our kitchen' })
  expect(warnings).toHaveLength(1)
  joinRoom({ token: createToken() })
  joinRoom()
  expect(warnings).toHaveLength(1)
})

test('[SG1a] an empty token and half a character are refused', () => {
  for (const token of ['', '\uD83C'])
    expect(() => joinRoom({ token })).toThrow(refusal('bad-token', /createToken/))
})

test('[SG1c] a public room is meant to be one: no warning, and nothing is put into the address', () => {
  const [page, lobby] = [joinRoom({ room: 'page' }), joinRoom({ room: 'lobby' })]
  expect(page.token).not.toBe(lobby.token)
  expect(joinRoom({ room: 'page' }).token).toBe(page.token)
  expect([warnings, written]).toEqual([[], []])
})

test('[SG1c] a public room does not look at the token in the address', () => {
  const { token } = joinRoom({ room: 'lobby' })
  onPage('https://example.org/#room=another')
  expect(joinRoom({ room: 'lobby' }).token).toBe(token)
})

test('[SG1c] `token` and `room` together are refused', () => {
  expect(() => joinRoom({ token: createToken(), room: 'lobby' })).toThrow(
    refusal('bad-argument', /got `token` and `room`/),
  )
})

test.each<[string, RegExp]>([
  [
    'secret',
    /^The options of joinRoom are an object with any of token, room, .*; this is string\.$/,
  ],
  [null as never, /this is null/],
  [['token'] as never, /this is list/],
  [7 as never, /this is number/],
  [{ tokn: 'x' } as never, /^joinRoom has no option "tokn"\. Its options are token, room, /],
  [{ constructor: 'x' } as never, /no option "constructor"/],
  [{ token: null } as never, /^`token` of joinRoom is a string; this one is null\.$/],
  [{ token: 7 } as never, /this one is number/],
  [{ room: {} } as never, /^`room` of joinRoom is a string; this one is object\.$/],
  [{ signaling: 8080 } as never, /^`signaling` of joinRoom is a string/],
  [{ canHost: 'no' } as never, /^`canHost` of joinRoom is a boolean/],
  [{ durability: 'hots' } as never, /is "standby" or "host"; this one is "hots"\.$/],
  [{ partition: true } as never, /is "continue" or "pause"; this one is boolean\.$/],
  [{ iceServers: 'stun:x' } as never, /^`iceServers` of joinRoom is a list/],
])('joinRoom(%j) is refused with a sentence that does not tell the token', (options, sentence) => {
  expect(() => joinRoom(options as never)).toThrow(refusal('bad-argument', sentence))
  expect([connected, written]).toEqual([[], []])
})

test('options that are undefined count as left out', () => {
  joinRoom({ token: undefined, room: undefined, canHost: undefined } as never)
  expect(connected).toHaveLength(1)
})

test('[SG1b] a frame without an address of its own joins by the fragment that it has', () => {
  onPage('about:srcdoc', 'https://example.org')
  const { token } = joinRoom()
  expect(written).toEqual([`about:srcdoc#room=${token}`])
  expect(connected.map(({ url }) => url)).toEqual(['wss://example.org/signal'])
})

test('on a server, joining is refused with a sentence', () => {
  vi.unstubAllGlobals()
  expect(() => joinRoom()).toThrow(refusal('bad-argument', /needs a page/))
})
