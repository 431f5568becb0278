// One long test; its own clock ends it.

import { defineConfig } from 'playwright/test'
import e2e from '../playwright.config.ts'

// oxlint-disable-next-line import/no-default-export -- what Playwright reads
export default defineConfig({
  ...e2e,
  testMatch: '*.soak.ts',
  workers: 1,
  timeout: 0,
  outputDir: '../../test-results',
})
