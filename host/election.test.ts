import { describe, expect, test } from 'vitest'
import {
  CLAIM_ANSWER_MS,
  CLAIM_RETRY_MS,
  RANK_STEP_MS,
  STAND_IN_WAIT_MS,
} from '../protocol/limits.ts'
import { NO_TERM, type Claim, type PeerId, type Term } from '../protocol/ids.ts'
import type { DeniedWhy, FromSignaling } from '../protocol/signals.ts'
import { claimOf, peer } from '../protocol/testing-ids.ts'
import { Election } from './election.ts'
import type { ElectionOutput } from './election-io.ts'

const joined = (members: string, claim: Claim | null, hostHere = true): FromSignaling => ({
  type: 'joined',
  members: [...members].map((letter) => ({ peer: peer(letter), term: 0 as Term })),
  claim,
  hostHere,
})
const left = (letter: string, why: 'closed' | 'bye'): FromSignaling => ({
  type: 'peer-left',
  peer: peer(letter),
  why,
})
const denied = (
  term: number,
  why: DeniedWhy,
  claim: Claim | null = null,
  retryMs = 0,
): FromSignaling => ({ type: 'denied', term: term as Term, why, claim, retryMs })
const granted = (claim: Claim): FromSignaling => ({ type: 'host', claim })
const claiming = (term: number, reason: string) => ({
  type: 'signal',
  message: { type: 'claim', term, reason },
})
const suspecting = (term: number, suspected: boolean) => ({
  type: 'signal',
  message: { type: 'suspect', term, suspected },
})

const PROBE_MS = 50
const T = 10_000

/** An election at peer `m`, with the clock in the test's hands. */
class Scene {
  readonly election: Election
  nowMs = T
  readonly linked = new Set<PeerId>()
  mayStandIn = false
  readonly known = new Set<number>()
  isComplete = true

  constructor(canHost = true, held: Term = NO_TERM) {
    this.election = new Election(peer('m'), canHost, held, {
      isLinked: (other) => this.linked.has(other),
      isKnown: (claim) => this.known.has(claim.term),
      isComplete: () => this.isComplete,
      mayStandIn: () => this.mayStandIn,
    })
  }

  /** In a room hosted by `h` in term 4, where `s` and `m` are the standbys, in this order unless said otherwise. */
  static following(succession = 'sm', canHost = true): Scene {
    const scene = new Scene(canHost)
    scene.signaled(joined('hsp', claimOf(4, 'h')))
    scene.election.succession([...succession].map(peer))
    return scene
  }

  signaled(message: FromSignaling): ElectionOutput[] {
    return this.election.signaled(message, this.nowMs, PROBE_MS)
  }

  /** Lets time pass and ticks; what came of it. */
  pass(ms: number): ElectionOutput[] {
    this.nowMs += ms
    return this.election.ticked(this.nowMs)
  }
}

describe('the highest claim', () => {
  test('[EL1] is followed, whoever tells', () => {
    const { election } = Scene.following()
    expect(election.learn(claimOf(6, 'p'), T)).toEqual([{ type: 'follow', claim: claimOf(6, 'p') }])
    expect(election.claim).toEqual(claimOf(6, 'p'))
  })

  test('[EL1] of one term is that of the higher peer', () => {
    const { election } = Scene.following()
    expect(election.learn(claimOf(4, 'g'), T)).toEqual([])
    expect(election.learn(claimOf(4, 'i'), T)).toEqual([{ type: 'follow', claim: claimOf(4, 'i') }])
  })

  test('[EL1] is news only once, and lower ones are none', () => {
    const { election } = Scene.following()
    expect(election.learn(claimOf(4, 'h'), T)).toEqual([])
    expect(election.learn(claimOf(3, 'z'), T)).toEqual([])
    expect(election.claim).toEqual(claimOf(4, 'h'))
  })

  test('[EL1] deposes a host the moment it hears of it', () => {
    const scene = new Scene()
    scene.signaled(joined('', null))
    scene.signaled(granted(claimOf(1, 'm')))
    expect(scene.election.learn(claimOf(2, 's'), T)).toEqual([
      { type: 'follow', claim: claimOf(2, 's') },
    ])
  })

  test('[EL3] ends every doubt about the host before', () => {
    const scene = Scene.following()
    scene.signaled(left('h', 'closed'))
    scene.election.learn(claimOf(5, 's'), T)
    expect(scene.election.isContent).toBe(true)
    expect(scene.pass(60_000)).toEqual([])
  })
})

