// Owns the arithmetic of figures: percentiles, spreads, ratios.

import { percentile } from '../scripts/report.mjs'

export { percentile }

/** Half of all values lie between the two. */
export type Spread = { readonly low: number; readonly high: number }

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

export function quartiles(values: readonly number[]): Spread {
  return { low: percentile(values, 0.25), high: percentile(values, 0.75) }
}

/** The figure over all rounds. */
export function pooled(rounds: readonly (readonly number[])[], share: number): number {
  return percentile(rounds.flat(), share)
}

/** The figure of each round by itself. */
export function perRound(rounds: readonly (readonly number[])[], share: number): readonly number[] {
  return rounds.filter((round) => round.length > 0).map((round) => percentile(round, share))
}

/** Round by round, since noise of the machine meets both of one round. */
export function ratios(ours: readonly number[], theirs: readonly number[]): readonly number[] {
  const rounds = Math.min(ours.length, theirs.length)
  return Array.from({ length: rounds }, (_, round) => ours[round]! / theirs[round]!)
}

/** The list from another start each time, so that nobody always comes first. */
export function rotated<T>(list: readonly T[], by: number): readonly T[] {
  const at = list.length === 0 ? 0 : by % list.length
  return [...list.slice(at), ...list.slice(0, at)]
}
