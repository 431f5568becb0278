import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Claim, Term } from '../../protocol/ids.ts'
import { DEFAULT_LIMITS } from './service-limits.ts'
import { claimOf, peerId, DirectoryScene, topic, type Actor } from './directory-scene.ts'

const RUNS = 300
const NAMES = ['a', 'b', 'c', 'd', 'e']
const REASONS = ['vacant', 'goodbye', 'handover', 'closed', 'silent'] as const
/** A claim made just before a challenge begins waits for the whole of it. */
const ANSWER_MS = 2 * DEFAULT_LIMITS.challengeMs

const name = fc.constantFrom(...NAMES)
const step = fc.oneof(
  fc.record({ type: fc.constant('join' as const), name }),
  fc.record({ type: fc.constant('close' as const), name }),
  fc.record({ type: fc.constant('bye' as const), name }),
  fc.record({ type: fc.constant('claim' as const), name, reason: fc.constantFrom(...REASONS) }),
  fc.record({ type: fc.constant('suspect' as const), name, suspected: fc.boolean() }),
  fc.record({ type: fc.constant('yield' as const), name, to: name }),
  fc.record({ type: fc.constant('alive' as const), name }),
  fc.record({ type: fc.constant('know' as const), name }),
  fc.record({
    type: fc.constant('pass' as const),
    ms: fc.constantFrom(1, 100, 399, 400, 1_000, 3_000, 36_000),
  }),
)

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

/** A peer that tells only what it was told, and keeps what it knows over its connections. */
class HonestPeer {
  readonly name: string
  known: Claim | null = null
  actor: Actor | null = null
  readonly unanswered = new Map<number, number>()

  constructor(name: string) {
    this.name = name
  }

  listen(): Claim[] {
    const claims: Claim[] = []
    for (const message of this.actor?.heard() ?? []) {
      if (message.type === 'denied') this.unanswered.delete(message.term)
      if ((message.type === 'host' || message.type === 'joined') && message.claim !== null) {
        claims.push(message.claim)
        for (const term of this.unanswered.keys())
          if (term <= message.claim.term) this.unanswered.delete(term)
      }
    }
    if (this.actor?.closedWith) this.#gone()
    return claims
  }

  do(step: Exclude<Step, { type: 'pass' }>, scene: DirectoryScene): void {
    if (step.type === 'join') {
      this.unanswered.clear()
      this.actor = scene.join(this.name, { claim: this.known })
      return
    }
    const { actor, known } = this
    if (actor === null) return
    const term = (known?.term ?? 1) as Term
    switch (step.type) {
      case 'close':
        actor.close()
        return this.#gone()
      case 'bye':
        actor.send({ type: 'bye' })
        return this.#gone()
      case 'claim': {
        const claimed = known === null ? 1 : known.term + 1
        if (!this.unanswered.has(claimed)) this.unanswered.set(claimed, scene.nowMs)
        return actor.claim(claimed, step.reason)
      }
      case 'suspect':
        return actor.suspect(term, step.suspected)
      case 'yield':
        return actor.send({ type: 'yield', term, to: peerId(step.to) })
      case 'alive':
        return actor.alive(term)
      case 'know':
        if (known !== null) actor.send({ type: 'know', claim: known })
    }
  }

  #gone(): void {
    this.actor = null
    this.unanswered.clear()
  }
}

test('[SG3 EL4] among honest peers a term has one host, nobody hears of a lower term, every claim is answered', () => {
  let reigns = 0
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }), (steps) => {
      const scene = new DirectoryScene()
      const peers = new Map(NAMES.map((name) => [name, new HonestPeer(name)]))
      for (const peer of peers.values()) peer.do({ type: 'join', name: peer.name }, scene)
      // One who never leaves keeps the room, and with it its terms, in being.
      const witness = scene.join('witness')
      const hostByTerm = new Map<number, string>()
      const hear = (claim: Claim) => {
        expect(hostByTerm.get(claim.term) ?? claim.host).toBe(claim.host)
        hostByTerm.set(claim.term, claim.host)
      }
      for (const step of steps) {
        if (step.type === 'pass') {
          for (let left = step.ms; left > 0; left -= 20_000) {
            witness.send({ type: 'heartbeat' })
            scene.pass(Math.min(left, 20_000))
          }
        } else peers.get(step.name)?.do(step, scene)
        for (const message of witness.heard()) if (message.type === 'host') hear(message.claim)
        for (const peer of peers.values()) {
          for (const claim of peer.listen()) {
            hear(claim)
            expect(claim.term).toBeGreaterThanOrEqual(peer.known?.term ?? 0)
            peer.known = claim
          }
          for (const sinceMs of peer.unanswered.values())
            expect(scene.nowMs - sinceMs).toBeLessThanOrEqual(ANSWER_MS)
        }
      }
      reigns += hostByTerm.size
    }),
    { numRuns: RUNS },
  )
  expect(reigns, 'reigns in all runs: with few the runs are void').toBeGreaterThan(RUNS)
})

test('[SG6] whatever is sent, nothing throws, no closed connection hears a word, nothing is kept of who left', () => {
  const term = fc.constantFrom(1, 2, 3, Number.MAX_SAFE_INTEGER - 1)
  const claim = fc.tuple(term, name).map(([term, name]) => claimOf(term, name))
  const anything = fc.tuple(
    fc.nat(9),
    fc.oneof(
      fc.record({ type: fc.constant('open' as const), name }),
      fc.record({ type: fc.constant('close' as const) }),
      fc.record({ type: fc.constant('pass' as const), ms: fc.nat(40_000) }),
      fc.record({
        type: fc.constant('join' as const),
        claim: fc.option(claim),
        topic: name.map(topic),
      }),
      fc.record({
        type: fc.constant('signal' as const),
        to: name.map(peerId),
        attempt: fc.constant('x'),
        box: fc.constant('y'),
      }),
      fc.record({
        type: fc.constant('claim' as const),
        term: term.map((term) => term as Term),
        reason: fc.constantFrom(...REASONS),
      }),
      fc.record({
        type: fc.constant('suspect' as const),
        term: term.map((term) => term as Term),
        suspected: fc.boolean(),
      }),
      fc.record({
        type: fc.constant('yield' as const),
        term: term.map((term) => term as Term),
        to: name.map(peerId),
      }),
      fc.record({ type: fc.constant('alive' as const), term: term.map((term) => term as Term) }),
      fc.record({ type: fc.constant('know' as const), claim }),
      fc.constant({ type: 'bye' as const }),
      fc.constant({ type: 'heartbeat' as const }),
    ),
  )
  fc.assert(
    fc.property(fc.array(anything, { minLength: 20, maxLength: 80, size: 'max' }), (steps) => {
      const scene = new DirectoryScene({ peersPerRoomMax: 3, roomsMax: 3 }, { justStarted: true })
      const actors: Actor[] = []
      for (const [index, step] of steps) {
        const actor = actors[index]
        if (step.type === 'pass') scene.pass(step.ms)
        else if (step.type === 'open') actors.push(scene.open(step.name))
        else if (step.type === 'close') actor?.close()
        else if (step.type === 'join') actor?.join(step)
        else actor?.send(step)
        expect(scene.directory.rooms).toBeLessThanOrEqual(3)
      }
      for (const actor of actors) actor.close()
      scene.pass(DEFAULT_LIMITS.newcomerWaitMs)
      expect([scene.directory.rooms, scene.directory.peers, scene.directory.nextWakeAt()]).toEqual([
        0,
        0,
        null,
      ])
    }),
    { numRuns: RUNS },
  )
})
