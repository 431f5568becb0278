// What a member of the room can send to the host over its link. Rows 54 to 75b of docs/bad-input.md.

import { expect } from 'vitest'
import type { Index, OpId, Term } from '../protocol/ids.ts'
import { encodeFrame, parseFrame } from '../protocol/frame-codec.ts'
import type { FrameBody } from '../protocol/frames.ts'
import {
  COPY_BURST_BYTES,
  COPY_BYTES_PER_SECOND,
  COPY_REQUEST_BYTES,
  HANDOVER_TIMEOUT_MS,
  KEYS_MAX,
  REPLAY_QUERIES_MAX,
  WINDOW_OPS_MAX,
} from '../protocol/limits.ts'
import { claimOf, peer } from '../protocol/testing-ids.ts'
import { compaction, MemberScene, op } from './member-scene.ts'
import { row } from './row.ts'

const MAX = Number.MAX_SAFE_INTEGER

row(
  '54',
  'an op under the name of another author',
  'taken if that author is not here, or if it is its next one: ' +
    'members trust each other with their names, ops are not signed',
  () => {
    const scene = MemberScene.hosting()
    scene.submit('s', [op('x', 1), op('x', 3)])
    expect(scene.log().slice(-2)).toEqual(['x1', 'x3'])
    scene.submit('s', [op('m', 3)])
    expect(scene.log().at(-1)).toBe('x3')
    expect(scene.sentTo('s', 'gap')).toMatchObject([{ author: peer('m'), expected: 1 }])
  },
)

row(
  '55',
  'an op that was taken before, with the same value and with another',
  'answered as a repeat, the first one stands',
  () => {
    const scene = MemberScene.hosting()
    scene.submit('s', [op('s', 1)])
    const before = scene.log()
    scene.submit('s', [op('s', 1), op('s', 1, 'k', Uint8Array.of(0, 57))])
    expect(scene.log()).toEqual(before)
    expect(scene.sentTo('s', 'repeated')[0]?.repeats).toHaveLength(2)
  },
)

row(
  '57',
  'op numbers that jump by 1,000 and to 2^53 - 1',
  'gap with the number expected, nothing is taken; above 2^53 it is no frame',
  () => {
    const scene = MemberScene.hosting()
    scene.submit('s', [op('s', 1)])
    const before = scene.log()
    for (const opId of [1_001, MAX]) scene.submit('s', [op('s', opId)])
    expect(scene.log()).toEqual(before)
    expect(scene.sentTo('s', 'gap')).toMatchObject([{ expected: 2 }, { expected: 2 }])
    const bytes = encodeFrame({
      type: 'submit',
      nonce: 1,
      floor: 1 as OpId,
      ops: [op('s', 5)],
      term: 1 as Term,
    })
    expect(
      parseFrame(
        Uint8Array.from([
          ...bytes.subarray(0, 4),
          0xff,
          0xff,
          0xff,
          0xff,
          0xff,
          0xff,
          0xff,
          0xff,
          ...bytes.subarray(5),
        ]),
      ).ok,
    ).toBe(false)
  },
)

row(
  '57a',
  'a floor and an op number of 2^53 - 1 of its own',
  'taken, and all numbers below count as missing, to be taken late: it hurts itself alone',
  () => {
    const scene = MemberScene.hosting()
    scene.submit('s', [op('s', MAX)], MAX)
    scene.submit('s', [op('s', 1)])
    scene.feed({
      type: 'submitted',
      ticket: 1,
      action: 'append',
      key: 'k',
      value: Uint8Array.of(0, 49),
    })
    expect(scene.log().slice(-3)).toEqual([`s${MAX}`, 's1', 'm1'])
  },
)