describe('a room that nobody hosts', () => {
  test('[EL4] is claimed at once by who enters it', () => {
    expect(new Scene().signaled(joined('ab', null))).toEqual([claiming(1, 'vacant')])
  })

  test('is not claimed by a peer that may not host', () => {
    const scene = new Scene(false)
    expect(scene.signaled(joined('ab', null))).toEqual([])
    expect(scene.election.wakeAtMs).toBe(Infinity)
  })

  test('[SG3] is not claimed by one that knows of a reign: the service has only just started', () => {
    const scene = Scene.following()
    expect(scene.signaled(joined('hsp', null))).toEqual([])
  })
})

describe('a grant', () => {
  test('[EL4] makes this peer host, and says whom it follows', () => {
    const scene = Scene.following()
    scene.election.hostSaidGoodbye(T)
    scene.pass(RANK_STEP_MS)
    expect(scene.signaled(granted(claimOf(5, 'm')))).toEqual([
      { type: 'lead', claim: claimOf(5, 'm'), before: claimOf(4, 'h') },
    ])
  })

  test('[EL4] of a term that this peer never asked for is none', () => {
    const scene = Scene.following()
    expect(scene.signaled(granted(claimOf(5, 'm')))).toEqual([])
    expect(scene.election.learn(claimOf(5, 'm'), T)).toEqual([])
    expect(scene.election.claim).toEqual(claimOf(4, 'h'))
  })

  test('[EL4] counts even where the doubt behind the claim is gone', () => {
    const scene = Scene.following()
    scene.election.hostSilent(T)
    scene.pass(RANK_STEP_MS)
    scene.election.hostHeard()
    expect(scene.election.isContent).toBe(true)
    expect(scene.signaled(granted(claimOf(5, 'm')))).toEqual([
      { type: 'lead', claim: claimOf(5, 'm'), before: claimOf(4, 'h') },
    ])
  })
})

describe('a host that says goodbye', () => {
  test('[EL3] is followed by the first standby at once, without a probe', () => {
    const scene = Scene.following('ms')
    expect(scene.signaled(left('h', 'bye'))).toEqual([claiming(5, 'goodbye')])
  })

  test('[EL6] is followed by the others each a step later than the one before', () => {
    for (const [succession, rank] of [
      ['sm', 1],
      ['spm', 2],
      ['sp', 2],
    ] as const) {
      const scene = Scene.following(succession)
      expect(scene.signaled(left('h', 'bye'))).toEqual([])
      expect(scene.election.wakeAtMs).toBe(T + rank * RANK_STEP_MS)
      expect(scene.pass(rank * RANK_STEP_MS - 1)).toEqual([])
      expect(scene.pass(1)).toEqual([claiming(5, 'goodbye')])
    }
  })

  test('[EL3] is not waited for by rank where those before are gone too', () => {
    const scene = Scene.following('sm')
    scene.signaled(left('s', 'closed'))
    expect(scene.signaled(left('h', 'bye'))).toEqual([claiming(5, 'goodbye')])
  })

  test('[EL3] stays gone, whatever frame of it arrives late', () => {
    const scene = Scene.following('sm')
    scene.signaled(left('h', 'bye'))
    scene.election.hostHeard()
    expect(scene.pass(RANK_STEP_MS)).toEqual([claiming(5, 'goodbye')])
  })
})

