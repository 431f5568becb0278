// Owns what every Link must do, as cases that need nothing but a fresh pair of linked ends: vitest runs them over
// memory and through signaling, a page in a real browser over WebRTC. No case sleeps; one that hangs is its runner's
// to end.

import { assert } from '../protocol/errors.ts'
import type { Link } from './link.ts'

export type LinkCase = {
  readonly name: string
  /** `a` and `b` are the open ends of one link; nobody listens yet. Rejects when the link misbehaves. */
  readonly run: (a: Link, b: Link) => Promise<void>
}

const KIB = 1024
const MIB = 1024 * KIB

export const linkCases: readonly LinkCase[] = [
  {
    name: 'frames arrive in order, each as it was sent',
    async run(a, b) {
      const ear = listenTo(b)
      for (let n = 0; n < 2_000; n++) {
        a.send(numbered(n, 4 + (n % 100)), 'data')
        if (n % 50 === 0) await nextTurn()
      }
      const frames = await ear.frames(2_000)
      frames.forEach((frame, n) => assertSame(frame, numbered(n, 4 + (n % 100))))
    },
  },
  {
    name: 'many frames of one turn arrive as they were',
    async run(a, b) {
      const ear = listenTo(b)
      for (let n = 0; n < 20_000; n++) a.send(numbered(n, 4), 'data')
      const frames = await ear.frames(20_000)
      frames.forEach((frame, n) => assertSame(frame, numbered(n, 4)))
    },
  },
  {
    name: 'frames of 1 B to 5 MiB arrive intact',
    async run(a, b) {
      const ear = listenTo(b)
      const sizes = [
        1,
        2,
        127,
        128,
        16_383,
        16_384,
        64 * KIB - 4,
        64 * KIB,
        64 * KIB + 1,
        300 * KIB,
        5 * MIB,
      ]
      for (const size of sizes) a.send(patterned(size), 'data')
      const frames = await ear.frames(sizes.length)
      frames.forEach((frame, i) => assertSame(frame, patterned(sizes[i] as number)))
    },
  },
  {
    name: 'a control frame overtakes the bulk of its turn',
    async run(a, b) {
      const ear = listenTo(b)
      for (let n = 0; n < 20; n++) a.send(patterned(64 * KIB), 'data')
      a.send(numbered(7, 4), 'control')
      assertSame((await ear.frames(1))[0], numbered(7, 4))
    },
  },
  {
    name: 'a control frame overtakes bulk that is under way',
    async run(a, b) {
      const ear = listenTo(b)
      for (let n = 0; n < 100; n++) a.send(patterned(64 * KIB), 'data')
      await ear.frames(1)
      a.send(numbered(7, 4), 'control')
      const place = (await ear.frames(101)).findIndex((frame) => frame.length === 4)
      assert(place < 50, `the control frame came as number ${place} of 101`)
    },
  },
  {
    name: 'both directions carry at once',
    async run(a, b) {
      const [earA, earB] = [listenTo(a), listenTo(b)]
      for (let n = 0; n < 200; n++) {
        a.send(numbered(n, 10_000), 'data')
        b.send(numbered(n, 20_000), 'data')
      }
      const [atA, atB] = [await earA.frames(200), await earB.frames(200)]
      atA.forEach((frame, n) => assertSame(frame, numbered(n, 20_000)))
      atB.forEach((frame, n) => assertSame(frame, numbered(n, 10_000)))
    },
  },
  {
    name: 'frames that come before anyone listens wait',
    async run(a, b) {
      const earA = listenTo(a)
      a.send(numbered(1, 4), 'data')
      a.send(numbered(2, 4), 'data')
      b.send(numbered(0, 4), 'data')
      await earA.frames(1)
      await nextTurn()
      const frames = await listenTo(b).frames(2)
      frames.forEach((frame, n) => assertSame(frame, numbered(n + 1, 4)))
    },
  },
  {
    name: 'a page that takes nothing in is sent a bounded part, and the rest once it does',
    async run(a, b) {
      const earA = listenTo(a)
      for (let n = 0; n < 128; n++) a.send(numbered(n, 64 * KIB), 'data')
      b.send(numbered(0, 4), 'data')
      await earA.frames(1)
      for (let turn = 0; turn < 1_000; turn++) await nextTurn()
      assert(
        a.queuedBytes > 6 * MIB,
        `all but ${a.queuedBytes} of 8 MiB went to a page that takes nothing in`,
      )
      a.send(numbered(7, 5), 'control')
      await nextTurn()
      const frames = await listenTo(b).frames(129)
      const place = frames.findIndex((frame) => frame.length === 5)
      assert(place < 64, `the control frame came as number ${place} of 129`)
      frames.toSpliced(place, 1).forEach((frame, n) => assertSame(frame, numbered(n, 64 * KIB)))
    },
  },
  {
    name: 'bulk goes both ways for as long as both sides take it in',
    async run(a, b) {
      const [earA, earB] = [listenTo(a), listenTo(b)]
      for (let n = 0; n < 24; n++) {
        a.send(patterned(MIB + n), 'data')
        b.send(patterned(MIB - n), 'data')
      }
      const [atA, atB] = [await earA.frames(24), await earB.frames(24)]
      atA.forEach((frame, n) =>
        assert(frame.length === MIB - n, `frame ${n} has ${frame.length} bytes`),
      )
      atB.forEach((frame, n) =>
        assert(frame.length === MIB + n, `frame ${n} has ${frame.length} bytes`),
      )
    },
  },
  {
    name: 'a listener is never called inside a call of its owner',
    async run(a, b) {
      const earA = listenTo(a)
      a.send(numbered(1, 4), 'data')
      b.send(numbered(1, 4), 'data')
      await earA.frames(1)
      await nextTurn()
      const ear = listenTo(b)
      assert(ear.heard() === 0, 'a frame came inside listen()')
      await ear.frames(1)
      b.close('enough')
      assert(ear.closings() === 0, 'the end came inside close()')
      await ear.closed
    },
  },
  {
    name: 'the queue falls to 0',
    async run(a, b) {
      const ear = listenTo(b)
      a.send(patterned(2 * MIB), 'data')
      assert(
        a.queuedBytes >= 2 * MIB,
        `${a.queuedBytes} bytes count as queued after 2 MiB were sent`,
      )
      await ear.frames(1)
      while (a.queuedBytes > 0) await nextTurn()
    },
  },
  {
    name: 'an end is seen on both sides, once, with the reason where it was given',
    async run(a, b) {
      const [earA, earB] = [listenTo(a), listenTo(b)]
      a.close('enough')
      a.close('again')
      assert((await earA.closed) === 'enough', 'the closing side hears another reason than its own')
      await earB.closed
      b.close('me too')
      await nextTurn()
      assert(
        earA.closings() === 1 && earB.closings() === 1,
        `close was told ${earA.closings()} and ${earB.closings()} times`,
      )
    },
  },
  {
    name: 'a late listener hears what came, then the end',
    async run(a, b) {
      const earA = listenTo(a)
      a.send(numbered(1, 4), 'data')
      a.close('enough')
      await earA.closed
      await nextTurn()
      const ear = listenTo(b)
      await ear.closed
      assertSame((await ear.frames(1))[0], numbered(1, 4))
    },
  },
  {
    name: 'a goodbye sent in the turn of closing arrives before the end',
    async run(a, b) {
      const ear = listenTo(b)
      a.send(patterned(100), 'control')
      a.close('leaving')
      await ear.closed
      assertSame((await ear.frames(1))[0], patterned(100))
    },
  },
  {
    name: 'sending after the end does nothing',
    async run(a, b) {
      const [earA, earB] = [listenTo(a), listenTo(b)]
      a.close('enough')
      a.send(numbered(1, 4), 'data')
      await Promise.all([earA.closed, earB.closed])
      b.send(numbered(1, 4), 'data')
      await nextTurn()
      assert(a.queuedBytes === 0 && b.queuedBytes === 0, 'a closed link queues')
      assert(earA.heard() === 0 && earB.heard() === 0, 'a frame went over a closed link')
    },
  },
]

