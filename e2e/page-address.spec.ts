// The page's address is its own: where the room stands in it, what a link of another room does, and rooms that need no
// link.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, type Browser, type Frame, type Page } from 'playwright/test'
import type { JoinOptions } from '../client/index.ts'
import { Server, type TestPage } from './stage.ts'
import { test } from './test.ts'

let server: Server
let readme: Server
let pages: Page[] = []

test.beforeAll(async () => {
  server = await Server.start()
  readme = await Server.start({
    folder: fileURLToPath(new URL('../docs/examples', import.meta.url)),
  })
})

test.afterAll(async () => {
  await server.stop()
  await readme.stop()
})

test.afterEach(async () => {
  for (const page of pages) await page.context().close()
  pages = []
})

/** A tab of somebody else; what the page throws fails the test. */
async function open(browser: Browser, url: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  pages.push(page)
  page.on('pageerror', (error) => {
    throw error
  })
  await page.goto(url)
  return page
}

/** Joins, and resolves when messages flow. */
async function joinIn(where: Page | Frame, options: JoinOptions = {}): Promise<string> {
  await where.waitForFunction(() => 'Baton' in window)
  return where.evaluate(async (options) => {
    const page = window as unknown as TestPage
    page.room = page.Baton.joinRoom(options)
    await page.room.ready
    return page.room.token
  }, options)
}

const othersOf = (where: Page | Frame) =>
  where.evaluate(() => (window as unknown as TestPage).room.peers.length)

for (const [fragment, kept] of [
  ['', '#'],
  ['#rules', '#rules&'],
  ['#/board/3', '#/board/3?'],
  ['#!/profile?tab=a%20b', '#!/profile?tab=a%20b&'],
]) {
  test(`[SG1b] a page at ${fragment || 'a bare address'} keeps that, and its link leads to the room`, async ({
    browser,
  }) => {
    const first = await open(browser, `${server.url}?q=1${fragment}`)
    await first.evaluate(() => {
      history.replaceState({ of: 'the app' }, '')
      document.head.append(Object.assign(document.createElement('base'), { href: '/elsewhere/' }))
    })
    const entries = await first.evaluate(() => history.length)
    const token = await joinIn(first)
    expect(first.url()).toBe(`${server.url}?q=1${kept}room=${token}`)
    expect(await first.evaluate(() => [history.length, history.state])).toEqual([
      entries,
      { of: 'the app' },
    ])
    const second = await open(browser, first.url())
    expect(await joinIn(second)).toBe(token)
    expect(second.url()).toBe(first.url())
    await expect.poll(() => othersOf(first)).toBe(1)
  })
}

test('[SG1b] what a person writes as a token is that token', async ({ browser }) => {
  const token = 'Our Küche: 100% + 1/2'
  const typed = await open(browser, `${server.url}#room=${token}`)
  expect(await joinIn(typed)).toBe(token)
  const given = await open(browser, server.url)
  await joinIn(given, { token })
  await expect.poll(() => othersOf(given)).toBe(1)
})

test('[SG1b] pages without an address of a server touch their fragment alone', async ({
  browser,
}) => {
  const page = await open(browser, server.url)
  const script = `<script src="${server.url}baton.global.js"></script>`
  const kinds = ['srcdoc', 'blob', 'data', 'blank'] as const
  for (const kind of kinds) {
    const handle = await page.evaluateHandle(
      ({ kind, script }) => {
        const frame = document.createElement('iframe')
        if (kind === 'srcdoc') frame.srcdoc = script
        if (kind === 'blob')
          frame.src = URL.createObjectURL(new Blob([script], { type: 'text/html' }))
        if (kind === 'data') frame.src = `data:text/html,${encodeURIComponent(script)}`
        document.body.append(frame)
        if (kind === 'blank') {
          const loader = document.createElement('script')
          loader.src = '/baton.global.js'
          frame.contentDocument!.head.append(loader)
        }
        return frame
      },
      { kind, script },
    )
    const frame = (await handle.asElement()!.contentFrame())!
    await frame.waitForFunction(() => 'Baton' in window)
    const before = await frame.evaluate(() => location.href)
    const token = await joinIn(frame, kind === 'data' ? { signaling: `${server.url}signal` } : {})
    expect(await frame.evaluate(() => location.href)).toBe(`${before}#room=${token}`)
    expect(page.url()).toBe(server.url)
  }
})

