// A million mutations of valid input through every parser: none throws, none loops, none takes more room than its
// limits say, and what is accepted is a value that our own encoder writes, and that reads back the same.
// The seed is printed. FUZZ_SEED=… repeats a run, FUZZ_CASES=… makes it longer. What once was interesting is kept
// in corpus/, one input a line.

import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { ByteReader, Malformed } from '../protocol/byte-reader.ts'
import { ByteWriter } from '../protocol/byte-writer.ts'
import { entriesCodec, opsCodec } from '../protocol/entry-codec.ts'
import type { Codec } from '../protocol/codec.ts'
import { encodeFrame, parseFrame } from '../protocol/frame-codec.ts'
import { FRAME_BYTES_MAX, RETAINED_BYTES_MAX } from '../protocol/limits.ts'
import type { PeerId, Topic } from '../protocol/ids.ts'
import { NONCE_BYTES, open, seal } from '../protocol/seal.ts'
import { parseFromSignaling } from '../protocol/parse-from-signaling.ts'
import { parseToSignaling } from '../protocol/parse-to-signaling.ts'
import { decodeValue, encodeValue } from '../protocol/value.ts'
import { BatonError } from '../protocol/errors.ts'
import { SnapshotReader } from '../replica/snapshot-reader.ts'
import { Random } from '../sim/random.ts'
import { Credit } from '../transport/credit.ts'
import { encodeEnvelope, parseEnvelope } from '../transport/envelope.ts'
import { PacketReader } from '../transport/packets.ts'
import { Mutator } from './mutation.ts'

const SEED = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
const CASES = Number(process.env['FUZZ_CASES'] ?? 1_000_000)
console.log(`FUZZ_SEED=${SEED}, ${CASES} cases`)

