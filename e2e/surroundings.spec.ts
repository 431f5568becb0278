// Rooms where pages live: many on one page, files from a disk, faked and jumping clocks, code that is replaced while it
// runs. A small test of each; policies have policy.spec.ts.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, type Page } from 'playwright/test'
import { createServer } from 'vite'
import { Chromium } from './chromium.ts'
import { hostOf, openTab, Server, type TestPage } from './stage.ts'
import { test } from './test.ts'

const CLASSIC = pathToFileURL(fileURLToPath(new URL('../dist/baton.global.js', import.meta.url)))
const MODULE = fileURLToPath(new URL('../dist/baton.js', import.meta.url))

let server: Server
let folder: string
let rooms = 0

test.beforeAll(async () => {
  server = await Server.start()
})
test.afterAll(() => server.stop())
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-page-'))
})
test.afterEach(() => rm(folder, { recursive: true }))

const newToken = () => `surroundings-test-room-${Date.now()}-${++rooms}`

/** Resolves with the seq of a message that this page sent, once it has its receipt. */
const append = (page: Page) =>
  page.evaluate(async () => (await (window as unknown as TestPage).room.append('k', 1)).seq)

const seqsOf = (page: Page) =>
  page.evaluate(() => (window as unknown as TestPage).given.map(({ seq }) => seq))

test('twenty rooms on one page are twenty rooms', async ({ browser }) => {
  const page = await openTab(browser, server.url, newToken())
  const tokens = Array.from({ length: 20 }, newToken)
  const seqs = await page.evaluate(async (tokens) => {
    const { joinRoom } = (window as unknown as TestPage).Baton
    const rooms = tokens.map((token) => joinRoom({ token }))
    await Promise.all(rooms.map(({ ready }) => ready))
    const sent = rooms.flatMap((room, i) =>
      Array.from({ length: i + 1 }, () => room.append('k', i)),
    )
    await Promise.all(sent)
    const seqs = rooms.map(({ status }) => status.seq)
    await Promise.all(rooms.map((room) => room.leave()))
    return seqs
  }, tokens)
  expect(seqs).toEqual(tokens.map((_, i) => i + 1))
})

test('a page from a file is in the room of a page from the web', async ({ browser }) => {
  const token = newToken()
  const web = await openTab(browser, server.url, token)
  await writeFile(
    join(folder, 'page.html'),
    `<!doctype html><script src="${CLASSIC.href}"></script><script>
      const given = []
      const room = Baton.joinRoom({ token: '${token}', signaling: '${server.url}' })
      room.onMessage((message) => given.push(message))
      Object.assign(window, { room, given })
    </script>`,
  )
  const file = await (await browser.newContext()).newPage()
  await file.goto(pathToFileURL(join(folder, 'page.html')).href)
  await file.evaluate(() => (window as unknown as TestPage).room.ready)
  expect([await append(web), await append(file)]).toEqual([1, 2])
  for (const page of [web, file]) await expect.poll(() => seqsOf(page)).toEqual([1, 2])
})

test('a page whose clock a test has stopped joins, sends and is given', async ({ browser }) => {
  const token = newToken()
  const context = await browser.newContext()
  const stopped = await context.newPage()
  await stopped.clock.install({ time: new Date('2026-01-01T00:00:00') })
  await stopped.clock.pauseAt(new Date('2026-01-01T00:00:01'))
  await stopped.goto(`${server.url}#room=${token}`)
  await stopped.waitForFunction(() => 'Baton' in window, null, { polling: 50 })
  const seq = await stopped.evaluate(async () => {
    const tab = window as unknown as TestPage
    Object.assign(tab, { given: [] })
    tab.room = tab.Baton.joinRoom()
    tab.room.onMessage((message) => tab.given.push(message))
    return (await tab.room.append('k', 1)).seq
  })
  expect(seq).toBe(1)
  const other = await openTab(browser, server.url, token)
  expect(await append(other)).toBe(2)
  await expect.poll(() => seqsOf(stopped)).toEqual([1, 2])
})

