import { fileURLToPath } from 'node:url'
import { expect, test, type Browser, type Page } from 'playwright/test'
import { createServer, type ViteDevServer } from 'vite'
import { createToken } from '../protocol/token.ts'
import { simplePeerAliases } from '../transport/simple-peer-shims/aliases.mjs'
import { Server } from './stage.ts'
import type { Shown } from './react-page.tsx'

let vite: ViteDevServer
let server: Server
const newToken = () => createToken((length) => crypto.getRandomValues(new Uint8Array(length)))
const joinedBy = (token: string) => ({ token, signaling: `${server.url}signal` })

/** React in development, from the sources: only there does StrictMode mount everything twice. */
test.beforeAll(async () => {
  server = await Server.start()
  vite = await createServer({
    root: fileURLToPath(new URL('..', import.meta.url)),
    configFile: false,
    cacheDir: 'node_modules/.vite-react',
    logLevel: 'error',
    resolve: { alias: simplePeerAliases },
    // Found out only while the page loads, they would load the page again.
    optimizeDeps: { entries: ['e2e/react.html'], include: ['simple-peer', 'react', 'react-dom/client', 'react-dom/server.browser', 'react/jsx-dev-runtime'] },
    server: { port: 0, hmr: false },
  })
  await vite.listen()
})

test.afterAll(async () => {
  await vite.close()
  await server.stop()
})

/** A tab with nothing shown yet, and what it opened towards signaling. */
async function openTab(browser: Browser): Promise<{ page: Page; joins: string[] }> {
  const page = await (await browser.newContext()).newPage()
  page.on('pageerror', (error) => { throw error })
  const joins: string[] = []
  page.on('websocket', (socket) => {
    if (socket.url().endsWith('/signal')) joins.push(socket.url())
  })
  await page.goto(`${vite.resolvedUrls?.local[0]}e2e/react.html`)
  await page.waitForFunction(() => 'show' in window)
  return { page, joins }
}

/** Shows these providers, or changes them. */
const show = (page: Page, ...rooms: Shown['rooms'][number][]) => page.evaluate((shown) => window.show(shown), { rooms })
const told = (page: Page, what: string) => page.getByTestId(what)

test('in StrictMode a provider joins once, and shows how the room is', async ({ browser }) => {
  const token = newToken()
  const [first, second] = [await openTab(browser), await openTab(browser)]
  for (const { page } of [first, second]) {
    await show(page, joinedBy(token))
    await expect(page.getByRole('status')).toHaveText('Live')
  }
  for (const { page, joins } of [first, second]) {
    await expect(told(page, 'others')).toHaveText('1')
    await expect(told(page, 'latency')).toHaveText(/^\d+$/)
    expect(joins).toHaveLength(1)
  }
  await expect(told(first.page, 'role')).toHaveText('host')
  await expect(told(second.page, 'role')).toHaveText('standby')
  await second.page.getByText('Wave').click()
  await expect(told(first.page, 'waves')).toHaveText('hello')
})

test('a provider that is unmounted leaves its room', async ({ browser }) => {
  const token = newToken()
  const [first, second] = [await openTab(browser), await openTab(browser)]
  for (const { page } of [first, second]) await show(page, joinedBy(token))
  await expect(told(first.page, 'others')).toHaveText('1')
  await second.page.evaluate(() => window.unmount())
  await expect(told(first.page, 'others')).toHaveText('0')
  await show(second.page, joinedBy(token))
  await expect(told(first.page, 'others')).toHaveText('1')
  expect(second.joins).toHaveLength(2)
})

test('another token moves the tree to another room; the same props again change nothing', async ({ browser }) => {
  const [one, other] = [newToken(), newToken()]
  const [first, second] = [await openTab(browser), await openTab(browser)]
  for (const { page } of [first, second]) await show(page, joinedBy(one))
  await expect(told(first.page, 'others')).toHaveText('1')
  await show(second.page, { ...joinedBy(one), iceServers: [] })
  await expect.poll(() => second.joins.length).toBe(2) // other options, the same room
  await show(second.page, { iceServers: [], ...joinedBy(one) })
  await show(second.page, joinedBy(other))
  await expect(told(second.page, 'token')).toHaveText(other)
  await expect(told(second.page, 'role')).toHaveText('host')
  await expect(told(first.page, 'others')).toHaveText('0')
  expect(second.joins).toHaveLength(3)
  await show(first.page, joinedBy(other))
  await first.page.getByText('Wave').click()
  await expect(told(second.page, 'waves')).toHaveText('hello')
})

test('two providers on one page are two members', async ({ browser }) => {
  const token = newToken()
  const { page, joins } = await openTab(browser)
  await show(page, joinedBy(token), joinedBy(token))
  await expect(told(page, 'others')).toHaveText(['1', '1'])
  expect(joins).toHaveLength(2)
  await show(page, joinedBy(token))
  await expect(told(page, 'others')).toHaveText(['0'])
})

test('what a server rendered hydrates without a difference, then joins', async ({ browser }) => {
  const { page, joins } = await openTab(browser)
  await page.evaluate((options) => window.hydrate({ rooms: [options] }), joinedBy(newToken()))
  await expect(page.getByRole('status')).toHaveText('Live')
  expect(await page.evaluate(() => window.problems)).toEqual([])
  expect(joins).toHaveLength(1)
})

test("an app's own room is used as it is, and stays when the provider goes", async ({ browser }) => {
  const token = newToken()
  const [first, second] = [await openTab(browser), await openTab(browser)]
  await show(first.page, joinedBy(token))
  await second.page.evaluate((options) => window.showOwn(options), joinedBy(token))
  await expect(told(first.page, 'others')).toHaveText('1')
  await second.page.evaluate(() => window.unmount())
  await first.page.getByText('Wave').click()
  await expect(told(first.page, 'waves')).toHaveText('hello') // a round of the room has passed since
  await expect(told(first.page, 'others')).toHaveText('1')
})

test('what joining throws goes up the tree', async ({ browser }) => {
  const { page } = await openTab(browser)
  await show(page, { token: '' })
  await expect.poll(() => page.evaluate(() => window.problems.join())).toContain('A room needs a token')
})

test('the QR code is drawn here, and nothing is fetched for it', async ({ browser }) => {
  const { page } = await openTab(browser)
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await show(page, joinedBy(newToken()))
  const code = page.getByRole('img', { name: 'QR code with the link to this room' })
  await expect(code).toBeVisible()
  expect(await code.boundingBox()).toMatchObject({ width: 192, height: 192 })
  expect(asked.filter((url) => !url.startsWith('blob:'))).toEqual([])
})
