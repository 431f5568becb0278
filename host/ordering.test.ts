import { describe, expect, test } from 'vitest'
import { TAIL_ENTRIES_MAX } from '../protocol/limits.ts'
import { NO_TERM, type Index, type OpId, type Seq } from '../protocol/ids.ts'
import { peer } from '../protocol/testing-ids.ts'
import { BEFORE, CLAIM, compaction, HostingScene, op, UNKNOWN } from './hosting-scene.ts'
import { emptyReplica, writerOf } from '../replica/testing-words.ts'
import { NO_MOMENTS } from '../replica/surplus.ts'

describe('[MG3] an op', () => {
  test('takes the next index and seq, and goes to everyone, its sender included', () => {
    const scene = HostingScene.leading('ab')
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
    const scene = HostingScene.leading('a')
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
    const scene = HostingScene.leading('a')
    scene.submits('a', [op('a', 1, 'k'.repeat(600))])
    scene.submits('a', [op('a', 1, 'k'.repeat(600))])
    expect(scene.got('a').at(-1)).toMatchObject({
      type: 'repeated',
      repeats: [{ opId: 1, code: 'key-too-long', index: scene.replica.lastIndex }],
    })
  })

  test('of an author that is gone is taken, though others before it are with nobody', () => {
    const scene = HostingScene.leading('ab')
    scene.submits('a', [op('z', 1), op('z', 6), op('z', 4)])
    expect(scene.log.slice(-3)).toEqual(['z1', 'z6', 'z4'])
    scene.submits('a', [op('b', 2)])
    expect(scene.got('a').at(-1)).toMatchObject({ type: 'gap', author: peer('b'), expected: 1 })
  })

  test('that comes again as a number alone is answered with what was ordered', () => {
    const scene = HostingScene.leading('a')
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
    const scene = HostingScene.leading('ab')
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
    const scene = HostingScene.leading('a')
    scene.submits('a', [op('a', 1), op('a', 1)])
    expect(scene.got('a').map((body) => body.type)).toEqual(['entries', 'repeated'])
  })

  test('that leaves a gap is refused with what is expected, and so is all after it', () => {
    const scene = HostingScene.leading('a')
    scene.submits('a', [op('a', 1)])
    scene.got('a')
    scene.submits('a', [op('a', 3), op('a', 4)])
    expect(scene.got('a')).toEqual([{ type: 'gap', nonce: 1, author: peer('a'), expected: 2 }])
    scene.submits('a', [op('a', 2), op('a', 3), op('a', 4)])
    expect(scene.log.slice(-4)).toEqual(['a1', 'a2', 'a3', 'a4'])
  })

  test('may follow a gap that its author can never close', () => {
    const scene = HostingScene.leading('a')
    scene.submits('a', [op('a', 1)])
    scene.submits('a', [op('a', 5), op('a', 6)], { floor: 5 })
    expect(scene.log.slice(-3)).toEqual(['a1', 'a5', 'a6'])
  })

  test('of another author comes in under its old name', () => {
    const scene = HostingScene.leading('ab')
    scene.submits('b', [op('a', 1), op('b', 1)])
    expect(scene.log.slice(-2)).toEqual(['a1', 'b1'])
    scene.submits('a', [op('a', 1)])
    expect(scene.log.filter((line) => line === 'a1')).toHaveLength(1)
  })

  test('of another author may leave no gap: only the author knows what it can no longer supply', () => {
    const scene = HostingScene.leading('ab')
    scene.submits('a', [op('a', 1)])
    scene.got('b')
    scene.submits('b', [op('a', 3)], { floor: 3 })
    expect(scene.got('b')).toEqual([{ type: 'gap', nonce: 1, author: peer('a'), expected: 2 }])
  })
})

