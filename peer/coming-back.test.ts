import { describe, expect, test } from 'vitest'
import { AUTHORS_MAX, STAND_IN_WAIT_MS } from '../protocol/limits.ts'
import {
  NO_INDEX,
  NO_TERM,
  type Claim,
  type Index,
  type OpId,
  type Seq,
  type Term,
} from '../protocol/ids.ts'
import type { Entry, MessageOp, Op } from '../protocol/entry.ts'
import type { BodyOf, FrameBody } from '../protocol/frames.ts'
import { claimOf, index, opId, peer } from '../protocol/testing-ids.ts'
import type { OpenedCopy, PromisedOp, StoredCopy } from '../replica/copy.ts'
import { OpTable } from '../replica/op-table.ts'
import { op, replicaOf, writerOf } from '../replica/testing-words.ts'
import type { Partition } from '../host/mandate.ts'
import { Outbox } from './outbox.ts'
import type { PeerInput, PeerOutput } from './peer-io.ts'
import { Peer } from './peer.ts'

const G7 = claimOf(7, 'g')
/** Its earlier life. */
const OLD = peer('o')

const relay = (author: string, n: number): MessageOp => ({ ...op(author, n), action: 'relay' })
const promised = (op: Op, wasSent = false): PromisedOp => ({ op, heard: 'nothing', wasSent })

/** Of a life that followed `g` in term 7: a log of three entries, the last of which was stable. */
function copyWith(more: Partial<StoredCopy> = {}): StoredCopy {
  const state = writerOf(replicaOf('7g', 'a1', 'a2')).completeState!
  return { state, stable: index(3), promised: [], over: [], lives: [OLD], ...more }
}

/** Peer `m`, that comes back with a copy. The test plays everyone else, and owns the clock. */
class Scene {
  nowMs = 0
  readonly peer: Peer
  #outputs: PeerOutput[] = []

  constructor(copy: OpenedCopy = copyWith(), partition: Partition = 'continue') {
    const options = { canHost: true, visible: true, durability: 'standby' } as const
    this.peer = new Peer({ self: peer('m'), ...options, partition, copy }, 0)
  }

  feed(input: PeerInput): void {
    this.#outputs.push(...this.peer.handle(input, this.nowMs))
  }

  joined(members: string, claim: Claim | null): void {
    const others = [...members].map((name) => ({ peer: peer(name), term: NO_TERM }))
    this.feed({
      type: 'signaled',
      message: { type: 'joined', members: others, claim, hostHere: claim !== null, relay: true },
    })
  }

  link(name: string): void {
    this.feed({ type: 'link-opened', peer: peer(name), link: 1 })
  }

  receive(name: string, body: FrameBody, term: number): void {
    const frame = { ...body, term: term as Term }
    this.feed({ type: 'received', peer: peer(name), link: 1, frame })
  }

  /** `h` hosts in that term, and its log continues the copy with these entries. */
  followed(claim: Claim, entries: readonly Entry[]): void {
    this.joined('h', claim)
    this.link('h')
    const welcome = { type: 'welcome', nonce: 1, resume: true, lacks: [] } as const
    const head = { head: index(3 + entries.length), headSeq: 0 as Seq, history: [], ops: [] }
    this.receive('h', { ...welcome, ...head }, claim.term)
    this.receive('h', { type: 'entries', stable: NO_INDEX, entries }, claim.term)
  }

  pass(ms: number): void {
    this.nowMs += ms
    this.feed({ type: 'ticked' })
  }

  signals(type: string): unknown[] {
    return this.#all('signal').flatMap(({ message }) => (message.type === type ? [message] : []))
  }

  sent<Type extends FrameBody['type']>(type: Type): BodyOf<Type>[] {
    return this.#all('send').flatMap(({ frame }) =>
      frame.type === type ? [frame as unknown as BodyOf<Type>] : [],
    )
  }

  get outcomes(): unknown[] {
    return this.#all('outcome').map(({ outcome }) => outcome)
  }

  get delivered(): number[] {
    return this.#all('deliver').flatMap(({ messages }) => messages.map(({ seq }) => seq))
  }

  #all<Type extends PeerOutput['type']>(type: Type): Extract<PeerOutput, { type: Type }>[] {
    return this.#outputs.filter(
      (output): output is Extract<PeerOutput, { type: Type }> => output.type === type,
    )
  }
}

const messageAt = (at: number, seq: number, op: MessageOp): Entry => ({
  type: 'message',
  index: at as Index,
  seq: seq as Seq,
  op,
})
const reignAt = (at: number, claim: Claim): Entry => ({
  type: 'reign',
  index: at as Index,
  claim,
  inSync: [],
})

