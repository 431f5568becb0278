// Owns how a failure is told: on one screen, with all that it takes to see it again.

import { hashOf, type Play } from './batch.ts'
import type { Plan } from './plan.ts'
import type { Outcome } from './run.ts'
import { linesOf } from './room-options.ts'
import { formatScenario } from './scenario.ts'
import { shrink } from './shrink.ts'

const TIMELINE_LINES = 60
const LINE_MAX = 150
const REPEATABLE = 'the same every time'
const NOT_REPEATABLE = 'and another the next time: the run is not deterministic'

export type Report = { readonly text: string; readonly scenario: string; readonly hash: string }

/** Shrinks the failure first; `command` is what runs the seed or file again. */
export async function reportOf(failed: Outcome, command: string, play: Play): Promise<Report> {
  const { outcome, runs } = await shrink(failed, play)
  const shown = await play(outcome.plan, true)
  const { plan, failure } = shown
  const hash = hashOf(shown.history)
  const isRepeatable = hashOf((await play(outcome.plan)).history) === hash
  const scenario = formatScenario(plan, [`${failure?.checker}: ${failure?.what.split('\n')[0]}`])
  const text = [
    `FAIL ${failure?.checker}: ${failure?.what}`,
    `repro     ${reproOf(failed.plan, plan, command)}   (${sizesOf(failed.plan, plan)}; ${runs} runs)`,
    `room      ${roomOf(plan)}`,
    ...plan.faults.map(
      ({ atMs, kind, args }) => `fault     t=${atMs} ${[kind, ...args].join(' ')}`,
    ),
    `timeline  (last ${TIMELINE_LINES} lines)`,
    ...(shown.timeline ?? []).slice(-TIMELINE_LINES).map((line) => `  ${shortened(line)}`),
    `hash      ${hash}, ${isRepeatable ? REPEATABLE : NOT_REPEATABLE}`,
  ].join('\n')
  return { text, scenario, hash }
}

/** A seed is played with the faults that it needs; a scenario file as it is. */
function reproOf(was: Plan, now: Plan, command: string): string {
  if (!command.includes('--seed')) return command
  const kept = now.faults.map((fault) =>
    was.faults.findIndex(({ atMs, kind }) => atMs === fault.atMs && kind === fault.kind),
  )
  return `${command} --keep ${kept.join(',')}`
}

function sizesOf(was: Plan, now: Plan): string {
  const before = `${was.faults.length} faults and ${was.work.length} acts`
  return `was ${before}, now ${now.faults.length} and ${now.work.length}`
}

function roomOf({ joinsAtMs, tight, core, options }: Plan): string {
  const limits = tight ? 'tight' : 'usual'
  const asked = linesOf(options)
    .map((line) => `, ${line}`)
    .join('')
  return `${joinsAtMs.length} pages, ${limits} limits, core ${core.sides} ${core.fate}${asked}`
}

function shortened(line: string): string {
  return line.length > LINE_MAX ? `${line.slice(0, LINE_MAX)}…` : line
}
