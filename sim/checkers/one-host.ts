// Owns the promise that a term has one host. Where some could not reach the signaling service two may take the same
// term; then they are two branches, told apart by who hosts. Nobody says that it hosts what names another.

import { branchOf, hostOf, termOf, type Checker } from './checker.ts'
import { troublesOf, type Trouble } from './faults.ts'
import { RoomLife } from './room-life.ts'

type Sight = { readonly host: string; readonly peer: string; readonly atMs: number }

export const oneHost: Checker = (history) => {
  const troubles = troublesOf(history)
  const sightsByTerm = new Map<number, Sight[]>()
  const life = new RoomLife()
  for (const event of history) {
    const { peer, atMs } = event
    if (life.endsWith(event)) sightsByTerm.clear()
    const branch = branchOf(event)
    if (branch === null) continue
    const host = hostOf(branch)
    if (event.type === 'hosting' && host !== peer) return `${peer} at ${atMs} ms says that it hosts ${branch}`
    const sights = sightsByTerm.get(termOf(branch))
    if (sights === undefined) {
      sightsByTerm.set(termOf(branch), [{ host, peer, atMs }])
      continue
    }
    if (sights.some((sight) => sight.host === host)) continue
    const [first] = sights
    if (!troubles.some((trouble) => lastsAt(trouble, first!.atMs) || lastsAt(trouble, atMs))) return `term ${termOf(branch)} has two hosts: ${host}, says ${peer} at ${atMs} ms, and ${first!.host}, says ${first!.peer} at ${first!.atMs} ms`
    sights.push({ host, peer, atMs })
  }
  return null
}

/** What was claimed out of the service's reach is still heard of while the parts meet. */
function lastsAt({ fromMs, blindUntilMs }: Trouble, atMs: number): boolean {
  return blindUntilMs !== null && fromMs <= atMs && atMs <= blindUntilMs
}
