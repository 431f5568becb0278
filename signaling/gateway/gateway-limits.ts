// Owns every bound of the gateway, each with its reason. [SG6]

import { OUTBOX_BYTES_MAX, VALUE_BYTES_MAX } from '../../protocol/limits.ts'

/** One message of a client: the largest value as bytes in base64, escapes, and what is around it. */
export const MESSAGE_BYTES_MAX = Math.ceil((VALUE_BYTES_MAX * 4) / 3) + 256 * 1024
/** Messages of one client that are not dealt with: from here on its socket is not read, so that the client waits. */
export const CLIENT_QUEUE_MAX = 2_048
/** Its socket is read again from here on. */
export const CLIENT_QUEUE_RESUME = 512
/** The same in bytes of their values: two of the largest. */
export const CLIENT_QUEUE_BYTES_MAX = 2 * VALUE_BYTES_MAX
/** The same of all clients of a room together: what a peer's outbox takes. */
export const ROOM_QUEUE_BYTES_MAX = OUTBOX_BYTES_MAX
/** Unsent bytes after which a client counts as stuck: some seconds of a busy room. One `init` may come on top. */
export const CLIENT_BACKLOG_BYTES_MAX = 16 * 1024 * 1024
/** The same of all clients together: one `init` may be a whole room of 64 MiB, and many may ask for it at once. */
export const BACKLOG_BYTES_MAX = 256 * 1024 * 1024
/** Rooms with a peer of the gateway at once. */
export const GATEWAY_ROOMS_MAX = 256
/** How many of these may be on account of one address: the others stay free. */
export const GATEWAY_ROOMS_PER_ADDRESS_MAX = 128
/** Bytes that all these rooms retain together: a peer holds a copy of its room. */
export const GATEWAY_RETAINED_BYTES_MAX = 512 * 1024 * 1024
/** A room without clients is left after this: a shell script may say one thing after the other. */
export const ROOM_IDLE_MS = 30_000
/** How long a room with peers has until one hosts and has sent its streams: 22 s if it is full, and a takeover. */
export const READY_TIMEOUT_MS = 30_000
/** How long a request may wait for its place in the log: a room that has lost its host has another before long. */
export const REQUEST_TIMEOUT_MS = 15_000
/** A client that is idle is pinged, to find connections that are dead. */
export const CLIENT_PING_MS = 20_000
/** A room's id is its token: ours have 22 characters, and nobody needs more than this. */
export const ROOM_ID_CHARS_MAX = 256
