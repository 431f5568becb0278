// Owns the measurements of the engine: appends, replays, memory; how these grow with keys and with history.

import type { OpId, PeerId, Seq } from '../../protocol/ids.ts'
import type * as EngineModule from '../../replica/engine.ts'
import { memoryBytes, nsEach, type Load, type Measure } from './measure.ts'

type Engine = EngineModule.Engine

const MESSAGES = 1_000_000
const VALUE_BYTES = 100
/** As many as a page that comes back may have missed. */
const REPLAY_MESSAGES = 1_000
const LITTLE_HISTORY = 10_000
const KEYS = [10, 1_000, 10_000]
const KEYED_MESSAGES = 200_000

const author = 'A'.repeat(22) as PeerId
const value = new Uint8Array(VALUE_BYTES).fill(7)
const limits = { keysMax: Infinity, retainedBytesMax: Infinity }

const load = (from: Load) => from<typeof EngineModule>('replica/engine')

/** Asks for each op whether it is refused, as a host does. */
function append(engine: Engine, messages: number, keys: readonly string[]): number {
  const first = engine.lastSeq + 1
  const { length } = keys
  for (let n = 0; n < messages; n++) {
    const key = keys[n % length]!
    const op = { action: 'append', author, opId: 1 as OpId, key, value } as const
    if (engine.refusalOf(op) !== null) throw new Error('refused')
    engine.push(op, (first + n) as Seq)
  }
  return messages
}

/** The whole stream, so many at a time. */
function replay(engine: Engine, after = 0): number {
  let replayed = 0
  let run = engine.replay('k', after, REPLAY_MESSAGES)
  while (run !== null && run.seqs.length > 0) {
    replayed += run.seqs.length
    run = engine.replay('k', run.seqs.at(-1)!, REPLAY_MESSAGES)
  }
  return replayed
}

export const engineAlone: Measure = async (from) => {
  const { Engine } = await load(from)
  const before = await memoryBytes()
  const retained = new Engine(limits)
  append(retained, MESSAGES, ['k'])
  const bytes = (await memoryBytes()) - before
  if (retained.size('k') !== MESSAGES) throw new Error('some messages are missing')
  return {
    // What came so far was the compiler's warm-up.
    append: [nsEach(() => append(new Engine(limits), MESSAGES, ['k']), 0)],
    replay: [nsEach(() => replay(retained))],
    memory: [bytes / (1.5 * MESSAGES * VALUE_BYTES + 64 * MESSAGES)],
  }
}

/** Every message goes to another key than the one before. */
export const growthWithKeys: Measure = async (from) => {
  const { Engine } = await load(from)
  const entries = KEYS.map((count) => {
    const keys = Array.from({ length: count }, (_, i) => `a key like others/${i}`)
    const engine = new Engine(limits)
    append(engine, KEYED_MESSAGES, keys)
    return [`keys-${count}`, [nsEach(() => append(engine, KEYED_MESSAGES, keys))]] as const
  })
  return Object.fromEntries(entries)
}

export const growthWithHistory: Measure = async (from) => {
  const { Engine } = await load(from)
  const samples: { [name: string]: readonly number[] } = {}
  for (const history of [LITTLE_HISTORY, MESSAGES]) {
    // As many appends either way, and what it costs to make place is among them.
    const engines = MESSAGES / history
    let engine = new Engine(limits)
    const fill = () => {
      for (let i = 0; i < engines; i++) {
        engine = new Engine(limits)
        append(engine, history, ['k'])
      }
      return MESSAGES
    }
    samples[`append-${history}`] = [nsEach(fill)]
    samples[`last-${history}`] = [nsEach(() => replayOften(engine, history - REPLAY_MESSAGES))]
  }
  return samples
}

/** What one who comes back asks for, again and again. */
function replayOften(engine: Engine, after: number): number {
  let replayed = 0
  for (let i = 0; i < 2_000; i++) replayed += replay(engine, after)
  return replayed
}
