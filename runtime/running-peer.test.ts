import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Term } from '../protocol/ids.ts'
import type { FromSignaling, ToSignaling } from '../protocol/signals.ts'
import { peer } from '../protocol/testing-ids.ts'
import { ManualTimers } from '../transport/manual-timers.ts'
import type { DialedSocket } from '../transport/signaling-socket.ts'
import { RunningPeer } from './running-peer.ts'

class FakeSocket implements DialedSocket {
  onopen: DialedSocket['onopen'] = null
  onmessage: DialedSocket['onmessage'] = null
  onclose: DialedSocket['onclose'] = null
  readonly sent: ToSignaling[] = []
  isClosed = false

  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }

  close(): void {
    this.isClosed = true
  }

  opens(): void {
    this.onopen?.call(null as never, {} as never)
  }

  says(message: FromSignaling): void {
    this.onmessage?.call(null as never, { data: JSON.stringify(message) } as never)
  }
}

const stranger = peer('s')

let socket: FakeSocket
let heard: string[]
let inputs: number
let running: RunningPeer

beforeEach(() => {
  socket = new FakeSocket()
  heard = []
  inputs = 0
  running = start(() => socket)
  socket.opens()
})

function start(dial: () => DialedSocket): RunningPeer {
  return new RunningPeer({
    token: 'a token of a test',
    peer: { canHost: true, visible: true, durability: 'standby' },
    timers: Object.assign(new ManualTimers(), { close: () => heard.push('timers closed') }),
    dial,
    createPeer: () => {
      throw new Error('no WebRTC here')
    },
    onOutput: () => {},
    onInputDone: () => inputs++,
    onLinks: () => {},
    onSignaled: ({ type }) => heard.push(type),
    onFailed: (peer) => heard.push(`failed ${peer[0]}`),
    onTampered: () => heard.push('tampered'),
    onMalformed: () => heard.push('malformed'),
    onBroken: (error) => {
      throw error
    },
  })
}

const joined = { type: 'joined', members: [], claim: null, hostHere: false } as const

describe('a running peer', () => {
  test('says who it is as soon as its socket is open', () => {
    expect(socket.sent).toMatchObject([{ type: 'join', peer: running.peer.self, claim: null }])
    expect(inputs).toBe(0)
  })

  test('dials before it draws its name and derives what the room is known by', () => {
    const draws = vi.spyOn(crypto, 'getRandomValues')
    let drawsBefore = Infinity
    start(() => {
      drawsBefore = draws.mock.calls.length
      return new FakeSocket()
    })
    expect(drawsBefore).toBe(0)
    expect(draws).toHaveBeenCalled()
    draws.mockRestore()
  })

  test('is told by signaling who is here and who hosts', () => {
    socket.says({ ...joined, relay: true })
    expect(running.canRelay).toBe(true)
    const claim = { term: 1 as Term, host: running.peer.self }
    running.feed({ type: 'ticked' })
    expect(socket.sent.at(-1)).toMatchObject({ type: 'claim', term: 1 })
    socket.says({ type: 'host', claim })
    expect(running.peer.isHosting).toBe(true)
    expect(heard).toEqual(['joined', 'host'])
  })

  test('hears nothing of what is for its links or its owner alone', () => {
    socket.says(joined)
    inputs = 0
    heard.length = 0
    socket.says({ type: 'pause', ms: 10 })
    socket.says({ type: 'relay', from: stranger, session: 'a'.repeat(16), box: 'AAAA' })
    socket.says({ type: 'turn', urls: ['turn:here'], username: 'u', credential: 'c' })
    socket.says({ type: 'error', code: 'slow-down', message: 'Slower.' })
    expect(inputs).toBe(0)
    expect(heard).toEqual(['pause', 'relay', 'turn', 'error'])
  })

  test('reports an envelope that does not open, and that only', () => {
    socket.says({ type: 'signal', from: stranger, attempt: 'a'.repeat(16), box: 'A'.repeat(64) })
    expect(heard).toEqual(['tampered', 'signal'])
    expect(inputs).toBe(0)
  })

  test('says goodbye while its socket is still open, and is fed with nothing afterwards', () => {
    socket.says(joined)
    running.sayGoodbye()
    expect(socket.sent.at(-1)).toEqual({ type: 'bye' })
    inputs = 0
    running.feed({ type: 'ticked' })
    expect(inputs).toBe(0)
    expect(socket.isClosed).toBe(false)
    running.closeSignaling()
    running.closeLinks()
    expect(socket.isClosed).toBe(true)
    expect(heard.at(-1)).toBe('timers closed')
  })
})
