// Owns the stage of the tests with a hostile member: one honest peer, and a test that plays everyone else, and time.

import type { Claim, Index, OpId, Seq, Term } from '../protocol/ids.ts'
import { NO_TERM } from '../protocol/ids.ts'
import { payloadBytes, type Entry, type MessageOp, type Op } from '../protocol/entry.ts'
import type { Frame, FrameBody } from '../protocol/frames.ts'
import type { FromSignaling, ToSignaling } from '../protocol/signals.ts'
import { encodeFrame, parseFrame } from '../protocol/frame-codec.ts'
import { claimOf, peer } from '../protocol/testing-ids.ts'
import type { PeerInput, PeerOutput } from '../peer/peer-io.ts'
import { Peer } from '../peer/peer.ts'

export const H4 = claimOf(4, 'h')

export const reign = (index: number, claim: Claim): Entry => ({
  type: 'reign',
  index: index as Index,
  claim,
  inSync: [],
})
export const op = (
  author: string,
  opId: number,
  key = 'k',
  value = Uint8Array.of(0, 49),
): MessageOp => ({ action: 'append', author: peer(author), opId: opId as OpId, key, value })
export const message = (index: number, seq: number, author: string, opId: number): Entry => ({
  type: 'message',
  index: index as Index,
  seq: seq as Seq,
  op: op(author, opId),
})
export const compaction = (
  author: string,
  opId: number,
  key: string,
  seq: number,
  basis = claimOf(1, 'm'),
): Op => ({
  action: 'compact',
  author: peer(author),
  opId: opId as OpId,
  key,
  value: Uint8Array.of(0, 50),
  seq: seq as Seq,
  basis,
})

export class MemberScene {
  nowMs = 0
  readonly honest = new Peer(
    { self: peer('m'), canHost: true, visible: true, durability: 'standby' },
    0,
  )
  #outputs: PeerOutput[] = []
  #links = 0
  readonly #linkByPeer = new Map<string, number>()

  /** `m` follows `h`, the host of term 4, and is linked to `s`, with a log of one message. */
  static following(): MemberScene {
    const scene = new MemberScene()
    scene.joined('hs', H4)
    scene.link('h')
    scene.link('s')
    scene.welcome(0)
    scene.receive('h', {
      type: 'entries',
      stable: 2 as Index,
      entries: [reign(1, H4), message(2, 1, 'h', 1)],
    })
    scene.receive('h', {
      type: 'roster',
      members: ['h', 's', 'm'].map((name) => ({ peer: peer(name), canHost: true, visible: true })),
      succession: [peer('m'), peer('s')],
      standbys: 2,
      paused: false,
    })
    scene.forget()
    return scene
  }

  /** `m` hosts since term 1, and `s` follows, up to date. */
  static hosting(): MemberScene {
    const scene = new MemberScene()
    scene.joined('', null)
    scene.signaled({ type: 'host', claim: claimOf(1, 'm') })
    scene.signaled({ type: 'peer-joined', peer: peer('s') })
    scene.link('s')
    scene.hello('s')
    scene.report('s', scene.honest.replica.lastIndex)
    scene.forget()
    return scene
  }

  hello(name: string, more: Partial<Extract<FrameBody, { type: 'hello' }>> = {}): void {
    this.receive(
      name,
      {
        type: 'hello',
        claim: claimOf(1, 'm'),
        nonce: 1,
        position: this.honest.replica.position,
        headSeq: this.honest.replica.lastSeq,
        stable: 0 as Index,
        past: 0 as Index,
        complete: true,
        lacks: [],
        canHost: true,
        visible: true,
        replay: null,
        ...more,
      },
      1,
    )
  }

  report(name: string, index: number): void {
    this.receive(
      name,
      { type: 'report', nonce: 1, index: index as Index, complete: true, visible: true },
      1,
    )
  }

  submit(name: string, ops: readonly Op[], floor = 1): void {
    this.receive(name, { type: 'submit', nonce: 1, floor: floor as OpId, ops }, 1)
  }

  feed(input: PeerInput): void {
    this.#outputs.push(...this.honest.handle(input, this.nowMs))
  }

