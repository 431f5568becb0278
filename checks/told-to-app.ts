// Owns what an app notes down of its room, beside the history: what each of its listeners was given,
// and what it was told.

import type { Retained } from './history.ts'

/** What of a status is told by an event. */
export type ToldStatus = {
  readonly status: 'connecting' | 'live' | 'migrating' | 'offline' | 'closed'
  readonly role: 'host' | 'standby' | 'peer'
  readonly term: number
  readonly hostId: string | null
  readonly signaling: 'connected' | 'disconnected'
  readonly path: 'direct' | 'relayed' | null
}

/** What an app noted down, in the order in which it happened. Listener 0 hears every message. */
export type Told =
  | {
      readonly type: 'message'
      readonly listener: number
      readonly key: string
      readonly seq: number
      readonly mid: string
    }
  /** `from`: the seq after which its replay begins; null where it hears from now on. */
  | {
      readonly type: 'listens'
      readonly listener: number
      readonly key: string
      readonly from: number | null
      readonly isWhole: boolean
    }
  | { readonly type: 'stops'; readonly listener: number }
  /** A replay, to a listener that takes them whole. */
  | { readonly type: 'list'; readonly listener: number; readonly messages: readonly Retained[] }
  /** The room asks for a replay of this key on behalf of listeners, and is answered. */
  | { readonly type: 'asks' | 'answered'; readonly key: string }
  | { readonly type: 'reset'; readonly seq: number; readonly keys: readonly string[] | 'all' }
  | { readonly type: 'conflict'; readonly mid: string; readonly code: string }
  /** A promise of a receipt ended. */
  | { readonly type: 'ended'; readonly mid: string; readonly as: string }
  /** A replay that the app asked for: what it was given, and what the peer had answered. */
  | { readonly type: 'replayed'; readonly key: string; readonly is: string; readonly was: string }
  | { readonly type: 'status'; readonly status: ToldStatus }
  | {
      readonly type: 'host'
      readonly hostId: string
      readonly term: number
      readonly previousHostId: string | null
    }
  /** A listener threw, or the room complained. */
  | { readonly type: 'error'; readonly what: string }
