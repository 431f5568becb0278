import { describe, expect, test } from 'vitest'
import { FOLLOWER_LIMIT_MS, TAIL_ENTRIES_MAX } from '../protocol/limits.ts'
import type { OpId } from '../protocol/ids.ts'
import type { Entry } from '../protocol/entry.ts'
import type { FrameBody } from '../protocol/frames.ts'
import { index, peer, seq } from '../protocol/testing-ids.ts'
import { replicaOf, writerOf } from '../replica/testing-words.ts'
import { Followers } from './followers.ts'
import { at, BEFORE, type Body, CLAIM, HostingScene, op, UNKNOWN } from './hosting-scene.ts'
import { LiveFlow } from './live-flow.ts'
import { Progress } from './progress.ts'
import { Stability } from './stability.ts'

type MessageOp = Extract<Entry, { type: 'message' }>['op']

describe('whoever greets the host', () => {
  test('[RE5] knowing nothing starts at the head: joining replays nothing by itself', () => {
    const scene = HostingScene.succeeding(3)
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
    const scene = HostingScene.succeeding(3)
    scene.joins('a', { position: at(BEFORE, 2) })
    const [welcome, entries] = scene.got('a')
    expect(welcome).toMatchObject({ resume: true, head: 5 })
    expect(entries).toMatchObject({
      type: 'entries',
      entries: [{ index: 3 }, { index: 4 }, { index: 5, type: 'reign' }],
    })
  })

  test('with a position beyond the end of its reign is told where they part', () => {
    const scene = HostingScene.succeeding(3)
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
    const scene = HostingScene.succeeding(3)
    scene.joins('a', { position: at(UNKNOWN, 2) })
    expect(scene.only('a', 'welcome')).toMatchObject({ resume: false })
  })

  test('with a position that the tail no longer reaches starts over, and keeps what it has in common', () => {
    const scene = HostingScene.leading('a')
    const ops = Array.from({ length: TAIL_ENTRIES_MAX + 2 }, (_, i) => op('a', i + 1))
    scene.submits('a', ops)
    scene.joins('b', { position: at(CLAIM, 2) })
    expect(scene.only('b', 'welcome')).toMatchObject({
      resume: false,
      head: scene.replica.lastIndex,
    })
  })

  test('[RE5] is in the live flow from the very answer on: no gap, no repeat', () => {
    const scene = HostingScene.leading('a')
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
    const scene = HostingScene.leading()
    scene.carry(
      scene.role.receive(
        peer('a'),
        { type: 'submit', nonce: 1, floor: 1 as OpId, ops: [op('a', 1)] },
        0,
      ),
    )
    scene.carry(
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
    const scene = HostingScene.leading('ab')
    scene.carry(scene.role.left(peer('b')))
    scene.got('b')
    scene.submits('a', [op('a', 1)])
    expect(scene.got('b')).toEqual([])
  })
})

describe('frames of an earlier connection', () => {
  test('are ignored: what is submitted', () => {
    const scene = HostingScene.leading('a')
    scene.joins('a')
    scene.submits('a', [op('a', 1)], { nonce: 1 })
    expect(scene.log).not.toContain('a1')
    scene.submits('a', [op('a', 1)], { nonce: 2 })
    expect(scene.log).toContain('a1')
  })

  test('are ignored: what is asked', () => {
    const scene = HostingScene.leading('a')
    scene.joins('a')
    scene.got('a')
    scene.asks('a', [{ key: 'k', after: 0 }], 1)
    expect(scene.got('a')).toEqual([])
  })

  test('are ignored: how far a log reached', () => {
    const scene = HostingScene.leading('ab')
    scene.submits('b', [op('b', 1)])
    scene.joins('a', { position: at(CLAIM, 1) })
    scene.carry(
      scene.role.receive(
        peer('a'),
        { type: 'report', nonce: 1, index: scene.replica.lastIndex, complete: true, visible: true },
        0,
      ),
    )
    expect(scene.stableFor('b')).toBeLessThan(scene.replica.lastIndex)
  })
})

describe('[RE5] a replay', () => {
  test('answers many keys at once, in the order asked, with what comes after', () => {
    const scene = HostingScene.leading('a')
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
    const scene = HostingScene.leading('a')
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
    const scene = HostingScene.leading('a')
    scene.asks('a', [
      { key: 'x', after: 0 },
      { key: 'x', after: 0 },
    ])
    expect(scene.got('a')).toEqual([])
  })

  test('is answered behind all that it contains, so that what follows live has neither gap nor repeat', () => {
    const scene = HostingScene.leading('ab')
    scene.submits('a', [op('a', 1)])
    scene.asks('b', [{ key: 'k', after: 0 }])
    scene.submits('a', [op('a', 2)])
    const seen = scene.got('b').map((body) => {
      if (body.type === 'replayed') return 'replayed'
      if (body.type !== 'entries') return []
      return body.entries.map((entry) => (entry.type === 'message' ? entry.seq : 0))
    })
    expect(seen).toEqual([[1], 'replayed', [2]])
  })

  test('of a follower that is cut from the live flow waits until it is back, behind what it has missed', () => {
    const scene = HostingScene.leading('ab')
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

describe('what was ordered and not sent yet', () => {
  /** The live flow alone, of a host whose log is one reign so far; `a` follows. */
  function flowing() {
    const replica = replicaOf('4h')
    const followers = new Followers(peer('h'), [])
    const bodies: FrameBody[] = []
    const flow = new LiveFlow(
      writerOf(replica),
      followers,
      new Stability(replica, followers),
      (_to, body) => bodies.push(body),
    )
    const hello = new HostingScene('', replica).hello('a')
    followers.admit(peer('a'), hello, new Progress(index(1), true), 0)
    const order = (opId: number) => {
      flow.append(
        {
          type: 'message',
          index: index(replica.lastIndex + 1),
          seq: seq(replica.lastSeq + 1),
          op: op('b', opId) as MessageOp,
        },
        null,
      )
    }
    return { flow, follower: followers.get(peer('a'))!, bodies, order, position: at(CLAIM, 1) }
  }

  const indicesOf = (bodies: readonly FrameBody[]) =>
    bodies
      .flatMap((body) => (body.type === 'entries' ? body.entries : []))
      .map(({ index }) => index)

  test('is in the answer to a hello, and does not come again after it', () => {
    const { flow, follower, bodies, order, position } = flowing()
    order(1)
    flow.welcome(follower, position)
    order(2)
    flow.end()
    const welcomeAt = bodies.findIndex(({ type }) => type === 'welcome')
    expect(bodies[welcomeAt]).toMatchObject({ resume: true, head: 2 })
    expect(indicesOf(bodies.slice(welcomeAt))).toEqual([2, 3])
  })

  test('comes once to a follower that was cut off and goes on', () => {
    const { flow, follower, bodies, order } = flowing()
    follower.progress.cutOff()
    order(1)
    flow.resume(follower)
    order(2)
    flow.end()
    expect(indicesOf(bodies)).toEqual([2, 3])
  })

  test('comes before the answer to what was asked, which shows it', () => {
    const { flow, follower, bodies, order } = flowing()
    follower.asks({ request: 1, queries: [{ key: 'k', after: 0 }] })
    order(1)
    flow.answer(follower)
    expect(bodies.map(({ type }) => type)).toEqual(['entries', 'replayed'])
    const { items } = bodies[1] as Body<'replayed'>
    expect(items.map(({ key, seqs }) => [key, ...seqs])).toEqual([['k', 1]])
  })
})
