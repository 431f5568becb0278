// One thread of the simulation: runs the seeds it is given, and says what came of them.

import { parentPort, workerData } from 'node:worker_threads'

const [usual, tight] = await Promise.all([import(workerData.usual), import(workerData.tight)])
const play = (plan, withTimeline) => {
  parentPort.postMessage({ begins: plan.seed })
  return (plan.tight ? tight : usual).run(plan, withTimeline)
}

parentPort.on('message', ({ from, count, wants }) => {
  parentPort.postMessage(
    wants === 'hashes'
      ? { from, hashes: usual.hashesOf(from, count, play) }
      : usual.runSeeds(from, count, play),
  )
})
