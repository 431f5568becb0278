// Owns the ports for time and chance. Pages use worker-timers.ts and browser-clock.ts.

export interface Clock {
  /** Milliseconds, whole, never going back; its zero is arbitrary. */
  now(): number
  /** Calls once when `now()` has reached `at`; a second call replaces the first. */
  wakeAt(at: number, call: () => void): void
  cancel(): void
}

export interface Timers {
  /** Calls once, `ms` from now or a little later. Returns what calls it off. */
  after(ms: number, call: () => void): () => void
}

/** Fills with random bytes: `crypto.getRandomValues` in a page. */
export type RandomBytes = (length: number) => Uint8Array

export const randomBytes: RandomBytes = (length) => crypto.getRandomValues(new Uint8Array(length))
