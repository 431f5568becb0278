import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { fromBase64Url, toBase64Url } from '../protocol/base64url.ts'
import type { PeerId } from '../protocol/ids.ts'
import { BOX_CHARS_MAX } from '../protocol/signals.ts'
import { peer, topicOf } from '../protocol/testing-ids.ts'
import {
  RELAY_ACK_MS,
  RELAY_GRANT_CHARS,
  RELAY_IN_FLIGHT_CHARS,
  RELAY_WINDOW_MAX_CHARS,
  RELAY_WINDOW_MIN_CHARS,
} from './link-limits.ts'
import { linkCases, type LinkCase } from './link-conformance.ts'
import { ManualTimers } from './manual-timers.ts'
import { RelayTraffic } from './relay-traffic.ts'
import { RelayedLink } from './relayed-link.ts'

const topic = topicOf('T')
const key = Uint8Array.from(randomBytes(32))
const [A, B] = [peer('A'), peer('B')]

let timers: ManualTimers
/** What signaling holds of each direction; `bring` lets it through. */
let mail: { readonly to: RelayedLink; readonly box: string }[]
let heard: string[]

beforeEach(() => {
  timers = new ManualTimers()
  mail = []
  heard = []
})

type End = {
  readonly self: PeerId
  readonly peer: PeerId
  readonly session?: string
  readonly traffic?: RelayTraffic
  readonly to: () => RelayedLink
}

function endOf({
  self,
  peer,
  session = 's',
  traffic = new RelayTraffic(timers),
  to,
}: End): RelayedLink {
  return new RelayedLink({
    self,
    peer,
    topic,
    key,
    session,
    random: randomBytes,
    timers,
    traffic,
    sendBox: (box) => mail.push({ to: to(), box }),
    onEnd: (reason) => heard.push(`${self[0]} ended: ${reason}`),
  })
}

