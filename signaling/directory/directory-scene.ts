// A stage for tests of the directory: peers by name, time by hand, and what each of them was told.

import { NO_TERM, type Claim, type PeerId, type Term, type Topic } from '../../protocol/ids.ts'
import { PROTOCOL_VERSION } from '../../protocol/limits.ts'
import type { ClaimReason, DeniedWhy, FromSignaling, ToSignaling } from '../../protocol/signals.ts'
import type { ConnectionId } from './directory-io.ts'
import { Directory } from './directory.ts'
import type { Limits } from './service-limits.ts'

export const TOPIC = topic('room')

export function topic(name: string): Topic {
  return name.padEnd(22, '-') as Topic
}

export function peerId(name: string): PeerId {
  return name.padEnd(22, '_') as PeerId
}

export function claimOf(term: number, name: string): Claim {
  return { term: term as Term, host: peerId(name) }
}

export function denied(
  term: number,
  why: DeniedWhy,
  claim: Claim | null,
  retryMs = 0,
): FromSignaling {
  return { type: 'denied', term: term as Term, why, claim, retryMs }
}

export type JoinOptions = {
  readonly claim?: Claim | null
  readonly held?: Term
  readonly topic?: Topic
  readonly address?: string
  readonly version?: number
}

/** One connection's end of the scene. */
export class Actor {
  readonly connection: ConnectionId
  readonly peer: PeerId
  readonly received: FromSignaling[] = []
  closedWith: { readonly code: number; readonly reason: string } | null = null
  readonly #scene: DirectoryScene

  constructor(scene: DirectoryScene, connection: ConnectionId, name: string) {
    this.#scene = scene
    this.connection = connection
    this.peer = peerId(name)
  }

  join(options: JoinOptions = {}): void {
    const { topic = TOPIC, claim = null, held = NO_TERM, version = PROTOCOL_VERSION } = options
    this.send({ type: 'join', version, topic, peer: this.peer, secret: this.peer, claim, held })
  }

  send(message: ToSignaling): void {
    this.#scene.happened({ type: 'received', connection: this.connection, message })
  }

  claim(term: number, reason: ClaimReason): void {
    this.send({ type: 'claim', term: term as Term, reason })
  }

  suspect(term: number, suspected = true): void {
    this.send({ type: 'suspect', term: term as Term, suspected })
  }

  alive(term: number): void {
    this.send({ type: 'alive', term: term as Term })
  }

  close(): void {
    this.#scene.happened({ type: 'closed', connection: this.connection })
  }

  /** What it was told since the last call. */
  heard(): FromSignaling[] {
    return this.received.splice(0)
  }

  /** Of that, what is about who leads, without the comings and goings. */
  verdicts(): FromSignaling[] {
    return this.heard().filter(
      ({ type }) => type === 'host' || type === 'denied' || type === 'challenge',
    )
  }
}

export class DirectoryScene {
  readonly directory: Directory
  nowMs = 0
  readonly #actors = new Map<ConnectionId, Actor>()

  /** A service that started long ago, unless told otherwise. */
  constructor(limits: Partial<Limits> = {}, { justStarted = false } = {}) {
    this.directory = new Directory(this.nowMs, limits)
    if (!justStarted) this.nowMs = 100_000
  }

  open(name: string, address = '10.0.0.1'): Actor {
    const actor = new Actor(this, this.#actors.size + 1, name)
    this.#actors.set(actor.connection, actor)
    this.happened({ type: 'opened', connection: actor.connection, address })
    return actor
  }

  join(name: string, options: JoinOptions = {}): Actor {
    const actor = this.open(name, options.address)
    actor.join(options)
    return actor
  }

  /** A room of these peers, hosted by the first in term 1 and followed by the others. Nobody has more to hear. */
  room<const Names extends readonly [string, ...string[]]>(
    ...names: Names
  ): { readonly [Name in Names[number]]: Actor } {
    const actors = names.map((name) => this.join(name))
    actors[0]?.claim(1, 'vacant')
    for (const actor of actors) actor.send({ type: 'know', claim: claimOf(1, names[0]) })
    for (const actor of actors) actor.heard()
    return Object.fromEntries(names.map((name, i) => [name, actors[i]])) as {
      [Name in Names[number]]: Actor
    }
  }

  /** Lets time pass, waking the directory whenever it asked for it. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms
    for (;;) {
      const wakeAtMs = this.directory.nextWakeAt()
      if (wakeAtMs === null || wakeAtMs > untilMs) break
      if (wakeAtMs < this.nowMs)
        throw new Error(
          `the directory asks to be woken at ${wakeAtMs}, which is past at ${this.nowMs}`,
        )
      this.nowMs = wakeAtMs
      this.happened({ type: 'ticked' })
      if (this.directory.nextWakeAt() === wakeAtMs)
        throw new Error(`the directory asks to be woken at ${wakeAtMs} over and over`)
    }
    this.nowMs = untilMs
  }

  happened(input: Parameters<Directory['handle']>[0]): void {
    for (const output of this.directory.handle(input, this.nowMs)) {
      const actor = this.#actors.get(output.connection)
      if (actor === undefined)
        throw new Error(`an order for connection ${output.connection}, which nobody opened`)
      if (actor.closedWith !== null)
        throw new Error(`an order for connection ${output.connection} after its close`)
      if (output.type === 'send') actor.received.push(output.message)
      else actor.closedWith = { code: output.code, reason: output.reason }
    }
  }
}
