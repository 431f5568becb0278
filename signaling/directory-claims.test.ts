import { describe, expect, test } from 'vitest'
import type { Term } from '../protocol/ids.ts'
import type { ClaimReason, DeniedWhy } from '../protocol/signals.ts'
import { claimOf, peerId, Scene, topic, type Actor } from './scene.ts'

const CHALLENGE_MS = 400
const RESTART_GRACE_MS = 2_500
const NEWCOMER_WAIT_MS = 3_000
const MASS_DROP_WAIT_MS = 2_000

function denied(term: number, why: DeniedWhy, claim: ReturnType<typeof claimOf> | null, retryMs = 0) {
  return { type: 'denied', term, why, claim, retryMs }
}

/** A room of exactly these peers, so that a test can name each. */
function roomOf<const Names extends readonly string[]>(scene: Scene, ...names: Names): { readonly [Name in Names[number]]: Actor } {
  const actors = scene.room(...names)
  return Object.fromEntries(names.map((name, i) => [name, actors[i]])) as { [Name in Names[number]]: Actor }
}

/** The messages about who leads, without the comings and goings. */
function verdicts(actor: Actor) {
  return actor.heard().filter(({ type }) => type === 'host' || type === 'denied' || type === 'challenge')
}

describe('a room that nobody ever hosted', () => {
  test('[EL4] is granted at once, and everybody is told, the winner too', () => {
    const scene = new Scene()
    const a = scene.join('a')
    const b = scene.join('b')
    b.claim(1, 'vacant')
    for (const actor of [a, b]) expect(verdicts(actor)).toEqual([{ type: 'host', claim: claimOf(1, 'b') }])
  })

  test('[SG3] is granted once: the second claim of that term is outdated', () => {
    const scene = new Scene()
    const a = scene.join('a')
    const b = scene.join('b')
    a.claim(1, 'vacant')
    b.heard()
    b.claim(1, 'vacant')
    expect(verdicts(b)).toEqual([denied(1, 'outdated', claimOf(1, 'a'))])
  })

  test('[EL4] waits while the service has just started, for the time that is left', () => {
    const scene = new Scene({}, { justStarted: true })
    const a = scene.join('a')
    scene.pass(1_000)
    a.claim(1, 'vacant')
    expect(verdicts(a)).toEqual([denied(1, 'wait', null, RESTART_GRACE_MS - 1_000)])
    scene.pass(RESTART_GRACE_MS - 1_000)
    a.claim(1, 'vacant')
    expect(verdicts(a)).toEqual([{ type: 'host', claim: claimOf(1, 'a') }])
  })
})

describe('a host that said goodbye', () => {
  test('[EL4] is followed at once', () => {
    const scene = new Scene()
    const { a, b } = roomOf(scene, 'a', 'b')
    a.send({ type: 'bye' })
    b.claim(2, 'goodbye')
    expect(verdicts(b)).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] is followed at once even when the claim was quicker than the goodbye', () => {
    const scene = new Scene()
    const { a, b } = roomOf(scene, 'a', 'b')
    b.claim(2, 'goodbye')
    expect(verdicts(b)).toEqual([])
    scene.pass(50)
    a.send({ type: 'bye' })
    expect(verdicts(b)).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })
})

describe('a host that hands over', () => {
  test('[MG1] is followed by its heir at once, and learns of it', () => {
    const scene = new Scene()
    const { a, b, c } = roomOf(scene, 'a', 'b', 'c')
    a.send({ type: 'yield', term: 1 as Term, to: peerId('b') })
    b.claim(2, 'handover')
    for (const actor of [a, b, c]) expect(verdicts(actor)).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[MG1] is followed even when the claim was quicker than its word', () => {
    const scene = new Scene()
    const { a, b } = roomOf(scene, 'a', 'b', 'c')
    b.claim(2, 'handover')
    scene.pass(10)
    a.send({ type: 'yield', term: 1 as Term, to: peerId('b') })
    expect(verdicts(b)).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[MG1] is not followed by anybody else', () => {
    const scene = new Scene()
    const { a, c } = roomOf(scene, 'a', 'b', 'c')
    a.send({ type: 'yield', term: 1 as Term, to: peerId('b') })
    c.claim(2, 'handover')
    scene.pass(CHALLENGE_MS)
    expect(verdicts(c)).toEqual([denied(2, 'host-alive', claimOf(1, 'a'))])
  })

  test('[MG1] simply goes on when its heir does not come within a second', () => {
    const scene = new Scene()
    const { a, b } = roomOf(scene, 'a', 'b')
    a.send({ type: 'yield', term: 1 as Term, to: peerId('b') })
    scene.pass(1_001)
    b.claim(2, 'handover')
    scene.pass(CHALLENGE_MS)
    expect(verdicts(b)).toEqual([denied(2, 'host-alive', claimOf(1, 'a'))])
  })

  test('[EL1] must be the one who hosts, in the term that stands', () => {
    const scene = new Scene()
    const { a, b, c } = roomOf(scene, 'a', 'b', 'c')
    b.send({ type: 'yield', term: 1 as Term, to: peerId('c') })
    a.send({ type: 'yield', term: 2 as Term, to: peerId('c') })
    for (const actor of [a, b]) expect(verdicts(actor)).toEqual([{ type: 'host', claim: claimOf(1, 'a') }])
    c.claim(2, 'handover')
    scene.pass(CHALLENGE_MS)
    expect(verdicts(c)).toEqual([denied(2, 'host-alive', claimOf(1, 'a'))])
  })
})

