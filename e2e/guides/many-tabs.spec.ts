// Follows docs/guides/many-tabs.md: runs its tests, which open tabs of their own.

import { blocksOf } from './guide.ts'
import { freePort } from '../../signaling/free-port.ts'
import { test } from './walk.ts'

test('the four tests of the guide pass', async ({ newWalk }) => {
  const walk = newWalk('guides/many-tabs')
  await walk.run('npm install baton-relay')
  for (const { file, text, heading } of blocksOf('guides/static-page'))
    if (file !== null && heading === 'Write the page') walk.write(file, text)
  await walk.follow('Begin')
  const config = blocksOf('guides/many-tabs').find(({ file }) => file === 'playwright.config.js')!
  const chromium = JSON.stringify({ executablePath: process.env['CHROME_PATH'] })
  const own = config.text
    .replaceAll('8099', String(await freePort()))
    .replace('use: {', `use: { launchOptions: ${chromium},`)
  walk.write('playwright.config.js', own)
  await walk.follow('Write the tests')
  await walk.follow('Run them')
})
