import { describe, expect, test } from 'vitest'
import { TAIL_ENTRIES_MAX } from '../protocol/limits.ts'
import type { FrameBody } from '../protocol/frames.ts'
import { peer } from '../protocol/testing-ids.ts'
import { compaction, HostingScene, op } from './hosting-scene.ts'

const ALL = [{ key: 'k', after: 0 }]
const MESSAGES = 20
const MESSAGE_BYTES = 200_000

/** A host of a room that takes ten parts to replay; `a` and `b` follow. */
function largeRoom(): HostingScene {
  const scene = HostingScene.leading('ab')
  for (let n = 1; n <= MESSAGES; n++) scene.submits('b', [op('b', n, 'k', MESSAGE_BYTES)])
  scene.catchUp('hab')
  return scene
}

const replayed = (bodies: readonly FrameBody[]) =>
  bodies.flatMap((body) => (body.type === 'replayed' ? [body] : []))

const seqsOf = (bodies: readonly FrameBody[]) =>
  replayed(bodies).flatMap(({ items }) => items.flatMap(({ seqs }) => [...seqs]))

/** Ticks until all is answered. */
function finish(scene: HostingScene): void {
  while (scene.role.deadlineMs === 0) scene.pass(1)
}

describe('[LK14] a long answer to a replay', () => {
  test('goes on at once, four parts for each input', () => {
    const scene = largeRoom()
    scene.asks('a', ALL)
    const partsByInput = [replayed(scene.got('a')).length]
    while (scene.role.deadlineMs === 0) {
      scene.pass(1)
      partsByInput.push(replayed(scene.got('a')).length)
    }
    expect(partsByInput).toEqual([4, 4, 2])
    expect(scene.role.deadlineMs).toBe(Infinity)
  })

  test('[LK14a] shows the moment in which it began, and what came since follows it', () => {
    const scene = largeRoom()
    const { lastSeq } = scene.replica
    scene.asks('a', ALL)
    scene.submits('b', [op('b', MESSAGES + 1), compaction('b', MESSAGES + 2, lastSeq)])
    expect(scene.indexes('b')).toHaveLength(2)
    finish(scene)
    const got = scene.got('a')
    expect(seqsOf(got)).toEqual(Array.from({ length: MESSAGES }, (_, i) => i + 1))
    const last = got.findIndex((body) => body.type === 'replayed' && body.last)
    const entries = got.flatMap((body, i) =>
      body.type === 'entries' ? body.entries.map(({ index }) => [i > last, index]) : [],
    )
    const { lastIndex } = scene.replica
    expect(entries).toEqual([
      [true, lastIndex - 1],
      [true, lastIndex],
    ])
  })

  test('[LK14a] keeps its follower from being told of stability in between, not afterwards', () => {
    const scene = largeRoom()
    scene.submits('a', [op('a', 1)])
    scene.asks('a', ALL)
    scene.got('a')
    for (const name of 'ab') scene.reports(name)
    expect(scene.got('a')).toEqual([])
    finish(scene)
    expect(scene.stableFor('a')).toBe(scene.replica.lastIndex)
  })

  test('[LK14a] holds what its follower submits, so that nothing it is told of overtakes the answer', () => {
    const scene = largeRoom()
    scene.submits('a', [op('a', 1)])
    scene.got('a')
    scene.asks('a', ALL)
    scene.submits('a', [op('a', 1), op('a', 2)])
    expect(scene.got('a').filter(({ type }) => type !== 'replayed')).toEqual([])
    finish(scene)
    const types = scene.got('a').map(({ type }) => type)
    expect(types.slice(types.lastIndexOf('replayed') + 1)).toEqual(['entries', 'repeated'])
    expect(scene.replica.ops.last(peer('a'))).toBe(2)
  })

  test('[LK14b] lets others wait for theirs, in the live flow', () => {
    const scene = largeRoom()
    scene.asks('a', ALL)
    scene.asks('b', ALL)
    scene.submits('b', [op('b', MESSAGES + 1)])
    const meanwhile = scene.got('b')
    expect(meanwhile.map(({ type }) => type)).toEqual(['entries'])
    finish(scene)
    expect(seqsOf(scene.got('b'))).toHaveLength(MESSAGES + 1)
  })

  test('[LK14c] ends first where the host hands over', () => {
    const scene = largeRoom()
    scene.asks('a', ALL)
    scene.carry(scene.role.handOver(scene.nowMs))
    const got = scene.got('a')
    expect(replayed(got).at(-1)?.last).toBe(true)
    expect(got.at(-1)?.type).toBe('handover')
  })

  test('[LK14d] ends with its follower, and with its connection', () => {
    const scene = largeRoom()
    scene.asks('a', ALL)
    scene.carry(scene.role.left(peer('a')))
    scene.pass(1)
    expect(scene.role.deadlineMs).toBe(Infinity)
    scene.asks('b', ALL)
    scene.joins('b')
    scene.got('b')
    finish(scene)
    expect(replayed(scene.got('b'))).toEqual([])
  })

  test('[LK14d] of a follower that the tail no longer reaches makes it start over', () => {
    const scene = largeRoom()
    scene.asks('a', ALL)
    const relays = (from: number) =>
      Array.from({ length: TAIL_ENTRIES_MAX / 4 }, (_, i) => op('b', from + i, 'r', 1, 'relay'))
    for (let n = 0; n < 5; n++)
      scene.submits('b', relays(MESSAGES + 1 + (n * TAIL_ENTRIES_MAX) / 4))
    finish(scene)
    expect(scene.only('a', 'welcome').resume).toBe(false)
  })
})
