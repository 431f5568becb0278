import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HostNames } from './host-names.ts'
import { createHttpServer } from './http.ts'
import { DEFAULT_LIMITS } from './directory/service-limits.ts'
import { Origins } from './origins.ts'
import { Service } from './service.ts'
import { SignalDoor } from './signal-door.ts'

let distFolder: string
let server: Server
let url: string

beforeEach(async () => {
  distFolder = await mkdtemp(join(tmpdir(), 'baton-dist-'))
  const service = new Service(DEFAULT_LIMITS, () => {})
  const hostNames = new HostNames({ host: '127.0.0.1', names: [], origins: [] })
  server = createHttpServer(service, {
    folder: null,
    distFolder,
    base: '/',
    isolate: false,
    door: new SignalDoor(service, {
      paths: ['/signal'],
      origins: new Origins([]),
      hostNames,
      trustedProxies: 0,
    }),
    hostNames,
    trustedProxies: 0,
    connectionsPerAddressMax: 10,
    connectionsMax: 1,
    gateway: null,
    log: () => {},
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(async () => {
  server.close()
  await rm(distFolder, { recursive: true })
})

test.each(['baton.js', 'baton.global.js', 'baton-room.js', 'baton-text.js', 'baton-timers.js'])(
  '%s is served to pages of any origin, and asked for again each time',
  async (file) => {
    await writeFile(join(distFolder, file), 'export {}')
    const { status, headers } = await fetch(`${url}/${file}`)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('text/javascript')
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    expect(headers.get('cache-control')).toBe('no-cache')
  },
)

test.each([
  ['br', 'gzip, deflate, br', brotliCompressSync],
  ['gzip', 'gzip, deflate', gzipSync],
  [null, 'identity', null],
])('a drop-in build goes as %s to whom takes %s', async (encoding, accepted, compress) => {
  const file = join(distFolder, 'baton.js')
  const script = 'export {}'
  await writeFile(file, script)
  await writeFile(`${file}.br`, brotliCompressSync(script))
  await writeFile(`${file}.gz`, gzipSync(script))
  const asked = request(`${url}/baton.js`, { headers: { 'accept-encoding': accepted } }).end()
  const [{ headers, statusCode }] = (await once(asked, 'response')) as [IncomingMessage]
  expect(statusCode).toBe(200)
  expect(headers['content-encoding'] ?? null).toBe(encoding)
  expect(headers['content-type']).toBe('text/javascript')
  expect(headers.vary).toBe('Accept-Encoding')
  expect(headers.etag).toBeDefined()
  const length = (compress?.(script) ?? Buffer.from(script)).length
  expect(Number(headers['content-length'])).toBe(length)
})

test('a drop-in build that does not exist yet is answered with what to do', async () => {
  const response = await fetch(`${url}/baton.js`)
  expect([response.status, await response.text()]).toEqual([
    404,
    expect.stringContaining('npm run build'),
  ])
})

test('[SG6] nothing else of the package is served', async () => {
  await writeFile(join(distFolder, 'package.json'), '{}')
  expect((await fetch(`${url}/package.json`)).status).toBe(404)
})