test('[SG1b] a page from a disk has its room in its address, and no public rooms', async ({
  browser,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-'))
  const file = join(folder, 'page.html')
  writeFileSync(file, `<!doctype html><script src="${server.url}baton.global.js"></script>`)
  const options = { signaling: `${server.url}signal` }
  const first = await open(browser, `${pathToFileURL(file).href}#rules`)
  const token = await joinIn(first, options)
  expect(first.url()).toBe(`${pathToFileURL(file).href}#rules&room=${token}`)
  const second = await open(browser, first.url())
  expect(await joinIn(second, options)).toBe(token)
  const refused = await second.evaluate((options) => {
    try {
      ;(window as unknown as TestPage).Baton.joinRoom({ ...options, room: 'lobby' })
      return 'joined'
    } catch (error) {
      return String(error)
    }
  }, options)
  expect(refused).toMatch(/^BatonError: .*this page has none: it is a file: page/)
  rmSync(folder, { recursive: true })
})

test('[SG1c] everybody at a printed address meets, and those of another address or origin do not', async ({
  browser,
}) => {
  const warnings: string[] = []
  const printed = await open(browser, `${server.url}?post=1`)
  printed.on('console', (message) => void warnings.push(message.text()))
  const again = await open(browser, `${server.url}?post=1#comments`)
  const elsewhere = await open(browser, `${server.url}?post=2`)
  const foreign = await open(browser, `${server.url.replace('127.0.0.1', 'localhost')}?post=1`)
  const all = [printed, again, elsewhere, foreign]
  const atPage = await Promise.all(all.map((page) => joinIn(page, { room: 'page' })))
  await expect.poll(() => Promise.all(all.map(othersOf))).toEqual([1, 1, 0, 0])
  expect(new Set(atPage).size).toBe(3)
  expect(warnings).toEqual([])
  expect(again.url()).toBe(`${server.url}?post=1#comments`)
})

test('[SG1c] all pages of an origin meet under a name, and those of another origin do not', async ({
  browser,
}) => {
  const one = await open(browser, `${server.url}?post=1`)
  const other = await open(browser, `${server.url}global.html#room=another-room-of-this-address`)
  const foreign = await open(browser, server.url.replace('127.0.0.1', 'localhost'))
  const all = [one, other, foreign]
  await Promise.all(all.map((page) => joinIn(page, { room: 'lobby' })))
  await expect.poll(() => Promise.all(all.map(othersOf))).toEqual([1, 1, 0])
})

for (const name of ['chat.html', 'counter.html', 'shared.html', 'classic.html']) {
  test(`[SG1d] a link of another room put into the address of ${name} leads there`, async ({
    browser,
  }) => {
    const page = await open(browser, readme.url + name)
    await page.waitForFunction(() => location.hash.startsWith('#room='))
    await page.evaluate(() => Object.assign(window, { isOld: true }))
    let loads = 0
    page.on('load', () => loads++)
    await page.evaluate(async () => {
      const changed = new Promise((resolve) => addEventListener('hashchange', resolve))
      location.hash = 'rules'
      await changed
    })
    await page.goto(`${readme.url}${name}#room=another-room-for-this-test`)
    await page.waitForFunction(() => !('isOld' in window) && document.readyState === 'complete')
    expect(page.url()).toBe(`${readme.url}${name}#room=another-room-for-this-test`)
    await expect.poll(() => loads).toBe(1) // the app's own fragment loaded nothing anew
  })
}

test('[SG1d] the chat of the README shows what was said in the room of the pasted link', async ({
  browser,
}) => {
  const there = await open(browser, `${readme.url}chat.html`)
  await there.getByLabel('Message').fill('here we are')
  await there.getByText('Send').click()
  await expect(there).toHaveTitle('Chat: message 1 is safe')
  const page = await open(browser, `${readme.url}chat.html`)
  await page.waitForFunction(() => location.hash.startsWith('#room='))
  await page.goto(there.url())
  await expect(page.locator('li')).toHaveText(['here we are'])
})
