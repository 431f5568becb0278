// Owns the limits and intervals that only transport knows; what both ends of a wire rely on is in
// protocol/limits.ts. Where a number was measured, it was in Chromium 156 and Firefox 153.

// --- a link ---
/** While the channel holds this much it is handed no more: nearly its full throughput, and 43 ms of waiting at p95. */
export const HIGH_WATER_BYTES = 256 * 1024
/** The channel asks for more below this. */
export const LOW_WATER_BYTES = 64 * 1024
/**
 * On its way to a page that has not taken it: what a page that hangs piles up for each peer, and at 200 ms there
 * and back still 5 MB/s. Granted again by halves.
 */
export const CREDIT_BYTES = 1024 * 1024
/** Parts of one frame: honest ones fill a packet each, but for what control frames take of it. */
export const FRAME_PARTS_MAX = 8_192

// --- connecting ---
/** From the start of an attempt to its open channel; with 32 clients at once on one machine it took 0.2 s. */
export const CONNECT_TIMEOUT_MS = 15_000
/** Attempts in progress at a time: their handshakes share one thread, the rest go faster one after the other. */
export const CONNECTING_MAX = 8
/** Offers beyond this are not even queued. */
export const ATTEMPTS_MAX = 128
/** Peer connections made within CREATION_WINDOW_MS: 500 closed but uncollected ones lock a page out of WebRTC. */
export const CREATIONS_MAX = 128
export const CREATION_WINDOW_MS = 60_000
/** Names of past attempts that are remembered, so that a replayed offer opens nothing. */
export const PAST_ATTEMPTS_MAX = 1_024
/** Candidates of one side in one attempt: a page with every kind of interface and relay has a dozen. */
export const CANDIDATES_MAX = 64
export const CANDIDATE_CHARS_MAX = 1_024
/** A description with one data channel takes less than 1 KiB. */
export const SDP_CHARS_MAX = 16 * 1024

// --- links through signaling (SG5) ---
/**
 * An attempt without a link after this gets one through signaling: a direct path takes 0.2 s at home, and 1 to 2 s over
 * TURN.
 */
export const RELAY_PATIENCE_MS = 3_000
/** From proposing a relayed link to the other side's word: two ways through signaling, and a slow mobile link. */
export const RELAY_TIMEOUT_MS = 5_000
/** A link outlives the socket that carried it so long: a page is back 0.2 s after a blink, and 2 s after a restart. */
export const RELAY_GRACE_MS = 2_500
/** A direct path is tried again after this, then after twice as long, and so on: networks change, but seldom. */
export const DIRECT_AGAIN_MIN_MS = 15_000
export const DIRECT_AGAIN_MAX_MS = 300_000
/** What a page takes in on the way at once, shared out among its links: half of what signaling queues for it. */
export const RELAY_GRANT_CHARS = 512 * 1024
/** Of that, for one link: two full packets are more than its share of the service's rate over 200 ms. */
export const RELAY_WINDOW_MAX_CHARS = 64 * 1024
/** For one link of a full room, and for a new one: one packet of 8 KiB and some heartbeats. */
export const RELAY_WINDOW_MIN_CHARS = 12 * 1024
/** On the way from one page, over all its links: half a second at the service's rate, so a pause is no longer. */
export const RELAY_IN_FLIGHT_CHARS = 128 * 1024
/** What was taken in is said after this if nothing says it before: longer than the pause between two heartbeats. */
export const RELAY_ACK_MS = 300

// --- the signaling socket ---
/** Shows the service that this page's own code runs. */
export const SIGNALING_HEARTBEAT_MS = 10_000
/** A heartbeat that nothing follows for this long went to a dead socket: as long as a dial waits. */
export const SIGNALING_ANSWER_MS = 5_000
/** A dial without an answer is given up, and made again, after this. */
export const DIAL_TIMEOUT_MS = 5_000
export const RETRY_MIN_MS = 100
export const RETRY_MAX_MS = 2_000
