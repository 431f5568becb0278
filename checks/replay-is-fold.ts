// Owns the promise that what a replay answers is what the messages make: appends in order since the
// last replace, relays never, and at most one compaction in front, in the place of what it folded.
// A replace that a branch had ordered may yield, where that branch gives way. [RE3 RE4 RE5 MG5e]

import type { HistoryEvent, Retained } from './history.ts'
import { branchOf, entryOf, invokedByMid, type Checker, type EventOf } from './checker.ts'
import { lineageOf, type BranchLog, type Lineage } from './lineage.ts'
import { survivorsOf, type Survivors } from './survivors.ts'
import { foldsThatCame, takenBack, wasLeft } from './taken-back.ts'

/**
 * What a peer was given since it last had to forget; `seq` null while nobody can know where it
 * stands.
 */
type Stand = {
  seq: number | null
  readonly marks: { readonly atMs: number; readonly seq: number }[]
}

export const replayIsFold: Checker = (history) => {
  const fold = new Fold(history)
  const stands = new Map<string, Stand>()
  for (const event of history) {
    const stand = entryOf(stands, event.peer, (): Stand => ({ seq: null, marks: [] }))
    if (event.type === 'reset') {
      while (stand.marks.length > 0 && stand.marks.at(-1)!.seq > event.seq) stand.marks.pop()
      stand.seq = event.headSeq ?? null
    }
    if (event.type === 'delivered') {
      stand.seq = event.seq
      stand.marks.push(event)
    }
    const branch = branchOf(event)
    if (branch === null) continue
    if (event.type === 'replayed') {
      const low = event.askedAtMs === undefined ? stand.seq : lastUntil(stand, event.askedAtMs)
      const wrong = fold.wrongIn(branch, event, low ?? 0, stand.seq ?? Infinity)
      if (wrong !== null)
        return `${event.peer} at ${event.atMs} ms replays "${event.key}" after ${event.after} with ${wrong}`
    }
    if (event.type === 'final') {
      const wrong = fold.wrongAtEnd(branch, event)
      if (wrong !== null) return `${event.peer} ends with ${wrong}`
    }
  }
  return null
}

function lastUntil({ marks }: Stand, atMs: number): number {
  let low = 0
  let high = marks.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (marks[middle]!.atMs <= atMs) low = middle + 1
    else high = middle
  }
  return marks[low - 1]?.seq ?? 0
}

type Known = { readonly seq: number; readonly mid: string }

class Fold {
  readonly #takenBack: ReadonlySet<string>
  readonly #wasLeft: boolean
  /** The folds that came as messages. */
  readonly #folds: ReadonlySet<string>
  readonly #invoked: ReturnType<typeof invokedByMid>
  readonly #lineage: Lineage
  readonly #survivors: Survivors
  readonly #keys: ReadonlySet<string>

  constructor(history: readonly HistoryEvent[]) {
    this.#takenBack = takenBack(history)
    this.#wasLeft = wasLeft(history)
    this.#folds = foldsThatCame(history)
    this.#invoked = invokedByMid(history)
    this.#lineage = lineageOf(history)
    this.#survivors = survivorsOf(history)
    this.#keys = new Set(Array.from(this.#invoked.values(), ({ key }) => key))
  }