  signaled(message: FromSignaling): void {
    this.feed({ type: 'signaled', message })
  }

  joined(members: string, claim: Claim | null): void {
    this.signaled({
      type: 'joined',
      members: [...members].map((name) => ({ peer: peer(name), term: NO_TERM })),
      claim,
      hostHere: true,
    })
  }

  link(name: string): number {
    this.#links += 1
    this.#linkByPeer.set(name, this.#links)
    this.feed({ type: 'link-opened', peer: peer(name), link: this.#links })
    return this.#links
  }

  /** As it would come over a link: what no frame can say is not said. */
  receive(name: string, body: FrameBody, term = 4, link = this.#linkByPeer.get(name) ?? 0): void {
    this.bytes(name, encodeFrame({ ...body, term: term as Term }), link)
  }

  /** False when it is no frame. */
  bytes(name: string, bytes: Uint8Array, link = this.#linkByPeer.get(name) ?? 0): boolean {
    const parsed = parseFrame(bytes)
    if (parsed.ok) this.feed({ type: 'received', peer: peer(name), link, frame: parsed.value })
    return parsed.ok
  }

  welcome(
    head: number,
    more: Partial<Extract<FrameBody, { type: 'welcome' }>> = {},
    from = 'h',
    term = 4,
  ): void {
    const hello = this.sent().findLast(({ frame }) => frame.type === 'hello')?.frame as Extract<
      Frame,
      { type: 'hello' }
    >
    this.receive(
      from,
      {
        type: 'welcome',
        nonce: hello.nonce,
        resume: true,
        lacks: [],
        headSeq: 0 as Seq,
        history: [],
        ops: [],
        head: head as Index,
        ...more,
      },
      term,
    )
  }

  pass(ms: number, step = 250): void {
    for (const until = this.nowMs + ms; this.nowMs < until;) {
      this.nowMs = Math.min(until, this.nowMs + step)
      this.feed({ type: 'ticked' })
    }
  }

  forget(): void {
    this.#outputs = []
  }

  get outputs(): readonly PeerOutput[] {
    return this.#outputs
  }

  all<Type extends PeerOutput['type']>(type: Type): Extract<PeerOutput, { type: Type }>[] {
    return this.#outputs.filter(
      (output): output is Extract<PeerOutput, { type: Type }> => output.type === type,
    )
  }

  sent(): { readonly to: string; readonly frame: Frame }[] {
    return this.all('send').flatMap(({ to, frame }) => to.map((id) => ({ to: id[0]!, frame })))
  }

  sentTo<Type extends Frame['type']>(name: string, type: Type): Extract<Frame, { type: Type }>[] {
    return this.sent().flatMap(({ to, frame }) =>
      to === name && frame.type === type ? [frame as Extract<Frame, { type: Type }>] : [],
    )
  }

  /** Bytes of values that a peer was sent. */
  bytesCopiedFor(name: string): number {
    return this.sent().reduce((sum, { to, frame }) => (to === name ? sum + bytesIn(frame) : sum), 0)
  }

  signals(): ToSignaling[] {
    return this.all('signal').map(({ message }) => message)
  }

  /** Entries after the first `from`, in short. */
  log(from = 0): string[] {
    return this.honest.replica.log.after(from as Index).map(inShort)
  }
}

function bytesIn(frame: Frame): number {
  switch (frame.type) {
    case 'part':
      return frame.bytes.length
    case 'replayed':
      return frame.items.reduce((sum, { bytes }) => sum + bytes.length, 0)
    case 'entries':
      return frame.entries.reduce(
        (sum, entry) => sum + ('op' in entry ? payloadBytes(entry.op) : 0),
        0,
      )
    default:
      return 0
  }
}

function inShort(entry: Entry): string {
  switch (entry.type) {
    case 'message':
      return `${entry.op.author[0]}${entry.op.opId}`
    case 'refusal':
      return entry.code
    case 'reign':
      return `reign ${entry.claim.term}`
    case 'compaction':
    case 'in-sync':
      return entry.type
  }
}
