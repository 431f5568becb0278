// Owns how a room is told of: its status in a word, which changes of it are events, who has which role, and which
// host the app has heard of. It knows nothing of promises and listeners.

import type { PeerId } from '../protocol/ids.ts'
import type { Peer } from '../peer/peer.ts'
import type { HostChange, Role, RoomStatus } from './api.ts'

export function statusOf(peer: Peer, isClosed: boolean, hadHost: boolean): RoomStatus['status'] {
  if (isClosed) return 'closed'
  if (peer.isLive) return 'live'
  if (peer.isCutOff) return 'offline'
  return hadHost ? 'migrating' : 'connecting'
}

/** The others change with every message, too often for an event. */
const TOLD_FIELDS = ['status', 'role', 'term', 'hostId', 'signaling', 'path'] as const

export function isNews(now: RoomStatus, before: RoomStatus): boolean {
  return TOLD_FIELDS.some((name) => now[name] !== before[name])
}

export function roleOf(peer: PeerId, host: PeerId | undefined, standbys: readonly PeerId[]): Role {
  if (peer === host) return 'host'
  return standbys.includes(peer) ? 'standby' : 'peer'
}

/** The host that the app has heard of, and since when messages do not flow. */
export class KnownHost {
  #id: PeerId | null = null
  #missedSinceMs: number | null = null

  get isNone(): boolean {
    return this.#id === null
  }

  /** Messages flow, or do no longer. */
  statusChanged(now: RoomStatus, before: RoomStatus, nowMs: number): void {
    if (now.status === 'live') this.#missedSinceMs = null
    else if (before.status === 'live') this.#missedSinceMs ??= nowMs
  }

  /** Messages flow under this host. Null for the host that the app has heard of already. */
  leads(hostId: PeerId, term: number, nowMs: number): HostChange | null {
    if (hostId === this.#id) return null
    const previousHostId = this.#id
    this.#id = hostId
    return { hostId, term, previousHostId, gapMs: nowMs - (this.#missedSinceMs ?? nowMs) }
  }
}
