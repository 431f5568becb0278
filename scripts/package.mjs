// Installs what would be published into an empty folder, as a user would, and tries each way in: the command,
// the imports, React on a server, the drop-in scripts and the types.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { manifest, pack } from './pack.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const folder = mkdtempSync(join(tmpdir(), 'baton-package-'))

const PROGRAM = `
import { createServer } from 'node:http'
import { attach, startServer } from 'baton-relay/signaling'
import { baton } from 'baton-relay/vite'
import { BatonError } from 'baton-relay'
import { sharedText } from 'baton-relay/text'
let refusal
try { sharedText(null, 'k') } catch (error) { refusal = error }
const server = await startServer({ port: 0 })
const health = await (await fetch(server.url + 'healthz')).json()
await server.close()
attach(createServer()).close()
console.log(health.status, baton().name, refusal instanceof BatonError)
`

/** Renders on a server, with a React of its own. The rooms of both entries must be the same ones. */
const REACT_PROGRAM = `
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { BatonError } from 'baton-relay'
import { RoomProvider, StatusIndicator, useRoom } from 'baton-relay/react'
const html = renderToString(createElement(RoomProvider, { token: 't' }, createElement(StatusIndicator)))
let thrown
const Orphan = () => { try { useRoom() } catch (error) { thrown = error } }
renderToString(createElement(Orphan))
console.log(/data-status="([a-z]+)"/.exec(html)[1], thrown instanceof BatonError)
`

/** One copy for `require` and `import`: two would share no rooms, and no errors. */
const REQUIRING_PROGRAM = `
const entries = ['baton-relay', 'baton-relay/text']
Promise.all(entries.map((entry) => import(entry))).then((imported) => {
  console.log(entries.every((entry, i) => require(entry) === imported[i]))
})
`

/** For those who know no other modules. A stand-in for Jest, whose `require` has conditions of its own. */
const COMMON_JS_PROGRAM = `
const { BatonError, createToken } = require('baton-relay')
const { sharedText } = require('baton-relay/text')
let refusal
try { sharedText(null, 'k') } catch (error) { refusal = error }
console.log(createToken() !== createToken(), refusal instanceof BatonError)
`

/** Compiles only if the public types say what the documentation says. */
const TYPED = `
import { joinRoom, createToken, BatonError, type Message, type Room } from 'baton-relay'
import { sharedText, type SharedText } from 'baton-relay/text'
import { startServer, type RunningServer } from 'baton-relay/signaling'
import { baton, type BatonPlugin } from 'baton-relay/vite'
const plugin: BatonPlugin = baton({ path: '/signal', origins: ['null'] })
const room: Room = joinRoom({ token: createToken(), signaling: 'wss://example.org/signal', durability: 'host' })
const sent: Promise<{ readonly seq: number }> = room.append('k', { a: [1, null, 'x'] })
const off: () => void = room.subscribe('k', ({ seq, value }: Message) => console.log(seq, value), { replay: true })
room.on('status', ({ status }) => { if (status === 'live') off() })
const text: SharedText = sharedText(room, 'text', 'Untitled')
const untie: () => void = text.bind(document.createElement('textarea'))
void text.set((now) => now + '!').then(untie)
sent.catch((error: unknown) => {
  if (error instanceof BatonError && error.code === 'room-full') console.log(error.retryable)
})
// @ts-expect-error a key is a string
void room.append(7, 1)
// @ts-expect-error functions cannot be sent
void room.append('k', () => 1)
const server: Promise<RunningServer> = startServer({ port: 0, lan: true })
export { server, plugin }
`

const TYPED_REACT = `
import { RoomProvider, RoomQRCode, StatusIndicator, useRoom, useStatus } from 'baton-relay/react'
import { useLatency, usePresence, useSharedMap, useSharedReducer, useSharedValue } from 'baton-relay/react'
import { joinRoom, type Room } from 'baton-relay'
function Inside() {
  const room: Room | null = useRoom()
  const latency: number | null = useLatency(500)
  const [count, setCount] = useSharedValue('count', 0)
  const [names, { set }] = useSharedMap<{ readonly n: number }>('names')
  const [sum, dispatch] = useSharedReducer('sum', (sum: number, step: number) => sum + step, 0)
  const [others, setMine] = usePresence({ name: 'Ada' })
  void setCount((n) => n + count)
    .then(() => set('a', { n: names.get('a')?.n ?? sum }))
    .then(() => dispatch(others.size))
  setMine(({ name }) => ({ name: name + '!' }))
  // @ts-expect-error a number is shared under this key
  void setCount('one')
  return (
    <p onClick={() => void room?.append('k', latency)}>
      {useStatus().status}
      <StatusIndicator words={{ live: 'da' }} />
      <RoomQRCode size={99} />
    </p>
  )
}
export const joined = <RoomProvider token="t" durability="host"><Inside /></RoomProvider>
export const given = <RoomProvider room={joinRoom()}><Inside /></RoomProvider>
export const named = <RoomProvider room="lobby" canHost={false}><Inside /></RoomProvider>
// @ts-expect-error a room that is there already is not joined with options
export const both = <RoomProvider room={joinRoom()} token="t" />
`