describe('a host whose socket closed', () => {
  test.each<ClaimReason>(['closed', 'silent', 'goodbye'])('[EL4] is followed by who claims because it is %s', (reason) => {
    const scene = new Scene()
    const { a, b, c } = roomOf(scene, 'a', 'b', 'c')
    a.close()
    b.claim(2, reason)
    for (const actor of [b, c]) expect(verdicts(actor)).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] is followed even when the claim was quicker than the close', () => {
    const scene = new Scene()
    const { a, b } = roomOf(scene, 'a', 'b', 'c')
    b.claim(2, 'closed')
    scene.pass(30)
    a.close()
    expect(verdicts(b)).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] is host again when only its socket blinked', () => {
    const scene = new Scene()
    const { a, b } = roomOf(scene, 'a', 'b', 'c')
    a.close()
    scene.pass(200)
    scene.join('a', { claim: claimOf(1, 'a') })
    b.claim(2, 'closed')
    scene.pass(CHALLENGE_MS)
    expect(verdicts(b)).toEqual([denied(2, 'host-alive', claimOf(1, 'a'))])
  })

  test('[EL4] is left to those who followed it, before a newcomer that holds nothing', () => {
    const scene = new Scene()
    const { a, b } = roomOf(scene, 'a', 'b')
    const fresh = scene.join('fresh')
    a.close()
    fresh.heard()
    fresh.claim(2, 'closed')
    expect(verdicts(fresh)).toEqual([denied(2, 'wait', claimOf(1, 'a'), 250)])
    b.claim(2, 'closed')
    expect(verdicts(b)).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] is followed by a newcomer when those who followed it do not claim', () => {
    const scene = new Scene()
    const { a } = roomOf(scene, 'a', 'b')
    const fresh = scene.join('fresh')
    a.close()
    scene.pass(NEWCOMER_WAIT_MS - 100)
    fresh.heard()
    fresh.claim(2, 'closed')
    expect(verdicts(fresh)).toEqual([denied(2, 'wait', claimOf(1, 'a'), 100)])
    scene.pass(100)
    fresh.claim(2, 'closed')
    expect(verdicts(fresh)).toEqual([{ type: 'host', claim: claimOf(2, 'fresh') }])
  })

  test('[EL4] is followed by a newcomer at once when nobody else holds anything', () => {
    const scene = new Scene()
    const { a, b } = roomOf(scene, 'a', 'b')
    const fresh = scene.join('fresh')
    a.close()
    b.close()
    fresh.heard()
    fresh.claim(2, 'closed')
    expect(verdicts(fresh)).toEqual([{ type: 'host', claim: claimOf(2, 'fresh') }])
  })

  test('[EL4] being told a reign makes nobody a holder of the room', () => {
    const scene = new Scene()
    const { a } = roomOf(scene, 'a', 'b')
    const fresh = scene.join('fresh')
    a.claim(2, 'vacant')
    expect(verdicts(fresh)).toEqual([{ type: 'host', claim: claimOf(2, 'a') }])
    a.close()
    fresh.claim(3, 'closed')
    expect(verdicts(fresh)).toEqual([denied(3, 'wait', claimOf(2, 'a'), 250)])
  })
})