function lines(name: string): string[] {
  return readFileSync(new URL(`corpus/${name}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
}

function hexes(name: string): Uint8Array[] {
  return lines(name).map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')))
}

/** Runs a share of the cases; what goes wrong is told with its input and seed. Answers how many were accepted. */
function fuzz<T>(
  name: string,
  share: number,
  mutated: (mutator: Mutator) => T,
  accepts: (input: T) => boolean,
): void {
  test(`${name}: ${Math.round(CASES * share)} mutations do no harm`, () => {
    const mutator = new Mutator(new Random(SEED).fork(name))
    let accepted = 0
    for (let left = Math.round(CASES * share); left > 0; left--) {
      const input = mutated(mutator)
      try {
        if (accepts(input)) accepted++
      } catch (error) {
        const shown =
          input instanceof Uint8Array ? Buffer.from(input).toString('hex') : JSON.stringify(input)
        throw new Error(
          `FUZZ_SEED=${SEED} ${name}: ${(error as Error).stack}\ninput: ${shown.slice(0, 4_000)}`,
          { cause: error },
        )
      }
    }
    // A fuzzer whose every input falls at the first hurdle tests that hurdle alone.
    expect(accepted).toBeGreaterThan(CASES * share * 0.005)
  })
}

function assertSame(actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return
  const shown = (value: unknown) => JSON.stringify(value)?.slice(0, 500)
  throw new Error(`accepted, and read back as another: ${shown(actual)} for ${shown(expected)}`)
}

const frames = hexes('frames.hex')
fuzz(
  'frames',
  0.28,
  (mutator) => mutator.bytes(mutator.pick(frames), frames),
  (bytes) => {
    const parsed = parseFrame(bytes)
    if (parsed.ok) assertSame(parseFrame(encodeFrame(parsed.value)), parsed)
    return parsed.ok
  },
)

function fuzzCodec<T>(name: string, codec: Codec<T>, seeds: readonly Uint8Array[]): void {
  const read = (bytes: Uint8Array): T | null => {
    try {
      return codec.read(new ByteReader(bytes))
    } catch (error) {
      if (error instanceof Malformed) return null // refused; its door turns this into a result
      throw error
    }
  }
  fuzz(
    name,
    0.08,
    (mutator) => mutator.bytes(mutator.pick(seeds), seeds),
    (bytes) => {
      const value = read(bytes)
      if (value === null) return false
      const writer = new ByteWriter()
      codec.write(writer, value)
      assertSame(read(writer.end()), value)
      return true
    },
  )
}

fuzzCodec('entries', entriesCodec, hexes('entries.hex'))
fuzzCodec('ops', opsCodec, hexes('ops.hex'))

const toSignaling = lines('to-signaling.txt')
fuzz(
  'messages to signaling',
  0.14,
  (mutator) => mutator.json(mutator.pick(toSignaling), toSignaling),
  (text) => {
    const parsed = parseToSignaling(text)
    if (parsed.ok) assertSame(parseToSignaling(JSON.stringify(parsed.value)), parsed)
    return parsed.ok
  },
)

const fromSignaling = lines('from-signaling.txt')
fuzz(
  'messages from signaling',
  0.1,
  (mutator) => mutator.json(mutator.pick(fromSignaling), fromSignaling),
  (text) => {
    const message = parseFromSignaling(text)
    if (message !== null) assertSame(parseFromSignaling(JSON.stringify(message)), message)
    return message !== null
  },
)

const envelopes = lines('envelopes.txt')
fuzz(
  'envelopes',
  0.08,
  (mutator) => mutator.json(mutator.pick(envelopes), envelopes),
  (text) => {
    const envelope = parseEnvelope(text)
    if (envelope !== null) assertSame(parseEnvelope(encodeEnvelope(envelope)), envelope)
    return envelope !== null
  },
)

const packets = hexes('packets.hex')
fuzz(
  'packets',
  0.14,
  (mutator) =>
    Array.from({ length: 1 + mutator.below(4) }, () =>
      mutator.bytes(mutator.pick(packets), packets),
    ),
  (input) => {
    const reader = new PacketReader(new Credit())
    const sent = input.reduce((bytes, packet) => bytes + packet.length, 0)
    let received = 0
    let readable = true
    for (const packet of input) {
      const read = reader.read(packet)
      readable &&= read.ok
      if (read.ok) for (const frame of read.value) received += frame.length
    }
    if (received > Math.min(sent, FRAME_BYTES_MAX))
      throw new Error(`${sent} bytes of packets became ${received} bytes of frames`)
    return readable
  },
)

const parts = hexes('parts.hex')
fuzz(
  'snapshots',
  0.06,
  (mutator) => parts.map((part) => (mutator.below(3) === 0 ? mutator.bytes(part, parts) : part)),
  (input) => {
    const reader = new SnapshotReader()
    for (const part of input) if (!reader.add(part).ok) return false
    const fetched = reader.finish()
    if (
      fetched.ok &&
      fetched.value.extent === 'whole' &&
      (fetched.value.copy.engine?.retainedBytes ?? 0) > RETAINED_BYTES_MAX
    )
      throw new Error('a copy beyond the limits of a room')
    return fetched.ok
  },
)

const values = hexes('values.hex')
fuzz(
  'values',
  0.07,
  (mutator) => mutator.bytes(mutator.pick(values), values),
  (bytes) => {
    let value
    try {
      value = decodeValue(bytes)
    } catch (error) {
      if (isRefusal(error)) return false // which its one caller tells the app
      throw error
    }
    // JSON has spellings that are read and never written, such as 1e400 or "\ud800": those need not come back.
    try {
      assertSame(decodeValue(encodeValue(value)), value)
    } catch (error) {
      if (
        !(error instanceof BatonError) &&
        !/\\u[dD][89a-fA-F]|-0/.test(Buffer.from(bytes).toString('latin1'))
      )
        throw error
    }
    return true
  },
)

const key = new Uint8Array(32).fill(7)
const context = {
  topic: 't'.repeat(22) as Topic,
  from: 'a'.repeat(22) as PeerId,
  to: 'b'.repeat(22) as PeerId,
  attempt: 'x',
}
const boxes = [0, 1, 200, 600].map((length, i) =>
  seal(key, context, 'x'.repeat(length), new Uint8Array(NONCE_BYTES).fill(i)),
)
fuzz(
  'sealed boxes',
  0.05,
  (mutator) => {
    const box = mutator.pick(boxes)
    const at = mutator.below(box.length)
    const odd = mutator.pick([
      'A',
      '_',
      '=',
      '+',
      '',
      'AA',
      '\u{1f600}',
      box.slice(at, at + 4),
      box[at]!,
    ])
    return mutator.below(3) === 0
      ? { box, text: box }
      : { box, text: box.slice(0, at) + odd + box.slice(at + (mutator.below(2) || odd.length)) }
  },
  ({ box, text }) => {
    const opened = open(key, context, text)
    if ((opened !== null) !== (text === box))
      throw new Error('a changed box opened, or a true one did not')
    return opened !== null
  },
)

/** What `decodeValue` throws for bytes that it refuses. */
function isRefusal(error: unknown): boolean {
  if (error instanceof SyntaxError || error instanceof BatonError) return true
  return error instanceof TypeError && /encoded data was not valid/.test(error.message)
}
