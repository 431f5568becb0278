// Owns what is written down of a run: the history that checkers read, and a timeline for people. It
// decides nothing, and what it writes an app could have seen.

import type { Action } from '../protocol/entry.ts'
import type { OpId, PeerId } from '../protocol/ids.ts'
import type { FromSignaling, ToSignaling } from '../protocol/signals.ts'
import type { HistoryEvent, TroubleKind } from '../checks/history.ts'
import type { App, AppNews, AskedReplay } from './app.ts'
import type { Written } from './disk.ts'
import type { Marks } from './marks.ts'
import { branchOf, type Page } from './page.ts'
import { midIn, retainedIn, type Streams } from './said.ts'
import type { Scheduler } from './scheduler.ts'

type NewsOf<Type extends AppNews['type']> = Extract<AppNews, { type: Type }>
type Op = {
  readonly mid: string
  readonly action: Action
  readonly key: string
  readonly seq?: number
}
/** `forMs`: until it is over, where that is known. */
type TroubleDetails = { readonly forMs?: number; readonly signaling?: 'unreachable' }

export class Scribe {
  readonly history: HistoryEvent[] = []
  /** One line an event; null where nobody will read it. */
  readonly timeline: string[] | null
  readonly #scheduler: Scheduler
  readonly #marks: Marks
  readonly #pageOf: (id: PeerId) => Page | undefined
  readonly #connected = new Set<Page>()
  /** They came back with their copies, and are not live yet. */
  readonly #cameBack = new Set<Page>()

  constructor(
    scheduler: Scheduler,
    marks: Marks,
    pageOf: (id: PeerId) => Page | undefined,
    withTimeline: boolean,
  ) {
    this.#scheduler = scheduler
    this.#marks = marks
    this.#pageOf = pageOf
    this.timeline = withTimeline ? [] : null
  }

