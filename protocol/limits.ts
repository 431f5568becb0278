// Owns every limit and interval that both ends of a wire, or several parts of one end, rely on.
// Each has its unit in its name and its reason beside it.

/** Raised on any change of frames, packets or signaling messages. Peers of another version are refused. */
export const PROTOCOL_VERSION = 7

/** Ids of earlier lives that a stored copy names: as many pages as a room has peers. [PE4] */
export const LIVES_MAX = 64

// --- what a room holds (RE8) ---
/** Keys are names, not payloads: 512 B keeps ten thousand of them under 5 MiB. */
export const KEY_BYTES_MAX = 512
/** A large picture fits; a film does not. */
export const VALUE_BYTES_MAX = 4 * 1024 * 1024
/** Bounds the per-key overhead of a room. */
export const KEYS_MAX = 10_000
/** A host tab, and every tab able to replace it, holds this much in memory. */
export const RETAINED_BYTES_MAX = 64 * 1024 * 1024
/** Authors whose last op number the room remembers; the longest silent one is forgotten first. */
export const AUTHORS_MAX = 4_096
/** Runs of op numbers of one author that are remembered as missing; beyond, the lowest counts as taken. */
export const MISSING_RUNS_MAX = 16
/** Runs of messages that a peer says it lacks; of more, the first ones are told as one. */
export const LACKING_RUNS_MAX = 64
/** Reigns a log remembers; a peer that slept through more of them starts over from a snapshot. */
export const HISTORY_TERMS_MAX = 256
/** The highest term believed of a room that one knows nothing of: a reign a second for 35,000 years. */
export const FIRST_TERM_MAX = 2 ** 40
/** Terms that a room may skip at once. Nobody reaches the last term by lies: at full speed that takes years. */
export const TERM_LEAP_MAX = 2 ** 20
/** Peers in one room: each costs the host a connection. */
export const PEERS_MAX = 64
/** Who is listed at most: a full room, and those whose leaving the host has not noticed yet. */
export const ROSTER_MAX = 2 * PEERS_MAX

// --- the tail: raw entries kept for those who were away a moment ---
export const TAIL_ENTRIES_MAX = 8_192
export const TAIL_BYTES_MAX = 8 * 1024 * 1024

// --- a sender's outbox (MG6) ---
/** More than any burst of a page that is still worth keeping. */
export const OUTBOX_OPS_MAX = 65_536
export const OUTBOX_BYTES_MAX = 64 * 1024 * 1024
/**
 * A host that began without the streams may still be given them for so many entries. Alone it orders its whole outbox
 * at once, and must not be past this bound when it meets the others. [EL5b]
 */
export const FILL_ENTRIES_MAX = OUTBOX_OPS_MAX + TAIL_ENTRIES_MAX
/** Ops on their way to the host and not yet seen in the log: keeps the link's queue short. */
export const WINDOW_OPS_MAX = 2_048
export const WINDOW_BYTES_MAX = 1024 * 1024
/** Ops in one submit frame, and entries in one entries frame. */
export const FRAME_OPS_MAX = 2_048
/** Entries are cut into frames of about this size, and a replay into parts: no frame has to hold a whole room. */
export const ENTRIES_FRAME_BYTES = 1024 * 1024
export const REPLAY_PART_BYTES = 256 * 1024
/** A frame above this is split into several by the link; packing stops here. */
export const PACKET_BYTES_MAX = 64 * 1024
/** Largest frame a link puts together again: a batch of entries or a part of a replay, and one largest value. */
export const FRAME_BYTES_MAX = 16 * 1024 * 1024
/** What is longer travels as it is: a frame of a few bytes must not keep its reader busy. A usual part fits. */
export const COMPRESSED_BYTES_MAX = 1024 * 1024
/** For the same reason what gets even shorter than by this factor travels as it is. */
export const COMPRESSION_MAX = 64
/** Keys in one replay request. */
export const REPLAY_QUERIES_MAX = 1_024
/** Replays a page may have open at once. */
export const REPLAYS_MAX = 1_024

// --- slow peers ---
/** Un-acknowledged bytes after which a peer is cut from the live flow until it has caught up. */
export const LAG_BYTES_MAX = 16 * 1024 * 1024
export const LAG_ENTRIES_MAX = 16_384
/** What a link queues at most before it gives the peer up: the lag, a replay of a full room and its overhead. */
export const LINK_QUEUE_BYTES_MAX = LAG_BYTES_MAX + RETAINED_BYTES_MAX + 64 * 1024 * 1024
/** A follower acknowledges at least this often while entries pour in. */
export const ACK_ENTRIES = 256
export const ACK_BYTES = 256 * 1024
/** Snapshot parts in flight: the bulk of a joiner must not sit in front of the live flow. */
export const SNAPSHOT_PART_BYTES = 64 * 1024
export const SNAPSHOT_PARTS_AHEAD = 8

