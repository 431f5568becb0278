// Owns what a session is made of.

import type { PeerId } from '../protocol/ids.ts'
import type { ReplicaWriter } from '../replica/replica-writer.ts'
import type { Outbox } from './outbox.ts'
import type { Told } from './told.ts'

/** `holdsStreams`: the peer fetches the streams although it cannot host. */
export type SessionOptions = {
  readonly self: PeerId
  readonly canHost: boolean
  readonly holdsStreams?: boolean
  readonly visible: boolean
  readonly outbox: Outbox
  /** The session keeps it until this peer is to lead. */
  readonly writer: ReplicaWriter
  /** What the app was told in earlier lives; nothing without them. */
  readonly told?: Told
}
