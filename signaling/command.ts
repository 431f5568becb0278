// Owns the command line: what may be asked, and what it says. The process itself (signals, exit) is cli.ts's.

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { BatonError } from '../protocol/errors.ts'
import { createToken } from '../protocol/token.ts'
import { firstLine, linesForNetwork } from './announcement.ts'
import type { LogLevel } from './log.ts'
import { DIST_FOLDER, VERSION } from './own-package.ts'
import { startServer, type RunningServer, type ServerOptions } from './server.ts'
import { readTurnSecret, type TurnOptions } from './turn.ts'

/** What the command needs of its process. */
export type Io = {
  readonly stdout: (line: string) => void
  readonly stderr: (line: string) => void
  /** Aborted when the process is asked to end. */
  readonly stop: AbortSignal
  /** Characters in a line of the terminal that shows `stdout`; null where no terminal does. */
  readonly columns: number | null
}

const HELP = `Usage: baton [folder] [options]

Serves a folder of web pages, and makes them multiplayer: pages that open the same link share a room.
Without a folder it serves the demo.

  baton public         the pages of the folder public, for this machine
  baton public --lan   the same for everybody in your network, by a printed link

  --port N          port to listen on (default 8080; 0 takes a free one)
  --lan             let other devices of your network in: prints a link for them, with a room in it,
                    and its QR code. Pages then show links that others can open, and find direct
                    paths where a network lets no multicast through: it answers STUN for them
  --no-stun         with --lan, answer no STUN requests (UDP, at the same port)
  --base PATH       serve everything below this path, such as /games/
  --isolate         let pages of the folder share memory between threads, as game engines need
                    (COOP and COEP). They then load from other sites only what allows it
  --origin ORIGIN   only pages of this origin may connect; may be given several times. Also
                    https://*.example.com, null (files, sandboxed frames), capacitor://localhost
  --name NAME       answer to this name, too, where a proxy of yours passes it on. Names of this machine
                    and of --origin are known; all others are refused; may be given several times
  --trust-proxy N   believe X-Forwarded-For as written by N proxies of yours (default 0)
  --no-relay        do not pass on what pages say that find no direct path to each other
  --gateway         let programs that are no page into rooms, by HTTP and WebSocket, at /new and
                    /room/… (DriftDB's API). Whoever runs it sees the rooms that are used through it.
                    It is on by itself where only this machine gets in: without --lan and --trust-proxy
  --turn URL        tell pages of this TURN server of yours; may be given several times
  --turn-secret-file FILE   has the secret of that server (coturn: static-auth-secret)
  --turn-ttl N      seconds for which a password made of that secret is good (default 3600)
  --quiet           log errors only
  --verbose         log the kind of every message
  --version         print the version
  --help            print this

Pages load Baton from /baton.js (a module) or /baton.global.js (a script that sets Baton), and find this
service by themselves.`

const FLAGS = {
  port: { type: 'string' },
  lan: { type: 'boolean', default: false },
  'no-stun': { type: 'boolean', default: false },
  base: { type: 'string' },
  isolate: { type: 'boolean', default: false },
  origin: { type: 'string', multiple: true, default: [] as string[] },
  name: { type: 'string', multiple: true, default: [] as string[] },
  'trust-proxy': { type: 'string' },
  'no-relay': { type: 'boolean', default: false },
  gateway: { type: 'boolean', default: false },
  turn: { type: 'string', multiple: true, default: [] as string[] },
  'turn-secret-file': { type: 'string' },
  'turn-ttl': { type: 'string' },
  quiet: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  version: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** Runs the command until `io.stop`; resolves with the exit code. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    const asked = readArguments(argv)
    if (asked.help) io.stdout(HELP)
    else if (asked.version) io.stdout(VERSION)
    else await serve(asked, io)
    return 0
  } catch (error) {
    if (!(error instanceof BatonError)) throw error
    io.stderr(error.message)
    return 1
  }
}

