import { describe, expect, test } from 'vitest'
import { payloadBytes, type Entry } from '../protocol/entry.ts'
import { NO_SEQ, type Index, type Seq } from '../protocol/ids.ts'
import {
  COPY_BURST_BYTES,
  COPY_BYTES_PER_SECOND,
  COPY_REQUEST_BYTES,
  ENTRIES_FRAME_BYTES,
  FRAME_OPS_MAX,
  HANDOVER_TIMEOUT_MS,
  HEARTBEAT_INTERVAL_MS,
  LAG_BYTES_MAX,
  STANDBYS_MAX,
  VALUE_BYTES_MAX,
  WINDOW_BYTES_MAX,
  WINDOW_OPS_MAX,
} from '../protocol/limits.ts'
import { peer } from '../protocol/testing-ids.ts'
import { HostRole } from './host-role.ts'
import { at, BEFORE, CLAIM, HostingScene, op, type Body } from './hosting-scene.ts'
import { emptyReplica, writerOf } from '../replica/testing-words.ts'

/** A new host that merges so many ops of `x`, each of that size; `a` follows from the log's first entry on. */
function merging(count: number, size: number): HostingScene {
  const scene = new HostingScene()
  writerOf(scene.replica).append({ type: 'reign', index: 1 as Index, claim: BEFORE, inSync: [] })
  const entries = Array.from({ length: count }, (_, i) => messageOf(i + 1, size))
  const surplus = { entries, stable: (count + 1) as Index, past: 0 as Index, forkSeq: NO_SEQ }
  const greeting = { from: peer('a'), hello: scene.hello('a', { canHost: false }) }
  scene.carry(scene.role.lead([greeting], [surplus], 0))
  return scene
}

function messageOf(seq: number, size: number): Entry {
  const made = op('x', seq, 'k', size) as Extract<Entry, { type: 'message' }>['op']
  return { type: 'message', index: (seq + 1) as Index, seq: seq as Seq, op: made }
}

describe('a new host', () => {
  test('[MG2] writes its reign into the history before anything else', () => {
    const scene = HostingScene.succeeding(2)
    scene.joins('a', { complete: false })
    scene.submits('a', [op('a', 3)])
    expect(scene.log).toEqual(['reign 3 with []', 'a1', 'a2', 'reign 4 with []', 'a3'])
    expect(scene.replica.history.reigns.at(-1)).toMatchObject({ number: 2, claim: CLAIM })
  })

  test('[MG2] goes on with the next seq', () => {
    const scene = HostingScene.succeeding(2)
    scene.joins('a')
    scene.submits('a', [op('a', 3)])
    expect(scene.replica.lastSeq).toBe(3)
  })

  test('[MG4] names in that first entry who is in sync: fit, seniors first, at most so many', () => {
    const greeters = [
      ['a', {}],
      ['b', {}],
      ['c', { canHost: false }],
      ['d', { complete: false }],
      ['e', {}],
    ] as const
    const scene = HostingScene.succeeding(1, greeters, 'edcba')
    expect(STANDBYS_MAX).toBe(2)
    expect(scene.log).toEqual(['reign 3 with []', 'a1', 'reign 4 with [eb]'])
  })

  test('[MG2] welcomes those who had greeted it, its first entry included', () => {
    const scene = HostingScene.succeeding(1, [
      ['a', { position: at(BEFORE, 1) }],
      ['b', { complete: false, position: null }],
    ])
    const [welcome, entries] = scene.got('a')
    expect(welcome).toMatchObject({ type: 'welcome', resume: true, head: 3 })
    expect(entries).toMatchObject({
      type: 'entries',
      entries: [{ index: 2 }, { index: 3, type: 'reign' }],
    })
    expect(scene.only('b', 'welcome')).toMatchObject({ resume: false, head: 3 })
  })

  test('[MG5c] sends what it merges once, behind the welcome, however many frames that takes', () => {
    const scene = merging(FRAME_OPS_MAX + 2, 1)
    const [welcome, ...rest] = scene.got('a')
    expect(welcome).toMatchObject({ type: 'welcome', resume: true, head: FRAME_OPS_MAX + 4 })
    const indexes = rest.flatMap((body) =>
      body.type === 'entries' ? body.entries.map(({ index }) => index as number) : [],
    )
    expect(indexes).toEqual(Array.from({ length: FRAME_OPS_MAX + 3 }, (_, i) => i + 2))
  })

  test('[LK8] counts nothing of what it merges as on its way to a follower that starts over', () => {
    const scene = merging(20, LAG_BYTES_MAX / 16)
    expect(scene.only('a', 'welcome')).toMatchObject({ resume: false })
    scene.joins('b', { canHost: false })
    scene.submits('b', [op('b', 1)])
    expect(scene.indexes('a')).toEqual([scene.replica.lastIndex])
  })

  test('[MG5c] orders in whole frames from the first one on, whatever it merged', () => {
    const scene = merging(1, ENTRIES_FRAME_BYTES - 100)
    scene.got('a')
    scene.submits('a', [op('a', 1), op('a', 2), op('a', 3)])
    expect(scene.got('a').filter(({ type }) => type === 'entries')).toHaveLength(1)
  })

  test('is not made of a replica without streams: that would be a bug of ours', () => {
    expect(() => new HostRole(peer('h'), CLAIM, writerOf(emptyReplica(false)), [])).toThrow(
      'a host holds the streams',
    )
  })
})

