import { expect, test } from 'vitest'
import type { HistoryEvent } from './history.ts'
import { oneHost } from './one-host.ts'

function reign(atMs: number, host: string, term: number): HistoryEvent[] {
  return [
    { atMs, peer: host, type: 'hosting', branch: `${term}:${host}` },
    { atMs, peer: host, type: 'live', branch: `${term}:${host}` },
  ]
}

const both = [...reign(100, 'a', 2), ...reign(200, 'b', 2)]

test('two hosts of one term are found', () => {
  expect(oneHost(both)).toBe('term 2 has two hosts: b, says b at 200 ms, and a, says a at 100 ms')
})

test('they are two branches where some could not reach signaling', () => {
  const faults: HistoryEvent[] = [
    {
      atMs: 50,
      peer: '',
      type: 'fault',
      kind: 'partition',
      what: 'a | b',
      signaling: 'unreachable',
    },
    { atMs: 50, peer: '', type: 'fault', kind: 'signaling-down', what: 'stopped' },
    { atMs: 50, peer: '', type: 'fault', kind: 'socket-cut', what: 'a', peers: ['a'] },
    { atMs: 50, peer: '', type: 'fault', kind: 'cut', what: 'a', peers: ['a'] },
  ]
  for (const fault of faults) expect(oneHost([fault, ...both])).toBeNull()
})

test('a partition in reach of signaling, or one long over, excuses nothing', () => {
  const partition = { atMs: 50, peer: '', type: 'fault', kind: 'partition', what: 'a | b' } as const
  expect(oneHost([partition, ...both])).not.toBeNull()
  expect(
    oneHost([
      { ...partition, signaling: 'unreachable' },
      { atMs: 60, peer: '', type: 'healed' },
      ...reign(100_000, 'a', 2),
      ...reign(200_000, 'b', 2),
    ]),
  ).not.toBeNull()
})

test('what a follower says counts, too', () => {
  expect(
    oneHost([...reign(100, 'a', 2), { atMs: 200, peer: 'c', type: 'live', branch: '2:b' }]),
  ).toContain('b, says c')
})

test('nobody hosts under another name', () => {
  expect(oneHost([{ atMs: 1, peer: 'a', type: 'hosting', branch: '1:b' }])).toBe(
    'a at 1 ms says that it hosts 1:b',
  )
})

test('a page that joined not to host never does', () => {
  const joined = { atMs: 0, peer: 'a', type: 'joined', canHost: false } as const
  expect(oneHost([joined, ...reign(100, 'a', 2)])).toBe(
    'a at 100 ms hosts 2:a, and was to host nothing',
  )
  expect(oneHost([joined, ...reign(100, 'b', 2)])).toBeNull()
})

test('a room whose last page has gone begins anew', () => {
  const ended = (peer: string): HistoryEvent => ({ atMs: 150, peer, type: 'ended', how: 'left' })
  expect(oneHost([...reign(100, 'a', 1), ended('a'), ...reign(200, 'b', 1)])).toBeNull()
  expect(
    oneHost([
      ...reign(100, 'a', 1),
      { atMs: 110, peer: 'c', type: 'live', branch: '1:a' },
      ended('a'),
      ...reign(200, 'b', 1),
    ]),
  ).not.toBeNull()
})

test('a service knows nothing of a room of which only pages are left that are hung, frozen, or out of reach', () => {
  const froze: HistoryEvent = {
    atMs: 120,
    peer: '',
    type: 'fault',
    kind: 'freeze',
    what: 'c',
    peers: ['c'],
  }
  const thawed: HistoryEvent = { atMs: 140, peer: '', type: 'healed', kind: 'freeze', what: 'c' }
  const left: HistoryEvent = { atMs: 150, peer: 'a', type: 'ended', how: 'left' }
  const before: HistoryEvent[] = [
    ...reign(100, 'a', 1),
    { atMs: 110, peer: 'c', type: 'live', branch: '1:a' },
  ]
  expect(oneHost([...before, froze, left, ...reign(200, 'b', 1)])).toBeNull()
  expect(oneHost([...before, { ...froze, kind: 'hang' }, left, ...reign(200, 'b', 1)])).toBeNull()
  expect(
    oneHost([
      ...before,
      {
        atMs: 120,
        peer: '',
        type: 'fault',
        kind: 'partition',
        what: 'c',
        peers: ['c'],
        signaling: 'unreachable',
      },
      { ...thawed, kind: 'partition' },
      left,
      ...reign(20_000, 'b', 1),
    ]),
  ).toBeNull()
  expect(oneHost([...before, froze, ...reign(200, 'b', 1)])).not.toBeNull()
  expect(oneHost([...before, froze, thawed, left, ...reign(200, 'b', 1)])).not.toBeNull()
})

test('a service that restarted knows nothing of a term whose every witness has gone', () => {
  const witness: HistoryEvent = { atMs: 110, peer: 'c', type: 'live', branch: '2:a' }
  const old: HistoryEvent = { atMs: 110, peer: 'd', type: 'live', branch: '1:d' }
  const restart: HistoryEvent = {
    atMs: 120,
    peer: '',
    type: 'fault',
    kind: 'signaling-restart',
    what: 'came back with nothing',
  }
  const ended = (peer: string): HistoryEvent => ({ atMs: 150, peer, type: 'ended', how: 'left' })
  const then = reign(100_000, 'b', 2)
  expect(
    oneHost([...reign(100, 'a', 2), old, witness, restart, ended('a'), ended('c'), ...then]),
  ).toBeNull()
  expect(
    oneHost([...reign(100, 'a', 2), old, witness, restart, ended('a'), ...then]),
  ).not.toBeNull()
  expect(
    oneHost([...reign(100, 'a', 2), old, witness, ended('a'), ended('c'), ...then]),
  ).not.toBeNull()
})
