// One process for one planted fault: plays scenes and seeds until a checker objects, in the order
// in which they are given.

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { TURNS } from './turns.mjs'

// Whoever started it is gone.
process.once('disconnect', () => process.exit())

const [{ usual, tight, sound: soundPaths, plays, variant }] = await once(process, 'message')
const planted = await import(usual)

// A planted fault may make our code run in a circle.
const hangWatch = new Worker(new URL('./hang-watch.mjs', import.meta.url))
hangWatch.unref()

let caught = null
let played = 0
for (const { name, scenario } of plays) {
  played++
  process.send({ type: 'begins', name })
  hangWatch.postMessage('begins')
  const plan = planFor(name, scenario)
  const { failure } = await play(plan, { usual, tight })
  if (failure === null) continue
  // What fails without it as well says nothing of it.
  if ((await play(plan, soundPaths)).failure !== null) continue
  caught = { by: name, ...failure }
  break
}
const { user, system } = process.cpuUsage()
const cpuSeconds = (user + system) / 1e6
process.send({ type: 'ended', caught, played, cpuSeconds }, () => process.disconnect())

async function play(plan, paths) {
  const { runInTurns } = await import(plan.tight ? paths.tight : paths.usual)
  return runInTurns(plan, TURNS)
}

function planFor(name, scenario) {
  if (scenario === undefined) return planted.planFor(name, variant)
  return planted.asVariant(planted.parseScenario(scenario).value, variant)
}
