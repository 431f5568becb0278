// A shared text in fields of real tabs: carets, composition, undo, several fields, and what ends the tie.

import { expect, type Browser, type Locator, type Page } from 'playwright/test'
import type * as TextModule from '../client/text/index.ts'
import { openTab, Server, untilSettled, type TestPage } from './stage.ts'
import { test } from './test.ts'

type TextPage = TestPage & { text: TextModule.SharedText; unties: (() => void)[] }

let server: Server
let tabs: Page[] = []
let thrown: Error[] = []

test.beforeAll(async () => {
  server = await Server.start()
})
test.afterAll(() => server.stop())
test.afterEach(async () => {
  expect(thrown).toEqual([])
  thrown = []
  for (const tab of tabs) await tab.context().close()
  tabs = []
})

/** Two tabs with these fields, all of them tied to one text. */
async function openFields(
  browser: Browser,
  fields: string,
  initial = '',
): Promise<readonly [Locator, Locator]> {
  const token = `text-test-room-${Date.now()}-${Math.random()}`
  for (let i = 0; i < 2; i++) tabs.push(await openTab(browser, server.url, token))
  await untilSettled(tabs)
  for (const tab of tabs) {
    tab.on('pageerror', (error) => thrown.push(error))
    await tab.evaluate(
      async ({ fields, initial }) => {
        const page = window as unknown as TextPage
        const entry = '/baton-text.js'
        const { sharedText } = (await import(entry)) as typeof TextModule
        document.body.innerHTML = fields
        page.text = sharedText(page.room, 'text', initial)
        page.unties = [...document.querySelectorAll('input, textarea')].map((field) =>
          page.text.bind(field as HTMLInputElement),
        )
        await page.text.ready
      },
      { fields, initial },
    )
  }
  const [first, second] = tabs.map((tab) => tab.locator('input, textarea').first())
  return [first!, second!]
}

/** One edit, of the span that differs. */
function write(field: Locator, text: string): Promise<void> {
  return field.evaluate((_, text) => (window as unknown as TextPage).text.set(text), text)
}

function caretOf(field: Locator): Promise<readonly (number | string | null)[]> {
  return field.evaluate((field: HTMLTextAreaElement) => [
    field.selectionStart,
    field.selectionEnd,
    field.selectionDirection,
  ])
}

function select(field: Locator, ...range: [number, number, ('backward' | 'forward')?]) {
  return field.evaluate((field: HTMLTextAreaElement, range) => {
    field.focus()
    field.setSelectionRange(...range)
  }, range)
}

test('[SH14] a caret and a selection stay with their letters, whatever others change around them', async ({
  browser,
}) => {
  const [first, second] = await openFields(browser, '<textarea></textarea>', 'one\ntwo\nthree')
  await select(first, 4, 7, 'backward')
  await write(second, 'zero\none\ntwo\nthree')
  await write(second, 'zero\none\ntwo\nthree\nfour')
  await expect(first).toHaveValue('zero\none\ntwo\nthree\nfour')
  expect(await caretOf(first)).toEqual([9, 12, 'backward'])
  await write(second, 'two\nthree\nfour')
  await write(second, 'two\nthree')
  await expect(first).toHaveValue('two\nthree')
  expect(await caretOf(first)).toEqual([0, 3, 'backward'])
  await write(second, '\nthree')
  await expect(first).toHaveValue('\nthree')
  expect((await caretOf(first)).slice(0, 2)).toEqual([0, 0])
})

test('[SH14] what is composed is not disturbed, and travels when it is done', async ({
  browser,
}) => {
  const [first, second] = await openFields(browser, '<input>', 'ab')
  await select(first, 1, 1)
  const keyboard = await tabs[0]!.context().newCDPSession(tabs[0]!)
  const compose = (text: string) =>
    keyboard.send('Input.imeSetComposition', {
      text,
      selectionStart: text.length,
      selectionEnd: text.length,
    })
  await compose('に')
  await compose('にほ')
  await write(second, '<ab')
  await write(second, '<ab>')
  await expect(first).toHaveValue('aにほb')
  await expect
    .poll(() => first.evaluate(() => (window as unknown as TextPage).text.value))
    .toBe('<ab>') // it came, and waits
  await keyboard.send('Input.insertText', { text: '日本' })
  for (const field of [first, second]) await expect(field).toHaveValue('<a日本b>')
  expect((await caretOf(first)).slice(0, 2)).toEqual([4, 4])
})

test('[SH14] the browser undoes and redoes own typing, and the room follows', async ({
  browser,
}) => {
  const [first, second] = await openFields(browser, '<input>')
  await first.pressSequentially('hello')
  await expect(second).toHaveValue('hello')
  await first.press('Control+z')
  const undone = await first.inputValue()
  expect(undone).not.toBe('hello')
  await expect(second).toHaveValue(undone)
  await first.press('Control+Shift+z')
  await expect(first).toHaveValue('hello')
  await expect(second).toHaveValue('hello')
})

test('[SH14] fields of one page follow each other; an untied one is the page’s own', async ({
  browser,
}) => {
  const [first, second] = await openFields(
    browser,
    '<textarea></textarea><input><input type="email">',
  )
  await first.pressSequentially('mail')
  await tabs[0]!.locator('[type=email]').pressSequentially('@')
  await expect(first).toHaveValue(/^(mail@|@mail)$/)
  await expect(tabs[1]!.locator('[type=email]')).toHaveValue(await first.inputValue())
  await expect(tabs[1]!.locator('input').first()).toHaveValue(await first.inputValue())
  const tied = await first.inputValue()
  await first.evaluate(() => (window as unknown as TextPage).unties[0]!())
  await first.fill('mine alone')
  await second.fill(`${tied}!`)
  await expect(tabs[0]!.locator('[type=email]')).toHaveValue(`${tied}!`)
  await expect(first).toHaveValue('mine alone')
  expect(await first.evaluate(() => (window as unknown as TextPage).text.value)).toBe(`${tied}!`)
})

test('[SH14] after leaving, and after closing the text, what is typed stays in the field', async ({
  browser,
}) => {
  const [first, second] = await openFields(browser, '<input>', 'a')
  await second.evaluate(() => (window as unknown as TextPage).text.close())
  await second.fill('closed')
  await first.evaluate(() => (window as unknown as TextPage).room.leave())
  await first.fill('left')
  await expect(second).toHaveValue('closed')
  await expect(first).toHaveValue('left')
})
