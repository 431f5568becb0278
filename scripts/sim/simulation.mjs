// Owns the simulation as this process runs it: both bundles, and which of them plays a plan.

import { bundle, TIGHT_PATCHES } from '../sim-bundle.mjs'
import { TURNS } from './turns.mjs'

/** For threads and processes, which load them anew. */
export const paths = { usual: await bundle('usual'), tight: await bundle('tight', TIGHT_PATCHES) }

export const [usual, tight] = await Promise.all([import(paths.usual), import(paths.tight)])

export function play(plan, withTimeline) {
  return (plan.tight ? tight : usual).runInTurns(plan, TURNS, withTimeline)
}