test('a page that slept for ninety seconds is in its room again', async ({ browser }) => {
  const token = newToken()
  const context = await browser.newContext()
  const sleeper = await context.newPage()
  await sleeper.clock.install()
  await sleeper.goto(`${server.url}#room=${token}`)
  await sleeper.waitForFunction(() => 'Baton' in window)
  await sleeper.evaluate(async () => {
    const tab = window as unknown as TestPage
    Object.assign(tab, { given: [], errors: [] })
    tab.room = tab.Baton.joinRoom()
    tab.room.onMessage((message) => tab.given.push(message))
    tab.room.on('error', ({ message }) => tab.errors.push(message))
    await tab.room.ready
  })
  const other = await openTab(browser, server.url, token)
  expect(await append(sleeper)).toBe(1)
  await sleeper.clock.fastForward(90_000)
  expect(await append(other)).toBe(2)
  expect(await append(sleeper)).toBe(3)
  await expect.poll(() => seqsOf(sleeper)).toEqual([1, 2, 3])
  await hostOf([sleeper, other])
  expect(await sleeper.evaluate(() => (window as unknown as TestPage).errors)).toEqual([])
})

test('a module that is replaced while it runs leaves its room and joins anew', async ({
  browser,
}) => {
  const token = newToken()
  const moduleOf = (version: number) => `
    import * as Baton from '/@fs${MODULE}'
    const given = []
    const room = Baton.joinRoom({ token: '${token}', signaling: '${server.url}' })
    room.subscribe('k', (message) => given.push(message), { replay: true })
    Object.assign(window, { room, given, version: ${version}, rooms: (window.rooms ?? 0) + 1 })
    import.meta.hot.accept()
    import.meta.hot.dispose(() => room.leave())
  `
  await writeFile(join(folder, 'app.js'), moduleOf(1))
  await writeFile(
    join(folder, 'index.html'),
    '<!doctype html><script type="module" src="./app.js"></script>',
  )
  const vite = await createServer({
    root: folder,
    configFile: false,
    logLevel: 'silent',
    server: { host: '127.0.0.1', port: 0, fs: { strict: false } },
  })
  try {
    await vite.listen()
    const page = await (await browser.newContext()).newPage()
    await page.goto(vite.resolvedUrls!.local[0]!)
    await page.waitForFunction(() => 'room' in window)
    const other = await openTab(browser, server.url, token)
    expect(await append(page)).toBe(1)
    await writeFile(join(folder, 'app.js'), moduleOf(2))
    await page.waitForFunction(() => 'version' in window && window.version === 2)
    expect(await append(page)).toBe(2)
    await expect.poll(() => seqsOf(page)).toEqual([1, 2])
    expect(await page.evaluate(() => (window as unknown as { rooms: number }).rooms)).toBe(2)
    await expect
      .poll(() => other.evaluate(() => (window as unknown as TestPage).room.peers.length))
      .toBe(1)
  } finally {
    await vite.close()
  }
})

test('a page that is made before somebody looks at it is in its room when somebody does', async ({
  browser,
}) => {
  const token = newToken()
  const script = `
    import * as Baton from '/baton.js'
    const wasEarly = document.prerendering
    const room = Baton.joinRoom({ token: '${token}', signaling: '${server.url}' })
    const isSeen = new Promise((resolve) =>
      document.addEventListener('prerenderingchange', resolve),
    )
    localStorage.setItem('ahead', 'ready')
    await isSeen
    await room.append('k', { wasEarly })
  `
  const rules = JSON.stringify({
    prerender: [{ source: 'list', urls: ['/ahead.html'], eagerness: 'immediate' }],
  })
  await writeFile(
    join(folder, 'index.html'),
    `<!doctype html><script>
      addEventListener('storage', () => { location.href = '/ahead.html' })
    </script><script type="speculationrules">${rules}</script>`,
  )
  await writeFile(
    join(folder, 'ahead.html'),
    `<!doctype html><script type="module">${script}</script>`,
  )
  const site = await Server.start({ folder })
  const other = await openTab(browser, server.url, token)
  // Nothing is made ahead for a tab that somebody debugs: this one is the browser's first, and stays alone.
  const own = await Chromium.launch({ flags: [site.url] })
  try {
    await expect.poll(() => seqsOf(other)).toEqual([1])
    const value = await other.evaluate(() => (window as unknown as TestPage).given[0]?.value)
    expect(value).toEqual({ wasEarly: true })
    expect(await append(other)).toBe(2)
  } finally {
    await own.kill()
    await site.stop()
  }
})
