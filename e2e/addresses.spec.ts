// Wrong addresses of signaling, in a real page: each gets one error, with the cause and what to do. And those that are
// right without being given.

import { readFileSync } from 'node:fs'
import {
  createServer,
  request as ask,
  type RequestListener,
  type Server as HttpServer,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, type Page } from 'playwright/test'
import { createServer as createVite, type ViteDevServer } from 'vite'
import { Server, type TestPage } from './stage.ts'
import { test } from './test.ts'

const DROP_IN = readFileSync(fileURLToPath(new URL('../dist/baton.js', import.meta.url)))
const PAGE = `<!doctype html><link rel="icon" href="data:," /><script type="module">
  import * as Baton from './baton.js'
  window.Baton = Baton
</script>`

let baton: Server
let closing: (() => unknown)[] = []

test.beforeAll(async () => {
  baton = await Server.start()
})

test.afterAll(() => baton.stop())

test.afterEach(async () => {
  for (const close of closing) await close()
  closing = []
})

/** An HTTP server without WebSockets. Resolves with its URL. */
async function serve(listener: RequestListener): Promise<string> {
  const server: HttpServer = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** A static host: the page and the script, at any depth, and 404 for all else. */
const staticHost: RequestListener = ({ url = '' }, response) => {
  const isScript = url.endsWith('/baton.js')
  if (!isScript && !url.endsWith('/')) return void response.writeHead(404).end('Not Found')
  response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html')
  response.end(isScript ? DROP_IN : PAGE)
}

/** Passes plain requests on, and no upgrade. */
const passOn = (to: string, path: string): RequestListener => {
  const { hostname, port } = new URL(to)
  return (request, response) => {
    const passed = ask({
      hostname,
      port,
      path,
      headers: { ...request.headers, connection: 'close' },
    })
    passed.on('response', (answer) => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    })
    passed.end()
  }
}

async function open(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.waitForFunction(() => 'Baton' in window)
}

type Told = { readonly code: string; readonly retryable: boolean; readonly message: string }

/** What the app is told of the first error, in a room with that address. */
function firstError(page: Page, signaling?: string): Promise<Told> {
  return page.evaluate(async (signaling) => {
    const { Baton } = window as unknown as TestPage
    const room = Baton.joinRoom({ token: Baton.createToken(), ...(signaling && { signaling }) })
    const { code, retryable, message } = await new Promise<Told>((resolve) =>
      room.on('error', resolve),
    )
    await room.leave()
    return { code, retryable, message }
  }, signaling)
}

/** The room is live, with no error on the way. */
function joins(page: Page, signaling?: string): Promise<string[]> {
  return page.evaluate(async (signaling) => {
    const { Baton } = window as unknown as TestPage
    const room = Baton.joinRoom({ token: Baton.createToken(), ...(signaling && { signaling }) })
    const errors: string[] = []
    room.on('error', ({ message }) => errors.push(message))
    await room.ready
    await room.leave()
    return errors
  }, signaling)
}

async function expectSentence(page: Page, signaling: string | undefined, cause: RegExp) {
  const { code, retryable, message } = await firstError(page, signaling)
  expect([code, retryable]).toEqual(['signaling', true])
  expect(message).toMatch(
    /^There is no signaling at wss?:\/\/127\.0\.0\.1:\d+\/\S*: .* Baton keeps trying\.$/,
  )
  expect(message).toMatch(cause)
}

test('[SG7 SG7b] ten wrong addresses: each is told of once, with its cause, or is understood', async ({
  page,
}) => {
  const host = await serve(staticHost)
  await open(page, host)

  await test.step('1: a static host', () =>
    expectSentence(page, undefined, /what answers \(404\) is no signaling service\. Start one/))

  await test.step("2: Vite's dev server, which never answers an upgrade", async () => {
    const vite: ViteDevServer = await createVite({
      configFile: false,
      logLevel: 'silent',
      root: fileURLToPath(new URL('pages', import.meta.url)),
      server: { port: 0, host: '127.0.0.1' },
    })
    await vite.listen()
    closing.push(() => vite.close())
    await expectSentence(
      page,
      `${vite.resolvedUrls!.local[0]}signal`,
      /Add baton\(\) of baton-relay\/vite/,
    )
  })

  await test.step('3: a proxy that passes no Upgrade on', async () => {
    const proxy = await serve(passOn(baton.url, '/signal?origin=null'))
    await expectSentence(page, proxy, /proxy before it pass the headers `Upgrade` and `Connection`/)
  })

  await test.step('4: a service that lets in pages of another origin', async () => {
    const choosy = await Server.start({ flags: ['--origin', 'https://game.example'] })
    closing.push(() => choosy.stop())
    const { origin } = new URL(host)
    await expectSentence(page, choosy.url, new RegExp(`answers 403: .* --origin ${origin}\\.`))
    // A page of the service itself sends no origin with a plain request, and is told the same.
    const own = await page.context().newPage()
    await own.goto(choosy.url)
    await own.addScriptTag({
      type: 'module',
      content: `import * as Baton from '/baton.js'; window.Baton = Baton`,
    })
    await own.waitForFunction(() => 'Baton' in window)
    await expectSentence(own, undefined, /answers 403: .* --origin http:\/\/127\.0\.0\.1:\d+\./)
    await own.close()
  })

  await test.step('5: another port, where another server is', async () => {
    const other = await serve(staticHost)
    await expectSentence(page, `${other}signal`, /what answers is no signaling service, or hides/)
  })

  await test.step('6: an address without a path means its /signal', async () => {
    expect(await joins(page, baton.url.slice(0, -1))).toEqual([])
  })

  await test.step('7: https for http', () =>
    expectSentence(
      page,
      `${baton.url.replace('http', 'https')}signal`,
      new RegExp(`speaks http\\. Give joinRoom ${baton.url}signal`),
    ))

  await test.step('8: a typo', () =>
    expectSentence(page, `${baton.url}singal`, new RegExp(`one is at ${baton.url}signal\\.`)))

  await test.step('9: nothing that runs', async () => {
    const gone = await Server.start()
    await gone.stop()
    await expectSentence(page, gone.url, /nothing answers\. Start one there \(npx baton\)/)
  })

  await test.step('10: a page below a path, and its service too', async () => {
    const site = await serve((request, response) => {
      const isService = request.url?.startsWith('/games/signal') === true
      const listener = isService ? passOn(baton.url, '/signal') : staticHost
      listener(request, response)
    })
    await open(page, `${site}games/`)
    await expectSentence(page, '/signal', new RegExp(`one is at ${site}games/signal\\.`))
  })
})

