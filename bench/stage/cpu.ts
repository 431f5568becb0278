// Owns how much of the CPU's time processes and their threads took, as Linux tells it. Elsewhere nothing is told.

import { readdirSync, readFileSync } from 'node:fs'
import { CPU_PREFIX, type Samples } from '../row.ts'

/** Of one tick; Linux shows ticks of 10 ms to programs, whatever it counts in. */
const TICK_US = 10_000

export type NamedProcess = { readonly name: string; readonly pid: number }

type Thread = { readonly process: string; readonly thread: string; readonly ticks: number }

/** Ticks of all threads of these processes since they began, by process and thread id. */
export function ticksOf(processes: readonly NamedProcess[]): ReadonlyMap<string, Thread> {
  const threads = new Map<string, Thread>()
  for (const { name, pid } of processes)
    for (const id of threadsOf(pid)) {
      const thread = readThread(name, `/proc/${pid}/task/${id}`)
      if (thread !== null) threads.set(`${pid}/${id}`, thread)
    }
  return threads
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return [] // the process is gone, or this is no Linux
  }
}

function readThread(process: string, folder: string): Thread | null {
  try {
    const stat = readFileSync(`${folder}/stat`, 'utf8')
    const nameEnd = stat.lastIndexOf(')')
    // Of what follows the name, the fields 12 and 13 are the ticks in the program and in the kernel for it.
    const fields = stat.slice(nameEnd + 2).split(' ')
    const isMain = folder.endsWith(`/${/^\/proc\/(\d+)/.exec(folder)![1]}`)
    const thread = isMain ? 'main' : stat.slice(stat.indexOf('(') + 1, nameEnd)
    return { process, thread, ticks: Number(fields[11]) + Number(fields[12]) }
  } catch {
    return null // the thread is gone
  }
}

/** Microseconds an item, by process and thread and in all, between two readings. */
export function cpuBetween(
  before: ReadonlyMap<string, Thread>,
  after: ReadonlyMap<string, Thread>,
  items: number,
): Samples {
  const ticksByName = new Map<string, number>()
  let all = 0
  for (const [id, { process, thread, ticks }] of after) {
    const spent = ticks - (before.get(id)?.ticks ?? 0)
    const name = `${process}/${thread}`
    ticksByName.set(name, (ticksByName.get(name) ?? 0) + spent)
    all += spent
  }
  const samples: { [name: string]: readonly number[] } = { cpu: [(all * TICK_US) / items] }
  for (const [name, spent] of ticksByName)
    if (spent > 0) samples[CPU_PREFIX + name] = [(spent * TICK_US) / items]
  return samples
}
