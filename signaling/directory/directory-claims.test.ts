import { describe, expect, test } from 'vitest'
import type { Term } from '../../protocol/ids.ts'
import type { ClaimReason } from '../../protocol/signals.ts'
import { DEFAULT_LIMITS } from './service-limits.ts'
import { claimOf, denied, peerId, DirectoryScene, topic, type Actor } from './directory-scene.ts'

const {
  challengeMs: CHALLENGE_MS,
  restartGraceMs: RESTART_GRACE_MS,
  newcomerWaitMs: NEWCOMER_WAIT_MS,
  massDropWaitMs: MASS_DROP_WAIT_MS,
} = DEFAULT_LIMITS

/** As many peers in a room of their own. */
function crowd(scene: DirectoryScene, size = 8): Actor[] {
  return Array.from({ length: size }, (_, i) => scene.join(`p${i}`, { topic: topic('crowd') }))
}

describe('a room that nobody ever hosted', () => {
  test('[EL4] is granted at once, and everybody is told, the winner too', () => {
    const scene = new DirectoryScene()
    const a = scene.join('a')
    const b = scene.join('b')
    b.claim(1, 'vacant')
    for (const actor of [a, b])
      expect(actor.verdicts()).toEqual([{ type: 'host', claim: claimOf(1, 'b') }])
  })

  test('[SG3] is granted once: the second claim of that term is outdated', () => {
    const scene = new DirectoryScene()
    const a = scene.join('a')
    const b = scene.join('b')
    a.claim(1, 'vacant')
    b.heard()
    b.claim(1, 'vacant')
    expect(b.verdicts()).toEqual([denied(1, 'outdated', claimOf(1, 'a'))])
  })

  test('[EL4] waits while the service has just started, for the time that is left', () => {
    const scene = new DirectoryScene({}, { justStarted: true })
    scene.pass(1_000) // its time runs from its start, not from when the first peer comes
    const a = scene.join('a')
    a.claim(1, 'vacant')
    expect(a.verdicts()).toEqual([denied(1, 'wait', null, RESTART_GRACE_MS - 1_000)])
    scene.pass(RESTART_GRACE_MS - 1_000)
    a.claim(1, 'vacant')
    expect(a.verdicts()).toEqual([{ type: 'host', claim: claimOf(1, 'a') }])
  })
})

describe('a host that said goodbye', () => {
  test('[EL4] is followed at once', () => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b')
    a.send({ type: 'bye' })
    b.claim(2, 'goodbye')
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] is followed at once even when the claim was quicker than the goodbye', () => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b')
    b.claim(2, 'goodbye')
    expect(b.verdicts()).toEqual([])
    scene.pass(50)
    a.send({ type: 'bye' })
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })
})

describe('a host that hands over', () => {
  test('[MG1] is followed by its heir at once, and learns of it', () => {
    const scene = new DirectoryScene()
    const { a, b, c } = scene.room('a', 'b', 'c')
    a.send({ type: 'yield', term: 1 as Term, to: peerId('b') })
    b.claim(2, 'handover')
    for (const actor of [a, b, c])
      expect(actor.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[MG1] is followed even when the claim was quicker than its word', () => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b', 'c')
    b.claim(2, 'handover')
    scene.pass(10)
    a.send({ type: 'yield', term: 1 as Term, to: peerId('b') })
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[MG1] is not followed by anybody else', () => {
    const scene = new DirectoryScene()
    const { a, c } = scene.room('a', 'b', 'c')
    a.send({ type: 'yield', term: 1 as Term, to: peerId('b') })
    c.claim(2, 'handover')
    scene.pass(CHALLENGE_MS)
    expect(c.verdicts()).toEqual([denied(2, 'host-alive', claimOf(1, 'a'))])
  })

  test('[MG1] simply goes on when its heir does not come within a second', () => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b')
    a.send({ type: 'yield', term: 1 as Term, to: peerId('b') })
    scene.pass(1_001)
    b.claim(2, 'handover')
    scene.pass(CHALLENGE_MS)
    expect(b.verdicts()).toEqual([denied(2, 'host-alive', claimOf(1, 'a'))])
  })

  test('[EL1] must be the one who hosts, in the term that stands', () => {
    const scene = new DirectoryScene()
    const { a, b, c } = scene.room('a', 'b', 'c')
    b.send({ type: 'yield', term: 1 as Term, to: peerId('c') })
    a.send({ type: 'yield', term: 2 as Term, to: peerId('c') })
    for (const actor of [a, b])
      expect(actor.verdicts()).toEqual([{ type: 'host', claim: claimOf(1, 'a') }])
    c.claim(2, 'handover')
    scene.pass(CHALLENGE_MS)
    expect(c.verdicts()).toEqual([denied(2, 'host-alive', claimOf(1, 'a'))])
  })
})