describe('a host whose socket closes', () => {
  test('[EL3] is probed before anybody claims', () => {
    const scene = Scene.following('ms')
    expect(scene.signaled(left('h', 'closed'))).toEqual([{ type: 'probe' }])
    expect(scene.pass(PROBE_MS - 1)).toEqual([])
    expect(scene.pass(1)).toEqual([claiming(5, 'closed')])
  })

  test('[EL3] that answers the probe stays: nothing moves', () => {
    const scene = Scene.following('ms')
    scene.signaled(left('h', 'closed'))
    scene.pass(PROBE_MS - 1)
    expect(scene.election.hostHeard()).toEqual([])
    expect(scene.election.isContent).toBe(true)
    expect(scene.pass(60_000)).toEqual([])
  })

  test('[EL6] leaves the lower ranks waiting for their turn', () => {
    const scene = Scene.following('sm')
    scene.signaled(left('h', 'closed'))
    expect(scene.election.wakeAtMs).toBe(T + PROBE_MS + RANK_STEP_MS)
  })

  test('[EL5] leaves who lacks the streams waiting for those who may have them', () => {
    const scene = Scene.following('ms')
    scene.isComplete = false
    scene.signaled(left('h', 'closed'))
    expect(scene.election.wakeAtMs).toBeGreaterThanOrEqual(T + PROBE_MS + 2 * RANK_STEP_MS)
  })

  test('[EL3] is doubted once, not anew with every hint', () => {
    const scene = Scene.following('ms')
    scene.signaled(left('h', 'closed'))
    scene.nowMs += PROBE_MS - 1
    expect(scene.signaled(left('h', 'closed'))).toEqual([])
    expect(scene.election.wakeAtMs).toBe(T + PROBE_MS)
  })

  test('[EL3] and is away already when this peer joins is doubted in the same way', () => {
    const scene = new Scene()
    expect(scene.signaled(joined('s', claimOf(4, 'h'), false))).toEqual([
      { type: 'follow', claim: claimOf(4, 'h') },
      { type: 'probe' },
    ])
  })

  test('[SG4] is a matter of the host alone: others come and go', () => {
    const scene = Scene.following('ms')
    expect(scene.signaled(left('p', 'closed'))).toEqual([])
    expect(scene.election.isPresent(peer('p'))).toBe(false)
    expect(scene.signaled({ type: 'peer-joined', peer: peer('q') })).toEqual([])
    expect(scene.election.isPresent(peer('q'))).toBe(true)
    expect(scene.election.isContent).toBe(true)
  })
})

describe('a silent host', () => {
  test('[EL4] is reported to signaling once, then claimed by rank', () => {
    const scene = Scene.following('sm')
    expect(scene.election.hostSilent(T)).toEqual([suspecting(4, true)])
    expect(scene.election.hostSilent(T + 1)).toEqual([])
    expect(scene.pass(RANK_STEP_MS)).toEqual([claiming(5, 'silent')])
  })

  test('[EL4] that is heard again is no longer suspected, and signaling is told', () => {
    const scene = Scene.following('sm')
    scene.election.hostSilent(T)
    expect(scene.election.hostHeard()).toEqual([suspecting(4, false)])
    expect(scene.election.hostHeard()).toEqual([])
    expect(scene.pass(60_000)).toEqual([])
  })

  test('[EL4] is suspected aloud by a peer that cannot host, which never claims', () => {
    const scene = Scene.following('s', false)
    expect(scene.election.hostSilent(T)).toEqual([suspecting(4, true)])
    expect(scene.pass(60_000)).toEqual([])
  })

  test('[EL4] suspected once and heard, is suspected afresh when it falls silent again', () => {
    const scene = Scene.following('sm')
    scene.election.hostSilent(T)
    scene.election.hostHeard()
    expect(scene.election.hostSilent(T + 5_000)).toEqual([suspecting(4, true)])
  })
})

describe('a handover', () => {
  test('[MG1] is claimed at once, whatever the rank', () => {
    expect(Scene.following('sm').election.handedOver(T)).toEqual([claiming(5, 'handover')])
  })
})

