// Owns pages that met over some way, and what is measured between them, whatever the way is.

import type { BrowserTab } from '../../e2e/chromium.ts'
import type { Samples } from '../row.ts'
import { cpuBetween, ticksOf, type NamedProcess } from '../stage/cpu.ts'
import { browserProcesses } from '../stage/processes.ts'

export type Meeting = {
  readonly author: BrowserTab
  /** Who is to receive all that the author sends. */
  readonly receivers: readonly BrowserTab[]
  /** Pages by the parts that they play; the CPU's time is told by these. */
  readonly parts: readonly { readonly name: string; readonly tab: BrowserTab }[]
  /** Processes beside the browser that take part. */
  readonly beside: readonly NamedProcess[]
  close(): Promise<void>
}

export type Load = { readonly count: number; readonly bytes: number }

/** Values a second, from the first one sent to the last one at the slowest receiver. */
export async function pour(
  { author, receivers }: Meeting,
  { count, bytes }: Load,
): Promise<number> {
  for (const tab of receivers)
    await tab.evaluate((n: number) => window.bench.expectValues(n), count)
  const sent = author.evaluate((load: Load) => window.bench.pour(load.count, load.bytes), {
    count,
    bytes,
  })
  const ends = receivers.map((tab) => tab.evaluate(() => window.bench.untilReceived()))
  // Whichever fails first says why.
  const [startMs, ...endsMs] = await Promise.all([sent, ...ends])
  return (count / (Math.max(...endsMs) - startMs)) * 1000
}

/** Values a second to each receiver, and what they cost. */
export async function pourWithCpu(meeting: Meeting, load: Load): Promise<Samples> {
  const processes = [...(await browserProcesses(meeting.parts)), ...meeting.beside]
  const before = ticksOf(processes)
  const rate = await pour(meeting, load)
  const { cpu, ...byThread } = cpuBetween(before, ticksOf(processes), load.count)
  return {
    rate: [rate],
    bytes: [(rate * load.bytes) / 1e6],
    cpu: cpu!,
    cpuEach: [cpu![0]! / meeting.receivers.length],
    ...byThread,
  }
}

/** Milliseconds of so many values from page to page, one at a time. */
export async function delays(
  { author, receivers }: Meeting,
  { count, bytes }: Load,
): Promise<Samples> {
  const reader = receivers.at(-1)!
  await reader.evaluate(() => window.bench.hearDelays())
  await author.evaluate((load: Load) => window.bench.sendSlowly(load.count, load.bytes), {
    count,
    bytes,
  })
  return { ms: await reader.evaluate((n: number) => window.bench.untilDelays(n), count) }
}
