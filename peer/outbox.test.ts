import { describe, expect, test } from 'vitest'
import {
  FRAME_OPS_MAX,
  OUTBOX_BYTES_MAX,
  OUTBOX_OPS_MAX,
  WINDOW_BYTES_MAX,
  WINDOW_OPS_MAX,
} from '../protocol/limits.ts'
import type { Seq, Term } from '../protocol/ids.ts'
import type { Op, RefusalCode } from '../protocol/entry.ts'
import { index, opId, peer } from '../protocol/testing-ids.ts'
import { Outbox, type Durability, type Place } from './outbox.ts'

const ME = peer('m')
/** Tickets are no op numbers. */
const ticketOf = (id: number) => 1_000 - id

function op(id: number, author = 'm', size = 1): Op {
  return {
    action: 'append',
    author: peer(author),
    opId: opId(id),
    key: 'k',
    value: new Uint8Array(size),
  }
}

const place = (at: number, code: Place['code'] = null): Place => ({
  index: index(at),
  seq: at as Seq,
  code,
})

/** An outbox to which the ops 1 to `length` were added. */
function outboxOf(length: number, { durability = 'standby' as Durability, size = 1 } = {}): Outbox {
  const outbox = new Outbox(ME, durability)
  for (let id = 1; id <= length; id++) outbox.add(op(id, 'm', size), ticketOf(id))
  return outbox
}

const names = (ops: readonly Op[]) => ops.map(({ author, opId }) => `${author[0]}${opId}`).join(' ')
const placed = (outbox: Outbox, id: number, at: number, code: Place['code'] = null) =>
  outbox.placed(ME, opId(id), place(at, code))
const settled = (id: number, seq: number) => ({
  type: 'settled',
  ticket: ticketOf(id),
  opId: id,
  seq,
})
const refused = (id: number, code: RefusalCode | 'receipt-unknown') => ({
  type: 'refused',
  ticket: ticketOf(id),
  opId: id,
  code,
})

describe('[MG6] what waits', () => {
  test('goes out in order, once', () => {
    const outbox = outboxOf(3)
    expect(names(outbox.next())).toBe('m1 m2 m3')
    expect(outbox.next()).toEqual([])
    outbox.add(op(4), ticketOf(4))
    expect(names(outbox.next())).toBe('m4')
  })

  test('is numbered from 1 without gap', () => {
    const outbox = outboxOf(0)
    expect(outbox.nextOpId).toBe(1)
    outbox.add(op(1), ticketOf(1))
    expect(outbox.nextOpId).toBe(2)
    placed(outbox, 1, 1)
    outbox.stable(index(1))
    expect(outbox.nextOpId).toBe(2)
  })

  test('is bounded by its number', () => {
    const outbox = outboxOf(OUTBOX_OPS_MAX - 1)
    expect(outbox.isFull).toBe(false)
    outbox.add(op(OUTBOX_OPS_MAX), ticketOf(OUTBOX_OPS_MAX))
    expect(outbox.isFull).toBe(true)
    placed(outbox, 1, 1)
    outbox.stable(index(1))
    expect(outbox.isFull).toBe(false)
  })

  test('is bounded by its bytes', () => {
    const outbox = outboxOf(16, { size: OUTBOX_BYTES_MAX / 16 })
    expect(outbox.isFull).toBe(true)
    placed(outbox, 1, 1)
    outbox.stable(index(1))
    expect(outbox.isFull).toBe(false)
  })
})

