// Owns the public face of a room: the types an app sees. `room.ts` implements them.

import type { BatonError, ErrorCode } from '../protocol/errors.ts'
import type { PeerId } from '../protocol/ids.ts'
import type { Value } from '../protocol/value.ts'
import type { Partition } from '../host/mandate.ts'
import type { Received, Sendable } from './value-types.ts'

/** A message of the room. `seq` is its place among all messages of the room, from 1. `T` is taken at its word. */
export type Message<T = Received> = {
  readonly key: string
  readonly value: T
  readonly seq: number
}

/**
 * What a sender gets once its operation is safe: the message's place. For a compaction, the seq up to which it folded;
 * after a `reset` that took back thousands, the place of the message that it became.
 */
export type Receipt = { readonly seq: number }

/**
 * Sends a value under a key. Name its type to have it checked: `room.append<Chat>('chat', { text })`.
 *
 * The receipt rejects with `bad-value` for what JSON would lose: a promise (await it first), a File or Blob (send its
 * bytes), an Error, RegExp, Map, Set or DOM node, an invalid Date, a function, a symbol, a bigint, NaN, bytes within
 * JSON, and undefined or a hole in a list.
 */
export type Send = {
  (key: string, value: Value): Promise<Receipt>
  <T>(key: string, value: T & Sendable<T>): Promise<Receipt>
}

/** As `Send`, up to a message. */
export type Fold = {
  (key: string, seq: number, value: Value): Promise<Receipt>
  <T>(key: string, seq: number, value: T & Sendable<T>): Promise<Receipt>
}

/** `host` orders the room; a `standby` is linked to everyone and takes over first; the rest are `peer`s. */
export type Role = 'host' | 'standby' | 'peer'

export type RoomStatus = {
  /**
   * - `connecting`: no host yet.
   * - `live`: messages flow.
   * - `migrating`: the host is gone, out of reach or paused; sends wait.
   * - `offline`: neither the host nor signaling can be reached.
   * - `closed`: left, or given up with an `error`.
   */
  readonly status: 'connecting' | 'live' | 'migrating' | 'offline' | 'closed'
  readonly role: Role
  /** Number of the host's reign; 0 while none is known. */
  readonly term: number
  readonly hostId: PeerId | null
  /** Whether the signaling service can be reached; a running room goes on without it. */
  readonly signaling: 'connected' | 'disconnected'
  /** The last message's place that this page has seen. */
  readonly seq: number
  /**
   * How frames reach the host: over a connection of their own, or, where none is found, sealed through the signaling
   * service, which is slower. Null on the host itself, and while there is no link.
   */
  readonly path: 'direct' | 'relayed' | null
  /** Operations of this page that have no receipt yet. */
  readonly pending: number
  /** Nothing is stored on disk by this version. */
  readonly persisted: false
}

/** `path` is that of this page's own link to the peer; null where the two need none. */
export type PeerInfo = {
  readonly id: PeerId
  readonly role: Role
  readonly path: 'direct' | 'relayed' | null
}

/** The room moved: from one host's reign to another's, as this page saw it. */
export type HostChange = {
  readonly hostId: PeerId
  readonly term: number
  readonly previousHostId: PeerId | null
  /** Milliseconds without a host, from this page's noticing to messages flowing again; 0 for the first host. */
  readonly gapMs: number
}

/**
 * Messages of these keys after `seq` that this page was given no longer stand, or some were missed.
 * What the room retains of them comes again through subscriptions with `replay`.
 */
export type Reset = {
  readonly seq: number
  readonly keys: readonly string[] | 'all'
  readonly reason: 'missed' | 'rewound'
}

/**
 * An operation of this page had its receipt; then two sides of a split met, the other side went on, and could not take
 * the operation: `superseded` (a replace, whose key the other side had changed meanwhile), `compact-outdated`,
 * `room-full`.
 */
export type Conflict = {
  readonly key: string
  readonly value: Received
  readonly reason: ErrorCode
}

export type RoomEvents = {
  readonly status: (status: RoomStatus) => void
  readonly peers: (peers: readonly PeerInfo[]) => void
  readonly host: (change: HostChange) => void
  readonly reset: (reset: Reset) => void
  readonly conflict: (conflict: Conflict) => void
  readonly error: (error: BatonError) => void
}

export type ReplayQuery = {
  readonly key: string
  /** Only messages with a greater seq; 0 (the default) for all. */
  readonly after?: number | undefined
}
export type Replayed<T = Received> = {
  readonly key: string
  readonly messages: readonly Message<T>[]
}