describe('most peers lost at once', () => {
  /** Eight peers in two rooms, of which the first four go, hosts first. */
  function massDrop(scene: Scene) {
    const { a, b, c } = roomOf(scene, 'a', 'b', 'c')
    const others = ['p', 'q', 'r', 's', 't'].map((name) => scene.join(name, { topic: topic('another') }))
    for (const lost of [a, ...others.slice(0, 3)]) {
      lost.close()
      scene.pass(300)
    }
    b.heard()
    return { b, c }
  }

  test('[EL4] are taken for a fault of the service: closed sockets prove nothing for a while', () => {
    const scene = new Scene()
    const { b } = massDrop(scene)
    b.claim(2, 'closed')
    expect(verdicts(b)).toEqual([denied(2, 'wait', claimOf(1, 'a'), MASS_DROP_WAIT_MS - 300)])
    scene.pass(MASS_DROP_WAIT_MS - 300)
    b.claim(2, 'closed')
    expect(verdicts(b)).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] do not keep back a claim of those who found the host silent themselves', () => {
    const { b } = massDrop(new Scene())
    b.claim(2, 'silent')
    expect(verdicts(b)).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] do not keep back a claim that waited for the very close that made them most', () => {
    const scene = new Scene()
    const { a, b } = roomOf(scene, 'a', 'b')
    const others = Array.from({ length: 6 }, (_, i) => scene.join(`p${i}`, { topic: topic('another') }))
    for (const other of others.slice(0, 3)) other.close()
    b.claim(2, 'closed')
    a.close()
    expect(verdicts(b)).toEqual([denied(2, 'wait', claimOf(1, 'a'), MASS_DROP_WAIT_MS)])
  })

  test('[EL4] are no fault of the service when they said goodbye, were few, or went one by one', () => {
    const goodbyes = new Scene()
    const { a, b } = roomOf(goodbyes, 'a', 'b')
    const leaving = Array.from({ length: 8 }, (_, i) => goodbyes.join(`p${i}`, { topic: topic('another') }))
    for (const other of leaving) other.send({ type: 'bye' })
    a.close()
    b.claim(2, 'closed')
    expect(verdicts(b)).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])

    const slow = new Scene()
    const room = roomOf(slow, 'a', 'b')
    const going = Array.from({ length: 8 }, (_, i) => slow.join(`p${i}`, { topic: topic('another') }))
    for (const other of going) {
      other.close()
      slow.pass(1_000)
    }
    room.a.close()
    room.b.claim(2, 'closed')
    expect(verdicts(room.b)).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })
})

describe('after a restart of the service', () => {
  test('[SG3] the highest reign that peers tell stands, and no term is granted again', () => {
    const scene = new Scene({}, { justStarted: true })
    const a = scene.join('a', { claim: claimOf(4, 'a') })
    const b = scene.join('b', { claim: claimOf(6, 'b') })
    scene.join('c', { claim: claimOf(5, 'c') })
    expect(verdicts(a)).toEqual([{ type: 'host', claim: claimOf(6, 'b') }])
    b.claim(6, 'vacant')
    expect(verdicts(b)).toEqual([denied(6, 'outdated', claimOf(6, 'b'))])
  })

  test('[EL4] a host known by word only has time to come back', () => {
    const scene = new Scene({}, { justStarted: true })
    scene.pass(500)
    const b = scene.join('b', { claim: claimOf(4, 'a') })
    scene.pass(1_000)
    b.claim(5, 'closed')
    expect(verdicts(b)).toEqual([denied(5, 'wait', claimOf(4, 'a'), RESTART_GRACE_MS - 1_000)])
    scene.join('c', { claim: claimOf(4, 'a') }) // hearing it again does not begin the wait anew
    scene.pass(RESTART_GRACE_MS - 1_000)
    b.claim(5, 'closed')
    expect(verdicts(b)).toEqual([{ type: 'host', claim: claimOf(5, 'b') }])
  })

  test('[EL4] a host that came back is asked before anybody follows it', () => {
    const scene = new Scene({}, { justStarted: true })
    const b = scene.join('b', { claim: claimOf(4, 'a') })
    scene.join('a', { claim: claimOf(4, 'a') })
    scene.pass(RESTART_GRACE_MS)
    b.claim(5, 'closed')
    scene.pass(CHALLENGE_MS)
    expect(verdicts(b)).toEqual([denied(5, 'host-alive', claimOf(4, 'a'))])
  })

  test('[SG3] a reign that peers heard of over their links is told too', () => {
    const scene = new Scene()
    const { a, b, c } = roomOf(scene, 'a', 'b', 'c')
    b.send({ type: 'know', claim: claimOf(3, 'c') })
    for (const actor of [a, c]) expect(verdicts(actor)).toEqual([{ type: 'host', claim: claimOf(3, 'c') }])
    expect(verdicts(b)).toEqual([])
    b.send({ type: 'know', claim: claimOf(2, 'a') })
    expect(verdicts(b)).toEqual([{ type: 'host', claim: claimOf(3, 'c') }])
  })
})

