// Owns timers that keep their pace in a hidden tab. Browsers slow a hidden page's own timers to one a second, after
// five minutes to one a minute; those of a dedicated Worker run on, and its messages come at once.
//
// A Worker takes tens of milliseconds to start, in which the page's sockets and links wait. So a page that is seen
// joins with its own timers, which are as good, and starts the Worker when the room most likely is there.

import type { Timers } from './clock.ts'

export type PageTimers = Timers & {
  /** Calls all timers off and ends the Worker. */
  close(): void
}

/** One line between these quotes: the build writes it into WORKER_FILE, too. */
const WORKER_SOURCE = 'onmessage = ({ data: [id, ms] }) => setTimeout(() => postMessage(id), ms)'
/** Beside the drop-in scripts, for pages whose Content-Security-Policy allows no `blob:`. */
const WORKER_FILE = 'baton-timers.js'

/** Ten times what a join takes. A page that is hidden meanwhile has slow timers for two seconds at most. */
const WORKER_AFTER_MS = 1_000

type Pending = { readonly ms: number; readonly call: () => void }

/**
 * Timers in a Worker, of a page that is hidden from the start at once. The page's own where a Content-Security-Policy
 * (or Node) has no Worker for us.
 * `script`: where the script of Baton came from, if anybody knows.
 */
export function createTimers(isHidden: boolean, script?: string): PageTimers {
  const pending = new Map<number, Pending>()
  const sources = [
    () => URL.createObjectURL(new Blob([WORKER_SOURCE], { type: 'text/javascript' })),
    () => new URL(WORKER_FILE, script).href,
  ]
  let worker: Worker | null = null
  let lastId = 0

  function fire(id: number): void {
    const timer = pending.get(id)
    pending.delete(id)
    timer?.call()
  }

  function start(id: number, ms: number): void {
    if (worker === null) setTimeout(() => fire(id), ms)
    else worker.postMessage([id, ms])
  }

  /** A policy may show only by `onerror`. What runs so far starts once more in the next one: late, but not lost. */
  function tryNextWorker(): void {
    const source = sources.shift()
    worker = source === undefined ? null : workerOf(source)
    if (worker === null && sources.length > 0) return tryNextWorker()
    if (worker !== null) {
      worker.onmessage = ({ data }: MessageEvent<number>) => fire(data)
      worker.onerror = tryNextWorker
    }
    for (const [id, { ms }] of pending) start(id, ms)
  }

  let moving: ReturnType<typeof setTimeout> | undefined
  if (isHidden) tryNextWorker()
  else moving = setTimeout(tryNextWorker, WORKER_AFTER_MS)

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
      clearTimeout(moving)
      sources.length = 0 // a Worker that fails from now on needs no other
      worker?.terminate()
    },
  }
}

/** Null where there is no such script, no Worker, or a policy refuses it at once. */
function workerOf(source: () => string): Worker | null {
  let url = ''
  try {
    url = source()
    return new Worker(url)
  } catch {
    return null
  } finally {
    URL.revokeObjectURL?.(url) // jsdom has no such thing
  }
}
