import { describe, expect, test } from 'vitest'
import { KeptValues } from '../protocol/kept-values.ts'
import { index, opId, peer } from '../protocol/testing-ids.ts'
import { HeldSubmits } from './held-submits.ts'
import { HostingScene, op } from './hosting-scene.ts'

const PACKET_BYTES = 64 * 1024
const SHARED_BUFFER_BYTES = 32 * 1024

/** A value as a frame brings it: a view of a packet. */
function inPacket(length: number, fill: number): Uint8Array {
  return new Uint8Array(PACKET_BYTES).subarray(100, 100 + length).fill(fill)
}

describe('the values that a host keeps', () => {
  test('are copies, side by side in one buffer, and large ones in one each', () => {
    const values = new KeptValues()
    const given = Array.from({ length: 1_000 }, (_, i) => inPacket(1 + (i % 200), i % 256))
    const kept = given.map((value) => values.keep(value))
    expect(kept).toEqual(given)
    const buffers = new Set(kept.map(({ buffer }) => buffer))
    expect(buffers.size).toBe(Math.ceil((1_000 * 100.5) / SHARED_BUFFER_BYTES))
    expect([...buffers].map(({ byteLength }) => byteLength)).toEqual(
      Array.from(buffers, () => SHARED_BUFFER_BYTES),
    )
    const large = values.keep(inPacket(10_000, 7))
    expect(large.buffer.byteLength).toBe(10_000)
  })

  test('keep no packet alive once they are in the log', () => {
    const scene = HostingScene.leading('a')
    scene.submits('a', [{ ...op('a', 1), value: inPacket(10, 1) } as ReturnType<typeof op>])
    const entry = scene.replica.log.at(index(scene.replica.lastIndex))
    if (entry?.type !== 'message') throw new Error('a message was ordered')
    expect(entry.op.value).toEqual(new Uint8Array(10).fill(1))
    expect(entry.op.value.buffer.byteLength).toBe(SHARED_BUFFER_BYTES)
  })

  test('keep no packet alive while they are held', () => {
    const held = new HeldSubmits()
    const ann = peer('a')
    const value = inPacket(10, 1)
    const ops = [{ action: 'append', author: ann, opId: opId(1), key: 'k', value }] as const
    held.add(ann, { type: 'submit', nonce: 1, floor: opId(1), ops })
    const [kept] = held.drain().flatMap(({ submit }) => submit.ops)
    expect(kept).toEqual(ops[0])
    expect(kept?.action === 'append' && kept.value.buffer.byteLength).toBe(10)
  })
})
