// What clients of the gateway see while the pages of their room come and go, with hosts in this process.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { createToken } from '../../protocol/token.ts'
import { randomBytes } from '../../transport/clock.ts'
import { startServer, type RunningServer } from '../server.ts'
import { DriftClient } from './drift-scene.ts'
import { NodeHost } from './node-host.ts'

let server: RunningServer
let hosts: NodeHost[] = []
let token: string
let url: string

beforeEach(async () => {
  server = await startServer({ port: 0, gateway: true, restartGraceMs: 0 })
  token = createToken(randomBytes)
  url = `${server.url.replace('http', 'ws')}room/${token}/connect`
})

afterEach(async () => {
  for (const { room } of hosts) room.close()
  hosts = []
  await server.close()
})

async function join(): Promise<NodeHost> {
  const host = await NodeHost.join(server.url, token)
  hosts.push(host)
  return host
}

function leave(host: NodeHost): void {
  host.room.close()
  hosts = hosts.filter((one) => one !== host)
}

const push = (value: unknown, type = 'append') => ({
  type: 'push',
  key: 'k',
  value,
  action: { type },
})

test('[GW4] a room outlives its last page while a gateway client is in it: the next page goes on with it', async () => {
  const first = await join()
  const client = await DriftClient.connect(url)
  client.send(push(1))
  client.send(push(2))
  await client.mark()
  leave(first)
  client.send(push(3)) // waits for somebody to host
  const second = await join()
  await client.mark()
  expect(client.drain().filter(({ type }) => type !== 'stream_size')).toEqual(
    [1, 2, 3].map((value) => ({ type: 'push', key: 'k', value, seq: value })),
  )
  client.send({ type: 'get', key: 'k' })
  await client.mark()
  expect(client.drain()).toEqual([
    { type: 'init', key: 'k', data: [1, 2, 3].map((value) => ({ value, seq: value })) },
  ])
  await second.until(() => second.room.peer.replica.engine?.size('k') === 3)
  await client.close()
})

test('[GW4] hosts come and go while a client pushes: nothing is missed or repeated', async () => {
  let host = await join()
  const client = await DriftClient.connect(url)
  for (let n = 0; n < 5; n++) {
    const next = await join()
    for (let i = 0; i < 100; i++) client.send(push(n * 100 + i))
    leave(host)
    host = next
  }
  await client.mark()
  const pushes = client.drain().filter(({ type }) => type === 'push')
  expect(pushes.map(({ value }) => value)).toEqual(Array.from({ length: 500 }, (_, i) => i))
  expect(pushes.map(({ seq }) => seq)).toEqual(Array.from({ length: 500 }, (_, i) => i + 1))
  await client.close()
})
