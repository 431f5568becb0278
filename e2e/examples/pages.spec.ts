// The pages under examples/, as people use them: below a path, in two tabs, and through the end of the tab that hosts.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, type Browser, type Page } from 'playwright/test'
import { buildExamples } from '../../scripts/examples.mjs'
import { Server } from '../stage.ts'
import { test } from '../test.ts'
import { openExample, openTwo } from './tabs.ts'

let server: Server
const at = (name: string) => `${server.url}${name}/`

test.beforeAll(async () => {
  server = await Server.start({
    folder: fileURLToPath(new URL('../../dist/examples', import.meta.url)),
    flags: ['--base', '/games/'],
  })
})
test.afterAll(() => server.stop())

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

const EXAMPLES = [
  'whiteboard',
  'chat',
  'notepad',
  'to-do',
  'tic-tac-toe',
  'latency-and-presence',
  'build-log',
] as const

test('the list of examples leads to each of them', async ({ page }) => {
  await page.goto(server.url)
  const links = await page
    .getByRole('link')
    .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href))
  for (const name of EXAMPLES) expect(links).toContain(at(name))
  for (const link of links) expect((await page.request.get(link)).status()).toBe(200)
})

for (const name of EXAMPLES) {
  test(`${name} fits a phone, names its controls, and says that nobody else is here`, async ({
    browser,
  }) => {
    for (const width of [320, 390]) {
      const page = await openExample(browser, at(name), { viewport: { width, height: 640 } })
      await expect(page.getByText('only you are here').first()).toBeVisible()
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
      const unnamed = await page
        .locator('a, button, input, summary, textarea')
        .evaluateAll((controls) =>
          controls
            .filter((control) => {
              const name =
                control.getAttribute('aria-label') ??
                ((control as HTMLInputElement).labels?.[0]?.textContent || control.textContent)
              return name === null || name.trim() === ''
            })
            .map(({ outerHTML }) => outerHTML),
        )
      expect(unnamed).toEqual([])
      expect(await page.locator('.room-bar').evaluate(linesBelowTitle)).toBe(1)
      await page.context().close()
    }
  })
}

/** How many lines the bar has, the title aside. */
function linesBelowTitle(bar: Element): number {
  const parts = [...bar.children].filter(
    (part) => part.tagName !== 'H1' && part.getBoundingClientRect().height > 0,
  )
  const middles = parts.map((part) => {
    const { top, height } = part.getBoundingClientRect()
    return Math.round((top + height / 2) / 10)
  })
  return new Set(middles).size
}

/** As WCAG 2 counts it: 1 is none, 21 black on white. */
function contrastOf(button: Element): number {
  const luminance = (color: string) => {
    const [r = 0, g = 0, b = 0] = color
      .match(/[\d.]+/g)!
      .map((part) => Number(part) / 255)
      .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ground = getComputedStyle(document.body).backgroundColor
  const [low, high] = [ground, getComputedStyle(button).color].map(luminance).sort((a, b) => a - b)
  return (high! + 0.05) / (low! + 0.05)
}

test('a button that is disabled can be read, in the light and in the dark', async ({ browser }) => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await openExample(browser, at('whiteboard'), { colorScheme })
    const undo = page.getByRole('button', { name: 'Undo' })
    await expect(undo).toBeDisabled()
    expect(await undo.evaluate(contrastOf)).toBeGreaterThan(4.5)
  }
})

test('each example has a picture in the list', async ({ page }) => {
  await page.goto(server.url)
  await expect(page.locator('li svg path:first-child')).toHaveCount(EXAMPLES.length)
})

test('the notepad: two who write at both ends at once keep all letters', async ({ browser }) => {
  const [first, second] = await openTwo(browser, at('notepad'))
  await first.getByLabel('Text').fill('middle')
  await expect(second.getByLabel('Text')).toHaveValue('middle')
  await first.getByLabel('Text').press('Home')
  await second.getByLabel('Text').press('End')
  await Promise.all([
    first.getByLabel('Text').pressSequentially('abcdefghij'),
    second.getByLabel('Text').pressSequentially('0123456789'),
  ])
  for (const page of [first, second])
    await expect(page.getByLabel('Text')).toHaveValue('abcdefghijmiddle0123456789')
})

test('the whiteboard: everybody sees where the others point, by name', async ({ browser }) => {
  const [first, second] = await openTwo(browser, at('whiteboard'))
  await first.evaluate(() => localStorage.setItem('name', 'Ada'))
  await first.reload()
  await expect(first.getByText('1 other is here')).toBeVisible()
  const { x, y, width, height } = (await first.locator('#drawing').boundingBox())!
  await first.mouse.move(x + width / 2, y + height / 4)
  const cursor = second.locator('#cursors li')
  await expect(cursor).toHaveText(['Ada'])
  const theirs = (await second.locator('#drawing').boundingBox())!
  const shown = (await cursor.boundingBox())!
  expect(Math.abs(shown.x - theirs.x - theirs.width / 2)).toBeLessThan(3)
  expect(Math.abs(shown.y - theirs.y - theirs.height / 4)).toBeLessThan(3)
  await first.mouse.move(0, 0)
  await expect(cursor).toHaveCount(0)
})

