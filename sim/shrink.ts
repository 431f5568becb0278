// Owns how a failing plan becomes a short one that breaks the same promise: fewer faults first,
// then less work, fewer pages, shorter faults, and everything quick.

import type { Play } from './batch.ts'
import { FAULTS } from './faults.ts'
import { QUICK } from './pace.ts'
import type { Plan } from './plan.ts'
import { USUAL } from './room-options.ts'
import type { Outcome } from './run.ts'

const RUNS_MAX = 400

type Shrunk = { readonly outcome: Outcome; readonly runs: number }

export async function shrink(failed: Outcome, play: Play): Promise<Shrunk> {
  let best = failed
  let runs = 0
  const attempt = async (plan: Plan): Promise<boolean> => {
    if (runs >= RUNS_MAX) return false
    runs++
    const outcome = await play(plan)
    if (outcome.failure?.checker !== failed.failure?.checker) return false
    best = outcome
    return true
  }
  await minimize(failed.plan.faults, (faults) => attempt({ ...best.plan, faults }))
  await minimize(best.plan.work, (work) => attempt({ ...best.plan, work }))
  for (let i = best.plan.joinsAtMs.length - 1; i > 0; i--)
    await attempt({ ...best.plan, joinsAtMs: best.plan.joinsAtMs.filter((_, at) => at !== i) })
  await attempt({ ...best.plan, tight: false })
  await attempt({ ...best.plan, core: { sides: '1', fate: 'crash' } })
  await attempt({ ...best.plan, pace: QUICK })
  await attempt({ ...best.plan, options: USUAL })
  const times = [...best.plan.faults, ...best.plan.work].map(({ atMs }) => atMs)
  await attempt({ ...best.plan, endsAtMs: Math.max(0, ...times) + 500 })
  for (let i = 0; i < best.plan.faults.length; i++) {
    let isShorter = true
    while (isShorter) isShorter = await attempt(halved(best.plan, i))
  }
  await minimize(best.plan.faults, (faults) => attempt({ ...best.plan, faults }))
  return { outcome: best, runs }
}

/**
 * Takes away ever smaller parts of a list while the rest still fails (Zeller's ddmin, complements
 * only).
 */
async function minimize<T>(
  items: readonly T[],
  fails: (items: readonly T[]) => Promise<boolean>,
): Promise<void> {
  let rest = items
  for (let size = Math.max(1, rest.length >> 1); rest.length > 0; size >>= 1) {
    for (let from = 0; from < rest.length;) {
      const without = [...rest.slice(0, from), ...rest.slice(from + size)]
      if (await fails(without)) rest = without
      else from += size
    }
    if (size <= 1) return
  }
}

/**
 * One fault takes half as long; a plan that cannot be told from this one where it is short enough.
 */
function halved(plan: Plan, at: number): Plan {
  const faults = plan.faults.map((fault, i) => {
    if (i !== at) return fault
    const words: readonly string[] = FAULTS[fault.kind]
    const args = fault.args.map((arg, word) =>
      words[word] === 'ms' && Number(arg) > 200 ? String(Number(arg) >> 1) : arg,
    )
    return { ...fault, args }
  })
  if (faults[at]?.args.join(' ') === plan.faults[at]?.args.join(' '))
    return { ...plan, faults: [], work: [], joinsAtMs: [0] }
  return { ...plan, faults }
}
