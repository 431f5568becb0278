// Owns the promise that nothing appears that nobody sent, and that it appears as it was sent: under its key, by its
// action, and not after its sender was told that it is refused.

import type { HistoryEvent } from '../history.ts'
import { branchOf, invokedByMid, isUnknown, only, termOf, type Checker, type EventOf } from './checker.ts'

export const noCreation: Checker = (history) => {
  const invoked = invokedByMid(history)
  const sent = only(history, 'invoked').length
  if (sent > invoked.size) return `the history names ${sent} operations by ${invoked.size} names: it proves nothing`
  const shown = [...shownMessages(history)]
  for (const message of shown) {
    const { peer, atMs, mid, key, seq } = message
    const op = invoked.get(mid)
    const wrong = differenceOf(op, message)
    if (wrong !== null) return `${peer} at ${atMs} ms was given ${mid} as ${seq} under "${key}", which ${wrong}`
  }
  return refusedAndShown(history, shown)
}

function differenceOf(op: EventOf<'invoked'> | undefined, { key, seq, isRetained }: Shown): string | null {
  if (op === undefined) return 'nobody sent'
  if (op.key !== key) return `${op.peer} sent under "${op.key}"`
  if (op.action === 'compact' && !isRetained) return 'is a compaction and no message'
  if (op.action === 'compact' && op.seq !== undefined && op.seq !== seq) return `is a compaction up to ${op.seq}`
  return null
}

type Shown = { readonly peer: string; readonly atMs: number; readonly at: number; readonly branch: string; readonly key: string; readonly seq: number; readonly mid: string; readonly isRetained: boolean }

function* shownMessages(history: readonly HistoryEvent[]): Generator<Shown> {
  for (const [at, event] of history.entries()) {
    if (event.type === 'delivered') yield { ...event, at, isRetained: false }
    if (event.type === 'replayed') for (const [seq, mid] of event.entries) yield { ...event, at, seq, mid, isRetained: true }
    if (event.type === 'final') for (const [key, messages] of event.streams) for (const [seq, mid] of messages) yield { ...event, at, key, seq, mid, isRetained: true }
  }
}

/**
 * A refusal holds on the branch where it was spoken, and on all that continue it. Where the room was in parts another
 * branch may rightly have taken the operation before.
 */
function refusedAndShown(history: readonly HistoryEvent[], shown: readonly Shown[]): string | null {
  const hasParts = only(history, 'fault').some(({ kind }) => kind === 'partition' || kind === 'cut')
  const branchByPeer = new Map<string, string>()
  const refusals = new Map<string, { readonly event: EventOf<'refused'>; readonly at: number; readonly branch: string }>()
  for (const [at, event] of history.entries()) {
    const branch = branchOf(event)
    if (branch !== null) branchByPeer.set(event.peer, branch)
    if (event.type === 'refused' && !isUnknown(event.code)) refusals.set(event.mid, { event, at, branch: branchByPeer.get(event.peer) ?? '0:' })
  }
  if (refusals.size === 0) return null
  for (const { mid, peer, atMs, at, branch } of shown) {
    const refusal = refusals.get(mid)
    if (refusal === undefined) continue
    const continues = !hasParts && at > refusal.at && termOf(branch) > termOf(refusal.branch)
    if (branch === refusal.branch || continues) return `${peer} at ${atMs} ms was given ${mid} on ${branch}, which ${refusal.event.peer} at ${refusal.event.atMs} ms was told is refused (${refusal.event.code})`
  }
  return null
}
