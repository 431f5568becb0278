import { expect, test } from 'vitest'
import { createToken } from '../protocol/token.ts'
import { tokenIn, withToken } from './fragment.ts'

/** As a browser writes a fragment into an address. */
const asInAddress = (fragment: string) => new URL(`#${fragment}`, 'http://a.test/').hash.slice(1)

const OF_APPS = [
  '',
  'rules',
  'room',
  'x=1&y=2',
  '?x=1',
  'x=a%20b%2Fc&y=',
  'x=a+b',
  '/board/3',
  '/board/3?tab=2&sort=a%2Bb',
  '/board?',
  '/guide#install',
  '/guide?step=2#install',
  '/next?to=/b?c=1',
  '!/profile',
  '!profile?x',
  'bedroom=2',
  'classroom=2&r=3&',
  'Überblick',
  '50%',
  'a#b',
]

const TOKENS = [
  'dGhpcyBpcyBhIHRva2Vu-_',
  'our kitchen',
  'a+b/c==',
  'a&b=c',
  'Küche 100%',
  '50%off',
  '100%ff',
  '%41',
  'table#4?',
  'room=1&room=2',
  '🎲',
  '#',
  '$& $1',
]

test('[SG1b] what stood in the fragment stays byte for byte, and the token is read back', () => {
  for (const token of TOKENS) {
    for (const fragment of OF_APPS.map(asInAddress)) {
      const both = asInAddress(withToken(fragment, token))
      expect(tokenIn(both)).toBe(token)
      const field = `room=${encodeURIComponent(token)}`
      const [before, after] = both.split(field) as [string, string]
      const left = before.endsWith('&') || before.endsWith('?') ? before.slice(0, -1) : before
      expect([before + after, left + after]).toContain(fragment)
    }
  }
})

test.each([
  ['', 'room=T'],
  ['rules', 'rules&room=T'],
  ['x=1', 'x=1&room=T'],
  ['/board/3', '/board/3?room=T'],
  ['/board/3?tab=2', '/board/3?tab=2&room=T'],
  ['!/profile', '!/profile?room=T'],
  ['/guide#install', '/guide?room=T#install'],
  ['room=', 'room=T'],
  ['x=1&room=&y=2', 'x=1&room=T&y=2'],
  ['room=old&y=2', 'room=T&y=2'],
  ['/board?room=old#end', '/board?room=T#end'],
])('[SG1b] the room stands beside %j as %j', (fragment, both) => {
  expect(withToken(fragment, 'T')).toBe(both)
})

test.each([
  ['', null],
  ['rules', null],
  ['room', null],
  ['room=', null],
  ['bedroom=1', null],
  ['/room=1', null],
  ['/room/1', null],
  ['room=our kitchen', 'our kitchen'],
  ['room=a+b', 'a+b'],
  ['room=a=b', 'a=b'],
  ['room=table#4', 'table#4'],
  ['room=what?', 'what?'],
  ['room=100%', '100%'],
  ['room=Küche 100%', 'Küche 100%'],
  ['?room=x', 'x'],
  ['/board?room=x#end', 'x'],
  ['/board&room=x', 'x'],
  ['!/board?a=1&room=x', 'x'],
  ['room=first&room=second', 'first'],
])('[SG1b] a person who writes #%s means the token %j', (fragment, token) => {
  expect(tokenIn(asInAddress(fragment))).toBe(token)
})

test('[SG1b] every token that createToken makes is read back', () => {
  for (let i = 0; i < 200; i++) {
    const token = createToken((length) => crypto.getRandomValues(new Uint8Array(length)))
    expect(tokenIn(`room=${token}`)).toBe(token)
    expect(tokenIn(withToken('/board/3', token))).toBe(token)
  }
})