describe('[PE4] a copy', () => {
  test('is all that a peer needs: what it holds, what it has promised, and who it was', () => {
    const scene = new Scene(copyWith({ promised: [promised(op('o', 5))] }))
    scene.feed({
      type: 'submitted',
      ticket: 1,
      action: 'append',
      key: 'k',
      value: Uint8Array.of(1),
    })
    const copy = scene.peer.copy!
    expect(copy.lives).toEqual([OLD, peer('m')])
    expect(copy.stable).toBe(3)
    expect(copy.state.log.last).toBe(3)
    expect(copy.promised).toMatchObject([
      { op: { author: OLD, opId: 5 }, wasSent: false },
      { op: { author: peer('m'), opId: 1 }, heard: 'nothing', wasSent: false },
    ])
  })

  test('is not made by a peer without streams', () => {
    const options = { canHost: true, visible: true, durability: 'standby' } as const
    expect(new Peer({ self: peer('m'), ...options }, 0).copy).toBeNull()
  })

  test('names 64 earlier lives at most, the latest', () => {
    const lives = Array.from({ length: 64 }, (_, i) => peer(`l${i}`))
    const scene = new Scene(copyWith({ lives }))
    expect(scene.peer.copy?.lives).toEqual([...lives.slice(1), peer('m')])
  })
})

describe('[PE14] without a whole copy', () => {
  test('ops of earlier lives are promised all the same', () => {
    const promisedAlone = { ...copyWith({ promised: [promised(op('o', 5))] }), state: null }
    const options = { canHost: true, visible: true, durability: 'standby' } as const
    const fresh = new Peer({ self: peer('m'), ...options, copy: promisedAlone }, 0)
    expect([fresh.held, fresh.claimToTell, fresh.copy]).toEqual([NO_TERM, null, null])
    expect(fresh.outbox.promised).toMatchObject([{ op: { author: OLD, opId: 5 } }])
  })
})

describe('[PE5] the mark of an outbox', () => {
  test('is another one whenever something else is to be stored', () => {
    const outbox = new Outbox(peer('m'), 'standby')
    const marks = [outbox.mark]
    const noted = () => marks.push(outbox.mark)
    outbox.add(op('m', 1), 1)
    noted()
    outbox.next()
    noted()
    outbox.placed(peer('m'), opId(1), { index: index(4), seq: 3 as Seq, code: null })
    noted()
    outbox.stable(index(4))
    noted()
    outbox.setAside([op('o', 2)])
    noted()
    expect(new Set(marks).size).toBe(marks.length)
    outbox.next()
    const mark = outbox.mark
    outbox.next()
    outbox.stable(index(4))
    expect(outbox.mark).toBe(mark)
  })
})

describe('[PE5] what earlier lives had not settled', () => {
  test('is submitted first, under its old names', () => {
    const scene = new Scene(copyWith({ promised: [promised(op('o', 5)), promised(op('o', 6))] }))
    scene.feed({
      type: 'submitted',
      ticket: 1,
      action: 'append',
      key: 'k',
      value: Uint8Array.of(1),
    })
    scene.followed(claimOf(8, 'h'), [reignAt(4, claimOf(8, 'h'))])
    const names = scene.sent('submit').flatMap(({ ops }) => ops.map((op) => [op.author, op.opId]))
    expect(names).toEqual([
      [OLD, 5],
      [OLD, 6],
      [peer('m'), 1],
    ])
  })

  test('is told as a conflict where the room refuses it, with or without a receipt, and once', () => {
    const scene = new Scene(copyWith({ promised: [promised(op('o', 5))] }))
    const refusal = (at: number): Entry => ({
      type: 'refusal',
      index: at as Index,
      author: OLD,
      opId: opId(5),
      code: 'superseded',
    })
    scene.followed(claimOf(8, 'h'), [reignAt(4, claimOf(8, 'h')), refusal(5)])
    expect(scene.outcomes).toMatchObject([
      { type: 'conflict', op: { author: OLD, opId: 5 }, code: 'superseded' },
    ])
    expect(scene.peer.copy?.over).toEqual([{ author: OLD, opId: 5, code: 'superseded' }])
  })

  test('is not told again where the copy says that it was', () => {
    const over = [{ author: OLD, opId: 5 as OpId, code: 'superseded' as const }]
    const outbox = new Outbox(peer('m'), 'standby', {
      lives: [OLD],
      promised: [promised(op('o', 5))],
      over,
    })
    expect(outbox.next()).toEqual([{ action: 'void', author: OLD, opId: 5, code: 'superseded' }])
    const place = { index: index(9), seq: 0 as Seq, code: 'superseded' as const }
    expect(outbox.placed(OLD, opId(5), place)).toEqual([])
  })

  test('goes out again once an author is gone whose earlier op it waits for', () => {
    const outbox = new Outbox(peer('m'), 'standby', {
      lives: [OLD],
      promised: [promised(op('o', 5))],
      over: [],
    })
    outbox.next()
    outbox.gap(OLD, opId(3))
    outbox.here([OLD, peer('m')])
    expect(outbox.next()).toEqual([])
    outbox.here([peer('m')])
    expect(outbox.next()).toMatchObject([{ author: OLD, opId: 5 }])
  })
})

