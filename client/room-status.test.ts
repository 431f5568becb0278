import { expect, test } from 'vitest'
import type { PeerId } from '../protocol/ids.ts'
import type { RoomStatus } from './api.ts'
import { isNews, KnownHost } from './room-status.ts'

const [A, B] = ['a', 'b'].map((letter) => letter.repeat(22) as PeerId) as [PeerId, PeerId]

function statusWith(changes: Partial<RoomStatus>): RoomStatus {
  return {
    status: 'live',
    role: 'peer',
    term: 1,
    hostId: A,
    signaling: 'connected',
    path: 'direct',
    seq: 7,
    pending: 0,
    persisted: false,
    ...changes,
  }
}

const live = statusWith({})
const migrating = statusWith({ status: 'migrating' })
const offline = statusWith({ status: 'offline' })

test('the first host comes without a gap, and is no news a second time', () => {
  const known = new KnownHost()
  expect(known.isNone).toBe(true)
  known.statusChanged(statusWith({ status: 'connecting' }), statusWith({ status: 'connecting' }), 5)
  expect(known.leads(A, 1, 900)).toEqual({ hostId: A, term: 1, previousHostId: null, gapMs: 0 })
  expect(known.isNone).toBe(false)
  expect(known.leads(A, 2, 950)).toBeNull()
})

test('the gap of another host begins when messages ceased to flow, whatever else was told meanwhile', () => {
  const known = new KnownHost()
  known.leads(A, 1, 0)
  known.statusChanged(migrating, live, 1_000)
  known.statusChanged(offline, migrating, 2_000)
  known.statusChanged(migrating, offline, 3_000)
  expect(known.leads(B, 2, 4_000)).toMatchObject({ previousHostId: A, gapMs: 3_000 })
})

test('a gap that ended under the same host does not count for the next one', () => {
  const known = new KnownHost()
  known.leads(A, 1, 0)
  known.statusChanged(migrating, live, 1_000)
  known.statusChanged(live, migrating, 2_000)
  known.statusChanged(migrating, live, 9_000)
  expect(known.leads(B, 2, 9_250)).toMatchObject({ gapMs: 250 })
})

test('what changes with every message is no news', () => {
  expect(isNews(statusWith({ seq: 8, pending: 3 }), live)).toBe(false)
  for (const change of [
    { status: 'migrating' },
    { role: 'host' },
    { term: 2 },
    { hostId: B },
    { signaling: 'disconnected' },
    { path: 'relayed' },
  ] as const)
    expect(isNews(statusWith(change), live)).toBe(true)
})
