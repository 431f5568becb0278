// Many messages at once through the gateway, with a host in this process.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { createToken } from '../../protocol/token.ts'
import { randomBytes } from '../../transport/clock.ts'
import { startServer, type RunningServer } from '../server.ts'
import { DriftClient } from './drift-scene.ts'
import { NodeHost } from './node-host.ts'

/** At this rate, which pages have among themselves, none of this would come about while a test lasts. */
const PAGE_BYTES_PER_SECOND = 16 * 1024

let server: RunningServer
let host: NodeHost
let url: string

beforeEach(async () => {
  server = await startServer({
    port: 0,
    gateway: true,
    restartGraceMs: 0,
    relayBytesPerSecond: PAGE_BYTES_PER_SECOND,
  })
  const token = createToken(randomBytes)
  host = await NodeHost.join(server.url, token)
  url = `${server.url.replace('http', 'ws')}room/${token}/connect`
})

afterEach(async () => {
  host.room.close()
  await server.close()
})

test('[RE2] 5,000 appends of a client and 5,000 of a page in one burst reach everyone, once, in one order', async () => {
  const clients = await Promise.all([DriftClient.connect(url), DriftClient.connect(url, 'cbor')])
  const [writer, reader] = clients as [DriftClient, DriftClient]
  for (let n = 0; n < 5_000; n++)
    writer.send({ type: 'push', key: 'burst', value: `client ${n}`, action: { type: 'append' } })
  host.append('burst', ...Array.from({ length: 5_000 }, (_, n) => `page ${n}`))
  const pushes = (client: DriftClient) => client.told.filter(({ type }) => type === 'push')
  await Promise.all(
    clients.map((client) =>
      client.until(() => client.told.length >= 10_000 && pushes(client).length === 10_000),
    ),
  )
  await writer.mark()
  const sequence = host.given.map(({ seq, value }) => ({
    type: 'push',
    key: 'burst',
    value,
    seq,
  }))
  expect(sequence.map(({ seq }) => seq)).toEqual(Array.from({ length: 10_000 }, (_, i) => i + 1))
  expect(new Set(sequence.map(({ value }) => value)).size).toBe(10_000)
  for (const author of ['page', 'client']) {
    const own = sequence.flatMap(({ value }) =>
      String(value).startsWith(author) ? [Number(String(value).split(' ')[1])] : [],
    )
    expect(own).toEqual(own.toSorted((a, b) => a - b))
  }
  expect(pushes(reader)).toEqual(sequence)
  expect(pushes(writer)).toEqual(sequence)
  expect(writer.told.filter(({ type }) => type === 'stream_size')).toHaveLength(
    sequence.filter(({ value }, i) => i > 0 && String(value).startsWith('client')).length,
  )
  expect(writer.told.some(({ type }) => type === 'error')).toBe(false)
})

/** The gateway waits for a room for 30 s. On a busy machine a client has to ask again. */
async function connectOnceReady(): Promise<DriftClient> {
  for (;;) {
    const client = await DriftClient.connect(url).catch((error: Error) => {
      expect(error.message).toContain('503')
      return null
    })
    if (client !== null) return client
  }
}

test('[SG5] a room that retains 12 MiB, far more than a page may relay to others, is there when a client asks', async () => {
  for (let n = 0; n < 12; n++) host.append('large', `${n}`.padEnd(1024 * 1024, 'x'))
  await host.until(() => host.given.length === 12)
  const client = await connectOnceReady()
  for (const seq of [0, 10]) client.send({ type: 'get', key: 'large', seq })
  await client.mark()
  expect(
    client
      .drain()
      .map(({ data }) => (data as readonly { readonly seq: number }[]).map(({ seq }) => seq)),
  ).toEqual([
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    [11, 12],
  ])
  client.socket.terminate()
})
