import { afterEach, expect, test, vi } from 'vitest'
import { publicToken } from './public-room.ts'

afterEach(() => vi.unstubAllGlobals())

/** A page of this address; frames may have the origin of whoever made them, or none. */
function onPage(href: string, origin = new URL(href).origin): void {
  vi.stubGlobal('location', new URL(href))
  vi.stubGlobal('self', { origin })
}

function tokenAt(href: string, name: string, origin?: string): string {
  onPage(href, origin)
  return publicToken(name)
}

test('[SG1c] what a name leads to is fixed for ever', () => {
  expect(tokenAt('https://example.org/post?id=3#top', 'page')).toBe(
    'W34C5iCysSqrVSsRLT--kzzDkdgCPOhSmPtp8c-5u0M',
  )
  expect(tokenAt('https://example.org/post?id=3#top', 'lobby')).toBe(
    'PkjMF2Q3joIOpvcj7Ap62TF20ZPC7CcydWilZSqvqjY',
  )
})

test('[SG1c] all pages of one origin meet under a name, whatever their address', () => {
  const there = tokenAt('https://example.org/a?b#c', 'lobby')
  expect(tokenAt('https://example.org/', 'lobby')).toBe(there)
  expect(tokenAt('about:srcdoc', 'lobby', 'https://example.org')).toBe(there)
  expect(tokenAt('https://example.org/', 'Lobby')).not.toBe(there)
})

test('[SG1c] the page is its address with the query and without the fragment', () => {
  const there = tokenAt('https://example.org/post?id=3', 'page')
  expect(tokenAt('https://example.org/post?id=3#rules', 'page')).toBe(there)
  expect(tokenAt('https://me:secret@example.org/post?id=3', 'page')).toBe(there)
  expect(tokenAt('https://example.org/post?id=4', 'page')).not.toBe(there)
  expect(tokenAt('https://example.org/post', 'page')).not.toBe(there)
})

test('[SG1c] no name or page of one origin is a name or page of another, or each other', () => {
  const origins = ['https://a.test', 'http://a.test', 'https://a.test:8443', 'https://b.a.test']
  const names = [
    'page',
    'lobby',
    '/',
    '/x',
    '"]',
    '","',
    'https://a.test/',
    'page\0',
    '\uD800',
    '\uDC00',
  ]
  const tokens = origins.flatMap((origin) => names.map((name) => tokenAt(`${origin}/x`, name)))
  expect(new Set(tokens).size).toBe(tokens.length)
})

test('[SG1c] names that look alike lead to one room', () => {
  expect(tokenAt('https://a.test/', 'Ku\u0308che')).toBe(tokenAt('https://a.test/', 'Küche'))
})

test.each([
  [
    'file:///home/me/page.html',
    'lobby',
    'null',
    /file: page .* over http or https, or give a `token`/,
  ],
  ['file:///home/me/page.html', 'page', 'null', /over http or https/],
  ['https://a.test/sandboxed', 'lobby', 'null', /sandboxed frame/],
  ['data:text/html,x', 'page', 'null', /origin/],
  ['about:srcdoc', 'page', 'https://a.test', /about:.*Give `room` a name/],
  ['blob:https://a.test/1-2-3', 'page', 'https://a.test', /blob:.*Give `room` a name/],
  ['https://a.test/', '', 'https://a.test', /is empty/],
])('[SG1c] %s has no room %j of its own, and says so', (href, name, origin, sentence) => {
  onPage(href, origin)
  expect(() => publicToken(name)).toThrow(
    expect.objectContaining({ code: 'bad-argument', message: expect.stringMatching(sentence) }),
  )
})
