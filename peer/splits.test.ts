import { describe, expect, test } from 'vitest'
import {
  BRANCH_WAIT_MS,
  FOLLOWER_GONE_MS,
  FOLLOWER_LIMIT_MS,
  HEARTBEAT_INTERVAL_MS,
  HEARTBEAT_LIMIT_MS,
  LEASE_MS,
  LEASE_OUT_MS,
  MEETINGS_MAX,
  POSITIONS_WAIT_MS,
  SLEEP_GAP_MS,
  STAND_IN_WAIT_MS,
  WAKE_ANSWER_MS,
} from '../protocol/limits.ts'
import { NO_TERM, type Index, type OpId, type PeerId, type Term } from '../protocol/ids.ts'
import type { BodyOf, Frame, FrameBody } from '../protocol/frames.ts'
import type { FromSignaling, ToSignaling } from '../protocol/signals.ts'
import { claimOf, peer } from '../protocol/testing-ids.ts'
import type { Partition } from '../host/mandate.ts'
import type { PeerInput, PeerOutput } from './peer-io.ts'
import { Peer } from './peer.ts'

/** Peer `m` hosts the first reign of a room, and the test plays its followers `a` and `b`. */
class Scene {
  nowMs = 0
  /** Signaling answers what it is asked, and these peers what they are. */
  isSignalingThere = true
  whoIsThere = ''
  readonly peer: Peer
  readonly #linkByPeer = new Map<string, number>()
  #links = 0
  #tickets = 0
  #outputs: PeerOutput[] = []

  constructor(partition: Partition = 'continue') {
    this.peer = new Peer(
      { self: peer('m'), canHost: true, visible: true, durability: 'standby', partition },
      0,
    )
    this.signaled({ type: 'joined', members: [], claim: null, hostHere: false })
    this.signaled({ type: 'host', claim: claimOf(1, 'm') })
    for (const name of 'ab') {
      this.signaled({ type: 'peer-joined', peer: peer(name) })
      this.link(name)
      this.greets(name)
      this.reports(name)
    }
    this.#outputs = []
  }

  feed(input: PeerInput): void {
    if (input.type === 'signaling-closed') this.isSignalingThere = false
    if (input.type === 'signaled' && input.message.type === 'joined') this.isSignalingThere = true
    const outputs = this.peer.handle(input, this.nowMs)
    this.#outputs.push(...outputs)
    for (const output of outputs) {
      if (output.type === 'signal') this.#asked(output.message)
      if (output.type === 'send' && output.frame.type === 'ping')
        this.#pinged(output.to, output.frame.at)
      if (output.type === 'outcome') this.receipts.push({ atMs: this.nowMs, ...output.outcome })
    }
  }