describe('a claim that is denied', () => {
  /** After `m` has claimed term 5. */
  function claimed(): Scene {
    const scene = Scene.following('ms')
    scene.election.hostSilent(T)
    return scene
  }

  test('[EL4] with "wait" is made again after the time it was told', () => {
    const scene = claimed()
    expect(scene.signaled(denied(5, 'wait', null, 1_234))).toEqual([])
    expect(scene.election.wakeAtMs).toBe(T + 1_234)
    expect(scene.pass(1_233)).toEqual([])
    expect(scene.pass(1)).toEqual([claiming(5, 'silent')])
  })

  test('[EL4] with "wait" of no length does not spin', () => {
    const scene = claimed()
    scene.signaled(denied(5, 'wait', null, 0))
    expect(scene.election.wakeAtMs).toBeGreaterThan(scene.nowMs)
  })

  test('[EL4] as outdated ends the doubt and follows the reign that stands', () => {
    const scene = claimed()
    expect(scene.signaled(denied(5, 'outdated', claimOf(7, 's')))).toEqual([
      { type: 'follow', claim: claimOf(7, 's') },
    ])
    expect(scene.pass(60_000)).toEqual([])
  })

  test('[EL3] as the host lives mends the link instead, and claims no more', () => {
    const scene = claimed()
    expect(scene.signaled(denied(5, 'host-alive', claimOf(4, 'h')))).toContainEqual({
      type: 'mend-link',
    })
    expect(scene.election.isContent).toBe(true)
    expect(scene.pass(60_000)).toEqual([])
  })

  test('[EL4] for another term than the one now asked for is an old answer', () => {
    const scene = claimed()
    expect(scene.signaled(denied(4, 'host-alive'))).toEqual([])
    expect(scene.election.isContent).toBe(false)
  })

  test('[EL3] no more matters once the host was heard', () => {
    const scene = claimed()
    scene.election.hostHeard()
    expect(scene.signaled(denied(5, 'host-alive'))).toEqual([])
  })
})

describe('a claim without an answer', () => {
  test('[EL4] is made again, for the same term', () => {
    const scene = Scene.following('ms')
    expect(scene.election.hostSilent(T)).toContainEqual(claiming(5, 'silent'))
    expect(scene.pass(CLAIM_RETRY_MS - 1)).toEqual([])
    expect(scene.pass(1)).toEqual([claiming(5, 'silent')])
  })

  test('[SG3] is not made while signaling is out of reach, and judged anew once it is back', () => {
    const scene = Scene.following('ms')
    scene.election.signalingLost()
    expect(scene.election.signalingUp).toBe(false)
    expect(scene.election.hostSilent(T)).toEqual([{ type: 'ask-around' }])
    expect(scene.pass(CLAIM_RETRY_MS)).toEqual([])
    scene.signaled(joined('hs', claimOf(4, 'h')))
    expect(scene.election.isContent).toBe(true)
    expect(scene.election.hostSilent(scene.nowMs)).toEqual([
      suspecting(4, true),
      claiming(5, 'silent'),
    ])
  })

  test('[EL4] that signaling never got is no claim: a grant in its name makes nobody host', () => {
    const scene = Scene.following('ms')
    scene.election.signalingLost()
    scene.election.hostSilent(T)
    expect(scene.signaled(granted(claimOf(5, 'm')))).toEqual([])
  })
})

describe('signaling', () => {
  test('[SG3] that is lost changes nothing in a running room', () => {
    const scene = Scene.following()
    scene.election.signalingLost()
    expect(scene.pass(CLAIM_RETRY_MS)).toEqual([])
    expect(scene.election.claim).toEqual(claimOf(4, 'h'))
    expect(scene.election.isContent).toBe(true)
  })

  test('[EL4] that challenges the host is answered at once', () => {
    const scene = new Scene()
    scene.signaled(joined('s', null))
    scene.signaled(granted(claimOf(1, 'm')))
    expect(scene.signaled({ type: 'challenge', term: 1 as Term })).toEqual([
      { type: 'signal', message: { type: 'alive', term: 1 } },
    ])
  })

  test('[EL4] that challenges another reign gets no answer', () => {
    const scene = Scene.following()
    expect(scene.signaled({ type: 'challenge', term: 4 as Term })).toEqual([])
  })
})

