import { describe, expect, test } from 'vitest'
import type { OpId } from '../protocol/ids.ts'
import { peer } from '../protocol/testing-ids.ts'
import { ByteMap } from '../storage/byte-map.ts'
import type { OverOp, PromisedOp } from './copy.ts'
import { LIFE, PLACES } from './copy-scene.ts'
import { outboxesIn } from './outbox-reader.ts'
import { deleteOutboxes, OutboxWriter } from './outbox-writer.ts'
import { op } from './testing-words.ts'

const promised = (author: string, n: number, more: Partial<PromisedOp> = {}): PromisedOp => ({
  op: op(author, n),
  heard: 'nothing',
  wasSent: false,
  ...more,
})
const over = (n: number): OverOp => ({ author: LIFE, opId: n as OpId, code: 'room-full' })

class Outboxes {
  readonly disk = new ByteMap()
  writer = new OutboxWriter(LIFE, PLACES)

  holds(ops: readonly PromisedOp[], told: readonly OverOp[] = []): number {
    const writes = this.writer.order(ops, told)
    this.disk.write(writes)
    this.writer.written()
    return writes.length
  }

  get found() {
    return outboxesIn(this.disk.read(PLACES.start, PLACES.end), PLACES)
  }

  names(life = LIFE): readonly string[] {
    return (this.found.promisedByLife.get(life) ?? []).map(
      ({ op: { author, opId } }) => `${author[0]}${opId}`,
    )
  }
}

describe('[PE5 PE11] the outbox of a life', () => {
  test('is what it has promised, each op under its name, with what is known of it', () => {
    const outboxes = new Outboxes()
    const ops = [
      promised('a', 4, { heard: 'settled', wasSent: true }),
      promised('z', 1),
      promised('z', 2),
    ]
    outboxes.holds(ops)
    expect(outboxes.found.promisedByLife.get(LIFE)).toEqual(ops)
  })

  test('is written as far as it has changed', () => {
    const outboxes = new Outboxes()
    expect(outboxes.holds([promised('z', 1), promised('z', 2)])).toBe(2)
    expect(outboxes.holds([promised('z', 1), promised('z', 2)])).toBe(0)
    expect(
      outboxes.holds([promised('z', 1), promised('z', 2, { wasSent: true }), promised('z', 3)]),
    ).toBe(2)
    expect(outboxes.holds([promised('z', 3)])).toBe(2)
    expect(outboxes.names()).toEqual(['z3'])
  })

  test('of which an op became void has it as void', () => {
    const outboxes = new Outboxes()
    outboxes.holds([promised('z', 1)])
    const { author, opId } = op('z', 1)
    outboxes.holds([promised('z', 1, { op: { action: 'void', author, opId, code: 'superseded' } })])
    expect(outboxes.found.promisedByLife.get(LIFE)![0]!.op).toMatchObject({ code: 'superseded' })
  })

  test('keeps the order of ops that were set aside, and has own ones by their numbers', () => {
    const outboxes = new Outboxes()
    outboxes.holds([promised('z', 7)])
    outboxes.holds([promised('b', 5), promised('a', 2), promised('z', 3), promised('z', 7)])
    expect(outboxes.names()).toEqual(['b5', 'a2', 'z3', 'z7'])
  })

  test('is written again after a batch that failed', () => {
    const outboxes = new Outboxes()
    outboxes.writer.order([promised('z', 1)], [])
    outboxes.writer.failed()
    outboxes.holds([promised('z', 1)])
    expect(outboxes.names()).toEqual(['z1'])
  })

  test('goes once another life has promised what is in it', () => {
    const outboxes = new Outboxes()
    outboxes.holds([promised('z', 1)])
    outboxes.writer = new OutboxWriter(peer('y'), PLACES)
    outboxes.holds(outboxes.found.promisedByLife.get(LIFE)!)
    outboxes.disk.write(deleteOutboxes([LIFE], PLACES))
    expect([outboxes.names(), outboxes.names(peer('y'))]).toEqual([[], ['z1']])
  })

  test('stands beside what its app was told is over, also by a life before', () => {
    const outboxes = new Outboxes()
    outboxes.holds([], [over(1), over(2)])
    outboxes.writer = new OutboxWriter(peer('y'), PLACES, outboxes.found.over)
    expect(outboxes.holds([], [over(2), over(3)])).toBe(2)
    expect(outboxes.found.over).toEqual([over(2), over(3)])
  })
})

test('[PE14] a damaged op is left out, and those beside it are not', () => {
  const outboxes = new Outboxes()
  outboxes.holds([promised('z', 1), promised('z', 2)], [over(1)])
  const rows = outboxes.disk.read(PLACES.start, PLACES.end)
  for (const [at, [place, bytes]] of rows.entries()) {
    const changed = bytes.with(bytes.length >> 1, bytes[bytes.length >> 1]! ^ 1)
    const found = outboxesIn(rows.with(at, [place, changed]), PLACES)
    expect(found.damaged).toBe(1)
    expect((found.promisedByLife.get(LIFE)?.length ?? 0) + found.over.length).toBe(2)
  }
})
