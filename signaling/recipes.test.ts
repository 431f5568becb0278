// Follows docs/deploying.md: a service behind a proxy that takes a path off, and behind nginx as written there.

import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request as ask, type IncomingMessage, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { freePort } from './free-port.ts'
import { startServer, type RunningServer } from './server.ts'
import { PageSocket } from './socket-scene.ts'

const GUIDE = readFileSync(new URL('../docs/deploying.md', import.meta.url), 'utf8')
const ORIGIN = 'https://example.org'

let service: RunningServer
let folder: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'baton-recipes-'))
  writeFileSync(join(folder, 'index.html'), 'the page')
  service = await startServer({
    folder,
    port: 0,
    trustedProxies: 1,
    origins: [ORIGIN],
    gateway: true,
  })
})

afterEach(async () => {
  await service.close()
  rmSync(folder, { recursive: true })
})

const headersOf = ({ headers }: IncomingMessage) =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${String(value)}\r\n`)
    .join('')

/** Passes on what is below /games/, without that, as nginx does with a slash at the end of `proxy_pass`. */
async function stripping(): Promise<{ readonly url: string; readonly proxy: Server }> {
  const { port } = service
  const inner = (url = '') => url.replace(/^\/games/, '')
  const proxy = createServer((request, response) => {
    const path = inner(request.url)
    const passed = ask({ port, path, method: request.method, headers: request.headers })
    passed.on('response', (answer) => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    })
    request.pipe(passed)
  })
  proxy.on('upgrade', (request: IncomingMessage, client: Duplex) => {
    const to = connect(port, '127.0.0.1')
    to.write(`GET ${inner(request.url)} HTTP/1.1\r\n${headersOf(request)}\r\n`)
    client.pipe(to).pipe(client)
    for (const stream of [client, to]) stream.on('error', () => {}) // the other end closes it
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/games/`, proxy }
}

test('a proxy that takes a path off brings pages, sockets and the reasons for none', async () => {
  const { url, proxy } = await stripping()
  expect(await (await fetch(url)).text()).toBe('the page')
  const page = await PageSocket.open(url, { origin: ORIGIN })
  page.socket.close()
  const answer = await fetch(`${url}signal?origin=https%3A%2F%2Fa.example`)
  expect([answer.status, answer.headers.has('baton')]).toEqual([403, true])
  proxy.closeAllConnections()
  proxy.close()
})

const isMissing = (command: string, ...args: string[]) =>
  spawnSync(command, args).error !== undefined
const lacking = [
  ...(isMissing('nginx', '-v') ? ['nginx'] : []),
  ...(isMissing('openssl', 'version') ? ['openssl'] : []),
].join(' and ')
if (lacking !== '') console.warn(`The recipe for nginx is not followed: there is no ${lacking}.`)

/** The lines of the guide, with the ports and files of this test. */
function nginxConfig(port: number): string {
  const [, lines = ''] = /^```nginx\n(.*?)^```/ms.exec(GUIDE) ?? []
  const own = lines
    .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
    .replace('127.0.0.1:8080', `127.0.0.1:${service.port}`)
    .replaceAll('/etc/ssl', folder)
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  )
  return `
    pid ${folder}/nginx.pid;
    error_log ${folder}/error.log;
    daemon off;
    events {}
    http { access_log off; ${paths.join(' ')} ${own} }`
}

test.skipIf(lacking !== '')(
  'nginx as in the guide brings pages and sockets over TLS, below a path',
  async () => {
    const certificate = [
      '-keyout',
      join(folder, 'example.org.key'),
      '-out',
      join(folder, 'example.org.pem'),
    ]
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=example.org', ...certificate],
      { stdio: 'ignore' },
    )
    const port = await freePort()
    writeFileSync(join(folder, 'nginx.conf'), nginxConfig(port))
    const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')]
    const nginx = spawn('nginx', args, { stdio: ['ignore', 'inherit', 'inherit'] })
    const exited = once(nginx, 'exit')
    const url = `https://127.0.0.1:${port}/games/`
    const asked = { headers: { Host: 'example.org' }, rejectUnauthorized: false }
    const page = await vi.waitFor(() => PageSocket.open(url, { ...asked, origin: ORIGIN }), {
      timeout: 30_000,
    })
    page.socket.close()
    expect(await new PageSocket(url, { ...asked, origin: 'https://a.example' }).closed).toBe(1006)
    nginx.kill()
    await exited
  },
)
