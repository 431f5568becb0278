import { describe, expect, test } from 'vitest'
import {
  FETCH_TIMEOUT_MS,
  POSITIONS_WAIT_MS,
  SNAPSHOT_PARTS_AHEAD,
  TAIL_ENTRIES_MAX,
} from '../protocol/limits.ts'
import {
  NO_INDEX,
  NO_SEQ,
  type Claim,
  type Index,
  type OpId,
  type PeerId,
  type Seq,
  type Term,
} from '../protocol/ids.ts'
import type { FrameBody } from '../protocol/frames.ts'
import { Log } from '../replica/log.ts'
import { Replica } from '../replica/replica.ts'
import { snapshotFor } from '../replica/snapshot.ts'
import { opsOf } from '../replica/surplus.ts'
import { Takeover, type TakeoverOutput } from './takeover.ts'
import { Sources } from '../replica/transfer.ts'

const peer = (letter: string) => letter.repeat(22) as PeerId
const letter = (id: PeerId) => id[0]!
const claimOf = (term: number, host: string): Claim => ({ term: term as Term, host: peer(host) })

type Fetch = Extract<FrameBody, { type: 'fetch' }>
type Part = Extract<FrameBody, { type: 'part' }>

/** Adds entries by name: `3g` begins the reign of g in term 3, `a1` is the first op of a, `a1!` a large one. */
function add(replica: Replica, ...entries: readonly string[]): Replica {
  for (const name of entries) {
    const index = (replica.lastIndex + 1) as Index
    if (/^\d/.test(name))
      replica.append({
        type: 'reign',
        index,
        claim: claimOf(parseInt(name), name.at(-1)!),
        inSync: [],
      })
    else {
      const value = new Uint8Array(name.endsWith('!') ? 60_000 : 1)
      const op = {
        action: 'append' as const,
        author: peer(name[0]!),
        opId: parseInt(name.slice(1)) as OpId,
        key: 'k',
        value,
      }
      replica.append({ type: 'message', index, seq: (replica.lastSeq + 1) as Seq, op })
    }
  }
  return replica
}

const replicaOf = (...entries: readonly string[]) => add(Replica.empty(true), ...entries)

/** The messages that a room made of this replica would hold. */
function contents(replica: Replica): string[] {
  const run = replica.engine?.replay('k', 0)
  return Array.from(
    run?.opIds ?? [],
    (opId, i) => `${letter(replica.engine!.authorName(run!.authors[i]!))}${opId}`,
  )
}

/** Peer `m` was granted term 9. The others are what the test says they hold; time is the test's. */
class Scene {
  readonly takeover: Takeover
  readonly mine: Replica
  nowMs = 0
  ready = 0
  readonly setAside: string[] = []
  readonly #fetches: { readonly from: string; readonly fetch: Fetch }[] = []

  constructor(mine: Replica, reachable: string, owed = '', stable = 0) {
    this.mine = mine
    this.takeover = new Takeover(
      claimOf(9, 'm'),
      mine,
      stable as Index,
      [...reachable].map(peer),
      [...owed].map(peer),
      0,
    )
  }

  take(outputs: readonly TakeoverOutput[]): void {
    for (const output of outputs) {
      if (output.type === 'ready') this.ready++
      else if (output.type === 'set-aside')
        this.setAside.push(...output.ops.map((op) => `${letter(op.author)}${op.opId}`))
      else if (output.body.type === 'fetch')
        this.#fetches.push({ from: letter(output.to[0]!), fetch: output.body })
    }
  }

  greets(
    name: string,
    { position, lastSeq: headSeq, complete, cannotGive: lacks }: Replica,
    stable = 0,
  ): void {
    this.take(
      this.takeover.hello(
        peer(name),
        {
          type: 'hello',
          claim: this.takeover.claim,
          nonce: 1,
          position,
          headSeq,
          stable: stable as Index,
          complete,
          lacks,
          canHost: true,
          visible: true,
        },
        this.nowMs,
      ),
    )
  }

