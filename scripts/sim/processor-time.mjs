// Owns when a run is taken to go on for ever: by the processor time that is spent on it, since how much else a machine
// does has nothing to do with it.

/** A run takes a tenth of a second, the longest some ten. */
export const HANG_MS = 60_000
/** What a system ends a process with that has spent more than it may. */
export const SPENT_SIGNAL = 'SIGXCPU'
const LOOK_EVERY_MS = 1_000

/** Calls `onSpent` once this process has spent so much from now on. Returns what ends the watch. */
export function watchProcessor(spentMs, onSpent) {
  const before = process.cpuUsage()
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(before)
    if ((user + system) / 1_000 < spentMs) return
    clearInterval(timer)
    onSpent()
  }, LOOK_EVERY_MS)
  return () => clearInterval(timer)
}
