import { afterEach, expect, test, vi } from 'vitest'
import type { Room } from './api.ts'
import { foundHosts, linkTo, onOtherRoom, putIntoAddress, tokenInAddress } from './page-address.ts'

afterEach(() => vi.unstubAllGlobals())

const roomOf = (token: string) => ({ token, subscribe() {} }) as unknown as Room

/** A page of this address, and the browser's ways to change it. */
function onPage(
  href: string,
  { replaceState = true, replace = true }: { replaceState?: boolean; replace?: boolean } = {},
): { readonly href: () => string; readonly states: unknown[] } {
  let url = new URL(href)
  const states: unknown[] = []
  const go = (isAllowed: boolean) => (to: string) => {
    if (!isAllowed) throw new DOMException('It is not allowed here.', 'SecurityError')
    url = new URL(to)
  }
  vi.stubGlobal('location', {
    get href() {
      return url.href
    },
    get hash() {
      return url.hash
    },
    get hostname() {
      return url.hostname
    },
    get port() {
      return url.port
    },
    replace: go(replace),
  })
  vi.stubGlobal('history', {
    state: { of: 'the app' },
    replaceState(state: unknown, _: string, to: string) {
      go(replaceState)(to)
      states.push(state)
    },
  })
  return { href: () => url.href, states }
}

test.each([
  'https://a.test/',
  'https://a.test/b/c?d=e#/board/3',
  'file:///home/me/page.html#rules',
  'about:blank',
  'about:srcdoc',
  'blob:https://a.test/1-2-3',
  'data:text/html,page',
])('[SG1b] on %s the fragment alone is touched, and the app keeps its state', (href) => {
  const page = onPage(href)
  putIntoAddress('T')
  expect(page.href().split('#')[0]).toBe(href.split('#')[0])
  expect(tokenInAddress()).toBe('T')
  expect(page.states).toEqual([{ of: 'the app' }])
})

test('[SG1b] where history.replaceState is forbidden, the token goes another way', () => {
  const page = onPage('about:srcdoc', { replaceState: false })
  putIntoAddress('T')
  expect(page.href()).toBe('about:srcdoc#room=T')
})

test('[SG1b] where the address cannot be written, a sentence says what to do', () => {
  onPage('about:srcdoc', { replaceState: false, replace: false })
  expect(() => putIntoAddress('T')).toThrow(
    expect.objectContaining({
      code: 'bad-argument',
      message: expect.stringContaining('Give joinRoom a `token`'),
    }),
  )
})

test('a link leads to the room, and keeps the rest of the address', () => {
  onPage('https://a.test/b?c=d#/board/3?room=other')
  expect(linkTo(roomOf('our kitchen'))).toBe('https://a.test/b?c=d#/board/3?room=our%20kitchen')
})

/** The link that a page shows which came from `page`, and was told of hosts by a service. */
function linkOn(page: string, signaling: string, ...told: (readonly string[])[]): string {
  onPage(page)
  const room = roomOf('T')
  for (const hosts of told) foundHosts(room, signaling, hosts)
  return linkTo(room)
}

test.each([
  ['http://127.0.0.1:8080/a?b#/board/3', 'http://10.0.0.7:8080/a?b#/board/3?room=T'],
  ['http://localhost:8080/', 'http://10.0.0.7:8080/#room=T'],
  ['http://[::1]:8080/', 'http://10.0.0.7:8080/#room=T'],
])('[SG8b] on %s a link names the first host that the service told', (page, link) => {
  expect(linkOn(page, 'ws://127.0.0.1:8080/signal', ['10.0.0.7', '172.17.0.1'])).toBe(link)
})

test.each([
  ['an address that others can open', 'http://10.0.0.9:8080/', 'ws://10.0.0.9:8080/signal'],
  ['another port than the service', 'http://127.0.0.1:5173/', 'ws://127.0.0.1:8080/signal'],
  ['https', 'https://localhost:8080/', 'wss://localhost:8080/signal'],
  ['another machine than the service', 'http://127.0.0.1:8080/', 'ws://10.0.0.9:8080/signal'],
  ['a file', 'file:///home/me/page.html', 'ws://127.0.0.1:8080/signal'],
])('[SG8b] on a page of %s the link stays what it was', (_, page, signaling) => {
  expect(linkOn(page, signaling, ['10.0.0.7'])).toBe(`${page}#room=T`)
})

test('[SG8b] a machine that left its network, or changed it, is found where it is now', () => {
  const link = (...told: (readonly string[])[]) =>
    linkOn('http://127.0.0.1:8080/', 'ws://127.0.0.1:8080/signal', ...told)
  expect(link(['10.0.0.7'], ['192.168.1.5'])).toBe('http://192.168.1.5:8080/#room=T')
  expect(link(['10.0.0.7'], [])).toBe('http://127.0.0.1:8080/#room=T')
  expect(link(['[fd00::7]'])).toBe('http://[fd00::7]:8080/#room=T')
  expect(link(['no host'])).toBe('http://127.0.0.1:8080/#room=T')
})

test('[SG1d] a listener hears of another room in the address alone', () => {
  const listeners = new Set<() => void>()
  vi.stubGlobal('addEventListener', (_: string, listener: () => void) => listeners.add(listener))
  vi.stubGlobal('removeEventListener', (_: string, listener: () => void) =>
    listeners.delete(listener),
  )
  const heard: string[] = []
  const off = onOtherRoom(roomOf('mine'), (token) => heard.push(token))
  const fragments = [
    'room=mine',
    'rules',
    '',
    '/board/4',
    '/board/4?room=mine',
    'room=',
    'room=other',
  ]
  for (const fragment of fragments) {
    onPage(`https://a.test/#${fragment}`)
    for (const listener of listeners) listener()
  }
  expect(heard).toEqual(['other'])
  off()
  expect(listeners.size).toBe(0)
})

test('what is no room and what is no listener is refused with a sentence', () => {
  const refusal = (message: string) =>
    expect.objectContaining({ code: 'bad-argument', message: expect.stringContaining(message) })
  expect(() => linkTo('T' as never)).toThrow(refusal('linkTo needs a room'))
  expect(() => onOtherRoom(null as never, () => {})).toThrow(refusal('onOtherRoom needs a room'))
  expect(() => onOtherRoom(roomOf('T'), undefined as never)).toThrow(refusal('A listener is'))
})
