import { describe, expect, test } from 'vitest'
import {
  DEPARTED_PROBE_MS,
  FOLLOWER_GONE_MS,
  FOLLOWER_LIMIT_MS,
  HANDOVER_TIMEOUT_MS,
  LAG_ENTRIES_MAX,
  STANDBYS_MAX,
  TAIL_ENTRIES_MAX,
} from '../protocol/limits.ts'
import {
  NO_TERM,
  type Claim,
  type Index,
  type OpId,
  type PeerId,
  type Seq,
  type Term,
} from '../protocol/ids.ts'
import type { Entry, MessageAction, Op } from '../protocol/entry.ts'
import type { FrameBody, Position } from '../protocol/frames.ts'
import type { Hello } from './follower.ts'
import { HostRole, type HostOutput } from './host-role.ts'
import { Replica } from '../replica/replica.ts'

const peer = (letter: string) => letter.repeat(22) as PeerId
const letter = (id: PeerId) => id[0]
const CLAIM: Claim = { term: 4 as Term, host: peer('h') }
const BEFORE: Claim = { term: 3 as Term, host: peer('g') }
const UNKNOWN: Claim = { term: 3 as Term, host: peer('x') }

type Body<Type extends FrameBody['type']> = Extract<FrameBody, { type: Type }>

