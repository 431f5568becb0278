// A service of a local network: links that others can open, and direct paths where the network filters mDNS.

import { fileURLToPath } from 'node:url'
import { expect, type Page } from 'playwright/test'
import { qrPath } from '../client/react/qr-path.ts'
import { addressesForOthers, routedAddress } from '../signaling/own-addresses.ts'
import type { Chromium } from './chromium.ts'
import { Lab } from './faults/lab.ts'
import { RoomTab } from './room-tab.ts'
import { joinIn, openTab, Server, type TestPage } from './stage.ts'
import { test } from './test.ts'

const EXAMPLES = fileURLToPath(new URL('../dist/examples', import.meta.url))
const TOKEN = 'a-token-for-rooms-of-a-network'

const [host] = addressesForOthers(await routedAddress())
const noNetwork = host === undefined ? 'this machine is in no network' : ''

type ConfiguredPage = TestPage & { configs: RTCConfiguration[] }

/** At the address that its own machine alone can open. */
const ownUrl = ({ port }: Server) => `http://127.0.0.1:${port}/`
const urlForOthers = ({ port }: Server) => `http://${host}:${port}/`
const linkIn = (page: Page) =>
  page.evaluate(() => {
    const { Baton, room } = window as unknown as TestPage
    return Baton.linkTo(room)
  })

test.describe('a page that was opened at 127.0.0.1', () => {
  test.skip(noNetwork !== '', noNetwork)
  let server: Server

  test.afterEach(() => server.stop())

  test('[SG8b] makes a link that others can open, and its room is the same', async ({
    browser,
  }) => {
    server = await Server.start({ flags: ['--lan'] })
    const page = await openTab(browser, ownUrl(server), TOKEN)
    expect(await linkIn(page)).toBe(`${urlForOthers(server)}#room=${TOKEN}`)
    const other = await (await browser.newContext()).newPage()
    await joinIn(other, (await linkIn(page)).split('#')[0]!, TOKEN)
    await page.waitForFunction(() => (window as unknown as TestPage).room.peers.length === 1)
    expect(await linkIn(other)).toBe(`${urlForOthers(server)}#room=${TOKEN}`)
  })

  test('[SG8b] of a service of this machine alone makes no such link', async ({ browser }) => {
    server = await Server.start()
    const page = await openTab(browser, ownUrl(server), TOKEN)
    expect(await linkIn(page)).toBe(`${ownUrl(server)}#room=${TOKEN}`)
  })

  test('[SG8b] shows a QR code and a link that others can open, with React', async ({
    browser,
  }) => {
    server = await Server.start({ folder: EXAMPLES, flags: ['--lan'] })
    const page = await (await browser.newContext()).newPage()
    await page.goto(`${ownUrl(server)}to-do/#room=${TOKEN}`)
    const link = `${urlForOthers(server)}to-do/#room=${TOKEN}`
    await page.getByText('Share this list').click()
    await expect(page.getByRole('link', { name: link })).toBeVisible()
    const code = page.getByRole('img', { name: 'QR code' }).locator('path').nth(1)
    await expect(code).toHaveAttribute('d', qrPath(link).d)
  })

  test('[SG8b] shares such a link in the demo, and no hint that it is of this machine alone', async ({
    browser,
  }) => {
    server = await Server.start({ folder: null, flags: ['--lan'] })
    const page = await (await browser.newContext()).newPage()
    await page.goto(`${ownUrl(server)}#room=${TOKEN}`)
    await expect(page.getByTestId('status')).toHaveAttribute('data-status', 'live')
    await page.getByRole('button', { name: 'Share', exact: true }).click()
    const link = `${urlForOthers(server)}#room=${TOKEN}`
    await expect(page.getByTestId('share-link')).toHaveValue(link)
    await expect(page.locator('#share-local')).toBeHidden()
  })

  test('[SG8c] asks the STUN of its service, beside the servers that its app gave', async ({
    browser,
  }) => {
    server = await Server.start({ flags: ['--lan'] })
    const first = await openTab(browser, ownUrl(server), TOKEN)
    const page = await (await browser.newContext()).newPage()
    await page.addInitScript(() => {
      const own = window as unknown as ConfiguredPage
      own.configs = []
      window.RTCPeerConnection = class extends RTCPeerConnection {
        constructor(config: RTCConfiguration = {}) {
          super(config)
          own.configs.push(config)
        }
      }
    })
    await page.goto(`${ownUrl(server)}#room=${TOKEN}`)
    await page.evaluate(async () => {
      const tab = window as unknown as ConfiguredPage
      tab.room = tab.Baton.joinRoom({ iceServers: [{ urls: 'stun:127.0.0.1:9' }] })
      await tab.room.ready
    })
    await first.waitForFunction(() => (window as unknown as TestPage).room.peers.length === 1)
    const configs = await page.evaluate(() => (window as unknown as ConfiguredPage).configs)
    const urls = configs[0]!.iceServers!.map((one) => one.urls)
    expect(urls).toContain('stun:127.0.0.1:9')
    expect(urls).toContain(`stun:${host}:${server.port}`)
  })
})

test.describe('in a network that filters mDNS', () => {
  const why = process.env['NO_NETWORKS'] ?? 'nobody looked whether networks can be built'
  test.skip(why !== '', why)

  let lab: Lab
  let server: Server
  let browsers: Chromium[] = []

  test.beforeEach(() => {
    lab = Lab.open(2)
    lab.filterMulticast()
  })

  test.afterEach(async () => {
    for (const browser of browsers) await browser.kill()
    browsers = []
    await server.stop()
    lab.close()
  })

  /** Two browsers, each at a place of its own, join one after the other. Resolves with the second one's tab. */
  async function secondTab(...flags: readonly string[]): Promise<RoomTab> {
    server = await lab.startSignaling(0, flags)
    const tabs: RoomTab[] = []
    for (const place of [1, 2]) {
      const browser = await lab.launchHidden(place)
      browsers.push(browser)
      const page = await browser.openTab()
      await page.goto(server.url)
      tabs.push(await RoomTab.join(page, TOKEN))
    }
    return tabs[1]!
  }

  test('[SG8c] pages find a direct path by the STUN of their service', async () => {
    const tab = await secondTab()
    await tab.until('its path to the host is direct', () => tab.state!.path === 'direct')
  })

  test('[SG8c] without it they are relayed', async () => {
    expect((await secondTab('--no-stun')).state!.path).toBe('relayed')
  })
})
