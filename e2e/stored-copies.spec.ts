// Copies of rooms in real Chromium, in a profile on disk: what a reload, a crash and the end of a browser leave, and two
// tabs of one profile.

import { spawn } from 'node:child_process'
import { expect, test, type Page } from 'playwright/test'
import { Profile } from './profile.ts'
import { crash } from './stage.ts'

let profile: Profile

test.describe.configure({ mode: 'serial' })

test.beforeAll(async ({ playwright }) => {
  profile = await Profile.serving('kept.html', playwright.chromium)
})

test.afterAll(() => profile.close())

const secureUrl = () => profile.secureUrl
const plainUrl = () => profile.plainUrl

async function open(topic: string, url = secureUrl()): Promise<Page> {
  const page = await profile.context.newPage()
  await page.goto(url)
  await comesBack(page, topic)
  return page
}

async function comesBack(page: Page, topic: string): Promise<number> {
  await page.waitForFunction(() => 'kept' in window)
  const { seq } = await page.evaluate((name) => window.kept.open(name), topic)
  return seq
}

const says = (page: Page, count: number, bytes: number, awaits: boolean) =>
  page.evaluate((given) => window.kept.say(...given), [count, bytes, awaits] as const)
const shows = (page: Page) => page.evaluate(() => window.kept.shows())

async function crashes(page: Page): Promise<void> {
  await crash(page)
  await page.close()
}

const topicOf = (letter: string) => letter.repeat(22)

for (const [where, urlOf, letter] of [
  ['of a secure context', secureUrl, 'a'],
  ['over plain http', plainUrl, 'b'],
] as const) {
  test.describe(`[PE11 PE12 PE13] the copy of a room ${where}`, () => {
    test('has 1,000 messages after a reload, a crash, and the end of its browser', async () => {
      const topic = topicOf(letter)
      let page = await open(topic, urlOf())
      await says(page, 1_000, 100, true)
      await page.reload()
      expect(await comesBack(page, topic)).toBe(1_000)
      expect(await shows(page)).toEqual({ count: 1_000, seq: 1_000, rising: true })
      await says(page, 10, 100, true)
      await crashes(page)
      page = await open(topic, urlOf())
      expect(await shows(page)).toEqual({ count: 1_010, seq: 1_010, rising: true })
      await says(page, 10, 100, true)
      // With all that it has: SIGKILL to each of its processes.
      const ended = new Promise((resolve) => profile.context.once('close', resolve))
      spawn('sh', [
        '-c',
        `ps -eo pid,args | grep -F -- ${profile.folder} | grep -v grep | awk '{print $1}' | xargs kill -9`,
      ])
      await ended
      await profile.launchAgain()
      page = await open(topic, urlOf())
      expect(await shows(page)).toEqual({ count: 1_020, seq: 1_020, rising: true })
      await page.close()
    })

    test('[PE15] shows its newest messages before all others', async () => {
      const page = await profile.context.newPage()
      await page.goto(urlOf())
      await page.waitForFunction(() => 'kept' in window)
      const { newest } = await page.evaluate((name) => window.kept.open(name), topicOf(letter))
      expect(newest).toEqual(Array.from({ length: 10 }, (_, n) => 993 + 3 * n))
      await page.close()
    })

    test('[PE18 PE19] is exported, imported under another token, listed and forgotten', async () => {
      const topic = topicOf(letter === 'a' ? 'h' : 'i')
      const page = await open(topic, urlOf())
      await says(page, 100, 100, true)
      const other = await profile.context.newPage()
      await other.goto(urlOf())
      await other.waitForFunction(() => 'kept' in window)
      const seen = await other.evaluate(async (from) => {
        const { device, topicOf: topicOfToken } = window.kept
        const token = `a-token-of-the-room-imported-${from}` as never
        const room = { token, topic: topicOfToken(token) }
        const file = (await device.exportStored(from as never))!
        const imported = await device.importStored(file, room)
        const again = await device.importStored(file, room)
        const bytes = new Uint8Array(await file.arrayBuffer())
        const broken = await device.importStored(bytes.with(50, bytes[50]! ^ 1), room)
        const listed = (await device.listStored()).map(({ token: known }) => known)
        await device.forgetStored(from as never)
        const left = (await device.listStored()).map(({ token: known }) => known)
        return {
          token,
          topic: room.topic,
          imported,
          again,
          broken,
          listed,
          left,
          gone: await device.evictStored(),
        }
      }, topic)
      expect(seen.imported).toMatchObject({ ok: true, value: { seq: 100 } })
      expect(seen.again).toMatchObject({ ok: false, error: { isThere: true } })
      expect(seen.broken).toMatchObject({ ok: false, error: { isThere: false } })
      expect(seen.listed).toEqual(expect.arrayContaining([topic, seen.token]))
      expect(seen.left).not.toContain(topic)
      expect(seen.left).toContain(seen.token)
      expect(seen.gone).toEqual([])
      await expect.poll(() => page.evaluate(() => window.kept.states.at(-1))).toBe('off')
      await says(page, 10, 100, false)
      await page.reload()
      expect(await comesBack(page, topic)).toBe(0)
      await page.reload()
      expect(await comesBack(page, seen.topic)).toBe(100)
      await page.close()
      await other.close()
    })

    test('has what was said just before its page was left', async () => {
      const topic = topicOf(letter === 'a' ? 'c' : 'd')
      const page = await open(topic, urlOf())
      await says(page, 1, 100, true)
      await says(page, 499, 1_000, false)
      await page.reload()
      expect(await comesBack(page, topic)).toBe(500)
      await page.close()
    })

    test('is written on by another tab, when the one that wrote it is killed', async () => {
      const topic = topicOf(letter === 'a' ? 'e' : 'f')
      const first = await open(topic, urlOf())
      await says(first, 20, 100, true)
      const second = await open(topic, urlOf())
      expect((await shows(second)).seq).toBe(20)
      await crashes(first)
      await says(second, 20, 100, true)
      await crashes(second)
      const third = await open(topic, urlOf())
      expect(await shows(third)).toEqual({ count: 40, seq: 40, rising: true })
      await third.close()
    })
  })
}