describe('a connected host that is suspected', () => {
  test('[EL4] is challenged at the first suspicion, once', () => {
    const scene = new Scene()
    const { a, b, c } = roomOf(scene, 'a', 'b', 'c')
    b.suspect(1)
    b.suspect(1)
    c.suspect(1)
    expect(verdicts(a)).toEqual([{ type: 'challenge', term: 1 }])
  })

  test('[EL4] is followed when most others suspect it and it does not answer', () => {
    const scene = new Scene()
    const { a, b, c, d } = roomOf(scene, 'a', 'b', 'c', 'd')
    b.suspect(1)
    b.claim(2, 'silent')
    c.suspect(1)
    scene.pass(CHALLENGE_MS - 1)
    expect(verdicts(b)).toEqual([])
    scene.pass(1)
    for (const actor of [b, c, d]) expect(verdicts(actor)).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
    expect(verdicts(a)).toEqual([{ type: 'challenge', term: 1 }, { type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] is followed in a room of two when the other alone suspects it', () => {
    const scene = new Scene()
    const { b } = roomOf(scene, 'a', 'b')
    b.suspect(1)
    b.claim(2, 'silent')
    scene.pass(CHALLENGE_MS)
    expect(verdicts(b)).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] stays when it answers, and the claim is denied', () => {
    const scene = new Scene()
    const { a, b, c } = roomOf(scene, 'a', 'b', 'c')
    b.suspect(1)
    c.suspect(1)
    b.claim(2, 'silent')
    scene.pass(100)
    a.alive(1)
    expect(verdicts(b)).toEqual([denied(2, 'host-alive', claimOf(1, 'a'))])
    scene.pass(CHALLENGE_MS)
    expect(verdicts(b)).toEqual([])
  })

  test('[EL4] is challenged afresh by a suspicion after its answer, and earlier ones do not count', () => {
    const scene = new Scene()
    const { a, b, c } = roomOf(scene, 'a', 'b', 'c')
    b.suspect(1)
    c.suspect(1)
    a.alive(1)
    a.heard()
    scene.pass(1_000)
    b.suspect(1)
    b.claim(2, 'silent')
    expect(verdicts(a)).toEqual([{ type: 'challenge', term: 1 }])
    scene.pass(CHALLENGE_MS)
    expect(verdicts(b)).toEqual([denied(2, 'wait', claimOf(1, 'a'), 250)]) // one of two is not most
    c.suspect(1)
    b.claim(2, 'silent')
    expect(verdicts(b)).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] is followed as soon as the last one missing for most suspects it too', () => {
    const scene = new Scene()
    const { b, c } = roomOf(scene, 'a', 'b', 'c', 'd')
    b.suspect(1)
    scene.pass(CHALLENGE_MS)
    b.claim(2, 'silent')
    scene.pass(CHALLENGE_MS / 2)
    expect(verdicts(b)).toEqual([])
    c.suspect(1)
    expect(verdicts(b)).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] is followed as soon as one who did not suspect it has left', () => {
    const scene = new Scene()
    const { b, c } = roomOf(scene, 'a', 'b', 'c')
    b.suspect(1)
    scene.pass(CHALLENGE_MS)
    b.claim(2, 'silent')
    expect(verdicts(b)).toEqual([])
    c.close()
    expect(verdicts(b)).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL3] stays when one peer alone suspects it', () => {
    const scene = new Scene()
    const { b } = roomOf(scene, 'a', 'b', 'c', 'd')
    b.suspect(1)
    b.claim(2, 'silent')
    scene.pass(CHALLENGE_MS)
    expect(verdicts(b)).toEqual([denied(2, 'wait', claimOf(1, 'a'), 250)])
  })

  test('[EL4] stays when a suspicion that made most was withdrawn in time', () => {
    const scene = new Scene()
    const { b, c } = roomOf(scene, 'a', 'b', 'c')
    b.suspect(1)
    c.suspect(1)
    b.claim(2, 'silent')
    scene.pass(100)
    c.suspect(1, false)
    scene.pass(CHALLENGE_MS)
    expect(verdicts(b)).toEqual([denied(2, 'wait', claimOf(1, 'a'), 250)])
  })

  test('[EL4] has the whole time again when all suspicions were withdrawn in between', () => {
    const scene = new Scene()
    const { a, b } = roomOf(scene, 'a', 'b')
    b.suspect(1)
    scene.pass(300)
    b.suspect(1, false)
    scene.pass(300)
    b.suspect(1)
    b.claim(2, 'silent')
    scene.pass(CHALLENGE_MS - 1)
    expect(verdicts(b)).toEqual([])
    expect(verdicts(a)).toHaveLength(2)
    scene.pass(1)
    expect(verdicts(b)).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] is not followed by a newcomer while one who holds the room may claim', () => {
    const scene = new Scene()
    const { b } = roomOf(scene, 'a', 'b', 'c', 'd')
    const fresh = scene.join('fresh')
    for (const actor of [b, scene.join('c'), scene.join('d')]) actor.suspect(1)
    fresh.heard()
    fresh.claim(2, 'silent')
    scene.pass(CHALLENGE_MS)
    expect(verdicts(fresh)).toEqual([denied(2, 'wait', claimOf(1, 'a'), 250)])
  })

  test('[EL4] shows that it lives by joining again', () => {
    const scene = new Scene()
    const { b } = roomOf(scene, 'a', 'b')
    b.suspect(1)
    b.claim(2, 'silent')
    scene.join('a', { claim: claimOf(1, 'a') })
    expect(verdicts(b)).toEqual([denied(2, 'host-alive', claimOf(1, 'a'))])
  })

  test('[EL4] keeps a suspicion of a peer whose own socket blinked', () => {
    const scene = new Scene()
    roomOf(scene, 'a', 'b').b.suspect(1)
    const b = scene.join('b', { claim: claimOf(1, 'a') })
    scene.pass(CHALLENGE_MS)
    b.claim(2, 'silent')
    expect(verdicts(b)).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] is not doubted by one who only claims', () => {
    const scene = new Scene()
    const { a, b } = roomOf(scene, 'a', 'b')
    b.claim(2, 'silent')
    scene.pass(CHALLENGE_MS)
    expect(verdicts(b)).toEqual([denied(2, 'host-alive', claimOf(1, 'a'))])
    expect(verdicts(a)).toEqual([])
  })

  test('[EL4] has its claim answered in time however often it is repeated', () => {
    const scene = new Scene()
    const { b } = roomOf(scene, 'a', 'b', 'c')
    for (let i = 0; i < 4; i++) {
      b.claim(2, 'silent')
      scene.pass(CHALLENGE_MS / 4)
    }
    expect(verdicts(b)).toEqual([denied(2, 'host-alive', claimOf(1, 'a'))])
  })

  test('[EL1] words for another term, or of the wrong peer, are answered with the truth and change nothing', () => {
    const scene = new Scene()
    const { a, b, c } = roomOf(scene, 'a', 'b', 'c')
    b.suspect(2)
    a.suspect(1)
    c.alive(1)
    a.alive(3)
    const truth = { type: 'host', claim: claimOf(1, 'a') }
    expect([verdicts(a), verdicts(b), verdicts(c)]).toEqual([[truth, truth], [truth], [truth]])
  })

  test('[EL4] may itself go on under a higher term', () => {
    const scene = new Scene()
    const { a, b } = roomOf(scene, 'a', 'b')
    a.claim(9, 'vacant')
    expect(verdicts(b)).toEqual([{ type: 'host', claim: claimOf(9, 'a') }])
  })
})

