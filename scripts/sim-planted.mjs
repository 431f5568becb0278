// One process for one planted fault: plays seeds until a checker objects, the seeds that are known to show it first.

const { usual, tight, sound, seeds, budget } = JSON.parse(process.argv[2])
const [planted, plantedTight, soundUsual, soundTight] = await Promise.all([usual, tight, sound.usual, sound.tight].map((path) => import(path)))

let caught = null
let played = 0
for (const seed of seeds.slice(0, budget)) {
  played++
  process.send({ begins: seed })
  const plan = planted.planOf(seed)
  const { failure } = (plan.tight ? plantedTight : planted).run(plan)
  // What fails without it as well says nothing of it.
  if (failure === null || (plan.tight ? soundTight : soundUsual).run(plan).failure !== null) continue
  caught = { seed, ...failure }
  break
}
const { user, system } = process.cpuUsage()
process.send({ caught, played, cpuSeconds: (user + system) / 1e6 })
