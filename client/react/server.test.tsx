// On a server there is no page and no room: everything shows what it starts from.

import type { ReactNode } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import type { Room } from '../index.ts'
import {
  RoomProvider,
  RoomQRCode,
  StatusIndicator,
  useClientId,
  useLatency,
  usePeers,
  usePresence,
  useRoom,
  useSharedLog,
  useSharedMap,
  useSharedReducer,
  useSharedValue,
  useStatus,
} from './index.ts'

function State() {
  return <p>{JSON.stringify([useRoom(), useStatus().status, usePeers().length, useLatency()])}</p>
}

test('a provider renders on a server, and joins nothing there', () => {
  const html = renderToString(
    <RoomProvider token="a room of this test">
      <State />
      <StatusIndicator />
      <RoomQRCode />
    </RoomProvider>,
  )
  expect(html).toContain('[null,&quot;connecting&quot;,0,null]')
  expect(html).toContain('data-status="connecting"')
  expect(html).toContain('Connecting')
  expect(html).not.toContain('<svg')
})

function Shared() {
  const [value, , isReady] = useSharedValue('value', 7)
  const [map] = useSharedMap('map')
  const [log] = useSharedLog('log')
  const [state] = useSharedReducer('reducer', (sum: number, step: number) => sum + step, 40)
  const [others] = usePresence({ name: 'server' })
  return (
    <p>
      {JSON.stringify([useClientId(), isReady, value, map.size, log.length, state, others.size])}
    </p>
  )
}

test('shared objects show what they start from', () => {
  expect(
    renderToString(
      <RoomProvider>
        <Shared />
      </RoomProvider>,
    ),
  ).toBe('<p>[null,false,7,0,0,40,0]</p>')
})

test('a page is told in its own language', () => {
  expect(
    renderToString(
      <RoomProvider>
        <StatusIndicator words={{ connecting: 'Verbindet' }} />
      </RoomProvider>,
    ),
  ).toContain('Verbindet')
})

test('a QR code of a link of its own is drawn without a room', () => {
  const html = renderToString(
    <RoomProvider>
      <RoomQRCode url="https://example.org/#room=x" size={99} label="Scan me" />
    </RoomProvider>,
  )
  expect(html).toMatch(
    /^<svg role="img" aria-label="Scan me" width="99" height="99" viewBox="0 0 37 37">/,
  )
  // Its top left corner: a ring of seven modules around a square of three, behind a quiet border of four.
  expect(html).toContain('<path d="M4 4h7v1h-7z')
  expect(html).toContain('M4 7h1v1h-1zM6 7h3v1h-3zM10 7h1v1h-1z')
})

test('a hook without a provider says what is missing', () => {
  expect(() => renderToString(<State />)).toThrow('put a <RoomProvider> around')
})

test('a room of the app is shown as it is, after hydration', () => {
  const room = {
    token: 't',
    subscribe() {},
    status: { status: 'live' },
    peers: [],
    latency: 1.4,
  } as unknown as Room
  const html = renderToString(
    <RoomProvider room={room}>
      <State />
    </RoomProvider>,
  )
  expect(html).toContain('&quot;connecting&quot;')
})

test.each<[string, () => ReactNode, RegExp]>([
  ['no room', () => <RoomProvider room={7 as never} />, /what joinRoom\(\) gives/],
  [
    'options beside a room that is there',
    () => <RoomProvider {...({ room: { subscribe() {} }, canHost: false } as object)} />,
    /joined already, so `canHost` changes nothing/,
  ],
])('a provider is not given %s', (_, Provider, sentence) => {
  expect(() => renderToString(<Provider />)).toThrow(
    expect.objectContaining({
      code: 'bad-argument',
      message: expect.stringMatching(sentence),
    }),
  )
})

test.each([0, -1, Number.NaN, Infinity, 'fast' as never])(
  'latency is not looked at every %s ms',
  (ms) => {
    function Latency() {
      return <p>{useLatency(ms)}</p>
    }
    expect(() =>
      renderToString(
        <RoomProvider>
          <Latency />
        </RoomProvider>,
      ),
    ).toThrow(expect.objectContaining({ code: 'bad-argument' }))
  },
)
