// Owns timers that keep their pace in a hidden tab. Browsers slow a hidden page's own timers to one a second, after
// five minutes to one a minute; those of a dedicated Worker run on, and its messages come at once.

import type { Timers } from './clock.ts'

export type PageTimers = Timers & {
  /** Calls all timers off and ends the Worker. */
  close(): void
}

const WORKER_SOURCE = 'onmessage = ({ data: [id, ms] }) => setTimeout(() => postMessage(id), ms)'

type Pending = { readonly ms: number; readonly call: () => void }

/** Timers in a Worker, or the page's own where a Content-Security-Policy (or Node) has no Worker for us. */
export function createTimers(): PageTimers {
  const pending = new Map<number, Pending>()
  let lastId = 0

  function fire(id: number): void {
    const timer = pending.get(id)
    pending.delete(id)
    timer?.call()
  }

  const startHere = (id: number, ms: number): unknown => setTimeout(() => fire(id), ms)
  let start = startHere
  const worker = startWorker()
  if (worker !== null) {
    start = (id, ms) => worker.postMessage([id, ms])
    worker.onmessage = ({ data }: MessageEvent<number>) => fire(data)
    // A policy may show only now. What was asked for so far starts again here: late, but not lost.
    worker.onerror = () => {
      start = startHere
      for (const [id, { ms }] of pending) start(id, ms)
    }
  }

  return {
    after(ms, call) {
      lastId++
      const id = lastId
      pending.set(id, { ms, call })
      start(id, ms)
      return () => {
        pending.delete(id)
      }
    },
    close() {
      pending.clear()
      worker?.terminate()
    },
  }
}

function startWorker(): Worker | null {
  if (typeof Worker === 'undefined') return null
  const url = URL.createObjectURL(new Blob([WORKER_SOURCE], { type: 'text/javascript' }))
  try {
    return new Worker(url)
  } catch {
    return null // refused by the page's Content-Security-Policy; its own timers do while it is visible
  } finally {
    URL.revokeObjectURL(url)
  }
}
