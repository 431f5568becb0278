import { expect, test } from 'vitest'
import type { PeerId } from '../protocol/ids.ts'
import { presenceRight, type Board } from './presence-right.ts'

const peer = (name: string) => name as PeerId
const board = (
  name: string,
  others: Readonly<Record<string, string>>,
  flickered: string | null = null,
): Board => ({
  id: peer(name),
  name,
  mine: `${name}.1`,
  others: new Map(Object.entries(others).map(([id, state]) => [peer(id), state])),
  flickered: flickered === null ? null : peer(flickered),
})

test('pages that show each other as they last told keep the promise', () => {
  expect(presenceRight([board('p1', { p2: 'p2.1' }), board('p2', { p1: 'p1.1' })])).toBe(null)
  expect(presenceRight([board('p1', {})])).toBe(null)
})

test('[SH11] who is here and not shown, or as it was before, breaks it', () => {
  expect(presenceRight([board('p1', { p2: 'p2.1' }), board('p2', {})])).toBe('p2 ends without p1')
  expect(presenceRight([board('p1', { p2: 'p2.0' }), board('p2', { p1: 'p1.1' })])).toBe(
    'p1 ends with p2 as p2.0, which last told p2.1',
  )
})

test('[SH12] who is gone and shown, or went while it was here, breaks it', () => {
  expect(presenceRight([board('p1', { p3: 'p3.1' })])).toBe('p1 ends with p3, which is gone')
  expect(presenceRight([board('p1', { p2: 'p2.1' }), board('p2', { p1: 'p1.1' }, 'p1')])).toBe(
    'p1 went from the board of p2 while it was here',
  )
})
