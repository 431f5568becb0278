import { describe, expect, test } from 'vitest'
import type { Index } from '../protocol/ids.ts'
import { AUTHORS_MAX } from '../protocol/limits.ts'
import { ByteWriter } from '../protocol/byte-writer.ts'
import { emptyNotes } from './copy-notes.ts'
import { after } from './copy-places.ts'
import { copyIn } from './copy-reader.ts'
import { COPY_FORM } from './copy-records.ts'
import { CopyWriter } from './copy-writer.ts'
import { withSum } from './record-sum.ts'
import { LIFE, livesOn, PLACES, shownBy, StoredRoom, type Chance } from './copy-scene.ts'

/** The same numbers for the same seed. */
function chanceOf(seed: number): Chance {
  let state = seed * 2_654_435_761 + 1
  return (n) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0
    return (state ^ (state >>> 13)) >>> 0 === 0 ? 0 : ((state ^ (state >>> 13)) >>> 0) % n
  }
}

/** A room of some hundred entries, on whose disk nothing lies yet. */
function aRoom(seed: number, batchBytes?: number): { room: StoredRoom; chance: Chance } {
  const room = new StoredRoom(batchBytes)
  const chance = chanceOf(seed)
  room.begins()
  return { room, chance }
}

const BESIDE = { stable: 0 as Index, lives: [LIFE] }

function expectShown(room: StoredRoom): void {
  const { state } = room.copy
  expect(shownBy(state)).toBe(room.shown)
}

describe('[PE4 PE11] a stored copy', () => {
  test('is the replica of the moment at which the last batch was ordered', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const { room, chance } = aRoom(seed)
      for (let step = 0; step < 300; step++) {
        livesOn(room, chance)
        if (chance(6) === 0) room.flushes()
        if (chance(40) === 0 && room.shown !== null) expectShown(room)
      }
      room.flushesAll()
      expectShown(room)
      expect(room.shown).toBe(shownBy(room.replica))
    }
  })

  test('has the tail of its log', () => {
    const { room, chance } = aRoom(1)
    for (let step = 0; step < 400; step++) {
      livesOn(room, chance)
      if (chance(5) === 0) room.flushes()
    }
    room.flushesAll()
    const { log } = room.copy.state
    expect(log.after(0 as Index)).toEqual(room.replica.log.after(0 as Index))
  })

  test('goes on where a page that came back with it goes on', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const { room, chance } = aRoom(seed, 2_000)
      for (let step = 0; step < 400; step++) {
        livesOn(room, chance)
        if (chance(6) === 0) room.flushes()
        if (chance(50) !== 0 || room.shown === null) continue
        room.comesBack()
        expect(shownBy(room.replica)).toBe(room.shown)
      }
      room.flushesAll()
      expect(shownBy(room.copy.state)).toBe(shownBy(room.replica))
    }
  })

  test('is the one before, as long as another generation is not whole', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const { room, chance } = aRoom(seed, 500)
      for (let step = 0; step < 300; step++) {
        livesOn(room, chance)
        if (chance(6) === 0) room.flushes()
        if (chance(30) === 0) room.isCopied()
        if (room.shown === null) expect(room.found.type).toBe('none')
        else if (chance(10) === 0) expectShown(room)
        if (chance(60) === 0 && room.shown !== null) room.comesBack()
      }
      room.flushesAll()
      expect(shownBy(room.copy.state)).toBe(shownBy(room.replica))
      const generations = new Set(room.rows.map(([place]) => place.slice(0, 12).join()))
      expect(generations.size).toBe(2) // the head, and one generation
    }
  })

  test('is none until it is whole, also where its room gave way to another before anything was written', () => {
    const { room } = aRoom(1, 300)
    for (let n = 0; n < 20; n++) room.says('a', 'append', `k${n}`, 100)
    room.isCopied()
    let parts = 0
    for (let batch = room.orders(); batch !== null; batch = room.orders()) {
      expect(room.found.type).toBe('none')
      room.isWritten(batch)
      parts++
    }
    expect(parts).toBeGreaterThan(3)
    expectShown(room)
  })

  test('of a batch that failed is the one before, and the next batch makes up for it', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const { room, chance } = aRoom(seed, 1_000)
      for (let step = 0; step < 300; step++) {
        livesOn(room, chance)
        const batch = chance(6) === 0 ? room.orders() : null
        if (batch === null) continue
        if (chance(3) > 0) room.isWritten(batch)
        else room.writer.failed()
        if (room.shown !== null) expectShown(room)
      }
      room.flushesAll()
      expect(shownBy(room.copy.state)).toBe(shownBy(room.replica))
    }
  })

  test('of a large key comes in batches of moderate size', () => {
    const { room } = aRoom(1, 1_000_000)
    for (let n = 0; n < 5_000; n++) room.says('a', 'append', 'k', 1_000)
    let batches = 0
    for (let batch = room.orders(); batch !== null; batch = room.orders()) {
      const bytes = batch.reduce((sum, write) => sum + ('put' in write ? write.bytes.length : 0), 0)
      expect(bytes).toBeLessThan(7_000_000)
      room.isWritten(batch)
      batches++
    }
    expect(batches).toBeGreaterThan(4)
    expectShown(room)
  })

  test('stays as it was while the replica awaits its streams', () => {
    const { room } = aRoom(1)
    room.says('a', 'append', 'k', 9)
    room.flushesAll()
    const before = room.shown
    room.startsOver(9, 7)
    room.says('a', 'append', 'k', 9)
    expect(room.writer.due).toBe('nothing')
    expect(room.flushes()).toBe(false)
    expect(shownBy(room.copy.state)).toBe(before)
  })

  test('names what the streams lack, and keeps the folds that found nothing', () => {
    const { room } = aRoom(1)
    room.startsOver(6, 5)
    room.says('b', 'append', 'k', 9)
    room.folds('b', 'l', 3, 4)
    room.makesStreams()
    room.says('b', 'append', 'k', 9)
    room.flushesAll()
    const { state } = room.copy
    expect(state.lacks).toEqual([{ from: 1, to: 5 }])
    expect(state.folds).toHaveLength(1)
    expect(shownBy(state)).toBe(shownBy(room.replica))
    room.comesBack()
    expect(room.replica.mayBeFilled).toBe(true)
  })

  test('of a disk that was behind for more than a tail is whole all the same', () => {
    const { room } = aRoom(1)
    room.flushesAll()
    for (let n = 0; n < 9_000; n++) room.says('a', 'append', `k${n % 3}`, 1)
    room.flushesAll()
    expectShown(room)
    expect(room.copy.state.log.first).toBe(room.replica.log.first)
  })

  test('has one writer at a time on its way, and says what there is to write', () => {
    const { room } = aRoom(1)
    expect(room.writer.due).toBe('messages')
    room.flushesAll()
    expect([room.writer.due, room.writer.writtenUpTo]).toEqual(['nothing', 1])
    room.says('a', 'relay', 'k', 9)
    expect(room.writer.due).toBe('relays')
    room.says('a', 'append', 'k', 900)
    expect(room.writer.due).toBe('messages')
    expect(room.writer.unwrittenBytes).toBeGreaterThan(900)
    const batch = room.orders()!
    expect(room.orders()).toBeNull()
    room.says('a', 'append', 'k', 9)
    room.isWritten(batch)
    expect(room.writer.writtenUpTo).toBe(3)
    expect(room.writer.due).toBe('messages')
  })
})