  #asked(message: ToSignaling): void {
    if (message.type !== 'ask' || !this.isSignalingThere) return
    this.signaled({ type: 'stands', at: message.at, claim: this.peer.claim })
  }

  #pinged(to: readonly PeerId[], at: number): void {
    for (const name of this.whoIsThere)
      if (to.includes(peer(name))) this.receive(name, { type: 'pong', at, clock: 0 })
  }

  signaled(message: FromSignaling): void {
    this.feed({ type: 'signaled', message })
  }

  link(name: string): void {
    this.#linkByPeer.set(name, ++this.#links)
    this.feed({ type: 'link-opened', peer: peer(name), link: this.#links })
  }

  receive(name: string, body: FrameBody, term = this.peer.claim?.term ?? NO_TERM): void {
    this.feed({
      type: 'received',
      peer: peer(name),
      link: this.#linkByPeer.get(name) ?? 0,
      frame: { ...body, term: term as Term },
    })
  }

  greets(name: string, more: Partial<BodyOf<'hello'>> = {}): void {
    this.receive(name, {
      type: 'hello',
      claim: this.peer.claim!,
      nonce: 1,
      position: this.peer.replica.position,
      headSeq: this.peer.replica.lastSeq,
      stable: 0 as Index,
      past: 0 as Index,
      complete: true,
      lacks: [],
      canHost: true,
      visible: true,
      replay: null,
      ...more,
    })
  }

  reports(name: string): void {
    this.receive(name, {
      type: 'report',
      nonce: 1,
      index: this.peer.replica.lastIndex,
      complete: true,
      visible: true,
    })
  }

  submits(name: string, opId: number): void {
    this.receive(name, {
      type: 'submit',
      nonce: 1,
      floor: 1 as OpId,
      ops: [
        {
          action: 'append',
          author: peer(name),
          opId: opId as OpId,
          key: 'k',
          value: Uint8Array.of(opId),
        },
      ],
    })
  }

  /** The page that hosts sends something itself. */
  submitsItself(): void {
    this.feed({
      type: 'submitted',
      ticket: ++this.#tickets,
      action: 'append',
      key: 'k',
      value: Uint8Array.of(1),
    })
  }

  /** Lets time pass in heartbeats, in which these go on pinging. */
  pass(ms: number, pinging = ''): void {
    this.whoIsThere = pinging
    for (let left = ms; left > 0; left -= HEARTBEAT_INTERVAL_MS) {
      this.nowMs += Math.min(left, HEARTBEAT_INTERVAL_MS)
      for (const name of pinging) this.receive(name, { type: 'ping', at: this.nowMs })
      this.feed({ type: 'ticked' })
    }
    this.whoIsThere = ''
  }

  /** Frames to one peer since this was last asked. */
  take(): { readonly to: string; readonly frame: Frame }[] {
    const outputs = this.#outputs
    this.#outputs = []
    this.signals = outputs.flatMap((output) => (output.type === 'signal' ? [output.message] : []))
    return outputs.flatMap((output) =>
      output.type === 'send' ? output.to.map((to) => ({ to: to[0]!, frame: output.frame })) : [],
    )
  }

  signals: unknown[] = []
  readonly receipts: { readonly atMs: number; readonly type: string }[] = []

  get ordered(): number {
    return this.peer.lastSeq
  }
}

const typesTo = (frames: readonly { readonly to: string; readonly frame: Frame }[], name: string) =>
  frames.flatMap(({ to, frame }) => (to === name ? [frame.type] : []))

describe('[EL5] a host that wakes', () => {
  test('asks whether it still hosts before it orders what queued up', () => {
    const scene = new Scene()
    scene.nowMs += SLEEP_GAP_MS + 1
    scene.submits('a', 1)
    expect(scene.ordered).toBe(0)
    scene.take()
    expect(scene.signals).toContainEqual({ type: 'know', claim: claimOf(1, 'm') })
    scene.signaled({ type: 'host', claim: claimOf(1, 'm') })
    expect(scene.ordered).toBe(1)
  })

  test('and was replaced orders nothing of it, and follows', () => {
    const scene = new Scene()
    scene.nowMs += SLEEP_GAP_MS + 1
    scene.submits('a', 1)
    scene.signaled({ type: 'host', claim: claimOf(2, 'a') })
    expect(scene.ordered).toBe(0)
    expect(scene.peer.isHosting).toBe(false)
    expect(typesTo(scene.take(), 'a')).toContain('hello')
  })

  test('goes on after a while where nobody answers', () => {
    const scene = new Scene()
    scene.nowMs += SLEEP_GAP_MS + 1
    scene.submits('a', 1)
    scene.pass(WAKE_ANSWER_MS)
    expect(scene.ordered).toBe(1)
  })

  test("takes a follower's word out of the reach of signaling", () => {
    const scene = new Scene()
    scene.feed({ type: 'signaling-closed' })
    scene.nowMs += SLEEP_GAP_MS + 1
    scene.submits('a', 1)
    scene.receive('a', { type: 'pong', at: 1, clock: 0 }) // to a ping from before
    expect(scene.ordered).toBe(0)
    scene.receive('a', { type: 'pong', at: scene.nowMs, clock: 0 })
    expect(scene.ordered).toBe(1)
  })
})

describe('[EL6] out of the reach of signaling', () => {
  test('a host goes on', () => {
    const scene = new Scene()
    scene.feed({ type: 'signaling-closed' })
    scene.pass(FOLLOWER_LIMIT_MS * 2, 'ab')
    scene.submits('a', 1)
    expect(scene.ordered).toBe(1)
    expect(scene.peer.isLive).toBe(true)
  })

  test('one that is to pause holds what comes while it reaches half of the room or less, and says so', () => {
    const scene = new Scene('pause')
    scene.feed({ type: 'signaling-closed' })
    scene.pass(FOLLOWER_LIMIT_MS * 2)
    scene.submits('a', 1)
    expect(scene.ordered).toBe(0)
    expect(scene.peer.isLive).toBe(false)
    expect(
      scene.take().some(({ to, frame }) => to === 'a' && frame.type === 'roster' && frame.paused),
    ).toBe(true)
    scene.pass(HEARTBEAT_INTERVAL_MS, 'a')
    expect(scene.ordered).toBe(1)
    expect(scene.peer.isLive).toBe(true)
  })

  test('one that is to pause goes on at once with signaling', () => {
    const scene = new Scene('pause')
    scene.feed({ type: 'signaling-closed' })
    scene.pass(FOLLOWER_LIMIT_MS * 2)
    scene.submits('a', 1)
    scene.signaled({ type: 'joined', members: [], claim: claimOf(1, 'm'), hostHere: true })
    expect(scene.ordered).toBe(1)
  })

  test('whoever is asked says whether it hears the host', () => {
    const scene = new Scene()
    scene.receive('b', { type: 'doubt', claim: claimOf(1, 'm') })
    expect(scene.take()).toContainEqual({
      to: 'b',
      frame: { type: 'vouch', claim: claimOf(1, 'm'), hears: true, term: 1 },
    })
    scene.signaled({ type: 'host', claim: claimOf(2, 'a') })
    scene.take()
    scene.receive('b', { type: 'doubt', claim: claimOf(2, 'a') })
    expect(scene.take()).toContainEqual({
      to: 'b',
      frame: { type: 'vouch', claim: claimOf(2, 'a'), hears: false, term: 2 },
    })
  })

  test('a standby leads once its host has died, in the same log', () => {
    const scene = new Scene()
    scene.submits('a', 1)
    for (const name of 'ab') scene.reports(name)
    // a takes over, in order, and m follows it
    scene.signaled({ type: 'host', claim: claimOf(2, 'a') })
    const hello = scene.take().find(({ frame }) => frame.type === 'hello')!.frame as Extract<
      Frame,
      { type: 'hello' }
    >
    const head = (scene.peer.replica.lastIndex + 1) as Index
    scene.receive('a', {
      type: 'welcome',
      nonce: hello.nonce,
      resume: true,
      lacks: [],
      head,
      headSeq: 1 as never,
      history: [],
      ops: [],
    })
    scene.receive('a', {
      type: 'entries',
      stable: head,
      entries: [
        { type: 'reign', index: head, claim: claimOf(2, 'a'), inSync: [peer('m'), peer('b')] },
      ],
    })
    scene.receive('a', {
      type: 'roster',
      members: ['a', 'm', 'b'].map((name) => ({ peer: peer(name), canHost: true, visible: true })),
      succession: [peer('m'), peer('b')],
      standbys: 2,
      paused: false,
    })
    scene.feed({ type: 'signaling-closed' })
    scene.pass(HEARTBEAT_LIMIT_MS + HEARTBEAT_INTERVAL_MS)
    expect(typesTo(scene.take(), 'b')).toContain('doubt')
    scene.receive('b', { type: 'vouch', claim: claimOf(2, 'a'), hears: false })
    scene.pass(STAND_IN_WAIT_MS + HEARTBEAT_INTERVAL_MS + POSITIONS_WAIT_MS)
    expect(scene.peer.claim).toEqual(claimOf(3, 'm'))
    scene.pass(POSITIONS_WAIT_MS)
    expect(scene.peer.isHosting).toBe(true)
    expect(scene.peer.replica.log.after(head).map((entry) => entry.type)).toEqual(['reign'])
  })
})

describe('[EL6e] a host that is to pause', () => {
  /** It and its followers go on for a second; then nothing reaches its machine any more. */
  function cutOff(): Scene {
    const scene = new Scene('pause')
    scene.pass(1_000, 'ab')
    scene.submitsItself()
    for (const name of 'ab') scene.reports(name)
    expect(scene.receipts.map(({ type }) => type)).toEqual(['settled'])
    scene.isSignalingThere = false
    return scene
  }

  /** Sends without pause for a while in which nobody else says anything. */
  function sendAlone(scene: Scene, ms: number): void {
    for (let left = ms; left > 0; left -= HEARTBEAT_INTERVAL_MS) {
      scene.submitsItself()
      scene.pass(HEARTBEAT_INTERVAL_MS)
    }
  }

  test('gives no receipt where its machine loses the network and nothing closes', () => {
    const scene = cutOff()
    sendAlone(scene, FOLLOWER_GONE_MS + FOLLOWER_LIMIT_MS)
    expect(scene.receipts).toHaveLength(1)
    expect(scene.peer.isLive).toBe(false)
    expect(scene.ordered).toBeLessThanOrEqual(1 + LEASE_MS / HEARTBEAT_INTERVAL_MS)
  })

  test('nor where its socket closes at once', () => {
    const scene = cutOff()
    scene.submitsItself()
    scene.feed({ type: 'signaling-closed' })
    sendAlone(scene, FOLLOWER_GONE_MS + FOLLOWER_LIMIT_MS)
    expect(scene.receipts).toHaveLength(1)
  })

  test('[EL6d] nor where its followers had long been silent, and signaling is lost then', () => {
    const scene = new Scene('pause')
    scene.pass(FOLLOWER_GONE_MS + FOLLOWER_LIMIT_MS)
    scene.submitsItself()
    expect(scene.receipts).toHaveLength(1)
    scene.feed({ type: 'signaling-closed' })
    scene.pass(LEASE_MS)
    sendAlone(scene, FOLLOWER_LIMIT_MS)
    expect(scene.receipts).toHaveLength(1)
  })

  test('gives those that are due once signaling answers again', () => {
    const scene = cutOff()
    sendAlone(scene, FOLLOWER_LIMIT_MS)
    scene.isSignalingThere = true
    scene.pass(HEARTBEAT_INTERVAL_MS)
    expect(scene.receipts).toHaveLength(1 + FOLLOWER_LIMIT_MS / HEARTBEAT_INTERVAL_MS)
    expect(scene.peer.isLive).toBe(true)
  })

  test('goes on alone as long as signaling answers', () => {
    const scene = cutOff()
    scene.isSignalingThere = true
    sendAlone(scene, FOLLOWER_LIMIT_MS + 2 * HEARTBEAT_INTERVAL_MS)
    expect(scene.receipts.length).toBeGreaterThan(FOLLOWER_LIMIT_MS / HEARTBEAT_INTERVAL_MS)
  })

  test('takes an answer late for what it was asked when it was asked', () => {
    const scene = cutOff()
    const { nowMs } = scene
    sendAlone(scene, LEASE_MS)
    scene.signaled({ type: 'stands', at: nowMs, claim: claimOf(1, 'm') })
    scene.receive('a', { type: 'pong', at: nowMs, clock: 0 })
    expect(scene.peer.isLive).toBe(false)
  })

  test('rests on no answer that speaks of another reign', () => {
    const scene = cutOff()
    scene.pass(LEASE_MS)
    const { nowMs } = scene
    scene.signaled({ type: 'stands', at: nowMs, claim: null })
    scene.isSignalingThere = false
    for (const name of 'ab') scene.receive(name, { type: 'pong', at: nowMs, clock: 0 }, 2 as Term)
    expect(scene.peer.isLive).toBe(false)
    for (const name of 'ab') scene.receive(name, { type: 'pong', at: nowMs, clock: 0 })
    expect(scene.peer.isLive).toBe(true)
  })

  test('which another host of its term pings says whom it follows, and confirms nothing', () => {
    const scene = new Scene('pause')
    scene.signaled({ type: 'host', claim: claimOf(2, 'b') })
    scene.take()
    scene.receive('a', { type: 'ping', at: 7 })
    expect(typesTo(scene.take(), 'a')).toEqual(['reign'])
    scene.receive('b', { type: 'ping', at: 7 })
    expect(typesTo(scene.take(), 'b')).toContain('pong')
  })
})

describe('[EL6f] a new host that is to pause', () => {
  /** The reign of m ends, b leads for a moment, and m is granted the next. */
  function successor(): Scene {
    const scene = new Scene('pause')
    scene.pass(1_000, 'ab')
    scene.signaled({ type: 'host', claim: claimOf(2, 'b') })
    scene.signaled({ type: 'peer-left', peer: peer('b'), why: 'closed' })
    scene.pass(1_000, 'a')
    scene.isSignalingThere = false
    scene.signaled({ type: 'host', claim: claimOf(3, 'm') })
    scene.greets('a')
    scene.pass(POSITIONS_WAIT_MS, 'a')
    expect(scene.peer.isHosting).toBe(true)
    return scene
  }

  test('orders nothing, and calls nothing stable, before it is confirmed', () => {
    const scene = successor()
    scene.submitsItself()
    scene.reports('a')
    scene.pass(FOLLOWER_LIMIT_MS * 2)
    expect([scene.ordered, scene.receipts.length, scene.peer.isLive]).toEqual([0, 0, false])
    scene.isSignalingThere = true
    scene.pass(HEARTBEAT_INTERVAL_MS)
    expect([scene.ordered, scene.receipts.length, scene.peer.isLive]).toEqual([1, 1, true])
  })

  test('waits for the lease of the host before where members alone confirm it', () => {
    const scene = successor()
    scene.submitsItself()
    scene.pass(LEASE_OUT_MS - POSITIONS_WAIT_MS - HEARTBEAT_INTERVAL_MS, 'a')
    expect(scene.ordered).toBe(0)
    scene.pass(POSITIONS_WAIT_MS + 2 * HEARTBEAT_INTERVAL_MS, 'a')
    expect(scene.ordered).toBe(1)
  })

  test('waits no longer than for the greeting of that host, or its goodbye', () => {
    for (const done of ['greeting', 'goodbye']) {
      const scene = successor()
      scene.submitsItself()
      scene.pass(2 * HEARTBEAT_INTERVAL_MS, 'a')
      expect(scene.ordered).toBe(0)
      if (done === 'greeting') scene.greets('b')
      else scene.receive('b', { type: 'goodbye' })
      expect(scene.ordered).toBe(1)
    }
  })
})

describe('[MG5] a host that meets a branch', () => {
  const elsewhere = { position: { claim: claimOf(1, 'z'), index: 9 as Index }, stable: 9 as Index }

  test('rules on under a higher term, and welcomes the other side there', () => {
    const scene = new Scene()
    scene.signaled({ type: 'peer-joined', peer: peer('z') })
    scene.link('z')
    scene.take()
    scene.greets('z', elsewhere)
    expect(typesTo(scene.take(), 'z')).not.toContain('welcome')
    expect(scene.signals).toContainEqual({ type: 'claim', term: 2, reason: 'merge' })
    scene.submits('a', 1)
    expect(scene.ordered).toBe(1)
    scene.signaled({ type: 'host', claim: claimOf(2, 'm') })
    for (const name of 'ab') scene.greets(name)
    scene.greets('z', elsewhere)
    expect(typesTo(scene.take(), 'z')).toEqual(['reign', 'fetch'])
  })

  test('rules on once more where the other side greets the new reign too late to be fetched', () => {
    const scene = new Scene()
    scene.signaled({ type: 'peer-joined', peer: peer('z') })
    scene.link('z')
    scene.greets('z', elsewhere)
    scene.signaled({ type: 'host', claim: claimOf(2, 'm') })
    for (const name of 'ab') scene.greets(name)
    scene.pass(BRANCH_WAIT_MS, 'ab')
    scene.take()
    scene.greets('z', elsewhere)
    expect(typesTo(scene.take(), 'z')).not.toContain('welcome')
    expect(scene.signals).toContainEqual({ type: 'claim', term: 3, reason: 'merge' })
  })

  test('welcomes it like any other where no new reign comes about', () => {
    const scene = new Scene()
    scene.link('z')
    scene.greets('z', elsewhere)
    for (let waited = 0; waited < MEETINGS_MAX * BRANCH_WAIT_MS; waited += HEARTBEAT_INTERVAL_MS) {
      scene.signaled({
        type: 'denied',
        term: 2 as Term,
        why: 'wait',
        claim: claimOf(1, 'm'),
        retryMs: 10,
      })
      if (waited % BRANCH_WAIT_MS === 0) scene.greets('z', elsewhere)
      scene.pass(HEARTBEAT_INTERVAL_MS, 'ab')
    }
    scene.take()
    scene.greets('z', elsewhere)
    expect(typesTo(scene.take(), 'z')).toContain('welcome')
  })

  test("out of signaling's reach waits for the other side too, and asks it for its branch", () => {
    const scene = new Scene()
    scene.link('z')
    scene.feed({ type: 'signaling-closed' })
    scene.take()
    scene.greets('z', elsewhere)
    scene.pass(STAND_IN_WAIT_MS, 'ab')
    expect([scene.peer.claim, scene.peer.isHosting]).toEqual([claimOf(2, 'm'), false])
    for (const name of 'ab') scene.greets(name)
    expect(scene.peer.isHosting).toBe(false)
    scene.take()
    scene.greets('z', elsewhere)
    expect(typesTo(scene.take(), 'z')).toContain('fetch')
  })

  test('takes what was never stable there for what it is: surplus', () => {
    const scene = new Scene()
    scene.link('z')
    scene.greets('z', { ...elsewhere, stable: 0 as Index })
    expect(typesTo(scene.take(), 'z')).toContain('welcome')
  })
})