  leaves(name: string): void {
    this.take(this.takeover.left(peer(name), this.nowMs))
  }

  pass(ms: number): void {
    this.nowMs += ms
    this.take(this.takeover.ticked(this.nowMs))
  }

  /** Whom the replica is being fetched from since this was last asked. */
  asked(): string {
    return this.#fetches
      .splice(0)
      .map(({ from }) => from)
      .join('')
  }

  part(from: string, part: Part): void {
    this.take(this.takeover.part(peer(from), part, this.nowMs))
  }

  /** The parts that this source answers with, the one fetch open being to it. */
  partsOf(source: Replica): Part[] {
    expect(this.#fetches).toHaveLength(1)
    const { fetch } = this.#fetches.pop()!
    const parts = snapshotFor(source, fetch.ends, fetch.lacks)
    expect(parts.length).toBeLessThanOrEqual(SNAPSHOT_PARTS_AHEAD)
    return new Sources().start(peer('m'), fetch.request, parts)
  }

  answers(from: string, source: Replica): void {
    for (const part of this.partsOf(source)) this.part(from, part)
  }
}

/** Its takeover fetches once, from one peer, and leads. */
function takesOverWith(mine: Replica, source: Replica): Scene {
  const scene = new Scene(mine, 'ma')
  scene.greets('m', mine)
  scene.greets('a', source)
  scene.answers('a', source)
  expect(scene.ready).toBe(1)
  return scene
}

describe('[MG2] a peer that takes over', () => {
  test('waits for every peer that it can reach', () => {
    const scene = new Scene(replicaOf('1h'), 'mab')
    scene.greets('m', scene.mine)
    scene.greets('a', replicaOf('1h'))
    expect(scene.ready).toBe(0)
    scene.greets('b', replicaOf('1h'))
    expect(scene.ready).toBe(1)
  })

  test('waits no longer than so long', () => {
    const scene = new Scene(replicaOf('1h'), 'mab')
    scene.greets('m', scene.mine)
    expect(scene.takeover.deadlineMs).toBe(POSITIONS_WAIT_MS)
    scene.pass(POSITIONS_WAIT_MS - 1)
    expect(scene.ready).toBe(0)
    scene.pass(1)
    expect(scene.ready).toBe(1)
  })

  test('does not wait for those who left', () => {
    const scene = new Scene(replicaOf('1h'), 'ma')
    scene.greets('m', scene.mine)
    scene.leaves('a')
    expect(scene.ready).toBe(1)
  })

  test('leads once, whatever comes after', () => {
    const scene = new Scene(replicaOf('1h'), 'm')
    scene.greets('m', scene.mine)
    scene.pass(60_000)
    scene.greets('a', replicaOf('1h', 'a1'))
    scene.leaves('a')
    expect(scene.ready).toBe(1)
    expect(scene.takeover.deadlineMs).toBe(Infinity)
  })

  test('welcomes all who greeted it and are still there', () => {
    const scene = new Scene(replicaOf('1h'), 'mab')
    for (const name of 'mab') scene.greets(name, scene.mine)
    scene.leaves('a')
    expect(scene.takeover.hellos.map(({ from }) => letter(from))).toEqual(['m', 'b'])
  })

  test('fetches nothing from those who hold no more than it does', () => {
    const scene = new Scene(replicaOf('1h', 'a1', 'a2'), 'ma')
    scene.greets('m', scene.mine)
    scene.greets('a', replicaOf('1h', 'a1'))
    expect(scene.asked()).toBe('')
    expect(scene.ready).toBe(1)
  })
})

describe('[MG2] an entry that a reachable peer has delivered', () => {
  test('survives: the tail is fetched before anybody leads', () => {
    const scene = new Scene(replicaOf('1h', 'a1'), 'ma')
    const source = replicaOf('1h', 'a1', 'a2', 'b1')
    scene.greets('m', scene.mine)
    scene.greets('a', source)
    expect(scene.ready).toBe(0)
    scene.answers('a', source)
    expect(scene.ready).toBe(1)
    expect(contents(scene.mine)).toEqual(['a1', 'a2', 'b1'])
    expect(scene.mine.position).toEqual(source.position)
  })

  test('is fetched from the longest log of the latest reign', () => {
    const scene = new Scene(replicaOf('1h', 'a1'), 'mabc')
    scene.greets('m', scene.mine)
    scene.greets('a', replicaOf('1h', 'a1', '2g', 'a2'))
    scene.greets('b', replicaOf('1h', 'a1', 'x1', 'x2', 'x3', 'x4'))
    scene.greets('c', replicaOf('1h', 'a1', '2g', 'a2', 'a3'))
    expect(scene.asked()).toBe('c')
  })

  test('is fetched from a peer that greets late and is further still', () => {
    const scene = new Scene(replicaOf('1h'), 'ma')
    const near = replicaOf('1h', 'a1')
    const far = replicaOf('1h', 'a1', 'a2')
    scene.greets('m', scene.mine)
    scene.greets('a', near)
    scene.greets('b', far)
    scene.answers('a', near)
    expect(scene.ready).toBe(0)
    scene.answers('b', far)
    expect(scene.ready).toBe(1)
    expect(contents(scene.mine)).toEqual(['a1', 'a2'])
  })
})

describe('[MG2] a source', () => {
  const far = () => replicaOf('1h', 'a1', 'a2')
  const near = () => replicaOf('1h', 'a1')

  function fetching(): Scene {
    const scene = new Scene(replicaOf('1h'), 'mab')
    scene.greets('m', scene.mine)
    scene.greets('a', far())
    scene.greets('b', near())
    return scene
  }

  test('that dies is passed over for the next', () => {
    const scene = fetching()
    expect(scene.asked()).toBe('a')
    scene.leaves('a')
    expect(scene.asked()).toBe('b')
  })

  test('whose bystander dies goes on', () => {
    const scene = fetching()
    scene.leaves('b')
    scene.answers('a', far())
    expect(contents(scene.mine)).toEqual(['a1', 'a2'])
  })

  test('that does not answer is passed over, and the last of them ends the wait', () => {
    const scene = fetching()
    scene.asked()
    scene.pass(FETCH_TIMEOUT_MS - 1)
    expect(scene.asked()).toBe('')
    scene.pass(1)
    expect(scene.asked()).toBe('b')
    scene.pass(FETCH_TIMEOUT_MS)
    expect(scene.ready).toBe(1)
  })

  test('that does not answer is not welcomed: what it holds is lacking here until it greets again', () => {
    const scene = fetching()
    scene.asked()
    scene.pass(FETCH_TIMEOUT_MS)
    scene.answers('b', near())
    expect(scene.ready).toBe(1)
    expect(scene.takeover.hellos.map(({ from }) => letter(from))).toEqual(['m', 'b'])
  })

  test('that is slow and goes on sending is waited for', () => {
    const scene = new Scene(replicaOf('1h'), 'ma')
    const source = replicaOf('1h', 'a1!', 'a2!', 'a3!')
    scene.greets('m', scene.mine)
    scene.greets('a', source)
    const parts = scene.partsOf(source)
    expect(parts.length).toBeGreaterThan(2)
    for (const part of parts) {
      scene.pass(FETCH_TIMEOUT_MS - 1)
      scene.part('a', part)
    }
    expect(scene.ready).toBe(1)
    expect(contents(scene.mine)).toEqual(['a1', 'a2', 'a3'])
  })

  test('that sends what no Baton sends is passed over', () => {
    const scene = fetching()
    const [part] = scene.partsOf(far())
    scene.part('a', { ...part!, bytes: Uint8Array.of(99) })
    expect(scene.asked()).toBe('b')
  })

  test('that sends its parts out of order is passed over', () => {
    const scene = fetching()
    const [, second] = scene.partsOf(far())
    scene.part('a', second!)
    expect(scene.asked()).toBe('b')
  })

  test('is not taken for another: parts of others and of earlier requests are ignored', () => {
    const scene = fetching()
    const parts = scene.partsOf(far())
    for (const part of parts) scene.part('b', part)
    for (const part of parts) scene.part('a', { ...part, request: part.request + 1 })
    expect(scene.ready).toBe(0)
    expect(contents(scene.mine)).toEqual([])
    for (const part of parts) scene.part('a', part)
    expect(contents(scene.mine)).toEqual(['a1', 'a2'])
  })

  test('is asked once, even where it gave less than it had told', () => {
    const scene = fetching()
    scene.answers('a', near())
    expect(scene.asked()).toBe('')
    expect(scene.ready).toBe(1)
    expect(contents(scene.mine)).toEqual(['a1'])
  })
})

describe('[MG2] a peer whose own log parted from the furthest', () => {
  test('adopts that one whole, and sets its own surplus aside', () => {
    const scene = new Scene(replicaOf('1h', 'a1', 'm1', 'b1'), 'ma')
    const source = replicaOf('1h', 'a1', '2g', 'c1')
    scene.greets('m', scene.mine)
    scene.greets('a', source)
    scene.answers('a', source) // what came after the fork
    scene.answers('a', source) // it goes on, so all of it
    expect(contents(scene.mine)).toEqual(['a1', 'c1'])
    expect(scene.mine.history.reigns).toEqual(source.history.reigns)
    expect(scene.setAside).toEqual(['m1', 'b1'])
  })

  test('sets aside everything where the two have no reign in common', () => {
    const scene = new Scene(replicaOf('1m', 'm1', 'a1'), 'ma')
    const source = replicaOf('2g', 'c1')
    scene.greets('m', scene.mine)
    scene.greets('a', source)
    scene.answers('a', source)
    expect(contents(scene.mine)).toEqual(['c1'])
    expect(scene.setAside).toEqual(['m1', 'a1'])
  })

  test('sets nothing aside where its log is a beginning of the other', () => {
    const scene = new Scene(replicaOf('1h', 'a1'), 'ma')
    const source = replicaOf('1h', 'a1', '2g', 'c1')
    scene.greets('m', scene.mine)
    scene.greets('a', source)
    scene.answers('a', source)
    expect(contents(scene.mine)).toEqual(['a1', 'c1'])
    expect(scene.setAside).toEqual([])
  })
})

describe('[MG2] a peer without streams', () => {
  /** Follows since the end of this log, and never got what was retained before. */
  function followerOf(source: Replica): Replica {
    const replica = Replica.empty(false)
    replica.startOver(source.lastIndex, source.lastSeq, source.history.reigns, [], NO_INDEX)
    return replica
  }

  test('fetches them from one that has them, though that one is no further', () => {
    const source = replicaOf('1h', 'a1', 'a2')
    const mine = followerOf(source)
    add(mine, 'a3')
    takesOverWith(mine, source)
    expect(contents(mine)).toEqual(['a1', 'a2', 'a3'])
  })

  test('leads with what its tail holds where nobody has them', () => {
    const source = replicaOf('1h', 'a1')
    const mine = add(followerOf(source), 'a2')
    const scene = new Scene(mine, 'ma')
    scene.greets('m', mine)
    scene.greets('a', add(followerOf(source), 'a2'))
    expect(scene.ready).toBe(1)
    expect(mine.complete).toBe(true)
    expect(contents(mine)).toEqual(['a2'])
  })
})

test('[MG3] what peers had submitted among entries are messages and compactions, and what was refused with its number', () => {
  const replica = replicaOf('1h', 'a1')
  replica.append({
    type: 'refusal',
    index: 3 as Index,
    author: peer('a'),
    opId: 2 as OpId,
    code: 'room-full',
  })
  replica.append({
    type: 'compaction',
    index: 4 as Index,
    op: {
      action: 'compact',
      author: peer('a'),
      opId: 3 as OpId,
      key: 'k',
      value: new Uint8Array(),
      seq: 1 as Seq,
      basis: claimOf(1, 'h'),
    },
  })
  replica.append({ type: 'in-sync', index: 5 as Index, inSync: [] })
  expect(
    opsOf(replica.log.after(0 as Index), 0 as Index).map((op) => [op.action, op.opId]),
  ).toEqual([
    ['append', 1],
    ['void', 2],
    ['compact', 3],
  ])
})

describe('[MG5] a peer that takes over where branches meet', () => {
  const names = (scene: Scene) =>
    scene.takeover.surpluses.map(
      ({ entries, forkSeq }) =>
        `${entries.map((entry) => ('op' in entry ? `${letter(entry.op.author)}${entry.op.opId}` : entry.type)).join(' ')} after ${forkSeq}`,
    )

  test('keeps its own log where that is held by more, and what the other had for the reign to order', () => {
    const scene = new Scene(replicaOf('1h', 'a1', '2m', 'a2'), 'ma', '', 4)
    const other = replicaOf('1h', 'a1', 'b1', 'b2')
    scene.greets('m', scene.mine)
    scene.greets('a', other, 0)
    expect(scene.ready).toBe(1) // nothing of it was stable: its peer submits it again
    const again = new Scene(replicaOf('1h', 'a1', '2m', 'a2', 'a3', 'a4'), 'ma', '', 6)
    again.greets('m', again.mine)
    again.greets('a', other, 4)
    again.answers('a', other)
    expect(again.ready).toBe(1)
    expect(contents(again.mine)).toEqual(['a1', 'a2', 'a3', 'a4'])
    expect(names(again)).toEqual(['b1 b2 after 1'])
  })

  test('takes over the other log whole where that goes on, and has its own for the reign to order', () => {
    const scene = new Scene(replicaOf('1h', 'a1', '2m', 'm1'), 'ma', '', 4)
    const other = replicaOf('1h', 'a1', 'b1', 'b2')
    scene.greets('m', scene.mine)
    scene.greets('a', other, 4)
    scene.answers('a', other) // what came after the fork
    scene.answers('a', other) // all of it
    expect(scene.ready).toBe(1)
    expect(contents(scene.mine)).toEqual(['a1', 'b1', 'b2'])
    expect(names(scene)).toEqual(['reign m1 after 1'])
    expect(scene.setAside).toEqual(['m1'])
  })

  test('waits longer for the peer whose branch is the reason for its reign', () => {
    const scene = new Scene(replicaOf('1h', '2m'), 'mab', 'b')
    scene.greets('m', scene.mine)
    scene.pass(POSITIONS_WAIT_MS)
    expect(scene.ready).toBe(0)
    scene.greets('b', replicaOf('1h'))
    expect(scene.ready).toBe(1) // a has had its time
  })

  test('takes what a source without streams has left, though it cannot go on with it', () => {
    const scene = new Scene(replicaOf('1h', 'a1'), 'ma')
    const torn = Replica.empty(false)
    torn.startOver(5 as Index, 4 as Seq, replicaOf('1h').history.reigns, [], NO_INDEX)
    add(torn, 'b7', 'b8')
    scene.greets('m', scene.mine)
    scene.greets('a', torn, 7)
    scene.answers('a', torn)
    expect(scene.ready).toBe(1)
    expect(contents(scene.mine)).toEqual(['a1'])
    expect(names(scene)).toEqual(['b7 b8 after 1'])
  })

  test('takes the streams that its own log lacks from whoever has them, and stays where it is', () => {
    const mine = Replica.empty(false)
    mine.startOver(2 as Index, 1 as Seq, replicaOf('1h').history.reigns, [], NO_INDEX)
    add(mine, 'b1')
    mine.makeStreams()
    expect([mine.complete, mine.lacks.length, contents(mine)]).toEqual([true, 1, ['b1']])
    const scene = new Scene(mine, 'ma')
    scene.greets('m', mine)
    scene.greets('a', replicaOf('1h', 'a1'))
    scene.answers('a', replicaOf('1h', 'a1'))
    expect(scene.ready).toBe(1)
    expect(scene.mine.lacks).toEqual([])
    expect(contents(scene.mine)).toEqual(['a1', 'b1'])
  })

  test('goes back to the streams that it had before it started over, where nobody has those of the room', () => {
    const mine = replicaOf('1h', 'a1', 'b1')
    mine.startOver(
      9 as Index,
      7 as Seq,
      [
        ...replicaOf('1h', 'a1').history.reigns,
        { claim: claimOf(2, 'g'), index: 3 as Index, seq: 1 as Seq },
      ],
      [],
      NO_INDEX,
    )
    add(mine, 'c4')
    const scene = new Scene(mine, 'm', '', 10)
    scene.greets('m', mine)
    expect(scene.ready).toBe(1)
    expect(contents(scene.mine)).toEqual(['a1', 'b1'])
    expect(names(scene)).toEqual(['c4 after 1'])
  })

  test('puts the streams together of all entries that it was given, where it never had more', () => {
    const mine = Replica.empty(false)
    mine.startOver(2 as Index, 1 as Seq, replicaOf('1h').history.reigns, [], NO_INDEX)
    add(mine, 'b1', 'b2')
    mine.startOver(9 as Index, 7 as Seq, replicaOf('1h').history.reigns, [], NO_INDEX)
    add(mine, 'c4')
    const scene = new Scene(mine, 'm')
    scene.greets('m', mine)
    expect(scene.ready).toBe(1)
    expect(contents(scene.mine)).toEqual(['b1', 'b2', 'c4'])
  })

  test('goes back to the streams that it had before, rather than take those of a peer that has less', () => {
    const mine = replicaOf('1h', 'a1', 'b1')
    mine.startOver(
      9 as Index,
      7 as Seq,
      [
        ...replicaOf('1h', 'a1').history.reigns,
        { claim: claimOf(2, 'g'), index: 3 as Index, seq: 1 as Seq },
      ],
      [],
      NO_INDEX,
    )
    const poor = Replica.empty(false)
    poor.startOver(9 as Index, 7 as Seq, mine.history.reigns, [], NO_INDEX)
    add(poor, 'c4')
    poor.makeStreams()
    const scene = new Scene(mine, 'ma')
    scene.greets('m', mine)
    scene.greets('a', poor, 10)
    scene.answers('a', poor)
    expect(scene.ready).toBe(1)
    expect(contents(scene.mine)).toEqual(['a1', 'b1'])
    expect(names(scene)).toContain('c4 after 1')
  })

  test('keeps the whole streams where a later reign has only a part of them', () => {
    const mine = replicaOf('1h', 'a1')
    const poor = Replica.empty(false)
    poor.startOver(
      3 as Index,
      1 as Seq,
      [...mine.history.reigns, { claim: claimOf(2, 'g'), index: 3 as Index, seq: 1 as Seq }],
      [],
      NO_INDEX,
    )
    add(poor, '3a', 'c1')
    poor.makeStreams()
    const scene = new Scene(mine, 'ma')
    scene.greets('m', mine)
    scene.greets('a', poor, 5)
    scene.answers('a', poor)
    expect(scene.ready).toBe(1)
    expect([scene.mine.lacks, contents(scene.mine)]).toEqual([[], ['a1']])
    expect(names(scene)).toEqual(['reign c1 after 1'])
  })

  test('takes from a peer that had to start over what that peer held before', () => {
    const source = replicaOf('1h', 'a1', 'b1')
    source.startOver(
      9 as Index,
      7 as Seq,
      [
        ...replicaOf('1h', 'a1').history.reigns,
        { claim: claimOf(2, 'g'), index: 3 as Index, seq: 1 as Seq },
      ],
      [],
      NO_INDEX,
    )
    expect([source.complete, source.cannotGive]).toEqual([false, [{ from: 2, to: 7 }]])
    const mine = Replica.empty(false)
    mine.startOver(9 as Index, 7 as Seq, source.history.reigns, [], NO_INDEX)
    add(mine, 'c4')
    mine.makeStreams()
    const scene = takesOverWith(mine, source)
    expect([scene.mine.lacks, contents(scene.mine)]).toEqual([[], ['a1', 'b1']])
    expect(names(scene)).toEqual(['c4 after 1'])
  })

  /** A peer that was welcomed at this place of a room of one reign, and follows since. */
  function welcomedAt(head: number, ...names: readonly string[]): Replica {
    const replica = Replica.empty(false)
    replica.startOver(
      head as Index,
      (head - 1) as Seq,
      replicaOf('1h').history.reigns,
      [],
      NO_INDEX,
    )
    add(replica, ...names)
    return replica
  }

  test('takes a piece from each of two peers that have no streams', () => {
    const [first, second, mine] = [
      welcomedAt(2, 'a2', 'a3'),
      welcomedAt(4, 'b4', 'b5'),
      welcomedAt(6, 'c6'),
    ]
    mine.makeStreams()
    const scene = new Scene(mine, 'mab')
    scene.greets('m', mine)
    scene.greets('a', first)
    scene.greets('b', second)
    scene.answers('b', second)
    scene.answers('a', first)
    expect(scene.ready).toBe(1)
    expect(contents(scene.mine)).toEqual(['a2', 'a3', 'b4', 'b5', 'c6'])
  })

  test('takes what fills a gap, though another gave it what lies before that', () => {
    const [first, second, mine] = [
      welcomedAt(2, 'a2', 'a3'),
      welcomedAt(5, 'b5'),
      welcomedAt(8, 'c8'),
    ]
    mine.makeStreams()
    mine.fill(first.pieces[0]!)
    expect(mine.lacks).toEqual([
      { from: 1, to: 1 },
      { from: 4, to: 7 },
    ])
    const scene = new Scene(mine, 'mb')
    scene.greets('m', mine)
    scene.greets('b', second)
    scene.answers('b', second)
    expect(scene.ready).toBe(1)
    expect(mine.lacks).toEqual([
      { from: 1, to: 1 },
      { from: 4, to: 4 },
      { from: 6, to: 7 },
    ])
    expect(contents(scene.mine)).toEqual(['a2', 'a3', 'b5', 'c8'])
  })

  /** It was welcomed twice, and leads from what it was given. */
  function welcomedTwice(): Replica {
    const replica = welcomedAt(2, 'a2', 'a3')
    replica.startOver(8 as Index, 7 as Seq, replicaOf('1h').history.reigns, [], NO_INDEX)
    add(replica, 'a8')
    replica.makeStreams()
    return replica
  }

  test('puts in what a peer whose streams lack more has in the gap of its own', () => {
    const mine = welcomedAt(4, 'a4', 'a5', 'a6', 'a7', 'a8')
    mine.makeStreams()
    const scene = takesOverWith(mine, welcomedTwice())
    expect(mine.lacks).toEqual([{ from: 1, to: 1 }])
    expect(contents(scene.mine)).toEqual(['a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8'])
  })

  test('keeps what its own streams had in the gap of those that take their place', () => {
    const source = welcomedAt(4, 'a4', 'a5', 'a6', 'a7', 'a8')
    source.makeStreams()
    const mine = welcomedTwice()
    const scene = takesOverWith(mine, source)
    expect(mine.lacks).toEqual([{ from: 1, to: 1 }])
    expect(contents(scene.mine)).toEqual(['a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8'])
  })

  test('keeps what it had before it started over in the gap of the streams that it takes', () => {
    const source = welcomedAt(4, 'b4', 'b5')
    source.makeStreams()
    source.fill(replicaOf('1h', 'a1', 'a2').pieces[0]!)
    const { history, ops, inSync, streams } = welcomedAt(3, 'a3')
    const mine = new Replica({
      log: new Log(4 as Index),
      history,
      ops,
      inSync,
      lastSeq: 3 as Seq,
      ...streams,
    }) // its tail was let go
    mine.startOver(6 as Index, 5 as Seq, replicaOf('1h').history.reigns, [], NO_INDEX)
    const scene = takesOverWith(mine, source)
    expect(mine.lacks).toEqual([])
    expect(contents(scene.mine)).toEqual(['a1', 'a2', 'a3', 'b4', 'b5'])
  })

  test('asks again for what was more than a peer without streams could give at once', () => {
    const count = TAIL_ENTRIES_MAX + 500
    const source = welcomedAt(2)
    source.awaitStreams()
    add(source, ...Array.from({ length: count }, (_, i) => `a${i + 1}`))
    const mine = welcomedAt(count + 1, `a${count}`)
    mine.makeStreams()
    const scene = new Scene(mine, 'ma')
    scene.greets('m', mine)
    scene.greets('a', source)
    scene.answers('a', source)
    expect(scene.ready).toBe(0)
    scene.answers('a', source)
    expect(scene.ready).toBe(1)
    expect(mine.lacks).toEqual([{ from: 1, to: 1 }])
    expect(contents(scene.mine)).toHaveLength(count)
  })

  test('takes from a peer both the streams it had and what it was given since', () => {
    const source = replicaOf('1h', 'a1', 'a2')
    const { reigns } = source.history
    source.startOver(6 as Index, 5 as Seq, reigns, [], NO_INDEX)
    add(source, 'b6')
    source.startOver(9 as Index, 8 as Seq, reigns, [], NO_INDEX)
    const mine = welcomedAt(8, 'c8')
    mine.makeStreams()
    const scene = new Scene(mine, 'ma')
    scene.greets('m', mine)
    scene.greets('a', source)
    scene.answers('a', source)
    scene.answers('a', source)
    expect(scene.ready).toBe(1)
    expect(contents(scene.mine)).toEqual(['a1', 'a2'])
    expect(names(scene).join(' ')).toMatch(/\bb6\b.*\bc8\b/)
  })

  test('keeps its log where a branch of more weight turns out to have no streams', () => {
    const source = Replica.empty(false)
    source.startOver(1 as Index, NO_SEQ, replicaOf('1h').history.reigns, [], NO_INDEX)
    add(source, '2g', 'a1')
    const mine = replicaOf('1h', '3m')
    const scene = new Scene(mine, 'ma')
    scene.greets('m', mine)
    scene.greets('a', source, 3)
    scene.answers('a', source)
    scene.answers('a', source)
    expect(scene.ready).toBe(1)
    expect(mine.position).toEqual({ claim: claimOf(3, 'm'), index: 2 })
    expect(names(scene)).toEqual(['reign a1 after 0'])
  })

  test('asks nobody who has nothing of what it lacks', () => {
    const mine = welcomedAt(4, 'a4', 'a5', 'a6', 'a7', 'a8')
    mine.makeStreams()
    const other = welcomedAt(6, 'a6', 'a7', 'a8')
    other.makeStreams()
    const scene = new Scene(mine, 'ma')
    scene.greets('m', mine)
    scene.greets('a', other)
    expect([scene.asked(), scene.ready]).toEqual(['', 1])
  })

  test('takes what a peer without streams was given before it had to start over, though there is a gap behind it', () => {
    const source = Replica.empty(false)
    source.startOver(2 as Index, 1 as Seq, replicaOf('1h').history.reigns, [], NO_INDEX)
    add(source, 'b1', 'b2')
    source.startOver(9 as Index, 7 as Seq, replicaOf('1h').history.reigns, [], NO_INDEX)
    const mine = Replica.empty(false)
    mine.startOver(8 as Index, 6 as Seq, replicaOf('1h').history.reigns, [], NO_INDEX)
    add(mine, 'c4', 'c5')
    mine.makeStreams()
    const scene = takesOverWith(mine, source)
    expect(contents(scene.mine)).toEqual(['b1', 'b2', 'c4', 'c5'])
  })
})
