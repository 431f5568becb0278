// Owns the ports for time and chance, and their browser implementations.

export interface Clock {
  /** Milliseconds, whole, never going back; its zero is arbitrary. */
  now(): number
  /** Calls once when `now()` has reached `at`; a second call replaces the first. */
  wakeAt(at: number, call: () => void): void
  cancel(): void
}

/** Fills with random bytes: `crypto.getRandomValues` in a page. */
export type RandomBytes = (length: number) => Uint8Array
