// Owns one checker per guarantee. Each reads the histories of all peers and answers with the first thing
// that breaks its promise, or null.

import type { HistoryEvent } from './history.ts'

export type Checker = (history: readonly HistoryEvent[]) => string | null

type Of<Type extends HistoryEvent['type']> = Extract<HistoryEvent, { type: Type }>

function only<Type extends HistoryEvent['type']>(history: readonly HistoryEvent[], type: Type): Of<Type>[] {
  return history.filter((event): event is Of<Type> => event.type === type)
}

/** Nothing appears that nobody sent, and it appears as it was sent. */
export const noCreation: Checker = (history) => {
  const keyByMid = new Map(only(history, 'invoked').map(({ mid, key }) => [mid, key]))
  for (const { peer, mid, key, atMs } of only(history, 'delivered')) {
    if (keyByMid.get(mid) !== key) return `${peer} at ${atMs} ms was given ${mid} under "${key}", which nobody sent there`
  }
  return null
}

/** A message is given once, through retries, reconnects and migrations. */
export const noDuplicates: Checker = (history) => {
  const seenByPeer = new Map<string, Map<string, number>>()
  for (const event of history) {
    const seen = seenByPeer.get(event.peer) ?? new Map<string, number>()
    seenByPeer.set(event.peer, seen)
    if (event.type === 'reset') for (const [mid, seq] of seen) if (seq > event.seq) seen.delete(mid)
    if (event.type === 'delivered') {
      if (seen.has(event.mid)) return `${event.peer} at ${event.atMs} ms was given ${event.mid} twice, as ${seen.get(event.mid)} and ${event.seq}`
      seen.set(event.mid, event.seq)
    }
    if (event.type === 'final') {
      const mids = event.streams.flatMap(([, messages]) => messages.map(([, mid]) => mid))
      if (new Set(mids).size !== mids.length) return `${event.peer} ends with a message twice in its streams`
    }
  }
  return null
}

/** One place, one message: within a reign every peer is given the same under the same seq. */
export const agreement: Checker = (history) => {
  const midByPlace = new Map<string, string>()
  for (const { branch, seq, mid, peer, atMs } of only(history, 'delivered')) {
    const place = `${branch} ${seq}`
    const before = midByPlace.get(place)
    if (before !== undefined && before !== mid) return `${peer} at ${atMs} ms was given ${mid} at ${place}, where another was given ${before}`
    midByPlace.set(place, mid)
  }
  return null
}

/** No gap and no step back, except across an announced reset. */
export const noGaps: Checker = (history) => {
  const nextByPeer = new Map<string, number>()
  for (const event of history) {
    if (event.type === 'reset') {
      if (event.headSeq === undefined) nextByPeer.delete(event.peer)
      else nextByPeer.set(event.peer, event.headSeq + 1)
    }
    if (event.type !== 'delivered') continue
    const next = nextByPeer.get(event.peer) ?? event.seq
    if (event.seq !== next) return `${event.peer} at ${event.atMs} ms was given seq ${event.seq} in the place of ${next}`
    nextByPeer.set(event.peer, event.seq + 1)
  }
  return null
}

/** Each author's messages come in the order in which it sent them. */
export const authorOrder: Checker = (history) => {
  const givenByPeer = new Map<string, { seq: number; author: string; number: number }[]>()
  const lastByPeer = new Map<string, Map<string, number>>()
  for (const event of history) {
    const given = givenByPeer.get(event.peer) ?? []
    if (event.type === 'reset') {
      const standing = given.filter(({ seq }) => seq <= event.seq)
      givenByPeer.set(event.peer, standing)
      lastByPeer.set(event.peer, new Map(standing.map(({ author, number }) => [author, number])))
    }
    if (event.type !== 'delivered') continue
    const [author, number] = event.mid.split('/') as [string, string]
    const last = lastByPeer.get(event.peer) ?? new Map<string, number>()
    if (Number(number) <= (last.get(author) ?? 0)) return `${event.peer} at ${event.atMs} ms was given ${event.mid} after ${author}/${last.get(author)}`
    lastByPeer.set(event.peer, last.set(author, Number(number)))
    givenByPeer.set(event.peer, given)
    given.push({ seq: event.seq, author, number: Number(number) })
  }
  return null
}

/** What was acknowledged is in the end state, while one peer that held it lives. Only append-only keys tell. [MG4] */
export const kept: Checker = (history) => {
  const ended = new Set(only(history, 'ended').map(({ peer }) => peer))
  const keyByMid = new Map(only(history, 'invoked').filter(({ action, key }) => action === 'append' && key.startsWith('log')).map(({ mid, key }) => [mid, key]))
  const finals = only(history, 'final').map(({ peer, streams }) => ({ peer, mids: new Set(streams.flatMap(([key, messages]) => messages.map(([, mid]) => `${key} ${mid}`))) }))
  for (const { mid, held, atMs, seq } of only(history, 'acknowledged')) {
    const key = keyByMid.get(mid)
    if (key === undefined || held?.every((peer) => ended.has(peer))) continue
    for (const { peer, mids } of finals) {
      if (!mids.has(`${key} ${mid}`)) return `${mid} was acknowledged at ${atMs} ms as ${seq} and is not in ${peer}'s end state, though a holder of [${held?.join(' ') ?? ''}] lives`
    }
  }
  return null
}

/** Once everything has healed there is one reign, one state, and nobody waits. */
export const converged: Checker = (history) => {
  const [first, ...others] = only(history, 'final')
  if (first === undefined) return 'nobody is left to compare'
  const image = JSON.stringify([...first.streams].sort(([a], [b]) => (a < b ? -1 : 1)))
  for (const other of [first, ...others]) {
    if (other.pending > 0) return `${other.peer} still waits for ${other.pending} receipts`
    if (other.branch !== first.branch) return `${other.peer} follows ${other.branch}, ${first.peer} follows ${first.branch}`
    if (other.lastSeq !== first.lastSeq) return `${other.peer} ends at seq ${other.lastSeq}, ${first.peer} at ${first.lastSeq}`
    if (JSON.stringify([...other.streams].sort(([a], [b]) => (a < b ? -1 : 1))) !== image) return `${other.peer} and ${first.peer} end with different streams`
  }
  return null
}

/** Nobody waits for ever, not even where nothing else happens that might wake the room. [MG6] */
export const noneForgotten: Checker = (history) => {
  const waiting = only(history, 'quiet').find(({ pending }) => pending > 0)
  return waiting === undefined ? null : `${waiting.peer} still waits for ${waiting.pending} receipts in a room that has long been quiet`
}

/** What a peer was given survives a change of host, if the new host could ask that peer. [MG2] */
export const nothingTakenBack: Checker = (history) => {
  const rewound = only(history, 'reset').find(({ reason, avoidable }) => reason === 'rewound' && avoidable)
  return rewound === undefined ? null : `${rewound.peer} at ${rewound.atMs} ms had to forget what came after seq ${rewound.seq}, though its new host could have asked it`
}

/** Every operation has one outcome at most. */
export const oneOutcome: Checker = (history) => {
  const outcomes = new Set<string>()
  for (const event of history) {
    if (event.type !== 'acknowledged' && event.type !== 'refused') continue
    if (outcomes.has(event.mid)) return `${event.mid} has two outcomes`
    outcomes.add(event.mid)
  }
  return null
}

export const CHECKERS: { readonly [name: string]: Checker } = { noCreation, noDuplicates, agreement, noGaps, authorOrder, kept, converged, noneForgotten, nothingTakenBack, oneOutcome }
