// What a room costs over bare data channels between the same pages: latency, small messages, bulk. What is
// compared is measured by turns, so that whatever else the machine does meanwhile meets both.

import { test, type Browser, type Page } from 'playwright/test'
import { hostOf, openTab, untilSettled } from '../e2e/stage.ts'
import { connectRaw, freshToken, rateOf, startServer, type BenchServer } from './pages.ts'
import { median, percentile, row, ROUNDS } from './table.ts'

const LATENCIES = 50 * ROUNDS
const LATENCIES_WARM_UP = 30
const THROUGHPUTS = Math.max(2, Math.ceil(ROUNDS / 4))
const SMALL = { count: 60_000, bytes: 100 }
const BULK = { count: 512, bytes: 64 * 1024 }

let server: BenchServer
let tabs: Page[] = []

test.beforeAll(async () => {
  server = await startServer()
})

test.afterEach(async () => {
  for (const tab of tabs) await tab.context().close()
  tabs = []
})

test.afterAll(() => server.close())

/** A room's host and its other tabs. */
async function openRoom(
  browser: Browser,
  name: string,
  count: number,
): Promise<readonly [Page, ...Page[]]> {
  const token = freshToken(name)
  for (let i = 0; i < count; i++) tabs.push(await openTab(browser, server.url, token))
  await untilSettled(tabs)
  const host = await hostOf(tabs)
  return [host, ...tabs.filter((tab) => tab !== host)]
}

test('latency', async ({ browser }) => {
  const [host, writer, reader] = (await openRoom(browser, 'latency', 3)) as [Page, Page, Page]
  await connectRaw(writer, host)
  await connectRaw(host, reader)
  await host.evaluate(() => window.bench.relayRaw())
  await reader.evaluate(() => window.bench.hearLatencies())
  await writer.evaluate((count) => window.bench.sendByTurns(count), LATENCIES_WARM_UP + LATENCIES)
  const heard = await reader.evaluate(
    (count) => window.bench.untilLatencies(count),
    LATENCIES_WARM_UP + LATENCIES,
  )
  const [raw, room] = [heard.raw.slice(LATENCIES_WARM_UP), heard.room.slice(LATENCIES_WARM_UP)]
  for (const [name, share, atMost] of [
    ['p50', 0.5, 1.3],
    ['p95', 0.95, undefined],
    ['p99', 0.99, 2],
  ] as const) {
    const [ours, bare] = [percentile(room, share), percentile(raw, share)]
    row({
      what: `latency page → host → page, 100 B, idle, ${name}`,
      measured: `${ours.toFixed(2)} ms; two raw hops ${bare.toFixed(2)} ms`,
      value: ours / bare,
      unit: '×',
      ...(atMost === undefined ? {} : { atMost }),
    })
  }
})

test('small messages', async ({ browser }) => {
  const [host, writer, ...others] = (await openRoom(browser, 'small', 4)) as [
    Page,
    Page,
    Page,
    Page,
  ]
  await connectRaw(writer, host)
  const rates = { raw: [] as number[], room: [] as number[] }
  for (let round = 0; round < THROUGHPUTS; round++) {
    rates.raw.push(await rateOf('raw', writer, [host], SMALL.count, SMALL.bytes))
    rates.room.push(await rateOf('append', writer, [writer, ...others], SMALL.count, SMALL.bytes))
  }
  const [ours, bare] = [median(rates.room), median(rates.raw)]
  row({
    what: 'small messages, 100 B, page → host → 3 pages',
    measured: `${thousands(ours)} /s to each; one raw channel ${thousands(bare)} /s`,
    value: ours / bare,
    unit: '×',
    atLeast: 4,
  })
})

test('bulk', async ({ browser }) => {
  const [host, writer, reader] = (await openRoom(browser, 'bulk', 3)) as [Page, Page, Page]
  await connectRaw(writer, host)
  await connectRaw(host, reader)
  const rates = { raw: [] as number[], twoHops: [] as number[], room: [] as number[] }
  for (let round = 0; round < THROUGHPUTS; round++) {
    rates.raw.push(await rateOf('raw', writer, [host], BULK.count, BULK.bytes))
    rates.room.push(await rateOf('relay', writer, [reader], BULK.count, BULK.bytes))
    await host.evaluate(() => window.bench.relayRaw())
    rates.twoHops.push(await rateOf('raw', writer, [reader], BULK.count, BULK.bytes))
  }
  const [ours, bare, relayed] = [median(rates.room), median(rates.raw), median(rates.twoHops)]
  row({
    what: 'bulk, 64 KiB values, page → host → page',
    measured: `${megabytes(ours)}; one raw channel ${megabytes(bare)}`,
    value: ours / bare,
    unit: '×',
    atLeast: 0.85,
  })
  row({
    what: 'the same against two raw hops',
    measured: `${megabytes(ours)}; two raw hops ${megabytes(relayed)}`,
    value: ours / relayed,
    unit: '×',
  })
})

function thousands(rate: number): string {
  return `${(rate / 1000).toFixed(1)} k`
}

function megabytes(rate: number): string {
  return `${((rate * BULK.bytes) / 1e6).toFixed(1)} MB/s`
}
