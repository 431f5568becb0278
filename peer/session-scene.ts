// Owns the scene of the tests of a session: the session of peer `m`, whose host the test plays.

import type { Claim, Index } from '../protocol/ids.ts'
import type { CompactOp, Entry, MessageOp, Op, RefusalCode } from '../protocol/entry.ts'
import type { FrameBody, BodyOf } from '../protocol/frames.ts'
import { claimOf, index, opId, peer, seq } from '../protocol/testing-ids.ts'
import type { Replica } from '../replica/replica.ts'
import { Outbox } from './outbox.ts'
import type { SessionOutput } from './session-output.ts'
import type { Outcome } from './submission.ts'
import { Session } from './session.ts'
import { emptyReplica, writerOf } from '../replica/testing-words.ts'

export const H1 = claimOf(1, 'h')
export const G2 = claimOf(2, 'g')

type Output<Type extends SessionOutput['type']> = Extract<SessionOutput, { type: Type }>

export function op(author: string, id: number, size = 1): MessageOp {
  return {
    action: 'append',
    author: peer(author),
    opId: opId(id),
    key: `of ${author}`,
    value: new Uint8Array(size).fill(id),
  }
}

/** Makes consecutive entries, as the host of a room would. */
export class Scribe {
  #index: number
  #seq: number

  constructor(afterIndex = 0, afterSeq = 0) {
    this.#index = afterIndex
    this.#seq = afterSeq
  }

  reign(claim: Claim, inSync = ''): Entry {
    return { type: 'reign', index: this.#next(), claim, inSync: [...inSync].map(peer) }
  }

  message(author: string, id: number, size?: number): Entry {
    return { type: 'message', index: this.#next(), seq: seq(++this.#seq), op: op(author, id, size) }
  }

  messages(author: string, count: number, size?: number): Entry[] {
    return Array.from({ length: count }, (_, i) => this.message(author, i + 1, size))
  }

  refusal(author: string, id: number, code: RefusalCode): Entry {
    return { type: 'refusal', index: this.#next(), author: peer(author), opId: opId(id), code }
  }

  compaction(author: string, id: number, at: number): Entry {
    const compact: CompactOp = {
      action: 'compact',
      author: peer(author),
      opId: opId(id),
      key: 'of a',
      value: Uint8Array.of(0),
      seq: seq(at),
      basis: H1,
    }
    return { type: 'compaction', index: this.#next(), op: compact }
  }

  #next(): Index {
    return index(++this.#index)
  }
}

export type Options = {
  readonly canHost?: boolean
  readonly holdsStreams?: boolean
  readonly complete?: boolean
}

/** The session of peer `m`; the test plays the host, and owns the clock. */
export class Scene {
  readonly replica: Replica
  readonly outbox = new Outbox(peer('m'), 'standby')
  readonly session: Session
  nowMs = 0
  #outputs: SessionOutput[] = []
  #nonce = 0

  constructor({ canHost = true, holdsStreams = false, complete = true }: Options = {}) {
    this.replica = emptyReplica(complete)
    this.session = new Session({
      self: peer('m'),
      canHost,
      holdsStreams,
      visible: true,
      outbox: this.outbox,
      writer: writerOf(this.replica),
    })
  }

  /** Follows `h` from the first entry on, up to date with these entries. Outputs are forgotten. */
  static live(
    entries: readonly Entry[] = [new Scribe().reign(H1)],
    stable = 0,
    options: Options = {},
  ): Scene {
    const scene = new Scene(options)
    scene.follow(H1)
    scene.welcome({ head: entries.length })
    scene.entries(entries, stable)
    scene.forget()
    return scene
  }

  take(outputs: readonly SessionOutput[]): void {
    for (const output of outputs)
      if (output.type === 'send' && output.body.type === 'hello') this.#nonce = output.body.nonce
    this.#outputs.push(...outputs)
  }

  follow(claim: Claim, linked = true): void {
    this.take(this.session.follow(claim, linked, this.nowMs))
  }

  receive(frame: FrameBody): void {
    this.take(this.session.receive(frame))
  }

  /** The host's answer, to the last hello unless said otherwise. */
  welcome(
    more: { readonly [Field in keyof BodyOf<'welcome'>]?: BodyOf<'welcome'>[Field] | number } = {},
  ): void {
    this.receive({
      type: 'welcome',
      nonce: this.#nonce,
      resume: true,
      lacks: [],
      head: 0,
      headSeq: 0,
      history: [],
      ops: [],
      ...more,
    } as BodyOf<'welcome'>)
  }

  entries(entries: readonly Entry[], stable = 0): void {
    this.receive({ type: 'entries', stable: index(stable), entries })
  }

  submit(...ops: readonly Op[]): void {
    for (const op of ops) {
      this.outbox.add(op, op.opId)
      this.take(this.session.submit())
    }
  }

  replay(request: number, key = 'k'): void {
    this.take(this.session.replay(request, [{ key, after: 0 }]))
  }

  reconnect(): void {
    this.session.unlinked()
    this.take(this.session.linked(this.nowMs))
  }

  pass(ms: number): void {
    this.nowMs += ms
    this.take(this.session.ticked(this.nowMs))
  }

  /** The nonce of the connection now. */
  get nonce(): number {
    return this.#nonce
  }

  forget(): void {
    this.#outputs = []
  }

  /** What came out since this was last asked. */
  outputs(): SessionOutput[] {
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }

  all<Type extends SessionOutput['type']>(type: Type): Output<Type>[] {
    return this.outputs().filter((output): output is Output<Type> => output.type === type)
  }

  sent(): FrameBody[] {
    return this.all('send').map(({ body }) => body)
  }

  /** Names of the ops submitted since this was last asked. */
  submitted(): string {
    return this.sent()
      .flatMap((body) => (body.type === 'submit' ? body.ops.map(nameOf) : []))
      .join(' ')
  }

  outcomes(): string[] {
    return this.all('outcome').map(({ outcome }) => said(outcome))
  }

  delivered(): string {
    return this.all('deliver')
      .flatMap(({ messages }) =>
        messages.map((message) => `${message.author[0]}${message.value[0]}@${message.seq}`),
      )
      .join(' ')
  }
}

function nameOf(op: Op): string {
  return `${op.author[0]}${op.opId}`
}

function said(outcome: Outcome): string {
  switch (outcome.type) {
    case 'settled':
      return `${outcome.opId} at ${outcome.seq}`
    case 'refused':
      return `${outcome.opId} ${outcome.code}`
    case 'conflict':
      return `${outcome.op.opId} in conflict ${outcome.code}`
  }
}
