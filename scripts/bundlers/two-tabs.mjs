// Owns the look at a page that some tool built: two tabs of it, in one room, must each show what the other appended.

import { chromium } from 'playwright'
import { findChromium } from '../chromium.mjs'

const PATIENCE_MS = 60_000
const GREETINGS = ['hello from first', 'hello from second']

/** @throws an Error with all that the tabs showed and told. */
export async function tryTwoTabs(url) {
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
  try {
    const context = await browser.newContext()
    const told = []
    const first = await open(context, `${url}?tab=first`, told)
    await first.waitForURL(/#room=/, { timeout: PATIENCE_MS }).catch(() => {})
    const second = await open(context, `${url}?tab=second${new URL(first.url()).hash}`, told)
    for (const tab of [first, second]) await waitForGreetings(tab, told)
  } finally {
    await browser.close()
  }
}

async function open(context, url, told) {
  const page = await context.newPage()
  page.on('console', (line) => told.push(line.text()))
  page.on('pageerror', (error) => told.push(error.stack ?? error.message))
  page.on('requestfailed', (request) => told.push(`${request.url()} failed`))
  await page.goto(url)
  return page
}

async function waitForGreetings(page, told) {
  const showAll = (greetings) => greetings.every((line) => document.body.innerText.includes(line))
  try {
    await page.waitForFunction(showAll, GREETINGS, { timeout: PATIENCE_MS })
  } catch {
    const shown = await page.evaluate(() => document.body.innerText)
    throw new Error([`${page.url()} shows:`, shown, 'The console says:', ...told].join('\n'))
  }
}
