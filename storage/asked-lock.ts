// Owns the lock of the writer where the browser has no locks: tabs ask each other. A tab that crashes or hangs says
// nothing, and loses the lock. Two tabs may both take it: then the fence decides. [PE13]

import type { TabChannel } from './tabs.ts'
import type { WriterLock } from './writer-lock.ts'

/**
 * Silence of this length means that nobody has the lock. A tab that is awake answers in a few milliseconds; one that is
 * not has lost it, and is told by the fence.
 */
export const ANSWER_MS = 300
/** How often a tab that waits for the lock asks again. */
export const ASK_AGAIN_MS = 3_000

/** Calls once, later. Returns what calls it off. */
export type After = (ms: number, call: () => void) => () => void

type Said = {
  readonly type: 'who-writes' | 'i-write'
  readonly lock: string
  readonly tab: string
}

/** `tab`: its name, drawn by chance. The lower of two that ask at once goes first. */
export function askedLock(tab: string, channel: TabChannel, after: After): WriterLock {
  return {
    request(name, onTaken) {
      const asking = new Asking(name, tab, channel, after, onTaken)
      channel.listen((message) => asking.heard(message as Said))
      asking.ask()
      return () => asking.end()
    },
  }
}

class Asking {
  readonly #lock: string
  readonly #tab: string
  readonly #channel: TabChannel
  readonly #after: After
  readonly #onTaken: () => void
  #state: 'asking' | 'waiting' | 'writes' | 'ended' = 'asking'
  #callOff = () => {}

  constructor(lock: string, tab: string, channel: TabChannel, after: After, onTaken: () => void) {
    this.#lock = lock
    this.#tab = tab
    this.#channel = channel
    this.#after = after
    this.#onTaken = onTaken
  }

  ask(): void {
    this.#state = 'asking'
    this.#later(ANSWER_MS, () => this.#take())
    this.#say('who-writes')
  }

  heard(said: Said): void {
    if (this.#state === 'ended' || said.lock !== this.#lock) return
    if (said.type === 'i-write') return this.#wait()
    if (this.#state === 'writes') return this.#say('i-write')
    if (this.#state !== 'asking') return
    if (said.tab < this.#tab) this.#wait()
    else this.#say('who-writes')
  }

  end(): void {
    this.#state = 'ended'
    this.#callOff()
  }

  #take(): void {
    this.#state = 'writes'
    this.#say('i-write')
    this.#onTaken()
  }

  #say(type: Said['type']): void {
    this.#channel.say({ type, lock: this.#lock, tab: this.#tab } satisfies Said)
  }

  /** Another tab has the lock, or comes first. One that had it is told by the fence. */
  #wait(): void {
    if (this.#state === 'writes') return
    this.#state = 'waiting'
    this.#later(ASK_AGAIN_MS, () => this.ask())
  }

  #later(ms: number, call: () => void): void {
    this.#callOff()
    this.#callOff = this.#after(ms, call)
  }
}
