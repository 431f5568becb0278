// Owns what the browser tests stand on: a server of this package's own build, and tabs that hold a room and
// write down what their app saw.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, type Browser, type Page } from 'playwright/test'
import type * as BatonModule from '../client/index.ts'

const CLI = fileURLToPath(new URL('../dist/signaling/cli.js', import.meta.url))
export const PAGES = fileURLToPath(new URL('pages', import.meta.url))

export type ServerOptions = {
  readonly port?: number
  /** What it serves; null for the demo. */
  readonly folder?: string | null
  readonly flags?: readonly string[]
  /** A command to run it by, such as `ip netns exec …`. */
  readonly under?: readonly string[]
  /** The command's script, where another build is tried. */
  readonly cli?: string
  /** The address at which others than this machine find it; null where there are none. */
  readonly host?: string | null
}

/** The `baton` command as its own process, so that a test can end it as an operator would. */
export class Server {
  readonly url: string
  readonly #process: ChildProcess

  private constructor(url: string, process: ChildProcess) {
    this.url = url
    this.#process = process
  }

  static async start({
    port = 0,
    folder = PAGES,
    flags = [],
    under = [],
    cli = CLI,
    host = null,
  }: ServerOptions = {}): Promise<Server> {
    const words = [
      ...under,
      process.execPath,
      cli,
      ...(folder === null ? [] : [folder]),
      '--port',
      String(port),
      ...(host === null ? [] : ['--lan']),
      ...flags,
    ]
    const child = spawn(words[0]!, words.slice(1), { stdio: ['ignore', 'pipe', 'ignore'] })
    const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string]
    const url = /http:[^\s#]+/.exec(line)?.[0]
    if (url === undefined) throw new Error(`the command's first line holds no URL: ${line}`)
    return new Server(host === null ? url : url.replace(/\/\/[^:/]+/, `//${host}`), child)
  }

  get port(): number {
    return Number(new URL(this.url).port)
  }

  /** A room of the gateway, with nobody in it. */
  async newRoom(): Promise<{ readonly room: string; readonly socketUrl: string }> {
    const answer = await (await fetch(`${this.url}new`, { method: 'POST' })).json()
    const { room, socket_url: socketUrl } = answer as { room: string; socket_url: string }
    return { room, socketUrl }
  }

  /** `SIGSTOP` makes it hang, `SIGCONT` go on. */
  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const exited = once(this.#process, 'exit')
    this.#process.kill(signal)
    await exited
  }
}

export type Ack = { readonly seq: number; readonly mid: string }
export type Given = { readonly seq: number; readonly value: unknown }

/** What a test page keeps beside its room. */
export type TestPage = {
  Baton: typeof BatonModule
  room: BatonModule.Room
  given: Given[]
  acks: Ack[]
  resets: BatonModule.Reset[]
  errors: string[]
  writing: Promise<void> | null
  stopWriting: boolean
}

/** Opens a tab in a browser context of its own and joins the room. */
export async function openTab(browser: Browser, url: string, token: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  await joinIn(page, url, token)
  return page
}

export async function joinIn(page: Page, url: string, token: string): Promise<void> {
  await page.goto(`${url}#room=${token}`)
  await page.waitForFunction(() => 'Baton' in window)
  await page.evaluate(async () => {
    const tab = window as unknown as TestPage
    Object.assign(tab, {
      given: [],
      acks: [],
      resets: [],
      errors: [],
      writing: null,
      stopWriting: false,
    })
    tab.room = tab.Baton.joinRoom()
    tab.room.onMessage(({ seq, value }) => tab.given.push({ seq, value }))
    tab.room.on('reset', (reset) => tab.resets.push(reset))
    tab.room.on('error', (error) => tab.errors.push(error.message))
    await tab.room.ready
  })
}

/** Resolves with the tab that hosts, once there is one. */
export async function hostOf(tabs: readonly Page[]): Promise<Page> {
  let at = -1
  const find = async () => {
    at = (await Promise.all(tabs.map(roleOf))).indexOf('host')
    return at
  }
  await expect.poll(find).toBeGreaterThanOrEqual(0)
  return tabs[at]!
}

function roleOf(tab: Page): Promise<BatonModule.Role> {
  return tab.evaluate(() => (window as unknown as TestPage).room.status.role)
}

/** Its renderer dies at once. Resolves when it has. */
export async function crash(tab: Page): Promise<void> {
  const session = await tab.context().newCDPSession(tab)
  const crashed = tab.waitForEvent('crash')
  session.send('Page.crash').catch(() => {}) // nobody is left to answer
  await crashed
}

/** Resolves once the room is as large and as safe as these tabs can make it. */
export async function untilSettled(tabs: readonly Page[]): Promise<void> {
  for (const tab of tabs) {
    await tab.waitForFunction(
      ({ others, standbys }) => {
        const { peers, status } = (window as unknown as TestPage).room
        const roles = [...peers.map(({ role }) => role), status.role]
        return (
          peers.length === others &&
          status.status === 'live' &&
          roles.filter((role) => role === 'standby').length === standbys
        )
      },
      { others: tabs.length - 1, standbys: Math.min(2, tabs.length - 1) },
    )
  }
}

/** Appends numbered messages one after the other, each as soon as the one before is safe. */
export async function startWriting(tab: Page): Promise<void> {
  await tab.evaluate(() => {
    const page = window as unknown as TestPage
    page.stopWriting = false
    page.writing = (async () => {
      for (let n = page.acks.length + 1; !page.stopWriting; n++) {
        const mid = `${page.room.id}/${n}`
        const { seq } = await page.room.append('log', mid)
        page.acks.push({ seq, mid })
      }
    })()
  })
}

/** Resolves once every message has its receipt. */
export function stopWriting(tab: Page): Promise<void> {
  return tab.evaluate(async () => {
    const page = window as unknown as TestPage
    page.stopWriting = true
    await page.writing
  })
}

/** Resolves when the tab has this many receipts more than now. */
export async function untilAcked(tab: Page, more: number): Promise<void> {
  await tab.waitForFunction(
    (count) => (window as unknown as TestPage).acks.length >= count,
    more + (await tab.evaluate(() => (window as unknown as TestPage).acks.length)),
  )
}

export type Witness = {
  readonly given: readonly Given[]
  readonly acks: readonly Ack[]
  readonly replayed: readonly Given[]
  readonly resets: number
  readonly errors: readonly string[]
}

export function witnessOf(tab: Page): Promise<Witness> {
  return tab.evaluate(async () => {
    const { room, given, acks, resets, errors } = window as unknown as TestPage
    const replayed = (await room.replay('log')).map(({ seq, value }) => ({ seq, value }))
    return { given, acks, replayed, resets: resets.length, errors }
  })
}
