// One process for one planted fault: plays scenes and seeds until a checker objects, in the order
// in which they are given.

import { once } from 'node:events'
import { TURNS } from './turns.mjs'

// Whoever started it is gone.
process.once('disconnect', () => process.exit())

const [{ usual, tight, sound: soundPaths, plays, variant }] = await once(process, 'message')
const [planted, plantedTight, soundUsual, soundTight] = await Promise.all(
  [usual, tight, soundPaths.usual, soundPaths.tight].map((path) => import(path)),
)

let caught = null
let played = 0
for (const { name, scenario } of plays) {
  played++
  process.send({ type: 'begins', name })
  const plan = planFor(name, scenario)
  const { failure } = await (plan.tight ? plantedTight : planted).runInTurns(plan, TURNS)
  if (failure === null) continue
  // What fails without it as well says nothing of it.
  const sound = await (plan.tight ? soundTight : soundUsual).runInTurns(plan, TURNS)
  if (sound.failure !== null) continue
  caught = { by: name, ...failure }
  break
}
const { user, system } = process.cpuUsage()
const cpuSeconds = (user + system) / 1e6
process.send({ type: 'ended', caught, played, cpuSeconds }, () => process.disconnect())

function planFor(name, scenario) {
  if (scenario === undefined) return planted.planFor(name, variant)
  return planted.asVariant(planted.parseScenario(scenario).value, variant)
}
