// DriftDB's conversations over the gateway, in JSON and in CBOR at once, while the page that hosts both rooms crashes.

import { expect, type Browser, type Page } from 'playwright/test'
import { CONVERSATIONS, hold, type Encoding } from '../../signaling/gateway/drift-scene.ts'
import { crash, Server, type TestPage } from '../stage.ts'
import { test } from '../test.ts'
import { RUNS_ALL } from './fixtures.ts'

const ENCODINGS: readonly Encoding[] = ['json', 'cbor']

/** All have something to lose in their middle; the first ones are different from each other. */
const NAMES = [
  'appends: echo, then size notice from the second on, then full replay to a newcomer',
  'catch up across a compaction: the snapshot is included when it is newer than the client',
  'debug connection: dump at connect, whole stream after each change, push for relay',
  'compact folds the head of the stream; later entries stay',
  'history on by default, off with a null seq',
  'catch up by number after a gap',
  'one counter per room across keys; append, replace and relay each take one',
  'all clients see one order',
  'compact at a number that belongs to another key',
  'a compact past the last number, or at zero, is refused and changes nothing',
]
const IN_EVERY_RUN = 3

type RoomsPage = TestPage & { rooms: Record<string, TestPage['room']> }

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

/** A tab that is in no room yet. */
async function openTab(browser: Browser): Promise<Page> {
  const tab = await (await browser.newContext()).newPage()
  tabs.push(tab)
  await tab.goto(server.url)
  await tab.waitForFunction(() => 'Baton' in window)
  await tab.evaluate(() => {
    Object.assign(window, { rooms: {} })
  })
  return tab
}

/** Resolves when the tab has this role in the room. */
async function joinAs(tab: Page, room: string, role: 'host' | 'standby'): Promise<void> {
  await tab.evaluate((token) => {
    const page = window as unknown as RoomsPage
    page.rooms[token] = page.Baton.joinRoom({ token })
  }, room)
  await untilRole(tab, room, role)
}

async function untilRole(tab: Page, room: string, role: 'host' | 'standby'): Promise<void> {
  await tab.waitForFunction(
    ([room, role]) => {
      const { status } = (window as unknown as RoomsPage).rooms[room]!
      return status.status === 'live' && status.role === role
    },
    [room, role] as const,
  )
}

/** Whoever calls waits until so many have called; then it happens, once for all. */
function onceAllWait(count: number, happen: () => Promise<void>): () => Promise<void> {
  let missing = count
  let begin = () => {}
  const happened = new Promise<void>((resolve) => (begin = resolve)).then(happen)
  return () => {
    missing -= 1
    if (missing === 0) begin()
    return happened
  }
}

for (const [i, name] of NAMES.entries()) {
  test(`[GW4] through a crash of the host in its middle goes: ${name}`, async ({ browser }) => {
    test.skip(i >= IN_EVERY_RUN && !RUNS_ALL, 'npm run faults has the time for it')
    const conversation = CONVERSATIONS.find((one) => one.name === name)!
    const [host, heir] = [await openTab(browser), await openTab(browser)]
    const rooms: string[] = []
    const openRoom = async () => {
      const { room, socketUrl } = await server.newRoom()
      rooms.push(room)
      await joinAs(host, room, 'host')
      await joinAs(heir, room, 'standby')
      return socketUrl
    }
    const afterSteps = Math.floor(conversation.steps.length / 2)
    const play = onceAllWait(ENCODINGS.length, () => crash(host))
    const differences = await Promise.all(
      ENCODINGS.map((encoding) =>
        hold(conversation, { encoding, openRoom, interlude: { afterSteps, play } }),
      ),
    )
    expect(differences).toEqual([[], []])
    expect(rooms).toHaveLength(ENCODINGS.length)
    for (const room of rooms) await untilRole(heir, room, 'host')
  })
}
