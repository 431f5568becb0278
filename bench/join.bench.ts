// How long a newcomer waits: joinRoom() to the first message of a stream of 1,000, against a bare simple-peer that
// connects over the same signaling service. Each is done in a fresh tab, by turns; the page has loaded before.

import { test, type Browser, type Page } from 'playwright/test'
import { openTab, untilSettled } from '../e2e/stage.ts'
import { freshToken, startServer, type BenchServer } from './pages.ts'
import { percentile, row, ROUNDS } from './table.ts'

let server: BenchServer

test.beforeAll(async () => {
  server = await startServer()
})

test.afterAll(() => server.close())

/** Opens a tab that has joined nothing. */
async function openPage(browser: Browser): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  await page.goto(server.url)
  await page.waitForFunction(() => 'Baton' in window)
  return page
}

test('join', async ({ browser }) => {
  const token = freshToken('join')
  const topic = 'A'.repeat(22)
  const room = [
    await openTab(browser, server.url, token),
    await openTab(browser, server.url, token),
  ]
  await untilSettled(room)
  await room[0]!.evaluate(() => window.bench.fillStream(1_000))
  const answerer = await openPage(browser)
  await answerer.evaluate((topic) => window.bench.answerBare(topic), topic)

  const bareMs: number[] = []
  const roomMs: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const bare = await openPage(browser)
    bareMs.push(await bare.evaluate((topic) => window.bench.joinBareMs(topic), topic))
    await bare.context().close()
    const newcomer = await openPage(browser)
    roomMs.push(await newcomer.evaluate((token) => window.bench.joinRoomMs(token), token))
    await newcomer.evaluate(() => window.bench.leaveRoom())
    await newcomer.context().close()
  }
  for (const page of [...room, answerer]) await page.context().close()

  for (const [name, share] of [
    ['p50', 0.5],
    ['p95', 0.95],
  ] as const) {
    const [ours, bare] = [percentile(roomMs, share), percentile(bareMs, share)]
    row({
      what: `join to the first of 1,000 messages, ${name}`,
      measured: `${ours.toFixed(0)} ms; bare simple-peer ${bare.toFixed(0)} ms`,
      value: ours / bare,
      unit: '×',
      ...(name === 'p50' ? { atMost: 1.5 } : {}),
    })
  }
})
