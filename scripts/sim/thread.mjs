// One thread of the simulation: plays the seeds it is given, and says what came of them.

import { parentPort, workerData } from 'node:worker_threads'
import { TURNS } from './turns.mjs'

const [usual, tight] = await Promise.all([import(workerData.usual), import(workerData.tight)])
const play = (plan, withTimeline) => {
  parentPort.postMessage({ type: 'begins', seed: plan.seed })
  return (plan.tight ? tight : usual).runInTurns(plan, TURNS, withTimeline)
}

parentPort.on('message', async ({ from, count, wants = 'totals' }) => {
  if (wants === 'hashes')
    parentPort.postMessage({
      type: 'hashes',
      from,
      hashes: await usual.hashesOf(from, count, play),
    })
  else parentPort.postMessage({ type: 'totals', totals: await usual.runSeeds(from, count, play) })
})