// --- what a peer copies for another (LK12) ---
/** At once: a joiner fetches a full room, perhaps once more because it went on meanwhile, and its app replays it. */
export const COPY_BURST_BYTES = 3 * RETAINED_BYTES_MAX
/** After that a full room every 4 s: about what one link carries, and a hundredth of what a page can copy. */
export const COPY_BYTES_PER_SECOND = 16 * 1024 * 1024
/** What a request costs beside the bytes of its answer: 4,000 a second are more than round trips leave room for. */
export const COPY_REQUEST_BYTES = 4 * 1024

// --- standbys ---
/** A replica this far behind may still become a standby: it holds the rest before long. */
export const STANDBY_LAG_ENTRIES_MAX = 1_024
/** Full replicas that count for stability and stay linked to everyone: two survive any single loss in between. */
export const STANDBYS_MAX = 2

// --- time (EL3, MG1, MG2) ---
/** A follower pings when it has heard nothing for this long. */
export const HEARTBEAT_INTERVAL_MS = 250
/** Silence after which a host is suspected: four missed heartbeats. */
export const HEARTBEAT_LIMIT_MS = 1_000
/** A gap between ticks above this means that the page itself was asleep, and nobody else. */
export const SLEEP_GAP_MS = 2_000
/**
 * A probe waits for two measured round trips, as TCP's does (RFC 8985, 7.2), within these bounds. The lower one is a
 * painted frame, which may delay the answer.
 */
export const PROBE_MIN_MS = 16
export const PROBE_MAX_MS = 400
/** How much later each lower rank of the succession claims. */
export const RANK_STEP_MS = 200
/** A taking-over host waits at most this long for positions. [MG2] */
export const POSITIONS_WAIT_MS = 300
/** One source of a takeover may take this long to send what it holds before the next is asked. */
export const FETCH_TIMEOUT_MS = 3_000
/** A peer of another branch waits this long for the reign that joins both; that reign waits as long for it. [MG5] */
export const BRANCH_WAIT_MS = 2_000
/** New reigns that one branch's end may cause; after these its peers start over, and submit their surplus. */
export const MEETINGS_MAX = 3
/**
 * A peer whose streams are lacking is met again after twice as long each time, at most this: one that gives nothing
 * stops the room for a few seconds.
 */
export const MEETING_PAUSE_MAX_MS = 60_000
/** Branches that a host remembers to have met. */
export const BRANCHES_MET_MAX = 256
/** Without signaling a standby leads by its own word after so much more silence; each lower rank adds as much. [EL6] */
export const STAND_IN_WAIT_MS = 1_000
/** A host that slept asks whether it still hosts, and waits this long for an answer. [EL5] */
export const WAKE_ANSWER_MS = 1_000
/**
 * With `partition: 'pause'` a host rests on an answer for so long after it asked: shorter than the grace of a service
 * that has just started. [EL6e]
 */
export const LEASE_MS = 2_000
/** So long another host waits for that to be over: a quarter longer, since clocks run at rates of their own. [EL6f] */
export const LEASE_OUT_MS = 2_500
/** It asks this often: one question may get lost, and answers take up to a second. */
export const LEASE_ASK_MS = 500
/** A hand-over that does not come about in this time is called off. [MG1] */
export const HANDOVER_TIMEOUT_MS = 1_000
/** A link that is wanted and not there is asked for again after this. */
export const CONNECT_AGAIN_MS = 1_000
/** A hello without an answer is said again after this. */
export const HELLO_TIMEOUT_MS = 2_000
/** A claim without an answer from signaling is made again after this. */
export const CLAIM_RETRY_MS = 500
/** Signaling that answers no claim for so long counts as out of reach: it holds a claim for under half a second. */
export const CLAIM_ANSWER_MS = 3_000
/** A peer silent for this long leaves the in-sync set and the live flow. */
export const FOLLOWER_LIMIT_MS = 3_000
/** A silent peer stays in the roster this long: ICE itself gives up after 15 s. */
export const FOLLOWER_GONE_MS = 20_000
/** After signaling's hint a peer has this long to answer before the room calls it gone. */
export const DEPARTED_PROBE_MS = 500

// --- shared objects ---
/** Authors whose last action a folded state names, so that a page finds its own: as many as a room has peers. */
export const FOLDED_AUTHORS_MAX = PEERS_MAX
/** From so many messages on a reducer's or map's stream is folded: a newcomer reads as many in milliseconds. */
export const FOLD_AFTER_MESSAGES = 256
/** How often pages that tell of themselves are asked whether they still do. */
export const PRESENCE_INTERVAL_MS = 5_000
/** A page silent for this long counts as gone, though the host still lists it: three questions without an answer. */
export const PRESENCE_TIMEOUT_MS = 15_000
/** The host does not list a page any more: its link may only be being replaced. */
export const PRESENCE_ABSENT_MS = 1_000
/** A new host lists pages as they come over to it; some have to make a link first. */
export const PRESENCE_NEW_HOST_MS = 5_000
