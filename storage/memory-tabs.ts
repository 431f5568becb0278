// Owns tabs of one profile in memory, for tests: what one of them says, all others hear at once.

import type { TabChannel } from './tabs.ts'
import type { WriterLock } from './writer-lock.ts'

export class MemoryTabs {
  readonly #listeners = new Map<TabChannel, (message: unknown) => void>()

  open(): TabChannel {
    const channel: TabChannel = {
      say: (message) => {
        for (const [other, hear] of this.#listeners) if (other !== channel) hear(message)
      },
      listen: (listener) => this.#listeners.set(channel, listener),
      close: () => this.#listeners.delete(channel),
    }
    return channel
  }
}

/** Locks of a profile: the one that asked first has the lock until it is given up. */
export class MemoryLocks implements WriterLock {
  readonly #queueByName = new Map<string, (() => void)[]>()

  /** Whoever has the lock is thought to be gone. */
  loses(name: string): void {
    const queue = this.#queueByName.get(name) ?? []
    queue.shift()
    queue[0]?.()
  }

  request(name: string, onTaken: () => void): () => void {
    const queue = this.#queueByName.get(name) ?? []
    this.#queueByName.set(name, queue)
    queue.push(onTaken)
    if (queue[0] === onTaken) onTaken()
    return () => {
      const had = queue[0] === onTaken
      if (queue.includes(onTaken)) queue.splice(queue.indexOf(onTaken), 1)
      if (had) queue[0]?.()
    }
  }
}