describe('[MG1] a handover', () => {
  test('asks the first standby, telling it how far the log reaches', () => {
    const scene = HostingScene.leading('sta')
    scene.submits('a', [op('a', 1)])
    for (const name of 'sta') scene.got(name)
    scene.carry(scene.role.handOver(scene.nowMs))
    expect(scene.role.successor).toBe(peer('s'))
    expect(scene.got('s')).toEqual([{ type: 'handover', head: scene.replica.lastIndex }])
    expect(scene.got('t')).toEqual([])
  })

  test('orders nothing while it lasts: ops are held, none is refused', () => {
    const scene = HostingScene.leading('sa')
    scene.carry(scene.role.handOver(scene.nowMs))
    scene.got('a')
    const before = scene.log
    scene.submits('a', [op('a', 1)])
    expect(scene.log).toEqual(before)
    expect(scene.got('a')).toEqual([])
  })

  test('that does not come about is called off: what was held is ordered as it came', () => {
    const scene = HostingScene.leading('sab')
    scene.carry(scene.role.handOver(scene.nowMs))
    scene.submits('a', [op('a', 1)])
    scene.submits('b', [op('b', 1)])
    scene.submits('a', [op('a', 2)])
    scene.pass(HANDOVER_TIMEOUT_MS - 1)
    expect(scene.log).not.toContain('a1')
    scene.pass(1)
    expect(scene.log.slice(-3)).toEqual(['a1', 'b1', 'a2'])
    expect(scene.indexes('a')).toHaveLength(3)
    scene.submits('a', [op('a', 3)])
    expect(scene.log.at(-1)).toBe('a3')
  })

  test('[MG1d] holds one window of each follower: an honest one has no more on its way', () => {
    const scene = HostingScene.leading('sab')
    scene.carry(scene.role.handOver(scene.nowMs))
    for (let n = 1; n <= 2 * WINDOW_OPS_MAX; n++) scene.submits('a', [op('a', n)])
    scene.submits('b', [op('b', 1, 'k', WINDOW_BYTES_MAX - 10), op('b', 2, 'k', VALUE_BYTES_MAX)])
    scene.submits('b', [op('b', 3)])
    scene.pass(HANDOVER_TIMEOUT_MS)
    const { ops } = scene.replica
    expect([ops.last(peer('a')), ops.last(peer('b'))]).toEqual([WINDOW_OPS_MAX, 2])
    scene.submits('b', [op('b', 3)])
    expect(ops.last(peer('b'))).toBe(3)
  })

  test('holds nothing of a connection that ended meanwhile', () => {
    const scene = HostingScene.leading('sa')
    scene.carry(scene.role.handOver(scene.nowMs))
    scene.submits('a', [op('a', 1)])
    scene.joins('a')
    scene.pass(HANDOVER_TIMEOUT_MS)
    expect(scene.log).not.toContain('a1')
  })

  test('writes no entry that the successor would have to wait for', () => {
    const scene = HostingScene.leading('sta')
    scene.carry(scene.role.handOver(scene.nowMs))
    const before = scene.log
    scene.carry(scene.role.left(peer('t')))
    scene.reports('a', scene.replica.lastIndex, { visible: false })
    expect(scene.log).toEqual(before)
  })

  test('is one at a time, and none without a standby', () => {
    const scene = HostingScene.leading('s')
    scene.carry(scene.role.handOver(scene.nowMs))
    scene.got('s')
    scene.carry(scene.role.handOver(scene.nowMs))
    expect(scene.got('s')).toEqual([])
    const alone = HostingScene.leading()
    expect(alone.role.successor).toBeNull()
    alone.carry(alone.role.handOver(0))
    alone.submits('h', [op('h', 1)])
    expect(alone.log.at(-1)).toBe('h1')
  })
})

