// Owns following a guide to the letter, from the packed package in an empty folder: its files are written, its
// commands are run as they are pasted. Three things differ, since no test may hang on what others run or offer:
// - `npm install` brings the package from its tarball, and links what else is asked for from this repository;
// - the service takes a free port;
// - `npx` runs what is installed, and no browser is downloaded.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { expect, test as base, type Browser, type Page } from 'playwright/test'
import { freePort } from '../../signaling/free-port.ts'
import { blocksOf } from './guide.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const OWN_NAME = 'baton-relay'

/** What a step of a guide changes for the test: addresses that only its readers have. */
export type Changes = { readonly [text: string]: string }

/** What `npm init -y` has written, once it was run. */
let initiated: string | null = null

export class Walk {
  /** Where the commands run. */
  folder: string
  readonly #start: string
  readonly #guide: string
  readonly #installed: string
  readonly #children: ChildProcess[] = []

  constructor(guide: string, installed: string) {
    this.#guide = guide
    this.#installed = installed
    this.#start = mkdtempSync(join(tmpdir(), 'baton-guide-'))
    this.folder = this.#start
  }

  /**
   * Writes the files and runs the commands below a heading of the guide. Resolves with the address that its last
   * command printed, if that one serves something.
   */
  async follow(heading: string, changes: Changes = {}): Promise<string> {
    const blocks = blocksOf(this.#guide).filter((block) => block.heading === heading)
    let url = ''
    const whole = blocks.map(({ text }) => text).join('')
    for (const old of Object.keys(changes)) assertOnce(whole, old)
    for (const { language, text, file } of blocks) {
      const own = changed(text, changes)
      if (file !== null) this.write(file, own)
      if (file !== null || language !== 'sh') continue
      for (const line of own.trimEnd().split('\n')) url = await this.run(line)
    }
    return url
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.folder, file)), { recursive: true })
    writeFileSync(join(this.folder, file), text)
  }

  /** Edits a file, as a guide says: each text is there once. */
  edit(file: string, changes: Changes): void {
    const path = join(this.folder, file)
    const text = readFileSync(path, 'utf8')
    for (const old of Object.keys(changes)) assertOnce(text, old)
    writeFileSync(path, changed(text, changes))
  }

  /** Runs a command. Resolves with the address that it prints, if it serves something. */
  async run(line: string): Promise<string> {
    const [command = '', ...words] = line.split(/ +/)
    if (command === 'cd') this.folder = join(this.folder, words[0]!)
    else if (command === 'npm' && words[0] === 'install') this.#install(words.slice(1))
    else if (line === 'npm init -y') this.#init(line)
    else if (isServing(words)) return this.#serve(words)
    else if (words[0] !== 'playwright' || words[1] !== 'install')
      this.#shell(line.replace(/^npx /, ''))
    return ''
  }

  /** It writes the same wherever it runs, so it runs once. */
  #init(line: string): void {
    if (initiated === null) {
      this.#shell(line)
      initiated = readFileSync(join(this.folder, 'package.json'), 'utf8')
    }
    this.write('package.json', initiated)
  }

  #install(names: readonly string[]): void {
    for (const name of names.filter((word) => !word.startsWith('-'))) {
      const to = join(this.folder, 'node_modules', name)
      mkdirSync(dirname(to), { recursive: true })
      if (name === OWN_NAME)
        cpSync(join(this.#installed, 'node_modules'), dirname(to), { recursive: true })
      else symlinkSync(realpathSync(join(ROOT, 'node_modules', name)), to)
    }
  }

  /** A command that goes on. */
  async #serve(words: readonly string[]): Promise<string> {
    const port = words[0] === 'baton' ? ['--port', '0'] : []
    const child = spawn([...words, ...port].join(' '), {
      shell: true,
      cwd: this.folder,
      env: this.#env(),
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    })
    this.#children.push(child)
    const lines = createInterface({ input: child.stdout! })
    for await (const line of lines) {
      const [url] = /http:\S+/.exec(stripVTControlCharacters(line)) ?? []
      if (url !== undefined) return url
    }
    throw new Error(`${words.join(' ')} ended without an address`)
  }

  /** Runs a program that says nothing and takes its port from PORT. Resolves with the port once it listens. */
  async serveAt(line: string): Promise<number> {
    const port = await freePort()
    const env = { ...this.#env(), PORT: String(port) }
    const child = spawn(line, {
      shell: true,
      cwd: this.folder,
      env,
      stdio: 'ignore',
      detached: true,
    })
    this.#children.push(child)
    await expect.poll(() => isListening(port)).toBe(true)
    return port
  }

  #shell(line: string): void {
    execFileSync('sh', ['-c', line], {
      cwd: this.folder,
      env: this.#env(),
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  }

  /** Commands of packages are found where they are installed, and in this repository. */
  #env(): NodeJS.ProcessEnv {
    const { CI: _ci, FORCE_COLOR: _color, NODE_ENV: _env, ...env } = process.env
    const bins = [join(this.folder, 'node_modules', '.bin'), join(ROOT, 'node_modules', '.bin')]
    return { ...env, PATH: [...bins, env['PATH']].join(delimiter) }
  }

  /** Ends what its commands left running, and takes its folder away. */
  async close(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const exited = once(child, 'exit')
      process.kill(-child.pid!, 'SIGKILL') // nobody is left to say goodbye to
      await exited
    }
    rmSync(this.#start, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false // not yet
  } finally {
    socket.destroy()
  }
}

function isServing([command, verb]: readonly string[]): boolean {
  return command === 'baton' || (command === 'vite' && verb !== 'build')
}

function assertOnce(text: string, part: string): void {
  if (text.split(part).length !== 2) throw new Error(`"${part}" is not there once:\n${text}`)
}

function changed(text: string, changes: Changes): string {
  let now = text
  for (const [old, fresh] of Object.entries(changes)) now = now.replace(old, () => fresh)
  return now
}

type Walks = { readonly newWalk: (guide: string) => Walk }

/** Tests that follow guides. The package is packed and installed once. */
export const test = base.extend<Walks, { readonly installed: string }>({
  installed: [
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), 'baton-packed-'))
      const npm = (cwd: string, ...args: readonly string[]) =>
        execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
      const [packed] = JSON.parse(
        npm(ROOT, 'pack', '--json', '--ignore-scripts', '--pack-destination', folder),
      ) as [{ readonly filename: string }]
      writeFileSync(join(folder, 'package.json'), '{ "private": true }')
      npm(folder, 'install', '--no-audit', '--no-fund', '--prefer-offline', `./${packed.filename}`)
      await use(folder)
      rmSync(folder, { recursive: true, force: true })
    },
    { scope: 'worker' },
  ],
  newWalk: async ({ installed }, use) => {
    const walks: Walk[] = []
    await use((guide) => {
      const walk = new Walk(guide, installed)
      walks.push(walk)
      return walk
    })
    for (const walk of walks) await walk.close()
  },
})

/** Opens a page as a person of its own. What it throws fails the test. `watch` is told of it before it loads. */
export async function openPage(
  browser: Browser,
  url: string,
  watch: (page: Page) => unknown = () => {},
): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  page.on('pageerror', (error) => {
    throw error
  })
  await watch(page)
  await page.goto(url)
  return page
}
