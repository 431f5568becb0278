// Owns a room that is right by construction: one log for each part of it, peers that stand
// somewhere in a log, and the history that their apps would write. It serves the tests of the
// checkers, and shares no code with what they check.

import type { HistoryEvent, Retained } from './history.ts'

type Action = 'append' | 'relay' | 'replace' | 'compact'
type Op = {
  readonly mid: string
  readonly author: string
  readonly number: number
  readonly action: Action
  readonly key: string
  readonly upTo: number
}
/**
 * `seq`: of a message its own, of anything else that of the message before. `code`: the op was
 * refused.
 */
type Entry = { readonly op: Op; readonly seq: number; readonly code: string | null }

/** A log as one host continued it, and who follows it. */
type Part = { term: number; host: string; log: Entry[]; members: Member[] }
/**
 * `at`: how many entries of its part's log it has. `since`: from which on its app was given them.
 */
type Member = {
  readonly id: string
  at: number
  numbers: number
  own: Op[]
  lastSeq: number
  hasHistory: boolean
  told: Map<string, 'acknowledged' | 'refused'>
}

type Said<Event = HistoryEvent> = Event extends { readonly peer: string }
  ? Omit<Event, 'atMs'>
  : never

export class ModelRoom {
  readonly history: HistoryEvent[] = []
  #nowMs = 0
  #joins = 0
  #parts: Part[] = []
  /** How much of their logs the two parts share. */
  #shared = 0
  /**
   * What a part had to take out of its log, in order; submitted again until it is in the log that
   * stands.
   */
  readonly #aside: Op[] = []

  get members(): readonly Member[] {
    return this.#parts.flatMap(({ members }) => members)
  }

  get isParted(): boolean {
    return this.#parts.length > 1
  }

  pass(ms: number): void {
    this.#nowMs += ms
  }

  join(): void {
    const id = `p${++this.#joins}`
    this.#say({ type: 'joined', peer: id })
    const part = this.#parts[0]
    const member: Member = {
      id,
      at: part?.log.length ?? 0,
      numbers: 0,
      own: [],
      lastSeq: seqOf(part?.log),
      hasHistory: false,
      told: new Map(),
    }
    if (part === undefined) {
      this.#parts.push({ term: 0, host: id, log: [], members: [member] })
      return this.#reign(this.#parts[0]!, id)
    }
    part.members.push(member)
    this.#say({ type: 'live', peer: id, branch: branchOf(part) })
  }

