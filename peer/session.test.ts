import { describe, expect, test } from 'vitest'
import { ACK_BYTES, ACK_ENTRIES, HELLO_TIMEOUT_MS, WINDOW_OPS_MAX } from '../protocol/limits.ts'
import type { Claim, Index, OpId, PeerId, Seq, Term } from '../protocol/ids.ts'
import type { CompactOp, Entry, MessageOp, Op, RefusalCode } from '../protocol/entry.ts'
import type { FrameBody, FrameType, Position, ReignPlace } from '../protocol/frames.ts'
import { Replica } from '../replica/replica.ts'
import { snapshotFor } from '../replica/snapshot.ts'
import { Outbox } from './outbox.ts'
import type { SessionOutput } from './session-output.ts'
import { Session } from './session.ts'

const peer = (letter: string) => letter.repeat(22) as PeerId
const claimOf = (term: number, host: string): Claim => ({ term: term as Term, host: peer(host) })
const index = (n: number) => n as Index
const seq = (n: number) => n as Seq
const opId = (n: number) => n as OpId

const H1 = claimOf(1, 'h')
const G2 = claimOf(2, 'g')

type Body<Type extends FrameType> = Extract<FrameBody, { type: Type }>
type Output<Type extends SessionOutput['type']> = Extract<SessionOutput, { type: Type }>

function op(author: string, id: number, size = 1): MessageOp {
  return {
    action: 'append',
    author: peer(author),
    opId: opId(id),
    key: `of ${author}`,
    value: new Uint8Array(size).fill(id),
  }
}

/** Makes consecutive entries, as the host of a room would. */
class Scribe {
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

type Options = {
  readonly canHost?: boolean
  readonly holdsStreams?: boolean
  readonly complete?: boolean
}

/** The session of peer `m`; the test plays the host, and owns the clock. */
class Scene {
  readonly replica: Replica
  readonly outbox = new Outbox(peer('m'), 'standby')
  readonly session: Session
  nowMs = 0
  #outputs: SessionOutput[] = []
  #nonce = 0

  constructor({ canHost = true, holdsStreams = false, complete = true }: Options = {}) {
    this.replica = Replica.empty(complete)
    this.session = new Session({
      self: peer('m'),
      canHost,
      holdsStreams,
      visible: true,
      outbox: this.outbox,
      replica: this.replica,
    })
  }

