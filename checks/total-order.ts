// Owns the promise of one order: the seq rises, except across an announced reset, and no peer goes
// back to an earlier term. With agreement on what each seq is, all peers of a branch see the same
// messages in the same order.

import { branchOf, termOf, type Checker } from './checker.ts'

export const totalOrder: Checker = (history) => {
  const lastByPeer = new Map<string, number>()
  const branchByPeer = new Map<string, string>()
  for (const event of history) {
    const { peer, atMs } = event
    const branch = branchOf(event)
    const before = branchByPeer.get(peer)
    if (branch !== null) {
      if (before !== undefined && termOf(branch) < termOf(before))
        return `${peer} at ${atMs} ms is on ${branch}, and was on ${before} before`
      branchByPeer.set(peer, branch)
    }
    if (event.type === 'reset') lastByPeer.set(peer, event.headSeq ?? event.seq)
    if (event.type !== 'delivered') continue
    const last = lastByPeer.get(peer) ?? 0
    if (event.seq < last)
      return `${peer} at ${atMs} ms was given seq ${event.seq} after ${last}, and no reset said so`
    lastByPeer.set(peer, event.seq)
  }
  return null
}
