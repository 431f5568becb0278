// Runs in every page of the benchmark: bare data channels beside the room, and both sides of each measurement.
// Baton itself is the build that users get; nothing of it is bundled in here but simple-peer's door.

import { fromBase64Url, toBase64Url } from '../protocol/base64url.ts'
import { PROTOCOL_VERSION } from '../protocol/limits.ts'
import type { PeerId } from '../protocol/ids.ts'
import { drawPeerName } from '../protocol/peer-secret.ts'
import type { FromSignaling, ToSignaling } from '../protocol/signals.ts'
import { randomBytes } from '../transport/clock.ts'
import { HIGH_WATER_BYTES, LOW_WATER_BYTES } from '../transport/link-limits.ts'
import { createWebRtcPeer, type PeerSignal } from '../transport/webrtc-peer.ts'
import type { TestPage } from '../e2e/stage.ts'

const page = window as unknown as TestPage

/** Of one clock for all pages of a browser, in milliseconds. */
const now = () => performance.timeOrigin + performance.now()

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

// --- bare data channels ---

const connections: RTCPeerConnection[] = []
const channels: RTCDataChannel[] = []

async function describe(connection: RTCPeerConnection): Promise<string> {
  await connection.setLocalDescription()
  while (connection.iceGatheringState !== 'complete')
    await new Promise((resolve) =>
      connection.addEventListener('icegatheringstatechange', resolve, { once: true }),
    )
  return connection.localDescription!.sdp
}

function takeChannel(channel: RTCDataChannel): void {
  channel.binaryType = 'arraybuffer'
  channel.bufferedAmountLowThreshold = LOW_WATER_BYTES
  channels.push(channel)
}

async function offerRaw(): Promise<string> {
  const connection = new RTCPeerConnection()
  connections.push(connection)
  takeChannel(connection.createDataChannel('raw'))
  return describe(connection)
}

async function answerRaw(sdp: string): Promise<string> {
  const connection = new RTCPeerConnection()
  connections.push(connection)
  connection.ondatachannel = ({ channel }) => takeChannel(channel)
  await connection.setRemoteDescription({ type: 'offer', sdp })
  return describe(connection)
}

async function acceptRaw(sdp: string): Promise<void> {
  await connections.at(-1)!.setRemoteDescription({ type: 'answer', sdp })
}

async function untilRawIsOpen(): Promise<void> {
  while (channels.length < connections.length || channels.at(-1)!.readyState !== 'open')
    await pause(5)
}

/** Passes on what comes over this page's first channel by all others, each as full as Baton would keep it. */
function relayRaw(): void {
  const relays = channels.slice(1).map((channel) => {
    const waiting: ArrayBuffer[] = []
    const pump = () => {
      while (waiting.length > 0 && channel.bufferedAmount < HIGH_WATER_BYTES)
        channel.send(waiting.shift()!)
    }
    channel.onbufferedamountlow = pump
    return (data: ArrayBuffer) => {
      waiting.push(data)
      pump()
    }
  })
  channels[0]!.onmessage = ({ data }: MessageEvent<ArrayBuffer>) =>
    relays.forEach((relay) => relay(data))
}

// --- latency ---

const LATENCY_BYTES = 100
let latencies: { raw: number[]; room: number[] } = { raw: [], room: [] }

function hearLatencies(): void {
  latencies = { raw: [], room: [] }
  channels[0]!.onmessage = ({ data }: MessageEvent<string>) =>
    latencies.raw.push(now() - Number(data))
  page.room.subscribe('latency', ({ value }) => latencies.room.push(now() - Number(value)))
}

/** One message raw, one through the room, and so on; all is quiet again before the next one. */
async function sendByTurns(count: number): Promise<void> {
  for (let sent = 0; sent < count; sent++) {
    channels[0]!.send(String(now()).padEnd(LATENCY_BYTES))
    await pause(5 + 5 * Math.random())
    await page.room.append('latency', String(now()).padEnd(LATENCY_BYTES - 2)) // JSON adds the quotes
    await pause(5 + 5 * Math.random())
  }
}

async function untilLatencies(count: number): Promise<typeof latencies> {
  while (Math.min(latencies.raw.length, latencies.room.length) < count) await pause(10)
  return latencies
}

// --- throughput ---

/** Over a bare data channel, or through the room by one of its actions. */
export type Way = 'raw' | 'append' | 'relay'

let received = Promise.resolve(0)

/** From now on counts to `count`; what arrived is not kept. */
function expectItems(way: Way, count: number): void {
  received = new Promise((resolve) => {
    let left = count
    const take = () => {
      if (--left > 0) return
      stop()
      page.given = []
      resolve(now())
    }
    const stop = way === 'raw' ? () => (channels[0]!.onmessage = null) : page.room.onMessage(take)
    if (way === 'raw') channels[0]!.onmessage = take
  })
}