type Asked = {
  readonly help: boolean
  readonly version: boolean
  readonly levels: readonly LogLevel[]
  readonly options: ServerOptions
}

function readArguments(argv: readonly string[]): Asked {
  const { values, positionals } = parse(argv)
  if (positionals.length > 1) {
    const folders = `${positionals.length} (${positionals.join(', ')})`
    throw new BatonError(
      'bad-argument',
      `baton serves one folder, not ${folders}; quote a name that has spaces.`,
    )
  }
  const { help, version, lan, port, 'trust-proxy': trustProxy } = values
  const isPrivate = !lan && trustProxy === undefined
  const turn = turnOf(values.turn, values['turn-secret-file'], values['turn-ttl'])
  const options = {
    folder: positionals[0] ?? join(DIST_FOLDER, 'demo'),
    lan,
    stun: !values['no-stun'],
    isolate: values.isolate,
    origins: values.origin,
    names: values.name,
    relay: !values['no-relay'],
    gateway: values.gateway || (isPrivate && !values['no-relay']),
    ...(turn === null ? {} : { turn }),
    ...(values.base === undefined ? {} : { base: values.base }),
    ...(port === undefined ? {} : { port: wholeNumber('port', port) }),
    ...(trustProxy === undefined ? {} : { trustedProxies: wholeNumber('trust-proxy', trustProxy) }),
  }
  return { help, version, levels: levelsOf(values), options }
}

function levelsOf({ quiet, verbose }: { quiet: boolean; verbose: boolean }): readonly LogLevel[] {
  if (quiet && verbose)
    throw new BatonError(
      'bad-argument',
      '--quiet logs less and --verbose logs more; give one of them.',
    )
  if (quiet) return ['ERROR']
  return verbose ? ['ERROR', 'INFO', 'DEBUG'] : ['ERROR', 'INFO']
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: FLAGS, allowPositionals: true })
  } catch (error) {
    // Node's first sentence names the flag; what follows is about the syntax of its own.
    const [what] = (error as Error).message.split(/\.\s/)
    throw new BatonError('bad-argument', `${what}. Run baton --help to see what it takes.`)
  }
}

function turnOf(
  urls: readonly string[],
  secretFile: string | undefined,
  ttl: string | undefined,
): TurnOptions | null {
  const isAsked = urls.length > 0 || secretFile !== undefined || ttl !== undefined
  if (!isAsked) return null
  if (urls.length === 0 || secretFile === undefined)
    throw new BatonError(
      'bad-argument',
      '--turn and --turn-secret-file go together, and --turn-ttl needs both. ' +
        'Run baton --help to see what they mean.',
    )
  return {
    urls,
    secret: readTurnSecret(secretFile),
    ...(ttl === undefined ? {} : { ttlSeconds: wholeNumber('turn-ttl', ttl) }),
  }
}

function wholeNumber(flag: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new BatonError(
    'bad-argument',
    `--${flag} takes a whole number, not "${text}". Run baton --help to see what it means.`,
  )
}

async function serve({ options, levels }: Asked, io: Io): Promise<void> {
  const early: string[] = []
  let write = (line: string) => {
    early.push(line)
  }
  const server = await startServer({
    ...options,
    log: (level, line) => {
      if (levels.includes(level)) write(`${level} ${line}`)
    },
  })
  for (const line of announcement(server, options, io.columns)) io.stdout(line)
  write = io.stderr
  early.forEach(write) // nothing stands before the address or between its lines
  if (!io.stop.aborted)
    await new Promise((resolve) => io.stop.addEventListener('abort', resolve, { once: true }))
  await server.close()
}

function announcement(
  { url, urls }: RunningServer,
  { lan = false }: ServerOptions,
  columns: number | null,
): readonly string[] {
  if (!lan) return [firstLine(url)]
  const token = createToken((length) => randomBytes(length))
  return linesForNetwork(urls, token, columns)
}
