import { describe, expect, test } from 'vitest'
import { checkOrigins, hostIn, Origins } from './origins.ts'

/** What browsers and app shells were seen to send. */
const SENT = [
  'https://game.example',
  'https://game.example:8443',
  'http://localhost:5173',
  'http://[::1]:8080',
  'null',
  'file://',
  'capacitor://localhost',
  'ionic://localhost',
  'tauri://localhost',
  'http://tauri.localhost',
  'app://obsidian.md',
  'chrome-extension://gighmmpiobklfepjocnamgkkbiglidom',
  'moz-extension://d4a1f8f1-8a4b-4c5e-9a54-9b3f1c2f0a11',
  'vscode-webview://1h2k0j3',
]

describe('[SG6b] an origin', () => {
  test.each(SENT)('%s can be listed, and lets in that one alone', (origin) => {
    checkOrigins([origin])
    const origins = new Origins([origin])
    expect(SENT.filter((other) => origins.admit(other))).toEqual([origin])
    expect(origins.admit(undefined)).toBe(false)
  })

  test('may stand for all names below one, with its scheme and port', () => {
    const all = ['https://*.game.example', 'http://*.localhost:5173']
    checkOrigins(all)
    const origins = new Origins(all)
    for (const origin of [
      'https://a.game.example',
      'https://b.a.game.example',
      'http://a.localhost:5173',
    ])
      expect([origin, origins.admit(origin)]).toEqual([origin, true])
    for (const origin of [
      'https://game.example',
      'https://.game.example',
      'http://a.game.example',
      'https://a.game.example:444',
      'https://agame.example',
      'https://a.game.example.evil.example',
      'http://a.localhost',
    ])
      expect([origin, origins.admit(origin)]).toEqual([origin, false])
  })

  test.each([
    '',
    'game.example',
    'https://',
    'https://game.example/',
    'https://game.example/path',
    'https://user@game.example',
    'https://Game.example',
    'https://game.example:443',
    'https://a.*.example',
    'ws://game.example',
    'Null',
    'tauri://local host',
  ])('cannot be "%s"', (origin) => {
    expect(() => checkOrigins([origin])).toThrow(`"${origin}" is not an origin`)
  })

  test('names a host only where the service may be asked for by it', () => {
    expect(hostIn('https://game.example:8443')).toBe('game.example')
    expect(hostIn('https://*.game.example')).toBe('*.game.example')
    for (const origin of ['null', 'file://', 'capacitor://phone', 'chrome-extension://abc'])
      expect(hostIn(origin)).toBe(null)
  })
})
