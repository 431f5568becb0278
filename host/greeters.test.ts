import { describe, expect, test } from 'vitest'
import { BRANCH_WAIT_MS, POSITIONS_WAIT_MS } from '../protocol/limits.ts'
import { letter, peer } from '../protocol/testing-ids.ts'
import { replicaOf } from '../replica/testing-words.ts'
import { Greeters } from './greeters.ts'
import { helloOf } from './takeover-scene.ts'

const greetersOf = (awaited: string, branchPeers = '') =>
  new Greeters([...awaited].map(peer), [...branchPeers].map(peer))

describe('[MG2] a peer that takes over', () => {
  test('has waited for all once each has greeted or left', () => {
    const greeters = greetersOf('ab')
    greeters.greeted(peer('a'), helloOf(replicaOf('1h')))
    expect(greeters.areAllHere).toBe(false)
    greeters.left(peer('b'))
    expect(greeters.areAllHere).toBe(true)
  })

  test('waits longer as long as a peer is missing whose branch it is to join', () => {
    const greeters = greetersOf('ab', 'b')
    expect(greeters.waitMs).toBe(BRANCH_WAIT_MS)
    greeters.greeted(peer('b'), helloOf(replicaOf('1h')))
    expect(greeters.waitMs).toBe(POSITIONS_WAIT_MS)
  })

  test('asks the furthest first, each once, and neither itself nor who is no further', () => {
    const greeters = greetersOf('')
    const mine = replicaOf('1h', 'a1')
    greeters.greeted(peer('m'), helloOf(replicaOf('1h', 'a1', 'a2', 'a3', 'a4')))
    greeters.greeted(peer('a'), helloOf(replicaOf('1h', 'a1', 'a2')))
    greeters.greeted(peer('b'), helloOf(replicaOf('1h', 'a1', 'a2', 'a3')))
    greeters.greeted(peer('c'), helloOf(replicaOf('1h')))
    const best = () => greeters.bestSource(peer('m'), mine, [])?.peer ?? null
    expect(best()).toBe(peer('b'))
    greeters.exhausted(peer('b'))
    expect(best()).toBe(peer('a'))
    greeters.silent(peer('a'))
    expect(best()).toBe(null)
  })

  test('asks whoever left and came back again, unless it did not answer before', () => {
    const greeters = greetersOf('')
    const mine = replicaOf('1h')
    const comes = (name: string) => greeters.greeted(peer(name), helloOf(replicaOf('1h', 'a1')))
    const best = () => greeters.bestSource(peer('m'), mine, [])?.peer ?? null
    comes('a')
    greeters.exhausted(peer('a'))
    comes('a')
    expect(best()).toBe(null)
    greeters.left(peer('a'))
    comes('a')
    expect(best()).toBe(peer('a'))
    greeters.silent(peer('a'))
    greeters.left(peer('a'))
    comes('a')
    expect(best()).toBe(null)
  })

  test('welcomes all but those who left and those who did not answer', () => {
    const greeters = greetersOf('')
    for (const name of 'abcd') greeters.greeted(peer(name), helloOf(replicaOf('1h')))
    greeters.left(peer('a'))
    greeters.exhausted(peer('b'))
    greeters.silent(peer('c'))
    expect(greeters.welcome.map(({ from }) => letter(from))).toEqual(['b', 'd'])
  })
})
