import { describe, expect, test } from 'vitest'
import { FETCH_TIMEOUT_MS, POSITIONS_WAIT_MS } from '../protocol/limits.ts'
import { NO_SEQ, type Index, type Seq } from '../protocol/ids.ts'
import { claimOf } from '../protocol/testing-ids.ts'
import { add, emptyReplica, replicaOf, writerOf } from '../replica/testing-words.ts'
import { contents, surplusesOf, TakeoverScene } from './takeover-scene.ts'
import { NO_MOMENTS } from '../replica/surplus.ts'

describe('[MG5] a peer that takes over where branches meet', () => {
  test('keeps its own log where that is held by more, and what the other had for the reign to order', () => {
    const scene = new TakeoverScene(replicaOf('1h', 'a1', '2m', 'a2'), 'ma', '', 4)
    const other = replicaOf('1h', 'a1', 'b1', 'b2')
    scene.greets('m', scene.mine)
    scene.greets('a', other, 0)
    expect(scene.ready).toBe(1) // nothing of it was stable: its peer submits it again
    const again = new TakeoverScene(replicaOf('1h', 'a1', '2m', 'a2', 'a3', 'a4'), 'ma', '', 6)
    again.greets('m', again.mine)
    again.greets('a', other, 4)
    again.answers('a', other)
    expect(again.ready).toBe(1)
    expect(contents(again.mine)).toEqual(['a1', 'a2', 'a3', 'a4'])
    expect(surplusesOf(again)).toEqual(['b1 b2 after 1'])
  })

  test('takes over the other log whole where that goes on, and has its own for the reign to order', () => {
    const scene = new TakeoverScene(replicaOf('1h', 'a1', '2m', 'm1'), 'ma', '', 4)
    const other = replicaOf('1h', 'a1', 'b1', 'b2')
    scene.greets('m', scene.mine)
    scene.greets('a', other, 4)
    scene.answers('a', other) // what came after the fork
    scene.answers('a', other) // all of it
    expect(scene.ready).toBe(1)
    expect(contents(scene.mine)).toEqual(['a1', 'b1', 'b2'])
    expect(surplusesOf(scene)).toEqual(['reign m1 after 1'])
    expect(scene.setAside).toEqual(['m1'])
  })

  test('waits longer for the peer whose branch is the reason for its reign', () => {
    const scene = new TakeoverScene(replicaOf('1h', '2m'), 'mab', 'b')
    scene.greets('m', scene.mine)
    scene.pass(POSITIONS_WAIT_MS)
    expect(scene.ready).toBe(0)
    scene.greets('b', replicaOf('1h'))
    expect(scene.ready).toBe(1) // a has had its time
  })

  test('takes what a source without streams has left, though it cannot go on with it', () => {
    const scene = new TakeoverScene(replicaOf('1h', 'a1'), 'ma')
    const torn = emptyReplica(false)
    writerOf(torn).startOver(5 as Index, 4 as Seq, replicaOf('1h').history.reigns, [], NO_MOMENTS)
    add(torn, 'b7', 'b8')
    scene.greets('m', scene.mine)
    scene.greets('a', torn, 7)
    scene.answers('a', torn)
    expect(scene.ready).toBe(1)
    expect(contents(scene.mine)).toEqual(['a1'])
    expect(surplusesOf(scene)).toEqual(['b7 b8 after 1'])
  })

  test('keeps its log where a branch of more weight turns out to have no streams', () => {
    const source = emptyReplica(false)
    writerOf(source).startOver(1 as Index, NO_SEQ, replicaOf('1h').history.reigns, [], NO_MOMENTS)
    add(source, '2g', 'a1')
    const mine = replicaOf('1h', '3m')
    const scene = new TakeoverScene(mine, 'ma')
    scene.greets('m', mine)
    scene.greets('a', source, 3)
    scene.answers('a', source)
    scene.answers('a', source)
    expect(scene.ready).toBe(1)
    expect(mine.position).toEqual({ claim: claimOf(3, 'm'), index: 2 })
    expect(surplusesOf(scene)).toEqual(['reign a1 after 0'])
  })
})

