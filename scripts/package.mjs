// Installs what would be published into an empty folder, as a user would, and tries each way in: the command,
// the imports, React on a server, the drop-in scripts and the types.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
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

function run(command, args, options = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    ...options,
  })
  assert.equal(status, 0, `${command} ${args.join(' ')}\n${stdout}${stderr}`)
  return stdout
}

/** All files that `package.json` speaks of, as it writes them. */
function filesNamed({ bin, exports, sideEffects }) {
  return [
    Object.values(bin),
    Object.values(exports).flatMap((entry) =>
      typeof entry === 'string' ? entry : Object.values(entry),
    ),
    sideEffects,
  ].flat()
}

/**
 * A clean clone has no `dist`, and an old one has a stale `dist`: so packing builds first. Here the build is done
 * already, and is left out.
 */
function pack() {
  assert.equal(manifest.scripts.prepack, 'npm run build', 'packing and publishing must build first')
  const [packed] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: root }),
  )
  const paths = packed.files.map(({ path }) => `./${path}`)
  for (const named of filesNamed(manifest)) {
    const isThere = named.endsWith('/**')
      ? paths.some((path) => path.startsWith(named.slice(0, -2)))
      : paths.includes(named)
    assert.ok(isThere, `package.json names ${named}, which is not in the package`)
  }
  return packed
}

async function tryCommand() {
  const child = spawn(join(folder, 'node_modules', '.bin', 'baton'), ['--port', '0'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  const url = /http:\S+/.exec(line)?.[0]
  const page = await (await fetch(url)).text()
  assert.match(page, /<title>[^<]*Baton/)
  for (const script of ['baton.js', 'baton.global.js', 'baton-text.js']) {
    const answer = await fetch(url + script)
    assert.equal(answer.status, 200)
    assert.match(answer.headers.get('content-type'), /javascript/)
    assert.equal(await answer.text(), readFileSync(join(root, 'dist', script), 'utf8'))
  }
  assert.equal((await fetch(`${url}new`, { method: 'POST' })).status, 200) // the gateway has all that it needs
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  assert.deepEqual(await exited, [0, null])
}

try {
  const { filename, unpackedSize, entryCount } = pack()
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', private: true }))
  const npmInstall = (...packages) =>
    run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages])
  npmInstall(`./${filename}`)
  assert.ok(!existsSync(join(folder, 'node_modules', 'react')), 'who uses no React gets none')
  await tryCommand()
  writeFileSync(join(folder, 'program.js'), PROGRAM)
  assert.equal(run(process.execPath, ['program.js']).trim(), 'ok baton-relay true')
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