describe('[EL6] out of the reach of signaling', () => {
  function cutOff(succession = 'ms'): Scene {
    const scene = Scene.following(succession)
    scene.mayStandIn = true
    scene.linked.add(peer('s'))
    scene.election.signalingLost()
    return scene
  }

  test('a standby asks the others whether they hear the host, waits, and leads by its own word', () => {
    const scene = cutOff()
    expect(scene.election.hostSilent(T)).toEqual([{ type: 'ask-around' }])
    expect(scene.pass(STAND_IN_WAIT_MS - 1)).toEqual([])
    expect(scene.pass(1)).toEqual([
      { type: 'lead', claim: claimOf(5, 'm'), before: claimOf(4, 'h') },
    ])
  })

  test('[EL1i] who leads by its own word says so to signaling that comes back, before its log shows it', () => {
    const scene = cutOff()
    scene.election.hostSilent(T)
    scene.pass(STAND_IN_WAIT_MS)
    expect(scene.signaled(joined('s', claimOf(4, 'h')))).toContainEqual({
      type: 'signal',
      message: { type: 'know', claim: claimOf(5, 'm') },
    })
  })

  test('[EL1i] who leads by its own word says so to signaling whose answer comes too late', () => {
    const scene = Scene.following('ms')
    scene.mayStandIn = true
    scene.election.hostSilent(T)
    scene.pass(CLAIM_ANSWER_MS)
    scene.pass(STAND_IN_WAIT_MS)
    expect(scene.election.claim).toEqual(claimOf(5, 'm'))
    expect(scene.signaled(denied(5, 'host-alive', claimOf(4, 'h')))).toEqual([
      { type: 'signal', message: { type: 'know', claim: claimOf(5, 'm') } },
    ])
  })

  test('the lower ranks wait longer, as far as those before them are linked', () => {
    const scene = cutOff('sm')
    scene.election.hostSilent(T)
    expect(scene.pass(RANK_STEP_MS)).toEqual([{ type: 'ask-around' }])
    expect(scene.pass(STAND_IN_WAIT_MS)).toEqual([])
    expect(scene.pass(STAND_IN_WAIT_MS)).toEqual([
      { type: 'lead', claim: claimOf(5, 'm'), before: claimOf(4, 'h') },
    ])
    const alone = cutOff('sm')
    alone.linked.clear()
    alone.election.hostSilent(T)
    expect(alone.pass(STAND_IN_WAIT_MS)).toMatchObject([{ type: 'lead' }])
  })

  test('who is told that somebody hears the host mends its link, and moves nothing', () => {
    const scene = cutOff()
    scene.election.hostSilent(T)
    expect(scene.election.vouched(claimOf(3, 'h'))).toEqual([])
    expect(scene.election.vouched(claimOf(4, 'h'))).toEqual([{ type: 'mend-link' }])
    expect(scene.pass(10 * STAND_IN_WAIT_MS)).toEqual([])
  })

  test('after a goodbye nobody has to be asked, and nobody vouches', () => {
    const scene = cutOff()
    scene.election.hostSaidGoodbye(T)
    expect(scene.election.vouched(claimOf(4, 'h'))).toEqual([])
    expect(scene.pass(1)).toMatchObject([{ type: 'lead' }])
  })

  test('who may not stand in asks again and again, and leads once it may', () => {
    const scene = cutOff()
    scene.mayStandIn = false
    scene.election.hostSilent(T)
    expect(scene.pass(STAND_IN_WAIT_MS)).toEqual([{ type: 'ask-around' }])
    scene.mayStandIn = true
    expect(scene.pass(CLAIM_RETRY_MS)).toMatchObject([{ type: 'lead' }])
  })

  test('a host that is heard again ends the wait', () => {
    const scene = cutOff()
    scene.election.hostSilent(T)
    scene.election.hostHeard()
    expect(scene.pass(10 * STAND_IN_WAIT_MS)).toEqual([])
  })

  test('is also who gets no answer over an open socket', () => {
    const scene = Scene.following('ms')
    scene.mayStandIn = true
    scene.election.hostSilent(T)
    let asked = 0
    for (let waited = 0; waited < CLAIM_ANSWER_MS; waited += CLAIM_RETRY_MS)
      asked += scene.pass(CLAIM_RETRY_MS).filter(({ type }) => type === 'ask-around').length
    expect(asked).toBe(1)
    expect(scene.pass(STAND_IN_WAIT_MS)).toMatchObject([{ type: 'lead', claim: claimOf(5, 'm') }])
  })
})

