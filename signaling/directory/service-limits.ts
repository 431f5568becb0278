// Owns every bound of the introduction service, each with its reason. [SG6]
// What both ends of the wire rely on (frame sizes, peers in a room) is in protocol/.

import { PEERS_MAX } from '../../protocol/limits.ts'

/** What an operator, or a test, may set. */
export type Limits = {
  /** Open connections in all. */
  readonly connectionsMax: number
  /** Open connections of one address (of one /64 for IPv6). Whole offices and schools share one. */
  readonly connectionsPerAddressMax: number
  /** Sockets that one address opens in a minute. */
  readonly connectsPerAddressPerMinuteMax: number
  /** Joins of one address in a minute. */
  readonly joinsPerAddressPerMinuteMax: number
  /** Rooms that one address begins in a minute. */
  readonly roomsPerAddressPerMinuteMax: number
  /** Rooms that exist at once; an empty one does not exist. */
  readonly roomsMax: number
  /** Peers in one room. */
  readonly peersPerRoomMax: number
  /** Whether frames of peers without a direct path may travel through the service. [SG5] */
  readonly relay: boolean
  /**
   * What one connection may have relayed in a second, in bytes of its messages. Below 128 KiB a pause can outlast a
   * heartbeat, and hosts seem dead.
   */
  readonly relayBytesPerSecond: number
  /** How long a connection may take to join. */
  readonly joinTimeoutMs: number
  /** How long a page that has joined may say nothing at all. */
  readonly idleTimeoutMs: number
  /** How often a connection is pinged; one that has not answered by the next time is cut. */
  readonly pingIntervalMs: number
  /** How long a service that has just started lets peers tell their terms before it appoints anybody. [EL4] */
  readonly restartGraceMs: number
  /** How long a suspected host has to answer a challenge. */
  readonly challengeMs: number
  /** How long a peer that holds nothing of the room leaves a vacancy to those who do. */
  readonly newcomerWaitMs: number
  /** How long closed sockets prove nothing after most of them closed at once. [EL4] */
  readonly massDropWaitMs: number
}

/** Those that are to differ from the defaults. */
export type LimitOptions = { readonly [Name in keyof Limits]?: Limits[Name] | undefined }

export const DEFAULT_LIMITS: Limits = {
  // One small process carries this many; plain requests have room beside them, see PLAIN_CONNECTIONS_MAX.
  connectionsMax: 4_500,
  // A school of 200 behind one address, and each tab twice for a moment while it reconnects.
  connectionsPerAddressMax: 512,
  // That school coming back after a restart, and a few retries.
  joinsPerAddressPerMinuteMax: 1_200,
  // Twice that: some sockets close again before their join came.
  connectsPerAddressPerMinuteMax: 2_400,
  // A school of 200 that opens the demo at once, each in a room of its own.
  roomsPerAddressPerMinuteMax: 300,
  // Most rooms hold more than one peer.
  roomsMax: 4_000,
  peersPerRoomMax: PEERS_MAX,
  relay: true,
  // A relayed page gets along: 190 KiB of frames, or 380 small packets. Forty such pages fill 100 Mbit/s.
  relayBytesPerSecond: 256 * 1024,
  // A page sends its join as the first thing: 5 s covers a slow mobile link.
  joinTimeoutMs: 5_000,
  // Pages say something every 10 s; three may get lost in a throttled tab.
  idleTimeoutMs: 35_000,
  // Finds dead TCP only; the page's own life shows in its messages.
  pingIntervalMs: 20_000,
  // Reconnecting with back-off took peers up to 2 s.
  restartGraceMs: 2_500,
  // A running page answers in one round trip: 400 ms reaches around the globe.
  challengeMs: 400,
  // A standby has probed, claimed and led long before.
  newcomerWaitMs: 3_000,
  // As long as the peers of a service whose own network blinked take to return.
  massDropWaitMs: 2_000,
}

