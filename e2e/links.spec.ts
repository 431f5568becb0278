// Runs the conformance cases of links over real WebRTC. `transport/link-conformance.ts` has the cases.

import { fileURLToPath } from 'node:url'
import { expect, test, type Page } from 'playwright/test'
import { createServer, type ViteDevServer } from 'vite'
import { linkCases } from '../transport/link-conformance.ts'
import { simplePeerAliases } from '../transport/simple-peer-shims/aliases.mjs'

let server: ViteDevServer
let page: Page
let errors: Error[] = []

test.describe.configure({ mode: 'serial' })

test.beforeAll(async ({ browser }) => {
  server = await createServer({
    root: fileURLToPath(new URL('..', import.meta.url)),
    configFile: false,
    cacheDir: 'node_modules/.vite-links',
    logLevel: 'error',
    resolve: { alias: simplePeerAliases },
    // Found out only while the page loads, it would load the page again.
    optimizeDeps: { include: ['simple-peer'] },
    server: { port: 0, hmr: false },
  })
  await server.listen()
  page = await browser.newPage()
  page.on('pageerror', (error) => errors.push(error))
  await page.goto(`${server.resolvedUrls?.local[0]}e2e/links.html`)
  await page.waitForFunction(() => 'runLinkCase' in window)
})

test.afterAll(() => server.close())

test.describe('a WebRTC link is a Link:', () => {
  for (const { name } of linkCases) {
    test(name, async () => {
      errors = []
      await page.evaluate((caseName) => window.runLinkCase(caseName), name)
      expect(errors).toEqual([])
    })
  }
})
