// A stage for tests of the host role: a host with the clock in the test's hands. Followers are named by letters.

import { expect } from 'vitest'
import type { Claim, Index, OpId, PeerId, Seq, Term } from '../protocol/ids.ts'
import type { Entry, MessageAction, Op } from '../protocol/entry.ts'
import type { FrameBody, Position } from '../protocol/frames.ts'
import { letter, peer } from '../protocol/testing-ids.ts'
import type { Replica } from '../replica/replica.ts'
import type { Hello } from './follower.ts'
import { HostRole, type HostOutput } from './host-role.ts'
import { emptyReplica, writerOf } from '../replica/testing-words.ts'

export const CLAIM: Claim = { term: 4 as Term, host: peer('h') }
export const BEFORE: Claim = { term: 3 as Term, host: peer('g') }
export const UNKNOWN: Claim = { term: 3 as Term, host: peer('x') }

export type Body<Type extends FrameBody['type']> = Extract<FrameBody, { type: Type }>

export function op(
  author: string,
  opId: number,
  key = 'k',
  size = 1,
  action: MessageAction = 'append',
): Op {
  return {
    action,
    author: peer(author),
    opId: opId as OpId,
    key,
    value: new Uint8Array(size).fill(opId),
  }
}

export function compaction(author: string, opId: number, seq: number, basis = CLAIM): Op {
  return {
    action: 'compact',
    author: peer(author),
    opId: opId as OpId,
    key: 'k',
    value: Uint8Array.of(255),
    seq: seq as Seq,
    basis,
  }
}

export const at = (claim: Claim, index: number): Position => ({ claim, index: index as Index })

/** A host `h` with the clock in the test's hands; followers are named by letters. */
export class HostingScene {
  readonly replica: Replica
  readonly role: HostRole
  nowMs = 0
  readonly #nonces = new Map<string, number>()
  readonly #got: { readonly to: string; readonly body: FrameBody }[] = []
  readonly dropped: PeerId[] = []

  readonly relayed = new Set<PeerId>()
  /** Who was told of messages of its own by their places alone. */
  readonly taken: string[] = []

  constructor(seniority = '', replica = emptyReplica(true)) {
    this.replica = replica
    this.role = new HostRole(
      peer('h'),
      CLAIM,
      writerOf(this.replica),
      [...seniority].map(peer),
      (other) => this.relayed.has(other),
    )
  }

  /** Leading from the start, with each of these a complete follower at the end of the log. */
  static leading(followers = '', seniority = ''): HostingScene {
    const scene = new HostingScene(seniority)
    scene.carry(scene.role.lead([], [], 0))
    for (const name of `h${followers}`) scene.joins(name)
    scene.catchUp(followers)
    return scene
  }

  /** A reign of `g` has left this many messages in the log when `h` begins its own, greeted by these before. */
  static succeeding(
    messages: number,
    greeters: readonly (readonly [string, Partial<Hello>])[] = [],
    seniority = '',
  ): HostingScene {
    const scene = new HostingScene(seniority)
    writerOf(scene.replica).append({ type: 'reign', index: 1 as Index, claim: BEFORE, inSync: [] })
    for (let n = 1; n <= messages; n++)
      writerOf(scene.replica).append({
        type: 'message',
        index: (n + 1) as Index,
        seq: n as Seq,
        op: op('a', n) as Extract<Entry, { type: 'message' }>['op'],
      })
    scene.carry(
      scene.role.lead(
        greeters.map(([name, more]) => ({ from: peer(name), hello: scene.hello(name, more) })),
        [],
        0,
      ),
    )
    return scene
  }

  carry(outputs: readonly HostOutput[]): void {
    for (const output of outputs) {
      if (output.type === 'dropped') this.dropped.push(output.peer)
      else for (const to of output.to) this.#arrive(letter(to)!, output.body)
    }
  }

