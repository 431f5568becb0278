// Runs in every page of the benchmark: what the benchmark may ask a page to do. Baton itself is the build that users
// get, loaded beside this script.

import { answerBare, joinBareMs } from './bare-join.ts'
import * as channels from './channels.ts'
import { floorWay } from './floor-way.ts'
import { rawWay } from './raw-way.ts'
import { roomWay } from './room-way.ts'
import * as rooms from './room.ts'
import { fillSocket, readSocketMs, socketWay } from './socket-way.ts'
import * as traffic from './traffic.ts'
import type { Way } from './way.ts'

let way: Way

const bench = {
  offer: channels.offer,
  answer: channels.answer,
  accept: channels.accept,
  untilOpen: channels.untilOpen,
  joinRoom: rooms.joinRoom,
  leaveRoom: rooms.leaveRoom,
  isWhole: rooms.isWhole,
  isHost: rooms.isHost,
  fillStreams: rooms.fillStreams,
  joinRoomMs: rooms.joinRoomMs,
  readRoomMs: rooms.readRoomMs,
  fillSocket,
  readSocketMs,
  joinBareMs,
  answerBare,
  useRaw: () => use(rawWay()),
  useFloor: (inTheMiddle: boolean) => use(floorWay({ inTheMiddle })),
  useRoom: (action: 'append' | 'relay') => use(roomWay(rooms.page.room, action)),
  useSocket: async (url: string) => use(await socketWay(url)),
  use,
  expectValues: (count: number) => traffic.expectValues(way, count),
  untilReceived: traffic.untilReceived,
  pour: (count: number, bytes: number) => traffic.pour(way, count, bytes),
  hearDelays: () => traffic.hearDelays(way),
  sendSlowly: (count: number, bytes: number) => traffic.sendSlowly(way, count, bytes),
  untilDelays: traffic.untilDelays,
  /** Keeps the main thread busy, so that its process shows. */
  spin: (ms: number) => {
    const endMs = performance.now() + ms
    while (performance.now() < endMs);
  },
}

/** The way of this page from now on. */
function use(next: Way): void {
  way = next
}

declare global {
  interface Window {
    bench: typeof bench
  }
}

window.bench = bench