describe('after a grant', () => {
  test('[SG3] the other claims that waited are outdated', () => {
    const scene = new Scene()
    const { a, b, c } = roomOf(scene, 'a', 'b', 'c')
    c.claim(2, 'closed')
    b.claim(2, 'handover')
    a.send({ type: 'yield', term: 1 as Term, to: peerId('b') })
    expect(verdicts(b)).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
    expect(verdicts(c)).toEqual([{ type: 'host', claim: claimOf(2, 'b') }, denied(2, 'outdated', claimOf(2, 'b'))])
  })

  test('[EL4] suspicions of the last host do not count against the new one', () => {
    const scene = new Scene()
    const { b, c } = roomOf(scene, 'a', 'b', 'c')
    b.suspect(1)
    c.suspect(1)
    b.claim(2, 'silent')
    scene.pass(CHALLENGE_MS)
    c.heard()
    c.claim(3, 'silent')
    scene.pass(CHALLENGE_MS)
    expect(verdicts(c)).toEqual([denied(3, 'host-alive', claimOf(2, 'b'))])
  })

  test('[SG6] a room with nothing left to decide asks for no waking but that of its silent peers', () => {
    const scene = new Scene()
    const { b } = roomOf(scene, 'a', 'b')
    b.suspect(1)
    b.claim(2, 'silent')
    expect(scene.directory.nextWakeAt()).toBe(scene.nowMs + CHALLENGE_MS)
    scene.pass(CHALLENGE_MS)
    expect(scene.directory.nextWakeAt()).toBe(scene.nowMs - CHALLENGE_MS + 35_000)
  })
})
