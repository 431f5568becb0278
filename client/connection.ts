// Owns the port beneath a room: what carries one join of it. A page fills it in with WebRTC and a WebSocket,
// a test or a simulation with what it likes. The room knows no other surroundings.

import type { PeerId } from '../protocol/ids.ts'
import type { Peer } from '../peer/peer.ts'
import type { PeerInput } from '../peer/peer-io.ts'
import type { PeerInfo } from './api.ts'

/** The page's connection to the others, from one join to its end. */
export type Connection = {
  readonly peer: Peer
  feed(input: PeerInput): void
  /** What carries this page's link to a peer; null while there is none. */
  pathTo(peer: PeerId): PeerInfo['path']
  /** Milliseconds of the same clock that the peer is fed with. */
  now(): number
  /** Runs in a task of its own, once the page has had its turn. */
  later(run: () => void): void
  /** Is told of a listener that threw, as the browser is of any other: nobody else is disturbed. */
  report(error: unknown): void
  /**
   * Says goodbye and ends every link; a hand-over that is under way is over. Unless the page `mayComeBack`, nothing of
   * the page holds this connection any more. Called twice where a page that went is given up after all.
   */
  close(mayComeBack: boolean): void
  /** Resolves when the room is in other hands, or nobody can take it. */
  handOver(): Promise<void>
}
