// Owns what is known of the room itself, as hooks: its status, its peers, its latency.

import { useCallback, useSyncExternalStore } from 'react'
import { BatonError, type PeerInfo, type Room, type RoomStatus } from '../index.ts'
import { useRoom } from './room-provider.tsx'

const NOT_JOINED: RoomStatus = {
  status: 'connecting',
  role: 'peer',
  term: 0,
  hostId: null,
  signaling: 'disconnected',
  seq: 0,
  path: null,
  pending: 0,
  persisted: false,
}
const NOBODY: readonly PeerInfo[] = []

/**
 * How the room is: `room.status`, and a new rendering whenever it changes. `seq` and `pending` change with every
 * message and are as they were then; read them from `useRoom()` when they matter.
 *
 * @example
 * const { status, role } = useStatus()
 */
export function useStatus(): RoomStatus {
  return useRoomEvent('status', statusOf, NOT_JOINED)
}

/**
 * The others in the room, with the role of each and how it is reached.
 *
 * @example
 * const others = usePeers().length
 */
export function usePeers(): readonly PeerInfo[] {
  return useRoomEvent('peers', peersOf, NOBODY)
}

/**
 * Whole milliseconds of a round trip to the host, looked at every `everyMs`; 0 on the host itself, null while unknown.
 *
 * @throws BatonError `bad-argument` for an `everyMs` that no timer keeps.
 * @example
 * const latency = useLatency() // 3
 */
export function useLatency(everyMs = 1_000): number | null {
  if (!(everyMs > 0 && everyMs < 2 ** 31))
    throw new BatonError(
      'bad-argument',
      `useLatency looks every so many milliseconds, such as 1000; here they are ${everyMs}.`,
    )
  const room = useRoom()
  const subscribe = useCallback(
    (changed: () => void) => {
      const timer = setInterval(changed, everyMs)
      return () => clearInterval(timer)
    },
    [everyMs],
  )
  return useSyncExternalStore(
    subscribe,
    () => (room === null ? null : wholeMs(room.latency)),
    () => null,
  )
}

function wholeMs(latency: number | null): number | null {
  return latency === null ? null : Math.round(latency)
}

/** What `read` says of the room, read again at each such event. */
function useRoomEvent<T>(event: 'status' | 'peers', read: (room: Room) => T, without: T): T {
  const room = useRoom()
  const subscribe = useCallback(
    (changed: () => void) => room?.on(event, changed) ?? (() => {}),
    [room, event],
  )
  return useSyncExternalStore(
    subscribe,
    () => (room === null ? without : read(room)),
    () => without,
  )
}

const statusByRoom = new WeakMap<Room, RoomStatus>()

/** The same object as long as nothing changed that a status event tells of. */
function statusOf(room: Room): RoomStatus {
  const known = statusByRoom.get(room)
  const now = room.status
  if (known !== undefined && tellsTheSame(known, now)) return known
  statusByRoom.set(room, now)
  return now
}

function tellsTheSame(known: RoomStatus, now: RoomStatus): boolean {
  return (Object.keys(now) as (keyof RoomStatus)[]).every(
    (name) => name === 'seq' || name === 'pending' || known[name] === now[name],
  )
}

function peersOf(room: Room): readonly PeerInfo[] {
  return room.peers
}