/** The defaults, but for those that are given; one that is undefined is not. */
export function limitsWith(options: LimitOptions): Limits {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return { ...DEFAULT_LIMITS, ...Object.fromEntries(given) }
}

/** TCP connections beside the upgraded ones: while the service is full, pages load and refusals are heard. */
export const PLAIN_CONNECTIONS_MAX = 500
/** How many of these one address may have: a browser keeps six, and those of a school load within seconds. */
export const PLAIN_CONNECTIONS_PER_ADDRESS_MAX = 250

// --- one connection's conduct ---
/** Trickle ICE to a full room is 64 peers with some ten candidates each, in one burst or two. */
export const MESSAGES_PER_SECOND = 100
export const MESSAGES_BURST = 400
/** Session descriptions for a full room fit the burst. */
export const BYTES_PER_SECOND = 256 * 1024
export const BYTES_BURST = 1024 * 1024
/** Relayed at once after a quiet second: the state of a small room. */
export const RELAY_BURST_SECONDS = 2
/**
 * What a peer of the gateway may relay in a second, and each page to that peer. All clients of a room share the peer; a
 * full room of 64 MiB is there in 22 s.
 */
export const OWN_RELAY_BYTES_PER_SECOND = 4 * 1024 * 1024
/** What a relayed packet costs beside its bytes: a heartbeat is work, too. */
export const RELAY_MESSAGE_BYTES = 512
/** What a page told to pause may still have on its way: RELAY_IN_FLIGHT_CHARS of the page, and its heartbeats. */
export const RELAY_OVERDRAFT_BYTES = 256 * 1024
/** Un-sent bytes at which nothing more is relayed to a reader: honest ones grant others less than half of it. */
export const RELAY_QUEUE_BYTES_MAX = 768 * 1024
/** All connections of one address together send at most what so many may, each at its own limit. */
export const ADDRESS_SHARES = 64
/** What was on its way when `slow-down` was said is dropped; who is too fast after this is closed. */
export const SLOW_DOWN_GRACE_MS = 1_000
/** A warning is forgotten after this long without another excess: a host meets a full room more than once a day. */
export const SLOW_DOWN_MEMORY_MS = 60_000
/** Frames that are no message: a bug shows one or two, a fuzzer shows hundreds. */
export const BAD_FRAMES_MAX = 5
export const BAD_FRAMES_WINDOW_MS = 10_000
/** Binary frames: no page of ours sends a single one. */
export const BINARY_FRAMES_MAX = 3
/** Un-sent bytes after which a reader counts as stuck: a full room's worth of descriptions. */
export const QUEUE_BYTES_MAX = 1024 * 1024

// --- TURN credentials ---
/** A call that lasts longer keeps its allocation; who copies a credential has it for no longer. */
export const TURN_TTL_SECONDS = 3_600
/** Half of it must be longer than a connection takes to come about. */
export const TURN_TTL_SECONDS_MIN = 60
/** A day: more is no longer short-lived, and a timer holds 24 days at most. */
export const TURN_TTL_SECONDS_MAX = 86_400

// --- STUN ---
/** A page of a full room has 63 connections, and asks for each every 10 s, at two addresses; eight such tabs. */
export const STUN_PER_ADDRESS_PER_MINUTE_MAX = 6_000
/** A hundred such pages; answers to more would be no use of a local network. */
export const STUN_PER_MINUTE_MAX = 120_000
/** Addresses at which a page asks: the one that it came to, and the likeliest other one. */
export const STUN_SERVERS_MAX = 2

// --- what is remembered of addresses ---
/** Addresses of which a rate is counted; beyond, the oldest count is forgotten. */
export const ADDRESSES_MAX = 10_000
export const ADDRESS_WINDOW_MS = 60_000

// --- claims ---
/** A claimant that must wait for something without a known end asks again after this. */
export const WAIT_RETRY_MS = 250
/** With fewer peers than this, half of them closing at once is everyday life. */
export const MASS_DROP_PEERS_MIN = 8
export const MASS_DROP_WINDOW_MS = 1_000