  /**
   * The state at some place between `low` and `high`, as far as the messages up to there are known.
   */
  wrongIn(
    branch: string,
    { key, after, entries }: Pick<EventOf<'replayed'>, 'key' | 'after' | 'entries'>,
    low: number,
    high: number,
    isEnd = false,
  ): string | null {
    for (let i = 1; i < entries.length; i++)
      if (entries[i]![0] <= entries[i - 1]![0])
        return `${show(entries[i])} after ${show(entries[i - 1])}`
    if (entries[0] !== undefined && entries[0][0] <= after)
      return `${show(entries[0])}, which is not after ${after}`
    if (entries.some((entry) => this.#isLeftBehind(entry))) return null
    const [folded, messages] = this.#isCompaction(entries[0])
      ? [entries[0]!, entries.slice(1)]
      : [null, entries]
    const behind = messages.find((message) => this.#isCompaction(message))
    if (behind !== undefined) return `the compaction ${show(behind)} behind messages`
    const relayed = messages.find(([, mid]) => this.#actionOf(mid) === 'relay')
    if (relayed !== undefined) return `${show(relayed)}, which was relayed only`
    const last = messages.at(-1)?.[0] ?? 0
    if (last > high) return `${show(messages.at(-1))}, and it was given nothing after ${high} yet`
    return this.#compare(
      this.#lineage.log(branch),
      key,
      after,
      folded,
      messages,
      Math.max(low, last),
      isEnd,
    )
  }

  wrongAtEnd(branch: string, { streams, lastSeq }: EventOf<'final'>): string | null {
    const byKey = new Map(streams)
    for (const key of new Set([...byKey.keys(), ...this.#keys])) {
      const wrong = this.wrongIn(
        branch,
        { key, after: 0, entries: byKey.get(key) ?? [] },
        lastSeq,
        lastSeq,
        true,
      )
      if (wrong !== null) return `${wrong} under "${key}"`
    }
    return null
  }

  #compare(
    log: BranchLog,
    key: string,
    after: number,
    folded: Retained | null,
    messages: readonly Retained[],
    at: number,
    isEnd: boolean,
  ): string | null {
    // At the end of a run some of it may be gone, with all who held it.
    const present = new Set(messages.map(([, mid]) => mid))
    const isGone = (mid: string) => isEnd && !present.has(mid) && !this.#survivors.have(mid)
    const known = log
      .ofKey(key, Math.max(0, log.knownFrom(at) - 1), at)
      .filter(({ mid }) => this.#isRetained(mid) && !isGone(mid))
    const replaces = known.filter(({ mid }) => this.#actionOf(mid) === 'replace')
    const wrongSince = (replaced: Known | undefined) =>
      this.#wrongSince(replaced, known, log, after, folded, messages, at)
    const wrong = wrongSince(replaces.at(-1))
    if (wrong === null) return null
    // Replaces that a branch had ordered may yield, the latest first.
    while (replaces.length > 0 && this.#takenBack.has(replaces.at(-1)!.mid)) {
      replaces.pop()
      if (wrongSince(replaces.at(-1)) === null) return null
    }
    return wrong
  }

  #wrongSince(
    replaced: Known | undefined,
    known: readonly Known[],
    log: BranchLog,
    after: number,
    folded: Retained | null,
    messages: readonly Retained[],
    at: number,
  ): string | null {
    const [first] = messages
    if (replaced !== undefined) {
      const older = [folded, first].find((message) => message && message[0] < replaced.seq)
      if (older) return `${show(older)}, which ${replaced.mid} as ${replaced.seq} replaced`
    }
    const from = Math.max(
      replaced === undefined ? log.knownFrom(at) - 1 : replaced.seq - 1,
      after,
      folded?.[0] ?? 0,
    )
    const expected = known.filter(({ seq }) => seq > from)
    const found = messages.filter(([seq]) => seq > from)
    for (let i = 0; i < Math.max(expected.length, found.length); i++) {
      const wanted = expected[i]
      if (wanted?.seq === found[i]?.[0] && wanted?.mid === found[i]?.[1]) continue
      const made = show(wanted && [wanted.seq, wanted.mid])
      return `${show(found[i])} where the messages up to ${at} make ${made}`
    }
    return null
  }

  #isCompaction(message: Retained | undefined): boolean {
    return message !== undefined && this.#actionOf(message[1]) === 'compact'
  }

  /**
   * A compaction that was delivered, or stands at another seq than it named, is a message that a
   * branch left behind, and what it folded is told nowhere. Its new seq may by chance be the one
   * that it named.
   */
  #isLeftBehind([seq, mid]: Retained): boolean {
    if (!this.#wasLeft || this.#actionOf(mid) !== 'compact') return false
    return this.#folds.has(mid) || this.#invoked.get(mid)?.seq !== seq
  }

  /** What nobody sent is another checker's business. */
  #isRetained(mid: string): boolean {
    const action = this.#actionOf(mid)
    return action === 'append' || action === 'replace'
  }

  #actionOf(mid: string): string | undefined {
    return this.#invoked.get(mid)?.action
  }
}

function show(message: Retained | undefined): string {
  return message === undefined ? 'nothing' : `${message[1]} as ${message[0]}`
}
