// What a member of the room can send to a follower over its link. Rows 58 to 74 of docs/bad-input.md.

import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { Index, OpId, Seq, Term } from '../protocol/ids.ts'
import { encodeFrame, parseFrame } from '../protocol/frame-codec.ts'
import { TERM_LEAP_MAX } from '../protocol/limits.ts'
import { claimOf, peer } from '../protocol/testing-ids.ts'
import { HostWatch } from '../host/host-watch.ts'
import { SnapshotReader } from '../replica/snapshot-reader.ts'
import { H4, MemberScene, message } from './member-scene.ts'
import { row } from './row.ts'

const MAX = Number.MAX_SAFE_INTEGER

row('58', 'host frames by a member that does not host', 'ignored', () => {
  const scene = MemberScene.following()
  scene.receive('s', { type: 'entries', stable: 3 as Index, entries: [message(3, 2, 's', 1)] })
  scene.receive('s', {
    type: 'welcome',
    nonce: 1,
    resume: false,
    lacks: [],
    head: 9 as Index,
    headSeq: 9 as Seq,
    history: [],
    ops: [],
  })
  scene.receive('s', { type: 'roster', members: [], succession: [], standbys: 0, paused: true })
  scene.receive('s', { type: 'gap', nonce: 1, author: peer('m'), expected: 1 as OpId })
  scene.receive('s', { type: 'handover', head: 0 as Index })
  expect([
    scene.log(),
    scene.all('deliver'),
    scene.all('reset'),
    scene.all('roster'),
    scene.signals(),
  ]).toEqual([['reign 4', 'h1'], [], [], [], []])
})

row(
  '59',
  'frames of a higher term that nobody spoke of',
  'dropped until the reign is known',
  () => {
    const scene = MemberScene.following()
    scene.receive('s', { type: 'entries', stable: 3 as Index, entries: [message(3, 2, 's', 1)] }, 5)
    expect([scene.log(), scene.honest.claim]).toEqual([['reign 4', 'h1'], H4])
  },
)

row('59a', 'a reign far above the one that stands', 'a leap of more than 2^20 is dropped', () => {
  const scene = MemberScene.following()
  for (const term of [4 + TERM_LEAP_MAX + 1, MAX]) {
    scene.receive('s', { type: 'reign', claim: claimOf(term, 's') }, term)
    scene.receive(
      's',
      {
        type: 'hello',
        claim: claimOf(term, 'z'),
        nonce: 1,
        position: null,
        headSeq: 0 as Seq,
        stable: 0 as Index,
        past: 0 as Index,
        complete: false,
        lacks: [],
        canHost: true,
        visible: true,
        replay: null,
      },
      term,
    )
  }
  expect(scene.honest.claim).toEqual(H4)
})

row(
  '59b',
  'a reign just above, of a host that does not exist',
  'followed, missed within two seconds, and left on signaling’s word that the true host lives',
  () => {
    const scene = MemberScene.following()
    scene.receive('s', { type: 'reign', claim: claimOf(5, 'z') }, 5)
    expect(scene.honest.claim).toEqual(claimOf(5, 'z'))
    scene.pass(2_000)
    expect(scene.signals()).toContainEqual({ type: 'claim', term: 6, reason: 'silent' })
    scene.signaled({ type: 'denied', term: 6 as Term, why: 'host-alive', claim: H4, retryMs: 0 })
    expect(scene.honest.claim).toEqual(H4)
    scene.welcome(2)
    expect([scene.honest.isLive, scene.log()]).toEqual([true, ['reign 4', 'h1']])
  },
)

row(
  '60',
  'a host that skips an entry or a seq, repeats one, gives another under a number',
  'misbehaved to the app and a new link; repeats are ignored, the first one stands',
  () => {
    for (const wrong of [
      message(4, 2, 'h', 2),
      message(3, 3, 'h', 2),
      message(3, 1, 'h', 2),
      message(3, 2, 'h', 1),
    ]) {
      const scene = MemberScene.following()
      scene.receive('h', { type: 'entries', stable: 3 as Index, entries: [wrong] })
      expect([scene.log(), scene.all('misbehaved').length, scene.all('disconnect').length]).toEqual(
        [['reign 4', 'h1'], 1, 1],
      )
    }
    const scene = MemberScene.following()
    scene.receive('h', { type: 'entries', stable: 2 as Index, entries: [message(2, 1, 'x', 7)] })
    expect([scene.log(), scene.all('deliver'), scene.all('misbehaved')]).toEqual([
      ['reign 4', 'h1'],
      [],
      [],
    ])
  },
)

row('61', 'a seq and an index of 2^53 - 1', 'misbehaved: each is one more than the last', () => {
  for (const wrong of [message(3, MAX, 'h', 2), message(MAX, 2, 'h', 2)]) {
    const scene = MemberScene.following()
    scene.receive('h', { type: 'entries', stable: MAX as Index, entries: [wrong] })
    expect([scene.log(), scene.all('misbehaved').length]).toEqual([['reign 4', 'h1'], 1])
  }
})

