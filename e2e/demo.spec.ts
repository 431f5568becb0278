// The demo page as visitors use it: three tabs, a keyboard alone, a phone; below a path.

import { expect, type Browser, type BrowserContextOptions, type Page } from 'playwright/test'
import { crash, Server } from './stage.ts'
import { test } from './test.ts'

let server: Server
let pages: Page[] = []

test.beforeAll(async () => {
  server = await Server.start({ folder: null, flags: ['--base', '/games/'] })
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

/** Whether any two of these elements lie on one another. */
function isAnyCovered(elements: readonly Element[]): boolean {
  const boxes = elements.map((element) => element.getBoundingClientRect())
  return boxes.some((a, i) =>
    boxes
      .slice(i + 1)
      .some((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom),
  )
}

for (const [name, viewport] of Object.entries({
  'a screen of 800 px height': { width: 1280, height: 800 },
  'a phone': { width: 390, height: 844 },
})) {
  test(`on ${name}, new notes do not cover those before them`, async ({ browser }) => {
    const page = await open(browser, { viewport })
    for (let i = 1; i <= 5; i++) {
      await page.keyboard.press('n')
      await page.keyboard.type(`note ${i}`)
      await page.keyboard.press('Escape')
      await expect(page.getByTestId('note')).toHaveCount(i)
    }
    await expect.poll(() => page.getByTestId('note').evaluateAll(isAnyCovered)).toBe(false)
  })

  test(`on ${name}, what pops up is whole, does not lie on one another, nor beyond the screen`, async ({
    browser,
  }) => {
    const page = await open(browser, { viewport })
    await page.evaluate(() => {
      const text = 'The signaling service cannot be reached at wss://games.example/signal. '
      for (const id of ['banner', 'notice']) {
        const popped = document.getElementById(id)!
        Object.defineProperty(popped, 'hidden', { set: () => {} }) // it stays
        popped.removeAttribute('hidden')
        popped.firstElementChild!.textContent = text.repeat(2)
      }
      for (let i = 0; i < 3; i++) {
        const toast = document.createElement('p')
        toast.className = 'toast'
        toast.textContent = 'The baton passed to somebody with a name as long as names may be'
        document.getElementById('toasts')!.append(toast)
      }
    })
    const popped = page.locator('.banner, .notice, .toast')
    await expect(popped).toHaveCount(5)
    expect(await popped.evaluateAll(isAnyCovered)).toBe(false)
    const isCut = await page.locator('#banner-text').evaluate((text) => {
      text.textContent = 'There is no signaling at wss://games.example/signal. '.repeat(4)
      return text.scrollHeight > text.clientHeight
    })
    expect(isCut).toBe(false)
    for (const element of await popped.all()) {
      const { x, y, width, height } = (await element.boundingBox())!
      expect(x).toBeGreaterThanOrEqual(0)
      expect(x + width).toBeLessThanOrEqual(viewport.width)
      expect(y + height).toBeLessThanOrEqual(viewport.height)
    }
  })
}

test('a stroke lies above the notes before it, and a note that is touched later above the stroke', async ({
  browser,
}) => {
  const page = await open(browser)
  await page.keyboard.press('n')
  await page.keyboard.type('first')
  await page.keyboard.press('Escape')
  const note = page.getByTestId('note')
  await expect(note).not.toHaveClass(/waiting/)
  const { x, y, width, height } = (await note.boundingBox())!
  await page.keyboard.press('d')
  await page.mouse.move(x - 20, y + height / 2)
  await page.mouse.down()
  await page.mouse.move(x + width + 20, y + height / 2, { steps: 4 })
  await page.mouse.up()
  const stroke = page.locator('#ink svg').filter({ has: page.locator('path') })
  const heightOf = (element: typeof note) =>
    element.evaluate((element) => Number((element as HTMLElement).style.zIndex))
  await expect.poll(() => heightOf(stroke)).toBeLessThan(1_000) // the room has given it a place
  expect(await heightOf(stroke)).toBeGreaterThan(await heightOf(note))
  const newcomer = await open(browser, { hash: new URL(page.url()).hash })
  const [theirs, their] = [newcomer.locator('#ink svg'), newcomer.getByTestId('note')]
  await expect(theirs).toHaveCount(1)
  expect(await heightOf(theirs)).toBeGreaterThan(await heightOf(their))
  await page.keyboard.press('d')
  await note.focus()
  await page.keyboard.press('ArrowDown')
  await expect.poll(() => heightOf(note)).toBeGreaterThan(await heightOf(stroke))
  await expect.poll(() => heightOf(their)).toBeGreaterThan(await heightOf(theirs))
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
  // Whoever is out has neither a host nor a way to it.
  for (const fact of ['role', 'host-id', 'latency', 'my-id', 'seq', 'pending'])
    await expect(host.getByTestId(fact)).toHaveText('–')
  await expect(host.getByTestId('chat-input')).toHaveAttribute(
    'placeholder',
    'You are out of the room',
  )
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