describe('the window', () => {
  test('lets so many ops be on their way, and more as they arrive', () => {
    const outbox = outboxOf(WINDOW_OPS_MAX + 5)
    expect(outbox.next()).toHaveLength(WINDOW_OPS_MAX)
    expect(outbox.next()).toEqual([])
    placed(outbox, 1, 1)
    placed(outbox, 2, 2)
    expect(names(outbox.next())).toBe(`m${WINDOW_OPS_MAX + 1} m${WINDOW_OPS_MAX + 2}`)
  })

  test('lets so many bytes be on their way, and one op of any size', () => {
    const outbox = outboxOf(3, { size: WINDOW_BYTES_MAX + 1 })
    expect(names(outbox.next())).toBe('m1')
    placed(outbox, 1, 1)
    expect(names(outbox.next())).toBe('m2')
  })

  test('opens whole on a new connection', () => {
    const outbox = outboxOf(WINDOW_OPS_MAX)
    outbox.next()
    outbox.reconnected()
    expect(outbox.next()).toHaveLength(WINDOW_OPS_MAX)
  })

  test('never fills more than a frame', () =>
    expect(WINDOW_OPS_MAX).toBeLessThanOrEqual(FRAME_OPS_MAX))
})

describe('[MG4] an op leaves the outbox', () => {
  test('when its entry is stable, not when it stands in the log', () => {
    const outbox = outboxOf(1)
    expect(placed(outbox, 1, 5)).toEqual([])
    expect(outbox.stable(index(4))).toEqual([])
    expect(outbox.pending).toBe(1)
    expect(outbox.stable(index(5))).toEqual([settled(1, 5)])
    expect(outbox.pending).toBe(0)
  })

  test('not by an acknowledgement alone', () => {
    const outbox = outboxOf(1)
    outbox.next()
    expect(outbox.stable(index(1_000))).toEqual([])
    expect(outbox.pending).toBe(1)
  })

  test('with the code it was refused with', () => {
    const outbox = outboxOf(1)
    placed(outbox, 1, 5, 'room-full')
    expect(outbox.stable(index(5))).toEqual([refused(1, 'room-full')])
  })

  test('at once where the room holds it and no longer knows its place', () => {
    const outbox = outboxOf(1)
    expect(placed(outbox, 1, 0, 'receipt-unknown')).toEqual([refused(1, 'receipt-unknown')])
    outbox.stable(index(0))
    expect(outbox.pending).toBe(0)
  })

  test('in order: nothing overtakes what has no place yet', () => {
    const outbox = outboxOf(3)
    placed(outbox, 1, 1)
    placed(outbox, 3, 3)
    expect(outbox.stable(index(3))).toEqual([settled(1, 1)])
    placed(outbox, 2, 4)
    expect(outbox.stable(index(4))).toEqual([settled(2, 4), settled(3, 3)])
  })

  test('with one outcome, however often it is told', () => {
    const outbox = outboxOf(1)
    placed(outbox, 1, 5)
    outbox.stable(index(5))
    expect(placed(outbox, 1, 6)).toEqual([])
    expect(outbox.stable(index(9))).toEqual([])
  })

  test('of durability "host" with a receipt as soon as it is ordered, and stays until it is stable', () => {
    const outbox = outboxOf(1, { durability: 'host' })
    expect(placed(outbox, 1, 5)).toEqual([settled(1, 5)])
    expect(outbox.pending).toBe(1)
    expect(outbox.stable(index(5))).toEqual([])
    expect(outbox.pending).toBe(0)
  })
})

describe('[MG3] on a new connection', () => {
  test('what has no place in the log goes out again, in order, before what came since', () => {
    const outbox = outboxOf(3)
    outbox.next()
    placed(outbox, 1, 1)
    outbox.add(op(4), ticketOf(4))
    outbox.reconnected()
    expect(names(outbox.next())).toBe('m2 m3 m4')
  })

  test('what was cut from the log goes out again', () => {
    const outbox = outboxOf(3)
    outbox.next()
    for (const id of [1, 2, 3]) placed(outbox, id, id)
    outbox.cutBack(index(1), [op(2), op(3)])
    outbox.reconnected()
    expect(names(outbox.next())).toBe('m2 m3')
  })

  test('what was cut from the log waits for its new place', () => {
    const outbox = outboxOf(1)
    placed(outbox, 1, 5)
    outbox.cutBack(index(4), [op(1)])
    expect(outbox.stable(index(9))).toEqual([])
    placed(outbox, 1, 12)
    expect(outbox.stable(index(12))).toEqual([settled(1, 12)])
  })

  test('what was cut from the log has no second receipt', () => {
    const outbox = outboxOf(1, { durability: 'host' })
    placed(outbox, 1, 5)
    outbox.cutBack(index(4), [op(1)])
    expect(placed(outbox, 1, 12)).toEqual([])
    expect(outbox.stable(index(12))).toEqual([])
    expect(outbox.pending).toBe(0)
  })
})

