// Owns the promise that nothing appears that nobody sent, and that it appears as it was sent: under
// its key, by its action, and not after its sender was told that it is refused. What others were
// folded into comes back as one message more from a branch that is left, where its tail has let go
// of them.

import type { HistoryEvent } from './history.ts'
import {
  branchOf,
  invokedByMid,
  isUnknown,
  only,
  streamsIn,
  termOf,
  type Checker,
  type EventOf,
} from './checker.ts'
import { troublesOf } from './troubles.ts'
import { wasLeft } from './taken-back.ts'

export const noCreation: Checker = (history) => {
  const invoked = invokedByMid(history)
  const sent = only(history, 'invoked').length
  if (sent > invoked.size)
    return `the history names ${sent} operations by ${invoked.size} names: it proves nothing`
  const refusals = new Refusals(history)
  const hadBranch = wasLeft(history)
  for (const [at, event] of history.entries()) {
    const { peer, atMs } = event
    const branch = branchOf(event) ?? '0:'
    const isRetained = event.type !== 'delivered'
    for (const { key, seq, mid } of shownIn(event)) {
      const difference =
        differenceOf(invoked.get(mid), key, seq, isRetained, hadBranch) ??
        refusals.of(mid, at, branch)
      if (difference === null) continue
      const what = `${mid} as ${seq} under "${key}" on ${branch}`
      return `${peer} at ${atMs} ms was given ${what}, which ${difference}`
    }
  }
  return null
}

type Shown = { readonly key: string; readonly seq: number; readonly mid: string }

/** All messages that an event gives or shows a page. */
function shownIn(event: HistoryEvent): Shown[] {
  if (event.type === 'delivered') return [event]
  return streamsIn(event).flatMap(([key, messages]) =>
    messages.map(([seq, mid]) => ({ key, seq, mid })),
  )
}

function differenceOf(
  op: EventOf<'invoked'> | undefined,
  key: string,
  seq: number,
  isRetained: boolean,
  hadBranch: boolean,
): string | null {
  if (op === undefined) return 'nobody sent'
  if (op.key !== key) return `${op.peer} sent under "${op.key}"`
  if (hadBranch) return null
  if (op.action === 'compact' && !isRetained) return 'is a compaction and no message'
  if (op.action === 'compact' && op.seq !== undefined && op.seq !== seq)
    return `is a compaction up to ${op.seq}`
  return null
}

/**
 * A refusal holds on the branch where it was spoken, and on all that continue it. Where the room
 * was in parts, or somebody had to leave that branch, or one that continues it, another one goes
 * on, which may rightly have taken the operation before.
 */
class Refusals {
  readonly #hasParts: boolean
  readonly #tookBack = new Set<string>()
  readonly #byMid = new Map<
    string,
    { readonly event: EventOf<'refused'>; readonly at: number; readonly branch: string }
  >()

  constructor(history: readonly HistoryEvent[]) {
    this.#hasParts = troublesOf(history).some(
      ({ kind, blindUntilMs }) => kind === 'partition' || blindUntilMs !== null,
    )
    const branchByPeer = new Map<string, string>()
    for (const [at, event] of history.entries()) {
      const branch = branchOf(event)
      if (branch !== null) branchByPeer.set(event.peer, branch)
      if (event.type === 'reset' && event.reason === 'rewound') {
        const left = termOf(branchByPeer.get(event.peer) ?? '0:')
        for (const [mid, refusal] of this.#byMid)
          if (left >= termOf(refusal.branch)) this.#tookBack.add(mid)
      }
      if (event.type === 'refused' && !isUnknown(event.code))
        this.#byMid.set(event.mid, { event, at, branch: branchByPeer.get(event.peer) ?? '0:' })
    }
  }

  of(mid: string, at: number, branch: string): string | null {
    const refusal = this.#byMid.get(mid)
    if (refusal === undefined) return null
    const holdsOnLater = !this.#hasParts && !this.#tookBack.has(mid)
    const isLater = at > refusal.at && termOf(branch) > termOf(refusal.branch)
    if (branch !== refusal.branch && !(holdsOnLater && isLater)) return null
    const { peer, atMs, code } = refusal.event
    return `${peer} at ${atMs} ms was told is refused (${code})`
  }
}
