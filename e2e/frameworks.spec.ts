// Rooms and shared objects in the state of frameworks that wrap what they are given: each in its own page.

import { expect, type Browser, type Page } from 'playwright/test'
import { BuiltPages } from './built-pages.ts'
import { sveltePlugin } from './frameworks/svelte-plugin.mjs'
import { Server } from './stage.ts'
import { test } from './test.ts'

type Options = { readonly token: string; readonly signaling: string }

declare global {
  interface Window {
    /** Shows a counter of this room. */
    start(options: Options): void
    /** By where a framework keeps state: uses every member of all that was put there. */
    ways: Record<string, (options: Options) => Promise<unknown>>
  }
}

const FRAMEWORKS: Readonly<Record<string, readonly string[]>> = {
  vue: ['ref', 'reactive', 'data'],
  alpine: ['reactive', 'store', 'x-data'],
  svelte: ['$state'],
  solid: ['createStore', 'createMutable', 'createSignal'],
}

const pageOf = (framework: string) => `frameworks/${framework}.html`

let pages: BuiltPages
let server: Server
let rooms = 0
const newOptions = (): Options => ({
  token: `frameworks-test-room-${Date.now()}-${++rooms}`,
  signaling: `${server.url}signal`,
})

test.beforeAll(async () => {
  server = await Server.start()
  pages = await BuiltPages.serve(Object.keys(FRAMEWORKS).map(pageOf), { plugins: [sveltePlugin] })
})

test.afterAll(async () => {
  await pages.close()
  await server.stop()
})

async function openPage(browser: Browser, name: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  page.on('pageerror', (error) => {
    throw error
  })
  await page.goto(pages.urlOf(pageOf(name)))
  await page.waitForFunction(() => 'start' in window)
  return page
}

const DRAFT = { tags: ['a', 'b'] }
const USED = {
  said: [DRAFT, 'relayed', DRAFT],
  replayed: ['folded'],
  changed: [0, 1, 2, 3],
  values: [1, [['kept', DRAFT]], [DRAFT], 2, 0, { name: 'nobody', draft: DRAFT }],
  areReady: true,
  room: ['live', 'host', 0, 0],
  names: ['string', 'string', 'number'],
  left: 'closed',
}

for (const [name, ways] of Object.entries(FRAMEWORKS)) {
  test(`in ${name} every member of a room and its objects works from its state`, async ({
    browser,
  }) => {
    const page = await openPage(browser, name)
    for (const way of ways)
      expect(
        await page.evaluate(({ way, options }) => window.ways[way]!(options), {
          way,
          options: newOptions(),
        }),
        way,
      ).toEqual(USED)
    await page.context().close()
  })

  test(`two pages of ${name} show one count, and each can leave`, async ({ browser }) => {
    const options = newOptions()
    const pages = [await openPage(browser, name), await openPage(browser, name)]
    for (const page of pages) {
      await page.evaluate((options) => window.start(options), options)
      await expect(page.getByTestId('status')).toHaveText('live')
    }
    for (const page of pages) await page.getByText('Add').click()
    for (const page of pages) await expect(page.getByTestId('count')).toHaveText('2')
    for (const page of pages) {
      await page.getByText('Leave').click()
      await expect(page.getByTestId('status')).toHaveText('closed')
      await page.context().close()
    }
  })
}
