// Owns the limits and intervals that only transport knows; what both ends of a wire rely on is in
// protocol/limits.ts. Where a number was measured, it was in Chromium 156 and Firefox 153.

// --- a link ---
/** No more is handed to the channel while it holds this much: nearly its full throughput, and 43 ms of waiting at p95. */
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

// --- the signaling socket ---
/** Shows the service that this page's own code runs. */
export const SIGNALING_HEARTBEAT_MS = 10_000
/** A dial without an answer is given up, and made again, after this. */
export const DIAL_TIMEOUT_MS = 5_000
export const RETRY_MIN_MS = 100
export const RETRY_MAX_MS = 2_000
