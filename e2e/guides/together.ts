// Owns what one sees on the page of docs/guides/static-page.md, wherever its scripts come from.

import { expect, type Browser, type Page } from 'playwright/test'
import { openPage } from './walk.ts'

/** Two tabs share the page. `watch` is told of each before it loads. */
export async function seeItShared(
  browser: Browser,
  url: string,
  watch: (page: Page) => unknown = () => {},
): Promise<void> {
  const first = await openPage(browser, url, watch)
  await expect(first.locator('#status')).toHaveText('1 here, and this tab hosts')
  const second = await openPage(
    browser,
    (await first.locator('#link').getAttribute('href'))!,
    watch,
  )
  await expect(second.locator('#status')).toHaveText('2 here')
  await second.locator('#add').click()
  await first.locator('#add').click()
  for (const page of [first, second]) await expect(page.locator('#count')).toHaveText('2')
  await second.locator('#notes').pressSequentially('both of us')
  await expect(first.locator('#notes')).toHaveValue('both of us')
  await second.mouse.move(100, 100)
  await expect(first.locator('.cursor')).toHaveCount(1)
  await first.close()
  await expect(second.locator('#status')).toHaveText('1 here, and this tab hosts')
  await second.locator('#add').click()
  await expect(second.locator('#count')).toHaveText('3')
  await expect(second.locator('#notes')).toHaveValue('both of us')
  await second.context().close()
}