describe('[MG2] a source whose branch is to go on, and that does not give all of it', () => {
  const chosen = () => replicaOf('1h', '4g', 'a1')
  const other = () => replicaOf('1h', '3m', 'b1')

  /** A has given what came after the fork, and is asked for all. */
  function askedForAll(): TakeoverScene {
    const scene = new TakeoverScene(replicaOf('1h', '3m'), 'mab')
    scene.greets('m', scene.mine)
    scene.greets('a', chosen(), 3)
    scene.greets('b', other(), 3)
    scene.answers('a', chosen())
    return scene
  }

  /** The entries of both count: b1 continues this log, a1 is ordered again. */
  function isWhole(scene: TakeoverScene): void {
    expect(scene.ready).toBe(1)
    expect(contents(scene.mine)).toEqual(['b1'])
    expect(surplusesOf(scene)).toEqual(['reign a1 after 0'])
  }

  test('leaves: the next source counts, and so does what it gave', () => {
    const scene = askedForAll()
    expect(scene.asked()).toBe('a')
    scene.leaves('a')
    scene.answers('b', other())
    isWhole(scene)
  })

  test('falls silent: the next source counts, and so does what it gave', () => {
    const scene = askedForAll()
    expect(scene.asked()).toBe('a')
    scene.pass(FETCH_TIMEOUT_MS)
    scene.answers('b', other())
    isWhole(scene)
  })

  test('sends what no Baton sends: the next source counts, and so does what it gave', () => {
    const scene = askedForAll()
    const [part] = scene.partsOf(chosen())
    scene.part('a', { ...part!, bytes: Uint8Array.of(99) })
    scene.answers('b', other())
    isWhole(scene)
  })

  test('leaves with a part of its copy received: the next source counts, and so does what it gave', () => {
    const scene = askedForAll()
    const [part] = scene.partsOf(chosen())
    scene.part('a', part!)
    scene.leaves('a')
    scene.answers('b', other())
    isWhole(scene)
  })

  test('is the only one: what it gave is ordered again', () => {
    const scene = askedForAll()
    scene.leaves('b')
    scene.leaves('a')
    expect(scene.ready).toBe(1)
    expect(contents(scene.mine)).toEqual([])
    expect(surplusesOf(scene)).toEqual(['reign a1 after 0'])
  })

  test('leaves, and the next branch goes on in its place', () => {
    const scene = new TakeoverScene(replicaOf('1h', '3m'), 'mab')
    const next = replicaOf('1h', '2f', 'b1')
    scene.greets('m', scene.mine)
    scene.greets('a', chosen(), 3)
    scene.greets('b', next, 3)
    scene.answers('a', chosen())
    scene.asked()
    scene.leaves('a')
    scene.answers('b', next) // what came after the fork
    scene.answers('b', next) // all of it
    expect(scene.ready).toBe(1)
    expect(scene.mine.position).toEqual(next.position)
    expect(surplusesOf(scene)).toEqual(['reign a1 after 0', 'reign after 0'])
  })

  test('comes back while others are asked: it is asked again', () => {
    const scene = askedForAll()
    scene.asked()
    scene.leaves('a')
    scene.greets('a', chosen(), 3)
    scene.answers('b', other())
    expect(scene.asked()).toBe('a')
  })
})

test('[MG5d] a peer that goes back to what it gave up counts other branches from where that parted', () => {
  const { reigns } = replicaOf('1h', 'x1', '2g').history
  const mine = replicaOf('1h', 'x1', 'm1', 'm2')
  writerOf(mine).startOver(3 as Index, 1 as Seq, reigns, [], NO_MOMENTS)
  add(mine, 'a1', 'a2')
  const other = add(emptyReplica(false), '1h', 'x1', '2g', 'a1', '3c', 'b1')
  const scene = new TakeoverScene(mine, 'ma')
  scene.greets('m', mine)
  scene.greets('a', other, 6)
  scene.answers('a', other) // what came after the fork
  scene.answers('a', other) // all that it has, which is no streams
  expect(scene.ready).toBe(1)
  expect(contents(mine)).toEqual(['x1', 'm1', 'm2'])
  expect(surplusesOf(scene)).toEqual(['a1 a2 after 1', 'reign b1 after 1'])
})