  invoke(member: Member, action: Action, key: string, back: number): void {
    const part = this.#partOf(member)
    const number = ++member.numbers
    // Now and then one beyond the end, to be refused.
    const upTo = Math.max(1, member.lastSeq - back)
    const op: Op = {
      mid: `${member.id}/${number}`,
      author: member.id,
      number,
      action,
      key,
      upTo: back === 7 ? seqOf(part.log) + 50 : upTo,
    }
    member.own.push(op)
    this.#say({
      type: 'invoked',
      peer: member.id,
      mid: op.mid,
      action,
      key,
      ...(action === 'compact' && { seq: op.upTo }),
    })
  }

  /** The host takes what this page has sent. */
  order(member: Member): void {
    const part = this.#partOf(member)
    this.#bringBack(part)
    for (const op of member.own) this.#take(part, op)
  }

  deliver(member: Member, count: number): void {
    const part = this.#partOf(member)
    for (const { op, seq, code } of part.log.slice(member.at, member.at + count)) {
      member.at++
      member.hasHistory = true
      if (op.action === 'compact' || code !== null) continue
      member.lastSeq = seq
      this.#say({
        type: 'delivered',
        peer: member.id,
        branch: branchOf(part),
        seq,
        key: op.key,
        mid: op.mid,
      })
    }
    this.#tellOutcomes(part, member)
  }

  /** It fell too far behind, and goes on from the head. */
  miss(member: Member): void {
    const part = this.#partOf(member)
    if (member.at === part.log.length) return
    this.#startOver(part, member, 'missed', member.lastSeq)
    this.#tellOutcomes(part, member)
  }

  replay(member: Member, key: string, after: number): void {
    const part = this.#partOf(member)
    const entries = fold(part.log.slice(0, member.at)).get(key) ?? []
    this.#say({
      type: 'replayed',
      peer: member.id,
      branch: branchOf(part),
      key,
      after,
      entries: entries.filter(([seq]) => seq > after),
    })
  }

  end(member: Member, how: 'crashed' | 'left'): void {
    const part = this.#partOf(member)
    if (part.members.length === 1) return
    this.#say({
      type: 'fault',
      peer: '',
      kind: how === 'crashed' ? 'crash' : 'leave',
      what: member.id,
      peers: [member.id],
    })
    this.#say({ type: 'ended', peer: member.id, how })
    part.members = part.members.filter((other) => other !== member)
    if (part.host !== member.id) return
    const heir = part.members.reduce((furthest, other) =>
      other.at > furthest.at ? other : furthest,
    )
    part.log = part.log.slice(0, heir.at)
    this.#shared = Math.min(this.#shared, part.log.length)
    this.#reign(part, heir.id)
  }

  /** The room falls apart, and each part goes on, out of signaling's reach. */
  split(keep: number): void {
    const [part] = this.#parts
    if (this.isParted || part === undefined || part.members.length < 2) return
    const others = part.members.filter(({ id }, i) => id !== part.host && (keep >> i) % 2 === 0)
    if (others.length === 0) return
    this.#say({
      type: 'fault',
      peer: '',
      kind: 'partition',
      what: `without ${part.host}`,
      peers: part.members.map(({ id }) => id),
      signaling: 'unreachable',
    })
    const heir = others.reduce((furthest, other) => (other.at > furthest.at ? other : furthest))
    part.members = part.members.filter((member) => !others.includes(member))
    this.#shared = heir.at
    const other: Part = {
      term: part.term,
      host: heir.id,
      log: part.log.slice(0, heir.at),
      members: others,
    }
    this.#parts.push(other)
    this.#reign(other, heir.id)
  }

  /**
   * The parts meet: the larger one's log stands, and what the other had besides is submitted again.
   * [MG5]
   */
  heal(): void {
    const [winner, loser] = [...this.#parts].sort((a, b) => b.members.length - a.members.length)
    if (winner === undefined || loser === undefined) return
    // What a host has ordered it holds, whatever its app was given until now.
    for (const { host, members } of this.#parts)
      this.deliver(
        members.find(({ id }) => id === host)!,
        Infinity,
      )
    this.#say({ type: 'healed', peer: '', kind: 'partition' })
    const surplus = loser.log.slice(this.#shared)
    const joined: Part = {
      term: Math.max(winner.term, loser.term),
      host: winner.host,
      log: winner.log,
      members: winner.members,
    }
    this.#parts = [joined]
    this.#reign(joined, joined.host)
    for (const member of loser.members) {
      joined.members.push(member)
      const commonSeq = seqOf(loser.log.slice(0, this.#shared))
      if (member.at > this.#shared)
        this.#startOver(joined, member, 'rewound', Math.min(commonSeq, member.lastSeq))
      this.#say({ type: 'live', peer: member.id, branch: branchOf(joined) })
    }
    this.#aside.push(...surplus.map(({ op }) => op))
    this.#bringBack(joined)
  }

  /** Everything heals, and long after each shows what it has. */
  finish(): void {
    this.heal()
    for (const member of this.members) this.order(member)
    // Twice: what the last one holds makes the others' receipts safe.
    for (const _ of [1, 2]) for (const member of this.members) this.deliver(member, Infinity)
    this.pass(30_000)
    for (const { id } of this.members) this.#say({ type: 'quiet', peer: id, pending: 0 })
    for (const [i, { id, lastSeq }] of this.members.entries()) {
      const part = this.#parts[0]!
      const streams = [...fold(part.log)]
      this.#say({ type: 'sample', peer: id, what: 'tail', bytes: 100 * part.log.length })
      // In which order keys come nobody promises.
      this.#say({
        type: 'final',
        peer: id,
        branch: branchOf(part),
        lastSeq,
        pending: 0,
        streams: i % 2 === 0 ? streams : streams.reverse(),
      })
    }
  }

  #bringBack(part: Part): void {
    for (const op of this.#aside) {
      const refusal = this.#take(part, op, op.action === 'compact' ? 'compact-outdated' : null)
      const author = part.members.find(({ id }) => id === op.author)
      if (refusal === null || author?.told.get(op.mid) !== 'acknowledged') continue
      author.told.set(op.mid, 'refused')
      this.#say({ type: 'conflict', peer: op.author, mid: op.mid, code: refusal })
    }
  }

  #partOf(member: Member): Part {
    return this.#parts.find(({ members }) => members.includes(member))!
  }

  #reign(part: Part, host: string): void {
    part.term++
    part.host = host
    this.#say({ type: 'hosting', peer: host, branch: branchOf(part) })
    for (const { id } of part.members) this.#say({ type: 'live', peer: id, branch: branchOf(part) })
  }

  /**
   * Takes an author's next number once, as a refusal where there is a reason; answers with the
   * reason.
   */
  #take(part: Part, op: Op, refusal: string | null = null): string | null {
    const last = part.log.findLast(({ op: { author } }) => author === op.author)?.op.number ?? 0
    if (op.number !== last + 1) return null
    const head = seqOf(part.log)
    const isOutOfRange = op.action === 'compact' && op.upTo > head
    const code = refusal ?? (isOutOfRange ? 'compact-out-of-range' : null)
    const isMessage = code === null && op.action !== 'compact'
    part.log.push({ op, seq: isMessage ? head + 1 : head, code })
    return code
  }

  /** Tells it of its operations that it has, and that another has beside the host. */
  #tellOutcomes(part: Part, member: Member): void {
    for (const op of [...member.own]) {
      const index = part.log.findIndex(({ op: { mid } }) => mid === op.mid)
      const held = part.members
        .filter(({ id, at }) => id === part.host || at > index)
        .map(({ id }) => id)
      const hasIt = index !== -1 && index < member.at
      const isSafe = held.length > 1 || part.members.length === 1
      if (!hasIt || !isSafe) return
      const { seq, code } = part.log[index]!
      member.own.shift()
      member.told.set(op.mid, code === null ? 'acknowledged' : 'refused')
      if (code === null)
        this.#say({
          type: 'acknowledged',
          peer: member.id,
          mid: op.mid,
          seq: op.action === 'compact' ? op.upTo : seq,
          held,
        })
      else this.#say({ type: 'refused', peer: member.id, mid: op.mid, code })
    }
  }

  #startOver(part: Part, member: Member, reason: 'missed' | 'rewound', seq: number): void {
    const headSeq = seqOf(part.log)
    // One that was given nothing yet has missed nothing.
    if (member.hasHistory)
      this.#say({
        type: 'reset',
        peer: member.id,
        seq,
        headSeq,
        keys: 'all',
        reason,
        avoidable: false,
      })
    member.hasHistory = true
    member.at = part.log.length
    member.lastSeq = headSeq
  }

  #say(event: Said): void {
    this.history.push({ atMs: this.#nowMs, ...event } as HistoryEvent)
  }
}

function branchOf({ term, host }: Part): string {
  return `${term}:${host}`
}

function seqOf(log: readonly Entry[] | undefined): number {
  return log?.at(-1)?.seq ?? 0
}

function fold(log: readonly Entry[]): Map<string, Retained[]> {
  const streams = new Map<string, Retained[]>()
  for (const { op, seq, code } of log) {
    if (code !== null || op.action === 'relay') continue
    const stream = streams.get(op.key) ?? []
    const rest = stream.filter(([place]) => place > op.upTo)
    if (op.action === 'append') streams.set(op.key, [...stream, [seq, op.mid]])
    else if (op.action === 'replace') streams.set(op.key, [[seq, op.mid]])
    else if (rest.length < stream.length) streams.set(op.key, [[op.upTo, op.mid], ...rest])
  }
  return streams
}
