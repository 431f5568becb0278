// Owns how the tests of the examples open them: tabs of different people, all in one room.

import type { Browser, BrowserContextOptions, Page } from 'playwright/test'

/** Opens an example, in a new room or that of another tab. What the page throws fails the test. */
export async function openExample(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage()
  page.on('pageerror', (error) => {
    throw error
  })
  await page.goto(url)
  await page.waitForFunction(() => location.hash.startsWith('#room='))
  return page
}

/** A tab in a new room, and one that was sent its link. */
export async function openTwo(browser: Browser, url: string): Promise<[Page, Page]> {
  const first = await openExample(browser, url)
  return [first, await openExample(browser, first.url())]
}
