// Owns the promise that a room tells its app what its peer told the room: every message, reset and
// outcome once and in order; to each listener what the room holds from where it began; and of the
// room itself what it is. [RE5] It reads what simulated apps noted down, beside the history.

import type { HistoryEvent } from './history.ts'
import { invokedByMid, only } from './checker.ts'
import { ListenersOf } from './listeners.ts'
import type { Told, ToldStatus } from './told-to-app.ts'

/** `status`: what the room says of itself in the end; null for a page that has ended. */
export type RoomRecord = {
  readonly peer: string
  readonly name: string
  readonly told: readonly Told[]
  readonly status: ToldStatus | null
}

export function roomTold(
  records: readonly RoomRecord[],
  history: readonly HistoryEvent[],
): string | null {
  const invoked = invokedByMid(history)
  const finals = new Map(only(history, 'final').map((event) => [event.peer, event]))
  for (const record of records) {
    const events = history.filter(({ peer }) => peer === record.peer)
    const wrong =
      wrongInOrder(record.told, events) ??
      wrongOutcome(record.told, events) ??
      new ListenersOf(record.told, invoked).wrongWith(finals.get(record.peer)) ??
      wrongReplay(record.told) ??
      wrongStatus(record) ??
      wrongHost(record.told)
    if (wrong !== null) return `${record.name} ${wrong}`
  }
  return null
}

/** Messages, resets and conflicts come as the peer told them. */
function wrongInOrder(told: readonly Told[], events: readonly HistoryEvent[]): string | null {
  const heard = told.flatMap((item) => {
    switch (item.type) {
      case 'message':
        return item.listener === 0 ? [`${item.mid} as ${item.seq} under "${item.key}"`] : []
      case 'reset':
        return [`a reset of ${String(item.keys)} after ${item.seq}`]
      case 'conflict':
        return [`a conflict of ${item.mid} (${item.code})`]
      default:
        return []
    }
  })
  const said = events.flatMap((event) => {
    switch (event.type) {
      case 'delivered':
        return [`${event.mid} as ${event.seq} under "${event.key}"`]
      case 'reset':
        return [`a reset of ${String(event.keys)} after ${event.seq}`]
      case 'conflict':
        return [`a conflict of ${event.mid} (${event.code})`]
      default:
        return []
    }
  })
  const at = Array.from({ length: Math.max(heard.length, said.length) }).findIndex(
    (_, i) => heard[i] !== said[i],
  )
  if (at < 0) return null
  return `heard ${heard[at] ?? 'nothing'} where its peer told ${said[at] ?? 'nothing'}`
}

/** Each promise ends once, as the peer said. Where the peer said nothing the app has left. */
function wrongOutcome(told: readonly Told[], events: readonly HistoryEvent[]): string | null {
  const said = new Map<string, string>()
  for (const event of events) {
    if (event.type === 'acknowledged') said.set(event.mid, `acknowledged as ${event.seq}`)
    if (event.type === 'refused') said.set(event.mid, `refused (${event.code})`)
  }
  const ended = new Map<string, string>()
  for (const item of told) {
    if (item.type !== 'ended') continue
    const { mid, as } = item
    const before = ended.get(mid)
    if (before !== undefined) return `was told twice of ${mid}: ${before}, then ${as}`
    ended.set(mid, as)
    const expected = said.get(mid) ?? 'refused (closed)'
    if (as !== expected) return `was told that ${mid} is ${as}, where it was ${expected}`
  }
  const missing = [...said].find(([mid]) => !ended.has(mid))
  return missing === undefined ? null : `was never told that ${missing[0]} is ${missing[1]}`
}

function wrongReplay(told: readonly Told[]): string | null {
  for (const item of told) {
    if (item.type !== 'replayed' || item.is === item.was) continue
    return `was answered ${item.is} of "${item.key}", and its peer ${item.was}`
  }
  return null
}

function wrongStatus({ peer, told, status: last }: RoomRecord): string | null {
  let before: ToldStatus | null = null
  for (const item of told) {
    if (item.type === 'error') return `was told of an error: ${item.what}`
    if (item.type !== 'status') continue
    const { status } = item
    const text = JSON.stringify(status)
    if (before !== null && before.status === 'closed') return `was told ${text} after its end`
    if (before !== null && JSON.stringify(before) === text) return `was told ${text} twice`
    if (status.status === 'live' && status.hostId === null) return `is live without a host: ${text}`
    if (status.role === 'host' && status.hostId !== peer) return `hosts for another: ${text}`
    before = status
  }
  const ends = JSON.stringify(last)
  if (last === null || before === null || JSON.stringify(before) === ends) return null
  return `ends as ${ends}, and was told last of ${JSON.stringify(before)}`
}

function wrongHost(told: readonly Told[]): string | null {
  let hostId: string | null = null
  for (const item of told) {
    if (item.type !== 'host') continue
    const change = `${String(item.previousHostId)} to ${item.hostId} in term ${item.term}`
    if (item.previousHostId !== hostId) return `was told of ${change}, and its host was ${hostId}`
    if (item.hostId === hostId) return `was told of no change as one: ${change}`
    hostId = item.hostId
  }
  return null
}