test('the whiteboard: a stroke shows as it is drawn, stays, and outlives the tab that drew it', async ({
  browser,
}) => {
  const [first, second] = await openTwo(browser, at('whiteboard'))
  const strokes = (page: Page) => page.locator('#drawing path')
  await expect(first.getByText('Nothing is drawn yet')).toBeVisible()
  await expect(second.getByText('Nothing is drawn yet')).toBeVisible()
  await first.getByRole('radio', { name: 'Red' }).check()
  await draw(
    first,
    [
      [0.2, 0.2],
      [0.4, 0.5],
      [0.7, 0.3],
    ],
    { lift: false },
  )
  await expect(strokes(second)).toHaveCount(1) // while it is being drawn
  await first.mouse.up()
  await expect(second.getByRole('button', { name: 'Clear' })).toBeEnabled() // it is kept
  await expect(strokes(second)).toHaveClass(['red'])
  await expect(second.getByRole('button', { name: 'Undo' })).toBeDisabled() // it is not theirs
  await first.reload()
  await expect(strokes(first)).toHaveCount(1)
  await press(first, 'Undo') // still mine after a reload
  await expect(strokes(second)).toHaveCount(0)
  await draw(first, [
    [0.1, 0.1],
    [0.3, 0.3],
  ])
  await expect(strokes(second)).toHaveCount(1)
  await first.close()
  const drawing = second.getByRole('application')
  await drawing.focus()
  for (const key of ['Space', 'ArrowRight', 'ArrowRight', 'ArrowDown', 'Space'])
    await drawing.press(key)
  await expect(second.getByText('Pen lifted.')).toBeAttached()
  const newcomer = await openExample(browser, second.url())
  await expect(strokes(newcomer)).toHaveCount(2)
  expect(await strokes(newcomer).last().getAttribute('d')).toBe(
    'M500,500L500,500,510,500,520,500,520,510',
  )
  await press(newcomer, 'Clear')
  await expect(second.getByText('Nothing is drawn yet')).toBeVisible()
})

/** `points` in shares of the board. */
async function draw(
  page: Page,
  points: readonly (readonly [number, number])[],
  { lift = true } = {},
): Promise<void> {
  const { x, y, width, height } = (await page.locator('#drawing').boundingBox())!
  for (const [i, [across, down]] of points.entries()) {
    await page.mouse.move(x + across * width, y + down * height, { steps: 3 })
    if (i === 0) await page.mouse.down()
  }
  if (lift) await page.mouse.up()
}

test('the chat: messages in one order, who is writing, and a newcomer reads it all', async ({
  browser,
}) => {
  const [first, second] = await openTwo(browser, at('chat'))
  const lines = (page: Page) => page.getByRole('log').locator('li')
  await expect(first.getByText('Nobody has written anything yet')).toBeVisible()
  await first.getByLabel('Your name').fill('Ada')
  await first.getByRole('textbox', { name: 'Message' }).fill('hello')
  await expect(second.getByText('Ada is writing…')).toBeVisible()
  await first.getByRole('textbox', { name: 'Message' }).press('Enter')
  await expect(lines(second)).toHaveText([/Ada hello$/])
  await expect(second.getByText('is writing')).toBeHidden()
  await first.close()
  await second.getByRole('textbox', { name: 'Message' }).fill('  ')
  await press(second, 'Send') // nothing but spaces says nothing
  await second.getByRole('textbox', { name: 'Message' }).fill('<b>still here</b>')
  await press(second, 'Send')
  const newcomer = await openExample(browser, second.url())
  await expect(lines(newcomer)).toHaveText([/Ada hello$/, /<b>still here<\/b>$/])
  await second.reload()
  await expect(lines(second)).toHaveCount(2)
})

test('what goes wrong is said in a sentence', async ({ browser }) => {
  const page = await (await browser.newContext()).newPage()
  await page.routeWebSocket('**/signal', (socket) =>
    socket.onMessage(() =>
      socket.send(
        JSON.stringify({ type: 'error', code: 'room-full', message: 'This room is full.' }),
      ),
    ),
  )
  for (const name of ['chat', 'to-do']) {
    await page.goto(at(name))
    await expect(page.getByRole('alert')).toContainText('This room is full.')
    await expect(page.getByText('Looking for the room…').first()).toBeVisible()
  }
})

test('the to-do list, in React: add, tick, edit, filter, remove, and go on without the host', async ({
  browser,
}) => {
  await useToDoList(browser, at('to-do'))
})