const untilReceived = () => received

/** Sends so many values of that size as fast as they are taken, and tells when it began. */
async function pour(way: Way, count: number, bytes: number): Promise<number> {
  const startMs = now()
  if (way === 'raw') await pourRaw(count, bytes)
  else await pourIntoRoom(way, count, bytes)
  return startMs
}

/** Each value in a message of its own, the channel as full as Baton would keep it. */
async function pourRaw(count: number, bytes: number): Promise<void> {
  const channel = channels[0]!
  const value = new Uint8Array(bytes)
  for (let sent = 0; sent < count; sent++) {
    if (channel.bufferedAmount >= HIGH_WATER_BYTES)
      await new Promise((resolve) =>
        channel.addEventListener('bufferedamountlow', resolve, { once: true }),
      )
    channel.send(value)
  }
}

/** Sends a batch while the one before is on its way to its receipts. */
const BATCH_BYTES = 512 * 1024

async function pourIntoRoom(
  action: 'append' | 'relay',
  count: number,
  bytes: number,
): Promise<void> {
  const batch = Math.ceil(BATCH_BYTES / bytes)
  const value = new Uint8Array(bytes - 1) // the room adds a byte that tells bytes from JSON
  let before: Promise<unknown> = Promise.resolve()
  for (let sent = 0; sent < count; sent += batch) {
    const receipts = Promise.all(
      Array.from({ length: Math.min(batch, count - sent) }, () => page.room[action]('pour', value)),
    )
    await before
    before = receipts
  }
  await before
}

// --- joining ---

const STREAM_KEY = 'stream'

async function fillStream(messages: number): Promise<void> {
  await Promise.all(
    Array.from({ length: messages }, (_, n) =>
      page.room.append(STREAM_KEY, `message ${n}`.padEnd(98)),
    ),
  )
}

/** Milliseconds from joinRoom() to the first message of the stream. */
async function joinRoomMs(token: string): Promise<number> {
  const startMs = now()
  page.room = page.Baton.joinRoom({ token })
  await new Promise((resolve) => page.room.subscribe(STREAM_KEY, resolve, { replay: true }))
  return now() - startMs
}

const leaveRoom = () => page.room.leave()

/** Milliseconds from opening the signaling socket to a connected simple-peer, with the peer that is there already. */
function joinBareMs(topic: string): Promise<number> {
  const startMs = now()
  return new Promise((resolve) => enterBare(topic, () => resolve(now() - startMs)))
}

/** Answers whoever joins bare. */
function answerBare(topic: string): Promise<void> {
  return new Promise((resolve) => enterBare(topic, () => {}, resolve))
}

/** The least that simple-peer needs: the newcomer offers to the first peer it finds, with candidates as they come. */
function enterBare(topic: string, onConnect: () => void, onAlone: () => void = () => {}): void {
  const socket = new WebSocket(new URL('/signal', location.href.replace(/^http/, 'ws')))
  const say = (message: ToSignaling) => socket.send(JSON.stringify(message))
  const peers = new Map<PeerId, ReturnType<typeof createWebRtcPeer>>()
  const peerFor = (other: PeerId, initiator: boolean) => {
    const known = peers.get(other)
    if (known !== undefined) return known
    const peer = createWebRtcPeer(initiator, [], () => {})
    peers.set(other, peer)
    peer.on('signal', (signal) =>
      say({
        type: 'signal',
        to: other,
        attempt: 'bare',
        box: toBase64Url(new TextEncoder().encode(JSON.stringify(signal))),
      }),
    )
    peer.on('connect', onConnect)
    peer.on('error', () => peers.delete(other)) // the newcomer's tab was closed
    return peer
  }
  socket.onopen = () =>
    say({
      type: 'join',
      version: PROTOCOL_VERSION,
      topic: topic as never,
      ...drawPeerName(randomBytes),
      claim: null,
    })
  socket.onmessage = ({ data }: MessageEvent<string>) => {
    const message = JSON.parse(data) as FromSignaling
    if (message.type === 'joined') {
      const [there] = message.members
      if (there === undefined) onAlone()
      else peerFor(there.peer, true)
    } else if (message.type === 'signal') {
      peerFor(message.from, false).signal(
        JSON.parse(new TextDecoder().decode(fromBase64Url(message.box)!)) as PeerSignal,
      )
    } else if (message.type === 'error') throw new Error(message.message)
  }
}

const bench = {
  offerRaw,
  answerRaw,
  acceptRaw,
  untilRawIsOpen,
  relayRaw,
  hearLatencies,
  sendByTurns,
  untilLatencies,
  expectItems,
  untilReceived,
  pour,
  fillStream,
  joinRoomMs,
  leaveRoom,
  joinBareMs,
  answerBare,
}

declare global {
  interface Window {
    bench: typeof bench
  }
}

window.bench = bench
