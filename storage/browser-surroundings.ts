// Owns what a browser has for keeping copies: one database for all rooms, locks or what stands in for them, and word
// between tabs. [PE10 PE13]

import { askedLock, type After } from './asked-lock.ts'
import type { Surroundings } from './copy-keeper.ts'
import { openIndexedDbStore } from './indexeddb-store.ts'
import { askedLives, lockedLives, roomLock } from './lives.ts'
import { broadcastChannel, type TabChannel } from './tabs.ts'
import { webLock } from './writer-lock.ts'

/** All rooms of an origin. */
export const DATABASE = 'baton'

/** `tab`: drawn by chance. */
export function browserSurroundings(
  topic: string,
  tab: string,
  after: After,
  more: Pick<Surroundings, 'clock' | 'onStored' | 'onState' | 'onError'>,
): Surroundings {
  const name = roomLock(topic)
  return {
    ...more,
    name,
    openStore: () => openIndexedDbStore(DATABASE),
    lock: webLock() ?? askedLock(tab, broadcastChannel(`${name}: who writes`), after),
    lives: lockedLives() ?? askedLives(broadcastChannel(`${name}: who lives`), after),
    channel: channelOf(topic),
  }
}

/** Tabs that have a room open tell each other here. */
export function channelOf(topic: string): TabChannel {
  return broadcastChannel(roomLock(topic))
}
