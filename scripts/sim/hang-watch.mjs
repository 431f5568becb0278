// A thread beside one that may run in a circle: is told whenever a run begins, and ends the process where that run
// goes on for ever.

import { parentPort } from 'node:worker_threads'
import { HANG_MS, SPENT_SIGNAL, watchProcessor } from './processor-time.mjs'

let endWatch = () => {}
parentPort.on('message', () => {
  endWatch()
  endWatch = watchProcessor(HANG_MS, () => process.kill(process.pid, SPENT_SIGNAL))
})
