import { describe, expect, test } from 'vitest'
import { BatonError } from '../protocol/errors.ts'
import { signalingAddress, type Whereabouts } from './signaling-address.ts'

/** Where signaling is for a page at that address. */
function addressAt(page: string, given?: string, script?: string): string {
  const { href, origin } = new URL(page)
  return signalingAddress(given, { base: href, origin, script })
}

describe('[SG7a] without a `signaling` URL, signaling is', () => {
  test.each([
    ['http://a.example/', undefined, 'ws://a.example/signal'],
    ['https://a.example:8443/x/y.html', undefined, 'wss://a.example:8443/signal'],
    ['http://a.example/x/', 'http://a.example/baton.js', 'ws://a.example/signal'],
    ['http://a.example/x/', 'http://a.example/games/baton.js?v=2', 'ws://a.example/games/signal'],
    ['http://a.example/', 'https://b.example/baton.global.js', 'wss://b.example/signal'],
    ['http://a.example/', 'https://b.example/baton-room.js', 'wss://b.example/signal'],
    ['https://a.example/', 'http://localhost:8080/baton.js', 'ws://localhost:8080/signal'],
  ])('for a page at %s with the script %s at %s', (page, script, address) => {
    expect(addressAt(page, undefined, script)).toBe(address)
  })

  test.each([
    'https://cdn.example/npm/baton-relay@1.0.0/dist/baton.js',
    'http://a.example/node_modules/baton-relay/dist/baton.js',
    'http://a.example/node_modules/.vite/deps/baton-relay.js?v=1',
    'http://a.example/assets/index-1a2b.js',
    'http://a.example/assets/mybaton.js',
    'file:///home/me/game/baton.js',
    '',
  ])('at the origin of the page where %s is no script of a service', (script) => {
    expect(addressAt('https://a.example/x/', undefined, script)).toBe('wss://a.example/signal')
  })
})

describe('[SG7a] a `signaling` URL', () => {
  test.each([
    ['wss://b.example/signal', 'wss://b.example/signal'],
    ['https://b.example/x/signal', 'wss://b.example/x/signal'],
    ['wss://b.example', 'wss://b.example/signal'],
    ['https://b.example:444/', 'wss://b.example:444/signal'],
    ['//b.example', 'wss://b.example/signal'],
    ['/x/signal', 'wss://a.example/x/signal'],
    ['./signal', 'wss://a.example/games/signal'],
    ['../signal', 'wss://a.example/signal'],
    ['/', 'wss://a.example/signal'],
    ['wss://b.example/signal?k=1#x', 'wss://b.example/signal?k=1'],
    ['ws://localhost:8080', 'ws://localhost:8080/signal'],
    ['ws://127.0.0.1:8080/', 'ws://127.0.0.1:8080/signal'],
  ])('%s means %s', (given, address) => {
    expect(addressAt('https://a.example/games/chess.html#room=x', given)).toBe(address)
  })

  test.each([
    ['https://a.example/', 'ws://b.example/signal', /by https .*"ws:\/\/b\.example\/signal"/],
    ['https://a.example/', 'http://b.example', /by https .*"ws:\/\/b\.example\/"/],
    ['https://a.example/', 'ws://localhost.b.example', /by https/],
    ['https://a.example/', 'wss://', /"wss:\/\/" is not the URL/],
    ['https://a.example/', 'ftp://b.example', /of http, https, ws or wss; "ftp:/],
    ['https://a.example/', 'localhost:8080/signal', /of http, https, ws or wss; "localhost:8080/],
  ])('of a page at %s cannot be %s', (page, given, sentence) => {
    expect(() => addressAt(page, given)).toThrow(sentence)
    expect(() => addressAt(page, given)).toThrow(BatonError)
  })
})

test.each([
  ['null', 'file:///home/me/game.html'],
  ['capacitor://localhost', 'capacitor://localhost/index.html'],
  ['tauri://localhost', 'tauri://localhost/index.html'],
  ['chrome-extension://abc', 'chrome-extension://abc/popup.html'],
])('[SG7a] a page of %s has no service of its own, and is told what to do', (origin, base) => {
  const from: Whereabouts = { base, origin, script: undefined }
  expect(() => signalingAddress(undefined, from)).toThrow(/Give joinRoom|give joinRoom/)
  expect(signalingAddress('wss://b.example', from)).toBe('wss://b.example/signal')
})
