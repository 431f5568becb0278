import { describe, expect, test } from 'vitest'
import { whyUnreachable, type Answer, type Asker } from './why-unreachable.ts'

type Given = {
  readonly status?: number
  readonly text?: string
  readonly baton?: boolean
  readonly redirectedTo?: string
  /** Without CORS: only those may read it that are of this origin. */
  readonly hidden?: boolean
}

const PAGE: Asker = {
  base: 'http://a.example/',
  origin: 'http://a.example',
  isForbidden: () => false,
}

function answerOf(url: string, { status = 200, text = '', baton, redirectedTo }: Given): Answer {
  return {
    headers: new Headers(baton === true ? { Baton: '1.0.0' } : {}),
    redirected: redirectedTo !== undefined,
    status,
    text: () => Promise.resolve(`${text}\n`),
    url: redirectedTo ?? url,
  }
}

/** Asks a web in which these addresses answer, and no other one does. */
function why(
  address: string,
  web: { readonly [url: string]: Given },
  asker: Partial<Asker> = {},
): Promise<string> {
  return whyUnreachable(address, { ...PAGE, ...asker }, async (url, { mode }) => {
    const [bare = ''] = url.split('?')
    const given = web[url] ?? web[bare]
    const isReadable = given?.hidden !== true || mode === 'no-cors'
    if (given === undefined || !isReadable) throw new TypeError('Failed to fetch')
    return answerOf(url, given)
  })
}

const NOT_FOUND = { status: 404, text: 'Not Found' }
const START = 'Start one there (npx baton), or give joinRoom the right address as `signaling`.'

describe('[SG7b] a wrong address gets its own sentence:', () => {
  test('a static host', async () => {
    expect(await why('ws://a.example/signal', { 'http://a.example/signal': NOT_FOUND })).toBe(
      `what answers (404) is no signaling service. ${START}`,
    )
  })

  test("Vite's dev server", async () => {
    const page = { text: '<script type="module" src="/@vite/client"></script>' }
    expect(await why('ws://a.example/signal', { 'http://a.example/signal': page })).toBe(
      "Vite's server has no signaling. Add baton() of baton-relay/vite to its plugins.",
    )
  })

  test('a proxy that passes no Upgrade on', async () => {
    const wanted = { status: 426, text: 'with a WebSocket', baton: true }
    expect(await why('wss://a.example/signal', { 'https://a.example/signal': wanted })).toBe(
      'the service is there, but no WebSocket reaches it. ' +
        'Let the proxy before it pass the headers `Upgrade` and `Connection` on.',
    )
  })

  test('a service that refuses the origin of the page, which is asked for by name', async () => {
    const refused = { status: 403, text: 'Pages of this origin may not.', baton: true }
    const web = { 'http://a.example/signal?origin=http%3A%2F%2Fa.example': refused }
    expect(await why('ws://a.example/signal', web)).toBe(
      'the service answers 403: Pages of this origin may not.',
    )
  })

  test('another port, where another server is', async () => {
    const other = { status: 404, hidden: true }
    expect(await why('ws://a.example:81/signal', { 'http://a.example:81/signal': other })).toBe(
      `what answers is no signaling service, or hides that from other origins. ${START}`,
    )
  })

  test('https for http, and http for https', async () => {
    const service = { status: 426, baton: true, hidden: true }
    expect(await why('wss://a.example/signal', { 'http://a.example/signal': service })).toBe(
      'the server there speaks http. Give joinRoom http://a.example/signal as `signaling`.',
    )
    expect(await why('ws://a.example/signal', { 'https://a.example/signal': service })).toBe(
      'the server there speaks https. Give joinRoom https://a.example/signal as `signaling`.',
    )
  })

  test('a typo in the path', async () => {
    const web = {
      'http://a.example/singal': NOT_FOUND,
      'http://a.example/signal': { status: 426, baton: true },
    }
    expect(await why('ws://a.example/singal', web)).toBe(
      'no service is there, but one is at http://a.example/signal. Give joinRoom that as `signaling`.',
    )
  })

  test('a typo in the path of a service at another origin', async () => {
    const web = {
      'http://b.example/singal': { status: 404, hidden: true },
      'http://b.example/signal': { status: 426, baton: true },
    }
    expect(await why('ws://b.example/singal', web)).toBe(
      'no service is there, but one is at http://b.example/signal. Give joinRoom that as `signaling`.',
    )
  })

  test('a page below a path, with the service beside it', async () => {
    const web = {
      'http://a.example/signal': NOT_FOUND,
      'http://a.example/games/signal': { status: 426, baton: true },
    }
    expect(await why('ws://a.example/signal', web, { base: 'http://a.example/games/x.html' })).toBe(
      'no service is there, but one is at http://a.example/games/signal. Give joinRoom that as `signaling`.',
    )
  })

  test('nothing that runs', async () => {
    expect(await why('ws://a.example/signal', {})).toBe(`nothing answers. ${START}`)
    expect(await why('wss://a.example/signal', {})).toBe(
      `nothing answers, or its certificate is not trusted. ${START}`,
    )
  })

  test('a proxy with nothing behind it', async () => {
    expect(await why('ws://a.example/signal', { 'http://a.example/signal': { status: 502 } })).toBe(
      'a server answers 502: what it passes on to does not run. Start the service there.',
    )
  })

  test('an address that leads elsewhere', async () => {
    const led = { status: 426, baton: true, redirectedTo: 'https://www.a.example/signal' }
    expect(await why('ws://a.example/signal', { 'http://a.example/signal': led })).toBe(
      `it redirects to https://www.a.example/signal, and a socket follows nowhere. ${START}`,
    )
  })

  test("the page's own policy", async () => {
    const isForbidden = () => true
    expect(await why('wss://b.example/signal', {}, { isForbidden })).toBe(
      "this page's Content-Security-Policy forbids it. Let its connect-src allow wss://b.example.",
    )
  })
})

test('an answer that breaks off is an answer all the same', async () => {
  const ask = async (url: string) => ({
    ...answerOf(url, NOT_FOUND),
    text: () => Promise.reject(new Error('reset')),
  })
  expect(await whyUnreachable('ws://a.example/signal', PAGE, ask)).toContain('(404)')
})

test('a server is given 3 s for each answer', async () => {
  const signals: (AbortSignal | null | undefined)[] = []
  await whyUnreachable('ws://a.example/signal', PAGE, async (_url, { signal }) => {
    signals.push(signal)
    throw signal?.reason
  })
  expect(signals).toHaveLength(3)
  expect(signals.every((signal) => signal instanceof AbortSignal)).toBe(true)
})