/** Compiles only if an app's own types, interfaces too, can be sent and received, and nothing else can. */
const TYPED_VALUES = `
import 'baton-relay/global'
import { joinRoom, presence, sharedLog, sharedReducer, uniqueClientId } from 'baton-relay'
import type { JoinOptions, Json, Message, Value } from 'baton-relay'
import { joinRoom as dropInJoinRoom } from 'baton-relay/baton.js'
interface Chat { text: string; at?: number; kids: Chat[] }
const room: ReturnType<typeof Baton.joinRoom> = joinRoom()
export const chat: Chat = { text: 'hi', kids: [] }
export const send = (mode: 'append' | 'relay' | 'replace', mixed: Chat | string | null) => [
  room[mode]('chat', chat),
  room.append('chat', [chat, { chat, at: new Date() }]),
  room.append('chat', mixed),
  room.append<Chat>('chat', { text: 'hi', kids: [chat] }),
  room.compact<Chat>('chat', 1, chat),
]
export const sendAny = <T extends Json>(value: T) => room.append('k', value)
room.subscribe<Chat>('chat', ({ value }) => value.text, { onReplay: (all) => all[0]?.value.kids })
room.subscribe('chat', ({ value }: Message<Chat>) => value.text)
room.subscribe('chat', ({ value }) => [value as Chat, value as Chat[]])
room.onMessage<Chat>(({ value }) => value.text)
room.onMessage(({ value, key }) => {
  const known: Value = value
  void room.append(key, value)
  void room.append(key, known)
})
export const all: Promise<readonly Message<Chat>[]> = room.replay<Chat>('chat')
export const each = room.replay<Chat>([{ key: 'a', after: undefined }]).then(([a]) => a?.messages)
const options: JoinOptions = { token: undefined, signaling: undefined, canHost: undefined }
dropInJoinRoom({ ...options, durability: undefined, partition: undefined, iceServers: undefined })
room.subscribe('k', () => {}, { replay: undefined, after: undefined, onReplay: undefined })
presence(room, null, { key: undefined, intervalMs: undefined, timeoutMs: undefined })
sharedLog<Chat>(room, 'k', { keep: undefined })
sharedReducer(room, 'k', (sum: number, step: number) => sum + step, 0, { compactAfter: undefined })
uniqueClientId({ name: undefined })
// @ts-expect-error a field of another name
void room.append<Chat>('chat', { txt: 'hi', kids: [] })
// @ts-expect-error functions
void room.append('k', { on: () => 1 })
// @ts-expect-error promises
void room.append('k', Promise.resolve(1))
// @ts-expect-error maps
void room.append('k', new Map())
// @ts-expect-error bytes within JSON
void room.append('k', { bytes: new Uint8Array() })
// @ts-expect-error blobs
void room.append('k', new Blob())
// @ts-expect-error nodes
void room.append('k', document.body)
// @ts-expect-error undefined in a list
void room.append('k', [undefined])
// @ts-expect-error nothing
void room.append('k', undefined)
// @ts-expect-error what may be anything
void room.append('k', {} as unknown)
`

const TYPED_SIGNALING = `
import { attach, startServer, type ServerOptions } from 'baton-relay/signaling'
import { baton } from 'baton-relay/vite'
const turn = { urls: [], secret: '', ttlSeconds: undefined }
export const options: ServerOptions = { folder: undefined, port: undefined, roomsMax: undefined, turn }
export const all = [startServer(options), attach, baton({ path: undefined, relay: undefined })]
`

/**
 * The oldest compiler that is promised, the last one of TypeScript's own language, and the one of this package, with
 * each way to find modules at least once. node10 knows no exports; TypeScript 7 knows no node10.
 */
const COMPILERS = [
  { compiler: 'typescript-5.0', module: 'esnext', resolution: 'bundler', checksTypes: true },
  { compiler: 'typescript-5.0', module: 'node16', resolution: 'node16' },
  { compiler: 'typescript-5.0', module: 'esnext', resolution: 'node10' },
  { compiler: 'typescript-5.9', module: 'nodenext', resolution: 'nodenext' },
  { compiler: 'typescript-5.9', module: 'esnext', resolution: 'node10' },
  { compiler: null, module: 'esnext', resolution: 'bundler' },
  { compiler: null, module: 'nodenext', resolution: 'nodenext' },
]
/** Installed beside the package, not among its dev dependencies: there each would claim the command tsc. */
const OLD_COMPILERS = ['typescript-5.0@npm:typescript@5.0.4', 'typescript-5.9@npm:typescript@5.9.3']

function run(command, args, options = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    ...options,
  })
  assert.equal(status, 0, `${command} ${args.join(' ')}\n${stdout}${stderr}`)
  return stdout
}

/** What the package brings its user to run, on Windows thrice. */
function commandsThere() {
  const names = readdirSync(join(folder, 'node_modules', '.bin'))
  return [...new Set(names.map((name) => name.replace(/\.(cmd|ps1)$/, '')))]
}

