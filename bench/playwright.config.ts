// The browser is set up as for the tests; only one thing is measured at a time.

import { defineConfig } from 'playwright/test'
import e2e from '../e2e/playwright.config.ts'

// oxlint-disable-next-line import/no-default-export -- what Playwright reads
export default defineConfig({ ...e2e, testMatch: '*.bench.ts', workers: 1, timeout: 180_000 })