test('[MG5] a host that met a branch claims the next term, and without signaling rules on at once', () => {
  const scene = Scene.following()
  scene.election.hostSaidGoodbye(T)
  scene.pass(RANK_STEP_MS)
  scene.signaled(granted(claimOf(5, 'm')))
  expect(scene.election.ruleOn(NO_TERM, T)).toEqual([claiming(6, 'merge')])
  expect(scene.election.ruleOn(NO_TERM, T)).toEqual([])
  scene.signaled(granted(claimOf(6, 'm')))
  scene.election.signalingLost()
  scene.mayStandIn = true
  expect(scene.election.ruleOn(NO_TERM, T)).toEqual([
    { type: 'lead', claim: claimOf(7, 'm'), before: claimOf(6, 'm') },
  ])
})

test("[EL1g] a reign that nobody leads is left on signaling's word that another host lives", () => {
  const scene = Scene.following('ms')
  scene.election.learn(claimOf(5, 'z'), T)
  scene.election.hostSilent(scene.nowMs)
  scene.pass(RANK_STEP_MS)
  const outputs = scene.signaled(denied(6, 'host-alive', claimOf(4, 'h')))
  expect(outputs).toContainEqual({ type: 'follow', claim: claimOf(4, 'h') })
  expect(scene.election.claim).toEqual(claimOf(4, 'h'))
})

test('[EL1g] a reign that this peer was part of is no rumour: signaling is told of it', () => {
  const scene = Scene.following('ms')
  scene.election.learn(claimOf(5, 'z'), T)
  scene.known.add(5)
  scene.election.hostSilent(scene.nowMs)
  scene.pass(RANK_STEP_MS)
  const outputs = scene.signaled(denied(6, 'host-alive', claimOf(4, 'h')))
  expect(outputs).toContainEqual({
    type: 'signal',
    message: { type: 'know', claim: claimOf(5, 'z') },
  })
  expect(scene.election.claim).toEqual(claimOf(5, 'z'))
})

test('[EL1] nobody leads twice in one reign: told of its own once more, a peer asks for the next', () => {
  const scene = Scene.following('ms')
  scene.election.hostSaidGoodbye(T)
  scene.pass(RANK_STEP_MS)
  expect(scene.signaled(granted(claimOf(5, 'm')))).toMatchObject([{ type: 'lead' }])
  scene.election.forgetHearsay()
  scene.election.learn(claimOf(4, 'h'), T)
  expect(scene.election.learn(claimOf(5, 'm'), T)).toEqual([
    { type: 'follow', claim: claimOf(5, 'm') },
  ])
  expect(scene.pass(1)).toEqual([claiming(6, 'goodbye')])
})

describe('[EL1h] an own reign that ended, of which somebody still speaks', () => {
  /** Peer `m` led in term 5, forgot it as hearsay, and is told of it. */
  function toldOfItsOwn(): Scene {
    const scene = Scene.following('ms')
    scene.election.hostSaidGoodbye(T)
    scene.pass(RANK_STEP_MS)
    scene.signaled(granted(claimOf(5, 'm')))
    scene.election.forgetHearsay()
    scene.election.learn(claimOf(5, 'm'), scene.nowMs)
    return scene
  }

  test('is not told to signaling, and answers no challenge', () => {
    const scene = toldOfItsOwn()
    expect(scene.signaled(granted(claimOf(4, 's')))).toEqual([])
    expect(scene.signaled({ type: 'challenge', term: 5 as Term })).toEqual([])
  })

  test('is asked to be followed by the next one until another leads', () => {
    const scene = toldOfItsOwn()
    expect(scene.pass(1)).toEqual([claiming(6, 'goodbye')])
    expect(scene.signaled(denied(6, 'outdated', claimOf(5, 'm')))).toEqual([])
    expect(scene.pass(RANK_STEP_MS)).toEqual([claiming(6, 'goodbye')])
    expect(scene.signaled(denied(6, 'outdated', claimOf(6, 's')))).toMatchObject([
      { type: 'follow' },
    ])
    expect(scene.pass(10 * CLAIM_RETRY_MS)).toEqual([])
  })

  test('is no host where signaling knows of none', () => {
    const scene = toldOfItsOwn()
    expect(scene.signaled(joined('s', null))).toEqual([claiming(6, 'vacant')])
  })

  test('does not hide a grant of a later term that was asked for before', () => {
    const scene = toldOfItsOwn()
    scene.pass(1)
    scene.election.forgetHearsay()
    expect(scene.signaled(joined('', null))).toEqual([claiming(1, 'vacant')])
    expect(scene.signaled(granted(claimOf(6, 'm')))).toMatchObject([{ type: 'lead' }])
  })
})