describe('[RE4] a compaction', () => {
  test('takes an index and no seq', () => {
    const scene = HostingScene.leading('a')
    scene.submits('a', [op('a', 1), op('a', 2), compaction('a', 3, 2)])
    expect(scene.replica.lastSeq).toBe(2)
    expect(scene.replica.log.at(scene.replica.lastIndex)).toMatchObject({ type: 'compaction' })
    expect(scene.replica.engine?.size('k')).toBe(1)
  })

  test.each([0, 2])('out of range is refused: seq %i', (seq) => {
    const scene = HostingScene.leading('a')
    scene.submits('a', [op('a', 1), compaction('a', 2, seq)])
    expect(scene.log.at(-1)).toBe('a2 refused: compact-out-of-range')
    expect(scene.replica.engine?.size('k')).toBe(1)
  })

  test('that rests on a reign unknown here is outdated', () => {
    const scene = HostingScene.succeeding(3)
    scene.joins('b')
    scene.submits('b', [compaction('b', 1, 2, UNKNOWN)])
    expect(scene.log.at(-1)).toBe('b1 refused: compact-outdated')
    expect(scene.replica.engine?.size('k')).toBe(3)
  })

  test("by a sender that had met no host yet means this room's numbers", () => {
    const scene = HostingScene.succeeding(3)
    scene.joins('b')
    scene.submits('b', [compaction('b', 1, 2, { term: NO_TERM, host: peer('b') })])
    expect(scene.log.at(-1)).toBe('b1')
    expect(scene.replica.engine?.size('k')).toBe(2)
  })

  test('[EL5b] waits as long as somebody may come back with what the host’s streams lack', () => {
    const replica = emptyReplica(false)
    writerOf(replica).startOver(
      9 as Index,
      7 as Seq,
      [{ number: 1, claim: BEFORE, index: 1 as Index, seq: 0 as Seq }],
      [],
      NO_MOMENTS,
    )
    writerOf(replica).makeStreams()
    const scene = new HostingScene('', replica)
    scene.carry(scene.role.lead([], [], 0))
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
    const scene = HostingScene.succeeding(3)
    scene.joins('b')
    scene.submits('b', [op('b', 1), compaction('b', 2, 4, BEFORE), compaction('b', 3, 3, BEFORE)])
    expect(scene.log.slice(-2)).toEqual(['b2 refused: compact-outdated', 'b3'])
    expect(scene.replica.engine?.size('k')).toBe(2)
  })
})

test('[RE8] a refused op uses up its number and nothing else', () => {
  const scene = HostingScene.leading('a')
  scene.submits('a', [op('a', 1, 'k'.repeat(600)), op('a', 2)])
  expect(scene.log.slice(-2)).toEqual(['a1 refused: key-too-long', 'a2'])
  expect(scene.replica.lastSeq).toBe(1)
})

describe('[MG4d] the author of messages', () => {
  const told = (scene: HostingScene) => scene.taken.join('')

  test('is told their places alone, where it submitted them itself', () => {
    const scene = HostingScene.leading('ab')
    scene.submits('a', [op('a', 1), op('a', 2)])
    expect(told(scene)).toBe('a')
    scene.submits('b', [op('b', 1)])
    expect(told(scene)).toBe('ab')
  })

  test('gets the entries where another submitted them', () => {
    const scene = HostingScene.leading('ab')
    scene.submits('b', [op('a', 1)])
    expect(told(scene)).toBe('')
    expect(scene.indexes('a')).toEqual([scene.replica.lastIndex])
  })

  test('gets the entries where they are not messages, one op after the other', () => {
    const scene = HostingScene.leading('ab')
    scene.submits('a', [op('a', 1, 'k'.repeat(600))])
    scene.submits('a', [compaction('a', 2, 1)])
    scene.submits('a', [op('a', 3), compaction('a', 4, 1)])
    scene.submits('a', [op('a', 5), op('x', 1)])
    expect(told(scene)).toBe('')
    scene.submits('a', [op('a', 6)])
    expect(told(scene)).toBe('a')
  })

  test('gets the entries where it resumes', () => {
    const scene = HostingScene.leading('ab')
    const before = scene.replica.lastIndex
    scene.submits('a', [op('a', 1)])
    scene.got('a')
    scene.taken.length = 0
    scene.joins('a', { position: { claim: CLAIM, index: before } })
    expect(told(scene)).toBe('')
    expect(scene.indexes('a')).toEqual([before + 1])
  })
})
