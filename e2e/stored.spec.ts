// Runs the conformance cases of stores over IndexedDB, in a profile on disk, and what a browser does to a database: its
// quota, its deletion, its end.

import { expect, test, type Page } from 'playwright/test'
import { storeCases } from '../storage/store-conformance.ts'
import { Profile } from './profile.ts'
import { crash } from './stage.ts'

let profile: Profile
let page: Page

test.describe.configure({ mode: 'serial' })

test.beforeAll(async ({ playwright }) => {
  test.setTimeout(30_000)
  profile = await Profile.serving('stored.html', playwright.chromium)
})

test.afterAll(() => profile.close())

async function open(url: string): Promise<Page> {
  const tab = await profile.context.newPage()
  await tab.goto(url)
  await tab.waitForFunction(() => 'runStoreCase' in window)
  return tab
}

const secureUrl = () => profile.secureUrl
const plainUrl = () => profile.plainUrl

for (const [where, url, isSecure] of [
  ['of a secure context', secureUrl, true],
  ['over plain http', plainUrl, false],
] as const) {
  test.describe(`[PE10 PE13] IndexedDB ${where} is a Store:`, () => {
    test.beforeAll(async () => {
      page = await open(url())
      expect(await page.evaluate(() => isSecureContext)).toBe(isSecure)
    })

    test.afterAll(() => page.close())

    for (const { name } of storeCases)
      test(name, () => page.evaluate((caseName) => window.runStoreCase(caseName), name))
  })
}

test.describe('[PE10] a store in IndexedDB', () => {
  test.beforeEach(async () => {
    page = await open(secureUrl())
  })

  test.afterEach(() => page.close())

  test('says that it is full', async () => {
    // An origin of its own: what others have used and deleted counts for a while.
    await page.goto(secureUrl().replace('127.0.0.1', 'localhost'))
    await page.waitForFunction(() => 'runStoreCase' in window)
    const session = await profile.context.newCDPSession(page)
    const { origin } = new URL(page.url())
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 2_000_000 })
    const problem = await page.evaluate(async () => {
      const { stores } = window
      const store = await stores.open('small')
      for (let n = 0; n < 100; n++) {
        const bytes = crypto.getRandomValues(new Uint8Array(60_000))
        const problem = await stores.problemOf(store.write([{ put: new Uint8Array([n]), bytes }]))
        if (problem !== null) return problem
      }
      return null
    })
    expect(problem).toBe('full')
    await session.send('Storage.overrideQuotaForOrigin', { origin })
  })

  test('is closed when another tab deletes it, and can be opened anew', async () => {
    await page.evaluate(async () => {
      const store = await window.stores.open('deleted')
      await store.write([{ put: new Uint8Array([1]), bytes: new Uint8Array(1) }])
      window.stores.opened.push(store)
    })
    const other = await open(secureUrl())
    await other.evaluate(() => window.stores.delete('deleted'))
    await other.close()
    const found = await page.evaluate(async () => {
      const [first] = window.stores.opened
      const all = [new Uint8Array([0]), new Uint8Array([9])] as const
      const problem = await window.stores.problemOf(first!.read(...all))
      const anew = await window.stores.open('deleted')
      return [problem, (await anew.read(...all)).length]
    })
    expect(found).toEqual(['closed', 0])
  })

  test('is closed when the browser clears the data of its site', async () => {
    await page.evaluate(async () => {
      window.stores.opened.push(await window.stores.open('cleared'))
    })
    const session = await profile.context.newCDPSession(page)
    const { origin } = new URL(secureUrl())
    await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' })
    const write = () =>
      page.evaluate(() =>
        window.stores.problemOf(
          window.stores.opened[0]!.write([{ put: new Uint8Array([1]), bytes: new Uint8Array(1) }]),
        ),
      )
    await expect.poll(write).toBe('closed')
  })

  test('is refused where the browser has another form of it', async () => {
    const problem = await page.evaluate(async () => {
      await new Promise((resolve) => {
        indexedDB.open('newer', 9).onsuccess = resolve
      })
      return window.stores.problemOf(window.stores.open('newer'))
    })
    expect(problem).toBe('failed')
  })

  test('holds what was committed as its page was left', async () => {
    await page.evaluate(async () => {
      const store = await window.stores.open('left')
      const rows = Array.from({ length: 8 }, (_, n) => ({
        put: new Uint8Array([n]),
        bytes: new Uint8Array(100_000).fill(n),
      }))
      addEventListener('pagehide', () => {
        void store.write(rows, new Uint8Array([200]))
        void store.close()
      })
    })
    await page.reload()
    await page.waitForFunction(() => 'runStoreCase' in window)
    const rows = await page.evaluate(async () => {
      const store = await window.stores.open('left')
      return (await store.read(new Uint8Array([0]), new Uint8Array([255]))).length
    })
    expect(rows).toBe(8)
  })

  test('[PE13] holds nothing of a fenced batch that was committed as its page was left', async () => {
    await page.evaluate(async () => {
      const store = await window.stores.open('fenced')
      await store.write([{ put: new Uint8Array([200]), bytes: new Uint8Array(1) }])
      addEventListener('pagehide', () => {
        void store.write(
          [{ put: new Uint8Array([1]), bytes: new Uint8Array(1) }],
          new Uint8Array([200]),
        )
        void store.close()
      })
    })
    await page.reload()
    await page.waitForFunction(() => 'runStoreCase' in window)
    const rows = await page.evaluate(async () => {
      const store = await window.stores.open('fenced')
      return (await store.read(new Uint8Array([0]), new Uint8Array([255]))).length
    })
    expect(rows).toBe(1)
  })

  test('holds what was written when its renderer dies, and when its browser is ended', async () => {
    await page.evaluate(async () => {
      const store = await window.stores.open('killed')
      await store.write([{ put: new Uint8Array([1]), bytes: new Uint8Array(1_000) }])
    })
    await crash(page)
    const again = await open(secureUrl())
    await again.evaluate(async () => {
      const store = await window.stores.open('killed')
      await store.write([{ put: new Uint8Array([2]), bytes: new Uint8Array(1_000) }])
    })
    await profile.context.close()
    await profile.launchAgain()
    page = await open(secureUrl())
    const rows = await page.evaluate(async () => {
      const store = await window.stores.open('killed')
      return (await store.read(new Uint8Array([0]), new Uint8Array([9]))).length
    })
    expect(rows).toBe(2)
  })
})