describe('a host whose socket closed', () => {
  test.each<ClaimReason>(['closed', 'silent', 'goodbye'])(
    '[EL4] is followed by who claims because it is %s',
    (reason) => {
      const scene = new DirectoryScene()
      const { a, b, c } = scene.room('a', 'b', 'c')
      a.close()
      b.claim(2, reason)
      for (const actor of [b, c])
        expect(actor.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
    },
  )

  test('[EL4] is followed even when the claim was quicker than the close', () => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b', 'c')
    b.claim(2, 'closed')
    scene.pass(30)
    a.close()
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] is host again when only its socket blinked', () => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b', 'c')
    a.close()
    scene.pass(200)
    scene.join('a', { claim: claimOf(1, 'a') })
    b.claim(2, 'closed')
    scene.pass(CHALLENGE_MS)
    expect(b.verdicts()).toEqual([denied(2, 'host-alive', claimOf(1, 'a'))])
  })

  test('[EL4] is left to those who followed it, before a newcomer that holds nothing', () => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b')
    const fresh = scene.join('fresh')
    a.close()
    fresh.heard()
    fresh.claim(2, 'closed')
    expect(fresh.verdicts()).toEqual([denied(2, 'wait', claimOf(1, 'a'), 250)])
    b.claim(2, 'closed')
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] is followed by a newcomer when those who followed it do not claim', () => {
    const scene = new DirectoryScene()
    const { a } = scene.room('a', 'b')
    const fresh = scene.join('fresh')
    a.close()
    scene.pass(NEWCOMER_WAIT_MS - 100)
    fresh.heard()
    fresh.claim(2, 'closed')
    expect(fresh.verdicts()).toEqual([denied(2, 'wait', claimOf(1, 'a'), 100)])
    scene.pass(100)
    fresh.claim(2, 'closed')
    expect(fresh.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'fresh') }])
  })

  test('[EL4] is followed by a newcomer only once it could have come back, though nobody else holds anything', () => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b')
    const fresh = scene.join('fresh')
    a.close()
    b.close()
    fresh.heard()
    fresh.claim(2, 'closed')
    expect(fresh.verdicts()).toMatchObject([{ type: 'denied', why: 'wait' }])
    scene.pass(NEWCOMER_WAIT_MS)
    fresh.claim(2, 'closed')
    expect(fresh.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'fresh') }])
  })

  test('[EL4] finds its room again though nobody else was in it', () => {
    const scene = new DirectoryScene()
    const { a } = scene.room('a')
    a.close()
    const fresh = scene.join('fresh')
    fresh.claim(2, 'closed')
    expect(fresh.verdicts()).toMatchObject([{ type: 'denied', why: 'wait' }])
    const again = scene.join('a', { claim: claimOf(1, 'a') })
    expect(again.heard()).toMatchObject([
      { type: 'joined', claim: claimOf(1, 'a'), hostHere: true },
    ])
    scene.pass(NEWCOMER_WAIT_MS)
    fresh.claim(2, 'closed')
    scene.pass(NEWCOMER_WAIT_MS)
    expect(fresh.verdicts()).toMatchObject([{ type: 'denied', why: 'host-alive' }])
  })

  test('[EL4] is followed by a newcomer at once after a goodbye', () => {
    const scene = new DirectoryScene()
    const { a } = scene.room('a')
    const fresh = scene.join('fresh')
    a.send({ type: 'bye' })
    fresh.heard()
    fresh.claim(2, 'goodbye')
    expect(fresh.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'fresh') }])
  })

  test('[EL4] is followed at once by one who holds the room, though its own socket blinked meanwhile', () => {
    const scene = new DirectoryScene()
    const { a } = scene.room('a', 'b', 'c')
    const b = scene.join('b')
    a.close()
    b.heard()
    b.claim(2, 'closed')
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] who suspects a host follows it, and so holds the room', () => {
    const scene = new DirectoryScene()
    const { a } = scene.room('a', 'b')
    const c = scene.join('c')
    c.suspect(1)
    a.close()
    c.heard()
    c.claim(2, 'closed')
    expect(c.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'c') }])
  })

  test('[EL4] who was granted a term holds the room', () => {
    const scene = new DirectoryScene()
    scene.join('a').claim(1, 'vacant')
    expect(scene.join('b').heard()).toMatchObject([
      { type: 'joined', members: [{ peer: peerId('a'), term: 1 }] },
    ])
  })

  test('[EL4] being told a reign makes nobody a holder of the room', () => {
    const scene = new DirectoryScene()
    const { a } = scene.room('a', 'b')
    const fresh = scene.join('fresh')
    a.claim(2, 'vacant')
    expect(fresh.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'a') }])
    a.close()
    fresh.claim(3, 'closed')
    expect(fresh.verdicts()).toEqual([denied(3, 'wait', claimOf(2, 'a'), 250)])
  })
})

