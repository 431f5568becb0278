// Owns the throttle for what only the newest matters of: the first goes out at once, then at most one per interval.

export type Conflated<T> = {
  offer(value: T): void
  /** Sends what waits, now. */
  flush(): void
  /** Forgets what waits. */
  cancel(): void
}

export function conflate<T>(send: (value: T) => void, intervalMs: number): Conflated<T> {
  let waiting: { readonly value: T } | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (waiting === null) return
    const { value } = waiting
    waiting = null
    timer = setTimeout(flush, intervalMs)
    send(value)
  }

  return {
    offer(value) {
      waiting = { value }
      if (timer === undefined) flush()
    },
    flush,
    cancel() {
      waiting = null
    },
  }
}
