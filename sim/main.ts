// Owns what the runner in scripts/ gets as one bundle: runs as functions, without a process, a file
// or a clock.

export {
  addTotals,
  describeTotals,
  hashesOf,
  hashOf,
  noTotals,
  runSeeds,
  whatIsMissing,
} from './batch.ts'
export { planOf, withObjects } from './drawn-plan.ts'
export { reportOf } from './report.ts'
export { run } from './run.ts'
export { parseScenario } from './scenario.ts'