test('[EL1i] signaling that still names an earlier reign is told of the one that stands, and nobody follows it back', () => {
  const scene = Scene.following('ms')
  scene.election.learn(claimOf(5, 'p'), T)
  scene.known.add(5)
  const telling = { type: 'signal', message: { type: 'know', claim: claimOf(5, 'p') } }
  expect(scene.signaled(granted(claimOf(4, 'h')))).toEqual([telling])
  expect(scene.signaled(joined('sp', claimOf(4, 'h')))).toEqual([telling])
  expect(scene.signaled(joined('sp', null))).toEqual([telling])
  expect(scene.election.claim).toEqual(claimOf(5, 'p'))
})

test('[EL1i] a reign by hearsay corrects nobody', () => {
  const scene = Scene.following('ms')
  scene.election.learn(claimOf(5, 'p'), T)
  expect(scene.signaled(granted(claimOf(4, 'h')))).toEqual([])
})

test('[EL1i] a peer that is told of a host that signaling does not see here doubts it, and claims', () => {
  const scene = new Scene()
  scene.signaled(joined('s', null))
  expect(scene.signaled(granted(claimOf(2, 'g')))).toEqual([
    { type: 'follow', claim: claimOf(2, 'g') },
    { type: 'probe' },
  ])
  expect(scene.pass(RANK_STEP_MS + RANK_STEP_MS)).toEqual([claiming(3, 'closed')])
})

test('[EL6] signaling that lets a peer wait is not mute, however far the clock jumps meanwhile', () => {
  const scene = new Scene()
  expect(scene.signaled(joined('s', null))).toEqual([claiming(1, 'vacant')])
  scene.signaled(denied(1, 'wait', null, 1_000))
  expect(scene.pass(1_000 + 2 * CLAIM_ANSWER_MS)).toEqual([claiming(1, 'vacant')])
  scene.pass(CLAIM_RETRY_MS)
  expect(scene.pass(CLAIM_ANSWER_MS)).toEqual([{ type: 'ask-around' }])
})

test('[EL6a] what was asked over a socket that is gone does not make signaling mute that is back', () => {
  const scene = Scene.following('ms')
  expect(scene.election.hostSilent(T)).toContainEqual(claiming(5, 'silent'))
  for (let ms = 0; ms < CLAIM_ANSWER_MS - CLAIM_RETRY_MS; ms += CLAIM_RETRY_MS)
    expect(scene.pass(CLAIM_RETRY_MS)).toEqual([claiming(5, 'silent')])
  scene.election.signalingLost()
  scene.signaled(joined('hs', claimOf(4, 'h')))
  expect(scene.pass(CLAIM_RETRY_MS)).toEqual([claiming(5, 'silent')])
})

describe('[PE7] the next term', () => {
  test('is above the last one in a log from an earlier life', () => {
    const { election } = new Scene(true, 6 as Term)
    const outputs = election.signaled(joined('', null), T, PROBE_MS)
    expect(outputs).toEqual([claiming(7, 'vacant')])
  })

  test('is above that of a branch that a host meets, if it is credible', () => {
    const scene = new Scene()
    scene.signaled(joined('', null))
    scene.signaled(granted(claimOf(1, 'm')))
    expect(scene.election.ruleOn(9 as Term, T)).toEqual([claiming(10, 'merge')])
  })

  test('does not follow a term that is too high', () => {
    const scene = new Scene()
    scene.signaled(joined('', null))
    scene.signaled(granted(claimOf(1, 'm')))
    expect(scene.election.ruleOn((2 ** 30) as Term, T)).toEqual([claiming(2, 'merge')])
  })
})
