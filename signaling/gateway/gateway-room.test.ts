import { describe, expect, test } from 'vitest'
import { Engine } from '../../replica/engine.ts'
import {
  NO_INDEX,
  NO_SEQ,
  type Claim,
  type Index,
  type OpId,
  type Seq,
  type Term,
} from '../../protocol/ids.ts'
import type { Entry, Op } from '../../protocol/entry.ts'
import { encodeValue, type Value } from '../../protocol/value.ts'
import { peer } from '../../protocol/testing-ids.ts'
import type { Ticket } from '../../peer/submission.ts'
import type { FromRoom, ToRoom } from './drift-messages.ts'
import { GatewayRoom, type ClientKind, type GatewayOutput, type LogGrowth } from './gateway-room.ts'
import { CLIENT_QUEUE_MAX, CLIENT_QUEUE_RESUME } from './gateway-limits.ts'

const SELF = peer('s')
const OTHER = peer('o')
const BASIS: Claim = { term: 1 as Term, host: OTHER }

/** One room of the gateway, and the host that the test plays: ops wait until they are ordered. */
class Scene {
  readonly room = new GatewayRoom()
  streams = new Engine()
  readonly ops: Op[] = []
  readonly told = new Map<number, FromRoom[]>()
  readonly orders: string[] = []
  #opId = 0
  readonly #ticketByOp = new Map<OpId, Ticket>()
  #index: number = NO_INDEX
  #othersOpId = 0

  constructor(...kinds: readonly ClientKind[]) {
    this.carryOut(this.room.ready(this.streams))
    kinds.forEach((kind, id) => this.open(id, kind))
  }

  open(id: number, kind: ClientKind): void {
    this.told.set(id, [])
    this.carryOut(this.room.opened(id, kind))
  }

  say(id: number, ...said: readonly Parameters<GatewayRoom['received']>[1][]): void {
    for (const message of said) this.carryOut(this.room.received(id, message))
  }

  carryOut(outputs: readonly GatewayOutput[]): void {
    for (const output of outputs) {
      switch (output.type) {
        case 'submit': {
          const { op } = output
          this.#opId += 1
          this.#ticketByOp.set(this.#opId as OpId, output.ticket)
          const common = {
            author: SELF,
            opId: this.#opId as OpId,
            key: op.key,
            value: op.value,
          }
          if (op.type === 'submitted') this.ops.push({ action: op.action, ...common })
          else this.ops.push({ action: 'compact', ...common, seq: op.seq, basis: BASIS })
          break
        }
        case 'tell':
          for (const id of output.to) this.told.get(id)?.push(output.message)
          break
        case 'hold':
        case 'go-on':
        case 'done':
          this.orders.push(`${output.type} ${output.client}`)
      }
    }
  }

  /** An op of somebody else. */
  other(action: 'append' | 'relay' | 'replace', key: string, value: Value): Op {
    this.#othersOpId += 1
    const opId = this.#othersOpId as OpId
    return { action, author: OTHER, opId, key, value: encodeValue(value) }
  }

  /** Orders these ops in one batch; by default all that the clients have pushed. */
  order(ops: readonly Op[] = this.ops.splice(0)): void {
    this.carryOut(this.room.grew(this.growthBy(...ops)))
  }

  entryOf(op: Op): Entry {
    this.#index += 1
    const index = this.#index as Index
    if (op.action === 'void') throw new Error('no client makes these')
    const code = this.streams.refusalOf(op)
    if (code !== null) return { type: 'refusal', index, author: op.author, opId: op.opId, code }
    if (op.action === 'compact') {
      this.streams.compact(op)
      return { type: 'compaction', index, op }
    }
    const seq = (this.streams.lastSeq + 1) as Seq
    this.streams.push(op, seq)
    return { type: 'message', index, seq, op }
  }

  /** What the peer tells when these ops are ordered. */
  growthBy(...ops: readonly Op[]): LogGrowth {
    const entries = ops.map((op) => this.entryOf(op))
    const own = new Map<Index, Ticket>()
    ops.forEach((op, i) => {
      if (op.author === SELF) own.set(entries[i]!.index, this.ticketOf(op))
    })
    return { entries, own }
  }

  ticketOf({ opId }: Op): Ticket {
    return this.#ticketByOp.get(opId)!
  }

  heard(id: number): FromRoom[] {
    return this.told.get(id)!.splice(0)
  }
}

const push = (key: string, value: Value): ToRoom => ({
  type: 'push',
  key,
  value,
  action: { type: 'append' },
})
const get = (key: string, seq: number | null = 0): ToRoom => ({ type: 'get', key, seq })
const pushed = (key: string, value: Value, seq: number): FromRoom => ({
  type: 'push',
  key,
  value,
  seq,
})
const size = (key: string, size: number): FromRoom => ({ type: 'stream_size', key, size })
const init = (key: string, ...data: readonly [Value, number][]): FromRoom => ({
  type: 'init',
  key,
  data: data.map(([value, seq]) => ({ value, seq })),
})
const pong = (nonce: number | null): FromRoom => ({ type: 'pong', nonce })

