// Frames and copies of the room that a member has changed by chance. Rows 58b and 64b of docs/bad-input.md.

import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { Index, Seq } from '../protocol/ids.ts'
import { encodeFrame, parseFrame } from '../protocol/frame-codec.ts'
import { peer } from '../protocol/testing-ids.ts'
import { Random } from '../sim/random.ts'
import { H4, MemberScene, message, reign } from './member-scene.ts'
import { Mutator } from './mutation.ts'
import { row } from './row.ts'

/** More by hand: FUZZ_GAMES=10000. */
const GAMES = Number(process.env['FUZZ_GAMES'] ?? 400)

row(
  '64b',
  'copies of the room changed by chance, to a peer that takes one over, follows on, and then leads',
  'refused, or a room that works: nothing is thrown',
  () => {
    const parts = readFileSync(new URL('corpus/parts.hex', import.meta.url), 'utf8')
      .trim()
      .split('\n')
      .map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')))
    const seed = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
    console.log(`FUZZ_SEED=${seed}`)
    const mutator = new Mutator(new Random(seed))
    let adopted = 0
    for (let game = 0; game < 3 * GAMES; game++) {
      const scene = new MemberScene()
      scene.joined('hs', H4)
      scene.link('h')
      scene.welcome(0)
      scene.receive('h', {
        type: 'entries',
        stable: 2 as Index,
        entries: [reign(1, H4), message(2, 1, 'h', 1)],
      })
      const request = scene.sentTo('h', 'fetch').at(-1)!.request
      const given = parts.map((part) =>
        mutator.below(3) === 0 ? mutator.bytes(part, parts) : part,
      )
      if (mutator.below(2) === 0)
        scene.receive('h', {
          type: 'entries',
          stable: 2 as Index,
          entries: Array.from({ length: 9 }, (_, n) => message(3 + n, 2 + n, 'h', 2 + n)),
        })
      given.forEach((bytes, number) =>
        scene.receive('h', {
          type: 'part',
          request,
          number,
          last: number === given.length - 1,
          bytes,
        }),
      )
      const { replica } = scene.honest
      if (replica.complete) adopted++
      scene.receive('h', {
        type: 'entries',
        stable: 3 as Index,
        entries: [message(replica.lastIndex + 1, replica.lastSeq + 1, 'q', 1)],
      })
      scene.signaled({ type: 'peer-left', peer: peer('h'), why: 'bye' })
      scene.pass(1_000)
      const claims = scene
        .signals()
        .flatMap((signal) => (signal.type === 'claim' ? [signal.term] : []))
      if (claims.length > 0)
        scene.signaled({ type: 'host', claim: { term: claims.at(-1)!, host: peer('m') } })
      scene.pass(1_000)
      scene.feed({
        type: 'submitted',
        ticket: 1,
        action: 'append',
        key: 'k',
        value: Uint8Array.of(0, 49),
      })
      scene.feed({
        type: 'compacted',
        ticket: 2,
        key: 'k',
        seq: 1 as Seq,
        value: Uint8Array.of(0, 50),
      })
      scene.feed({ type: 'replay-asked', request: 1, queries: [{ key: 'k', after: 0 }] })
      expect(scene.honest.isHosting).toBe(true)
    }
    expect(adopted).toBeGreaterThan(GAMES / 4)
  },
)

row(
  '58b',
  'sixty thousand frames with fields changed by chance, from host and member alike',
  'nothing is thrown, what was delivered stays in order',
  () => {
    const frames = readFileSync(new URL('corpus/frames.hex', import.meta.url), 'utf8')
      .trim()
      .split('\n')
      .map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')))
    const seed = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
    console.log(`FUZZ_SEED=${seed}`)
    const mutator = new Mutator(new Random(seed))
    let taken = 0
    for (let game = 0; game < GAMES; game++) {
      const scene = game % 2 === 0 ? MemberScene.following() : MemberScene.hosting()
      const term = scene.honest.claim!.term
      for (let n = 0; n < 150; n++) {
        const parsed = parseFrame(
          mutator.below(4) === 0
            ? mutator.pick(frames)
            : mutator.bytes(mutator.pick(frames), frames),
        )
        if (!parsed.ok) continue
        taken++
        // Of this room's own terms, names and places more often than chance would have it.
        const frame = JSON.parse(
          JSON.stringify(parsed.value, (name, value: unknown) => near(name, value, mutator, term)),
          revived,
        ) as Parameters<typeof encodeFrame>[0]
        const bytes = tryEncode({ ...frame, term: mutator.below(3) === 0 ? frame.term : term })
        if (bytes !== null) scene.bytes(mutator.pick(['h', 's', 's']), bytes)
        if (n % 20 === 0) scene.pass(mutator.pick([1, 250, 1_100]), 250)
        if (n % 50 === 49) scene.link(mutator.pick(['h', 's']))
      }
      let last = 0
      for (const output of scene.outputs) {
        if (output.type === 'reset') last = output.headSeq
        for (const { seq } of output.type === 'deliver' ? output.messages : []) {
          if (seq <= last) throw new Error(`FUZZ_SEED=${seed}: ${seq} was delivered after ${last}`)
          last = seq
        }
      }
    }
    expect(taken).toBeGreaterThan(GAMES * 20)
  },
)

/** Bytes survive as numbers in a list. */
function near(name: string, value: unknown, mutator: Mutator, term: number): unknown {
  if (value instanceof Uint8Array) return { bytes: [...value] }
  if (value instanceof Float64Array) return { numbers: [...value] }
  if (typeof value === 'string' && value.length === 22)
    return mutator.pick([peer('h'), peer('s'), peer('m'), peer('x'), value])
  if (name === 'term' && mutator.below(2) === 0) return term + mutator.below(2)
  if (typeof value === 'number' && mutator.below(2) === 0) return mutator.below(6)
  return value
}

function revived(_name: string, value: unknown): unknown {
  const { bytes, numbers } = (typeof value === 'object' && value !== null ? value : {}) as {
    bytes?: number[]
    numbers?: number[]
  }
  if (Array.isArray(bytes) && Object.keys(value as object).length === 1)
    return Uint8Array.from(bytes)
  return Array.isArray(numbers) && Object.keys(value as object).length === 1
    ? Float64Array.from(numbers)
    : value
}

/** Null for what no sender could write. */
function tryEncode(frame: Parameters<typeof encodeFrame>[0]): Uint8Array | null {
  try {
    return encodeFrame(frame)
  } catch {
    return null // a field of another kind than the codec writes: there are no such bytes
  }
}