describe('most peers lost at once', () => {
  /** Nine peers in two rooms: the host of one goes, then half of those left. */
  function massDrop(scene: DirectoryScene, hostGoes: 'closed' | 'bye' = 'closed') {
    const { a, b, c } = scene.room('a', 'b', 'c')
    const others = crowd(scene, 6)
    if (hostGoes === 'bye') a.send({ type: 'bye' })
    else a.close()
    for (const lost of others.slice(0, 4)) {
      scene.pass(200)
      lost.close()
    }
    return { b, c }
  }

  test('[EL4] are taken for a fault of the service: closed sockets prove nothing for a while', () => {
    const scene = new DirectoryScene()
    const { b } = massDrop(scene)
    b.claim(2, 'closed')
    expect(b.verdicts()).toEqual([denied(2, 'wait', claimOf(1, 'a'), MASS_DROP_WAIT_MS)])
    scene.pass(MASS_DROP_WAIT_MS)
    b.claim(2, 'closed')
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] do not keep back a claim after a goodbye', () => {
    const scene = new DirectoryScene()
    const { c } = massDrop(scene, 'bye')
    c.claim(2, 'closed')
    expect(c.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'c') }])
  })

  test('[EL4] do not keep back a claim of those who found the host silent themselves', () => {
    const { b } = massDrop(new DirectoryScene())
    b.claim(2, 'silent')
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })

  test('[EL4] keep back a claim, too, that waited for the very close that made them most', () => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b')
    const others = crowd(scene, 6)
    for (const other of others.slice(0, 3)) other.close()
    b.claim(2, 'closed')
    a.close()
    expect(b.verdicts()).toEqual([denied(2, 'wait', claimOf(1, 'a'), MASS_DROP_WAIT_MS)])
  })

  test.each<[string, (scene: DirectoryScene) => void]>([
    ['said goodbye', (scene) => crowd(scene).forEach((peer) => peer.send({ type: 'bye' }))],
    [
      'had not joined',
      (scene) =>
        Array.from({ length: 8 }, (_, i) => scene.open(`p${i}`)).forEach((peer) => peer.close()),
    ],
    [
      'were fewer than half',
      (scene) =>
        crowd(scene)
          .slice(0, 3)
          .forEach((peer) => peer.close()),
    ],
    ['were few', (scene) => crowd(scene, 4).forEach((peer) => peer.close())],
    [
      'went one by one',
      (scene) =>
        crowd(scene).forEach((peer) => {
          peer.close()
          scene.pass(1_000)
        }),
    ],
  ])('[EL4] are no fault of the service when they %s', (_what, leave) => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b')
    leave(scene)
    a.close()
    b.claim(2, 'closed')
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  })
})

