// One thread of the simulation: plays the seeds it is given, and says what came of them.

import { parentPort, workerData } from 'node:worker_threads'

const [usual, tight] = await Promise.all([import(workerData.usual), import(workerData.tight)])
const play = (plan, withTimeline) => {
  parentPort.postMessage({ type: 'begins', seed: plan.seed })
  return (plan.tight ? tight : usual).run(plan, withTimeline)
}

parentPort.on('message', ({ from, count, wants = 'totals' }) => {
  if (wants === 'hashes')
    parentPort.postMessage({ type: 'hashes', from, hashes: usual.hashesOf(from, count, play) })
  else parentPort.postMessage({ type: 'totals', totals: usual.runSeeds(from, count, play) })
})
