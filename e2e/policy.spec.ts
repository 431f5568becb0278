// Pages under a strict Content-Security-Policy: a Worker keeps their timers going where any way to start it is allowed.

import { readFileSync } from 'node:fs'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test, type Page } from 'playwright/test'
import { Server, type TestPage } from './stage.ts'

const POLICY = "default-src 'self'"
const NOTES_VIOLATIONS = `
  window.violations = []
  addEventListener('securitypolicyviolation', (event) =>
    violations.push([event.effectiveDirective, event.blockedURI]))
`
const HEAD = '<!doctype html>'
const MODULE = {
  page: `${HEAD}<script type="module" src="app.js"></script>`,
  app: `import * as Baton from './baton.js'; window.Baton = Baton; ${NOTES_VIOLATIONS}`,
}
const CLASSIC = {
  page: `${HEAD}<script src="app.js"></script><script src="baton.global.js"></script>`,
  app: `${NOTES_VIOLATIONS}; addEventListener('load', () => { window.Baton = Baton })`,
}

let baton: Server
let site: HttpServer | null = null
let asked: string[] = []

test.beforeAll(async () => {
  baton = await Server.start()
})

test.afterAll(() => baton.stop())

test.afterEach(() => {
  site?.closeAllConnections()
  site?.close()
})

type Site = typeof MODULE & { readonly policy: string; readonly hasTimers?: boolean }

/** A site of its own, whose policy lets it reach signaling. Resolves with its URL. */
async function serve({ page, app, policy, hasTimers = true }: Site): Promise<string> {
  const own: { readonly [path: string]: string } = { '/': page, '/app.js': app, '/favicon.ico': '' }
  asked = []
  site = createServer(({ url = '/' }, response) => {
    asked.push(url)
    if (url.includes('timers') && !hasTimers) return void response.writeHead(404).end()
    response.setHeader('Content-Type', url === '/' ? 'text/html' : 'text/javascript')
    response.setHeader('Content-Security-Policy', `${policy}; connect-src ${origins()}`)
    response.end(own[url] ?? readFileSync(new URL(`../dist${url}`, import.meta.url)))
  })
  await new Promise<void>((resolve) => site!.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(site.address() as AddressInfo).port}/`
}

const origins = () => `${baton.url} ${baton.url.replace('http', 'ws')}`

async function open(page: Page, what: Site): Promise<string> {
  const url = await serve(what)
  await page.goto(url)
  await page.waitForFunction(() => 'Baton' in window)
  return url
}

/** Resolves with the receipt of what was sent once the room was live, and all errors until then. */
function useRoom(page: Page): Promise<{ seq: number; errors: string[] }> {
  return page.evaluate(async (signaling) => {
    const tab = window as unknown as TestPage
    tab.room = tab.Baton.joinRoom({ token: tab.Baton.createToken(), signaling })
    const errors: string[] = []
    tab.room.on('error', ({ message }) => errors.push(message))
    await tab.room.ready
    const { seq } = await tab.room.append('k', 1)
    return { seq, errors }
  }, baton.url)
}

const workersOf = (page: Page) => page.workers().map((worker) => worker.url())
const violationsOf = (page: Page) =>
  page.evaluate(() => (window as unknown as { violations: string[][] }).violations)

for (const [name, script] of Object.entries({ module: MODULE, 'classic script': CLASSIC }))
  test(`where a policy forbids blob: the ${name} starts its Worker from the file beside it`, async ({
    page,
  }) => {
    const url = await open(page, { ...script, policy: POLICY })
    expect(await useRoom(page)).toEqual({ seq: 1, errors: [] })
    await expect.poll(() => workersOf(page)).toEqual([`${url}baton-timers.js`])
    expect(await violationsOf(page)).toEqual([['worker-src', 'blob']])
    await page.evaluate(() => (window as unknown as TestPage).room.leave())
    await expect.poll(() => workersOf(page)).toEqual([])
  })

test('where a policy allows blob: nothing is violated, and no file is asked for', async ({
  page,
}) => {
  await open(page, { ...MODULE, policy: `${POLICY}; worker-src blob:` })
  expect(await useRoom(page)).toEqual({ seq: 1, errors: [] })
  await expect.poll(() => workersOf(page)).toEqual([expect.stringMatching(/^blob:/)])
  expect(await violationsOf(page)).toEqual([])
  expect(asked).not.toContain('/baton-timers.js')
})

test('where a policy allows no Worker at all, the room goes on without', async ({ page }) => {
  const url = await open(page, { ...MODULE, policy: `${POLICY}; worker-src 'none'` })
  expect(await useRoom(page)).toEqual({ seq: 1, errors: [] })
  await expect
    .poll(() => violationsOf(page))
    .toEqual([
      ['worker-src', 'blob'],
      ['worker-src', `${url}baton-timers.js`],
    ])
  expect(workersOf(page)).toEqual([])
})

test('where the file is not beside the script, the room goes on without', async ({ page }) => {
  await open(page, { ...MODULE, policy: POLICY, hasTimers: false })
  expect(await useRoom(page)).toEqual({ seq: 1, errors: [] })
  await expect.poll(() => asked).toContain('/baton-timers.js')
  await expect.poll(() => workersOf(page)).toEqual([])
})

test('where a policy wants trusted types, the room goes on without a Worker', async ({ page }) => {
  const policy = `${POLICY}; worker-src blob:; require-trusted-types-for 'script'`
  await open(page, { ...MODULE, policy })
  expect(await useRoom(page)).toEqual({ seq: 1, errors: [] })
  await expect
    .poll(() => violationsOf(page))
    .toContainEqual(['require-trusted-types-for', 'trusted-types-sink'])
  expect(workersOf(page)).toEqual([])
})
