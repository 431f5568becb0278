// Runs the conformance cases of links over real WebRTC. `transport/link-conformance.ts` has the cases.

import { expect, test, type Page } from 'playwright/test'
import { linkCases } from '../transport/link-conformance.ts'
import { BuiltPages } from './built-pages.ts'

let pages: BuiltPages
let page: Page
let errors: Error[] = []

test.describe.configure({ mode: 'serial' })

test.beforeAll(async ({ browser }) => {
  pages = await BuiltPages.serve(['links.html'])
  page = await browser.newPage()
  page.on('pageerror', (error) => errors.push(error))
  await page.goto(pages.urlOf('links.html'))
  await page.waitForFunction(() => 'runLinkCase' in window)
})

test.afterAll(() => pages.close())

test.describe('a WebRTC link is a Link:', () => {
  for (const { name } of linkCases) {
    test(name, async () => {
      errors = []
      await page.evaluate((caseName) => window.runLinkCase(caseName), name)
      expect(errors).toEqual([])
    })
  }
})
