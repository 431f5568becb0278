import { describe, expect, test } from 'vitest'
import { FETCH_TIMEOUT_MS, POSITIONS_WAIT_MS } from '../protocol/limits.ts'
import { letter } from '../protocol/testing-ids.ts'
import type { Replica } from '../replica/replica.ts'
import { add, emptyReplica, replicaOf, writerOf } from '../replica/testing-words.ts'
import { contents, takesOverWith, TakeoverScene } from './takeover-scene.ts'
import { NO_MOMENTS } from '../replica/surplus.ts'

describe('[MG2] a peer that takes over', () => {
  test('waits for every peer that it can reach', () => {
    const scene = new TakeoverScene(replicaOf('1h'), 'mab')
    scene.greets('m', scene.mine)
    scene.greets('a', replicaOf('1h'))
    expect(scene.ready).toBe(0)
    scene.greets('b', replicaOf('1h'))
    expect(scene.ready).toBe(1)
  })

  test('waits no longer than so long', () => {
    const scene = new TakeoverScene(replicaOf('1h'), 'mab')
    scene.greets('m', scene.mine)
    expect(scene.takeover.deadlineMs).toBe(POSITIONS_WAIT_MS)
    scene.pass(POSITIONS_WAIT_MS - 1)
    expect(scene.ready).toBe(0)
    scene.pass(1)
    expect(scene.ready).toBe(1)
  })

  test('does not wait for those who left', () => {
    const scene = new TakeoverScene(replicaOf('1h'), 'ma')
    scene.greets('m', scene.mine)
    scene.leaves('a')
    expect(scene.ready).toBe(1)
  })

  test('leads once, whatever comes after', () => {
    const scene = new TakeoverScene(replicaOf('1h'), 'm')
    scene.greets('m', scene.mine)
    scene.pass(60_000)
    scene.greets('a', replicaOf('1h', 'a1'))
    scene.leaves('a')
    expect(scene.ready).toBe(1)
    expect(scene.takeover.deadlineMs).toBe(Infinity)
  })

  test('welcomes all who greeted it and are still there', () => {
    const scene = new TakeoverScene(replicaOf('1h'), 'mab')
    for (const name of 'mab') scene.greets(name, scene.mine)
    scene.leaves('a')
    expect(scene.takeover.hellos.map(({ from }) => letter(from))).toEqual(['m', 'b'])
  })

  test('fetches nothing from those who hold no more than it does', () => {
    const scene = new TakeoverScene(replicaOf('1h', 'a1', 'a2'), 'ma')
    scene.greets('m', scene.mine)
    scene.greets('a', replicaOf('1h', 'a1'))
    expect(scene.asked()).toBe('')
    expect(scene.ready).toBe(1)
  })
})

describe('[MG2] an entry that a reachable peer has delivered', () => {
  test('survives: the tail is fetched before anybody leads', () => {
    const scene = new TakeoverScene(replicaOf('1h', 'a1'), 'ma')
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
    const scene = new TakeoverScene(replicaOf('1h', 'a1'), 'mabc')
    scene.greets('m', scene.mine)
    scene.greets('a', replicaOf('1h', 'a1', '2g', 'a2'))
    scene.greets('b', replicaOf('1h', 'a1', 'x1', 'x2', 'x3', 'x4'))
    scene.greets('c', replicaOf('1h', 'a1', '2g', 'a2', 'a3'))
    expect(scene.asked()).toBe('c')
  })

  test('is fetched from a peer that greets late and is further still', () => {
    const scene = new TakeoverScene(replicaOf('1h'), 'ma')
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

  function fetching(): TakeoverScene {
    const scene = new TakeoverScene(replicaOf('1h'), 'mab')
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
    const scene = new TakeoverScene(replicaOf('1h'), 'ma')
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
    const scene = new TakeoverScene(replicaOf('1h', 'a1', 'm1', 'b1'), 'ma')
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
    const scene = new TakeoverScene(replicaOf('1m', 'm1', 'a1'), 'ma')
    const source = replicaOf('2g', 'c1')
    scene.greets('m', scene.mine)
    scene.greets('a', source)
    scene.answers('a', source)
    expect(contents(scene.mine)).toEqual(['c1'])
    expect(scene.setAside).toEqual(['m1', 'a1'])
  })

  test('sets nothing aside where its log is a beginning of the other', () => {
    const scene = new TakeoverScene(replicaOf('1h', 'a1'), 'ma')
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
    const replica = emptyReplica(false)
    writerOf(replica).startOver(
      source.lastIndex,
      source.lastSeq,
      source.history.reigns,
      [],
      NO_MOMENTS,
    )
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
    const scene = new TakeoverScene(mine, 'ma')
    scene.greets('m', mine)
    scene.greets('a', add(followerOf(source), 'a2'))
    expect(scene.ready).toBe(1)
    expect(mine.complete).toBe(true)
    expect(contents(mine)).toEqual(['a2'])
  })
})
