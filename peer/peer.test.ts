import { describe, expect, test } from 'vitest'
import {
  HANDOVER_TIMEOUT_MS,
  CONNECT_AGAIN_MS,
  HEARTBEAT_INTERVAL_MS,
  HEARTBEAT_LIMIT_MS,
  POSITIONS_WAIT_MS,
  RANK_STEP_MS,
  SLEEP_GAP_MS,
} from '../protocol/limits.ts'
import { NO_TERM, type Claim, type Index, type Seq, type Term } from '../protocol/ids.ts'
import type { Entry } from '../protocol/entry.ts'
import type { Frame, FrameBody } from '../protocol/frames.ts'
import type { FromSignaling, ToSignaling } from '../protocol/signals.ts'
import { claimOf, peer } from '../protocol/testing-ids.ts'
import type { PeerInput, PeerOutput } from './peer-io.ts'
import { Peer } from './peer.ts'

const H4 = claimOf(4, 'h')

const reign = (index: number, claim: Claim): Entry => ({
  type: 'reign',
  index: index as Index,
  claim,
  inSync: [],
})
const message = (index: number, seq: number, author: string, opId: number): Entry => ({
  type: 'message',
  index: index as Index,
  seq: seq as Seq,
  op: {
    action: 'append',
    author: peer(author),
    opId: opId as never,
    key: 'k',
    value: Uint8Array.of(opId),
  },
})

/** Peer `m` alone on a stage: the test plays everyone else, and owns the clock. */
class Scene {
  nowMs = 0
  readonly peer = new Peer(
    { self: peer('m'), canHost: true, visible: true, durability: 'standby' },
    0,
  )
  #outputs: PeerOutput[] = []
  #links = 0
  readonly #linkByPeer = new Map<string, number>()

  /** Linked to `h`, the host of term 4, and to `s`, with a log of one message. Outputs are forgotten. */
  static following(): Scene {
    const scene = new Scene()
    scene.joined('hs', H4)
    scene.link('h')
    scene.link('s')
    scene.welcome({ head: 0 })
    scene.receive('h', {
      type: 'entries',
      stable: 2 as Index,
      entries: [reign(1, H4), message(2, 1, 'h', 1)],
    })
    scene.roster('hsm')
    scene.forget()
    return scene
  }

  /** Hosting since term 1, with `s` following. */
  static hosting(): Scene {
    const scene = new Scene()
    scene.joined('', null)
    scene.signaled({ type: 'host', claim: claimOf(1, 'm') })
    scene.signaled({ type: 'peer-joined', peer: peer('s') })
    scene.link('s')
    scene.receive(
      's',
      {
        type: 'hello',
        claim: claimOf(1, 'm'),
        past: 0 as Index,
        nonce: 1,
        position: scene.peer.replica.position,
        headSeq: scene.peer.replica.lastSeq,
        stable: 0 as Index,
        complete: true,
        lacks: [],
        canHost: true,
        visible: true,
        replay: null,
      },
      1,
    )
    scene.receive(
      's',
      {
        type: 'report',
        nonce: 1,
        index: scene.peer.replica.lastIndex,
        complete: true,
        visible: true,
      },
      1,
    )
    scene.forget()
    return scene
  }

  feed(input: PeerInput): void {
    this.#outputs.push(...this.peer.handle(input, this.nowMs))
  }

  signaled(message: FromSignaling): void {
    this.feed({ type: 'signaled', message })
  }

  joined(members: string, claim: Claim | null): void {
    this.signaled({
      type: 'joined',
      members: [...members].map((name) => ({ peer: peer(name), term: NO_TERM })),
      claim,
      hostHere: true,
    })
  }