  /** An author that is told the places of its own messages has their entries. */
  #arrive(to: string, body: FrameBody): void {
    if (body.type !== 'taken') {
      this.#got.push({ to, body })
      return
    }
    const { stable, index, count, seq, opId } = body
    const entries = this.replica.log.after((index - 1) as Index, count)
    const isKept = this.replica.log.reachesBackTo((index - 1) as Index)
    if (isKept) expect(entries[0]).toMatchObject({ index, seq, op: { author: peer(to), opId } })
    this.taken.push(to)
    this.#got.push({ to, body: { type: 'entries', stable, entries } })
  }

  hello(name: string, more: Partial<Hello> = {}): Hello {
    const nonce = (this.#nonces.get(name) ?? 0) + 1
    this.#nonces.set(name, nonce)
    return {
      type: 'hello',
      claim: CLAIM,
      nonce,
      position: this.replica.position,
      headSeq: this.replica.lastSeq,
      stable: 0 as Index,
      past: 0 as Index,
      complete: true,
      lacks: [],
      canHost: true,
      visible: true,
      replay: null,
      ...more,
    }
  }

  joins(name: string, more: Partial<Hello> = {}): void {
    this.carry(this.role.hello(peer(name), this.hello(name, more), this.nowMs))
  }

  submits(
    name: string,
    ops: readonly Op[],
    { nonce = this.#nonces.get(name) ?? 0, floor = 1 } = {},
  ): void {
    this.carry(
      this.role.receive(
        peer(name),
        { type: 'submit', nonce, floor: floor as OpId, ops },
        this.nowMs,
      ),
    )
  }

  reports(
    name: string,
    index: number = this.replica.lastIndex,
    more: Partial<Body<'report'>> = {},
  ): void {
    this.carry(
      this.role.receive(
        peer(name),
        {
          type: 'report',
          nonce: this.#nonces.get(name) ?? 0,
          index: index as Index,
          complete: true,
          visible: true,
          ...more,
        },
        this.nowMs,
      ),
    )
  }

  asks(
    name: string,
    queries: readonly { readonly key: string; readonly after: number }[],
    nonce = this.#nonces.get(name) ?? 0,
  ): void {
    this.carry(
      this.role.receive(peer(name), { type: 'replay', nonce, request: 1, queries }, this.nowMs),
    )
  }

  pass(ms: number): void {
    this.nowMs += ms
    this.carry(this.role.ticked(this.nowMs))
  }

  /** Everyone has reported everything, and nobody remembers what it was. */
  catchUp(followers: string): void {
    for (let round = 0; round < 3; round++) for (const name of followers) this.reports(name)
    this.#got.length = 0
  }

  /** What a peer got since it was last asked, rosters aside. */
  got(name: string): FrameBody[] {
    const bodies = this.#got
      .filter(({ to, body }) => to === name && body.type !== 'roster')
      .map(({ body }) => body)
    this.#got.splice(
      0,
      Infinity,
      ...this.#got.filter(({ to, body }) => to !== name || body.type === 'roster'),
    )
    return bodies
  }

  only<Type extends FrameBody['type']>(name: string, type: Type): Body<Type> {
    const found = this.got(name).filter((body): body is Body<Type> => body.type === type)
    expect(found, `${type} for ${name}`).toHaveLength(1)
    return found[0]!
  }

  /** Indexes of the entries that a peer got, in the order in which they came. */
  indexes(name: string): number[] {
    return this.got(name).flatMap((body) =>
      body.type === 'entries' ? body.entries.map((entry) => entry.index) : [],
    )
  }

  /** The last stable index a peer was told. */
  stableFor(name: string): number | undefined {
    return this.got(name).findLast((body): body is Body<'entries'> => body.type === 'entries')
      ?.stable
  }

  get roster(): Body<'roster'> | undefined {
    return this.#got
      .map(({ body }) => body)
      .findLast((body): body is Body<'roster'> => body.type === 'roster')
  }

  get inSync(): string {
    return this.replica.inSync.map(letter).join('')
  }

  /** The log in short: what each entry is. */
  get log(): string[] {
    return this.replica.log.after(0 as Index).map((entry) => {
      switch (entry.type) {
        case 'message':
        case 'compaction':
          return `${letter(entry.op.author)}${entry.op.opId}`
        case 'refusal':
          return `${letter(entry.author)}${entry.opId} refused: ${entry.code}`
        case 'reign':
          return `reign ${entry.claim.term} with [${entry.inSync.map(letter).join('')}]`
        case 'in-sync':
          return `in sync [${entry.inSync.map(letter).join('')}]`
      }
    })
  }
}
