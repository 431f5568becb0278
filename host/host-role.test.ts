import { describe, expect, test } from 'vitest'
import { HANDOVER_TIMEOUT_MS, STANDBYS_MAX } from '../protocol/limits.ts'
import { HostRole } from './host-role.ts'
import { at, BEFORE, CLAIM, HostingScene, op, peer } from './hosting-scene.ts'
import { emptyReplica, writerOf } from '../replica/testing-words.ts'

describe('a new host', () => {
  test('[MG2] writes its reign into the history before anything else', () => {
    const scene = HostingScene.succeeding(2)
    scene.joins('a', { complete: false })
    scene.submits('a', [op('a', 3)])
    expect(scene.log).toEqual(['reign 3 with []', 'a1', 'a2', 'reign 4 with []', 'a3'])
    expect(scene.replica.history.reigns.at(-1)).toEqual({ claim: CLAIM, index: 4, seq: 2 })
  })

  test('[MG2] goes on with the next seq', () => {
    const scene = HostingScene.succeeding(2)
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
    const scene = HostingScene.succeeding(1, greeters, 'edcba')
    expect(STANDBYS_MAX).toBe(2)
    expect(scene.log).toEqual(['reign 3 with []', 'a1', 'reign 4 with [eb]'])
  })

  test('[MG2] welcomes those who had greeted it, its first entry included', () => {
    const scene = HostingScene.succeeding(1, [
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
    expect(() => new HostRole(peer('h'), CLAIM, writerOf(emptyReplica(false)), [])).toThrow(
      'a host holds the streams',
    )
  })
})

describe('[MG1] a handover', () => {
  test('asks the first standby, telling it how far the log reaches', () => {
    const scene = HostingScene.leading('sta')
    scene.submits('a', [op('a', 1)])
    for (const name of 'sta') scene.got(name)
    scene.carry(scene.role.handOver(scene.nowMs))
    expect(scene.role.successor).toBe(peer('s'))
    expect(scene.got('s')).toEqual([{ type: 'handover', head: scene.replica.lastIndex }])
    expect(scene.got('t')).toEqual([])
  })

  test('orders nothing while it lasts: ops are held, none is refused', () => {
    const scene = HostingScene.leading('sa')
    scene.carry(scene.role.handOver(scene.nowMs))
    scene.got('a')
    const before = scene.log
    scene.submits('a', [op('a', 1)])
    expect(scene.log).toEqual(before)
    expect(scene.got('a')).toEqual([])
  })

  test('that does not come about is called off: what was held is ordered as it came', () => {
    const scene = HostingScene.leading('sab')
    scene.carry(scene.role.handOver(scene.nowMs))
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
    const scene = HostingScene.leading('sa')
    scene.carry(scene.role.handOver(scene.nowMs))
    scene.submits('a', [op('a', 1)])
    scene.joins('a')
    scene.pass(HANDOVER_TIMEOUT_MS)
    expect(scene.log).not.toContain('a1')
  })

  test('writes no entry that the successor would have to wait for', () => {
    const scene = HostingScene.leading('sta')
    scene.carry(scene.role.handOver(scene.nowMs))
    const before = scene.log
    scene.carry(scene.role.left(peer('t')))
    scene.reports('a', scene.replica.lastIndex, { visible: false })
    expect(scene.log).toEqual(before)
  })

  test('is one at a time, and none without a standby', () => {
    const scene = HostingScene.leading('s')
    scene.carry(scene.role.handOver(scene.nowMs))
    scene.got('s')
    scene.carry(scene.role.handOver(scene.nowMs))
    expect(scene.got('s')).toEqual([])
    const alone = HostingScene.leading()
    expect(alone.role.successor).toBeNull()
    alone.carry(alone.role.handOver(0))
    alone.submits('h', [op('h', 1)])
    expect(alone.log.at(-1)).toBe('h1')
  })
})
