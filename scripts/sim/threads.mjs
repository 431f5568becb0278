// Owns the threads that play seeds: fresh ones, each given another task as soon as it is done with
// one, and replaced where a seed never ends.

import { Worker } from 'node:worker_threads'
import { HANG_MS, watchProcessor } from './processor-time.mjs'
import { paths } from './simulation.mjs'

/** Seeds that a thread is given at a time. */
export const BATCH = 25

/**
 * `nextTask`: null where there is none left. `answered`: with what came of a task. `hung`: with the
 * seed that never ends.
 */
export async function onAllThreads(jobs, { nextTask, answered, hung }) {
  // What all spend together is known: each has its share of that.
  const work = { nextTask, answered, hung, hangMs: jobs * HANG_MS }
  const threads = Array.from({ length: jobs }, () => onOneThread(work))
  await Promise.all(threads)
}

async function onOneThread(work) {
  while ((await playUntilHung(work)) === 'hung');
}

/** Whether it is `done` with all tasks; what a hung thread has left of its task is not played. */
function playUntilHung({ nextTask, answered, hung, hangMs }) {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./thread.mjs', import.meta.url), { workerData: paths })
    const end = (how) => thread.terminate().then(() => resolve(how), reject)
    const goOn = () => {
      const task = nextTask()
      if (task === null) end('done')
      else thread.postMessage(task)
    }
    let endWatch = () => {}
    const watch = (seed) => {
      endWatch = watchProcessor(hangMs, () => {
        hung(seed)
        end('hung')
      })
    }
    thread.on('message', (message) => {
      endWatch()
      if (message.type === 'begins') return watch(message.seed)
      answered(message)
      goOn()
    })
    thread.on('error', reject)
    goOn()
  })
}

/** Tasks of a batch each, from the first seed on; as many as `count` seeds, while `isWanted`. */
export function batches(from, count, fields = {}, isWanted = () => true) {
  let next = from
  return () => {
    if (next >= from + count || !isWanted()) return null
    const task = { from: next, count: Math.min(BATCH, from + count - next), ...fields }
    next += task.count
    return task
  }
}
