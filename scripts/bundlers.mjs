// Tries the package with the tools of its users: each in a fresh project that has nothing configured. What a bundler
// builds is opened in a real Chromium; what runs tests runs one. `node scripts/bundlers.mjs webpack jest` tries those
// alone. The tools are downloaded, so `npm test` leaves this out.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TOOLS } from './bundlers/tools.mjs'
import { tryTwoTabs } from './bundlers/two-tabs.mjs'
import { pack } from './pack.mjs'

/** What hangs is ended in the end. */
const COMMAND_MS = 10 * 60_000
const ENVIRONMENT = {
  ...process.env,
  CI: 'true', // nothing asks, nothing watches
  ASTRO_TELEMETRY_DISABLED: '1',
  NEXT_TELEMETRY_DISABLED: '1',
}
// A tool decides by itself what it builds for. Of this npm run it knows nothing.
for (const name of Object.keys(ENVIRONMENT))
  if (name === 'NODE_ENV' || /^npm_/i.test(name)) delete ENVIRONMENT[name]

const names = wantedTools(process.argv.slice(2))
const folder = mkdtempSync(join(tmpdir(), 'baton-bundlers-'))
let failed = 0
try {
  const tarball = join(folder, pack(folder).filename)
  for (const name of names) if (!(await passes(name, tarball))) failed++
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(`\n${names.length - failed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

function wantedTools(words) {
  if (!existsSync(fileURLToPath(new URL('../dist/baton.js', import.meta.url))))
    quit('There is no build to pack: run `npm run build` first, or `npm run bundlers`, which does.')
  const known = Object.keys(TOOLS)
  const wanted = known.filter((name) => words.some((word) => name.split(' ').includes(word)))
  const unknown = words.filter((word) => !known.some((name) => name.split(' ').includes(word)))
  if (unknown.length > 0)
    quit(`${unknown.join(', ')}: no such tool. There are ${known.join(', ')}.`)
  return words.length === 0 ? known : wanted
}

function quit(sentence) {
  console.error(sentence)
  process.exit(1)
}

async function passes(name, tarball) {
  const tool = TOOLS[name]
  const version = tool.packages[0].split('@').at(-1)
  const project = join(folder, name.replaceAll(' ', '-'))
  const startMs = Date.now()
  let why = null
  try {
    await tryTool(tool, project, tarball)
  } catch (error) {
    why = error.message
  }
  const seconds = Math.round((Date.now() - startMs) / 1_000)
  console.log(`${name} (${version}): ${why === null ? 'passed' : 'failed'}, ${seconds} s`)
  if (why !== null) console.log(why.replace(/^/gm, '    '))
  rmSync(project, { recursive: true, force: true })
  return why === null
}

async function tryTool({ packages, manifest, files, commands, served, server }, project, tarball) {
  const all = { 'package.json': JSON.stringify({ private: true, ...manifest }), ...files }
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(project, path)), { recursive: true })
    writeFileSync(join(project, path), text)
  }
  const bin = (name) => join('node_modules', '.bin', name)
  await run(project, [
    'npm',
    'install',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    tarball,
    ...packages,
  ])
  for (const command of commands) {
    const [name, ...args] = command.split(' ')
    await run(project, [bin(name), ...args])
  }
  if (served !== undefined) await tryServed(project, [bin('baton'), served, '--port', '0'])
  if (server !== undefined) await tryServed(project, [process.execPath, server])
}

/** @throws an Error with what the command said. */
async function run(project, words) {
  const { child, said } = start(project, words)
  const timer = setTimeout(() => child.kill('SIGKILL'), COMMAND_MS)
  const [status, signal] = await once(child, 'close')
  clearTimeout(timer)
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status ?? signal}:\n${said()}`)
}

/** A server prints its address. */
async function tryServed(project, words) {
  const { child, said } = start(project, words)
  const ended = once(child, 'exit')
  try {
    const url = await printedAddress(child)
    if (url === null) throw new Error(`${words.join(' ')} served nothing:\n${said()}`)
    await tryTwoTabs(url)
  } finally {
    child.kill('SIGKILL')
    await ended
  }
}

/** Null where the program ends before. */
function printedAddress(child) {
  return new Promise((resolve) => {
    let text = ''
    child.stdout.on('data', (data) => {
      text += data
      const url = /http:\S+?(?=[\s#])/.exec(text)?.[0]
      if (url !== undefined) resolve(url)
    })
    child.once('exit', () => resolve(null))
  })
}

function start(project, [command, ...args]) {
  const child = spawn(command, args, {
    cwd: project,
    env: command === process.execPath ? { ...ENVIRONMENT, NODE_ENV: 'production' } : ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  const note = (data) => {
    text += data
  }
  child.stdout.on('data', note)
  child.stderr.on('data', note)
  return { child, said: () => text }
}
