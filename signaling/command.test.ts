import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PROTOCOL_VERSION } from '../protocol/limits.ts'
import type { FromSignaling } from '../protocol/signals.ts'
import { main } from './command.ts'
import { addressesForOthers } from './own-addresses.ts'
import { VERSION } from './own-package.ts'
import { TOPIC } from './directory/directory-scene.ts'
import { startServer } from './server.ts'
import { named, PageSocket, peerId } from './socket-scene.ts'
import { mintTurn } from './turn.ts'
import { NO_TERM } from '../protocol/ids.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-command-'))
  await writeFile(join(folder, 'index.html'), 'my page')
})

afterAll(() => rm(folder, { recursive: true }))

/** Runs the command with its streams in hand. */
function run(...argv: readonly string[]) {
  const out: string[] = []
  const err: string[] = []
  const stop = new AbortController()
  let sawFirstLine: (line: string) => void = () => {}
  const firstLine = new Promise<string>((resolve) => {
    sawFirstLine = resolve
  })
  const stdout = (line: string) => {
    out.push(line)
    sawFirstLine(line)
  }
  const stderr = (line: string) => {
    err.push(line)
  }
  const exitCode = main(argv, { stdout, stderr, stop: stop.signal, columns: null })
  return { out, err, stop, firstLine, exitCode }
}

