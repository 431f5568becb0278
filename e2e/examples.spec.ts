// The examples of the documentation, served by its own program, and word for word what it shows.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, type Browser, type Page } from 'playwright/test'
import { test } from './test.ts'

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url))

let server: ChildProcess
let url: string

/** The pages are served by the documentation's own program. */
test.beforeAll(async () => {
  server = spawn(process.execPath, [path('docs/examples/server.js')], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [line] = (await once(createInterface({ input: server.stdout! }), 'line')) as [string]
  url = line.replace('Open ', '').replace('chat.html', '')
})

test.afterAll(async () => {
  const exited = once(server, 'exit')
  server.kill('SIGINT')
  expect(await exited).toEqual([0, null])
})

/** Two tabs on one example, in one room. */
async function openTwo(browser: Browser, name: string): Promise<[Page, Page]> {
  const [first, second] = [
    await (await browser.newContext()).newPage(),
    await (await browser.newContext()).newPage(),
  ]
  for (const page of [first, second])
    page.on('pageerror', (error) => {
      throw error
    })
  await first.goto(url + name)
  await first.waitForFunction(() => location.hash.startsWith('#room='))
  await second.goto(first.url())
  return [first, second]
}

const SHOWN_IN = {
  'chat.html': 'docs/room.md',
  'counter.js': 'docs/room.md',
  'server.js': 'docs/deploying.md',
  'shared.html': 'docs/shared-objects.md',
  'classic.html': 'docs/guides/static-page.md',
}

for (const [name, page] of Object.entries(SHOWN_IN)) {
  test(`${name} is what ${page} shows`, () => {
    const blocks = readFileSync(path(page), 'utf8')
      .split('```')
      .filter((_, i) => i % 2 === 1)
    expect(blocks.map((block) => block.replace(/^\w*\n/, ''))).toContain(
      readFileSync(path(`docs/examples/${name}`), 'utf8'),
    )
  })
}

test('the chat goes on without the tab that hosted it', async ({ browser }) => {
  const [first, second] = await openTwo(browser, 'chat.html')
  await first.getByLabel('Message').fill('hello')
  await first.getByText('Send').click()
  await expect(second.locator('li')).toHaveText(['hello'])
  await expect(first).toHaveTitle('Chat: message 1 is safe')
  await second.getByLabel('Message').fill('there')
  await second.getByText('Send').click()
  await expect(first.locator('li')).toHaveText(['hello', 'there'])
  await first.getByText('Leave').click()
  await second.getByLabel('Message').fill('alone')
  await second.getByText('Send').click()
  await expect(second.locator('li')).toHaveText(['hello', 'there', 'alone'])
})

test('a line that is typed after Leave stays, and a sentence says why', async ({ browser }) => {
  const [first] = await openTwo(browser, 'chat.html')
  await first.getByText('Leave').click()
  await first.getByLabel('Message').fill('too late')
  await first.getByText('Send').click()
  await expect(first.locator('output')).toContainText('left the room')
  await expect(first.getByLabel('Message')).toHaveValue('too late')
  await expect(first.locator('li')).toHaveCount(0)
})

test('the counter folds its stream, and a newcomer counts the same', async ({ browser }) => {
  const [first, second] = await openTwo(browser, 'counter.html')
  await second.evaluate(() => {
    for (let i = 0; i < 250; i++) document.querySelector('button')!.click()
  })
  for (const page of [first, second]) await expect(page.locator('output')).toHaveText('250')
  const third = await (await browser.newContext()).newPage()
  await third.goto(first.url())
  await expect(third.locator('output')).toHaveText('250')
  await first.close()
  await third.locator('button').click()
  await expect(second.locator('output')).toHaveText('251')
})

test('shared objects are the same in all tabs, and a tab that goes is gone from the list', async ({
  browser,
}) => {
  const [first, second] = await openTwo(browser, 'shared.html')
  await expect(first.locator('output')).toHaveText('0') // before anybody has clicked
  await expect(first.getByLabel('Color')).toHaveValue('#1c7a45')
  await expect(first.locator('li')).toHaveText([/^Tab/])
  await second.getByLabel('Title').fill('Plans')
  await expect(first.getByLabel('Title')).toHaveValue('Plans')
  await second.locator('button').click()
  await first.locator('button').click()
  for (const page of [first, second]) await expect(page.locator('output')).toHaveText('2')
  await second.getByLabel('Color').fill('#ff0000')
  await expect(first.getByLabel('Color')).toHaveValue('#ff0000')
  await first.close()
  await expect(second.locator('li')).toHaveCount(0)
  await second.locator('button').click()
  await expect(second.locator('output')).toHaveText('3')
})

/** Types one letter after the other, as fast as the browser takes them. */
async function type(page: Page, label: string, at: 'Home' | 'End', letters: string): Promise<void> {
  await page.getByLabel(label).focus()
  await page.keyboard.press(at)
  await page.getByLabel(label).pressSequentially(letters)
}

test('[SH14] two who type at both ends of a field at once keep all letters, and their carets', async ({
  browser,
}) => {
  const [first, second] = await openTwo(browser, 'shared.html')
  for (const page of [first, second]) await expect(page.locator('li')).toHaveCount(1)
  await first.getByLabel('Title').fill('middle')
  await expect(second.getByLabel('Title')).toHaveValue('middle')
  await Promise.all([
    type(first, 'Title', 'Home', 'abcdefghij'),
    type(second, 'Title', 'End', '0123456789'),
  ])
  const ends = [
    [first, 10],
    [second, 26],
  ] as const
  for (const [page, caret] of ends) {
    const field = page.getByLabel('Title')
    await expect(field).toHaveValue('abcdefghijmiddle0123456789')
    const carets = await field.evaluate((input: HTMLInputElement) => [
      input.selectionStart,
      input.selectionEnd,
    ])
    expect(carets).toEqual([caret, caret])
  }
})
