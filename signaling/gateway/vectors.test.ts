// DriftDB's own conversations over the gateway's real sockets, with a host in this process. e2e/gateway.spec.ts
// holds them with a real tab.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer, type RunningServer } from '../server.ts'
import { CONVERSATIONS, hold } from './drift-scene.ts'
import { NodeHost } from './node-host.ts'

let server: RunningServer
const hosts: NodeHost[] = []

beforeAll(async () => {
  server = await startServer({ port: 0, gateway: true, restartGraceMs: 0 })
})

afterAll(async () => {
  for (const { room } of hosts) room.close()
  await server.close()
})

async function openRoom(): Promise<string> {
  const { room, socket_url: url } = (await (
    await fetch(`${server.url}new`, { method: 'POST' })
  ).json()) as { room: string; socket_url: string }
  hosts.push(await NodeHost.join(server.url, room))
  return url
}

describe.each(['json', 'cbor'] as const)(
  '[RE1-RE6] as DriftDB has it, over the gateway in %s',
  (encoding) => {
    test.each(CONVERSATIONS.map((conversation) => [conversation.name, conversation] as const))(
      '%s',
      async (_, conversation) => {
        expect(await hold(conversation, { encoding, openRoom, interlude: null })).toEqual([])
      },
    )
  },
)