function op(
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

function compaction(author: string, opId: number, seq: number, basis = CLAIM): Op {
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

const at = (claim: Claim, index: number): Position => ({ claim, index: index as Index })

/** A host `h` with the clock in the test's hands; followers are named by letters. */
class Scene {
  readonly replica: Replica
  readonly role: HostRole
  nowMs = 0
  readonly #nonces = new Map<string, number>()
  readonly #got: { readonly to: string; readonly body: FrameBody }[] = []
  readonly dropped: PeerId[] = []

  readonly relayed = new Set<PeerId>()

  constructor(seniority = '', replica = Replica.empty(true)) {
    this.replica = replica
    this.role = new HostRole(peer('h'), CLAIM, this.replica, [...seniority].map(peer), (other) =>
      this.relayed.has(other),
    )
  }

  /** Leading from the start, with each of these a complete follower at the end of the log. */
  static leading(followers = '', seniority = ''): Scene {
    const scene = new Scene(seniority)
    scene.take(scene.role.lead([], [], 0))
    for (const name of `h${followers}`) scene.joins(name)
    scene.settle(followers)
    return scene
  }

  /** A reign of `g` has left this many messages in the log when `h` begins its own, greeted by these before. */
  static succeeding(
    messages: number,
    greeters: readonly (readonly [string, Partial<Hello>])[] = [],
    seniority = '',
  ): Scene {
    const scene = new Scene(seniority)
    scene.replica.append({ type: 'reign', index: 1 as Index, claim: BEFORE, inSync: [] })
    for (let n = 1; n <= messages; n++)
      scene.replica.append({
        type: 'message',
        index: (n + 1) as Index,
        seq: n as Seq,
        op: op('a', n) as Extract<Entry, { type: 'message' }>['op'],
      })
    scene.take(
      scene.role.lead(
        greeters.map(([name, more]) => ({ from: peer(name), hello: scene.hello(name, more) })),
        [],
        0,
      ),
    )
    return scene
  }

  take(outputs: readonly HostOutput[]): void {
    for (const output of outputs) {
      if (output.type === 'dropped') this.dropped.push(output.peer)
      else for (const to of output.to) this.#got.push({ to: letter(to)!, body: output.body })
    }
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
      complete: true,
      lacks: [],
      canHost: true,
      visible: true,
      ...more,
    }
  }

  joins(name: string, more: Partial<Hello> = {}): void {
    this.take(this.role.hello(peer(name), this.hello(name, more), this.nowMs))
  }

  submits(
    name: string,
    ops: readonly Op[],
    { nonce = this.#nonces.get(name) ?? 0, floor = 1 } = {},
  ): void {
    this.take(
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
    this.take(
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
    this.take(
      this.role.receive(peer(name), { type: 'replay', nonce, request: 1, queries }, this.nowMs),
    )
  }

  pass(ms: number): void {
    this.nowMs += ms
    this.take(this.role.ticked(this.nowMs))
  }

  /** Everyone has taken everything, and nobody remembers what it was. */
  settle(followers: string): void {
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

describe('a new host', () => {
  test('[MG2] writes its reign into the history before anything else', () => {
    const scene = Scene.succeeding(2)
    scene.joins('a', { complete: false })
    scene.submits('a', [op('a', 3)])
    expect(scene.log).toEqual(['reign 3 with []', 'a1', 'a2', 'reign 4 with []', 'a3'])
    expect(scene.replica.history.reigns.at(-1)).toEqual({ claim: CLAIM, index: 4, seq: 2 })
  })

  test('[MG2] goes on with the next seq', () => {
    const scene = Scene.succeeding(2)
    scene.joins('a')
    scene.submits('a', [op('a', 3)])
    expect(scene.replica.lastSeq).toBe(3)
  })

  test('[MG4] names in that first entry who is in sync: fit, seniors first, at most so many', () => {
    const greeters = [
      ['a', {}],
      ['b', {}],
      ['c', { canHost: false }],
      ['d', { complete: false }],
      ['e', {}],
    ] as const
    const scene = Scene.succeeding(1, greeters, 'edcba')
    expect(STANDBYS_MAX).toBe(2)
    expect(scene.log).toEqual(['reign 3 with []', 'a1', 'reign 4 with [eb]'])
  })

  test('[MG2] welcomes those who had greeted it, its first entry included', () => {
    const scene = Scene.succeeding(1, [
      ['a', { position: at(BEFORE, 1) }],
      ['b', { complete: false, position: null }],
    ])
    const [welcome, entries] = scene.got('a')
    expect(welcome).toMatchObject({ type: 'welcome', resume: true, head: 3 })
    expect(entries).toMatchObject({
      type: 'entries',
      entries: [{ index: 2 }, { index: 3, type: 'reign' }],
    })
    expect(scene.only('b', 'welcome')).toMatchObject({ resume: false, head: 3 })
  })

  test('is not made of a replica without streams: that would be a bug of ours', () => {
    expect(() => new HostRole(peer('h'), CLAIM, Replica.empty(false), [])).toThrow(
      'a host holds the streams',
    )
  })
})

describe('whoever greets the host', () => {
  test('[RE5] knowing nothing starts at the head: joining replays nothing by itself', () => {
    const scene = Scene.succeeding(3)
    scene.joins('a', { position: null })
    const bodies = scene.got('a')
    expect(bodies[0]).toEqual({
      type: 'welcome',
      nonce: 1,
      resume: false,
      lacks: [],
      head: 5,
      headSeq: 3,
      history: scene.replica.history.reigns,
      ops: scene.replica.ops.rows,
    })
    expect(bodies.flatMap((body) => (body.type === 'entries' ? body.entries : []))).toEqual([])
  })

  test('with a position within its reign is sent the tail after it', () => {
    const scene = Scene.succeeding(3)
    scene.joins('a', { position: at(BEFORE, 2) })
    const [welcome, entries] = scene.got('a')
    expect(welcome).toMatchObject({ resume: true, head: 5 })
    expect(entries).toMatchObject({
      type: 'entries',
      entries: [{ index: 3 }, { index: 4 }, { index: 5, type: 'reign' }],
    })
  })

  test('with a position beyond the end of its reign is told where they part', () => {
    const scene = Scene.succeeding(3)
    scene.joins('a', { position: at(BEFORE, 7) })
    expect(scene.only('a', 'welcome')).toEqual({
      type: 'welcome',
      nonce: 1,
      resume: false,
      lacks: [],
      head: 5,
      headSeq: 3,
      history: scene.replica.history.reigns,
      ops: scene.replica.ops.rows,
    })
  })

  test('with a position of a term that is unknown here has nothing in common', () => {
    const scene = Scene.succeeding(3)
    scene.joins('a', { position: at(UNKNOWN, 2) })
    expect(scene.only('a', 'welcome')).toMatchObject({ resume: false })
  })

  test('with a position that the tail no longer reaches starts over, and keeps what it has in common', () => {
    const scene = Scene.leading('a')
    const ops = Array.from({ length: TAIL_ENTRIES_MAX + 2 }, (_, i) => op('a', i + 1))
    scene.submits('a', ops)
    scene.joins('b', { position: at(CLAIM, 2) })
    expect(scene.only('b', 'welcome')).toMatchObject({
      resume: false,
      head: scene.replica.lastIndex,
    })
  })

  test('[RE5] is in the live flow from the very answer on: no gap, no repeat', () => {
    const scene = Scene.leading('a')
    scene.submits('a', [op('a', 1)])
    scene.joins('b', { position: null })
    scene.submits('a', [op('a', 2)])
    const [welcome, ...rest] = scene.got('b')
    const head = (welcome as Body<'welcome'>).head
    const followed = rest.flatMap((body) =>
      body.type === 'entries' ? body.entries.map(({ index }) => index as number) : [],
    )
    expect(followed[0]).toBe(head + 1)
    expect(followed).toEqual(followed.map((_, i) => head + 1 + i))
    expect(followed.at(-1)).toBe(scene.replica.lastIndex)
  })

  test('is sent nothing before it has, and may do nothing', () => {
    const scene = Scene.leading()
    scene.take(
      scene.role.receive(
        peer('a'),
        { type: 'submit', nonce: 1, floor: 1 as OpId, ops: [op('a', 1)] },
        0,
      ),
    )
    scene.take(
      scene.role.receive(
        peer('a'),
        { type: 'replay', nonce: 1, request: 1, queries: [{ key: 'k', after: 0 }] },
        0,
      ),
    )
    expect(scene.log).not.toContain('a1')
    expect(scene.got('a')).toEqual([])
  })

  test('gets nothing any more once it left', () => {
    const scene = Scene.leading('ab')
    scene.take(scene.role.left(peer('b')))
    scene.got('b')
    scene.submits('a', [op('a', 1)])
    expect(scene.got('b')).toEqual([])
  })
})

describe('frames of an earlier connection', () => {
  test('are ignored: what is submitted', () => {
    const scene = Scene.leading('a')
    scene.joins('a')
    scene.submits('a', [op('a', 1)], { nonce: 1 })
    expect(scene.log).not.toContain('a1')
    scene.submits('a', [op('a', 1)], { nonce: 2 })
    expect(scene.log).toContain('a1')
  })

  test('are ignored: what is asked', () => {
    const scene = Scene.leading('a')
    scene.joins('a')
    scene.got('a')
    scene.asks('a', [{ key: 'k', after: 0 }], 1)
    expect(scene.got('a')).toEqual([])
  })

  test('are ignored: how far a log reached', () => {
    const scene = Scene.leading('ab')
    scene.submits('b', [op('b', 1)])
    scene.joins('a', { position: at(CLAIM, 1) })
    scene.take(
      scene.role.receive(
        peer('a'),
        { type: 'report', nonce: 1, index: scene.replica.lastIndex, complete: true, visible: true },
        0,
      ),
    )
    expect(scene.stableFor('b')).toBeLessThan(scene.replica.lastIndex)
  })
})

describe('[MG3] an op', () => {
  test('takes the next index and seq, and goes to everyone, its sender included', () => {
    const scene = Scene.leading('ab')
    const { lastIndex, lastSeq } = scene.replica
    scene.submits('a', [op('a', 1), op('a', 2)])
    for (const name of ['h', 'a', 'b']) {
      expect(scene.only(name, 'entries').entries).toMatchObject([
        { type: 'message', index: lastIndex + 1, seq: lastSeq + 1 },
        { type: 'message', index: lastIndex + 2, seq: lastSeq + 2 },
      ])
    }
  })

  test('that comes again is acknowledged again and not ordered again', () => {
    const scene = Scene.leading('a')
    scene.submits('a', [op('a', 1), op('a', 2)])
    const before = scene.replica.lastIndex
    scene.got('a')
    scene.joins('a')
    scene.submits('a', [op('a', 1), op('a', 2), op('a', 3)])
    expect(scene.replica.lastIndex).toBe(before + 1)
    expect(scene.only('a', 'repeated')).toEqual({
      type: 'repeated',
      nonce: 2,
      repeats: [
        { author: peer('a'), opId: 1, index: before - 1, seq: 1, code: null },
        { author: peer('a'), opId: 2, index: before, seq: 2, code: null },
      ],
    })
  })

  test('that was refused and comes again is refused with the same code', () => {
    const scene = Scene.leading('a')
    scene.submits('a', [op('a', 1, 'k'.repeat(600))])
    scene.submits('a', [op('a', 1, 'k'.repeat(600))])
    expect(scene.got('a').at(-1)).toMatchObject({
      type: 'repeated',
      repeats: [{ opId: 1, code: 'key-too-long', index: scene.replica.lastIndex }],
    })
  })

  test('of an author that is gone is taken, though others before it are with nobody', () => {
    const scene = Scene.leading('ab')
    scene.submits('a', [op('z', 1), op('z', 6), op('z', 4)])
    expect(scene.log.slice(-3)).toEqual(['z1', 'z6', 'z4'])
    scene.submits('a', [op('b', 2)])
    expect(scene.got('a').at(-1)).toMatchObject({ type: 'gap', author: peer('b'), expected: 1 })
  })

  test('that comes again as a number alone is answered with what was ordered', () => {
    const scene = Scene.leading('a')
    scene.submits('a', [
      op('a', 1),
      {
        action: 'compact',
        author: peer('a'),
        opId: 2 as OpId,
        key: 'k',
        value: new Uint8Array(),
        seq: 1 as Seq,
        basis: CLAIM,
      },
    ])
    scene.submits('a', [
      { action: 'void', author: peer('a'), opId: 2 as OpId, code: 'compact-outdated' },
    ])
    expect(scene.got('a').at(-1)).toMatchObject({
      type: 'repeated',
      repeats: [{ opId: 2, seq: 1, code: null, index: scene.replica.lastIndex }],
    })
  })

  test('that comes again when the tail has forgotten it has no place any more', () => {
    const scene = Scene.leading('ab')
    scene.submits('a', [op('a', 1)])
    scene.submits(
      'b',
      Array.from({ length: TAIL_ENTRIES_MAX }, (_, i) => op('b', i + 1)),
    )
    scene.got('a')
    scene.submits('a', [op('a', 1)])
    expect(scene.got('a').at(-1)).toMatchObject({
      type: 'repeated',
      repeats: [{ opId: 1, index: 0 }],
    })
  })

  test('is acknowledged only after its entry was sent', () => {
    const scene = Scene.leading('a')
    scene.submits('a', [op('a', 1), op('a', 1)])
    expect(scene.got('a').map((body) => body.type)).toEqual(['entries', 'repeated'])
  })

  test('that leaves a gap is refused with what is expected, and so is all after it', () => {
    const scene = Scene.leading('a')
    scene.submits('a', [op('a', 1)])
    scene.got('a')
    scene.submits('a', [op('a', 3), op('a', 4)])
    expect(scene.got('a')).toEqual([{ type: 'gap', nonce: 1, author: peer('a'), expected: 2 }])
    scene.submits('a', [op('a', 2), op('a', 3), op('a', 4)])
    expect(scene.log.slice(-4)).toEqual(['a1', 'a2', 'a3', 'a4'])
  })

  test('may follow a gap that its author can never close', () => {
    const scene = Scene.leading('a')
    scene.submits('a', [op('a', 1)])
    scene.submits('a', [op('a', 5), op('a', 6)], { floor: 5 })
    expect(scene.log.slice(-3)).toEqual(['a1', 'a5', 'a6'])
  })

  test('of another author comes in under its old name', () => {
    const scene = Scene.leading('ab')
    scene.submits('b', [op('a', 1), op('b', 1)])
    expect(scene.log.slice(-2)).toEqual(['a1', 'b1'])
    scene.submits('a', [op('a', 1)])
    expect(scene.log.filter((line) => line === 'a1')).toHaveLength(1)
  })

  test('of another author may leave no gap: only the author knows what it can no longer supply', () => {
    const scene = Scene.leading('ab')
    scene.submits('a', [op('a', 1)])
    scene.got('b')
    scene.submits('b', [op('a', 3)], { floor: 3 })
    expect(scene.got('b')).toEqual([{ type: 'gap', nonce: 1, author: peer('a'), expected: 2 }])
  })
})

describe('an entry', () => {
  test('[MG4] is stable at once where the host is alone', () => {
    const scene = Scene.leading()
    scene.submits('h', [op('h', 1)])
    expect(scene.stableFor('h')).toBe(scene.replica.lastIndex)
  })

  test('[MG4] is stable once the standby holds it, and its sender is told', () => {
    const scene = Scene.leading('sa', 's')
    scene.take(scene.role.left(peer('h')))
    expect(scene.inSync).toBe('sa')
    scene.submits('a', [op('a', 1)])
    scene.reports('a')
    expect(scene.stableFor('a')).toBeLessThan(scene.replica.lastIndex)
    scene.reports('s')
    expect(scene.got('a')).toEqual([
      { type: 'entries', stable: scene.replica.lastIndex, entries: [] },
    ])
  })

  test('[MG4] waits for every standby in sync, and for nobody else', () => {
    const scene = Scene.leading('stpa')
    expect(scene.inSync).toBe('st')
    scene.submits('a', [op('a', 1)])
    for (const name of 'hpas') scene.reports(name)
    expect(scene.stableFor('a')).toBe(scene.replica.lastIndex - 1)
    scene.reports('t')
    expect(scene.stableFor('a')).toBe(scene.replica.lastIndex)
  })

  test('[MG4] no longer waits for a standby that left: who is in sync is written down first', () => {
    const scene = Scene.leading('sta')
    scene.submits('a', [op('a', 1)])
    scene.take(scene.role.left(peer('s')))
    expect(scene.log.slice(-2)).toEqual(['a1', 'in sync [ta]'])
    scene.reports('t')
    scene.reports('a')
    expect(scene.stableFor('a')).toBe(scene.replica.lastIndex)
  })

  test('[MG4] that a standby claims to hold beyond what it was sent is not believed', () => {
    const scene = Scene.leading('sa')
    scene.reports('s', 1_000)
    scene.submits('a', [op('a', 1)])
    scene.reports('a')
    expect(scene.stableFor('a')).toBeLessThan(scene.replica.lastIndex)
  })

  test('is not announced as stable to those who wait for no receipt', () => {
    const scene = Scene.leading('sab')
    scene.submits('a', [op('a', 1)])
    for (const name of 'sa') scene.got(name)
    scene.got('b')
    for (const name of 'sa') scene.reports(name)
    expect(scene.got('b')).toEqual([])
  })
})

describe('[RE4] a compaction', () => {
  test('takes an index and no seq', () => {
    const scene = Scene.leading('a')
    scene.submits('a', [op('a', 1), op('a', 2), compaction('a', 3, 2)])
    expect(scene.replica.lastSeq).toBe(2)
    expect(scene.replica.log.at(scene.replica.lastIndex)).toMatchObject({ type: 'compaction' })
    expect(scene.replica.engine?.size('k')).toBe(1)
  })

  test.each([0, 2])('out of range is refused: seq %i', (seq) => {
    const scene = Scene.leading('a')
    scene.submits('a', [op('a', 1), compaction('a', 2, seq)])
    expect(scene.log.at(-1)).toBe('a2 refused: compact-out-of-range')
    expect(scene.replica.engine?.size('k')).toBe(1)
  })

  test('that rests on a reign unknown here is outdated', () => {
    const scene = Scene.succeeding(3)
    scene.joins('b')
    scene.submits('b', [compaction('b', 1, 2, UNKNOWN)])
    expect(scene.log.at(-1)).toBe('b1 refused: compact-outdated')
    expect(scene.replica.engine?.size('k')).toBe(3)
  })

  test("by a sender that had met no host yet means this room's numbers", () => {
    const scene = Scene.succeeding(3)
    scene.joins('b')
    scene.submits('b', [compaction('b', 1, 2, { term: NO_TERM, host: peer('b') })])
    expect(scene.log.at(-1)).toBe('b1')
    expect(scene.replica.engine?.size('k')).toBe(2)
  })

  test('[EL5b] waits as long as somebody may come back with what the host’s streams lack', () => {
    const replica = Replica.empty(false)
    replica.startOver(
      9 as Index,
      7 as Seq,
      [{ claim: BEFORE, index: 1 as Index, seq: 0 as Seq }],
      [],
      0 as Index,
    )
    replica.makeDo()
    const scene = new Scene('', replica)
    scene.take(scene.role.lead([], [], 0))
    scene.joins('a')
    scene.submits('a', [op('a', 1), compaction('a', 2, 8)])
    expect(scene.log.at(-1)).toBe('a2 refused: compact-outdated')
    for (let at = 3; replica.mayBeFilled; at += 1_000)
      scene.submits(
        'a',
        Array.from({ length: 1_000 }, (_, i) => op('a', at + i)),
      )
    const last = replica.ops.last(peer('a'))!
    scene.submits('a', [compaction('a', last + 1, 8)])
    expect([scene.log.at(-1), replica.log.reachesBackTo(9 as Index)]).toEqual([
      `a${last + 1}`,
      false,
    ])
  })

  test('that rests on an earlier reign counts as far as that reign came, and no further', () => {
    const scene = Scene.succeeding(3)
    scene.joins('b')
    scene.submits('b', [op('b', 1), compaction('b', 2, 4, BEFORE), compaction('b', 3, 3, BEFORE)])
    expect(scene.log.slice(-2)).toEqual(['b2 refused: compact-outdated', 'b3'])
    expect(scene.replica.engine?.size('k')).toBe(2)
  })
})

test('[RE8] a refused op uses up its number and nothing else', () => {
  const scene = Scene.leading('a')
  scene.submits('a', [op('a', 1, 'k'.repeat(600)), op('a', 2)])
  expect(scene.log.slice(-2)).toEqual(['a1 refused: key-too-long', 'a2'])
  expect(scene.replica.lastSeq).toBe(1)
})

describe('[RE5] a replay', () => {
  test('answers many keys at once, in the order asked, with what comes after', () => {
    const scene = Scene.leading('a')
    scene.submits('a', [
      op('a', 1, 'x'),
      op('a', 2, 'y', 3),
      op('a', 3, 'x', 2),
      op('a', 4, 'x', 1, 'relay'),
    ])
    scene.got('a')
    scene.asks('a', [
      { key: 'y', after: 0 },
      { key: 'none', after: 0 },
      { key: 'x', after: 1 },
    ])
    expect(scene.got('a')).toEqual([
      {
        type: 'replayed',
        nonce: 1,
        request: 1,
        last: true,
        items: [
          {
            key: 'y',
            seqs: Float64Array.of(2),
            ends: Float64Array.of(3),
            bytes: Uint8Array.of(2, 2, 2),
          },
          {
            key: 'x',
            seqs: Float64Array.of(3),
            ends: Float64Array.of(2),
            bytes: Uint8Array.of(3, 3),
          },
        ],
      },
    ])
  })

  test('of a large stream comes in parts, the last one marked', () => {
    const scene = Scene.leading('a')
    for (let n = 1; n <= 5; n++) scene.submits('a', [op('a', n, 'k', 200_000)])
    scene.got('a')
    scene.asks('a', [{ key: 'k', after: 0 }])
    const parts = scene.got('a').flatMap((body) => (body.type === 'replayed' ? [body] : []))
    expect(parts.map(({ last }) => last)).toEqual([...Array(parts.length - 1).fill(false), true])
    expect(parts.flatMap(({ items }) => items.flatMap(({ seqs }) => [...seqs]))).toEqual([
      1, 2, 3, 4, 5,
    ])
    for (const { items } of parts)
      expect(items.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThanOrEqual(
        2 * 256 * 1024,
      )
  })

  test('that names a key twice is not answered: it could ask for more than a room holds', () => {
    const scene = Scene.leading('a')
    scene.asks('a', [
      { key: 'x', after: 0 },
      { key: 'x', after: 0 },
    ])
    expect(scene.got('a')).toEqual([])
  })

  test('is answered behind all that it contains, so that what follows live has neither gap nor repeat', () => {
    const scene = Scene.leading('ab')
    scene.submits('a', [op('a', 1)])
    scene.asks('b', [{ key: 'k', after: 0 }])
    scene.submits('a', [op('a', 2)])
    const seen = scene
      .got('b')
      .map((body) =>
        body.type === 'entries'
          ? body.entries.map((entry) => (entry.type === 'message' ? entry.seq : 0))
          : body.type === 'replayed'
            ? 'replayed'
            : [],
      )
    expect(seen).toEqual([[1], 'replayed', [2]])
  })

  test('of a follower that is cut from the live flow waits until it is back, behind what it has missed', () => {
    const scene = Scene.leading('ab')
    scene.submits('a', [op('a', 1)])
    scene.pass(FOLLOWER_LIMIT_MS + 1)
    const reached = scene.replica.lastIndex
    scene.submits('a', [op('a', 2)])
    scene.got('b')
    scene.asks('b', [{ key: 'k', after: 0 }])
    expect(scene.got('b')).toEqual([])
    scene.reports('b', reached)
    expect(
      scene
        .got('b')
        .map(({ type }) => type)
        .slice(0, 3),
    ).toEqual(['welcome', 'entries', 'replayed'])
  })
})

describe('a follower that cannot keep up', () => {
  const flood = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => op('a', from + i))

  /** `s` has acknowledged nothing of more than it may lag behind. */
  function lagging(): Scene {
    const scene = Scene.leading('sa')
    for (let from = 1; from <= LAG_ENTRIES_MAX + 1; from += 1_000) {
      scene.submits('a', flood(from, 1_000))
      scene.reports('a')
    }
    return scene
  }

  test('is cut from the live flow, and from those in sync: nobody waits for it', () => {
    const scene = lagging()
    expect(scene.inSync).toBe('a')
    scene.got('s')
    scene.submits('a', [op('a', scene.replica.lastSeq + 1)])
    scene.reports('a')
    expect(scene.got('s')).toEqual([])
    expect(scene.stableFor('a')).toBe(scene.replica.lastIndex)
  })

  test('comes back where it stopped, as soon as it has taken what was sent', () => {
    const scene = lagging()
    const sent = scene.indexes('s').at(-1)!
    scene.submits('a', flood(scene.replica.lastSeq + 1, 10))
    scene.reports('s', sent - 1)
    expect(scene.got('s')).toEqual([])
    scene.reports('s', sent)
    const [welcome, ...rest] = scene.got('s')
    expect(welcome).toMatchObject({ type: 'welcome', nonce: 1, resume: true })
    expect(
      rest.flatMap((body) =>
        body.type === 'entries' ? body.entries.map(({ index }) => index as number) : [],
      )[0],
    ).toBe(sent + 1)
    scene.reports('s')
    expect(scene.inSync).toContain('s')
  })

  test('starts over where the tail has moved on meanwhile', () => {
    const scene = lagging()
    const sent = scene.indexes('s').at(-1)!
    for (let i = 0; i < TAIL_ENTRIES_MAX / 1_024; i++)
      scene.submits('a', flood(scene.replica.lastSeq + 1, 1_025))
    scene.reports('s', sent)
    expect(scene.got('s')[0]).toMatchObject({
      type: 'welcome',
      resume: false,
      head: scene.replica.lastIndex,
    })
  })
})

describe('a silent follower', () => {
  test('leaves the live flow and those in sync after its limit', () => {
    const scene = Scene.leading('sa')
    scene.pass(FOLLOWER_LIMIT_MS)
    expect(scene.inSync).toBe('sa')
    scene.reports('a')
    scene.pass(1)
    expect(scene.inSync).toBe('a')
  })

  test('is back with its first word', () => {
    const scene = Scene.leading('sa')
    scene.pass(FOLLOWER_LIMIT_MS + 1)
    scene.reports('a')
    scene.submits('a', [op('a', 1)])
    scene.got('s')
    scene.take(scene.role.receive(peer('s'), { type: 'ping', at: 0 }, scene.nowMs))
    expect(scene.got('s')[0]).toMatchObject({ type: 'welcome', resume: true })
  })

  test('is gone for good after a longer while', () => {
    const scene = Scene.leading('sa')
    scene.pass(FOLLOWER_GONE_MS)
    expect(scene.dropped).toEqual([])
    scene.reports('a')
    scene.pass(1)
    expect(scene.dropped).toEqual([peer('s')])
    expect(scene.roster?.members.map((member) => letter(member.peer))).toEqual(['h', 'a'])
  })

  test('[SG4] that signaling lost is asked at once, and gone when it does not answer', () => {
    const scene = Scene.leading('sa')
    scene.take(scene.role.departed(peer('s'), scene.nowMs))
    expect(scene.got('s').map((body) => body.type)).toContain('ping')
    expect(scene.inSync).toBe('a')
    scene.pass(DEPARTED_PROBE_MS)
    expect(scene.dropped).toEqual([])
    scene.pass(1)
    expect(scene.dropped).toEqual([peer('s')])
  })

  test('[SG4] that signaling lost and that answers stays', () => {
    const scene = Scene.leading('sa')
    scene.take(scene.role.departed(peer('s'), scene.nowMs))
    scene.take(scene.role.receive(peer('s'), { type: 'pong', at: 0, clock: 0 }, scene.nowMs))
    scene.pass(DEPARTED_PROBE_MS + 1)
    expect(scene.dropped).toEqual([])
    expect(scene.inSync).toBe('sa')
  })

  test('[EL5] is nobody, where it was the host itself that slept', () => {
    const scene = Scene.leading('sa')
    scene.nowMs += 60_000
    scene.role.woke(scene.nowMs)
    scene.pass(0)
    expect(scene.inSync).toBe('sa')
    expect(scene.dropped).toEqual([])
  })

  test('is never the host itself', () => {
    const scene = Scene.leading()
    scene.pass(FOLLOWER_GONE_MS + 1)
    expect(scene.dropped).toEqual([])
    scene.submits('h', [op('h', 1)])
    expect(scene.only('h', 'entries').entries).toHaveLength(1)
  })
})

describe('[EL2] the succession', () => {
  test('puts those in sync first, then whoever may host, and nobody else', () => {
    const scene = Scene.leading('abcd')
    scene.joins('e', { canHost: false })
    expect(scene.roster).toMatchObject({ standbys: 2, succession: ['a', 'b', 'c', 'd'].map(peer) })
    expect(scene.roster?.members.map((member) => letter(member.peer))).toEqual([
      'h',
      'a',
      'b',
      'c',
      'd',
      'e',
    ])
  })

  test('passes over a hidden peer', () => {
    const scene = Scene.leading('abc')
    scene.reports('a', scene.replica.lastIndex, { visible: false })
    expect(scene.inSync).toBe('bc')
    expect(scene.roster?.succession).toEqual(['b', 'c', 'a'].map(peer))
  })

  test('puts a peer with a relayed link behind those with a direct one', () => {
    const scene = new Scene()
    scene.relayed.add(peer('a'))
    scene.take(scene.role.lead([], [], 0))
    for (const name of 'habc') scene.joins(name)
    scene.settle('abc')
    expect(scene.inSync).toBe('bc')
    scene.relayed.clear()
    scene.joins('a') // over a direct link
    scene.reports('a')
    expect(scene.inSync).toBe('ab')
  })

  test('keeps the order of arrival through a change of host', () => {
    const scene = Scene.leading('abc', 'cb')
    expect(scene.inSync).toBe('cb')
    expect(scene.role.successor).toBe(peer('c'))
  })

  test('keeps a place for whoever comes back', () => {
    const scene = Scene.leading('abc')
    scene.take(scene.role.left(peer('a')))
    scene.joins('a')
    scene.reports('a')
    expect(scene.roster?.members.map((member) => letter(member.peer))).toEqual(['h', 'a', 'b', 'c'])
  })

  test('is told when it changes and only then', () => {
    const scene = Scene.leading('ab')
    scene.submits('a', [op('a', 1)])
    scene.reports('a')
    scene.reports('b')
    expect(scene.roster).toBeUndefined()
  })

  test('is told again to whoever greets again: the roster before may be lost with its link', () => {
    const scene = Scene.leading('ab')
    scene.joins('b')
    expect(scene.roster?.members.map((member) => letter(member.peer))).toEqual(['h', 'a', 'b'])
  })

  test('takes in no replica that is far behind or lacks the streams', () => {
    const scene = Scene.leading('a')
    scene.submits(
      'a',
      Array.from({ length: 1_025 }, (_, i) => op('a', i + 1)),
    )
    scene.joins('b', { position: at(CLAIM, 1) })
    scene.joins('c', { complete: false })
    expect(scene.inSync).toBe('a')
    scene.reports('b')
    expect(scene.inSync).toBe('ab')
    scene.take(scene.role.left(peer('b')))
    scene.reports('c')
    expect(scene.inSync).toBe('ac')
  })
})

describe('[MG1] a handover', () => {
  test('asks the first standby, telling it how far the log reaches', () => {
    const scene = Scene.leading('sta')
    scene.submits('a', [op('a', 1)])
    for (const name of 'sta') scene.got(name)
    scene.take(scene.role.handOver(scene.nowMs))
    expect(scene.role.successor).toBe(peer('s'))
    expect(scene.got('s')).toEqual([{ type: 'handover', head: scene.replica.lastIndex }])
    expect(scene.got('t')).toEqual([])
  })

  test('orders nothing while it lasts: ops are held, none is refused', () => {
    const scene = Scene.leading('sa')
    scene.take(scene.role.handOver(scene.nowMs))
    scene.got('a')
    const before = scene.log
    scene.submits('a', [op('a', 1)])
    expect(scene.log).toEqual(before)
    expect(scene.got('a')).toEqual([])
  })

  test('that does not come about is called off: what was held is ordered as it came', () => {
    const scene = Scene.leading('sab')
    scene.take(scene.role.handOver(scene.nowMs))
    scene.submits('a', [op('a', 1)])
    scene.submits('b', [op('b', 1)])
    scene.submits('a', [op('a', 2)])
    scene.pass(HANDOVER_TIMEOUT_MS - 1)
    expect(scene.log).not.toContain('a1')
    scene.pass(1)
    expect(scene.log.slice(-3)).toEqual(['a1', 'b1', 'a2'])
    expect(scene.indexes('a')).toHaveLength(3)
    scene.submits('a', [op('a', 3)])
    expect(scene.log.at(-1)).toBe('a3')
  })

  test('holds nothing of a connection that ended meanwhile', () => {
    const scene = Scene.leading('sa')
    scene.take(scene.role.handOver(scene.nowMs))
    scene.submits('a', [op('a', 1)])
    scene.joins('a')
    scene.pass(HANDOVER_TIMEOUT_MS)
    expect(scene.log).not.toContain('a1')
  })

  test('writes no entry that the successor would have to wait for', () => {
    const scene = Scene.leading('sta')
    scene.take(scene.role.handOver(scene.nowMs))
    const before = scene.log
    scene.take(scene.role.left(peer('t')))
    scene.reports('a', scene.replica.lastIndex, { visible: false })
    expect(scene.log).toEqual(before)
  })

  test('is one at a time, and none without a standby', () => {
    const scene = Scene.leading('s')
    scene.take(scene.role.handOver(scene.nowMs))
    scene.got('s')
    scene.take(scene.role.handOver(scene.nowMs))
    expect(scene.got('s')).toEqual([])
    const alone = Scene.leading()
    expect(alone.role.successor).toBeNull()
    alone.take(alone.role.handOver(0))
    alone.submits('h', [op('h', 1)])
    expect(alone.log.at(-1)).toBe('h1')
  })
})
