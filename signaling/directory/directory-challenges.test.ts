import { describe, expect, test } from 'vitest'
import type { Term } from '../../protocol/ids.ts'
import { DEFAULT_LIMITS } from './service-limits.ts'
import { claimOf, denied, peerId, DirectoryScene, type Actor } from './directory-scene.ts'

const CHALLENGE_MS = DEFAULT_LIMITS.challengeMs

describe('a connected host that is suspected', () => {
  test('[EL4] is challenged at the first suspicion, once', () => {
    const scene = new DirectoryScene()
    const { a, b, c } = scene.room('a', 'b', 'c')
    b.suspect(1)
    b.suspect(1)
    c.suspect(1)
    expect(a.verdicts()).toEqual([{ type: 'challenge', term: 1 }])
  })

  test('[EL4] is followed when most others suspect it and it does not answer', () => {
    const scene = new DirectoryScene()
    const { a, b, c, d } = scene.room('a', 'b', 'c', 'd')
    b.suspect(1)
    b.claim(2, 'silent')
    c.suspect(1)
    scene.pass(CHALLENGE_MS - 1)
    expect(b.verdicts()).toEqual([])
    scene.pass(1)
    for (const actor of [b, c, d])
      expect(actor.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
    expect(a.verdicts()).toEqual([
      { type: 'challenge', term: 1 },
      { type: 'host', claim: claimOf(2, 'b') },
    ])
  })

  test('[EL4] is followed in a room of two when the other alone suspects it', () => {
    const scene = new DirectoryScene()
    const { b } = scene.room('a', 'b')
    b.suspect(1)
    b.claim(2, 'silent')
    scene.pass(CHALLENGE_MS)
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4b] is followed however many newcomers cannot know whether it is silent', () => {
    const scene = new DirectoryScene()
    const { b } = scene.room('a', 'b')
    const newcomers = ['c', 'd', 'e'].map((name) => scene.join(name))
    for (const actor of [b, ...newcomers]) actor.heard()
    b.suspect(1)
    b.claim(2, 'silent')
    scene.pass(CHALLENGE_MS)
    for (const actor of [b, ...newcomers])
      expect(actor.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] stays when it answers, and the claim is denied', () => {
    const scene = new DirectoryScene()
    const { a, b, c } = scene.room('a', 'b', 'c')
    b.suspect(1)
    c.suspect(1)
    b.claim(2, 'silent')
    scene.pass(100)
    a.alive(1)
    expect(b.verdicts()).toEqual([denied(2, 'host-alive', claimOf(1, 'a'))])
    scene.pass(CHALLENGE_MS)
    expect(b.verdicts()).toEqual([])
  })

  test('[EL4] is challenged afresh by a suspicion after its answer, and has the whole time again', () => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b')
    b.suspect(1)
    a.alive(1)
    scene.pass(1_000)
    b.suspect(1)
    b.claim(2, 'silent')
    expect(a.verdicts()).toEqual([
      { type: 'challenge', term: 1 },
      { type: 'challenge', term: 1 },
    ])
    scene.pass(CHALLENGE_MS - 1)
    expect(b.verdicts()).toEqual([])
    scene.pass(1)
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] is suspected until its peers say otherwise, though it answered once', () => {
    const scene = new DirectoryScene()
    const { a, b, c } = scene.room('a', 'b', 'c')
    c.suspect(1)
    a.alive(1)
    scene.pass(1_000)
    b.suspect(1)
    b.claim(2, 'silent')
    scene.pass(CHALLENGE_MS)
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
    expect(c.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] is followed as soon as the last one missing for most suspects it too', () => {
    const scene = new DirectoryScene()
    const { b, c } = scene.room('a', 'b', 'c', 'd')
    b.suspect(1)
    scene.pass(CHALLENGE_MS)
    b.claim(2, 'silent')
    scene.pass(CHALLENGE_MS / 2)
    expect(b.verdicts()).toEqual([])
    c.suspect(1)
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] is followed as soon as one who did not suspect it has left', () => {
    const scene = new DirectoryScene()
    const { b, c } = scene.room('a', 'b', 'c')
    b.suspect(1)
    scene.pass(CHALLENGE_MS)
    b.claim(2, 'silent')
    expect(b.verdicts()).toEqual([])
    c.close()
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL3] stays when one peer alone suspects it', () => {
    const scene = new DirectoryScene()
    const { b } = scene.room('a', 'b', 'c', 'd')
    b.suspect(1)
    b.claim(2, 'silent')
    scene.pass(CHALLENGE_MS)
    expect(b.verdicts()).toEqual([denied(2, 'wait', claimOf(1, 'a'), 250)])
  })

  test('[EL4] stays when a suspicion that made most was withdrawn in time', () => {
    const scene = new DirectoryScene()
    const { b, c } = scene.room('a', 'b', 'c')
    b.suspect(1)
    c.suspect(1)
    b.claim(2, 'silent')
    scene.pass(100)
    c.suspect(1, false)
    scene.pass(CHALLENGE_MS)
    expect(b.verdicts()).toEqual([denied(2, 'wait', claimOf(1, 'a'), 250)])
  })

  test.each([
    ['were withdrawn', (c: Actor) => c.suspect(1, false)],
    ['went with their peers', (c: Actor) => c.close()],
  ])('[EL4] has the whole time again when all suspicions %s in between', (_how, end) => {
    const scene = new DirectoryScene()
    const { a, b, c } = scene.room('a', 'b', 'c')
    c.suspect(1)
    scene.pass(300)
    end(c)
    scene.pass(300)
    b.suspect(1)
    scene.join('c').suspect(1)
    b.heard()
    b.claim(2, 'silent')
    scene.pass(CHALLENGE_MS - 1)
    expect(b.verdicts()).toEqual([])
    expect(a.verdicts()).toHaveLength(2)
    scene.pass(1)
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] is not followed by a newcomer while one who holds the room may claim', () => {
    const scene = new DirectoryScene()
    const { b, c, d } = scene.room('a', 'b', 'c', 'd')
    const fresh = scene.join('fresh')
    for (const actor of [b, c, d]) actor.suspect(1)
    fresh.heard()
    fresh.claim(2, 'silent')
    scene.pass(CHALLENGE_MS)
    expect(fresh.verdicts()).toEqual([denied(2, 'wait', claimOf(1, 'a'), 250)])
  })

  test('[EL4] that answers unasked has not answered the claims that wait for its successor', () => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b')
    b.claim(2, 'goodbye')
    a.alive(1)
    expect(b.verdicts()).toEqual([])
    a.send({ type: 'bye' })
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] shows that it lives by joining again', () => {
    const scene = new DirectoryScene()
    const { b } = scene.room('a', 'b')
    b.suspect(1)
    b.claim(2, 'silent')
    scene.join('a', { claim: claimOf(1, 'a') })
    expect(b.verdicts()).toEqual([denied(2, 'host-alive', claimOf(1, 'a'))])
  })

  test('[EL4] keeps a suspicion of a peer whose own socket blinked', () => {
    const scene = new DirectoryScene()
    scene.room('a', 'b').b.suspect(1)
    const b = scene.join('b', { claim: claimOf(1, 'a') })
    scene.pass(CHALLENGE_MS)
    b.claim(2, 'silent')
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] is not doubted by one who only claims', () => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b')
    b.claim(2, 'silent')
    scene.pass(CHALLENGE_MS)
    expect(b.verdicts()).toEqual([denied(2, 'host-alive', claimOf(1, 'a'))])
    expect(a.verdicts()).toEqual([])
  })

  test('[EL4] has its claim answered in time however often it is repeated', () => {
    const scene = new DirectoryScene()
    const { b } = scene.room('a', 'b', 'c')
    for (let i = 0; i < 4; i++) {
      b.claim(2, 'silent')
      scene.pass(CHALLENGE_MS / 4)
    }
    expect(b.verdicts()).toEqual([denied(2, 'host-alive', claimOf(1, 'a'))])
  })

  test('[EL1] words for another term, or of the wrong peer, are answered with the truth and change nothing', () => {
    const scene = new DirectoryScene()
    const { a, b, c } = scene.room('a', 'b', 'c')
    b.suspect(2)
    a.suspect(1)
    c.alive(1)
    a.alive(3)
    const truth = { type: 'host', claim: claimOf(1, 'a') }
    expect([a.verdicts(), b.verdicts(), c.verdicts()]).toEqual([[truth, truth], [truth], [truth]])
  })

  test('[EL4] may itself go on under a higher term', () => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b')
    a.claim(9, 'vacant')
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(9, 'a') }])
  })
})