row('58a', 'frames of a lower term', 'answered with the reign that stands, never applied', () => {
  const scene = MemberScene.hosting()
  const before = scene.log()
  scene.receive('s', { type: 'submit', nonce: 1, floor: 1 as OpId, ops: [op('s', 1)] }, 0)
  expect(scene.log()).toEqual(before)
  expect(scene.sentTo('s', 'reign')).toMatchObject([{ claim: claimOf(1, 'm') }])
})

row('62a', 'frames of an earlier connection, of another nonce', 'ignored', () => {
  const scene = MemberScene.hosting()
  const before = scene.log()
  const old = scene.link('s') - 1
  scene.receive('s', { type: 'submit', nonce: 1, floor: 1 as OpId, ops: [op('s', 1)] }, 1, old)
  scene.receive('s', { type: 'submit', nonce: 2, floor: 1 as OpId, ops: [op('s', 1)] }, 1)
  expect(scene.log()).toEqual(before)
})

row(
  '63',
  'compactions above the head, at 0, below everything, of an unknown key, twice, lower after higher',
  'refused above and at 0; the others remove nothing, and say so to nobody',
  () => {
    const scene = MemberScene.hosting()
    scene.submit('s', [op('s', 1), op('s', 2), op('s', 3)])
    const from = scene.honest.replica.lastIndex
    scene.submit('s', [
      compaction('s', 4, 'k', 9),
      compaction('s', 5, 'k', 0),
      compaction('s', 6, 'other', 2),
      compaction('s', 7, 'k', 2),
      compaction('s', 8, 'k', 2),
      compaction('s', 9, 'k', 1),
    ])
    expect(scene.log(from)).toEqual([
      'compact-out-of-range',
      'compact-out-of-range',
      'compaction',
      'compaction',
      'compaction',
      'compaction',
    ])
    expect([...scene.honest.replica.engine!.replay('k', 0)!.seqs]).toEqual([2, 3])
    expect(scene.honest.replica.engine!.replay('other', 0)).toBe(null)
  },
)

row(
  '63a',
  'a compaction on numbers of a reign that the room does not know',
  'compact-outdated',
  () => {
    const scene = MemberScene.hosting()
    scene.submit('s', [op('s', 1), compaction('s', 2, 'k', 1, claimOf(9, 'z'))])
    expect(scene.log().at(-1)).toBe('compact-outdated')
  },
)

row(
  '65',
  'replays from the future, of a key twice, of 10,000 keys',
  'empty, no answer, no frame',
  () => {
    const scene = MemberScene.hosting()
    scene.submit('s', [op('s', 1)])
    scene.receive(
      's',
      { type: 'replay', nonce: 1, request: 1, queries: [{ key: 'k', after: MAX }] },
      1,
    )
    expect(scene.sentTo('s', 'replayed')).toMatchObject([{ request: 1, last: true, items: [] }])
    scene.receive(
      's',
      {
        type: 'replay',
        nonce: 1,
        request: 2,
        queries: [
          { key: 'k', after: 0 },
          { key: 'k', after: 0 },
        ],
      },
      1,
    )
    expect(scene.sentTo('s', 'replayed')).toHaveLength(1)
    const twice = [
      { key: 'k', after: 0 },
      { key: 'k', after: 0 },
    ]
    scene.hello('s', { nonce: 2, replay: { request: 3, queries: twice } })
    expect(scene.sentTo('s', 'welcome').at(-1)).toMatchObject({ nonce: 2 })
    expect(scene.sentTo('s', 'replayed')).toHaveLength(1)
    const many = encodeFrame({
      type: 'replay',
      nonce: 1,
      request: 3,
      queries: Array.from({ length: 10_000 }, (_, n) => ({ key: `${n}`, after: 0 })),
      term: 1 as Term,
    })
    expect(scene.bytes('s', many)).toBe(false)
    expect(REPLAY_QUERIES_MAX).toBeLessThan(10_000)
  },
)

