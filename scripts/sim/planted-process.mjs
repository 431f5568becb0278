// One process for one planted fault: plays scenes and seeds until a checker objects, in the order
// in which they are given.

import { once } from 'node:events'

const [{ usual, tight, sound, plays, objects }] = await once(process, 'message')
const [planted, plantedTight, soundUsual, soundTight] = await Promise.all(
  [usual, tight, sound.usual, sound.tight].map((path) => import(path)),
)

let caught = null
let played = 0
for (const { name, scenario } of plays) {
  played++
  process.send({ type: 'begins', name })
  const plan = planFor(name, scenario)
  const { failure } = (plan.tight ? plantedTight : planted).run(plan)
  if (failure === null) continue
  // What fails without it as well says nothing of it.
  if ((plan.tight ? soundTight : soundUsual).run(plan).failure !== null) continue
  caught = { by: name, ...failure }
  break
}
const { user, system } = process.cpuUsage()
process.send({ type: 'ended', caught, played, cpuSeconds: (user + system) / 1e6 })

function planFor(name, scenario) {
  const drawn =
    scenario === undefined ? planted.planOf(name) : planted.parseScenario(scenario).value
  return objects ? planted.withObjects(drawn) : drawn
}
