// How long nobody gets a receipt when something happens to the host: the longest wait over that moment in two
// other tabs, which write one message after the other without pause. The faults are those of the tests.

import { cutFor4s } from '../e2e/faults/cutting.ts'
import { endure, openPage, type Fault } from '../e2e/faults/fault.ts'
import { test } from '../e2e/faults/fixtures.ts'
import { closed, left } from '../e2e/faults/going.ts'
import { crashed } from '../e2e/faults/killing.ts'
import { hung } from '../e2e/faults/stalling.ts'
import { percentile, row, ROUNDS } from './table.ts'

type Case = {
  readonly fault: Fault
  readonly rounds: number
  readonly p50Ms?: number
  readonly p95Ms: number
}

const CASES: readonly Case[] = [
  { fault: crashed, rounds: ROUNDS, p50Ms: 100, p95Ms: 250 },
  { fault: closed, rounds: ROUNDS, p50Ms: 100, p95Ms: 250 },
  { fault: left, rounds: ROUNDS, p95Ms: 100 },
  { fault: hung, rounds: Math.ceil(ROUNDS / 4), p95Ms: 3_000 },
  { fault: cutFor4s, rounds: Math.ceil(ROUNDS / 4), p95Ms: 3_000 },
]

for (const { fault, rounds, p50Ms, p95Ms } of CASES) {
  test(`the host's tab ${fault.what}`, async ({ scene }) => {
    const gapsMs: number[] = []
    for (let round = 0; round < rounds; round++) {
      while (scene.tabs.length < 3) await scene.enter(await openPage(fault, scene))
      await scene.untilSettled()
      gapsMs.push(await endure(fault, scene))
    }
    await scene.judge()

    const [p50, p95] = [percentile(gapsMs, 0.5), percentile(gapsMs, 0.95)]
    const measured = `p50 ${p50} ms, p95 ${p95} ms, most ${Math.max(...gapsMs)} ms of ${rounds}`
    row({
      what: `gap when the host's tab ${fault.what}, p50`,
      measured,
      value: p50,
      unit: 'ms',
      ...(p50Ms === undefined ? {} : { atMost: p50Ms }),
    })
    row({
      what: `gap when the host's tab ${fault.what}, p95`,
      measured: '',
      value: p95,
      unit: 'ms',
      atMost: p95Ms,
    })
  })
}