/** Whoever reads the README in `node_modules` follows its links there. That their headings exist is a unit test's. */
function tryLinks() {
  const at = (path) => join(folder, 'node_modules', manifest.name, path)
  const readme = readFileSync(at('README.md'), 'utf8')
  const links = Array.from(readme.matchAll(/\]\(([^)\s]+)\)/g), ([, link]) => link)
  const ours = links.filter((link) => !/^https?:/.test(link))
  assert.ok(ours.length > 20, 'the README has links')
  for (const link of ours) {
    const [path] = link.split('#')
    assert.ok(existsSync(at(path)), `README.md links to ${link}, which is not in the package`)
  }
}

async function tryCommand() {
  const child = spawn(join(folder, 'node_modules', '.bin', 'baton'), ['--port', '0'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })
  const [line] = await Promise.race([once(lines, 'line'), exited])
  assert.equal(
    typeof line,
    'string',
    `the command went with code ${child.exitCode} before its first line`,
  )
  const url = /http:\S+/.exec(line)?.[0]
  const page = await (await fetch(url)).text()
  assert.match(page, /<title>[^<]*Baton/)
  for (const script of [
    'baton.js',
    'baton.global.js',
    'baton-room.js',
    'baton-text.js',
    'baton-timers.js',
  ]) {
    const answer = await fetch(url + script)
    assert.equal(answer.status, 200)
    assert.match(answer.headers.get('content-type'), /javascript/)
    assert.equal(answer.headers.get('content-encoding'), 'gzip')
    assert.equal(await answer.text(), readFileSync(join(root, 'dist', script), 'utf8'))
  }
  assert.equal((await fetch(`${url}new`, { method: 'POST' })).status, 200) // the gateway has all that it needs
  child.kill('SIGTERM')
  assert.deepEqual(await exited, [0, null])
}

/** `checksTypes`: the package's own types are looked at too, not only their use. */
function compileWith({ compiler, module, resolution, checksTypes = false }) {
  const path = compiler === null ? tsc : join(folder, 'node_modules', compiler, 'bin', 'tsc')
  const flags = `--noEmit --strict --exactOptionalPropertyTypes --skipLibCheck ${!checksTypes}`
  const language = `--target es2022 --lib es2022,dom --types node`
  const modules = `--module ${module} --moduleResolution ${resolution}`
  const files = ['typed-values.ts', 'typed-signaling.ts']
  run(process.execPath, [path, ...`${flags} ${language} ${modules}`.split(' '), ...files])
}

try {
  const { filename, unpackedSize, entryCount } = pack(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', private: true }))
  const npmInstall = (...packages) =>
    run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages])
  npmInstall(`./${filename}`)
  assert.deepEqual(commandsThere(), ['baton'])
  assert.ok(!existsSync(join(folder, 'node_modules', 'react')), 'who uses no React gets none')
  tryLinks()
  await tryCommand()
  writeFileSync(join(folder, 'program.js'), PROGRAM)
  assert.equal(run(process.execPath, ['program.js']).trim(), 'ok baton-relay true')
  writeFileSync(join(folder, 'requiring.cjs'), REQUIRING_PROGRAM)
  assert.equal(run(process.execPath, ['--no-warnings', 'requiring.cjs']).trim(), 'true')
  writeFileSync(join(folder, 'common-js.cjs'), COMMON_JS_PROGRAM)
  const withoutModules = ['--no-experimental-require-module', 'common-js.cjs']
  assert.equal(run(process.execPath, withoutModules).trim(), 'true true')
  writeFileSync(join(folder, 'typed.ts'), TYPED)
  const compile = (...args) =>
    run(process.execPath, [
      tsc,
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--lib',
      'es2022,dom',
      ...args,
    ])
  compile('typed.ts')
  writeFileSync(join(folder, 'typed-values.ts'), TYPED_VALUES)
  writeFileSync(join(folder, 'typed-signaling.ts'), TYPED_SIGNALING)
  npmInstall(...OLD_COMPILERS, `@types/node@${manifest.devDependencies['@types/node']}`)
  for (const setting of COMPILERS) compileWith(setting)
  // The oldest React that is promised, then the one that the tests run on.
  npmInstall('react@18.3.1', 'react-dom@18.3.1')
  writeFileSync(join(folder, 'react-program.js'), REACT_PROGRAM)
  assert.equal(run(process.execPath, ['react-program.js']).trim(), 'connecting true')
  npmInstall(
    ...['react', 'react-dom', '@types/react'].map(
      (name) => `${name}@${manifest.devDependencies[name]}`,
    ),
  )
  assert.equal(run(process.execPath, ['react-program.js']).trim(), 'connecting true')
  writeFileSync(join(folder, 'typed-react.tsx'), TYPED_REACT)
  compile('--jsx', 'react-jsx', 'typed-react.tsx')
  console.log(
    `the package works where it is installed: ${entryCount} files, ${Math.round(unpackedSize / 1024)} KiB`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