export type SubscribeOptions<T = Received> = {
  readonly replay?: boolean | undefined
  readonly after?: number | undefined
  readonly onReplay?: ((messages: readonly Message<T>[]) => void) | undefined
}

/**
 * Stands anywhere in an app's state, and cannot be extended, so that frameworks put no Proxy around it. Each method may
 * be taken out: `const { append } = room`.
 */
export interface Room {
  /** This page's id in the room, fresh at every join. */
  readonly id: PeerId
  /** The secret that names the room; `linkTo(room)` lets others in. Of a public room: what its name leads to. */
  readonly token: string
  /** Resolves when messages flow for the first time; rejects when the room is left or given up before. */
  readonly ready: Promise<void>
  /** How the room is now: in a listener of messages, under the reign that ordered them. The `status` event follows. */
  readonly status: RoomStatus
  /** The others. */
  readonly peers: readonly PeerInfo[]
  /** Milliseconds of a round trip to the host, smoothed; 0 on the host itself, null while unknown. */
  readonly latency: number | null
  /** The host's clock in milliseconds since the epoch, as near as round trips tell. */
  now(): number

  /** Adds a message to its key's stream. Resolves once it is safe. Works at any time: without a host it waits. */
  readonly append: Send
  /** Delivers a message to everyone now here; it is not retained. */
  readonly relay: Send
  /** Delivers a message and lets it stand alone in its key's stream. */
  readonly replace: Send
  /** Folds the messages of a key up to and including `seq` into one value. Delivers nothing. */
  readonly compact: Fold

  /** The retained messages of a key after a seq; or of many keys in one round trip, in the order asked. */
  replay<T = Received>(
    key: string,
    query?: { readonly after?: number | undefined },
  ): Promise<readonly Message<T>[]>
  replay<T = Received>(queries: readonly ReplayQuery[]): Promise<readonly Replayed<T>[]>

  /**
   * Hears the messages of one key: from now on, or with `replay` (or `after`) the retained ones first, without gap
   * or repeat. With `onReplay` the retained ones come as one list, empty if there are none: at first, and from the same
   * start again after every reset of this key; `listener` then hears only what follows. Returns its unsubscribe.
   *
   * @example
   * room.subscribe<Chat>('chat', ({ value }) => show(value.text), { replay: true })
   */
  subscribe<T = Received>(
    key: string,
    listener: (message: Message<T>) => void,
    options?: SubscribeOptions<T>,
  ): () => void
  /** Hears every message of the room from now on. Returns its unsubscribe. */
  onMessage<T = Received>(listener: (message: Message<T>) => void): () => void
  on<Name extends keyof RoomEvents>(event: Name, listener: RoomEvents[Name]): () => void

  /**
   * Hands the room over if this page hosts it, then leaves. Pending operations reject with `closed`.
   * Nothing of the page holds the room from then on, nor what it retained. Leaving again does
   * nothing.
   */
  leave(): Promise<void>
}

export type JoinOptions = {
  /**
   * The room's secret. Default: the one in the page's fragment (`#room=…`), where a fresh one is put
   * if there is none, beside what stands there.
   */
  readonly token?: string | undefined
  /**
   * A public room, in place of `token`. `page`: everybody at this page's address, its query included, its fragment not.
   * Any other name, such as `lobby`: everybody on a page of this origin who gives the same name. Whoever knows the page
   * can be in it, and so can the signaling service. Not on pages without an origin, such as `file://` pages.
   */
  readonly room?: string | undefined
  /**
   * URL of the signaling service, of ws, wss, http or https; may be relative to the page (`'./signal'`). One without a
   * path means its `/signal`. Default: `signal` beside the drop-in script that was loaded (`baton.js`,
   * `baton.global.js`), else `/signal` at the page's own origin. Where none answers, the room has one `error` of code
   * `signaling`, which says why and what to do; Baton keeps trying.
   *
   * @example
   * joinRoom({ signaling: 'wss://games.example' })
   */
  readonly signaling?: string | undefined
  /** Whether this page may host. Default true; the room needs at least one that may. */
  readonly canHost?: boolean | undefined
  /** When a send resolves: once a standby holds it too (default), or as soon as the host has ordered it. */
  readonly durability?: 'standby' | 'host' | undefined
  /**
   * What a side of a split does that has lost the others. `continue` (default): every side goes on, and they are joined
   * when they meet. `pause`: only a side with signaling, or with most of those who were here, goes on; the others wait.
   */
  readonly partition?: Partition | undefined
  /**
   * STUN and TURN servers, beside those that the signaling service names. Default: none, which suits one machine and a
   * local network.
   */
  readonly iceServers?: readonly RTCIceServer[] | undefined
}
