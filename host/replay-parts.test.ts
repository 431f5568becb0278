import { expect, test } from 'vitest'
import { FRAME_BYTES_MAX, REPLAY_PART_BYTES, REPLAY_QUERIES_MAX } from '../protocol/limits.ts'
import { opId, peer, seq } from '../protocol/testing-ids.ts'
import { Engine } from '../replica/engine.ts'
import { replayParts } from './replay-parts.ts'

/** A stream of values of so many bytes. */
function streamOf(lengths: readonly number[]): Engine {
  const engine = new Engine()
  for (const [i, length] of lengths.entries()) {
    const value = new Uint8Array(length)
    engine.push(
      { action: 'append', author: peer('a'), opId: opId(i + 1), key: 'k', value },
      seq(i + 1),
    )
  }
  return engine
}

test('a part is of about the same size, whatever the rest of its stream is like', () => {
  const large = Array<number>(8).fill(2 ** 21)
  const engine = streamOf([...large, ...Array<number>(20_000).fill(2), ...large])
  const parts = [...replayParts(engine, [{ key: 'k', after: 0 }])]
  const messages = parts.flat().reduce((sum, { seqs }) => sum + seqs.length, 0)
  expect(messages).toBe(20_016)
  for (const items of parts) {
    const bytes = items.reduce((sum, { bytes }) => sum + bytes.length, 0)
    expect(bytes).toBeLessThan(REPLAY_PART_BYTES + 2 ** 21)
    expect(bytes).toBeLessThan(FRAME_BYTES_MAX)
    expect(items.length).toBeLessThan(REPLAY_QUERIES_MAX)
  }
})

test('a part of values that have no bytes ends as well', () => {
  const engine = streamOf(Array<number>(REPLAY_PART_BYTES + 5_000).fill(0))
  const parts = [...replayParts(engine, [{ key: 'k', after: 0 }])]
  expect(parts.length).toBe(2)
  for (const items of parts) expect(items.length).toBeLessThan(REPLAY_QUERIES_MAX)
})