row(
  '65a',
  'fetches, replays and hellos of a few bytes that ask for all there is, without end',
  '192 MiB are copied for it, then 16 MiB a second: the newest waits, and nobody else does',
  () => {
    const value = new Uint8Array(3 * 2 ** 20)
    const queries = [{ key: 'k', after: 0 }]
    const position = { claim: claimOf(1, 'm'), index: 1 as Index }
    type Ask = (scene: MemberScene, name: string, request: number) => void
    const fetches: Ask = (scene, name, request) =>
      scene.receive(name, { type: 'fetch', request, ends: [], lacks: [] }, 1)
    const replays: Ask = (scene, name, request) =>
      scene.receive(name, { type: 'replay', nonce: 1, request, queries }, 1)
    const hellos: Ask = (scene, name) => scene.hello(name, { position })
    for (const ask of [fetches, replays, hellos]) {
      const scene = MemberScene.hosting()
      scene.link('t')
      scene.hello('t')
      scene.submit('s', [op('s', 1, 'k', value), op('s', 2, 'k', value)])
      for (const name of 'st') scene.report(name, scene.honest.replica.lastIndex)
      scene.forget()
      let copied = 0
      for (let request = 1; request <= 500; request++) {
        ask(scene, 's', request)
        copied += scene.bytesCopiedFor('s')
        scene.forget()
      }
      expect(copied).toBeGreaterThan(16 * value.length)
      expect(copied).toBeLessThan(COPY_BURST_BYTES + 4 * value.length)
      ask(scene, 't', 1)
      expect(scene.bytesCopiedFor('t')).toBeGreaterThan(0)
      scene.forget()
      scene.pass(1_000)
      expect(scene.bytesCopiedFor('s')).toBeLessThan(COPY_BYTES_PER_SECOND + 4 * value.length)
      scene.submit('t', [op('t', 1)])
      expect(scene.log().at(-1)).toBe('t1')
    }
  },
)

row(
  '65b',
  'ops without end while the host orders nothing',
  'one window is held, as much as an honest peer has on its way',
  () => {
    const scene = MemberScene.hosting()
    scene.feed({ type: 'retiring' })
    expect(scene.sentTo('s', 'handover')).toHaveLength(1)
    for (let n = 1; n <= 5 * WINDOW_OPS_MAX; n++) scene.submit('s', [op('s', n)])
    expect(scene.log().at(-1)).not.toBe('s1')
    scene.pass(HANDOVER_TIMEOUT_MS)
    expect(scene.honest.replica.ops.last(peer('s'))).toBe(WINDOW_OPS_MAX)
  },
)

row(
  '65c',
  'reports without end, visible and hidden in turn',
  'everyone is told of as many as the bound on copies allows',
  () => {
    const scene = MemberScene.hosting()
    const reportOf = (visible: boolean): FrameBody => ({
      type: 'report',
      nonce: 1,
      index: 0 as Index,
      complete: true,
      visible,
    })
    const requests = COPY_BURST_BYTES / COPY_REQUEST_BYTES
    let rosters = 0
    for (let n = 0; n < 1.5 * requests; n++) {
      scene.receive('s', reportOf(n % 2 === 1), 1)
      rosters += scene.all('roster').length
      scene.forget()
    }
    expect(rosters).toBeGreaterThan(requests / 2)
    expect(rosters).toBeLessThan(requests)
    scene.pass(1_000)
    for (const visible of [false, true]) scene.receive('s', reportOf(visible), 1)
    expect(
      scene
        .all('roster')
        .at(-1)
        ?.members.every((member) => member.visible),
    ).toBe(true)
  },
)

row(
  '66',
  '200,000 keys',
  'room-full from the 10,001st on; the tail and the table of ops stay bounded',
  () => {
    const scene = MemberScene.hosting()
    for (let n = 0; n < 100; n++) {
      scene.submit(
        's',
        Array.from({ length: 2_000 }, (_, i) => op('s', n * 2_000 + i + 1, `key ${n * 2_000 + i}`)),
        1,
      )
      scene.report('s', scene.honest.replica.lastIndex)
      scene.forget()
    }
    const { engine, log } = scene.honest.replica
    expect(engine!.keyCount).toBe(KEYS_MAX)
    expect(scene.log(scene.honest.replica.lastIndex - 1)).toEqual(['room-full'])
    expect(log.last - log.first).toBeLessThan(8_192)
  },
)

