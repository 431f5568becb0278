// Owns a long run: a room of real pages, one random fault after the other, and the report at the end.

import { readFileSync } from 'node:fs'
import { percentile, tableOf } from '../../scripts/report.mjs'
import { describeRecoveries } from '../../checks/availability.ts'
import { Random } from '../../sim/random.ts'
import { cutFor12s, cutFor4s } from '../faults/cutting.ts'
import { gapAfter, openPage, wait, type Fault } from '../faults/fault.ts'
import { test } from '../faults/fixtures.ts'
import { cached, closed, left, navigated, reloaded } from '../faults/going.ts'
import { browserKilled, crashed, rendererKilled } from '../faults/killing.ts'
import type { Scene } from '../faults/scene.ts'
import { frozen, hung, stopped } from '../faults/stalling.ts'
import type { RoomTab } from '../room-tab.ts'

const number = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise)
const MINUTES = number('SOAK_MINUTES', 5)
const PAGES = number('SOAK_PAGES', 8)
const SEED = number('SOAK_SEED', 1)

/** Ten operations a second of each page: every fault hits some, and an hour of them can be checked. */
const PAUSE_MS = 100
const RECEIPTS = 5
const PEACE_MS = [500, 4_000] as const
const SIGNALING_AWAY_MS = [200, 6_000] as const

const FAULTS: readonly Fault[] = [
  closed,
  navigated,
  reloaded,
  left,
  cached,
  crashed,
  rendererKilled,
  browserKilled,
  hung,
  stopped,
  frozen,
  cutFor4s,
  cutFor12s,
]

class Soak {
  readonly #scene: Scene
  readonly #random = new Random(SEED)
  readonly #gaps = new Map<string, number[]>()
  readonly #firstBytes = new Map<RoomTab, Memory>()

  constructor(scene: Scene) {
    this.#scene = scene
  }