row('62', 'a host’s frames of an earlier link, a welcome of another nonce', 'ignored', () => {
  const scene = MemberScene.following()
  const old = scene.link('h') - 1
  scene.receive(
    'h',
    { type: 'entries', stable: 3 as Index, entries: [message(3, 2, 'h', 2)] },
    4,
    old,
  )
  scene.receive('h', {
    type: 'welcome',
    nonce: 99,
    resume: false,
    lacks: [],
    head: 0 as Index,
    headSeq: 0 as Seq,
    history: [],
    ops: [],
  })
  scene.receive('h', { type: 'entries', stable: 3 as Index, entries: [message(3, 2, 'h', 2)] })
  expect([scene.log(), scene.all('reset'), scene.all('deliver')]).toEqual([
    ['reign 4', 'h1'],
    [],
    [],
  ])
})

row(
  '64',
  'a copy of the room that contradicts itself, or is beyond what a room holds',
  'refused with the link; nothing is thrown',
  () => {
    const parts = readFileSync(new URL('corpus/parts.hex', import.meta.url), 'utf8')
      .trim()
      .split('\n')
      .map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')))
    const [head, tail, ...streams] = parts as [Uint8Array, Uint8Array]
    const outcome = (given: readonly Uint8Array[]) => {
      const reader = new SnapshotReader()
      return given.every((part) => reader.add(part).ok) && reader.finish().ok
    }
    expect(outcome(parts)).toBe(true)
    const beyond = new SnapshotReader()
    const entries = (n: number) =>
      encodeFrame({
        type: 'entries',
        stable: 0 as Index,
        entries: [message(n, n, 'a', n)].map((entry) =>
          entry.type === 'message'
            ? { ...entry, op: { ...entry.op, value: new Uint8Array(2 ** 20) } }
            : entry,
        ),
        term: 0 as Term,
      }).subarray(3)
    expect(beyond.add(head).ok).toBe(true)
    let taken = 0
    while (beyond.add(Uint8Array.from([1, ...entries(taken + 1)])).ok) taken++
    expect(taken).toBe(7) // of a mebibyte and a little each; a tail holds eight
    for (const wrong of [
      [tail],
      [head, head],
      [head, tail, tail],
      [head, ...streams, ...streams],
      [tail, head, ...streams],
    ])
      expect(outcome(wrong)).toBe(false)
  },
)

row(
  '64a',
  'a part of a replay with a million runs of nothing',
  'no frame: each run would cost its reader a hundred times what it takes on the wire',
  () => {
    const nothing = {
      key: '',
      seqs: new Float64Array(),
      ends: new Float64Array(),
      bytes: new Uint8Array(),
    }
    const replayed = (items: number) =>
      encodeFrame({
        type: 'replayed',
        nonce: 1,
        request: 1,
        last: true,
        items: Array.from({ length: items }, () => nothing),
        term: 4 as Term,
      })
    expect(parseFrame(replayed(1_000)).ok).toBe(true)
    expect(parseFrame(replayed(1_000_000)).ok).toBe(false)
  },
)

row(
  '64c',
  'a part of a copy that claims to be made of a terabyte, or that repeats what it does not hold',
  'no frame: it is bounded by 1 MiB and by 64 times its length before anything is allocated',
  () => {
    const part = (...dense: readonly number[]) =>
      parseFrame(Uint8Array.of(1, 15, 1, 0, 1, ...dense))
    const honest = encodeFrame({
      type: 'part',
      request: 1,
      number: 0,
      last: true,
      bytes: new Uint8Array(50).fill(7),
      term: 1 as Term,
    })
    expect([...honest.subarray(0, 5)]).toEqual([1, 15, 1, 0, 1])
    expect(part(...honest.subarray(5)).ok).toBe(true)
    expect(part(128, 128, 128, 128, 128, 32, 2, 0x10, 7).ok).toBe(false)
    expect(part(129, 1, 2, 0x10, 7).ok).toBe(false)
    for (const distance of [0, 2, 255]) expect(part(30, 5, 0x1f, 7, distance, 0, 5).ok).toBe(false)
  },
)

row(
  '74',
  'a host’s clock and pings far in the future',
  'shown by room.now() alone; a round trip counts for 2 s at most, so its silence is still noticed',
  () => {
    const watch = new HostWatch(0)
    for (let n = 0; n < 100; n++) watch.pong(0, MAX, 1_000_000)
    watch.heard(1_000_000)
    expect([watch.isSilent(1_004_999), watch.isSilent(1_005_001)]).toEqual([false, true])
    const scene = MemberScene.following()
    scene.receive('h', { type: 'pong', at: MAX, clock: MAX })
    scene.pass(1_000)
    expect(Number.isFinite(scene.honest.roundTripMs)).toBe(true)
  },
)
