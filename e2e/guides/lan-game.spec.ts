// Follows docs/guides/lan-game.md.

import { expect, type Page } from 'playwright/test'
import { addressesForOthers, routedAddress } from '../../signaling/own-addresses.ts'
import { openPage, test } from './walk.ts'

const GUIDE = 'guides/lan-game'
const hasNetwork = addressesForOthers(await routedAddress()).length > 0

/** Runs over the coin. */
async function takeCoin(page: Page): Promise<void> {
  const coin = (await page.locator('.coin').boundingBox())!
  await page.mouse.move(coin.x + coin.width / 2, coin.y + coin.height / 2)
}

test('who opens the printed link is in the game; it goes on without its host', async ({
  browser,
  newWalk,
}) => {
  test.skip(!hasNetwork, 'this machine is in no network')
  const walk = newWalk(GUIDE)
  await walk.follow('Begin')
  await walk.follow('Write the game')
  const link = await walk.follow('Play it')
  expect(link).toMatch(/^http:\/\/(?!127\.)[\d.]+:\d+\/#room=[\w-]{22}$/)
  const first = await openPage(browser, link)
  await expect(first.locator('#status')).toContainText('1 in the game, live')
  const second = await openPage(browser, link)
  for (const page of [first, second]) await expect(page.locator('.player')).toHaveCount(2)
  await takeCoin(second)
  for (const page of [first, second])
    await expect(page.locator('#score')).toHaveText(/^Player .*: 1$/)
  await first.close()
  await expect(second.locator('#status')).toContainText('1 in the game, live')
  await takeCoin(second)
  await expect(second.locator('#score')).toHaveText(/^Player .*: 2$/)
  await second.context().close()
})
