// The gateway with real tabs behind it: DriftDB's own conversations, and many messages at once.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { expect, type Browser, type Page } from 'playwright/test'
import {
  CONVERSATIONS,
  DriftClient,
  hold,
  type Encoding,
} from '../signaling/gateway/drift-scene.ts'
import { hostOf, openTab, Server, untilSettled, type TestPage } from './stage.ts'
import { test } from './test.ts'

const ENCODINGS: readonly Encoding[] = ['json', 'cbor']

let server: Server
let tabs: Page[] = []

test.beforeEach(async () => {
  server = await Server.start()
})

test.afterEach(async () => {
  for (const tab of tabs) await tab.context().close()
  tabs = []
  await server.stop()
})

async function open(browser: Browser, room: string): Promise<Page> {
  const tab = await openTab(browser, server.url, room)
  tabs.push(tab)
  return tab
}

async function openAt(browser: Browser, url: string): Promise<void> {
  const tab = await (await browser.newContext()).newPage()
  tabs.push(tab)
  await tab.goto(url)
}

test("[RE1-RE6] DriftDB's conversations go as they should, in JSON and in CBOR, with a tab that hosts", async ({
  browser,
}) => {
  // One tab is in all of the rooms: what opens a room is a token.
  const host = await open(browser, (await server.newRoom()).room)
  const openRoom = async () => {
    const { room, socketUrl } = await server.newRoom()
    await host.evaluate(
      async (token) => (window as unknown as TestPage).Baton.joinRoom({ token }).ready,
      room,
    )
    return socketUrl
  }
  expect(CONVERSATIONS).toHaveLength(46)
  for (const conversation of CONVERSATIONS) {
    await test.step(conversation.name, async () => {
      const differences = await Promise.all(
        ENCODINGS.map((encoding) => hold(conversation, { encoding, openRoom, interlude: null })),
      )
      expect(differences, conversation.name).toEqual([[], []])
    })
  }
})

test('[RE2 GW5] 5,000 appends of a page and 5,000 of a client in one burst reach everyone once, in one order', async ({
  browser,
}) => {
  const { room, socketUrl } = await server.newRoom()
  for (let i = 0; i < 3; i++) await open(browser, room)
  await untilSettled(tabs)
  const clients = await Promise.all(
    ENCODINGS.map((encoding) => DriftClient.connect(socketUrl, encoding)),
  )
  const [writer] = clients as [DriftClient, DriftClient]
  const host = await hostOf(tabs)
  const page = tabs.find((tab) => tab !== host)!

  const receipts = page.evaluate(async () => {
    const { room } = window as unknown as TestPage
    return (
      await Promise.all(Array.from({ length: 5_000 }, (_, n) => room.append('burst', `page ${n}`)))
    ).map(({ seq }) => seq)
  })
  for (let n = 0; n < 5_000; n++)
    writer.send({ type: 'push', key: 'burst', value: `client ${n}`, action: { type: 'append' } })
  const pushesOf = (client: DriftClient) => client.told.filter(({ type }) => type === 'push')
  await Promise.all(
    clients.map((client) =>
      client.until(() => client.told.length >= 10_000 && pushesOf(client).length >= 10_000),
    ),
  )
  for (const client of clients) await client.mark()
  const seqs = await receipts
  for (const tab of tabs)
    await tab.waitForFunction(() => (window as unknown as TestPage).given.length >= 10_000)

  const [sequence, ...others] = await Promise.all(
    tabs.map((tab) => tab.evaluate(() => (window as unknown as TestPage).given)),
  )
  expect(
    whereNot(
      sequence!.map(({ seq }) => seq),
      (i) => i + 1,
    ),
  ).toBe(-1)
  for (const author of ['page', 'client']) {
    const own = sequence!
      .map(({ value }) => String(value))
      .filter((value) => value.startsWith(author))
    expect([own.length, whereNot(own, (n) => `${author} ${n}`)]).toEqual([5_000, -1])
  }
  const told = clients.map((client) => pushesOf(client).map(({ seq, value }) => ({ seq, value })))
  for (const other of [...others, ...told])
    expect([other.length, whereNot(other, (i) => sequence![i])]).toEqual([10_000, -1])
  expect(
    whereNot(
      seqs.map((seq) => sequence![seq - 1]!.value),
      (n) => `page ${n}`,
    ),
  ).toBe(-1)
  for (const client of clients)
    expect(client.told.filter(({ type }) => type === 'error')).toEqual([])
})

/** The first place where a long list is not as it should be; -1 for none. */
function whereNot<Item>(items: readonly Item[], expected: (i: number) => unknown): number {
  return items.findIndex((item, i) => !isDeepStrictEqual(item, expected(i)))
}

test('docs/gateway.md: curl alone makes a room, appends, replaces and reads, as pasted', async ({
  browser,
}) => {
  const guide = readFileSync(new URL('../docs/gateway.md', import.meta.url), 'utf8')
  const script = [...guide.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block).join('\n')
  const [, printed] = /^It prints\n\n```\n(.*?)^```/ms.exec(guide)!
  await server.stop()
  server = await Server.start({
    folder: fileURLToPath(new URL('../docs/examples', import.meta.url)),
  })
  const shell = spawn('bash', ['-c', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, BATON: server.url.replace(/\/$/, '') },
  })
  const closed = once(shell, 'close')
  const lines: string[] = []
  for await (const line of createInterface({ input: shell.stdout })) {
    const [, url] = /^Open (\S+#room=\S+) in a browser/.exec(line) ?? []
    if (url === undefined) lines.push(line)
    else void openAt(browser, url) // as who follows the script does, while it waits
  }
  expect(await closed).toEqual([0, null])
  expect(`${lines.join('\n')}\n`).toBe(printed)
})