  /** Following `h` from the first entry on, up to date with these entries; what led here is forgotten. */
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
    more: { readonly [Field in keyof Body<'welcome'>]?: Body<'welcome'>[Field] | number } = {},
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
    } as Body<'welcome'>)
  }

  entries(entries: readonly Entry[], stable = 0): void {
    this.receive({ type: 'entries', stable: index(stable), entries })
  }

  submit(...ops: readonly Op[]): void {
    for (const op of ops) {
      this.outbox.add(op)
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
    return this.all('outcome').map(({ outcome }) =>
      outcome.type === 'settled'
        ? `${outcome.opId} at ${outcome.seq}`
        : `${outcome.type === 'conflict' ? `${outcome.op.opId} in conflict` : outcome.opId} ${outcome.code}`,
    )
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

describe('a session greets', () => {
  test('nobody while it knows no host', () => {
    const scene = new Scene()
    scene.take(scene.session.linked(0))
    scene.submit(op('m', 1))
    scene.replay(1)
    scene.pass(60_000)
    expect(scene.outputs()).toEqual([])
  })

  test('a host as soon as there is a link', () => {
    const scene = new Scene()
    scene.follow(H1, false)
    expect(scene.outputs()).toEqual([])
    scene.take(scene.session.linked(0))
    expect(scene.outputs()).toEqual([
      {
        type: 'send',
        to: peer('h'),
        body: {
          type: 'hello',
          claim: H1,
          nonce: 1,
          position: null,
          headSeq: 0 as Seq,
          stable: 0 as Index,
          complete: true,
          lacks: [],
          canHost: true,
          visible: true,
        },
      },
    ])
  })

  test('with the place where its log stands', () => {
    const scene = Scene.live([new Scribe().reign(H1), new Scribe(1).message('a', 1)])
    scene.follow(G2)
    expect(scene.sent()).toMatchObject([
      { type: 'hello', claim: G2, position: { claim: H1, index: 2 } },
    ])
  })

  test('again after a while without an answer, as a new connection', () => {
    const scene = new Scene()
    scene.follow(H1)
    scene.forget()
    scene.pass(HELLO_TIMEOUT_MS - 1)
    expect(scene.outputs()).toEqual([])
    scene.pass(1)
    expect(scene.sent()).toMatchObject([{ type: 'hello', nonce: 2 }])
  })

  test('no more once it was answered', () => {
    const scene = Scene.live()
    scene.pass(60_000)
    expect(scene.sent().map(({ type }) => type)).not.toContain('hello')
  })
})

describe('before the answer to its hello a session', () => {
  test('submits nothing', () => {
    const scene = new Scene()
    scene.outbox.setAside([op('a', 4)])
    scene.submit(op('m', 1))
    scene.follow(H1)
    scene.submit(op('m', 2))
    scene.pass(1)
    expect(scene.sent().map(({ type }) => type)).toEqual(['hello'])
  })

  test('asks for no replay', () => {
    const scene = new Scene()
    scene.follow(H1)
    scene.replay(1)
    expect(scene.sent().map(({ type }) => type)).toEqual(['hello'])
  })

  test("takes no entry: a woken former host would read another's positions as its own", () => {
    const scene = new Scene()
    scene.follow(H1)
    scene.forget()
    scene.entries([new Scribe().reign(H1), new Scribe(1).message('a', 1)], 2)
    expect(scene.outputs()).toEqual([])
    expect(scene.replica.lastIndex).toBe(0)
  })

  test('takes no entry of the next reign either, and gives no receipt for it', () => {
    const scribe = new Scribe()
    const scene = Scene.live([scribe.reign(H1)])
    scene.submit(op('m', 1))
    scene.follow(G2)
    scene.forget()
    scene.entries([scribe.message('m', 1)], 2)
    expect(scene.outputs()).toEqual([])
    expect(scene.session.isLive).toBe(false)
  })
})

describe('after the answer a session', () => {
  test('submits what was set aside first, then what waited, in order', () => {
    const scene = new Scene()
    scene.submit(op('m', 1))
    scene.outbox.setAside([op('a', 4)])
    scene.submit(op('m', 2))
    scene.follow(H1)
    scene.welcome()
    expect(scene.submitted()).toBe('a4 m1 m2')
  })

  test('first catches up with what the answer promised', () => {
    const scribe = new Scribe()
    const scene = new Scene()
    scene.submit(op('m', 1))
    scene.follow(H1)
    scene.welcome({ head: 3 })
    scene.forget()
    scene.entries([scribe.reign(H1), scribe.message('a', 1)])
    expect(scene.session.isLive).toBe(false)
    expect(scene.submitted()).toBe('')
    scene.entries([scribe.message('a', 2)])
    expect(scene.session.isLive).toBe(true)
    expect(scene.submitted()).toBe('m1')
  })

  test('says that it is live, and how far it got', () => {
    const scene = new Scene()
    scene.follow(H1)
    scene.forget()
    scene.welcome()
    expect(scene.outputs()).toEqual([
      { type: 'live', claim: H1 },
      {
        type: 'send',
        to: peer('h'),
        body: { type: 'report', nonce: 1, index: 0, complete: true, visible: true },
      },
    ])
  })

  test('tells the host what it can supply no more', () => {
    const scene = Scene.live([new Scribe().reign(H1)])
    scene.submit(op('m', 1), op('m', 2))
    scene.entries([new Scribe(1).message('m', 1)], 2)
    scene.forget()
    scene.submit(op('m', 3))
    expect(scene.sent()).toMatchObject([{ type: 'submit', floor: 2, ops: [{ opId: 3 }] }])
  })
})

describe('an answer to an earlier connection', () => {
  /** Live on a second connection of the same reign, with one op on its way and a replay open. */
  function reconnected(): Scene {
    const scene = Scene.live()
    scene.submit(op('m', 1), op('m', 2))
    scene.replay(7)
    scene.reconnect()
    scene.welcome({ head: 1 })
    scene.forget()
    return scene
  }

  test('is ignored: a welcome', () => {
    const scene = Scene.live()
    scene.reconnect()
    scene.forget()
    scene.welcome({ nonce: 1 })
    expect(scene.outputs()).toEqual([])
    expect(scene.session.isLive).toBe(false)
  })

  test('is ignored: the welcome to a hello that was said again', () => {
    const scene = new Scene()
    scene.follow(H1)
    scene.pass(HELLO_TIMEOUT_MS)
    scene.welcome({ nonce: 1 })
    expect(scene.session.isLive).toBe(false)
    scene.welcome({ nonce: 2 })
    expect(scene.session.isLive).toBe(true)
  })

  test('is ignored: a replay', () => {
    const scene = reconnected()
    scene.receive({ type: 'replayed', last: true, nonce: 1, request: 2, items: [] })
    expect(scene.outputs()).toEqual([])
    scene.receive({ type: 'replayed', last: true, nonce: 2, request: 2, items: [] })
    expect(scene.outputs()).toEqual([{ type: 'replayed', request: 7, items: [] }])
  })

  test('is ignored: a repeat', () => {
    const scene = reconnected()
    const repeats = [{ author: peer('m'), opId: opId(1), index: index(0), seq: seq(0), code: null }]
    scene.receive({ type: 'repeated', nonce: 1, repeats })
    expect(scene.outcomes()).toEqual([])
    scene.receive({ type: 'repeated', nonce: 2, repeats })
    expect(scene.outcomes()).toEqual(['1 receipt-unknown'])
  })

  test('is ignored: a gap', () => {
    const scene = reconnected()
    scene.receive({ type: 'gap', nonce: 1, author: peer('m'), expected: opId(1) })
    expect(scene.submitted()).toBe('')
    scene.receive({ type: 'gap', nonce: 2, author: peer('m'), expected: opId(2) })
    expect(scene.submitted()).toBe('m2')
  })
})

describe('what the host orders', () => {
  test("[RE2] is delivered in order, the session's own included", () => {
    const scribe = new Scribe(1)
    const scene = Scene.live()
    scene.entries([scribe.message('a', 1), scribe.message('m', 1)])
    scene.entries([scribe.message('a', 2)])
    expect(scene.delivered()).toBe('a1@1 m1@2 a2@3')
    expect(scene.session.lastSeq).toBe(3)
    expect(scene.session.position).toEqual({ claim: H1, index: 4 })
  })

  test('[RE4] is delivered only where it is a message', () => {
    const scribe = new Scribe(1)
    const scene = Scene.live()
    scene.entries([
      scribe.message('a', 1),
      scribe.compaction('a', 2, 1),
      scribe.refusal('a', 3, 'room-full'),
      scribe.message('a', 4),
    ])
    expect(scene.delivered()).toBe('a1@1 a4@2')
  })

  test('[RE2] is delivered once, though it comes twice', () => {
    const scribe = new Scribe(1)
    const scene = Scene.live()
    const [first, second] = [scribe.message('a', 1), scribe.message('a', 2)]
    scene.entries([first])
    scene.entries([first, second])
    expect(scene.delivered()).toBe('a1@1 a2@2')
  })

  test('goes into the replica', () => {
    const scene = Scene.live()
    scene.entries([new Scribe(1).message('a', 1)])
    expect(scene.replica.lastIndex).toBe(2)
    expect(scene.replica.engine?.size('of a')).toBe(1)
  })

  test.each<readonly [string, Entry]>([
    ['leaves out an entry', new Scribe(2).message('a', 1)],
    ['leaves out a seq', new Scribe(1, 1).message('a', 1)],
    ['orders an op for the second time', new Scribe(1).message('m', 1)],
  ])('is refused where it %s', (_, wrong) => {
    const scene = Scene.live()
    scene.replica.ops.take(peer('m'), opId(1))
    scene.entries([wrong])
    expect(scene.outputs()).toMatchObject([{ type: 'misbehaved', peer: peer('h') }])
    expect(scene.replica.lastIndex).toBe(1)
    expect(scene.session.lastSeq).toBe(0)
  })

  test("moves the session into the next reign with that reign's first entry", () => {
    const scene = Scene.live()
    scene.follow(G2)
    scene.welcome({ head: 2 })
    expect(scene.session.position?.claim).toEqual(H1)
    scene.entries([new Scribe(1).reign(G2)])
    expect(scene.session.position).toEqual({ claim: G2, index: 2 })
  })

  test('is in the replica already where a host follows itself', () => {
    const scene = new Scene()
    const [reign, message] = [new Scribe().reign(claimOf(1, 'm')), new Scribe(1).message('m', 1)]
    for (const entry of [reign, message]) scene.replica.append(entry)
    scene.follow(claimOf(1, 'm'))
    scene.welcome({ head: 2 })
    scene.forget()
    scene.entries([reign, message], 2)
    expect(scene.delivered()).toBe('m1@1')
    expect(scene.replica.lastIndex).toBe(2)
  })
})

describe('[MG4] a receipt', () => {
  test('is given when the entry is stable, whichever comes last', () => {
    const scribe = new Scribe(1)
    const scene = Scene.live()
    scene.submit(op('m', 1), op('m', 2))
    scene.entries([scribe.message('m', 1)], 1)
    expect(scene.outcomes()).toEqual([])
    scene.entries([], 2)
    expect(scene.outcomes()).toEqual(['1 at 1'])
    scene.entries([scribe.message('m', 2)], 3)
    expect(scene.outcomes()).toEqual(['2 at 2'])
  })

  test('is not given on an acknowledgement alone', () => {
    const scene = Scene.live()
    scene.submit(op('m', 1))
    scene.forget()
    scene.receive({
      type: 'repeated',
      nonce: 1,
      repeats: [{ author: peer('m'), opId: opId(1), index: index(5), seq: seq(3), code: null }],
    })
    expect(scene.outcomes()).toEqual([])
    scene.entries([], 5)
    expect(scene.outcomes()).toEqual(['1 at 3'])
  })

  test('[MG3] makes room for the next op, even if the room had all of the window already', () => {
    const scene = Scene.live()
    const ops = Array.from({ length: WINDOW_OPS_MAX + 1 }, (_, i) => op('m', i + 1))
    scene.submit(...ops)
    scene.forget()
    scene.receive({
      type: 'repeated',
      nonce: 1,
      repeats: ops.slice(0, -1).map(({ author, opId }) => ({
        author,
        opId,
        index: index(opId + 1),
        seq: seq(opId),
        code: null,
      })),
    })
    expect(scene.all('send').map(({ body }) => body)).toMatchObject([
      { type: 'submit', ops: [{ opId: WINDOW_OPS_MAX + 1 }] },
    ])
  })

  test('of a compaction names the seq that it folded up to', () => {
    const scribe = new Scribe(1)
    const scene = Scene.live()
    scene.entries([...scribe.messages('a', 3)])
    scene.submit({
      action: 'compact',
      author: peer('m'),
      opId: opId(1),
      key: 'of a',
      value: new Uint8Array(),
      seq: seq(2),
      basis: H1,
    })
    scene.forget()
    scene.entries([scribe.compaction('m', 1, 2)], 5)
    expect(scene.outcomes()).toEqual(['1 at 2'])
  })

  test('says what was refused', () => {
    const scene = Scene.live()
    scene.submit(op('m', 1))
    scene.forget()
    scene.entries([new Scribe(1).refusal('m', 1, 'room-full')], 2)
    expect(scene.outcomes()).toEqual(['1 room-full'])
  })
})

describe('what is on its way', () => {
  test('[MG3] goes out again to a new host, and waits no longer for the old one', () => {
    const scene = Scene.live()
    scene.submit(op('m', 1))
    scene.follow(G2)
    scene.forget()
    scene.welcome({ head: 1 })
    expect(scene.submitted()).toBe('m1')
  })

  test('[MG3] goes out again from where the host lacks it', () => {
    const scene = Scene.live()
    scene.submit(op('m', 1), op('m', 2), op('m', 3))
    scene.forget()
    scene.receive({ type: 'gap', nonce: 1, author: peer('m'), expected: opId(2) })
    expect(scene.submitted()).toBe('m2 m3')
  })

  test('[MG6] waits while there is no link, and goes out on the next', () => {
    const scene = Scene.live()
    scene.session.unlinked()
    scene.submit(op('m', 1))
    expect(scene.outputs()).toEqual([])
    scene.take(scene.session.linked(0))
    scene.welcome({ head: 1 })
    expect(scene.submitted()).toBe('m1')
  })

  test('[MG3] does not go out again where the catching-up shows it in the log', () => {
    const scene = Scene.live()
    scene.submit(op('m', 1), op('m', 2))
    scene.follow(G2)
    scene.forget()
    scene.welcome({ head: 3 })
    scene.entries([new Scribe(1).message('m', 1), new Scribe(2, 1).reign(G2)])
    expect(scene.submitted()).toBe('m2')
  })
})

describe("a log that parted from the new host's", () => {
  const history: readonly ReignPlace[] = [
    { claim: H1, index: index(1), seq: seq(0) },
    { claim: G2, index: index(3), seq: seq(1) },
  ]
  const parted = { resume: false, head: 3, headSeq: 1, history }

  /** `a1` is common; `a2`, `m1` and `b1` stood only in the branch of `h`. */
  function branched(stable = 0): Scene {
    const scribe = new Scribe()
    const scene = new Scene()
    scene.submit(op('m', 1))
    scene.follow(H1)
    scene.welcome({ head: 5 })
    scene.entries(
      [
        scribe.reign(H1),
        scribe.message('a', 1),
        scribe.message('a', 2),
        scribe.message('m', 1),
        scribe.message('b', 1),
      ],
      stable,
    )
    scene.follow(G2)
    scene.forget()
    return scene
  }

  test('is cut back first: no entry of the new reign before that', () => {
    const scene = branched()
    scene.entries([new Scribe(5, 4).message('a', 3)])
    expect(scene.outputs()).toEqual([])
    scene.welcome(parted)
    expect(scene.replica.lastIndex).toBe(3)
    scene.entries([new Scribe(3, 1).message('c', 1)])
    expect(scene.delivered()).toBe('c1@2')
  })

  test("[MG5] has its surplus submitted again under the old names, the others' first", () => {
    const scene = branched()
    scene.welcome(parted)
    expect(scene.submitted()).toBe('a2 b1 m1')
  })

  test('[MG4] gives back what was acknowledged there, without a second receipt', () => {
    const scene = branched(5)
    expect(scene.outbox.pending).toBe(0)
    scene.welcome(parted)
    const scribe = new Scribe(3, 1)
    expect(scene.submitted()).toBe('a2 m1 b1')
    scene.entries([scribe.message('a', 2), scribe.message('m', 1), scribe.message('b', 1)], 6)
    expect(scene.outcomes()).toEqual([])
  })

  test('[MG5] tells of a conflict where the room cannot take back what was acknowledged there', () => {
    const scene = branched(5)
    scene.welcome(parted)
    scene.forget()
    scene.entries([new Scribe(3, 1).refusal('m', 1, 'room-full')], 4)
    expect(scene.outcomes()).toEqual(['1 in conflict room-full'])
  })

  test('[MG5] keeps its surplus set aside through a second disconnect, until it is back in the log', () => {
    const scene = branched()
    scene.welcome(parted)
    scene.reconnect()
    scene.forget()
    scene.welcome({ head: 3, headSeq: 1 })
    expect(scene.submitted()).toBe('a2 b1 m1')
    scene.entries([new Scribe(3, 1).message('b', 1)])
    scene.reconnect()
    scene.forget()
    scene.welcome({ head: 4, headSeq: 2 })
    expect(scene.submitted()).toBe('a2 m1')
  })

  test('[MG5] is told to the app once, with the keys that changed under it', () => {
    const scene = branched()
    scene.welcome(parted)
    expect(scene.all('reset')).toEqual([
      { type: 'reset', seq: 1, headSeq: 1, keys: ['of a', 'of m', 'of b'], reason: 'rewound' },
    ])
    expect(scene.session.lastSeq).toBe(1)
  })

  test('[MG5] is told with all keys where the new log holds what this page never saw', () => {
    const scene = branched()
    scene.welcome({ ...parted, head: 9, headSeq: 6 })
    expect(scene.all('reset')).toEqual([
      { type: 'reset', seq: 1, headSeq: 6, keys: 'all', reason: 'rewound' },
    ])
  })

  test('that only fell too far behind was not rewound: it missed some', () => {
    const scene = Scene.live([new Scribe().reign(H1), new Scribe(1).message('a', 1)])
    scene.reconnect()
    scene.forget()
    scene.welcome({ resume: false, head: 1_000, headSeq: 900, history: history.slice(0, 1) })
    expect(scene.all('reset')).toMatchObject([{ seq: 1, headSeq: 900, reason: 'missed' }])
  })

  test('submits again what a host that is gone had told a place for, beyond what came of its log', () => {
    const scene = Scene.live([new Scribe().reign(H1)], 1)
    scene.submit(op('m', 1))
    scene.reconnect()
    scene.welcome({ head: 1 })
    scene.receive({
      type: 'repeated',
      nonce: 2,
      repeats: [{ author: peer('m'), opId: opId(1), index: index(5), seq: 4 as Seq, code: null }],
    })
    scene.forget()
    scene.reconnect()
    scene.welcome({ head: 1 })
    expect(scene.submitted()).toBe('m1')
  })

  test('[EL5b] that finds more or less of the room in the host’s streams is told to read it anew', () => {
    const scene = Scene.live([new Scribe().reign(H1), new Scribe(1).message('a', 1)], 2)
    for (const to of [4, 4, 2]) {
      scene.reconnect()
      scene.welcome({ head: 2, headSeq: 1, lacks: [{ from: 1 as Seq, to: to as Seq }] })
    }
    const missed = { type: 'reset', seq: 1, headSeq: 1, keys: 'all', reason: 'missed' }
    expect(scene.all('reset')).toEqual([missed, missed])
  })

  test('[EL5b] that finds less of the room in the host’s streams does not fold what it had seen', () => {
    const scene = Scene.live([new Scribe().reign(H1), new Scribe(1).message('a', 1)], 2)
    scene.session.unlinked()
    scene.submit({
      action: 'compact',
      author: peer('m'),
      opId: opId(1),
      key: 'k',
      value: new Uint8Array(),
      seq: 1 as Seq,
      basis: H1,
    })
    scene.reconnect()
    scene.welcome({ head: 2, headSeq: 1, lacks: [{ from: 1 as Seq, to: 1 as Seq }] })
    expect(scene.sent().at(-1)).toMatchObject({
      type: 'submit',
      ops: [{ action: 'void', opId: 1, code: 'compact-outdated' }],
    })
  })

  test('[EL5c] that left its log for a room whose streams are lost goes back to it, once under a reign', () => {
    const scene = Scene.live([new Scribe().reign(H1), new Scribe(1).message('a', 1)], 2)
    const reigns = [2, 3].map((term): Claim => ({ term: term as Term, host: peer('i') }))
    const ofRoom = {
      head: 10,
      headSeq: 8,
      history: [{ claim: reigns[0]!, index: index(1), seq: seq(0) }],
    }
    scene.follow(reigns[0]!)
    scene.welcome({ resume: false, ...ofRoom })
    scene.follow(reigns[1]!)
    scene.forget()
    scene.welcome({ ...ofRoom, lacks: [{ from: seq(1), to: seq(8) }] })
    scene.pass(0)
    const [reset, greeting] = scene.outputs()
    expect(reset).toEqual({ type: 'reset', seq: 0, headSeq: 1, keys: 'all', reason: 'rewound' })
    expect(greeting).toMatchObject({
      body: {
        type: 'hello',
        position: { claim: H1, index: 2 },
        headSeq: 1,
        stable: 2,
        complete: true,
        lacks: [],
      },
    })
    scene.welcome({ resume: false, ...ofRoom, lacks: [{ from: seq(1), to: seq(8) }] })
    scene.reconnect()
    scene.welcome({ ...ofRoom, lacks: [{ from: seq(1), to: seq(8) }] })
    scene.forget()
    scene.pass(0)
    expect(scene.sent()).toEqual([])
    expect(scene.session.lastSeq).toBe(8)
  })

  test('[EL5c] that left an empty log for such a room stays with the room', () => {
    const scene = new Scene()
    const claim: Claim = { term: 2 as Term, host: peer('i') }
    const ofRoom = { head: 10, headSeq: 8, history: [{ claim, index: index(1), seq: seq(0) }] }
    scene.follow(claim)
    scene.welcome({ resume: false, ...ofRoom })
    scene.follow({ ...claim, term: 3 as Term })
    scene.welcome({ ...ofRoom, lacks: [{ from: seq(1), to: seq(8) }] })
    expect(scene.all('live')).toHaveLength(2)
    expect(scene.session.lastSeq).toBe(8)
  })

  test('is no reset for a newcomer: joining replays nothing, and nothing was missed', () => {
    const scene = new Scene({ complete: false })
    scene.follow(H1)
    scene.welcome({ resume: false, head: 1_000, headSeq: 900, history: history.slice(0, 1) })
    expect(scene.all('reset')).toEqual([])
    expect(scene.session.lastSeq).toBe(900)
  })
})

describe('a report', () => {
  const reports = (scene: Scene) =>
    scene.sent().filter((body): body is Body<'report'> => body.type === 'report')

  test('[MG4] of a standby comes with every entry: its word decides what is stable', () => {
    const scene = Scene.live([new Scribe().reign(H1, 'm')])
    scene.entries([new Scribe(1).message('a', 1)])
    expect(reports(scene)).toMatchObject([{ index: 2, complete: true }])
  })

  test('of anyone else comes now and then, and with the next tick', () => {
    const scribe = new Scribe(1)
    const scene = Scene.live()
    scene.entries(scribe.messages('a', ACK_ENTRIES - 1))
    expect(reports(scene)).toEqual([])
    scene.entries([scribe.message('b', 1)])
    expect(reports(scene)).toMatchObject([{ index: ACK_ENTRIES + 1 }])
    scene.entries([scribe.message('b', 2)])
    expect(reports(scene)).toEqual([])
    scene.pass(1)
    expect(reports(scene)).toMatchObject([{ index: ACK_ENTRIES + 2 }])
    scene.pass(1)
    expect(reports(scene)).toEqual([])
  })

  test('of anyone else comes after many bytes, however few the entries', () => {
    const scene = Scene.live()
    scene.entries([new Scribe(1).message('a', 1, ACK_BYTES)])
    expect(reports(scene)).toMatchObject([{ index: 2 }])
  })

  test('[EL2] tells at once that the page was hidden', () => {
    const scene = Scene.live()
    scene.take(scene.session.visible(false))
    expect(reports(scene)).toMatchObject([{ visible: false }])
  })
})

describe('[RE5] a replay', () => {
  test('is asked of the host at once where messages flow, and answered once', () => {
    const scene = Scene.live()
    scene.replay(1)
    expect(scene.sent()).toEqual([
      { type: 'replay', nonce: 1, request: 1, queries: [{ key: 'k', after: 0 }] },
    ])
    for (let i = 0; i < 2; i++)
      scene.receive({ type: 'replayed', last: true, nonce: 1, request: 1, items: [] })
    expect(scene.all('replayed')).toHaveLength(1)
  })

  test('[MG6] that a host left open is asked of the next', () => {
    const scene = Scene.live()
    scene.replay(1)
    scene.follow(G2)
    scene.forget()
    scene.welcome({ head: 1 })
    expect(scene.sent()).toContainEqual({
      type: 'replay',
      nonce: scene.nonce,
      request: 2,
      queries: [{ key: 'k', after: 0 }],
    })
  })

  test("that nobody asked for is nobody's", () => {
    const scene = Scene.live()
    scene.receive({ type: 'replayed', last: true, nonce: 1, request: 99, items: [] })
    expect(scene.outputs()).toEqual([])
  })
})

describe('a session without the streams', () => {
  /** What the host holds when `m` joins. */
  function room(): Replica {
    const replica = Replica.empty(true)
    const scribe = new Scribe()
    for (const entry of [scribe.reign(H1), scribe.message('a', 1), scribe.message('a', 2)])
      replica.append(entry)
    return replica
  }

  function joining(options: Options = {}): { readonly scene: Scene; readonly host: Replica } {
    const scene = new Scene({ complete: false, ...options })
    const host = room()
    scene.follow(H1)
    scene.welcome({ resume: false, head: 3, headSeq: 2, history: host.history.reigns })
    return { scene, host }
  }

  /** The parts with which the host answers the one fetch that is open. */
  function partsFor(scene: Scene, host: Replica): Body<'part'>[] {
    const fetches = scene.sent().filter((body): body is Body<'fetch'> => body.type === 'fetch')
    expect(fetches).toHaveLength(1)
    const all = snapshotFor(host, fetches[0]!.ends, [])
    return all.map((bytes, number) => ({
      type: 'part',
      request: fetches[0]!.request,
      number,
      last: number === all.length - 1,
      bytes,
    }))
  }

  test('fetches them from the host, takes each part, and says when it has them', () => {
    const { scene, host } = joining()
    const parts = partsFor(scene, host)
    for (const part of parts) scene.receive(part)
    expect(scene.replica.engine?.size('of a')).toBe(2)
    const sent = scene.sent()
    expect(sent.slice(0, -1)).toEqual(
      parts.slice(0, -1).map(({ request, number }) => ({ type: 'part-taken', request, number })),
    )
    expect(sent.at(-1)).toMatchObject({ type: 'report', index: 3, complete: true })
  })

  test('[RE5] follows meanwhile, and misses nothing of either', () => {
    const { scene, host } = joining()
    const parts = partsFor(scene, host)
    scene.entries([new Scribe(3, 2).message('a', 3)])
    for (const part of parts) scene.receive(part)
    scene.entries([new Scribe(4, 3).message('a', 4)])
    expect(scene.replica.engine?.size('of a')).toBe(4)
    expect(scene.delivered()).toBe('a3@3 a4@4')
  })

  test('fetches them where it may not host but is to hold them', () => {
    const { scene } = joining({ canHost: false, holdsStreams: true })
    expect(scene.sent().map(({ type }) => type)).toContain('fetch')
  })

  test('fetches none where it may not host', () => {
    const { scene } = joining({ canHost: false })
    expect(scene.sent().map(({ type }) => type)).not.toContain('fetch')
  })

  test('begins anew with the next host: parts of the one before are nothing', () => {
    const { scene, host } = joining()
    const parts = partsFor(scene, host)
    scene.follow(G2)
    scene.forget()
    for (const part of parts) scene.receive(part)
    expect(scene.replica.complete).toBe(false)
    expect(scene.outputs()).toEqual([])
    scene.welcome({ head: 3, headSeq: 2 })
    for (const part of partsFor(scene, host)) scene.receive(part)
    expect(scene.replica.complete).toBe(true)
  })

  test('tells of a host that sends what no Baton sends', () => {
    const { scene, host } = joining()
    const [part] = partsFor(scene, host)
    scene.receive({ ...part!, bytes: Uint8Array.of(99) })
    expect(scene.all('misbehaved')).toMatchObject([{ peer: peer('h') }])
  })
})

test('a position is null before the first entry, and a place after', () => {
  const scene = new Scene()
  expect(scene.session.position).toBeNull()
  scene.follow(H1)
  scene.welcome({ head: 1 })
  scene.entries([new Scribe().reign(H1)])
  expect(scene.session.position).toEqual<Position>({ claim: H1, index: index(1) })
})