  get #nowMs(): number {
    return this.#scheduler.nowMs
  }

  // --- pages ---

  /** `copy`: what it has opened. */
  joined(page: Page, copy: Written | null): void {
    const { canHost, durability, partition } = page.options
    if (copy !== null && page.peer.held > 0) this.#cameBack.add(page)
    this.#write({
      ...this.#by(page),
      type: 'joined',
      ...(!canHost && { canHost }),
      ...(durability === 'host' && { durability }),
      ...(partition === 'pause' && { partition }),
      ...(copy !== null && {
        opened: { life: copy.by, seq: page.peer.lastSeq, atMs: copy.atMs },
      }),
    })
  }

  ended(page: Page, how: 'crashed' | 'left'): void {
    this.#write({ ...this.#by(page), type: 'ended', how })
  }

  /** Asked after every input of the page: written when it changes. */
  signaling(page: Page): void {
    const isConnected = page.peer.signalingUp
    if (isConnected === this.#connected.has(page)) return
    if (isConnected) this.#connected.add(page)
    else this.#connected.delete(page)
    const status = isConnected ? 'connected' : 'disconnected'
    this.#write({ ...this.#by(page), type: 'signaling', status })
  }

  /** Long after the last fault: who still waits would wait for ever. */
  quiet(page: Page): void {
    this.#write({ ...this.#by(page), type: 'quiet', pending: page.peer.pending })
  }

  /** What the room is for this page. */
  final(page: Page, streams: Streams): void {
    const { pending, lastSeq } = page.peer
    const branch = branchOf(page)
    this.#write({
      ...this.#by(page),
      type: 'final',
      branch,
      lastSeq,
      pending,
      streams: [...streams],
    })
  }

  // --- what apps do and see ---

  invoked(page: Page, { mid, action, key, seq }: Op): void {
    const placed = seq === undefined ? {} : { seq }
    const { atMs, peer } = this.#by(page)
    this.#write({ atMs, peer, type: 'invoked', mid, action, key, ...placed })
  }

  /** What a page's app is told. `couldBeAsked`: whether its new host could have asked this page. */
  news(page: Page, news: AppNews, app: App, couldBeAsked: () => boolean): void {
    switch (news.type) {
      case 'deliver':
        return this.#delivered(page, news)
      case 'outcome':
        return this.#outcome(page, news, app)
      case 'replayed':
        return this.#replayed(page, news, app.askedBy(news.request))
      case 'reset':
        return this.#reset(page, news, couldBeAsked())
      case 'live':
        return this.#live(page, news)
      case 'roster':
        return
    }
  }

  /** By the room itself: its peer never knew of the operation. */
  refused(page: Page, mid: string, code: string): void {
    this.#write({ ...this.#by(page), type: 'refused', mid, code })
  }

  #delivered(page: Page, { messages }: NewsOf<'deliver'>): void {
    const branch = branchOf(page)
    // Not spread: there are so many of them that it counts.
    const { atMs, peer } = this.#by(page)
    for (const { key, seq, value } of messages) {
      const mid = midIn(value)
      this.#write({ atMs, peer, type: 'delivered', branch, seq, key, mid })
    }
  }

  #outcome(page: Page, { outcome }: NewsOf<'outcome'>, app: App): void {
    if (outcome.type === 'conflict') {
      const { op, type, code } = outcome
      return this.#write({ ...this.#by(page), type, mid: midIn(op.value), code })
    }
    const mid = app.midOf(outcome.ticket)
    if (outcome.type === 'refused') {
      const { type, code } = outcome
      return this.#write({ ...this.#by(page), type, mid, code, branch: branchOf(page) })
    }
    const { seq, opId } = outcome
    const held = holdersOf(opId, page, this.#pageOf)
    const { inSync } = page.peer.replica
    if (inSync.length > 0 && !inSync.some((standby) => held.includes(standby)))
      this.#marks.add('a receipt came before any standby held it')
    const isToPause = page.options.partition === 'pause' && page.peer.isHosting
    const alone = isToPause ? { aloneMs: page.clock.at(this.#nowMs) - page.heardAtMs } : {}
    const { atMs, peer } = this.#by(page)
    this.#write({ atMs, peer, type: 'acknowledged', mid, seq, held, ...alone })
  }

  #replayed(page: Page, { items }: NewsOf<'replayed'>, asked: AskedReplay): void {
    if (this.#mayAnswerInPart(page)) return
    const branch = branchOf(page)
    const { queries, askedAtMs } = asked
    for (const { key, after } of queries) {
      const entries = items
        .filter((item) => item.key === key)
        .flatMap(retainedIn)
        .filter(([seq]) => seq > after)
      this.#write({ ...this.#by(page), type: 'replayed', branch, key, after, entries, askedAtMs })
    }
  }

  /** A host that had to begin without the streams answers with what it has. [EL5b] */
  #mayAnswerInPart({ peer: { claim } }: Page): boolean {
    return claim === null || this.#pageOf(claim.host)?.peer.replica.lacks.length !== 0
  }

  #reset(page: Page, reset: NewsOf<'reset'>, avoidable: boolean): void {
    const { seq, headSeq, keys, reason } = reset
    this.note(page, `is told of a reset after ${seq}: ${reason}`)
    this.#write({ ...this.#by(page), type: 'reset', seq, headSeq, keys, reason, avoidable })
  }

  #live(page: Page, { claim }: NewsOf<'live'>): void {
    const branch = branchOf(page)
    const isHost = claim.host === page.id
    this.note(page, `is live under ${claim.term}${isHost ? ', hosting' : ''}`)
    const cameBack = this.#cameBack.delete(page)
    const seq = cameBack ? { seq: page.peer.lastSeq } : {}
    this.#write({ ...this.#by(page), type: 'live', branch, ...seq })
    if (isHost) this.#write({ ...this.#by(page), type: 'hosting', branch })
  }

  // --- what is done to the room ---

  trouble(
    kind: TroubleKind,
    pages: readonly Page[],
    { forMs, signaling }: TroubleDetails = {},
  ): void {
    const what = `${kind} ${this.history.length}`
    this.#write({
      ...this.#byNobody,
      type: 'fault',
      kind,
      what,
      ...(pages.length > 0 && { peers: pages.map(({ id }) => id) }),
      ...(signaling && { signaling }),
    })
    if (forMs === undefined) return
    this.#scheduler.after(forMs, () =>
      this.#write({ ...this.#byNobody, type: 'healed', kind, what }),
    )
  }

  allHealed(): void {
    this.#write({ ...this.#byNobody, type: 'healed' })
  }

  // --- for people ---

  note(page: Page | null, text: string): void {
    this.timeline?.push(`${this.#nowMs} ${page?.name ?? '--'} ${text}`)
  }

  noteSignal(page: Page, says: string, message: ToSignaling | FromSignaling): void {
    if (this.timeline === null || isCommon(message)) return
    const { type, ...fields } = message
    const names = JSON.stringify(fields).replaceAll(
      /"([\w-]{22})"/g,
      (_, id: string) => this.#pageOf(id as PeerId)?.name ?? id,
    )
    this.note(page, `${says}: ${type} ${names}`)
  }

  #by(page: Page): { readonly atMs: number; readonly peer: string } {
    return { atMs: this.#nowMs, peer: page.id }
  }

  get #byNobody(): { readonly atMs: number; readonly peer: string } {
    return { atMs: this.#nowMs, peer: '' }
  }

  #write(event: HistoryEvent): void {
    this.history.push(event)
    this.#marks.noted(event)
  }
}

/** Signals of which every room has hundreds. */
function isCommon({ type }: ToSignaling | FromSignaling): boolean {
  return type === 'heartbeat' || type === 'know' || type.startsWith('peer-')
}

/**
 * Who holds an op when its sender is told so: the host and its standbys, at their word. A sender
 * that catches up is told before it has heard of the latest standbys. Then all that it or its host
 * names count, if they do hold the op.
 */
function holdersOf(opId: OpId, sender: Page, pageOf: (id: PeerId) => Page | undefined): PeerId[] {
  const { claim, replica } = sender.peer
  const holds = (peer: PeerId) => pageOf(peer)?.peer.replica.ops.has(sender.id, opId) === true
  const told = [claim!.host, ...replica.inSync]
  if (sender.options.durability === 'host') return [...new Set([...told, sender.id])].filter(holds)
  const host = pageOf(claim!.host)
  const standbys = host?.alive ? host.peer.replica.inSync : replica.inSync
  if (standbys.join() === replica.inSync.join()) return told
  return [...new Set([...told, ...standbys])].filter(holds)
}
