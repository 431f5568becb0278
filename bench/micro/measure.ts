// Owns how pure code is timed: by the CPU's time of this process, which others on the machine leave alone, and against
// a loop that is the same everywhere.

import type { Samples } from '../row.ts'

/** Imports a module of the build that is measured, by its name within the repository. */
export type Load = <Module>(name: string) => Promise<Module>

export type Measure = (load: Load) => Promise<Samples>

/** Nanoseconds an item, those of the garbage collector among them. The first calls are the compiler's warm-up. */
export function nsEach(work: () => number, warmUps = 1): number {
  for (let i = 0; i < warmUps; i++) work()
  const before = process.cpuUsage()
  const items = work()
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1_000) / items
}

const CALIBRATIONS = 1_000_000
const RECORD_BYTES = 100

/** What pure code does most: looks up a name, copies bytes, counts. Nanoseconds a turn. */
export function calibration(): number {
  const names = Array.from({ length: 64 }, (_, i) => `name-${i}`)
  const record = new Uint8Array(RECORD_BYTES).fill(7)
  return nsEach(() => {
    const ends = new Map(names.map((name) => [name, 0]))
    const bytes = new Uint8Array(1 << 20)
    let at = 0
    for (let i = 0; i < CALIBRATIONS; i++) {
      const name = names[i & 63]!
      bytes.set(record, at)
      at = (at + RECORD_BYTES) % (bytes.length - RECORD_BYTES)
      ends.set(name, ends.get(name)! + bytes[at]! + 1)
    }
    return CALIBRATIONS
  }, 2)
}

/** What is still in use. Buffers without an owner are freed some time after the collection that finds them. */
export async function memoryBytes(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc!()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
