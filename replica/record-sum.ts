// Owns the sum that goes with each record of a stored copy: by it a record that has changed on its disk is noticed, and
// one that lies at another place. It is no defence against whoever writes to that disk. [PE14]

import { fail, ok, type Result } from '../protocol/result.ts'
import type { Place } from '../storage/store.ts'

const SUM_BYTES = 4
const OFFSET = 0x811c9dc5
const PRIME = 0x01000193

/** The bytes, and their sum behind them. */
export function withSum(place: Place, bytes: Uint8Array): Uint8Array {
  const record = new Uint8Array(bytes.length + SUM_BYTES)
  record.set(bytes)
  viewOf(record).setUint32(bytes.length, sumOf(place, record.subarray(0, bytes.length)))
  return record
}

/** A view of the bytes before the sum. */
export function withoutSum(place: Place, record: Uint8Array): Result<Uint8Array> {
  if (record.length < SUM_BYTES) return fail('a record of no bytes')
  const bytes = record.subarray(0, record.length - SUM_BYTES)
  const sum = viewOf(record).getUint32(bytes.length)
  return sum === sumOf(place, bytes) ? ok(bytes) : fail('a record that has changed')
}

/**
 * Each step gives another result for each other state before it, and for each other word. So no change of one word goes
 * unnoticed, and of others one in 2^32. Four bytes at a time: a room has 64 MiB of them.
 */
function sumOf(place: Place, bytes: Uint8Array): number {
  let sum = OFFSET
  for (const byte of place) sum = Math.imul(sum ^ byte, PRIME)
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, bytes.length >>> 2)
  for (let i = 0; i < words.length; i++) {
    sum = Math.imul(sum ^ words[i]!, PRIME)
    sum ^= sum >>> 15
  }
  for (let i = words.length * 4; i < bytes.length; i++) sum = Math.imul(sum ^ bytes[i]!, PRIME)
  return (sum ^ bytes.length) >>> 0
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
