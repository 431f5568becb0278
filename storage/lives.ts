// Owns which lives tabs of a profile have now: an outbox of any other life is for whoever comes. A mistake costs a
// repeat, which the op table answers. [PE13]

import { isPeerId, type PeerId } from '../protocol/ids.ts'
import type { After } from './asked-lock.ts'
import type { TabChannel } from './tabs.ts'

export interface Lives {
  /** This tab has that life, until it ends or calls what is answered. */
  hold(life: PeerId): () => void
  /** The lives that other tabs have. */
  elsewhere(): Promise<ReadonlySet<PeerId>>
}

const PREFIX = 'baton life '

/** The lock of whoever writes the copy of a room. */
export function roomLock(topic: string): string {
  return `baton room ${topic}`
}

/** By a Web Lock for each life. Null where there are no locks. */
export function lockedLives(): Lives | null {
  const locks: LockManager | undefined = navigator.locks
  if (locks === undefined) return null
  let own: PeerId | null = null
  return {
    hold(life) {
      own = life
      let release = () => {}
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      locks.request(PREFIX + life, () => held).catch(() => {}) // a page that goes needs none
      return release
    },
    async elsewhere() {
      const { held = [] } = await locks.query()
      const names = held.map(({ name = '' }) => name).filter((name) => name.startsWith(PREFIX))
      const lives = names.map((name) => name.slice(PREFIX.length)).filter(isPeerId)
      return new Set(lives.filter((life) => life !== own))
    },
  }
}

/** Other tabs have answered by then, if they are awake. */
export const ANSWER_MS = 100

type Said = { readonly type: 'who-lives' } | { readonly type: 'i-live'; readonly life: PeerId }

/** By asking. `channel`: for this alone. */
export function askedLives(channel: TabChannel, after: After): Lives {
  let own: PeerId | null = null
  let heard = new Set<PeerId>()
  channel.listen((message) => {
    const said = message as Said
    if (said.type === 'i-live') heard.add(said.life)
    else if (own !== null) channel.say({ type: 'i-live', life: own } satisfies Said)
  })
  return {
    hold(life) {
      own = life
      return () => {
        own = null
      }
    },
    elsewhere() {
      heard = new Set()
      channel.say({ type: 'who-lives' } satisfies Said)
      return new Promise((resolve) => {
        after(ANSWER_MS, () => resolve(heard))
      })
    },
  }
}