describe('answers keep their place', () => {
  test('pings and errors between pushes that are ordered in one batch', () => {
    const scene = new Scene('live')
    scene.say(
      0,
      push('k', 1),
      { type: 'ping', nonce: 5 },
      push('k', 2),
      { type: 'error', message: 'no message' },
      push('k', 3),
    )
    expect(scene.heard(0)).toEqual([])
    scene.order()
    expect(scene.heard(0)).toEqual([
      pushed('k', 1, 1),
      pong(5),
      pushed('k', 2, 2),
      size('k', 2),
      { type: 'error', message: 'no message' },
      pushed('k', 3, 3),
      size('k', 3),
    ])
  })

  test('a get between pushes shows those before it, and holds those after it back', () => {
    const scene = new Scene('live')
    scene.say(0, push('k', 1), get('k'), push('k', 2), { type: 'ping', nonce: 1 }, get('k', 1))
    expect(scene.ops).toHaveLength(1)
    scene.order()
    expect(scene.heard(0)).toEqual([pushed('k', 1, 1), init('k', [1, 1])])
    scene.order()
    expect(scene.heard(0)).toEqual([pushed('k', 2, 2), size('k', 2), pong(1), init('k', [2, 2])])
  })

  test('[RE5] what others pushed in the same batch is given before the get that shows it, and not again', () => {
    const scene = new Scene('live')
    scene.say(0, push('k', 'own'), get('k'))
    scene.order([...scene.ops.splice(0), scene.other('append', 'k', 'theirs')])
    expect(scene.heard(0)).toEqual([
      pushed('k', 'own', 1),
      pushed('k', 'theirs', 2),
      init('k', ['own', 1], ['theirs', 2]),
    ])
    scene.order([scene.other('append', 'k', 'later')])
    expect(scene.heard(0)).toEqual([pushed('k', 'later', 3)])
  })

  test('a get with a null seq answers nothing', () => {
    const scene = new Scene('live')
    scene.say(0, get('k', null), { type: 'ping', nonce: null })
    expect(scene.heard(0)).toEqual([pong(null)])
  })
})

describe('sizes', () => {
  test('are those right after each entry, whatever else its batch holds', () => {
    const scene = new Scene('live', 'live')
    scene.say(
      0,
      push('k', 1),
      push('k', 2),
      { type: 'push', key: 'k', value: 'all', action: { type: 'replace' } },
      push('k', 3),
    )
    scene.order()
    expect(scene.heard(0)).toEqual([
      pushed('k', 1, 1),
      pushed('k', 2, 2),
      size('k', 2),
      pushed('k', 'all', 3),
      pushed('k', 3, 4),
      size('k', 2),
    ])
    expect(scene.heard(1).map(({ type }) => type)).toEqual(['push', 'push', 'push', 'push'])
  })

  test('begin with what the room retained before', () => {
    const scene = new Scene()
    scene.order([scene.other('append', 'k', 1), scene.other('append', 'k', 2)])
    const later = new GatewayRoom()
    scene.carryOut(later.ready(scene.streams))
    expect(later.isReady).toBe(true)
    scene.told.set(9, [])
    scene.carryOut(later.opened(9, 'live'))
    scene.carryOut(later.received(9, push('k', 3)))
    scene.carryOut(later.grew(scene.growthBy(...scene.ops.splice(0))))
    expect(scene.heard(9)).toEqual([pushed('k', 3, 3), size('k', 3)])
  })
})

describe('a debug connection', () => {
  test('gets all streams at first, then each one that changed, and relays', () => {
    const scene = new Scene()
    scene.order([scene.other('append', 'k', 1), scene.other('append', 'j', 2)])
    scene.open(0, 'debug')
    expect(scene.heard(0)).toEqual([init('k', [1, 1]), init('j', [2, 2])])
    scene.order([scene.other('relay', 'k', 'r')])
    expect(scene.heard(0)).toEqual([pushed('k', 'r', 3)])
    scene.order([scene.other('append', 'k', 3), scene.other('append', 'k', 4)])
    expect(scene.heard(0)).toEqual([init('k', [1, 1], [3, 4], [4, 5])])
  })
})

describe('a request', () => {
  test('hears its answer alone, and that this was all', () => {
    const scene = new Scene('request')
    scene.say(0, push('k', 1))
    scene.order([scene.other('append', 'k', 0), ...scene.ops.splice(0)])
    expect(scene.heard(0)).toEqual([size('k', 2)])
    expect(scene.orders).toEqual(['done 0'])
  })

  test('[RE4] of a compaction out of range is told why', () => {
    const scene = new Scene('request')
    scene.say(0, { type: 'push', key: 'k', value: 1, action: { type: 'compact', seq: 9 } })
    scene.order()
    expect(scene.heard(0)).toEqual([
      { type: 'error', message: expect.stringContaining('has not reached') },
    ])
    expect(scene.orders).toEqual(['done 0'])
  })
})

