// Owns the page's room: it joins, fills and reads rooms of whatever build the page has loaded.

import type * as BatonModule from '../../client/index.ts'

/** What the page with Baton in it keeps where all scripts find it. */
export const page = window as unknown as { Baton: typeof BatonModule; room: BatonModule.Room }

export async function joinRoom(token: string): Promise<void> {
  page.room = page.Baton.joinRoom({ token })
  await page.room.ready
}

export const leaveRoom = () => page.room.leave()

/** Whether the room is as large and as safe as so many pages can make it. */
export function isWhole(pages: number): boolean {
  const { peers, status } = page.room
  const roles = [...peers.map(({ role }) => role), status.role]
  const standbys = roles.filter((role) => role === 'standby').length
  return (
    peers.length === pages - 1 && status.status === 'live' && standbys === Math.min(2, pages - 1)
  )
}

export const isHost = () => page.room.status.role === 'host'

/** So many messages, spread over so many keys. */
export async function fillStreams(messages: number, keys: number): Promise<void> {
  const atOnce = 5_000
  for (let sent = 0; sent < messages; sent += atOnce)
    await Promise.all(
      Array.from({ length: Math.min(atOnce, messages - sent) }, (_, i) =>
        page.room.append(`stream-${(sent + i) % keys}`, `message ${sent + i}`.padEnd(98)),
      ),
    )
}

/** Milliseconds from joinRoom() to the first message of a stream. */
export async function joinRoomMs(token: string): Promise<number> {
  const startMs = performance.now()
  page.room = page.Baton.joinRoom({ token })
  await new Promise((resolve) => page.room.subscribe('stream-0', resolve, { replay: true }))
  return performance.now() - startMs
}

/** Milliseconds from joinRoom() until so many retained messages of a stream are here. */
export function readRoomMs(token: string, count: number): Promise<number> {
  const startMs = performance.now()
  page.room = page.Baton.joinRoom({ token })
  return new Promise((resolve) => {
    const onReplay = (messages: readonly unknown[]) => {
      if (messages.length >= count) resolve(performance.now() - startMs)
    }
    page.room.subscribe('stream-0', () => {}, { replay: true, onReplay })
  })
}