test('the to-do list does the same where StrictMode mounts everything twice', async ({
  browser,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-examples-'))
  await buildExamples(folder, { react: 'development' })
  const strict = await Server.start({ folder })
  const said: string[] = []
  await useToDoList(browser, `${strict.url}to-do/`, (page) =>
    page.on('console', (message) => said.push(message.text())),
  )
  expect(said.join()).toContain('React DevTools') // which React names in development alone
  await strict.stop()
  rmSync(folder, { recursive: true })
})

async function useToDoList(
  browser: Browser,
  url: string,
  watch: (page: Page) => void = () => {},
): Promise<void> {
  const [first, second] = await openTwo(browser, url)
  watch(second)
  const tasks = (page: Page) => page.getByRole('listitem')
  await expect(first.getByText('Nothing to do yet')).toBeVisible()
  for (const text of ['bread', 'milk']) {
    await first.getByLabel('New task').fill(text)
    await first.getByLabel('New task').press('Enter')
  }
  await expect(tasks(second)).toHaveText([/bread/, /milk/])
  await second.getByRole('checkbox', { name: 'bread' }).check()
  await expect(first.getByText('1 open, 1 done')).toBeVisible()
  await press(first, 'Edit milk')
  await first.getByLabel('New text of milk').fill('oat milk')
  await first.getByLabel('New text of milk').press('Enter')
  await expect(second.getByRole('checkbox', { name: 'oat milk' })).toBeVisible()
  await press(first, 'Edit oat milk')
  await first.getByLabel('New text of oat milk').press('Escape')
  await first.getByText('Share this list').click()
  await expect(first.getByRole('img', { name: 'QR code' })).toBeVisible()
  await first.close()
  await second.getByRole('radio', { name: 'Open' }).check()
  await expect(tasks(second)).toHaveText([/oat milk/])
  await press(second, 'Remove oat milk')
  await expect(second.getByText('No task is open.')).toBeVisible()
  const newcomer = await openExample(browser, second.url())
  await expect(tasks(newcomer)).toHaveText([/bread/])
  await expect(newcomer.getByRole('checkbox', { name: 'bread' })).toBeChecked()
  await second.reload()
  await expect(tasks(second)).toHaveText([/bread/])
  await press(second, 'Clear done')
  await expect(newcomer.getByText('Nothing to do yet')).toBeVisible()
}

test('tic-tac-toe: two play, a third watches, and a seat that is left can be taken', async ({
  browser,
}) => {
  const [first, second] = await openTwo(browser, at('tic-tac-toe'))
  const turn = (page: Page) => page.locator('#turn')
  const field = (page: Page, name: string) => page.getByRole('button', { name })
  await expect(turn(first)).toHaveText('Your turn, as X.')
  await expect(turn(second)).toHaveText('Your turn, as X.') // whoever moves first takes the seat
  await field(first, 'Row 1, column 1').click()
  await expect(turn(second)).toHaveText('Your turn, as O.')
  await expect(turn(first)).toHaveText('Waiting for somebody to play O.')
  await field(first, 'Row 2, column 2').click({ force: true }) // not their turn
  await field(second, 'Row 2, column 2').click()
  await expect(field(first, 'Row 2, column 2: O')).toBeVisible()
  const third = await openExample(browser, first.url())
  await expect(turn(third)).toHaveText('X is to play.')
  await first.reload()
  await expect(turn(first)).toHaveText('Your turn, as X.') // the seat is kept
  await first.close()
  // As presence tells of a tab that was closed.
  await expect(third.getByText('X: gone. O: another tab.')).toBeVisible()
  await press(third, 'Free the seat of X')
  await expect(turn(third)).toHaveText('Your turn, as X.')
  await field(third, 'Row 1, column 1').focus()
  for (const key of ['ArrowRight', 'Enter']) await third.keyboard.press(key)
  await field(second, 'Row 3, column 1').click()
  await field(third, 'Row 1, column 3').click()
  await expect(turn(third)).toHaveText('You have won.')
  await expect(turn(second)).toHaveText('You have lost.')
  await press(second, 'New game')
  await expect(turn(second)).toHaveText('Your turn, as X.') // who was second begins
})

test('latency and presence: who is here, what they say of themselves, and how far they are', async ({
  browser,
}) => {
  const [first, second] = await openTwo(browser, at('latency-and-presence'))
  const rows = (page: Page) => page.locator('#people tr')
  await expect(rows(first)).toHaveCount(2)
  await first.getByLabel('Your name').fill('Ada')
  await first.getByLabel('Your name').press('Enter')
  await expect(rows(first).nth(0)).toContainText('Ada (you)')
  await expect(rows(second).nth(1)).toContainText('Ada')
  await expect(rows(second).nth(1)).toContainText('host')
  await expect(rows(first).nth(1)).toContainText(/\d+ ms/) // what the other says of its way to the host
  await press(second, 'Ping everyone')
  await expect(rows(second).nth(1).locator('td').last()).toHaveText(/^\d+ ms$/)
  await first.close()
  await expect(rows(second)).toHaveCount(1)
  await expect(second.getByText('Nobody else is here')).toBeVisible()
  await expect(second.getByText(/The room passed to this tab/)).toBeVisible()
  const newcomer = await openExample(browser, second.url())
  await expect(rows(newcomer)).toHaveCount(2)
})
