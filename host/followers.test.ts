import { describe, expect, test } from 'vitest'
import {
  DEPARTED_PROBE_MS,
  FOLLOWER_GONE_MS,
  FOLLOWER_LIMIT_MS,
  LAG_ENTRIES_MAX,
  TAIL_ENTRIES_MAX,
} from '../protocol/limits.ts'
import { letter, peer } from '../protocol/testing-ids.ts'
import { at, CLAIM, HostingScene, op } from './hosting-scene.ts'

describe('a follower that cannot keep up', () => {
  const flood = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => op('a', from + i))

  /** `s` has acknowledged nothing of more than it may lag behind. */
  function lagging(): HostingScene {
    const scene = HostingScene.leading('sa')
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
    const scene = HostingScene.leading('sa')
    scene.pass(FOLLOWER_LIMIT_MS)
    expect(scene.inSync).toBe('sa')
    scene.reports('a')
    scene.pass(1)
    expect(scene.inSync).toBe('a')
  })

  test('is back with its first word', () => {
    const scene = HostingScene.leading('sa')
    scene.pass(FOLLOWER_LIMIT_MS + 1)
    scene.reports('a')
    scene.submits('a', [op('a', 1)])
    scene.got('s')
    scene.carry(scene.role.receive(peer('s'), { type: 'ping', at: 0 }, scene.nowMs))
    expect(scene.got('s')[0]).toMatchObject({ type: 'welcome', resume: true })
  })

  test('is gone for good after a longer while', () => {
    const scene = HostingScene.leading('sa')
    scene.pass(FOLLOWER_GONE_MS)
    expect(scene.dropped).toEqual([])
    scene.reports('a')
    scene.pass(1)
    expect(scene.dropped).toEqual([peer('s')])
    expect(scene.roster?.members.map((member) => letter(member.peer))).toEqual(['h', 'a'])
  })

  test('[SG4] that signaling lost is asked at once, and gone when it does not answer', () => {
    const scene = HostingScene.leading('sa')
    scene.carry(scene.role.departed(peer('s'), scene.nowMs))
    expect(scene.got('s').map((body) => body.type)).toContain('ping')
    expect(scene.inSync).toBe('a')
    scene.pass(DEPARTED_PROBE_MS)
    expect(scene.dropped).toEqual([])
    scene.pass(1)
    expect(scene.dropped).toEqual([peer('s')])
  })

  test('[SG4] that signaling lost and that answers stays', () => {
    const scene = HostingScene.leading('sa')
    scene.carry(scene.role.departed(peer('s'), scene.nowMs))
    scene.carry(scene.role.receive(peer('s'), { type: 'pong', at: 0, clock: 0 }, scene.nowMs))
    scene.pass(DEPARTED_PROBE_MS + 1)
    expect(scene.dropped).toEqual([])
    expect(scene.inSync).toBe('sa')
  })

  test('[EL5] is nobody, where it was the host itself that slept', () => {
    const scene = HostingScene.leading('sa')
    scene.nowMs += 60_000
    scene.role.woke(scene.nowMs)
    scene.pass(0)
    expect(scene.inSync).toBe('sa')
    expect(scene.dropped).toEqual([])
  })

  test('is never the host itself', () => {
    const scene = HostingScene.leading()
    scene.pass(FOLLOWER_GONE_MS + 1)
    expect(scene.dropped).toEqual([])
    scene.submits('h', [op('h', 1)])
    expect(scene.only('h', 'entries').entries).toHaveLength(1)
  })
})

describe('[EL2] the succession', () => {
  test('puts those in sync first, then whoever may host, and nobody else', () => {
    const scene = HostingScene.leading('abcd')
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
    const scene = HostingScene.leading('abc')
    scene.reports('a', scene.replica.lastIndex, { visible: false })
    expect(scene.inSync).toBe('bc')
    expect(scene.roster?.succession).toEqual(['b', 'c', 'a'].map(peer))
  })

  test('puts a peer with a relayed link behind those with a direct one', () => {
    const scene = new HostingScene()
    scene.relayed.add(peer('a'))
    scene.carry(scene.role.lead([], [], 0))
    for (const name of 'habc') scene.joins(name)
    scene.catchUp('abc')
    expect(scene.inSync).toBe('bc')
    scene.relayed.clear()
    scene.joins('a') // over a direct link
    scene.reports('a')
    expect(scene.inSync).toBe('ab')
  })

  test('keeps the order of arrival through a change of host', () => {
    const scene = HostingScene.leading('abc', 'cb')
    expect(scene.inSync).toBe('cb')
    expect(scene.role.successor).toBe(peer('c'))
  })

  test('keeps a place for whoever comes back', () => {
    const scene = HostingScene.leading('abc')
    scene.carry(scene.role.left(peer('a')))
    scene.joins('a')
    scene.reports('a')
    expect(scene.roster?.members.map((member) => letter(member.peer))).toEqual(['h', 'a', 'b', 'c'])
  })

  test('is told when it changes and only then', () => {
    const scene = HostingScene.leading('ab')
    scene.submits('a', [op('a', 1)])
    scene.reports('a')
    scene.reports('b')
    expect(scene.roster).toBeUndefined()
  })

  test('is told again to whoever greets again: the roster before may be lost with its link', () => {
    const scene = HostingScene.leading('ab')
    scene.joins('b')
    expect(scene.roster?.members.map((member) => letter(member.peer))).toEqual(['h', 'a', 'b'])
  })

  test('takes in no replica that is far behind or lacks the streams', () => {
    const scene = HostingScene.leading('a')
    scene.submits(
      'a',
      Array.from({ length: 1_025 }, (_, i) => op('a', i + 1)),
    )
    scene.joins('b', { position: at(CLAIM, 1) })
    scene.joins('c', { complete: false })
    expect(scene.inSync).toBe('a')
    scene.reports('b')
    expect(scene.inSync).toBe('ab')
    scene.carry(scene.role.left(peer('b')))
    scene.reports('c')
    expect(scene.inSync).toBe('ac')
  })
})
