// Owns the test function of the browser tests. Whatever a test opens is closed after it: a page that stays open keeps
// its room, which beats on beside the tests that follow.

import { test as base } from 'playwright/test'

export const test = base.extend<{ closesWhatItOpened: void }>({
  closesWhatItOpened: [
    async ({ browser }, use) => {
      await use()
      await Promise.all(browser.contexts().map((context) => context.close()))
    },
    { auto: true },
  ],
})