  async run(): Promise<void> {
    while (this.#scene.tabs.length < PAGES) await this.#enter()
    await this.#scene.untilSettled()
    for (const tab of this.#scene.tabs) this.#firstBytes.set(tab, await memoryOf(tab))
    const endMs = Date.now() + MINUTES * 60_000
    while (Date.now() < endMs) {
      await wait(this.#random.int(...PEACE_MS))
      if (this.#random.chance(0.15)) await this.#loseSignaling()
      else await this.#strike()
    }
    for (const tab of this.#scene.tabs) await tab.untilAcked(RECEIPTS)
    await this.#report()
    await this.#scene.judge()
    console.log(describeRecoveries(this.#scene.history()).join('\n'))
  }

  /** A browser for each page: any of them can be stopped or killed, and what it takes be read. */
  async #enter(): Promise<void> {
    const tab = await this.#scene.enter(
      await openPage({ ...cutFor4s, needsBrowser: true }, this.#scene),
    )
    await tab.startWriting(PAUSE_MS)
  }

  async #strike(): Promise<void> {
    const scene = this.#scene
    const fault = this.#random.pick(FAULTS)
    const { host } = scene
    const victim = this.#random.chance(0.5) ? host : this.#random.pick(scene.tabs)
    const others = scene.tabs.filter((tab) => tab !== victim)
    const { id } = victim
    console.log(
      `${new Date().toISOString()} the ${victim === host ? 'host' : victim.state!.role}'s tab ${fault.what}`,
    )
    const isGoing = fault.kind === 'leave' || fault.kind === 'crash'
    if (isGoing) await victim.stopWriting()

    const struckAtMs = Date.now()
    scene.begin(fault.kind, fault.what, [victim])
    const end = await fault.strike(victim, scene)
    const isOver = wait(fault.lastsMs ?? 0)
    if (end === undefined) scene.remove(victim, fault.kind === 'crash' ? 'crashed' : 'left')
    for (const tab of others) await tab.untilAcked(RECEIPTS)
    if (end === undefined) {
      await victim.page.browser.kill()
      await this.#enter()
    } else {
      await isOver
      await end()
      scene.heal(fault.kind, fault.what)
      if (victim.id !== id) victim.noteEnd(id, 'left')
      await victim.until('it is back', () => victim.state!.status === 'live')
      if (isGoing) await victim.startWriting(PAUSE_MS)
      await victim.untilAcked(RECEIPTS)
    }
    this.#note(
      `${victim === host ? "the host's" : 'another'} tab ${fault.what}`,
      gapAfter(struckAtMs, others),
    )
    await scene.untilSettled()
  }

  async #loseSignaling(): Promise<void> {
    const scene = this.#scene
    const isKilled = this.#random.chance(0.5)
    const what = isKilled ? 'signaling is killed and started again' : 'signaling hangs'
    const kind = isKilled ? 'signaling-restart' : 'signaling-down'
    console.log(`${new Date().toISOString()} ${what}`)
    const atMs = Date.now()
    scene.begin(kind, what, [], 'unreachable')
    if (isKilled) await scene.server.stop('SIGKILL')
    else scene.server.signal('SIGSTOP')
    await wait(this.#random.int(...SIGNALING_AWAY_MS))
    if (isKilled) await scene.restartSignaling()
    else scene.server.signal('SIGCONT')
    scene.heal(kind, what)
    for (const tab of scene.tabs)
      await tab.until('it has signaling', () => tab.state!.signaling === 'connected')
    for (const tab of scene.tabs) await tab.untilAcked(RECEIPTS)
    this.#note(what, gapAfter(atMs, scene.tabs))
  }

  #note(what: string, gapMs: number): void {
    this.#gaps.set(what, [...(this.#gaps.get(what) ?? []), gapMs])
  }

  async #report(): Promise<void> {
    const history = this.#scene.history()
    const acks = history.filter(({ type }) => type === 'acknowledged').length
    const reigns = new Set(
      history.flatMap((event) => (event.type === 'live' ? [event.branch] : [])),
    ).size
    const gaps = [...this.#gaps].map(([what, all]) => [
      what,
      String(all.length),
      ...[percentile(all, 0.5), Math.max(...all)].map((ms) => `${ms} ms`),
    ])
    const memory: string[][] = []
    for (const tab of this.#scene.tabs) {
      const [first, last] = [this.#firstBytes.get(tab), await memoryOf(tab)]
      memory.push([tab.id, first === undefined ? 'came later' : show(first), show(last)])
    }
    const what = `${acks} receipts, ${reigns - 1} migrations, ${history.length} events`
    console.log(`\n${MINUTES} minutes, ${PAGES} pages, seed ${SEED}: ${what}`)
    console.log(`\n${tableOf(['what happened', 'times', 'gap, p50', 'worst'], gaps)}`)
    console.log(`\n${tableOf(['page', 'memory at the start', 'at the end'], memory)}\n`)
  }
}

type Memory = { readonly heapBytes: number; readonly residentBytes: number }

/** After a garbage collection: what its scripts hold, and what its browser's renderers take of the machine. */
async function memoryOf({ page }: RoomTab): Promise<Memory> {
  await page.send('HeapProfiler.collectGarbage')
  const { usedSize } = await page.send<{ usedSize: number }>('Runtime.getHeapUsage')
  const pids = await page.browser.rendererPids()
  // Its share of what renderers have in common counts once among all of them.
  const shareKiB = pids.map((pid) =>
    Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0),
  )
  return { heapBytes: usedSize, residentBytes: shareKiB.reduce((sum, kib) => sum + kib, 0) * 1024 }
}

function show({ heapBytes, residentBytes }: Memory): string {
  const mib = (bytes: number) => (bytes / 1024 / 1024).toFixed(1)
  return `${mib(heapBytes)} MiB of heap, ${mib(residentBytes)} MiB in all`
}

test(`a room of ${PAGES} pages keeps its promises for ${MINUTES} minutes of random faults, seed ${SEED}`, async ({
  scene,
}) => {
  test.setTimeout(0)
  await new Soak(scene).run()
})