test('[SG7a] signaling is found beside the script, wherever the page is, and below a path', async ({
  page,
}) => {
  const games = await Server.start({ flags: ['--base', '/games/'] })
  closing.push(() => games.stop())
  const host = await serve(staticHost)
  await page.goto(host)
  for (const at of [baton.url, games.url]) {
    await page.evaluate(async (script) => {
      Object.assign(window, { Baton: await import(script) })
    }, `${at}baton.js`)
    expect(await joins(page)).toEqual([])
  }
  await page.addScriptTag({ url: `${games.url}baton.global.js` })
  expect(await joins(page)).toEqual([])
  await page.goto(games.url)
  await page.evaluate(async () =>
    Object.assign(window, { Baton: await import(new URL('baton.js', location.href).href) }),
  )
  expect(await joins(page, './signal')).toEqual([])
})

test('[SG7b] where nobody listens, the console has one line', async ({ page }) => {
  await open(page, await serve(staticHost))
  const lines: string[] = []
  page.on('console', (line) => {
    if (line.text().startsWith('Baton:')) lines.push(line.text())
  })
  await page.evaluate(() => {
    const { Baton } = window as unknown as TestPage
    ;(window as unknown as TestPage).room = Baton.joinRoom({ token: Baton.createToken() })
  })
  await expect.poll(() => lines.length).toBe(1)
  expect(lines[0]).toContain('There is no signaling at ws://127.0.0.1')
})

test('[SG7c] a service that stops, and comes back, is no error to an app', async ({ page }) => {
  const server = await Server.start()
  await open(page, server.url.replace(/$/, ''))
  const statusIs = (signaling: string) =>
    page.waitForFunction(
      (wanted) => (window as unknown as TestPage).room.status.signaling === wanted,
      signaling,
    )
  await page.evaluate(async () => {
    const tab = window as unknown as TestPage
    tab.errors = []
    tab.room = tab.Baton.joinRoom({ token: tab.Baton.createToken() })
    tab.room.on('error', ({ message }) => tab.errors.push(message))
    await tab.room.ready
  })
  await server.stop()
  await statusIs('disconnected')
  const again = await Server.start({ port: server.port })
  closing.push(() => again.stop())
  await statusIs('connected')
  expect(await page.evaluate(() => (window as unknown as TestPage).errors)).toEqual([])
})

test('[SG7a] a page of https that is given ws is told so by a BatonError, and keeps no Worker', async ({
  page,
}) => {
  await page.route('https://game.test/**', (route) =>
    route.request().url().endsWith('.js')
      ? route.fulfill({ body: DROP_IN, contentType: 'text/javascript' })
      : route.fulfill({ body: PAGE, contentType: 'text/html' }),
  )
  await open(page, 'https://game.test/')
  const thrown = await page.evaluate(() => {
    const { Baton } = window as unknown as TestPage
    // A hidden page starts its Worker at once.
    Object.defineProperty(document, 'hidden', { value: true })
    try {
      Baton.joinRoom({ signaling: 'ws://other.test/signal' })
      return null
    } catch (error) {
      const { code, message } = error as { code: string; message: string }
      return { code, message, isOurs: error instanceof Baton.BatonError }
    }
  })
  expect(thrown).toEqual({
    code: 'bad-argument',
    isOurs: true,
    message: expect.stringContaining('Give joinRoom a `signaling` URL of wss'),
  })
  expect(page.workers()).toEqual([])
  // Where the browser refuses what Baton let pass.
  const refused = await page.evaluate(() => {
    const { Baton } = window as unknown as TestPage
    window.WebSocket = function () {
      throw new DOMException('Refused.', 'SecurityError')
    } as never
    try {
      Baton.joinRoom({ signaling: 'ws://localhost:9/signal' })
      return null
    } catch (error) {
      return [error instanceof Baton.BatonError, (error as Error).message]
    }
  })
  expect(refused).toEqual([
    true,
    expect.stringMatching(/may not connect to ws:\/\/localhost:9\/signal: Refused\. Give joinRoom/),
  ])
  await expect.poll(() => page.workers()).toEqual([])
})

test('[SG7b] a page whose policy forbids signaling is told of the policy', async ({ page }) => {
  const host = await serve((request, response) => {
    response.setHeader('Content-Security-Policy', "connect-src 'self'")
    staticHost(request, response)
  })
  await open(page, host)
  await expectSentence(
    page,
    baton.url,
    new RegExp(`Content-Security-Policy .* allow ws://127\\.0\\.0\\.1:${baton.port}\\.`),
  )
})

test('--isolate gives a page threads, and its room', async ({ page }) => {
  const isolated = await Server.start({ flags: ['--isolate'] })
  closing.push(() => isolated.stop())
  await open(page, isolated.url)
  expect(await page.evaluate(() => [crossOriginIsolated, typeof SharedArrayBuffer])).toEqual([
    true,
    'function',
  ])
  expect(await joins(page)).toEqual([])
})
