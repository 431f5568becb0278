// The gateway with real tabs behind it: DriftDB's own conversations, a host that crashes in the middle of them, and
// many messages at once.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { isDeepStrictEqual } from 'node:util'
import { expect, test, type Browser, type Page } from 'playwright/test'
import {
  CONVERSATIONS,
  DriftClient,
  hold,
  type Encoding,
} from '../signaling/gateway/drift-scene.ts'
import { hostOf, openTab, Server, untilSettled, type TestPage } from './stage.ts'

test.describe.configure({ timeout: 300_000 })

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

type NewRoom = { readonly room: string; readonly socket_url: string }

async function newRoom(): Promise<NewRoom> {
  return (await (await fetch(`${server.url}new`, { method: 'POST' })).json()) as NewRoom
}

async function open(browser: Browser, room: string): Promise<Page> {
  const tab = await openTab(browser, server.url, room)
  tabs.push(tab)
  return tab
}

async function closeAll(): Promise<void> {
  await Promise.all(tabs.splice(0).map((tab) => tab.context().close()))
}

for (const encoding of ['json', 'cbor'] as const) {
  test(`[RE1-RE6] DriftDB's conversations go over the gateway in ${encoding} as they should, with a tab that hosts`, async ({
    browser,
  }) => {
    // One tab is in all of the rooms: what opens a room is a token.
    const host = await open(browser, (await newRoom()).room)
    const openRoom = async () => {
      const { room, socket_url: url } = await newRoom()
      await host.evaluate(
        async (token) => (window as unknown as TestPage).Baton.joinRoom({ token }).ready,
        room,
      )
      return url
    }
    expect(CONVERSATIONS).toHaveLength(46)
    for (const conversation of CONVERSATIONS) {
      await test.step(conversation.name, async () => {
        expect(
          await hold(conversation, { encoding, openRoom, interlude: null }),
          conversation.name,
        ).toEqual([])
      })
    }
  })
}

/** Ten that have something to lose in their middle. */
const LONG = [
  'appends: echo, then size notice from the second on, then full replay to a newcomer',
  'compact folds the head of the stream; later entries stay',
  'history on by default, off with a null seq',
  'catch up by number after a gap',
  'catch up across a compaction: the snapshot is included when it is newer than the client',
  'one counter per room across keys; append, replace and relay each take one',
  'all clients see one order',
  'compact at a number that belongs to another key',
  'debug connection: dump at connect, whole stream after each change, push for relay',
  'a compact past the last number, or at zero, is refused and changes nothing',
]

async function crash(tab: Page): Promise<void> {
  const session = await tab.context().newCDPSession(tab)
  const crashed = tab.waitForEvent('crash')
  session.send('Page.crash').catch(() => {}) // nobody is left to answer
  await crashed
}

for (const encoding of ['json', 'cbor'] as const) {
  test(`[GW4] and through a crash of the host in the middle of ten of them, in ${encoding}`, async ({
    browser,
  }) => {
    for (const name of LONG) {
      const conversation = CONVERSATIONS.find((one) => one.name === name)!
      await test.step(name, async () => {
        const openRoom = async () => {
          const { room, socket_url: url } = await newRoom()
          for (let i = 0; i < 2; i++) await open(browser, room)
          await untilSettled(tabs)
          return url
        }
        const play = async () => {
          const host = await hostOf(tabs)
          tabs = tabs.filter((tab) => tab !== host)
          await crash(host)
          await host.context().close()
        }
        expect(
          await hold(conversation, {
            encoding,
            openRoom,
            interlude: { afterSteps: Math.floor(conversation.steps.length / 2), play },
          }),
          name,
        ).toEqual([])
        await tabs[0]!.waitForFunction(
          () => (window as unknown as TestPage).room.status.role === 'host',
        )
        await closeAll()
      })
    }
  })
}

test('[RE2 GW5] 5,000 appends of a page and 5,000 of a gateway client in one burst reach everyone, once, in one order', async ({
  browser,
}) => {
  const { room, socket_url: url } = await newRoom()
  for (let i = 0; i < 3; i++) await open(browser, room)
  await untilSettled(tabs)
  const encodings: readonly Encoding[] = ['json', 'cbor']
  const clients = await Promise.all(encodings.map((encoding) => DriftClient.connect(url, encoding)))
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
  const shell = spawn('bash', ['-c', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, BATON: server.url.replace(/\/$/, '') },
  })
  const closed = once(shell, 'close')
  const lines: string[] = []
  for await (const line of createInterface({ input: shell.stdout })) {
    const [, token] = /^Open \S+#room=(\S+) in a browser/.exec(line) ?? []
    if (token === undefined) lines.push(line)
    else void open(browser, token) // as who follows the script does, while it waits
  }
  expect(await closed).toEqual([0, null])
  expect(`${lines.join('\n')}\n`).toBe(printed)
})
