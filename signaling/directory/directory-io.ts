// Owns what happens to the directory and what it orders in return, as plain data.

import type { FromSignaling, ToSignaling } from '../../protocol/signals.ts'

/** Names one connection; the shell counts up and uses none twice. */
export type ConnectionId = number

export type DirectoryInput =
  /** `address` is what joins are counted by; it goes no further. */
  | { readonly type: 'opened'; readonly connection: ConnectionId; readonly address: string }
  | { readonly type: 'received'; readonly connection: ConnectionId; readonly message: ToSignaling }
  | { readonly type: 'closed'; readonly connection: ConnectionId }
  /** The time that `nextWakeAt` named has come. */
  | { readonly type: 'ticked' }

export type DirectoryOutput =
  | { readonly type: 'send'; readonly connection: ConnectionId; readonly message: FromSignaling }
  /** The directory has forgotten the connection already; whatever it still sends is ignored. */
  | {
      readonly type: 'close'
      readonly connection: ConnectionId
      readonly code: number
      readonly reason: string
    }

export type Send = (connection: ConnectionId, message: FromSignaling) => void
