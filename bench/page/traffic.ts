// Owns both sides of each measurement over a way: as much as goes through, and one value at a time.

import { now, pause, stamped, stampOf, type Way } from './way.ts'

let received = Promise.resolve(0)
let delaysMs: number[] = []

/** From now on counts to `count`. */
export function expectValues(way: Way, count: number): void {
  received = new Promise((resolve) => {
    let left = count
    way.hear(() => {
      if (--left === 0) resolve(now())
    })
  })
}

/** When the last one came. */
export const untilReceived = () => received

/** Sends so many values of that size as fast as the way lets it. Resolves with when it began. */
export async function pour(way: Way, count: number, bytes: number): Promise<number> {
  const startMs = now()
  const value = stamped(way, bytes, startMs)
  for (let sent = 0; sent < count; sent++) {
    const room = way.untilRoom()
    if (room !== null) await room
    way.send(value)
  }
  return startMs
}

export function hearDelays(way: Way): void {
  delaysMs = []
  way.hear((value) => delaysMs.push(now() - stampOf(value)))
}

/** One value, and the next when all is quiet again. */
export async function sendSlowly(way: Way, count: number, bytes: number): Promise<void> {
  for (let sent = 0; sent < count; sent++) {
    way.send(stamped(way, bytes, now()))
    await pause(5 + 5 * Math.random())
  }
}

export async function untilDelays(count: number): Promise<readonly number[]> {
  while (delaysMs.length < count) await pause(5)
  return delaysMs
}
