import { describe, expect, test } from 'vitest'
import { topicOf } from '../protocol/testing-ids.ts'
import { shownBy, StoredRoom } from '../replica/copy-scene.ts'
import type { ExportedCopy } from './copy-file.ts'
import { UNUSED_MS } from './eviction.ts'
import { takeFence } from './fence.ts'
import { MemoryDisk } from './memory-store.ts'
import { placesOf } from './room-cards.ts'
import { StoreError } from './store.ts'
import { evict, exportRoom, forgetRoom, importRoom, listRooms } from './stored-rooms.ts'

function exported(): ExportedCopy {
  const room = new StoredRoom()
  room.begins()
  for (let n = 0; n < 5; n++) room.says('a', 'append', 'k', 9)
  return { state: room.room.completeState!, stable: room.replica.lastIndex }
}

const card = (letter: string, usedAtMs = 7) => ({
  token: `token of ${letter}`,
  topic: topicOf(letter),
  usedAtMs,
})

describe('[PE19] a room that is imported', () => {
  test('lies there as a copy, and can be exported again', async () => {
    const store = new MemoryDisk().open()
    const before = exported()
    const shown = shownBy(before.state)
    expect(await importRoom(store, card('r'), before)).toBe(true)
    const copy = await exportRoom(store, topicOf('r'))
    expect(shownBy(copy!.state)).toBe(shown)
    expect(copy!.stable).toBe(before.stable)
    expect(await listRooms(store)).toEqual([{ ...card('r'), seq: 5, bytes: 45, unshared: true }])
  })

  test('is not put over a copy that is there', async () => {
    const store = new MemoryDisk().open()
    await importRoom(store, card('r'), exported())
    expect(await importRoom(store, card('r'), exported())).toBe(false)
  })

  test('is not there where none is', async () =>
    expect(await exportRoom(new MemoryDisk().open(), topicOf('r'))).toBeNull())
})

describe('[PE18] a room that is forgotten', () => {
  test('is listed no more, and shuts out whoever wrote it', async () => {
    const store = new MemoryDisk().open()
    await importRoom(store, card('r'), exported())
    await importRoom(store, card('s', 9), exported())
    expect((await listRooms(store)).map(({ token }) => token)).toEqual(['token of s', 'token of r'])
    const { fence, head } = placesOf(topicOf('r'))
    const ofWriter = await takeFence(store, fence)
    await forgetRoom(store, topicOf('r'))
    expect((await listRooms(store)).map(({ token }) => token)).toEqual(['token of s'])
    expect(await exportRoom(store, topicOf('r'))).toBeNull()
    const late = store.write([{ put: head, bytes: new Uint8Array(1) }], ofWriter)
    await expect(late).rejects.toThrow(StoreError)
    expect(await exportRoom(store, topicOf('s'))).not.toBeNull()
  })

  test('may have been unused for long', async () => {
    const store = new MemoryDisk().open()
    for (const [letter, usedAtMs] of [
      ['r', 1],
      ['s', UNUSED_MS],
    ] as const) {
      await importRoom(store, card(letter, usedAtMs), exported())
      const { topic } = card(letter)
      expect((await listRooms(store)).some((one) => one.topic === topic)).toBe(true)
    }
    // What was imported is unshared: nobody else is known to hold it.
    expect(await evict(store, () => false, Infinity, UNUSED_MS * 3)).toEqual([])
  })
})
