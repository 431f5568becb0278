import { expect, test } from 'vitest'
import { describe as describeOutcome, planOf, run, shrink } from './run.ts'

/** More by hand: `SEEDS=20000 FIRST_SEED=1 npm run sim`. */
const SEEDS = Number(process.env['SEEDS'] ?? 1_000)
const FIRST_SEED = Number(process.env['FIRST_SEED'] ?? 1)

test(`[EL1 EL3 EL4 MG1-MG4 MG6] ${SEEDS} seeds of joins, leaves, crashes, delays, lost links and signaling restarts break no promise`, { timeout: 10 * 60_000 + SEEDS * 100 }, () => {
  const totals = { simulatedHours: 0, reigns: 0, acknowledged: 0, invoked: 0 }
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    const outcome = run(planOf(seed))
    if (outcome.failure !== null) throw new Error(describeOutcome(shrink(outcome)))
    totals.simulatedHours += outcome.simulatedMs / 3_600_000
    totals.reigns += outcome.reigns
    totals.acknowledged += outcome.acknowledged
    totals.invoked += outcome.history.filter(({ type }) => type === 'invoked').length
  }
  console.log(`${SEEDS} seeds from ${FIRST_SEED}: ${totals.simulatedHours.toFixed(1)} simulated hours, ${totals.reigns} reigns, ${totals.acknowledged} of ${totals.invoked} operations acknowledged`)
  // A run that hardly acknowledged anything, or saw no change of host, proves nothing.
  expect(totals.acknowledged).toBeGreaterThan(totals.invoked * 0.8)
  expect(totals.reigns).toBeGreaterThan(SEEDS * 1.5)
})
