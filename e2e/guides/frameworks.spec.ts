// Follows docs/guides/react.md, docs/guides/vue.md, and what docs/react.md shows in short.

import { expect, type Browser } from 'playwright/test'
import { blocksOf } from './guide.ts'
import { openPage, test, type Walk } from './walk.ts'

for (const name of ['react', 'vue'])
  test(`a counter, a text and cursors are shared in an app of ${name}`, async ({
    browser,
    newWalk,
  }) => {
    const walk = newWalk(`guides/${name}`)
    await walk.follow('Begin')
    await walk.follow('Write the app')
    const url = await walk.follow('Open it')
    const first = await openPage(browser, url)
    await expect(first.getByText('1 here')).toBeVisible()
    await first.waitForFunction(() => location.hash.startsWith('#room='))
    const second = await openPage(browser, first.url())
    for (const page of [first, second]) await expect(page.getByText('2 here')).toBeVisible()
    for (const page of [first, second]) await page.getByText('Clicked').click()
    for (const page of [first, second])
      await expect(page.getByText('Clicked')).toHaveText(/2 times/)
    await second.getByLabel('Notes').pressSequentially('both of us')
    await expect(first.getByLabel('Notes')).toHaveValue('both of us')
    await first.mouse.move(100, 100)
    await expect(second.locator('.cursor')).toHaveCount(1)
    await first.close()
    await expect(second.getByText('1 here')).toBeVisible()
    await second.getByText('Clicked').click()
    await expect(second.getByText('Clicked')).toHaveText(/3 times/)
    await expect(second.getByLabel('Notes')).toHaveValue('both of us')
    await expect(second.locator('.cursor')).toHaveCount(0)
    await second.context().close()
    if (name === 'react') await seeShortApp(browser, walk, url)
  })

/** What docs/react.md shows in short, in the place of the app. */
async function seeShortApp(browser: Browser, walk: Walk, url: string): Promise<void> {
  const [short] = blocksOf('react')
  walk.write('main.jsx', short!.text)
  const first = await openPage(browser, url)
  await expect(first.getByText('1 here')).toBeVisible()
  const second = await openPage(browser, first.url())
  for (const page of [first, second]) await page.getByRole('button').click()
  for (const page of [first, second]) await expect(page.getByRole('button')).toHaveText('2')
  for (const page of [first, second]) await page.context().close()
}