  link(name: string): void {
    this.#linkByPeer.set(name, ++this.#links)
    this.feed({ type: 'link-opened', peer: peer(name), link: this.#links })
  }

  unlink(name: string): void {
    this.feed({ type: 'link-closed', peer: peer(name), link: this.#linkByPeer.get(name)! })
  }

  receive(name: string, body: FrameBody, term = 4, link = this.#linkByPeer.get(name) ?? 0): void {
    this.feed({ type: 'received', peer: peer(name), link, frame: { ...body, term: term as Term } })
  }

  /** The host tells who is here, the senior first; `m` and `s` are its standbys. */
  roster(members: string): void {
    this.receive('h', {
      type: 'roster',
      members: [...members].map((name) => ({ peer: peer(name), canHost: true, visible: true })),
      succession: [peer('m'), peer('s')],
      standbys: 2,
      paused: false,
    })
  }

  /** To whom links were asked for since this was last looked at. */
  asked(): string {
    const asked = this.all('connect').map((output) => output.peer[0])
    this.#outputs = this.#outputs.filter(({ type }) => type !== 'connect')
    return asked.join('')
  }

  /** The host's answer to the last hello. */
  welcome(more: { readonly head: number }, from = 'h', term = 4): void {
    const hello = this.sent().findLast(({ frame }) => frame.type === 'hello')?.frame as Extract<
      Frame,
      { type: 'hello' }
    >
    this.receive(
      from,
      {
        type: 'welcome',
        nonce: hello.nonce,
        resume: true,
        lacks: [],
        headSeq: 0 as Seq,
        history: [],
        ops: [],
        head: more.head as Index,
      },
      term,
    )
  }

  pass(ms: number): void {
    this.nowMs += ms
    this.feed({ type: 'ticked' })
  }

  /** It has not fetched the streams, and leaves those the precedence who may have them. */
  takesItsTurn(): void {
    this.pass(3 * RANK_STEP_MS)
  }

  append(): void {
    this.feed({ type: 'submitted', ticket: 1, action: 'append', key: 'k', value: Uint8Array.of(9) })
  }

  forget(): void {
    this.#outputs = []
  }

  all<Type extends PeerOutput['type']>(type: Type): Extract<PeerOutput, { type: Type }>[] {
    return this.#outputs.filter(
      (output): output is Extract<PeerOutput, { type: Type }> => output.type === type,
    )
  }

  /** What was sent over links, one item a receiver. */
  sent(): { readonly to: string; readonly frame: Frame }[] {
    return this.all('send').flatMap(({ to, frame }) => to.map((id) => ({ to: id[0]!, frame })))
  }

  sentTo(name: string): string[] {
    return this.sent().flatMap(({ to, frame }) => (to === name ? [frame.type] : []))
  }

  signals(): ToSignaling[] {
    return this.all('signal').map(({ message }) => message)
  }

  get log(): string[] {
    return this.peer.replica.log
      .after(0 as Index)
      .map((entry) =>
        entry.type === 'message'
          ? `${entry.op.author[0]}${entry.op.opId}`
          : entry.type === 'reign'
            ? `reign ${entry.claim.term}`
            : entry.type,
      )
  }
}

describe('after a change of term a peer', () => {
  test("takes entries from that term's host alone", () => {
    const scene = Scene.following()
    scene.receive('s', { type: 'entries', stable: 3 as Index, entries: [message(3, 2, 's', 1)] })
    expect(scene.all('deliver')).toEqual([])
    scene.receive('h', { type: 'entries', stable: 3 as Index, entries: [message(3, 2, 'h', 2)] })
    expect(scene.all('deliver')).toHaveLength(1)
  })

  test('takes no entry from it before it was brought up to date', () => {
    const scene = Scene.following()
    scene.receive('s', { type: 'reign', claim: claimOf(5, 's') }, 5)
    expect(scene.sentTo('s')).toContain('hello')
    scene.receive(
      's',
      { type: 'entries', stable: 3 as Index, entries: [reign(3, claimOf(5, 's'))] },
      5,
    )
    expect(scene.peer.replica.lastIndex).toBe(2)
    scene.welcome({ head: 3 }, 's', 5)
    scene.receive(
      's',
      { type: 'entries', stable: 3 as Index, entries: [reign(3, claimOf(5, 's'))] },
      5,
    )
    expect(scene.log).toEqual(['reign 4', 'h1', 'reign 5'])
  })

  test('takes nothing more from the host before, and tells it of the reign that stands', () => {
    const scene = Scene.following()
    scene.receive('s', { type: 'reign', claim: claimOf(5, 's') }, 5)
    scene.forget()
    scene.receive('h', { type: 'entries', stable: 3 as Index, entries: [message(3, 2, 'h', 2)] }, 4)
    expect(scene.all('deliver')).toEqual([])
    expect(scene.sent()).toEqual([
      { to: 'h', frame: { type: 'reign', claim: claimOf(5, 's'), term: 5 } },
    ])
  })
})

describe('[EL1] a frame', () => {
  test('of a higher term counts only once that reign is known', () => {
    const scene = Scene.following()
    scene.receive('h', { type: 'entries', stable: 3 as Index, entries: [message(3, 2, 'h', 2)] }, 5)
    expect(scene.all('deliver')).toEqual([])
    expect(scene.peer.claim).toEqual(H4)
  })

  test('of an earlier link is ignored', () => {
    const scene = Scene.following()
    scene.link('h')
    scene.welcome({ head: 2 })
    scene.forget()
    scene.receive(
      'h',
      { type: 'entries', stable: 3 as Index, entries: [message(3, 2, 'h', 2)] },
      4,
      1,
    )
    expect(scene.all('deliver')).toEqual([])
  })

  test('carries the term that its sender follows', () => {
    const scene = Scene.following()
    scene.append()
    expect(scene.sent()).toMatchObject([{ to: 'h', frame: { type: 'submit', term: 4 } }])
  })
})

describe('a host', () => {
  test('[MG2] writes its term into the log before anything is ordered, its own unsettled ops included', () => {
    const scene = Scene.following()
    scene.append()
    scene.receive('h', { type: 'goodbye' })
    scene.takesItsTurn()
    scene.append()
    scene.signaled({ type: 'host', claim: claimOf(5, 'm') })
    scene.pass(POSITIONS_WAIT_MS)
    expect(scene.peer.isHosting).toBe(true)
    expect(scene.log.slice(0, 5)).toEqual(['reign 4', 'h1', 'reign 5', 'm1', 'm2'])
  })

  test('[MG2] waits for the positions of those that it can reach, and for nobody else', () => {
    const scene = Scene.following()
    scene.receive('h', { type: 'goodbye' })
    scene.feed({ type: 'link-closed', peer: peer('h'), link: 1 })
    scene.takesItsTurn()
    scene.signaled({ type: 'host', claim: claimOf(5, 'm') })
    expect(scene.peer.isHosting).toBe(false)
    expect(scene.sentTo('s')).toContain('reign')
    scene.receive(
      's',
      {
        type: 'hello',
        claim: claimOf(5, 'm'),
        nonce: 1,
        position: { claim: H4, index: 2 as Index },
        headSeq: 0 as Seq,
        stable: 0 as Index,
        past: 0 as Index,
        complete: false,
        lacks: [],
        canHost: true,
        visible: true,
        replay: null,
      },
      5,
    )
    expect(scene.peer.isHosting).toBe(true)
  })

  test('[MG2] knows those who greeted it before it knew of its own grant', () => {
    const scene = Scene.following()
    scene.receive('h', { type: 'goodbye' })
    scene.takesItsTurn()
    scene.receive(
      's',
      {
        type: 'hello',
        claim: claimOf(5, 'm'),
        nonce: 1,
        position: { claim: H4, index: 2 as Index },
        headSeq: 0 as Seq,
        stable: 0 as Index,
        past: 0 as Index,
        complete: false,
        lacks: [],
        canHost: true,
        visible: true,
        replay: null,
      },
      5,
    )
    scene.signaled({ type: 'host', claim: claimOf(5, 'm') })
    scene.pass(POSITIONS_WAIT_MS)
    expect(scene.sentTo('s')).toContain('welcome')
  })

  test('[EL1] steps down the moment it hears of a higher reign, and goes on as an ordinary peer', () => {
    const scene = Scene.hosting()
    scene.receive('s', { type: 'reign', claim: claimOf(2, 's') }, 2)
    expect(scene.peer.isHosting).toBe(false)
    expect(scene.sentTo('s')).toEqual(['hello'])
    scene.forget()
    scene.append()
    expect(scene.sent()).toEqual([])
    expect(scene.log).not.toContain('m1')
  })

  test('[MG1] that retires hands over, and is done when the successor reigns', () => {
    const scene = Scene.hosting()
    scene.feed({ type: 'retiring' })
    expect(scene.signals()).toContainEqual({ type: 'yield', term: 1, to: peer('s') })
    expect(scene.sentTo('s')).toContain('handover')
    expect(scene.all('retired')).toEqual([])
    scene.signaled({ type: 'host', claim: claimOf(2, 's') })
    expect(scene.all('retired')).toHaveLength(1)
  })

  test('[MG1a] that retires before anybody has the streams waits for the first that has them, for a moment', () => {
    for (const inTime of [true, false]) {
      const scene = Scene.hosting()
      scene.receive(
        's',
        {
          type: 'report',
          nonce: 1,
          index: scene.peer.replica.lastIndex,
          complete: false,
          visible: true,
        },
        1,
      )
      scene.feed({ type: 'retiring' })
      expect(scene.signals()).not.toContainEqual({ type: 'yield', term: 1, to: peer('s') })
      expect(scene.all('retired')).toEqual([])
      if (inTime)
        scene.receive(
          's',
          {
            type: 'report',
            nonce: 1,
            index: scene.peer.replica.lastIndex,
            complete: true,
            visible: true,
          },
          1,
        )
      else scene.pass(HANDOVER_TIMEOUT_MS)
      expect(scene.signals().some((message) => message.type === 'yield')).toBe(inTime)
      expect(scene.all('retired')).toHaveLength(inTime ? 0 : 1)
    }
  })

  test('[MG1] that retires alone is done at once', () => {
    const scene = new Scene()
    scene.joined('', null)
    scene.signaled({ type: 'host', claim: claimOf(1, 'm') })
    scene.feed({ type: 'retiring' })
    expect(scene.all('retired')).toHaveLength(1)
  })
})

describe('a standby', () => {
  test('[MG1 EL2] that was handed the room does not wait for the former host, which may be frozen by now', () => {
    const scene = Scene.following()
    scene.receive('h', { type: 'handover', head: 2 as Index })
    scene.signaled({ type: 'host', claim: claimOf(5, 'm') })
    scene.receive(
      's',
      {
        type: 'hello',
        claim: claimOf(5, 'm'),
        nonce: 1,
        position: { claim: H4, index: 2 as Index },
        headSeq: 0 as Seq,
        stable: 0 as Index,
        past: 0 as Index,
        complete: false,
        lacks: [],
        canHost: true,
        visible: true,
        replay: null,
      },
      5,
    )
    expect(scene.peer.isHosting).toBe(true)
  })

  test('[MG1] that is handed the room claims it, once its log reaches far enough', () => {
    const scene = Scene.following()
    scene.receive('h', { type: 'handover', head: 3 as Index })
    expect(scene.signals()).toEqual([])
    scene.receive('h', { type: 'entries', stable: 2 as Index, entries: [message(3, 2, 'h', 2)] })
    scene.receive('h', { type: 'handover', head: 3 as Index })
    expect(scene.signals()).toContainEqual({ type: 'claim', term: 5, reason: 'handover' })
  })

  test('[MG1] takes no handover from anyone but its host', () => {
    const scene = Scene.following()
    scene.receive('s', { type: 'handover', head: 1 as Index })
    expect(scene.signals()).toEqual([])
  })

  test('[EL3] probes a host whose socket closed, before it claims', () => {
    const scene = Scene.following()
    scene.signaled({ type: 'peer-left', peer: peer('h'), why: 'closed' })
    expect(scene.sentTo('h')).toContain('ping')
    expect(scene.signals()).toEqual([])
    scene.receive('h', { type: 'pong', at: 0, clock: 0 })
    scene.pass(HEARTBEAT_INTERVAL_MS)
    scene.receive('h', { type: 'pong', at: 0, clock: 0 })
    scene.pass(HEARTBEAT_LIMIT_MS)
    expect(scene.signals()).toEqual([])
    expect(scene.peer.isLive).toBe(true)
  })

  test('[EL3] suspects a host that is silent past the limit', () => {
    const scene = Scene.following()
    for (let ms = 0; ms < HEARTBEAT_LIMIT_MS; ms += HEARTBEAT_INTERVAL_MS)
      scene.pass(HEARTBEAT_INTERVAL_MS)
    expect(scene.signals()).toEqual([])
    expect(scene.sentTo('h')).toContain('ping')
    scene.pass(1)
    expect(scene.signals()[0]).toEqual({ type: 'suspect', term: 4, suspected: true })
  })

  test('[EL5] that slept suspects nobody: it was itself that was silent', () => {
    const scene = Scene.following()
    scene.pass(SLEEP_GAP_MS + 60_000)
    expect(scene.signals()).toEqual([])
  })

  test('[LK1] asks for the links that it wants, and again where none comes', () => {
    const scene = Scene.following()
    scene.signaled({ type: 'peer-joined', peer: peer('n') })
    scene.roster('hsnm')
    expect(scene.asked()).toBe('n')
    scene.pass(CONNECT_AGAIN_MS - 1)
    expect(scene.asked()).toBe('')
    scene.pass(1)
    expect(scene.asked()).toBe('n')
  })

  test('[LK1a] leaves it to its juniors to ask first', () => {
    const scene = Scene.following()
    scene.signaled({ type: 'peer-joined', peer: peer('n') })
    scene.roster('hsmn')
    scene.pass(CONNECT_AGAIN_MS - 1)
    expect(scene.asked()).toBe('')
    scene.pass(1)
    expect(scene.asked()).toBe('n')
  })

  test('[LK1a] asks for a host who is its junior', () => {
    const scene = Scene.following()
    scene.roster('msh')
    scene.unlink('h')
    expect(scene.asked()).toBe('h')
  })
})

describe('a newcomer', () => {
  const arriving = (): Scene => {
    const scene = new Scene()
    scene.joined('hs', H4)
    expect(scene.asked()).toBe('h')
    scene.feed({ type: 'replay-asked', request: 1, queries: [{ key: 'k', after: 0 }] })
    scene.link('h')
    scene.roster('hsm')
    scene.welcome({ head: 0 })
    return scene
  }
  const answer = { type: 'replayed', nonce: 1, request: 1, items: [], last: true } as const

  test('[LK1b] asks for a link to the host alone, until its app has what it asked for first', () => {
    const scene = arriving()
    expect(scene.sentTo('h')).not.toContain('replay') // it was in the hello
    expect(scene.asked()).toBe('')
    scene.receive('h', { ...answer, last: false })
    expect(scene.asked()).toBe('')
    scene.receive('h', answer)
    expect(scene.asked()).toBe('s')
  })

  test('[LK1b] does not wait for long', () => {
    const scene = arriving()
    scene.pass(999)
    expect(scene.asked()).toBe('')
    scene.pass(1)
    expect(scene.asked()).toBe('s')
  })

  test('[LK1b] that asked for nothing asks for all links once it is live', () => {
    const scene = new Scene()
    scene.joined('hs', H4)
    scene.link('h')
    scene.roster('hsm')
    expect(scene.asked()).toBe('h')
    scene.welcome({ head: 0 })
    expect(scene.asked()).toBe('s')
  })
})

test('a peer that leaves says so to signaling and to everyone it is linked to', () => {
  const scene = Scene.following()
  scene.feed({ type: 'leaving' })
  expect(scene.signals()).toEqual([{ type: 'bye' }])
  expect([scene.sentTo('h'), scene.sentTo('s')]).toEqual([['goodbye'], ['goodbye']])
})

test('[SG3] a peer tells signaling of the reign it follows, once it holds something of the room', () => {
  const scene = new Scene()
  scene.joined('h', H4)
  expect(scene.peer.claimToTell).toBeNull()
  scene.link('h')
  scene.welcome({ head: 1 })
  scene.receive('h', { type: 'entries', stable: 1 as Index, entries: [reign(1, H4)] })
  expect(scene.peer.claimToTell).toEqual(H4)
  expect(scene.signals()).toContainEqual({ type: 'know', claim: H4 })
})

test('[EL3b EL3g] a bad link to a living host is closed, and the one that is made in its place is let be', () => {
  const scene = Scene.following()
  const doubt = () => {
    scene.forget()
    for (let i = 0; i < 20 && !scene.signals().some(({ type }) => type === 'claim'); i++)
      scene.pass(HEARTBEAT_INTERVAL_MS)
    scene.signaled({ type: 'denied', term: 5 as Term, why: 'host-alive', claim: H4, retryMs: 0 })
    return scene.all('disconnect').map((output) => output.peer)
  }
  expect(doubt()).toEqual([peer('h')])
  scene.unlink('h')
  expect(scene.all('connect').map((output) => output.peer)).toEqual([peer('h')])
  expect(doubt()).toEqual([])
})

test('[EL3a] a newcomer doubts a silent host only if signaling misses it, too', () => {
  const doubts = (present: string, isSignalingUp: boolean) => {
    const scene = new Scene()
    scene.joined('hs', H4)
    scene.link('h')
    scene.link('s')
    if (present === '') scene.signaled({ type: 'peer-left', peer: peer('h'), why: 'closed' })
    if (!isSignalingUp) scene.feed({ type: 'signaling-closed' })
    scene.forget()
    for (let i = 0; i < 20; i++) scene.pass(HEARTBEAT_INTERVAL_MS)
    const hasSaidSo = scene.signals().some(({ type }) => type === 'suspect' || type === 'claim')
    return hasSaidSo || scene.sentTo('s').includes('doubt')
  }
  expect(doubts('h', true)).toBe(false)
  expect(doubts('', true)).toBe(true)
  expect(doubts('h', false)).toBe(false)
})

test('a peer without signaling is cut off, unless it hosts or is linked to its host', () => {
  const follower = Scene.following()
  follower.feed({ type: 'signaling-closed' })
  expect(follower.peer.isCutOff).toBe(false)
  follower.unlink('h')
  expect(follower.peer.isCutOff).toBe(true)

  const host = Scene.following()
  host.receive('h', { type: 'goodbye' })
  host.takesItsTurn()
  host.signaled({ type: 'host', claim: claimOf(5, 'm') })
  host.pass(POSITIONS_WAIT_MS)
  host.feed({ type: 'signaling-closed' })
  expect(host.peer.isHosting).toBe(true)
  expect(host.peer.isCutOff).toBe(false)
})
