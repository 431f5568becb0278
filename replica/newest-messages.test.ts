import { describe, expect, test } from 'vitest'
import { deleteAllIn } from './copy-places.ts'
import { PLACES, StoredRoom } from './copy-scene.ts'
import { NewestMessages } from './newest-messages.ts'

function aRoom(): StoredRoom {
  const room = new StoredRoom()
  room.begins()
  for (let n = 0; n < 300; n++) {
    room.says('a', 'append', n % 3 === 0 ? 'k' : 'kk', 700)
    room.flushesUnseen()
  }
  return room
}

/** Reads one record after the other, from the end on. */
function newestOf(room: StoredRoom, key: string, asked: { after?: number; last?: number }) {
  const newest = new NewestMessages(asked)
  const stream = PLACES.generation(room.copy.notes.generation).stream(key)
  const { deleteFrom, to } = deleteAllIn(stream)
  let records = 0
  for (const row of room.disk.read(deleteFrom, to, { backwards: true })) {
    if (newest.hasAll) break
    expect(newest.add(row).ok).toBe(true)
    records++
  }
  return { seqs: newest.messages.map(({ seq }) => seq), records }
}

describe('[PE15] the newest messages of a key', () => {
  const room = aRoom()
  const all = (key: string) => [...room.replica.engine!.messages(key, 0)].map(({ seq }) => seq)

  test('are read from the end, and no further than needed', () => {
    const { seqs, records } = newestOf(room, 'k', { last: 10 })
    expect(seqs).toEqual(all('k').slice(-10))
    expect(records).toBeLessThan(5)
  })

  test('are all there are, where so many are asked for', () => {
    expect(newestOf(room, 'k', {}).seqs).toEqual(all('k'))
    expect(newestOf(room, 'k', { last: 1_000 }).seqs).toEqual(all('k'))
    expect(newestOf(room, 'no such key', {}).seqs).toEqual([])
  })

  test('are those behind a seq', () => {
    const { seqs, records } = newestOf(room, 'kk', { after: 280 })
    expect(seqs).toEqual(all('kk').filter((seq) => seq > 280))
    expect(records).toBeLessThan(5)
    expect(newestOf(room, 'kk', { after: 280, last: 2 }).seqs).toEqual(all('kk').slice(-2))
    expect(newestOf(room, 'kk', { after: 300 }).seqs).toEqual([])
  })

  test('begin with the fold that stands for those before', () => {
    const folded = aRoom()
    folded.folds('b', 'k', 299, 5)
    folded.says('a', 'append', 'k', 9)
    folded.flushesUnseen()
    expect(newestOf(folded, 'k', { last: 10 }).seqs).toEqual([299, 301])
  })
})
