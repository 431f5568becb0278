// The demo page as visitors use it: three tabs, a keyboard alone, a phone.

import { expect, test, type Browser, type BrowserContextOptions, type Page } from 'playwright/test'
import { crash, Server } from './stage.ts'

let server: Server
let pages: Page[] = []

test.beforeAll(async () => {
  server = await Server.start({ folder: null })
})

test.afterAll(() => server.stop())

test.afterEach(async () => {
  for (const page of pages) await page.context().close()
  pages = []
})

async function open(
  browser: Browser,
  { hash = '', ...options }: BrowserContextOptions & { readonly hash?: string } = {},
): Promise<Page> {
  const page = await (await browser.newContext({ reducedMotion: 'reduce', ...options })).newPage()
  pages.push(page)
  page.on('pageerror', (error) => {
    throw error
  })
  await page.goto(server.url + hash)
  await expect(page.getByTestId('status')).toHaveAttribute('data-status', 'live')
  return page
}

/** Three tabs of one room, the first of which hosts. */
async function openThree(browser: Browser): Promise<[Page, Page, Page]> {
  const first = await open(browser)
  const hash = await first.evaluate(() => location.hash)
  const [second, third] = [await open(browser, { hash }), await open(browser, { hash })]
  for (const page of [first, second, third])
    await expect(page.getByTestId('peers').locator('li')).toHaveCount(3)
  return [first, second, third]
}

test('the board goes on when the tab that hosts it is killed', async ({ browser }) => {
  const [host, second, third] = await openThree(browser)
  await expect(host.getByTestId('role')).toHaveText('host')
  await host.bringToFront()
  await host.keyboard.press('n')
  await host.keyboard.type('made by the first host')
  await host.keyboard.press('Escape')
  for (const page of [second, third])
    await expect(page.getByTestId('note').getByRole('textbox')).toHaveValue(
      'made by the first host',
    )
  await second.getByTestId('chat-input').fill('before')
  await second.getByTestId('chat-input').press('Enter')
  await expect(third.getByTestId('chat-log')).toContainText('before')

  await crash(host)
  await second.getByTestId('chat-input').fill('right after')
  await second.getByTestId('chat-input').press('Enter')
  for (const page of [second, third]) {
    await expect(page.getByTestId('term')).toHaveText('2')
    await expect(page.getByTestId('chat-log')).toContainText('right after')
    const passed = page.getByTestId('timeline').locator('[data-type=passed]')
    await expect(passed).toHaveCount(1)
    await expect(passed).toContainText(/\d+ ms/)
    await expect(page.getByTestId('note')).toHaveCount(1)
    await expect(page.getByTestId('peers').locator('li')).toHaveCount(2)
  }
})

test('a note is made, moved and deleted by keyboard alone', async ({ browser }) => {
  const page = await open(browser)
  await page.keyboard.press('n')
  await page.keyboard.type('keyboard')
  await page.keyboard.press('Escape')
  const note = page.getByTestId('note')
  await expect(note.getByRole('textbox')).toHaveValue('keyboard')
  await expect(note).toBeFocused()
  const before = await note.boundingBox()
  await page.keyboard.press('ArrowRight')
  await expect.poll(async () => (await note.boundingBox())!.x).toBeGreaterThan(before!.x)
  await page.keyboard.press('Delete')
  await expect(note).toHaveCount(0)
})

test('the share dialog shows the link and a code of it, and Esc closes it', async ({ browser }) => {
  const page = await open(browser)
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await expect(page.getByTestId('share-link')).toHaveValue(page.url())
  await expect(page.getByTestId('qr')).toBeVisible()
  await expect(page.getByTestId('qr').locator('path')).toHaveAttribute('d', /.{500,}/)
  await page.keyboard.press('Escape')
  await expect(page.getByTestId('share-link')).toBeHidden()
})

test('who leaves hands over, and can come back', async ({ browser }) => {
  const [host, second] = await openThree(browser)
  await host.getByRole('button', { name: 'Leave room' }).click()
  await expect(second.getByTestId('peers').locator('li')).toHaveCount(2)
  await host.getByRole('button', { name: 'Rejoin the room' }).first().click()
  await expect(host.getByTestId('status')).toHaveAttribute('data-status', 'live')
  await expect(host.getByTestId('role')).not.toHaveText('host')
  await expect(second.getByTestId('peers').locator('li')).toHaveCount(3)
})

for (const [name, options] of Object.entries({
  'a phone': { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  'the smallest phone, in the dark': {
    viewport: { width: 320, height: 568 },
    hasTouch: true,
    isMobile: true,
    colorScheme: 'dark',
  },
} as const)) {
  test(`nothing is wider than ${name}`, async ({ browser }) => {
    const page = await open(browser, options)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      options.viewport.width,
    )
    await page
      .getByRole('tab', { name: /Inside/ })
      .or(page.getByRole('button', { name: /Inside/ }))
      .first()
      .click()
    await expect(page.getByTestId('timeline')).toBeVisible()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      options.viewport.width,
    )
  })
}
