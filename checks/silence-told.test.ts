import { expect, test } from 'vitest'
import type { HistoryEvent } from './history.ts'
import { silenceTold } from './silence-told.ts'

const said = (atMs: number, status: 'connected' | 'disconnected'): HistoryEvent => ({
  atMs,
  peer: 'a',
  type: 'signaling',
  status,
})
const fault = (atMs: number, kind: 'socket-deaf' | 'freeze'): HistoryEvent => ({
  atMs,
  peer: '',
  type: 'fault',
  kind,
  what: kind,
  peers: ['a'],
})
const healed = (atMs: number, kind: 'socket-deaf' | 'freeze'): HistoryEvent => ({
  atMs,
  peer: '',
  type: 'healed',
  kind,
})
const quiet: HistoryEvent = { atMs: 60_000, peer: 'a', type: 'quiet', pending: 0 }

const DEAF = [said(0, 'connected'), fault(1_000, 'socket-deaf')]

test('[SG6d] a page says that its socket is deaf within a heartbeat and the time of an answer', () => {
  expect(silenceTold([...DEAF, quiet])).toBe(
    'a calls itself connected at 16500 ms, and nothing passes its socket since 1000 ms',
  )
  expect(silenceTold([...DEAF, said(16_000, 'disconnected'), quiet])).toBeNull()
  expect(silenceTold([...DEAF, said(17_000, 'disconnected'), quiet])).not.toBeNull()
})

test('[SG6d] a page that says so may be connected again at once', () => {
  const again = [said(9_000, 'disconnected'), said(9_050, 'connected')]
  expect(silenceTold([...DEAF, ...again, quiet])).toBeNull()
})

test('[SG6d] a page that was not connected has nothing to find out', () => {
  const before = [said(0, 'connected'), said(900, 'disconnected')]
  expect(silenceTold([...before, fault(1_000, 'socket-deaf'), quiet])).toBeNull()
})

test('[SG6d] a silence that is soon over may pass unnoticed', () => {
  expect(silenceTold([...DEAF, healed(16_000, 'socket-deaf'), quiet])).toBeNull()
  expect(silenceTold([...DEAF, healed(17_000, 'socket-deaf'), quiet])).not.toBeNull()
  expect(silenceTold(DEAF)).toBeNull()
})

test('[SG6d] a page that has gone, or stands still, says nothing', () => {
  const ended: HistoryEvent = { atMs: 9_000, peer: 'a', type: 'ended', how: 'crashed' }
  expect(silenceTold([...DEAF, ended, quiet])).toBeNull()
  expect(silenceTold([...DEAF, fault(2_000, 'freeze'), quiet])).toBeNull()
  const before = [said(0, 'connected'), fault(100, 'freeze'), healed(900, 'freeze')]
  expect(silenceTold([...before, fault(1_000, 'socket-deaf'), quiet])).not.toBeNull()
})