async function urlOf({ firstLine }: ReturnType<typeof run>): Promise<string> {
  return /http:[^\s#]+/.exec(await firstLine)?.[0] ?? ''
}

describe('serving', () => {
  test('the first line holds the address of the pages, and stopping ends with 0', async () => {
    const command = run(folder, '--port', '0')
    expect(await command.firstLine).toMatch(/^Baton is at http:\/\/127\.0\.0\.1:\d+\/ /)
    expect(await (await fetch(await urlOf(command))).text()).toBe('my page')
    command.stop.abort()
    expect(await command.exitCode).toBe(0)
    expect(command.out).toHaveLength(1)
  })

  test('stopping tells the pages that are connected', async () => {
    const command = run(folder, '--port', '0')
    const page = await PageSocket.join(await urlOf(command), 'a')
    command.stop.abort()
    expect(await page.next()).toMatchObject({ type: 'error', code: 'shutting-down' })
    expect(await page.closed).toBe(1001)
    expect(await command.exitCode).toBe(0)
  })

  test('--lan prints a link with a room in it first, and all its links lead to that room', async () => {
    const command = run(folder, '--port', '0', '--lan')
    const [, room] = /^Baton is at http:\S+\/(#room=[\w-]{22}) /.exec(await command.firstLine) ?? []
    expect(room).toBeDefined()
    expect(await (await fetch(await urlOf(command))).text()).toBe('my page')
    command.stop.abort()
    await command.exitCode
    const links = command.out.flatMap((line) => /http:\S+/.exec(line) ?? [])
    for (const link of links) expect(link.endsWith(`/${room}`)).toBe(true)
    const machine = addressesForOthers(null).map((host) => `http://${host}:`)
    for (const start of ['http://127.0.0.1:', ...machine])
      expect(links.some((link) => link.startsWith(start))).toBe(true)
  })

  test('no line of its log stands before the address or between the links', async () => {
    const said: string[] = []
    const stop = new AbortController()
    const stdout = (line: string) => said.push(`out ${line}`)
    const stderr = (line: string) => {
      said.push(`err ${line}`)
      stop.abort()
    }
    const argv = [folder, '--port', '0', '--lan']
    expect(await main(argv, { stdout, stderr, stop: stop.signal, columns: null })).toBe(0)
    const firstOfLog = said.findIndex((line) => line.startsWith('err'))
    expect(firstOfLog).toBeGreaterThan(0)
    const linksAfter = said.slice(firstOfLog).filter((line) => line.startsWith('out'))
    expect([said[0], linksAfter]).toEqual([expect.stringContaining('Baton is at http://'), []])
  })

  test('--quiet logs nothing of what goes well', async () => {
    const command = run(folder, '--port', '0', '--quiet')
    await PageSocket.join(await urlOf(command), 'a')
    command.stop.abort()
    expect([await command.exitCode, command.err]).toEqual([0, []])
  })

  test('[SG6] --origin keeps other pages out', async () => {
    const command = run(
      folder,
      '--port',
      '0',
      '--origin',
      'https://a.example',
      '--origin',
      'https://b.example',
    )
    const url = await urlOf(command)
    await PageSocket.open(url, { origin: 'https://b.example' })
    expect(await new PageSocket(url, { origin: 'https://c.example' }).closed).toBe(1006)
    command.stop.abort()
    await command.exitCode
  })

  test('[SG6f] --name lets in who asks for that name', async () => {
    const command = run(folder, '--port', '0', '--name', 'a.example', '--name', 'b.example')
    const url = await urlOf(command)
    await PageSocket.open(url, { headers: { Host: 'b.example' } })
    expect(await new PageSocket(url, { headers: { Host: 'c.example' } }).closed).toBe(1006)
    command.stop.abort()
    await command.exitCode
  })

  test.each([
    [[], 200],
    [['--lan'], 405],
    [['--trust-proxy', '1'], 405],
    [['--no-relay'], 405],
    [['--lan', '--gateway'], 200],
    [['--trust-proxy', '1', '--gateway'], 200],
  ])(
    'the gateway is on where only this machine gets in, or where it is asked for: %j',
    async (flags, status) => {
      const command = run(folder, '--port', '0', ...flags)
      expect((await fetch(`${await urlOf(command)}new`, { method: 'POST' })).status).toBe(status)
      command.stop.abort()
      expect(await command.exitCode).toBe(0)
    },
  )

  test.each([
    ['new', { method: 'POST' }, 405],
    ['room/r/send', { method: 'POST' }, 405],
    ['room/r', {}, 404],
  ])('where the gateway is off, %s says so, and how to start it', async (path, init, status) => {
    const command = run(folder, '--port', '0', '--no-relay')
    const answer = await fetch(`${await urlOf(command)}${path}`, init)
    expect([answer.status, await answer.text()]).toEqual([
      status,
      expect.stringMatching(/gateway is off.*baton --gateway/),
    ])
    command.stop.abort()
    await command.exitCode
  })

  test('--isolate sends what a page with threads needs, with each file of the folder', async () => {
    const command = run(folder, '--port', '0', '--isolate')
    const url = await urlOf(command)
    const { headers } = await fetch(url)
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp')
    command.stop.abort()
    await command.exitCode
  })

  test('--base serves all of it below a path, and nothing beside it', async () => {
    const command = run(folder, '--port', '0', '--base', '/games/')
    const url = await urlOf(command)
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/games\/$/)
    expect(await (await fetch(url)).text()).toBe('my page')
    expect((await fetch(url.slice(0, -1))).url).toBe(url)
    expect((await fetch(`${url}healthz`)).status).toBe(200)
    const room = await (await fetch(`${url}new`, { method: 'POST' })).json()
    expect(room).toMatchObject({ http_url: expect.stringContaining('/games/room/') })
    const page = await PageSocket.join(url, 'a')
    for (const path of ['/', '/signal', '/healthz', '/gamesroom', '//games/'])
      expect([path, (await fetch(new URL(url).origin + path)).status]).toEqual([path, 404])
    expect(await new PageSocket(url.replace('games/', '')).closed).toBe(1006)
    page.socket.close()
    command.stop.abort()
    expect(await command.exitCode).toBe(0)
  })

  test('--gateway without the relay is refused', async () => {
    const { err, exitCode } = run(folder, '--port', '0', '--gateway', '--no-relay')
    expect(await exitCode).toBe(1)
    expect(err.join()).toContain('over the relay')
  })

  test('[SG5] --no-relay is told to pages', async () => {
    for (const [flags, relay] of [
      [[], true],
      [['--no-relay'], false],
    ] as const) {
      const command = run(folder, '--port', '0', ...flags)
      const page = await PageSocket.open(await urlOf(command))
      page.send({
        type: 'join',
        version: PROTOCOL_VERSION,
        topic: TOPIC,
        ...named('a'),
        claim: null,
        held: NO_TERM,
      })
      expect(((await page.next()) as FromSignaling & { type: 'joined' }).relay === true).toBe(relay)
      command.stop.abort()
      await command.exitCode
    }
  })

  test('[SG5] --turn gives pages a credential made of the secret in the file', async () => {
    const file = join(folder, 'turn-secret')
    await writeFile(file, 'north\n')
    const command = run(
      folder,
      '--port',
      '0',
      '--turn',
      'turn:a.example',
      '--turn',
      'turns:b.example',
      '--turn-secret-file',
      file,
      '--turn-ttl',
      '120',
    )
    const page = await PageSocket.open(await urlOf(command))
    page.send({
      type: 'join',
      version: PROTOCOL_VERSION,
      topic: TOPIC,
      ...named('a'),
      claim: null,
      held: NO_TERM,
    })
    const given = (await page.next()) as FromSignaling & { type: 'turn' }
    expect(given.urls).toEqual(['turn:a.example', 'turns:b.example'])
    expect(given).toEqual(
      mintTurn(
        { urls: given.urls, secret: 'north', ttlSeconds: 0 },
        peerId('a'),
        Number(given.username.split(':')[0]) * 1_000,
      ),
    )
    command.stop.abort()
    await command.exitCode
    expect([...command.out, ...command.err].join()).not.toContain('north')
  })

  test('[SG6] only --verbose logs what is said', async () => {
    for (const flags of [[], ['--verbose']]) {
      const command = run(folder, '--port', '0', ...flags)
      await PageSocket.join(await urlOf(command), 'a')
      command.stop.abort()
      await command.exitCode
      expect(command.err.some((line) => line.startsWith('INFO'))).toBe(true)
      expect(command.err.some((line) => line.startsWith('DEBUG'))).toBe(flags.length > 0)
    }
  })
})

describe('asking', () => {
  test('--help shows every flag', async () => {
    const { out, exitCode } = run('--help')
    expect(await exitCode).toBe(0)
    for (const flag of [
      '--port',
      '--lan',
      '--no-stun',
      '--base',
      '--isolate',
      '--origin',
      '--trust-proxy',
      '--no-relay',
      '--gateway',
      '--turn',
      '--turn-secret-file',
      '--turn-ttl',
      '--quiet',
      '--verbose',
      '--version',
      '--help',
    ])
      expect(out.join()).toContain(flag)
  })

  test('--version prints the version of the package', async () => {
    const { out, exitCode } = run('--version')
    expect([await exitCode, out]).toEqual([0, [VERSION]])
  })
})

describe('what cannot work is said in one sentence, with what to do, and ends with 1', () => {
  test.each([
    [['--prot', '1'], "Unknown option '--prot'. Run baton --help to see what it takes."],
    [
      ['--port'],
      "Option '--port <value>' argument missing. Run baton --help to see what it takes.",
    ],
    [
      ['--lan=yes'],
      "Option '--lan' does not take an argument. Run baton --help to see what it takes.",
    ],
    [
      ['--port', 'http'],
      '--port takes a whole number, not "http". Run baton --help to see what it means.',
    ],
    [['--port', ''], '--port takes a whole number, not "". Run baton --help to see what it means.'],
    [
      ['--port=-1'],
      '--port takes a whole number, not "-1". Run baton --help to see what it means.',
    ],
    [
      ['--port', '65536'],
      '65536 is not a port; choose one from 1 to 65535, or 0 for any free one.',
    ],
    [
      ['--trust-proxy', 'all'],
      '--trust-proxy takes a whole number, not "all". Run baton --help to see what it means.',
    ],
    [
      ['.', '--origin', 'game.example'],
      '"game.example" is not an origin; write it as https://example.com, without a path or a slash at the end.',
    ],
    [
      ['.', '--origin', 'https://game.example/'],
      '"https://game.example/" is not an origin; write it as https://example.com, without a path or a slash at the end.',
    ],
    [
      ['.', '--origin', 'wss://game.example'],
      '"wss://game.example" is not an origin; write it as https://example.com, without a path or a slash at the end.',
    ],
    [
      ['.', '--base', 'games'],
      '"games" is not a path to serve below; write it as /games/, with a slash at both ends.',
    ],
    [
      ['.', '--name', 'https://game.example'],
      '"https://game.example" is not a host name; write it as game.example, without a scheme, a port or a slash.',
    ],
    [
      ['.', '--name', 'game.example:8080'],
      '"game.example:8080" is not a host name; write it as game.example, without a scheme, a port or a slash.',
    ],
    [
      ['no such folder'],
      'There is no folder "no such folder"; name one that exists, with an index.html in it.',
    ],
    [
      ['.', '--turn', 'turn:a.example'],
      '--turn and --turn-secret-file go together, and --turn-ttl needs both. Run baton --help to see what they mean.',
    ],
    [
      ['.', '--turn', 'stun:a.example', '--turn-secret-file', '/dev/null'],
      '"stun:a.example" is not a TURN URL; write it as turn:turn.example:3478, and add ?transport=tcp for TCP.',
    ],
    [
      ['.', '--turn', 'turn:a.example', '--turn-secret-file', '/dev/null'],
      'The TURN secret is empty; give the static-auth-secret of coturn.',
    ],
    [['--quiet', '--verbose'], '--quiet logs less and --verbose logs more; give one of them.'],
    [['a', 'b'], 'baton serves one folder, not 2 (a, b); quote a name that has spaces.'],
  ])('%j', async (argv, sentence) => {
    const { out, err, exitCode } = run(...argv)
    expect(await exitCode).toBe(1)
    expect([out, err]).toEqual([[], [sentence]])
  })

  test('a port that is taken', async () => {
    const other = await startServer({ port: 0 })
    const { out, err, exitCode } = run(folder, '--port', String(other.port))
    expect(await exitCode).toBe(1)
    expect([out, err]).toEqual([
      [],
      [`Port ${other.port} is taken; stop what uses it, or choose another (0 takes a free one).`],
    ])
    await other.close()
  })
})
