// How browser tests run. The soak builds on this, and changes what it needs.

import { availableParallelism } from 'node:os'
import { defineConfig } from 'playwright/test'
import { BROWSER_FLAGS, withoutFeatures } from './browser-flags.ts'

/** What Playwright would name for itself, but for that of other systems. */
const PLAYWRIGHTS_OWN = [
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
]

const { CHROME_PATH } = process.env
/** No test is about time; a busy machine must fail none. */
const PATIENCE_MS = 60_000

export default defineConfig({
  forbidOnly: true,
  // The tests of one file follow each other. They wait most of the time, and share nothing with those of other files.
  workers: availableParallelism() < 4 ? 2 : 4,
  timeout: 5 * PATIENCE_MS,
  expect: { timeout: PATIENCE_MS },
  reporter: 'list',
  use: {
    launchOptions: {
      args: [
        ...BROWSER_FLAGS,
        withoutFeatures(PLAYWRIGHTS_OWN),
        // A name that is not localhost: over plain http the browser grants such a page no secure context.
        '--host-resolver-rules=MAP lan.test 127.0.0.1',
      ],
      ...(CHROME_PATH === undefined ? {} : { executablePath: CHROME_PATH }),
    },
  },
})
