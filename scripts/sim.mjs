// Runs the simulation: the committed scenarios, then as many seeds as asked for, on all cores.
//
//   npm run sim                               scenarios and 5,000 fresh seeds
//   npm run sim -- --seeds 100000 --from 1    that many, from that one on
//   npm run sim -- --from code                from a seed drawn from the code: every change explores new ground, and
//                                             whoever looks into a failure of it finds it again
//   npm run sim -- --minutes 60               as long as told
//   npm run sim -- --seed 4711 --keep 3,7     one seed with its timeline, with some of its faults only
//   npm run sim -- --seed 4711 --objects      with shared objects and presence on every page; or --rooms, --pausing,
//                                             --disks
//   npm run sim -- --scenario file.txt        one scenario with its timeline
//   npm run sim -- --digest 600               one hash over the histories of seeds 1 to 600, and of a fifth with
//                                             objects: the same before and after a change that must change no behaviour
//   npm run sim -- --planted                  each planted fault, until a checker objects; some of them:
//                                             --planted --only window; --learn notes down which play shows which

import { rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { argumentsOf } from './arguments.mjs'
import { PLANTED } from '../sim/planted/planted.mjs'
import { CACHE } from './sim-bundle.mjs'
import { showDigest } from './sim/digest.mjs'
import { playPlanted } from './sim/planted.mjs'
import { planIn, playScenes } from './sim/scenes.mjs'
import { playSeeds } from './sim/seeds.mjs'
import { play, usual } from './sim/simulation.mjs'

const { values: args } = argumentsOf(import.meta.url, {
  options: {
    seeds: { type: 'string' },
    from: { type: 'string' },
    minutes: { type: 'string' },
    digest: { type: 'string' },
    seed: { type: 'string' },
    keep: { type: 'string' },
    objects: { type: 'boolean', default: false },
    rooms: { type: 'boolean', default: false },
    pausing: { type: 'boolean', default: false },
    disks: { type: 'boolean', default: false },
    scenario: { type: 'string' },
    planted: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    budget: { type: 'string', default: '150' },
    learn: { type: 'boolean', default: false },
    jobs: { type: 'string', default: String(availableParallelism()) },
  },
})
const jobs = Number(args.jobs)

let ok = false
try {
  ok = await whatWasAsked()
} finally {
  rmSync(CACHE, { recursive: true, force: true })
}
process.exit(ok ? 0 : 1)

/** Whether all that was played went as it should. */
async function whatWasAsked() {
  if (args.seed !== undefined)
    return show(keptOf(usual.planFor(Number(args.seed), wantedVariant())))
  if (args.scenario !== undefined) return show(planIn(args.scenario))
  if (args.digest !== undefined)
    return showDigest(Number(args.from ?? 1), Number(args.digest), jobs)
  if (args.planted) return playPlanted(wantedPlanted(), plantedOptions(args.learn))
  if (!(await playScenes())) return false
  if (!(await playSeeds({ ...args, jobs }))) return false
  // The canary: it must be caught, or nothing here can be trusted.
  return playPlanted(PLANTED.slice(0, 1), plantedOptions(false))
}

function plantedOptions(learns) {
  return { jobs, budget: Number(args.budget), learns, only: args.only }
}

function wantedPlanted() {
  return PLANTED.filter(({ name }) => args.only === 'unknown' || name.includes(args.only))
}

function wantedVariant() {
  if (args.rooms) return 'rooms'
  if (args.pausing) return 'pausing'
  if (args.disks) return 'disks'
  return args.objects ? 'objects' : 'plain'
}

function keptOf(plan) {
  if (args.keep === undefined) return plan
  const kept = new Set(args.keep.split(',').filter(Boolean).map(Number))
  return { ...plan, faults: plan.faults.filter((_, i) => kept.has(i)) }
}

/** One run in full. */
async function show(plan) {
  const { timeline, failure, history } = await play(plan, true)
  const faults = plan.faults.map(
    ({ atMs, kind, args }, i) => `fault ${i}: t=${atMs} ${kind} ${args.join(' ')}`,
  )
  console.log(timeline.join('\n'))
  console.log(faults.join('\n'))
  console.log(
    failure === null ? 'no promise was broken' : `FAIL ${failure.checker}: ${failure.what}`,
  )
  console.log(`hash ${usual.hashOf(history)}`)
  return failure === null
}
