import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../protocol/byte-writer.ts'
import { concat } from '../protocol/concat.ts'
import type { Index, Seq } from '../protocol/ids.ts'
import { utf8 } from '../protocol/utf8.ts'
import { withSum } from '../replica/record-sum.ts'
import { shownBy, StoredRoom } from '../replica/copy-scene.ts'
import { ReplicaWriter } from '../replica/replica-writer.ts'
import { copyFile, readCopyFile } from './copy-file.ts'

function aRoom(): StoredRoom {
  const room = new StoredRoom()
  room.begins()
  for (let n = 0; n < 5; n++) room.says('a', 'append', 'k', 9)
  room.folds('b', 'k', 3, 4)
  room.says('b', 'replace', 'l', 4)
  room.begins('g')
  return room
}

const fileOf = (room: StoredRoom) =>
  concat([...copyFile({ state: room.room.completeState!, stable: 4 as Index })])

const errorOf = (file: Uint8Array) => {
  const read = readCopyFile(file)
  return read.ok ? '' : read.error
}

describe('[PE19] the file of a room', () => {
  test('holds its copy', () => {
    const room = aRoom()
    const read = readCopyFile(fileOf(room))
    expect(read.ok && read.value.stable).toBe(4)
    expect(read.ok && shownBy(read.value.state)).toBe(shownBy(room.replica))
  })

  test('names what the streams lack, with the folds that found nothing', () => {
    const room = aRoom()
    room.room = ReplicaWriter.empty(false)
    const none = { stable: 0 as Index, past: 0 as Index }
    room.room.startOver(6 as Index, 5 as Seq, aRoom().replica.history.reigns, [], none)
    room.folds('b', 'l', 3, 4)
    room.says('b', 'append', 'k', 4)
    room.makesStreams()
    const read = readCopyFile(fileOf(room))
    expect(read.ok && read.value.state.folds).toHaveLength(1)
    expect(read.ok && shownBy(read.value.state)).toBe(shownBy(room.replica))
  })

  test('is refused with a sentence, whichever of its bytes has changed', () => {
    const file = fileOf(aRoom())
    for (const [at, byte] of file.entries()) {
      const error = errorOf(file.with(at, byte ^ 1))
      expect(error, `${at}`).toMatch(at < 8 ? /no file that Baton/ : /^The file .* at byte \d+ or/)
      const named = Number(/byte (\d+)/.exec(error)?.[1] ?? 0)
      expect(named).toBeLessThanOrEqual(file.length)
    }
  })

  test('is refused wherever it is cut off, or goes on', () => {
    const file = fileOf(aRoom())
    for (let length = 0; length < file.length; length++)
      expect(errorOf(file.subarray(0, length)), `${length}`).not.toBe('')
    expect(errorOf(concat([file, Uint8Array.of(0)]))).toMatch(/was changed/)
  })

  test('is refused where it is none, or of a newer form', () => {
    expect(errorOf(new Uint8Array(100))).toMatch(/no file that Baton/)
    expect(errorOf(new Uint8Array())).toMatch(/no file that Baton/)
    const newer = new ByteWriter()
    newer.bytes(withSum(utf8('8'), Uint8Array.of(2, 7, 7)))
    expect(errorOf(concat([fileOf(aRoom()).subarray(0, 8), newer.end()]))).toMatch(/newer version/)
  })
})
