import { describe, expect, test } from 'vitest'
import { HostingScene, op } from './hosting-scene.ts'
import { peer } from '../protocol/testing-ids.ts'

describe('an entry', () => {
  test('[MG4] is stable at once where the host is alone', () => {
    const scene = HostingScene.leading()
    scene.submits('h', [op('h', 1)])
    expect(scene.stableFor('h')).toBe(scene.replica.lastIndex)
  })

  test('[MG4] is stable once the standby holds it, and its sender is told', () => {
    const scene = HostingScene.leading('sa', 's')
    scene.carry(scene.role.left(peer('h')))
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
    const scene = HostingScene.leading('stpa')
    expect(scene.inSync).toBe('st')
    scene.submits('a', [op('a', 1)])
    for (const name of 'hpas') scene.reports(name)
    expect(scene.stableFor('a')).toBe(scene.replica.lastIndex - 1)
    scene.reports('t')
    expect(scene.stableFor('a')).toBe(scene.replica.lastIndex)
  })

  test('[MG4] no longer waits for a standby that left: who is in sync is written down first', () => {
    const scene = HostingScene.leading('sta')
    scene.submits('a', [op('a', 1)])
    scene.carry(scene.role.left(peer('s')))
    expect(scene.log.slice(-2)).toEqual(['a1', 'in sync [ta]'])
    scene.reports('t')
    scene.reports('a')
    expect(scene.stableFor('a')).toBe(scene.replica.lastIndex)
  })

  test('[MG4] that a standby claims to hold beyond what it was sent is not believed', () => {
    const scene = HostingScene.leading('sa')
    scene.reports('s', 1_000)
    scene.submits('a', [op('a', 1)])
    scene.reports('a')
    expect(scene.stableFor('a')).toBeLessThan(scene.replica.lastIndex)
  })

  test('is not announced as stable to those who wait for no receipt', () => {
    const scene = HostingScene.leading('sab')
    scene.submits('a', [op('a', 1)])
    for (const name of 'sa') scene.got(name)
    scene.got('b')
    for (const name of 'sa') scene.reports(name)
    expect(scene.got('b')).toEqual([])
  })
})