describe('[PE5] an op that was sent, of an author that a full table does not know', () => {
  const full = new OpTable(
    Array.from({ length: AUTHORS_MAX }, (_, i) => ({
      author: peer(`a${i}`),
      opId: opId(1),
      missing: [],
    })),
  )
  const outboxWith = (wasSent: boolean) =>
    new Outbox(peer('m'), 'standby', {
      lives: [OLD],
      promised: [promised(op('o', 5), wasSent)],
      over: [],
    })

  test('may have been taken and forgotten: it is not sent again', () => {
    const outbox = outboxWith(true)
    expect(outbox.forgottenBy(full)).toMatchObject([
      { type: 'conflict', op: { author: OLD, opId: 5 }, code: 'receipt-unknown' },
    ])
    expect(outbox.next()).toEqual([])
  })

  test('is sent where it never was, or where the table has room', () => {
    const never = outboxWith(false)
    expect(never.forgottenBy(full)).toEqual([])
    expect(never.next()).toHaveLength(1)
    const known = outboxWith(true)
    expect(known.forgottenBy(new OpTable())).toEqual([])
    expect(known.next()).toHaveLength(1)
  })
})

describe('[PE6] a peer that comes back', () => {
  test('says where its copy ends, and that this is of an earlier life', () => {
    const scene = new Scene()
    scene.joined('h', claimOf(8, 'h'))
    scene.link('h')
    expect(scene.sent('hello')).toMatchObject([
      { position: { claim: G7, index: 3 }, headSeq: 2, stable: 3, past: 3, complete: true },
    ])
  })

  test('believes signaling about which reign stands, and tells of none', () => {
    const scene = new Scene()
    expect([scene.peer.claimToTell, scene.peer.held]).toEqual([null, 7])
    scene.joined('h', claimOf(2, 'h'))
    expect(scene.peer.claim).toEqual(claimOf(2, 'h'))
    expect(scene.signals('know')).toEqual([])
  })

  test('tells of the reign that it follows once it was live in this life', () => {
    const scene = new Scene()
    scene.followed(claimOf(8, 'h'), [reignAt(4, claimOf(8, 'h'))])
    expect([scene.peer.claimToTell, scene.peer.held]).toEqual([claimOf(8, 'h'), NO_TERM])
  })

  test('is not given the relays of before this life', () => {
    const scene = new Scene()
    const before = [
      reignAt(4, claimOf(8, 'h')),
      messageAt(5, 3, relay('a', 3)),
      messageAt(6, 4, op('a', 4)),
    ]
    scene.followed(claimOf(8, 'h'), before)
    expect(scene.delivered).toEqual([4])
    const now = { type: 'entries', stable: NO_INDEX, entries: [messageAt(7, 5, relay('a', 5))] }
    scene.receive('h', now as FrameBody, 8)
    expect(scene.delivered).toEqual([4, 5])
  })

  test('does not submit relays of earlier lives again', () => {
    const outbox = new Outbox(peer('m'), 'standby', {
      lives: [OLD],
      promised: [promised(relay('o', 5))],
      over: [],
    })
    expect(outbox.next()).toEqual([{ action: 'void', author: OLD, opId: 5, code: 'not-repeated' }])
  })
})

describe('[PE7] a peer that comes back to nobody', () => {
  test('claims the term above the last one in its log', () => {
    const scene = new Scene()
    scene.joined('', null)
    expect(scene.signals('claim')).toEqual([{ type: 'claim', term: 8, reason: 'vacant' }])
  })
})

describe('[PE8] a peer that comes back without signaling', () => {
  test('leads by its own word after a second', () => {
    const scene = new Scene()
    scene.feed({ type: 'signaling-closed' })
    scene.pass(STAND_IN_WAIT_MS - 1)
    expect(scene.peer.isHosting).toBe(false)
    scene.pass(1)
    scene.pass(1)
    expect(scene.peer.isHosting).toBe(true)
    expect(scene.peer.claim).toEqual(claimOf(8, 'm'))
  })

  test('does not where a side is to pause, as long as it has heard no roster', () => {
    const scene = new Scene(copyWith(), 'pause')
    scene.feed({ type: 'signaling-closed' })
    for (let i = 0; i < 20; i++) scene.pass(1_000)
    expect(scene.peer.isHosting).toBe(false)
  })

  test('does not without a copy', () => {
    const options = { canHost: true, visible: true, durability: 'standby' } as const
    const fresh = new Peer({ self: peer('m'), ...options }, 0)
    fresh.handle({ type: 'signaling-closed' }, 0)
    for (let i = 1; i < 20; i++) fresh.handle({ type: 'ticked' }, i * 1_000)
    expect(fresh.isHosting).toBe(false)
  })
})
