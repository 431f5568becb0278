// Runs in a Node process of its own: what one engine does in a second, and what a million messages leave in memory.
// Prints its figures as JSON.

import { setTimeout } from 'node:timers/promises'
import { Engine } from '../replica/engine.ts'
import type { OpId, PeerId, Seq } from '../protocol/ids.ts'

const MESSAGES = 1_000_000
const VALUE_BYTES = 100
/** As many as a page that comes back may have missed. */
const REPLAY_MESSAGES = 1_000

export type EngineFigures = {
  readonly messages: number
  readonly encodedBytes: number
  readonly appendsPerSecond: number
  readonly replayedPerSecond: number
  readonly retainedBytes: number
}

const author = 'A'.repeat(22) as PeerId
const value = new Uint8Array(VALUE_BYTES).fill(7)
const limits = { keysMax: 1, retainedBytesMax: Infinity }

/** Asks for each op whether it is refused, as a host does. */
function fill(engine: Engine): void {
  const op = { action: 'append', author, opId: 1 as OpId, key: 'k', value } as const
  for (let n = 1; n <= MESSAGES; n++) {
    if (engine.refusalOf(op) !== null) throw new Error('refused')
    engine.push(op, n as Seq)
  }
}

/** The whole stream, so many at a time. */
function replay(engine: Engine): number {
  let replayed = 0
  for (
    let run = engine.replay('k', 0, REPLAY_MESSAGES);
    run !== null && run.seqs.length > 0;
    run = engine.replay('k', run.seqs.at(-1)!, REPLAY_MESSAGES)
  )
    replayed += run.seqs.length
  return replayed
}

function perSecond(work: () => number): number {
  const start = performance.now()
  const done = work()
  return (done / (performance.now() - start)) * 1000
}

/** What is still in use. Buffers without an owner are freed some time after the collection that finds them. */
async function memoryBytes(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc!()
    await setTimeout(50)
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const before = await memoryBytes()
const retained = new Engine(limits)
fill(retained)
const retainedBytes = (await memoryBytes()) - before
if (retained.size('k') !== MESSAGES) throw new Error('some messages are missing')

// What came so far was the compiler's warm-up.
const appendsPerSecond = perSecond(() => {
  fill(new Engine(limits))
  return MESSAGES
})
replay(retained)
const replayedPerSecond = perSecond(() => replay(retained))

const figures: EngineFigures = {
  messages: MESSAGES,
  encodedBytes: MESSAGES * VALUE_BYTES,
  appendsPerSecond,
  replayedPerSecond,
  retainedBytes,
}
console.log(JSON.stringify(figures))