function pairOf(
  options: {
    readonly session?: string
    readonly traffic?: RelayTraffic
    readonly peer?: PeerId
  } = {},
): readonly [RelayedLink, RelayedLink] {
  const { peer = B, traffic = new RelayTraffic(timers), session = 's' } = options
  const a: RelayedLink = endOf({ self: A, peer, session, traffic, to: () => b })
  const b: RelayedLink = endOf({ self: peer, peer: A, session, to: () => a })
  for (const [end, name] of [
    [a, 'A'],
    [b, peer[0]],
  ] as const) {
    end.link.listen({
      frame: (bytes) => heard.push(`${name} got ${bytes.length > 4 ? `${bytes.length} B` : bytes}`),
      close: (reason) => heard.push(`${name} lost: ${reason}`),
    })
  }
  return [a, b]
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Signaling brings all that it holds, and what follows from it. */
async function bring(): Promise<void> {
  await nextTurn()
  while (mail.length > 0) {
    const { to, box } = mail.shift()!
    to.receive(box)
    await nextTurn()
  }
}

describe('a relayed link is a Link:', () => {
  /** A case hangs where so many turns bring no box. */
  const IDLE_TURNS_MAX = 10_000

  /** Plays a case for as long as boxes move: how long that takes is the machine's business. */
  async function play(run: LinkCase['run']): Promise<void> {
    const seen = { idleTurns: 0, isOver: false }
    const [a, b] = livelyPair(() => {
      seen.idleTurns = 0
    })
    const playing = run(a.link, b.link).finally(() => {
      seen.isOver = true
    })
    const hanging = async () => {
      for (; !seen.isOver; seen.idleTurns++) {
        if (seen.idleTurns === IDLE_TURNS_MAX) throw new Error('no box moves any more')
        await nextTurn()
      }
    }
    await Promise.all([playing, hanging()])
  }

  /** Signaling that brings each box in a turn of its own. */
  function livelyPair(onBox: () => void): readonly [RelayedLink, RelayedLink] {
    const carry = (to: () => RelayedLink) => (box: string) => {
      setImmediate(() => {
        onBox()
        to().receive(box)
      })
    }
    const make = (self: PeerId, peer: PeerId, to: () => RelayedLink) =>
      new RelayedLink({
        self,
        peer,
        topic,
        key,
        session: 's',
        random: randomBytes,
        timers,
        traffic: new RelayTraffic(timers),
        sendBox: carry(to),
        onEnd: () => {},
      })
    const a: RelayedLink = make(A, B, () => b)
    const b: RelayedLink = make(B, A, () => a)
    return [a, b]
  }

  test.each(linkCases)('$name', ({ run }) => play(run), 0)
})

describe('[SG5] the window', () => {
  test('is small at first, so that a full room of new links cannot flood anybody', async () => {
    const [a] = pairOf()
    a.link.send(new Uint8Array(300_000), 'data')
    await nextTurn()
    expect(mail.reduce((sum, { box }) => sum + box.length, 0)).toBeLessThanOrEqual(
      RELAY_WINDOW_MIN_CHARS,
    )
    expect(mail.length).toBeGreaterThan(0)
  })

  test('grows with the first answer, and no more than it is on the way', async () => {
    const [a, b] = pairOf()
    b.greet()
    await bring()
    a.link.send(new Uint8Array(300_000), 'data')
    await nextTurn()
    const sent = mail.map(({ box }) => box.length)
    expect(sent).toEqual([BOX_CHARS_MAX, BOX_CHARS_MAX])
    expect(sent.reduce((sum, chars) => sum + chars)).toBe(RELAY_WINDOW_MAX_CHARS)
  })

  test('opens again as the other side takes what it holds', async () => {
    const [a] = pairOf()
    a.link.send(new Uint8Array(300_000), 'data')
    await bring()
    expect(heard).toEqual(['B got 300000 B'])
  })

  test('of a page with many links is shared out: all together they may send it no more than signaling queues', () => {
    const traffic = new RelayTraffic(timers)
    for (let n = 0; n < 16; n++) traffic.add({ link: { pump() {} } })
    expect(traffic.grantChars).toBe(RELAY_GRANT_CHARS / 16)
  })

  test('what was taken in is said after a while, if nothing says it before', async () => {
    const [a, b] = pairOf()
    a.link.send(Uint8Array.of(1), 'data')
    await bring()
    expect(mail).toEqual([])
    timers.advance(RELAY_ACK_MS)
    expect(mail.length).toBe(1)
    await bring()
    b.link.send(Uint8Array.of(2), 'data')
    await bring()
    timers.advance(RELAY_ACK_MS)
    expect(mail.length).toBe(1)
    expect(heard).toEqual(['B got 1', 'A got 2'])
  })

  test('of a whole page holds over all its links, and each of them gets on', async () => {
    const traffic = new RelayTraffic(timers)
    const pairs = [...'BCDEFG'].map((letter) => pairOf({ traffic, peer: peer(letter) }))
    for (const [, far] of pairs) far.greet()
    await bring()
    for (const [near] of pairs) near.link.send(new Uint8Array(200_000), 'data')
    await nextTurn()
    expect(mail.reduce((sum, { box }) => sum + box.length, 0)).toBeLessThanOrEqual(
      RELAY_IN_FLIGHT_CHARS,
    )
    await bring()
    expect([...heard].sort()).toEqual([...'BCDEFG'].map((letter) => `${letter} got 200000 B`))
    expect(traffic.charsOnTheWay).toBeLessThanOrEqual(RELAY_IN_FLIGHT_CHARS)
  })

  test('leaves what a closed link had on the way to the others', async () => {
    const traffic = new RelayTraffic(timers)
    const [a] = pairOf({ traffic })
    a.link.send(new Uint8Array(100_000), 'data')
    await nextTurn()
    expect(traffic.charsOnTheWay).toBeGreaterThan(0)
    a.link.close('enough')
    expect(traffic.charsOnTheWay).toBe(0)
  })
})

describe('[SG5] a pause', () => {
  test('holds frames back, and they go on in order afterwards', async () => {
    const traffic = new RelayTraffic(timers)
    const [a] = pairOf({ traffic })
    traffic.pause(200)
    a.link.send(Uint8Array.of(1), 'data')
    a.link.send(Uint8Array.of(2), 'control')
    await bring()
    expect(heard).toEqual([])
    timers.advance(200)
    await bring()
    expect(heard).toEqual(['B got 2', 'B got 1'])
  })

  test('that is asked for again lasts as long as was said last', async () => {
    const traffic = new RelayTraffic(timers)
    const [a] = pairOf({ traffic })
    traffic.pause(200)
    traffic.pause(500)
    a.link.send(Uint8Array.of(1), 'data')
    timers.advance(499)
    await bring()
    expect(heard).toEqual([])
    timers.advance(1)
    await bring()
    expect(heard).toEqual(['B got 1'])
  })
})

describe('[SG5] a box that is not the next one of the other side ends the link, and nothing of it gets in:', () => {
  /** A link over which a few frames have passed; then one box is on its way. */
  async function underWay(): Promise<{
    readonly a: RelayedLink
    readonly b: RelayedLink
    readonly past: readonly string[]
    readonly next: string
  }> {
    const [a, b] = pairOf()
    const past: string[] = []
    for (const n of [1, 2]) {
      a.link.send(Uint8Array.of(n), 'data')
      await nextTurn()
      past.push(mail[0]!.box)
      await bring()
    }
    heard.length = 0
    a.link.send(Uint8Array.of(3), 'data')
    await nextTurn()
    return { a, b, past, next: mail.pop()!.box }
  }

  async function expectRefused(): Promise<void> {
    await nextTurn()
    expect(heard).toEqual(['B ended: tampered', 'B lost: tampered'])
    heard.length = 0
    await bring() // the other side is told to end, too
    expect(heard).toEqual(['A ended: closed', 'A lost: closed'])
  }

  test('one with a bit changed', async () => {
    const { b, next } = await underWay()
    const bytes = fromBase64Url(next) as Uint8Array
    bytes[60] = (bytes[60] as number) ^ 1
    b.receive(toBase64Url(bytes))
    await expectRefused()
  })

  test('a repetition of the last one', async () => {
    const { b, past } = await underWay()
    b.receive(past[1] as string)
    await expectRefused()
  })

  test('a repetition of an earlier one', async () => {
    const { b, past } = await underWay()
    b.receive(past[0] as string)
    await expectRefused()
  })

  test('the one after the next', async () => {
    const { a, b } = await underWay()
    a.link.send(Uint8Array.of(4), 'data')
    await nextTurn()
    b.receive(mail.pop()!.box)
    await expectRefused()
  })

  test('one of its own', async () => {
    const { b } = await underWay()
    b.link.send(Uint8Array.of(9), 'data')
    await nextTurn()
    const { box } = mail[0]!
    await bring()
    heard.length = 0
    b.receive(box)
    await expectRefused()
  })

  test('one of another link between the two', async () => {
    const { b } = await underWay()
    const [other] = pairOf({ session: 'earlier' })
    other.link.send(Uint8Array.of(9), 'data')
    await nextTurn()
    b.receive(mail.pop()!.box)
    await expectRefused()
  })

  test('one of another peer', async () => {
    const { b } = await underWay()
    const c: RelayedLink = endOf({ self: peer('C'), peer: B, to: () => b })
    c.link.send(Uint8Array.of(9), 'data')
    await nextTurn()
    b.receive(mail.pop()!.box)
    await expectRefused()
  })

  test('one for another peer', async () => {
    const { b } = await underWay()
    const a: RelayedLink = endOf({ self: A, peer: peer('C'), to: () => b })
    a.link.send(Uint8Array.of(9), 'data')
    await nextTurn()
    b.receive(mail.pop()!.box)
    await expectRefused()
  })

  test('rubbish', async () => {
    const { b } = await underWay()
    b.receive('rubbish')
    await expectRefused()
  })
})