describe('[EL5b] where the room turns out to retain something else', () => {
  const fold = (id: number): Op => ({
    action: 'compact',
    author: ME,
    opId: opId(id),
    key: 'k',
    value: new Uint8Array(4),
    seq: 1 as Seq,
    basis: { term: 1 as Term, host: ME },
  })

  test('of a compaction that waits only its number goes out, and it is refused', () => {
    const outbox = outboxOf(1)
    outbox.add(fold(2), ticketOf(2))
    outbox.next()
    outbox.outdateCompactions()
    outbox.reconnected()
    expect(outbox.next()).toEqual([
      op(1),
      { action: 'void', author: ME, opId: 2, code: 'compact-outdated' },
    ])
    placed(outbox, 1, 1)
    placed(outbox, 2, 2, 'compact-outdated')
    expect(outbox.stable(index(2))).toEqual([settled(1, 1), refused(2, 'compact-outdated')])
  })

  test('a compaction that has its place keeps it', () => {
    const outbox = outboxOf(0)
    outbox.add(fold(1), ticketOf(1))
    outbox.next()
    placed(outbox, 1, 1)
    outbox.outdateCompactions()
    expect(outbox.stable(index(1))).toEqual([settled(1, 1)])
  })
})

describe('[MG5] what was set aside', () => {
  test('goes out before anything of our own, under its old name', () => {
    const outbox = outboxOf(1)
    outbox.setAside([op(4, 'a'), op(9, 'b')])
    expect(names(outbox.next())).toBe('a4 b9 m1')
  })

  test('survives a second disconnect', () => {
    const outbox = outboxOf(0)
    outbox.setAside([op(4, 'a')])
    outbox.next()
    outbox.reconnected()
    expect(names(outbox.next())).toBe('a4')
    outbox.reconnected()
    expect(names(outbox.next())).toBe('a4')
  })

  test('is done with once it is back in the log', () => {
    const outbox = outboxOf(0)
    outbox.setAside([op(4, 'a')])
    outbox.next()
    expect(outbox.placed(peer('a'), opId(4), place(7))).toEqual([])
    outbox.reconnected()
    expect(outbox.next()).toEqual([])
  })

  test('is done with when someone else brought it back first', () => {
    const outbox = outboxOf(0)
    outbox.setAside([op(4, 'a'), op(5, 'a')])
    outbox.placed(peer('a'), opId(4), place(7))
    expect(names(outbox.next())).toBe('a5')
  })

  test('is set aside once, though the log is cut back twice', () => {
    const outbox = outboxOf(1)
    placed(outbox, 1, 3)
    outbox.cutBack(index(1), [op(4, 'a'), op(1)])
    outbox.cutBack(index(1), [op(4, 'a'), op(1)])
    outbox.reconnected()
    expect(names(outbox.next())).toBe('a4 m1')
  })

  test('may be of our own: settled long ago, lost with its branch, and no receipt a second time', () => {
    const outbox = outboxOf(2)
    placed(outbox, 1, 5)
    outbox.stable(index(5))
    outbox.cutBack(index(4), [op(1)])
    outbox.reconnected()
    expect(names(outbox.next())).toBe('m1 m2')
    expect(placed(outbox, 1, 8)).toEqual([])
    placed(outbox, 2, 9)
    expect(outbox.stable(index(9))).toEqual([settled(2, 9)])
  })

  test('is a conflict where it was acknowledged to us and the room cannot take it again', () => {
    const outbox = outboxOf(1)
    placed(outbox, 1, 5)
    outbox.stable(index(5))
    outbox.cutBack(index(4), [op(1), op(1, 'a')])
    outbox.reconnected()
    expect(placed(outbox, 1, 8, 'room-full')).toEqual([
      { type: 'conflict', op: op(1), code: 'room-full' },
    ])
    expect(outbox.placed(peer('a'), opId(1), place(9, 'room-full'))).toEqual([])
  })

  test('is no operation of ours without an outcome', () => {
    const outbox = outboxOf(1)
    outbox.setAside([op(4, 'a')])
    expect(outbox.pending).toBe(1)
  })

  test('shares the window with the rest', () => {
    const outbox = outboxOf(1)
    outbox.setAside(Array.from({ length: WINDOW_OPS_MAX }, (_, i) => op(i + 1, 'a')))
    expect(outbox.next()).toHaveLength(WINDOW_OPS_MAX)
    outbox.placed(peer('a'), opId(1), place(1))
    expect(names(outbox.next())).toBe('m1')
  })
})

