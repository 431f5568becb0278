// Owns what the page says about the room, in words: one place, so that the header, the board and
// the screen reader tell the same story.

import type { RoomStatus } from '../client/api.ts'
import { LONG_SEARCH_MS } from './board-limits.ts'
import type { Model } from './model.ts'
import { personOf, type People } from './people.ts'
import { gapText } from './timeline.ts'

export function statusWord(status: RoomStatus['status']): string {
  switch (status) {
    case 'connecting':
      return 'Connecting'
    case 'live':
      return 'Live'
    case 'migrating':
      return 'Passing'
    case 'offline':
      return 'Offline'
    case 'closed':
      return 'Left'
  }
}

/** Who holds the baton, for the header and the inside panel. */
export function hostSentence({ status, hostId }: RoomStatus, people: People, myId: string): string {
  switch (status) {
    case 'connecting':
      return 'Looking for the room'
    case 'live':
      if (hostId === null) return 'The room is running'
      return hostId === myId ? 'You host this room' : `${personOf(people, hostId).name} hosts`
    case 'migrating':
      return 'The baton is in the air'
    case 'offline':
      return 'Nobody in reach'
    case 'closed':
      return 'You are out of the room'
  }
}

export function passedSentence(
  people: People,
  myId: string,
  hostId: string,
  gapMs: number,
): string {
  const to = hostId === myId ? 'you' : personOf(people, hostId).name
  return `The baton passed to ${to} in ${gapText(gapMs)}`
}

/** For a person who wonders whether the room still works; null while all is well. */
export function notice(status: RoomStatus, alone: boolean): string | null {
  switch (status.status) {
    case 'live':
      if (status.signaling === 'disconnected') {
        return alone
          ? 'Signaling is out of reach. The board works; nobody can join for now.'
          : 'Signaling is out of reach. Everyone here goes on; nobody new can join for now.'
      }
      return alone ? 'Only you are here.' : null
    case 'offline':
      return 'Neither the others nor signaling are in reach. Go on: your changes wait in this tab.'
    case 'migrating':
    case 'connecting':
    case 'closed':
      return null
  }
}

/** The sentences shown while the room is looked for. */
export function searchSentence(status: RoomStatus, searchingMs: number): string {
  if (searchingMs < LONG_SEARCH_MS)
    return 'Asking who else has this link open. If nobody has, this tab becomes the host.'
  if (status.signaling === 'disconnected') {
    return 'The signaling service, which introduces the tabs, does not answer. The page keeps trying.'
  }
  return (
    'Others have this link open, but there is no connection to them yet. ' +
    'A firewall or a guest network may stand in between. The page keeps trying.'
  )
}

/** What a screen reader says when the state changes; the toast tells of a passing. */
export function spoken({
  status,
  leftByChoice,
  peers,
}: Pick<Model, 'status' | 'leftByChoice' | 'peers'>): string {
  switch (status.status) {
    case 'connecting':
      return 'Looking for the room.'
    case 'live':
    case 'migrating':
      if (peers.length === 0) return 'You are in the room, alone.'
      if (peers.length === 1) return 'You are in the room with 1 other.'
      return `You are in the room with ${peers.length} others.`
    case 'offline':
      return 'Offline. What you write waits in this tab.'
    case 'closed':
      return leftByChoice ? 'You left the room.' : 'This tab is out of the room.'
  }
}
