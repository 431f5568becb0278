// Owns what apps saw of a room: one event a line, the only thing that checkers look at. The
// simulation, Node and browser pages all write it. What an app cannot observe is not in it.

/** The actions, as an app calls them. */
export const ACTIONS = ['append', 'relay', 'replace', 'compact'] as const

/**
 * What was done to the room on purpose. Checkers judge by the kind; `what` is for people.
 *
 * - `leave`: a page went and said so (tab closed, `room.leave()`).
 * - `crash`: it went without a word.
 * - `hang`: its scripts stood still.
 * - `freeze`: the browser stopped it.
 * - `cut`: nothing reaches it or leaves it.
 * - `link-cut`: one link carries nothing, or closed.
 * - `partition`: the pages are in parts that cannot reach each other.
 * - `socket-cut`: one page lost its signaling socket.
 * - `socket-deaf`: its signaling socket stands, and nothing passes.
 * - `signaling-down`: the service is gone.
 * - `signaling-restart`: it went and came back with nothing.
 */
export const TROUBLE_KINDS = [
  'leave',
  'crash',
  'hang',
  'freeze',
  'cut',
  'link-cut',
  'partition',
  'socket-cut',
  'socket-deaf',
  'signaling-down',
  'signaling-restart',
] as const
export type TroubleKind = (typeof TROUBLE_KINDS)[number]

/** A message as a stream or a replay shows it. */
export type Retained = readonly [seq: number, mid: string]

/**
 * Events of one peer stand in the order in which it saw them. Faults belong to nobody: their peer
 * is ''.
 *
 * - A `mid` is `author/number`: unique in the run, the number rising per author. It is the
 *   message's value, too.
 * - A `branch` is `term:hostId`, as the room's status said when it happened; `0:` where it knew no
 *   host.
 */
export type HistoryEvent = { readonly atMs: number; readonly peer: string } &
  /** What the app asked for, where that is not what apps get that ask for nothing. */
  (
    | {
        readonly type: 'joined'
        readonly canHost?: false
        readonly durability?: 'host'
        readonly partition?: 'pause'
        /** The copy that an earlier life of this page has left: the last message in it, and when it was last written. */
        readonly opened?: { readonly life: string; readonly seq: number; readonly atMs: number }
      }
    /** `seq`: of a compaction, up to where it folds. */
    | {
        readonly type: 'invoked'
        readonly mid: string
        readonly action: (typeof ACTIONS)[number]
        readonly key: string
        readonly seq?: number
      }
    /**
     * `held`: who held it when its sender was told that it is safe, where the recorder knows. Without
     * it nobody may lose it. `aloneMs`: of a receipt that a host gave itself and that is to pause in a
     * split: for how long this host had heard nobody, by its own clock, where the recorder knows.
     */
    | {
        readonly type: 'acknowledged'
        readonly mid: string
        readonly seq: number
        readonly held?: readonly string[]
        readonly aloneMs?: number
      }
    /** `branch`: on which it stands, where the recorder knows; else on the last one that was told. */
    | {
        readonly type: 'refused'
        readonly mid: string
        readonly code: string
        readonly branch?: string
      }
    | {
        readonly type: 'delivered'
        readonly branch: string
        readonly seq: number
        readonly key: string
        readonly mid: string
      }
    /**
     * `askedAtMs`: when the app asked, where messages may have come between the answer and its
     * noting.
     */
    | {
        readonly type: 'replayed'
        readonly branch: string
        readonly key: string
        readonly after: number
        readonly entries: readonly Retained[]
        readonly askedAtMs?: number
      }
    /**
     * `headSeq`: the next message follows it, where the recorder knows. `avoidable`: the new host
     * could have asked this peer, over a link that stood and was quick, before it led.
     */
    | {
        readonly type: 'reset'
        readonly seq: number
        readonly headSeq?: number
        readonly keys: readonly string[] | 'all'
        readonly reason: 'missed' | 'rewound'
        readonly avoidable?: boolean
      }
    | { readonly type: 'conflict'; readonly mid: string; readonly code: string }
    /** `seq`: of a page that came back with its copy, the room's seq at that moment. */
    | { readonly type: 'live'; readonly branch: string; readonly seq?: number }
    /** This page says that it hosts the branch. */
    | { readonly type: 'hosting'; readonly branch: string }
    /** This page has a signaling socket from here on, or none, as far as it knows; at first none. */
    | { readonly type: 'signaling'; readonly status: 'connected' | 'disconnected' }
    /** What the peer held is gone with it, unless it was only `frozen`. */
    | { readonly type: 'ended'; readonly how: 'crashed' | 'left' | 'frozen' }
    /**
     * `peers`: whom it hits. `signaling: 'unreachable'`: some of them cannot reach the service while
     * it lasts.
     */
    | {
        readonly type: 'fault'
        readonly kind: TroubleKind
        readonly what: string
        readonly peers?: readonly string[]
        readonly signaling?: 'unreachable'
      }
    /**
     * The faults of this kind are over, or the one that says the same `what`; without a kind, all of
     * them.
     */
    | { readonly type: 'healed'; readonly kind?: TroubleKind; readonly what?: string }
    /**
     * Long after the last fault and the last operation: `pending` operations still have no outcome.
     */
    | { readonly type: 'quiet'; readonly pending: number }
    /** What something takes or holds: `what` names it, as `log`, `outbox`, `heap`. */
    | { readonly type: 'sample'; readonly what: string; readonly bytes: number }
    /** What a replay of the whole room answers at the end. */
    | {
        readonly type: 'final'
        readonly branch: string
        readonly lastSeq: number
        readonly pending: number
        readonly streams: readonly (readonly [key: string, messages: readonly Retained[]])[]
      }
  )

/** One JSON object a line, in order. */
export function toJsonLines(events: Iterable<HistoryEvent>): string {
  let text = ''
  for (const event of events) text += `${JSON.stringify(event)}\n`
  return text
}

/**
 * One history of what several recorders wrote: in order of time, and each recorder's events in its
 * own order.
 */
export function mergeHistories(histories: readonly (readonly HistoryEvent[])[]): HistoryEvent[] {
  const timed = histories.flatMap((events) => {
    // A clock that was set back does not move what came later to before.
    let latestMs = 0
    return events.map((event) => {
      latestMs = Math.max(latestMs, event.atMs)
      return { event, atMs: latestMs }
    })
  })
  return timed.sort((a, b) => a.atMs - b.atMs).map(({ event }) => event)
}