row('66a', 'values of 4 MiB without end', 'room-full at 64 MiB, nothing half applied', () => {
  const scene = MemberScene.hosting()
  const value = new Uint8Array(4 * 2 ** 20)
  for (let n = 1; n <= 20; n++) {
    scene.submit('s', [op('s', n, 'k', value)])
    scene.report('s', scene.honest.replica.lastIndex)
    scene.forget()
  }
  expect(scene.log().slice(-2)).toEqual(['room-full', 'room-full'])
  expect(scene.honest.replica.engine!.retainedBytes).toBeLessThanOrEqual(64 * 2 ** 20)
})

row(
  '67',
  'keys __proto__, empty, of 64 KiB, with half a surrogate pair',
  'taken, taken, key-too-long, no frame',
  () => {
    const scene = MemberScene.hosting()
    scene.submit('s', [op('s', 1, '__proto__'), op('s', 2, ''), op('s', 3, 'x'.repeat(65_536))])
    expect(scene.log().slice(-3)).toEqual(['s1', 's2', 'key-too-long'])
    expect(scene.honest.replica.engine!.replay('__proto__', 0)!.seqs.length).toBe(1)
    const bytes = encodeFrame({
      type: 'submit',
      nonce: 1,
      floor: 1 as OpId,
      ops: [op('s', 4, 'abc')],
      term: 1 as Term,
    })
    const at = Buffer.from(bytes).indexOf('abc')
    expect(
      scene.bytes(
        's',
        Uint8Array.from([...bytes.subarray(0, at), 0xed, 0xa0, 0x80, ...bytes.subarray(at + 3)]),
      ),
    ).toBe(false)
  },
)

row(
  '75',
  'a standby that answers every ping and never reports',
  'out of the in-sync set after 3 s: receipts do not wait for it',
  () => {
    const scene = MemberScene.hosting()
    expect(scene.honest.replica.inSync).toEqual([peer('s')])
    scene.feed({
      type: 'submitted',
      ticket: 1,
      action: 'append',
      key: 'k',
      value: Uint8Array.of(0, 49),
    })
    for (let n = 0; n < 16; n++) {
      scene.pass(250)
      scene.receive('s', { type: 'ping', at: 1 }, 1)
    }
    expect(scene.honest.replica.inSync).toEqual([])
    expect(scene.all('outcome')).toMatchObject([{ outcome: { type: 'settled' } }])
  },
)

row(
  '75a',
  'reports of a log that reaches further than what was sent',
  'counted up to what was sent',
  () => {
    const scene = MemberScene.hosting()
    scene.report('s', MAX)
    scene.feed({
      type: 'submitted',
      ticket: 1,
      action: 'append',
      key: 'k',
      value: Uint8Array.of(0, 49),
    })
    expect(scene.all('outcome')).toEqual([])
  },
)

row(
  '75b',
  'confirmation of parts that were never sent',
  'ignored: two parts of a copy go out for each frame',
  () => {
    const scene = MemberScene.hosting()
    for (let n = 1; n <= 40; n++) scene.submit('s', [op('s', n, `${n}`, new Uint8Array(60_000))])
    scene.forget()
    scene.receive('s', { type: 'fetch', request: 1, ends: [], lacks: [] }, 1)
    expect(scene.sentTo('s', 'part').length).toBe(2)
    for (const number of [MAX, 8, 1_000])
      scene.receive('s', { type: 'part-taken', request: 1, number }, 1)
    expect(scene.sentTo('s', 'part').length).toBe(2)
  },
)
