// Owns the promise that a term has one host. Where some could not reach the signaling service two
// may take the same term; then they are two branches, told apart by who hosts. A service that
// restarts knows what it is told: a term whose every witness went with it may be granted again; and
// so may all terms of a room of which it hears nothing any more, since its pages are gone, hung,
// frozen, or out of reach. Nobody says that it hosts what names another, nor hosts that was not to.

import { branchOf, entryOf, guestsIn, hostOf, termOf, type Checker } from './checker.ts'
import { isOfService, troublesOf, type Trouble } from './troubles.ts'
import { RoomLife } from './room-life.ts'

/** `witnesses`: the pages that named the branch, and have not ended. */
type Sight = {
  readonly host: string
  readonly peer: string
  readonly atMs: number
  readonly witnesses: Set<string>
}

export const oneHost: Checker = (history) => {
  const troubles = troublesOf(history)
  const guests = guestsIn(history)
  const sightsByTerm = new Map<number, Sight[]>()
  const life = new RoomLife()
  /** When nobody was left that the service could hear of. */
  let desertedAtMs = -Infinity
  for (const event of history) {
    const { peer, atMs } = event
    if (life.endsWith(event)) sightsByTerm.clear()
    if (event.type === 'ended')
      for (const sights of sightsByTerm.values())
        for (const { witnesses } of sights) witnesses.delete(peer)
    const mayDesert = event.type === 'ended' || event.type === 'fault'
    if (
      mayDesert &&
      life.live.size > 0 &&
      [...life.live].every((page) => troubles.some((trouble) => mayMute(trouble, page, atMs)))
    )
      desertedAtMs = atMs
    const branch = branchOf(event)
    if (branch === null) continue
    const host = hostOf(branch)
    if (event.type === 'hosting' && host !== peer)
      return `${peer} at ${atMs} ms says that it hosts ${branch}`
    if (event.type === 'hosting' && guests.has(peer))
      return `${peer} at ${atMs} ms hosts ${branch}, and was to host nothing`
    const sights = entryOf(sightsByTerm, termOf(branch), (): Sight[] => [])
    const known = sights.find((sight) => sight.host === host)
    if (known !== undefined) {
      known.witnesses.add(peer)
      continue
    }
    const other = sights.find(
      (sight) => sight.atMs > desertedAtMs && !isForgotten(sight, troubles, atMs),
    )
    const isBlindAt = (ms: number) => troubles.some((trouble) => lastsAt(trouble, ms))
    if (other !== undefined && ![other.atMs, atMs].some(isBlindAt)) {
      const before = `${other.host}, says ${other.peer} at ${other.atMs} ms`
      const now = `${host}, says ${peer} at ${atMs} ms`
      return `term ${termOf(branch)} has two hosts: ${now}, and ${before}`
    }
    sights.push({ host, peer, atMs, witnesses: new Set([peer]) })
  }
  return null
}

function isForgotten(sight: Sight, troubles: readonly Trouble[], atMs: number): boolean {
  const isSince = (ms: number) => sight.atMs <= ms && ms <= atMs
  return (
    sight.witnesses.size === 0 &&
    troubles.some(({ kind, fromMs }) => isOfService(kind) && isSince(fromMs))
  )
}

/** Whether the service may hear nothing of a page. */
function mayMute(trouble: Trouble, page: string, atMs: number): boolean {
  const { kind, peers, fromMs, healedAtMs } = trouble
  if (!peers.includes(page)) return false
  const isOn = fromMs <= atMs && atMs <= (healedAtMs ?? Infinity)
  const standsStill = kind === 'freeze' || kind === 'hang'
  return (standsStill && isOn) || lastsAt(trouble, atMs)
}

/** What was claimed out of the service's reach is still heard of while the parts meet. */
function lastsAt({ fromMs, blindUntilMs }: Trouble, atMs: number): boolean {
  return blindUntilMs !== null && fromMs <= atMs && atMs <= blindUntilMs
}