describe('[MG3] the floor', () => {
  test('is the lowest own op that can still be supplied', () => {
    const outbox = outboxOf(3)
    expect(outbox.floor).toBe(1)
    placed(outbox, 1, 1)
    outbox.stable(index(1))
    expect(outbox.floor).toBe(2)
  })

  test('is the next one where none is left', () => {
    const outbox = outboxOf(1)
    placed(outbox, 1, 1)
    outbox.stable(index(1))
    expect(outbox.floor).toBe(2)
  })

  test("counts own ops that were set aside, and nobody else's", () => {
    const outbox = outboxOf(2)
    for (const id of [1, 2]) placed(outbox, id, id)
    outbox.stable(index(2))
    outbox.setAside([op(1, 'a'), op(2)])
    expect(outbox.floor).toBe(2)
  })
})

describe('[MG3] a gap', () => {
  test('is closed from where the host expects it, in order', () => {
    const outbox = outboxOf(4)
    outbox.next()
    placed(outbox, 1, 1)
    outbox.gap(ME, opId(2))
    expect(names(outbox.next())).toBe('m2 m3 m4')
  })

  test('begins with what had a place in a log that the room left, and gives its window back once', () => {
    const outbox = outboxOf(WINDOW_OPS_MAX + 2)
    outbox.next()
    for (const id of [1, 2]) placed(outbox, id, id)
    outbox.gap(ME, opId(2))
    expect(names(outbox.next().slice(0, 2))).toBe('m2 m3')
    expect(outbox.next()).toEqual([])
  })

  test('is counted from the oldest op that is still here', () => {
    const outbox = outboxOf(4)
    outbox.next()
    for (const id of [1, 2]) placed(outbox, id, id)
    outbox.stable(index(2))
    outbox.gap(ME, opId(3))
    expect(names(outbox.next())).toBe('m3 m4')
  })

  test('gives the window back', () => {
    const outbox = outboxOf(WINDOW_OPS_MAX + 1)
    outbox.next()
    outbox.gap(ME, opId(1))
    expect(outbox.next()).toHaveLength(WINDOW_OPS_MAX)
    expect(outbox.next()).toEqual([])
  })
})

test('[MG5i] an own op that was refused, or is in conflict, stays so, whatever branch it comes back with', () => {
  const outbox = outboxOf(1)
  outbox.next()
  placed(outbox, 1, 1, 'compact-out-of-range')
  expect(outbox.stable(index(1))).toMatchObject([{ type: 'refused', opId: 1 }])
  outbox.cutBack(index(0), [op(1), op(5, 'a')])
  expect(outbox.next()).toMatchObject([
    { action: 'void', opId: 1, code: 'compact-out-of-range' },
    { action: 'append', author: peer('a') },
  ])
  expect(outbox.aside).toBe(2)
  expect(placed(outbox, 1, 3, 'compact-out-of-range')).toEqual([])
})