/** Collects what a link says and lets a case wait for it. */
function listenTo(link: Link) {
  const frames: Uint8Array[] = []
  let closings = 0
  let arrived = () => {}
  let ended: (reason: string) => void
  const closed = new Promise<string>((resolve) => {
    ended = resolve
  })
  const nextFrame = () =>
    new Promise<void>((resolve) => {
      arrived = resolve
    })
  link.listen({
    frame(bytes) {
      frames.push(bytes)
      arrived()
    },
    close(reason) {
      closings++
      ended(reason)
    },
  })
  return {
    closed,
    closings: () => closings,
    heard: () => frames.length,
    async frames(count: number): Promise<readonly Uint8Array[]> {
      while (frames.length < count) await nextFrame()
      return frames
    },
  }
}

/** The next task of the event loop: every microtask has run, and the browser had its say. */
function nextTurn(): Promise<void> {
  const { port1, port2 } = new MessageChannel()
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
}

function numbered(n: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  new DataView(bytes.buffer).setUint32(0, n)
  return bytes
}

function patterned(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8)) & 0xff
  return bytes
}

function assertSame(actual: Uint8Array | undefined, expected: Uint8Array): void {
  assert(
    actual !== undefined && actual.length === expected.length,
    `a frame of ${expected.length} bytes arrived as ${actual?.length ?? 'none'}`,
  )
  const different = expected.findIndex((byte, i) => byte !== actual[i])
  assert(different === -1, `byte ${different} of a frame of ${expected.length} arrived changed`)
}
