// Owns how a failure is told: on one screen, with all that it takes to see it again.

import { hashOf, type Play } from './batch.ts'
import type { Outcome } from './run.ts'
import { formatScenario } from './scenario.ts'
import { shrink } from './shrink.ts'

const TIMELINE_LINES = 60

export type Report = { readonly text: string; readonly scenario: string; readonly hash: string }

/** Shrinks the failure first; `command` is what runs the seed or file again. */
export function reportOf(failed: Outcome, command: string, play: Play): Report {
  const { outcome, runs } = shrink(failed, play)
  const shown = play(outcome.plan, true)
  const { plan, failure, timeline } = shown
  const hash = hashOf(shown.history)
  const repeats = hashOf(play(outcome.plan).history) === hash
  const kept = plan.faults.map((fault) =>
    failed.plan.faults.findIndex(({ atMs, kind }) => atMs === fault.atMs && kind === fault.kind),
  )
  const scenario = formatScenario(plan, [`${failure?.checker}: ${failure?.what.split('\n')[0]}`])
  const text = [
    `FAIL ${failure?.checker}: ${failure?.what}`,
    `repro     ${command}${command.includes('--seed') ? ` --keep ${kept.join(',')}` : ''}   (was ${failed.plan.faults.length} faults and ${failed.plan.work.length} acts, now ${plan.faults.length} and ${plan.work.length}; ${runs} runs)`,
    `room      ${plan.joinsAtMs.length} pages, ${plan.tight ? 'tight' : 'usual'} limits, core ${plan.core.sides} ${plan.core.fate}`,
    ...plan.faults.map(
      ({ atMs, kind, args }) => `fault     t=${atMs} ${[kind, ...args].join(' ')}`,
    ),
    `timeline  (last ${TIMELINE_LINES} lines)`,
    ...(timeline ?? [])
      .slice(-TIMELINE_LINES)
      .map((line) => `  ${line.length > 150 ? `${line.slice(0, 150)}…` : line}`),
    `hash      ${hash}, ${repeats ? 'the same every time' : 'and another the next time: the run is not deterministic'}`,
  ].join('\n')
  return { text, scenario, hash }
}