describe('[LK12] a follower for which much is copied', () => {
  const QUERY = [{ key: 'k', after: 0 }]
  /** Less than a tail, so that a hello may ask for all of it. */
  const STREAM_BYTES = 6 * 1024 * 1024
  const inABurst = Math.ceil(COPY_BURST_BYTES / (STREAM_BYTES + COPY_REQUEST_BYTES))

  /** A host with a large stream, and two that follow. */
  function largeRoom(): HostingScene {
    const scene = HostingScene.leading('ab')
    scene.submits('a', [op('a', 1, 'k', STREAM_BYTES / 2), op('a', 2, 'k', STREAM_BYTES / 2)])
    scene.catchUp('ab')
    return scene
  }

  /** How many of so many questions in a row are answered. */
  function answers(scene: HostingScene, name: string, times: number): number {
    for (let time = 0; time < times; time++) scene.asks(name, QUERY)
    return scene.got(name).filter((body) => body.type === 'replayed' && body.last).length
  }

  test('is answered up to a burst, and then in its turn', () => {
    const scene = largeRoom()
    expect(answers(scene, 'a', 1_000)).toBe(inABurst)
    scene.pass(0)
    expect(answers(scene, 'a', 1_000)).toBe(0)
  })

  test('holds nobody else up, the host itself least of all', () => {
    const scene = largeRoom()
    answers(scene, 'a', 1_000)
    expect(answers(scene, 'b', 1)).toBe(1)
    expect(answers(scene, 'h', 2 * inABurst)).toBe(2 * inABurst)
    scene.submits('b', [op('b', 1)])
    expect(scene.indexes('a')).toHaveLength(1)
  })

  test('[LK12a] is answered in the end, with the stream as it is then', () => {
    const scene = largeRoom()
    answers(scene, 'a', 1_000)
    scene.submits('b', [op('b', 1)])
    scene.catchUp('ab')
    scene.pass((STREAM_BYTES / COPY_BYTES_PER_SECOND) * 1_000 + HEARTBEAT_INTERVAL_MS)
    const parts = scene.got('a').filter((body) => body.type === 'replayed')
    expect(parts.flatMap(({ items }) => items.flatMap(({ seqs }) => [...seqs]))).toEqual([1, 2, 3])
  })

  test('[LK12b] is not welcomed again, as if nothing had come, until its turn', () => {
    const scene = largeRoom()
    const greets = () => scene.joins('a', { position: at(CLAIM, 1) })
    const copied = () =>
      scene.got('a').reduce((sum, body) => (body.type === 'entries' ? sum + sizeOf(body) : sum), 0)
    const sizeOf = ({ entries }: Body<'entries'>) =>
      entries.reduce((sum, entry) => sum + ('op' in entry ? payloadBytes(entry.op) : 0), 0)
    for (let time = 0; time < 1_000; time++) greets()
    expect(copied()).toBeLessThan(COPY_BURST_BYTES + 2 * STREAM_BYTES)
    greets()
    expect(scene.got('a')).toEqual([])
    scene.pass((STREAM_BYTES / COPY_BYTES_PER_SECOND) * 2_000)
    greets()
    expect(copied()).toBeGreaterThanOrEqual(STREAM_BYTES)
  })

  test('[LK12c] makes rosters for everyone, until that has been enough', () => {
    const scene = HostingScene.leading('ab')
    const times = COPY_BURST_BYTES / COPY_REQUEST_BYTES
    for (let time = 0; time < times; time++) scene.reports('a', 0, { visible: time % 2 === 1 })
    const isVisible = () => scene.roster?.members.find((one) => one.peer === peer('a'))?.visible
    const before = isVisible()
    scene.reports('a', 0, { visible: !before })
    expect(isVisible()).toBe(before)
    scene.pass(1_000)
    scene.reports('a', 0, { visible: !before })
    expect(isVisible()).toBe(!before)
  })
})

describe('[WI2] a hello that asks for a replay', () => {
  const replay = { request: 5, queries: [{ key: 'k', after: 0 }] }

  test('is answered behind the welcome, and what comes then is behind the answer', () => {
    const scene = HostingScene.leading('a')
    scene.submits('a', [op('a', 1)])
    scene.joins('b', { position: null, replay })
    scene.submits('a', [op('a', 2)])
    const types = scene.got('b').map(({ type }) => type)
    const answer = types.indexOf('replayed')
    expect(types.slice(0, 2)).toEqual(['welcome', 'replayed'])
    expect(types.indexOf('entries')).toBeGreaterThan(answer)
  })

  test('is answered behind the entries that it missed', () => {
    const scene = HostingScene.leading('ab')
    scene.submits('a', [op('a', 1)])
    scene.got('b')
    scene.joins('b', { position: at(CLAIM, 1), replay })
    const bodies = scene.got('b')
    expect(bodies.slice(0, 3).map(({ type }) => type)).toEqual(['welcome', 'entries', 'replayed'])
    expect(bodies[2]).toMatchObject({ request: 5, last: true, items: [{ key: 'k' }] })
  })

  test('is answered by a host that it greeted before the reign began', () => {
    const scene = HostingScene.succeeding(2, [['a', { position: null, replay }]])
    const bodies = scene.got('a')
    expect(bodies.slice(0, 2).map(({ type }) => type)).toEqual(['welcome', 'replayed'])
    expect(bodies[1]).toMatchObject({ request: 5, items: [{ key: 'k', seqs: { length: 2 } }] })
  })

  test('and names a key twice is welcomed, and gets no answer to that', () => {
    const scene = HostingScene.leading('a')
    const queries = [...replay.queries, ...replay.queries]
    scene.joins('b', { position: null, replay: { request: 5, queries } })
    const types = scene.got('b').map(({ type }) => type)
    expect(types).toContain('welcome')
    expect(types).not.toContain('replayed')
  })
})