describe('what cannot be told or taken', () => {
  test('a value that the room does not take is one error, and nothing is pushed', () => {
    const scene = new Scene('live')
    scene.say(0, push('k', Number.NaN as Value))
    expect(scene.ops).toEqual([])
    expect(scene.heard(0)).toEqual([{ type: 'error', message: expect.stringContaining('NaN') }])
  })

  test('[SG6] a member who writes bytes that are no value reaches nobody', () => {
    const scene = new Scene('live')
    scene.order([
      { ...scene.other('append', 'k', 1), value: Uint8Array.of(9, 9) } as Op,
      scene.other('append', 'k', 2),
    ])
    expect(scene.heard(0)).toEqual([pushed('k', 2, 2)])
    scene.say(0, get('k'))
    expect(scene.heard(0)).toEqual([init('k', [2, 2])])
  })

  test('[SG6] a client that pushes faster than the room takes is not read until it has caught up', () => {
    const scene = new Scene('live')
    for (let n = 0; n < CLIENT_QUEUE_MAX; n++) scene.say(0, push('k', n))
    expect(scene.orders).toEqual(['hold 0'])
    const most = scene.ops.splice(0, CLIENT_QUEUE_MAX - CLIENT_QUEUE_RESUME - 1)
    scene.order(most)
    expect(scene.orders).toEqual(['hold 0'])
    scene.order(scene.ops.splice(0, 1))
    expect(scene.orders).toEqual(['hold 0', 'go-on 0'])
  })

  test('[SG6] so is one whose values wait in more bytes than a client, or a room, may have waiting', () => {
    const scene = new Scene(...Array.from({ length: 9 }, () => 'live' as const))
    const large = push('k', 'x'.repeat(4 * 1024 * 1024 - 10))
    scene.say(0, large, get('k'), large)
    expect(scene.orders).toEqual([])
    scene.say(0, push('k', 'more'.repeat(10)))
    expect(scene.orders.splice(0)).toEqual(['hold 0'])
    for (let id = 1; id < 8; id++) scene.say(id, large, large)
    expect(scene.orders).toEqual([])
    scene.say(8, push('k', 'more'.repeat(50)))
    expect(scene.orders.splice(0)).toEqual(['hold 8'])
    while (scene.ops.length > 0)
      scene.order(scene.ops.splice(0).map((op) => ({ ...op, action: 'relay' }) as Op))
    expect(scene.orders).toContain('go-on 0')
    expect(scene.orders).toContain('go-on 8')
  })

  test('what a client pushed before it closed comes into the room', () => {
    const scene = new Scene('live', 'live')
    scene.say(0, push('k', 1), get('k'), push('k', 2))
    scene.carryOut(scene.room.closed(0))
    scene.order()
    expect(scene.heard(1)).toEqual([pushed('k', 1, 1), pushed('k', 2, 2)])
  })
})

describe('after a reset', () => {
  test('clients are told that something is amiss, then what stands, then what comes', () => {
    const scene = new Scene('live')
    scene.order([scene.other('append', 'k', 1), scene.other('append', 'j', 2)])
    scene.heard(0)
    scene.carryOut(scene.room.reset(1))
    expect(scene.heard(0)).toEqual([{ type: 'error', message: expect.stringContaining('after 1') }])
    scene.say(0, get('k'))
    const rest = [scene.other('append', 'k', 3), scene.other('relay', 'k', 'gone')]
    scene.carryOut(scene.room.grew(scene.growthBy(...rest)))
    expect(scene.heard(0)).toEqual([])
    scene.carryOut(scene.room.ready(scene.streams))
    expect(scene.heard(0)).toEqual([
      init('k', [3, 3]),
      init('j', [2, 2]),
      init('k', [1, 1], [3, 3]),
    ])
    scene.order([scene.other('append', 'k', 4)])
    expect(scene.heard(0)).toEqual([pushed('k', 4, 5)])
  })

  test('a push that was ordered meanwhile is answered, by its entry or by the word of the host', () => {
    const scene = new Scene('live')
    scene.order([scene.other('append', 'k', 0)])
    scene.heard(0)
    scene.say(0, push('k', 1), push('k', 2), { type: 'ping', nonce: 1 })
    scene.carryOut(scene.room.reset(1))
    scene.heard(0)
    const [first, second] = scene.ops.splice(0)
    scene.carryOut(scene.room.grew(scene.growthBy(first!)))
    scene.entryOf(second!)
    const { opId } = second!
    const ticket = scene.ticketOf(second!)
    scene.carryOut(scene.room.outcome({ type: 'settled', ticket, opId, seq: 3 as Seq }))
    scene.carryOut(scene.room.ready(scene.streams))
    expect(scene.heard(0)).toEqual([init('k', [1, 2], [2, 3]), size('k', 3), size('k', 3), pong(1)])
  })

  test('an op whose outcome is unknown is said to be', () => {
    const scene = new Scene('live')
    scene.say(0, push('k', 1))
    scene.carryOut(
      scene.room.outcome({ type: 'refused', ticket: 1, opId: 1 as OpId, code: 'receipt-unknown' }),
    )
    expect(scene.heard(0)).toEqual([
      { type: 'error', message: expect.stringContaining('no longer known') },
    ])
    expect(scene.streams.lastSeq).toBe(NO_SEQ)
  })
})
