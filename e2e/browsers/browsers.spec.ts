// The same story in each browser, and in rooms of two browsers: one page hosts, another joins, both write, the tab that
// hosts is closed, the other leads on, and a third page is given all that was.

import { expect, test } from 'playwright/test'
import { startServer } from '../../signaling/server.ts'
import { PAGES, type Given } from '../stage.ts'
import { Browsers, type BrowserName } from './browsers.ts'
import { Member } from './member.ts'

/** Who opens the room, and who joins it and takes over. */
const ROOMS: readonly (readonly [BrowserName, BrowserName])[] = [
  ['Firefox', 'Firefox'],
  ['Firefox', 'Chromium'],
  ['Chromium', 'Firefox'],
  ['WebKitGTK', 'WebKitGTK'],
  ['WebKitGTK', 'Chromium'],
  ['Chromium', 'WebKitGTK'],
]

const APPENDS = 1_000
const APPENDS_OF_A_HOST = 20
const LARGE_BYTES = 3 * 1024 * 1024
/** At what the service relays without being told, a large value takes a quarter of a minute. */
const RELAY_BYTES_PER_SECOND = 16 * 1024 * 1024

const browsers = new Browsers()
const startMs = Date.now()
let server: Awaited<ReturnType<typeof startServer>>

const missing = ROOMS.map((names) => browsers.whyMissing(names)).filter((why) => why !== null)
// Playwright reads this file once more in the process that runs the tests.
const isFirstReading = process.env['TEST_WORKER_INDEX'] === undefined
if (isFirstReading) for (const why of new Set(missing)) console.warn(why)

test.beforeAll(async () => {
  server = await startServer({
    folder: PAGES,
    port: 0,
    relayBytesPerSecond: RELAY_BYTES_PER_SECOND,
  })
})

test.afterAll(async () => {
  const seconds = Math.round((Date.now() - startMs) / 1_000)
  console.log(`Tried in ${browsers.versions.join(', ') || 'no browser'}: ${seconds} s`)
  await browsers.kill()
  await server.close()
})

for (const [first, second] of ROOMS) {
  test(`${first} hosts, ${second} joins, takes over, and lets another ${first} in`, async () => {
    const why = browsers.whyMissing([first, second])
    test.skip(why !== null, why ?? '')
    const url = `${server.url}#room=a-room-of-${first}-and-${second}-alone`
    const join = async (browser: BrowserName, name: string) =>
      Member.join(await browsers.openTab(browser), url, name)

    const host = await join(first, 'host')
    const guest = await join(second, 'guest')
    const path = Browsers.pathBetween(first, second)
    await host.untilSettled({ role: 'host', others: ['guest'], path })
    await guest.untilSettled({ role: 'standby', others: ['host'], path })

    await test.step('2,000 appends arrive once and in order', async () => {
      await Promise.all([host.startAppending(APPENDS), guest.startAppending(APPENDS)])
      const hostSeqs = await host.receipts()
      const guestSeqs = await guest.receipts()
      const log = await host.log(2 * APPENDS)
      expect(await guest.log(2 * APPENDS)).toEqual(log)
      expectInOrder(log, { host: hostSeqs, guest: guestSeqs })
    })

    await test.step('a large value arrives whole, either way', async () => {
      await host.sendLarge(LARGE_BYTES)
      await guest.sendLarge(LARGE_BYTES)
      for (const nth of [0, 1]) {
        expect(await guest.largeValue(nth)).toEqual({ length: LARGE_BYTES, wrong: 0 })
        expect(await host.largeValue(nth)).toEqual({ length: LARGE_BYTES, wrong: 0 })
      }
    })

    await test.step('a shared map ends equal', async () => {
      await host.setInMap('old', 'gone soon')
      await Promise.all([host.setInMap('host', 'one'), guest.setInMap('guest', 'two')])
      await Promise.all([host.setInMap('both', 'host'), guest.setInMap('both', 'guest')])
      await guest.deleteInMap('old')
      await host.setInMap('last', 'three')
      await host.untilInMap('old', null)
      await guest.untilInMap('last', 'three')
      const { map } = await host.shown()
      expect((await guest.shown()).map).toEqual(map)
      expect(map.map(([key]) => key)).toEqual(['both', 'guest', 'host', 'last'])
    })

    await test.step('the guest leads on when the tab of the host is closed', async () => {
      await guest.startWritingUntilHost(APPENDS_OF_A_HOST)
      await guest.log(2 * APPENDS + 1)
      await host.close()
      const seqs = await guest.receipts()
      await guest.untilSettled({ role: 'host', others: [], path })
      const log = await guest.log(2 * APPENDS + seqs.length)
      expectInOrder(log.slice(2 * APPENDS), { 'guest/later': seqs })
      expect(log.length).toBe(2 * APPENDS + seqs.length)

      const third = await join(first, 'third')
      await third.untilSettled({ role: 'standby', others: ['guest'], path })
      await guest.untilSettled({ role: 'host', others: ['third'], path })
      expect(await third.log(log.length)).toEqual(log)
      await third.startAppending(1)
      await third.receipts()
      expect(await guest.log(log.length + 1)).toEqual(await third.log(log.length + 1))

      const { map } = await third.shown()
      for (const page of [guest, third]) expect(await page.shown()).toEqual({ map, complaints: [] })
      await third.close()
      await guest.close()
    })
  })
}

/** Each message of each page is there once, in its page's order, in the place that its receipt told. */
function expectInOrder(
  log: readonly Given[],
  seqsByName: { readonly [name: string]: readonly number[] },
): void {
  const seqs = log.map(({ seq }) => seq)
  expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
  expect(new Set(seqs).size).toBe(log.length)
  for (const [name, receipts] of Object.entries(seqsByName)) {
    const own = log.filter(({ value }) => String(value).startsWith(`${name}/`))
    expect(own).toEqual(receipts.map((seq, n) => ({ seq, value: `${name}/${n}` })))
  }
}
