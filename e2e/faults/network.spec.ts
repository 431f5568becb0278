// Cuts of the network between pages: between two pages, in one direction, between the halves of a room.

import { expect } from 'playwright/test'
import { gapAfter, wait } from './fault.ts'
import { noteGap, RUNS_ALL, test as base } from './fixtures.ts'
import { SIGNALING, type Lab } from './lab.ts'
import { WideRoom } from './wide-room.ts'

const test = base.extend<{ openRoom: (count: number) => Promise<WideRoom> }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads from the pattern what a fixture asks for
  openRoom: async ({}, use, testInfo) => {
    const rooms: WideRoom[] = []
    await use(async (count) => {
      const room = await WideRoom.open(count)
      rooms.push(room)
      return room
    })
    for (const room of rooms) {
      if (testInfo.status !== testInfo.expectedStatus)
        console.log(`what the pages saw: ${room.scene.keep()}`)
      await room.close()
    }
  },
})

const why =
  process.env['NO_NETWORKS'] ??
  'nobody looked whether networks can be built; npm run e2e and npm run faults do'
if (why !== '') console.warn(`SKIPPED: faults of the network between pages: ${why}`)
test.skip(why !== '', why)

test('[SG5 LK10] a page that has no way to the host joins through signaling', async ({
  openRoom,
}) => {
  const room = await openRoom(2)
  room.lab.cut(1, 2)
  await room.join()
  const far = await room.join()
  await room.write()
  expect(far.state!.path).toBe('relayed')
  expect(far.term).toBe(1)
  await room.scene.judge()
})

type Cut = { readonly what: string; readonly cut: (lab: Lab) => void; readonly isLong?: true }

const CUTS: readonly Cut[] = [
  { what: 'the host and another do not reach each other any more', cut: (lab) => lab.cut(1, 3) },
  {
    what: 'the host does not reach another any more, and hears it',
    cut: (lab) => lab.cutOneWay(1, 3),
    isLong: true,
  },
  {
    what: 'the host does not hear another any more, and reaches it',
    cut: (lab) => lab.cutOneWay(3, 1),
    isLong: true,
  },
]

for (const { what, cut, isLong } of CUTS) {
  test(`[EL3 EL3g] the host stays, and signaling carries the link, when ${what}`, async ({
    openRoom,
  }) => {
    test.skip(isLong === true && !RUNS_ALL, 'npm run faults has the time for it')
    const room = await openRoom(3)
    await room.fill()
    const [far] = room.at(3)
    const cutAtMs = Date.now()
    room.scene.begin('link-cut', what, room.at(1, 3))
    cut(room.lab)
    await far!.until('its link to the host is relayed', () => far!.state!.path === 'relayed')
    await room.untilAllAcked()
    for (const { term } of room.scene.tabs) expect(term).toBe(1)
    const gapMs = gapAfter(cutAtMs, room.scene.tabs)
    room.lab.heal()
    room.scene.heal('link-cut', what)
    await room.untilAllAcked()
    await room.scene.judge()
    noteGap(what, gapMs)
  })
}

type Part = {
  readonly what: string
  readonly part: (lab: Lab) => void
  readonly signaling?: 'unreachable'
  readonly isLong?: true
}

const PARTS_LAST_MS = 8_000

/** The host is in the first half, at place 1; places 1 and 2 are one half, 3 and 4 the other. */
const PARTS: readonly Part[] = [
  {
    what: 'both halves reach signaling',
    part: (lab) => lab.part([1, 2], [3, 4]),
    isLong: true,
  },
  {
    what: 'neither half reaches signaling',
    part: (lab) => {
      lab.part([1, 2], [3, 4])
      lab.part([SIGNALING], [1, 2, 3, 4])
    },
    signaling: 'unreachable',
  },
  {
    what: 'the half with the host alone reaches signaling',
    part: (lab) => lab.part([SIGNALING, 1, 2], [3, 4]),
    signaling: 'unreachable',
    isLong: true,
  },
  {
    what: 'the half without the host alone reaches signaling',
    part: (lab) => lab.part([1, 2], [SIGNALING, 3, 4]),
    signaling: 'unreachable',
    isLong: true,
  },
]

for (const { what, part, signaling, isLong } of PARTS) {
  test(`[EL6 MG5] both halves of a room go on, and are one room again when the network is, where ${what}`, async ({
    openRoom,
  }) => {
    test.skip(isLong === true && !RUNS_ALL, 'npm run faults has the time for it')
    const room = await openRoom(4)
    await room.fill()
    const partedAtMs = Date.now()
    room.scene.begin('partition', what, room.scene.tabs, signaling)
    part(room.lab)
    const isOver = wait(PARTS_LAST_MS)
    await room.untilAllAcked()
    await isOver
    await room.untilAllAcked()
    const apartMs = gapAfter(partedAtMs, room.scene.tabs)
    const hosts = new Set(room.scene.tabs.map(({ state }) => state!.hostId))
    expect(hosts.size).toBe(signaling === undefined ? 1 : 2)
    const healedAtMs = Date.now()
    room.lab.heal()
    room.scene.heal('partition', what)
    await room.untilOne()
    const joinedMs = Date.now() - healedAtMs
    await room.scene.judge()
    noteGap(`a room is split, and ${what}`, apartMs)
    noteGap(`a room heals, where ${what}, until all write in one room`, joinedMs)
  })
}
