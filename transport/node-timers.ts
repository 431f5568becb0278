// Owns the timers of a peer in this process. They end with it: one that ran on would keep the process alive.

import type { Timers } from './clock.ts'

export function nodeTimers(): Timers & { /** Calls all timers off. */ close(): void } {
  const running = new Set<NodeJS.Timeout>()
  return {
    after(ms, call) {
      const timer = setTimeout(() => {
        running.delete(timer)
        call()
      }, ms)
      running.add(timer)
      return () => {
        clearTimeout(timer)
        running.delete(timer)
      }
    },
    close() {
      for (const timer of running) clearTimeout(timer)
      running.clear()
    },
  }
}