describe('[PE11] the disk of a room that is in use for long', () => {
  const tailOf = (room: StoredRoom) => {
    const { start } = PLACES.generation(room.copy.notes.generation)
    const area = PLACES.generation(room.copy.notes.generation).area('tail')
    expect(area.length).toBe(start.length + 1)
    return room.rows
      .filter(([place]) => area.every((byte, at) => place[at] === byte))
      .reduce((sum, [place, bytes]) => sum + place.length + bytes.length, 0)
  }

  test('holds at most twice what the room retains, and its tail, after 1,000 folds of one key', () => {
    for (const behind of [0, 3, 40]) {
      const { room } = aRoom(1)
      for (let fold = 0; fold < 1_000; fold++) {
        for (let n = 0; n < 10; n++) room.says('a', 'append', 'k', 100)
        if (room.replica.lastSeq > behind)
          room.folds('b', 'k', room.replica.lastSeq - behind, 1_000)
        room.flushesUnseen()
      }
      const tail = tailOf(room)
      const retained = room.replica.engine!.retainedBytes
      expect(room.disk.byteLength).toBeLessThanOrEqual(2 * retained + tail)
    }
  }, 60_000)

  test('takes few records for a key that grows slowly', () => {
    const { room } = aRoom(1)
    for (let n = 0; n < 2_000; n++) {
      room.says('a', 'append', 'k', 20)
      room.flushesUnseen()
    }
    expect(room.rows.length).toBeLessThan(100)
  })

  test('forgets reigns as the log does', () => {
    const { room } = aRoom(1)
    for (let n = 0; n < 700; n++) {
      room.begins('hg'[n % 2])
      room.says('a', 'replace', 'k', 9)
      if (n % 3 === 0) room.flushesUnseen()
    }
    room.flushesUnseen()
    expect(room.copy.state.history.reigns).toEqual(room.replica.history.reigns)
    expect(room.copy.notes.reigns.length).toBeLessThan(200)
  })

  test('forgets authors as the op table does, and remembers who was silent for how long', () => {
    const { room } = aRoom(1)
    const author = (n: number) => `${n}`.padStart(22, 'x')
    for (let n = 0; n < AUTHORS_MAX + 200; n++) {
      room.says(author(n), 'relay', 'k', 1)
      if (n % 500 === 499) room.says(author(n - 400), 'relay', 'k', 1)
      if (n % 40 === 0) room.flushesUnseen()
    }
    room.flushesUnseen()
    expect(room.copy.state.ops.rows).toEqual(room.replica.ops.rows)
    expect(room.replica.ops.isFull).toBe(true)
    room.comesBack()
    room.writer.failed()
    room.says(author(1), 'relay', 'k', 1)
    room.flushesUnseen()
    expect(room.copy.state.ops.rows).toEqual(room.replica.ops.rows)
  })

  test('writes little for a message into a large room', () => {
    const { room } = aRoom(1)
    for (let n = 0; n < 5_000; n++) room.says('a', 'append', `k${n % 50}`, 400)
    room.flushesAll()
    room.says('a', 'append', 'k1', 100)
    const bytes = room
      .orders()!
      .reduce((sum, write) => sum + ('put' in write ? write.bytes.length : 0), 0)
    expect(bytes).toBeLessThan(12_000)
  })
})