describe('after a restart of the service', () => {
  test('[SG3] the highest reign that peers tell stands, and no term is granted again', () => {
    const scene = new DirectoryScene({}, { justStarted: true })
    const a = scene.join('a', { claim: claimOf(4, 'a') })
    const b = scene.join('b', { claim: claimOf(6, 'b') })
    scene.join('c', { claim: claimOf(5, 'c') })
    expect(a.verdicts()).toEqual([{ type: 'host', claim: claimOf(6, 'b') }])
    b.claim(6, 'vacant')
    expect(b.verdicts()).toEqual([denied(6, 'outdated', claimOf(6, 'b'))])
  })

  test('[EL4] a host known by word only has time to come back', () => {
    const scene = new DirectoryScene({}, { justStarted: true })
    scene.pass(500)
    const b = scene.join('b', { claim: claimOf(4, 'a') })
    scene.pass(1_000)
    b.claim(5, 'closed')
    expect(b.verdicts()).toEqual([denied(5, 'wait', claimOf(4, 'a'), RESTART_GRACE_MS - 1_000)])
    scene.join('c', { claim: claimOf(4, 'a') }) // hearing it again does not begin the wait anew
    scene.pass(RESTART_GRACE_MS - 1_000)
    b.claim(5, 'closed')
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(5, 'b') }])
  })

  test('[EL4] a host that came back is asked before anybody follows it', () => {
    const scene = new DirectoryScene({}, { justStarted: true })
    const b = scene.join('b', { claim: claimOf(4, 'a') })
    scene.join('a', { claim: claimOf(4, 'a') })
    scene.pass(RESTART_GRACE_MS)
    b.claim(5, 'closed')
    scene.pass(CHALLENGE_MS)
    expect(b.verdicts()).toEqual([denied(5, 'host-alive', claimOf(4, 'a'))])
  })

  test('[SG3] a reign that peers heard of over their links is told too', () => {
    const scene = new DirectoryScene()
    const { a, b, c } = scene.room('a', 'b', 'c')
    b.send({ type: 'know', claim: claimOf(3, 'c') })
    for (const actor of [a, c])
      expect(actor.verdicts()).toEqual([{ type: 'host', claim: claimOf(3, 'c') }])
    // Who asks whether a reign still stands is answered.
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(3, 'c') }])
    b.send({ type: 'know', claim: claimOf(2, 'a') })
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(3, 'c') }])
  })
})

describe('[PE7] a peer that brings a log from an earlier life', () => {
  test('holds the room: a newcomer leaves a vacancy to it for a while', () => {
    const scene = new DirectoryScene()
    const { a } = scene.room('a')
    scene.join('b', { held: 1 as Term })
    const c = scene.join('c')
    a.send({ type: 'bye' })
    c.claim(2, 'goodbye')
    expect(c.verdicts()).toMatchObject([{ type: 'denied', why: 'wait' }])
    scene.pass(NEWCOMER_WAIT_MS)
    c.claim(2, 'goodbye')
    expect(c.verdicts().at(-1)).toEqual({ type: 'host', claim: claimOf(2, 'c') })
  })

  test('is no newcomer itself, and no reign stands by its word', () => {
    const scene = new DirectoryScene()
    const a = scene.join('a', { held: 5 as Term })
    scene.join('b', { held: 9 as Term })
    expect(a.heard()).toMatchObject([{ type: 'joined', claim: null }, { type: 'peer-joined' }])
    a.claim(6, 'vacant')
    expect(a.verdicts()).toEqual([{ type: 'host', claim: claimOf(6, 'a') }])
  })

  test('does not count among those who may suspect the host', () => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b')
    for (const name of ['c', 'd', 'e']) scene.join(name, { held: 5 as Term })
    b.send({ type: 'suspect', term: 1 as Term, suspected: true })
    b.claim(2, 'silent')
    scene.pass(CHALLENGE_MS)
    expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
    expect(a.verdicts().at(-1)).toEqual({ type: 'host', claim: claimOf(2, 'b') })
  })

  test('is not believed a term that is too high', () => {
    const scene = new DirectoryScene()
    const { a } = scene.room('a')
    a.send({ type: 'bye' })
    scene.join('b', { held: (2 ** 40 + 1) as Term })
    const c = scene.join('c')
    c.claim(2, 'goodbye')
    expect(c.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'c') }])
  })
})
