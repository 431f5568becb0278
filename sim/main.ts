// Owns what the runner in scripts/ gets as one bundle: runs as functions, without a process, a file
// or a clock.

export {
  addTotals,
  asVariant,
  describeTotals,
  hashesOf,
  hashOf,
  noTotals,
  planFor,
  runSeeds,
  whatIsMissing,
} from './batch.ts'
export { reportOf } from './report.ts'
export { runInTurns } from './run.ts'
export { parseScenario } from './scenario.ts'