describe('[PE14] a stored copy in which', () => {
  const small = () => {
    const { room } = aRoom(1)
    for (let n = 0; n < 3; n++) room.says('a', 'append', 'k', 5)
    room.folds('b', 'k', 2, 3)
    room.says('b', 'replace', 'l', 4)
    room.flushesAll()
    room.begins('g')
    room.flushesAll()
    return room
  }

  test('a byte has changed is damaged, whichever it is', () => {
    const room = small()
    let flips = 0
    for (const [at, [place, bytes]] of room.rows.entries()) {
      for (let byte = 0; byte < bytes.length; byte++) {
        for (const bit of [0, 7]) {
          const changed = bytes.slice()
          changed[byte]! ^= 1 << bit
          const rows = room.rows.with(at, [place, changed])
          expect(copyIn(rows, PLACES).type, `${at} ${byte}`).toBe('damaged')
          flips++
        }
      }
    }
    expect(flips).toBeGreaterThan(500)
  })

  test('a record is missing is damaged, whichever it is', () => {
    const room = small()
    expect(room.rows.length).toBeGreaterThan(6)
    for (const at of room.rows.keys()) {
      const found = copyIn(room.rows.toSpliced(at, 1), PLACES)
      expect(found.type, `${at}`).toBe('damaged')
    }
  })

  test('a record lies at the place of another is damaged', () => {
    const room = small()
    for (const [at, [place]] of room.rows.entries()) {
      const other = room.rows[(at + 1) % room.rows.length]![1]
      expect(copyIn(room.rows.with(at, [place, other]), PLACES).type).toBe('damaged')
    }
  })

  test('only its head is unreadable is damaged, and can be set aside', () => {
    const room = small()
    const found = copyIn(room.rows.slice(1), PLACES)
    expect(found).toMatchObject({ type: 'damaged', generation: 1 })
    const writer = new CopyWriter(room.replica, PLACES, emptyNotes(2, 1))
    for (let batch = writer.order(BESIDE); batch !== null; batch = writer.order(BESIDE)) {
      room.disk.write(batch)
      writer.written()
    }
    expect(room.copy.notes).toMatchObject({ generation: 2, setAside: 1 })
    const { start } = PLACES.generation(1)
    expect(room.disk.read(start, after(start)).length).toBeGreaterThan(5)
    room.comesBack()
    room.isCopied()
    room.flushesAll()
    expect(room.copy.notes).toMatchObject({ generation: 3, setAside: 1 })
    expect(room.disk.read(start, after(start)).length).toBeGreaterThan(5)
    const second = PLACES.generation(2).start
    expect(room.disk.read(second, after(second))).toEqual([])
  })

  test('the head is of a later form is newer', () => {
    const room = small()
    const writer = new ByteWriter()
    writer.uint(COPY_FORM + 1)
    const record = withSum(PLACES.head, writer.end())
    expect(copyIn(room.rows.with(0, [PLACES.head, record]), PLACES).type).toBe('newer')
  })

  test('nothing lies is none', () => expect(copyIn([], PLACES).type).toBe('none'))
})
