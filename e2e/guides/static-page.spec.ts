// Follows docs/guides/static-page.md.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, type Browser, type Page } from 'playwright/test'
import sirv from 'sirv'
import { blockOf } from './guide.ts'
import { openPage, test, type Walk } from './walk.ts'
import { seeItShared } from './together.ts'

const GUIDE = 'guides/static-page'
const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

/** The page, in a folder of its own. */
async function written(newWalk: (guide: string) => Walk): Promise<Walk> {
  const walk = newWalk(GUIDE)
  await walk.follow('Begin')
  await walk.follow('Write the page')
  return walk
}

/** The first two lines of the script become others. */
function importFrom(walk: Walk, lines: string): void {
  const [baton = '', text = ''] = lines.trimEnd().split('\n')
  walk.edit('public/main.js', {
    "import { joinRoom, linkTo, onOtherRoom, presence, sharedReducer } from './baton.js'": baton,
    "import { sharedText } from './baton-text.js'": text,
  })
}

/** Files at a path, as a static host serves them. */
async function hostFiles(folder: string, path: string): Promise<{ url: string; server: Server }> {
  const files = sirv(folder, { dev: true })
  const server = createServer((request, response) => {
    request.url = request.url!.replace(path, '/')
    files(request, response, () => void response.writeHead(404).end())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, server }
}

test('a counter, a text and cursors are shared, also after the tab that hosted is closed', async ({
  browser,
  newWalk,
}) => {
  const walk = await written(newWalk)
  await seeItShared(browser, await walk.follow('Open it'))
})

test('the switch works without modules, and so do the ten lines of the README with them', async ({
  browser,
  newWalk,
}) => {
  const walk = newWalk(GUIDE)
  await walk.follow('Begin')
  await walk.follow('Without modules')
  const [, script] = /^## In ten lines\n\n```js\n(.*?)^```$/ms.exec(README) ?? []
  const module = `<script type="module">${script}</script>`
  walk.write('public/ten.html', `<!doctype html><button>Add</button><output>0</output>${module}`)
  const url = await walk.follow('Open it')
  await seeSwitch(browser, `${url}light.html`)
  await seeTenLines(browser, `${url}ten.html`)
})

async function seeSwitch(browser: Browser, url: string): Promise<void> {
  const first = await openPage(browser, url)
  await expect(first.locator('button')).toBeEnabled()
  const second = await openPage(browser, first.url())
  await expect(second.locator('button')).toBeEnabled()
  await first.locator('button').click()
  await expect(second.locator('button')).toHaveText('On')
  await second.locator('button').click()
  await expect(first.locator('button')).toHaveText('Off')
  await first.evaluate('room.leave()')
  await first.locator('button').click()
  await expect(first.locator('button')).toContainText('left the room')
  for (const page of [first, second]) await page.context().close()
}

async function seeTenLines(browser: Browser, url: string): Promise<void> {
  const first = await openPage(browser, url)
  await first.waitForFunction(() => location.hash.startsWith('#room='))
  const second = await openPage(browser, first.url())
  await expect(first).toHaveTitle('1 others')
  for (const page of [first, second]) await page.locator('button').click()
  for (const page of [first, second]) await expect(page.locator('output')).toHaveText('2')
  for (const page of [first, second]) await page.context().close()
}

test('below a path, with the policy, nothing is refused', async ({ browser, newWalk }) => {
  const walk = await written(newWalk)
  const policy = blockOf(GUIDE, 'With a Content-Security-Policy', 'html')
  walk.edit('public/index.html', { '  <title>': `${policy}  <title>` })
  const url = await walk.follow('Below a path')
  expect(new URL(url).pathname).toBe('/games/')
  const refused: string[] = []
  await seeItShared(browser, url, (page) =>
    page.on('console', (message) => {
      if (message.type() === 'error') refused.push(message.text())
    }),
  )
  expect(refused).toEqual([])
})

/** Answers what the CDN would, from the package. */
async function bringCdn(page: Page, walk: Walk, seen: string[]): Promise<void> {
  await page.route('https://cdn.jsdelivr.net/npm/**', (route) => {
    const { pathname } = new URL(route.request().url())
    seen.push(pathname)
    const path = pathname.replace(/^\/npm\/baton-relay@[^/]+/, '')
    return route.fulfill({ path: join(walk.folder, 'node_modules', 'baton-relay', path) })
  })
}

test('the scripts come from a CDN, signaling from where the page is', async ({
  browser,
  newWalk,
}) => {
  const walk = await written(newWalk)
  importFrom(walk, blockOf(GUIDE, 'From a CDN', 'js'))
  const seen: string[] = []
  await seeItShared(browser, await walk.follow('Open it'), (page) => bringCdn(page, walk, seen))
  expect(seen).toContain('/npm/baton-relay@0.1.0/dist/baton-text.js')
})

test('a static host has the page below a path, and signaling is elsewhere', async ({
  browser,
  newWalk,
}) => {
  const walk = await written(newWalk)
  const site = await hostFiles(join(walk.folder, 'public'), '/together/')
  const origin = new URL(site.url).origin
  const signaling = await walk.follow('On GitHub Pages', { 'https://you.github.io': origin })
  const line = blockOf(GUIDE, 'On GitHub Pages', 'js').trimEnd()
  const address = signaling.replace('http', 'ws').replace(/\/$/, '')
  walk.edit('public/main.js', {
    'const room = joinRoom()': line.replace('wss://signal.example', address),
  })
  await seeItShared(browser, site.url)
  site.server.close()
})