describe('after a grant', () => {
  test('[SG3] the other claims that waited are outdated', () => {
    const scene = new DirectoryScene()
    const { a, b, c } = scene.room('a', 'b', 'c')
    c.claim(2, 'closed')
    b.claim(2, 'handover')
    a.send({ type: 'yield', term: 1 as Term, to: peerId('b') })
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
    expect(c.verdicts()).toEqual([
      { type: 'host', claim: claimOf(2, 'b') },
      denied(2, 'outdated', claimOf(2, 'b')),
    ])
  })

  test('[EL4] suspicions of the last host do not count against the new one', () => {
    const scene = new DirectoryScene()
    const { b, c, d } = scene.room('a', 'b', 'c', 'd')
    for (const actor of [b, c, d]) actor.suspect(1)
    b.claim(2, 'silent')
    scene.pass(CHALLENGE_MS)
    c.heard()
    c.suspect(2)
    c.claim(3, 'silent')
    scene.pass(CHALLENGE_MS)
    expect(c.verdicts()).toEqual([denied(3, 'wait', claimOf(2, 'b'), 250)])
  })

  test('[SG6] a room with nothing left to decide asks for no waking but that of its silent peers', () => {
    const scene = new DirectoryScene()
    const { b } = scene.room('a', 'b')
    b.suspect(1)
    b.claim(2, 'silent')
    expect(scene.directory.nextWakeAt()).toBe(scene.nowMs + CHALLENGE_MS)
    scene.pass(CHALLENGE_MS)
    expect(scene.directory.nextWakeAt()).toBe(
      scene.nowMs - CHALLENGE_MS + DEFAULT_LIMITS.idleTimeoutMs,
    )
  })
})
