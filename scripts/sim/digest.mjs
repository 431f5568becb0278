// Owns the digest: one hash over the histories of many seeds, the same before and after a change
// that must change no behaviour. A seed that never ends has no history, and so there is no digest.

import { createHash } from 'node:crypto'
import { batches, onAllThreads } from './threads.mjs'

/** Whether there is one. */
export async function showDigest(from, seeds, jobs) {
  const startedAtMs = Date.now()
  const hashesByFrom = new Map()
  let hung = 0
  await onAllThreads(jobs, {
    nextTask: batches(from, seeds, { wants: 'hashes' }),
    answered: (answer) => hashesByFrom.set(answer.from, answer.hashes),
    hung: () => hung++,
  })
  const hashes = [...hashesByFrom].sort(([a], [b]) => a - b).flatMap(([, part]) => part)
  const digest = createHash('sha256').update(hashes.join('\n')).digest('hex')
  const tookS = ((Date.now() - startedAtMs) / 1_000).toFixed(0)
  console.log(`seeds ${from} to ${from + seeds - 1}: ${hashes.length} histories, ${tookS} s`)
  console.log(hung === 0 ? `digest ${digest}` : `no digest: ${hung} seeds never ended`)
  return hung === 0
}
