// Owns a Chromium of a test's own, driven over a pipe by the DevTools protocol, and its tabs. Playwright keeps every
// page visible and awake and hides the browser's processes: what is done to a browser here needs the contrary.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { BROWSER_FLAGS, withoutFeatures } from './browser-flags.ts'

const FLAGS = [
  ...BROWSER_FLAGS,
  '--headless=new',
  '--no-first-run',
  '--mute-audio',
  '--remote-debugging-pipe',
]

export type LaunchOptions = {
  readonly flags?: readonly string[]
  /** What the browser is not to do, by Chromium's names. */
  readonly without?: readonly string[]
  /** A command to run the browser by, such as `ip netns exec …`. */
  readonly under?: readonly string[]
}

type Params = { readonly [name: string]: unknown }
type Reply = {
  readonly resolve: (result: never) => void
  readonly reject: (error: Error) => void
  readonly session: string | undefined
  readonly method: string
}
type FromBrowser = {
  readonly id?: number
  readonly method?: string
  readonly sessionId?: string
  readonly params: Params
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

export class Chromium {
  readonly #child: ChildProcess
  readonly #profile: string
  readonly #tabsBySession = new Map<string, BrowserTab>()
  readonly #replies = new Map<number, Reply>()
  #version = ''
  #lastId = 0

  private constructor(child: ChildProcess, profile: string) {
    this.#child = child
    this.#profile = profile
    let text = ''
    const fromBrowser = child.stdio[4] as NodeJS.ReadableStream
    fromBrowser.setEncoding('utf8')
    fromBrowser.on('data', (data: string) => {
      const messages = (text + data).split('\0')
      text = messages.pop()!
      for (const message of messages) this.#receive(JSON.parse(message) as FromBrowser)
    })
    child.on('exit', () => this.#failAll(() => true, 'the browser is gone'))
    // A browser that was killed cannot be written to, and what waits for it has been told.
    child.stdio[3]!.on('error', () => this.#failAll(() => true, 'the browser is gone'))
  }

  static async launch({
    flags = [],
    without = [],
    under = [],
  }: LaunchOptions = {}): Promise<Chromium> {
    const profile = mkdtempSync(join(tmpdir(), 'baton-chromium-'))
    const path = process.env['CHROME_PATH']
    if (path === undefined)
      throw new Error('CHROME_PATH names no Chromium; npm run e2e and npm run faults find one.')
    const [command, ...args] = [
      ...under,
      path,
      ...FLAGS,
      `--user-data-dir=${profile}`,
      withoutFeatures(without),
      ...flags,
    ] as [string, ...string[]]
    // A process group of its own: who ends the browser ends all of it.
    const child = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const chromium = new Chromium(child, profile)
    // It runs, or fails here.
    const { product } = await chromium.send<{ product: string }>('Browser.getVersion')
    chromium.#version = product.split('/')[1]!
    return chromium
  }

  /** Such as `156.0.7999.12`. */
  get version(): string {
    return this.#version
  }

  /** Resolves with what the browser answers. */
  send<Result = unknown>(method: string, params: Params = {}, session?: string): Promise<Result> {
    if (!this.#isRunning) return Promise.reject(new Error(`${method}: the browser is gone`))
    const id = ++this.#lastId
    const message = { id, method, params, ...(session === undefined ? {} : { sessionId: session }) }
    return new Promise<Result>((resolve, reject) => {
      this.#replies.set(id, { resolve, reject, session, method })
      const toBrowser = this.#child.stdio[3] as Writable
      toBrowser.write(`${JSON.stringify(message)}\0`)
    })
  }

  /** A tab in a profile and a window of its own, as of another user. */
  async openTab(): Promise<BrowserTab> {
    const { browserContextId } = await this.send<{ browserContextId: string }>(
      'Target.createBrowserContext',
    )
    return this.#attach(browserContextId, true)
  }

  /** Another tab in the window of this one, in front of it. */
  openBeside(tab: BrowserTab): Promise<BrowserTab> {
    return this.#attach(tab.context, false)
  }

  /** All renderers: in a browser with one page these are the page's own and perhaps a spare one. */
  async rendererPids(): Promise<readonly number[]> {
    const { processInfo } = await this.send<{
      processInfo: readonly { type: string; id: number }[]
    }>('SystemInfo.getProcessInfo')
    return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
  }

  /** Ends the browser with all its processes, at once. */
  async kill(): Promise<void> {
    if (this.#isRunning) {
      const exited = once(this.#child, 'exit')
      process.kill(-this.#child.pid!, 'SIGKILL')
      await exited
    }
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 })
  }

  get #isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  async #attach(browserContextId: string, newWindow: boolean): Promise<BrowserTab> {
    const { targetId } = await this.send<{ targetId: string }>('Target.createTarget', {
      url: 'about:blank',
      browserContextId,
      newWindow,
    })
    const { sessionId } = await this.send<{ sessionId: string }>('Target.attachToTarget', {
      targetId,
      flatten: true,
    })
    const tab = new BrowserTab(this, targetId, sessionId, browserContextId)
    this.#tabsBySession.set(sessionId, tab)
    for (const domain of ['Page', 'Runtime', 'Inspector', 'Network'])
      await tab.send(`${domain}.enable`)
    return tab
  }

  #receive(message: FromBrowser): void {
    const { id, method, sessionId, params } = message
    if (id !== undefined) return this.#answer(id, message)
    if (method === 'Inspector.targetCrashed') this.#failTab(sessionId!)
    if (method === 'Target.detachedFromTarget') this.#failTab(params['sessionId'] as string)
    if (sessionId !== undefined) this.#tabsBySession.get(sessionId)?.receive(method!, params)
  }

  #answer(id: number, { result, error }: FromBrowser): void {
    const reply = this.#replies.get(id)
    this.#replies.delete(id)
    if (error === undefined) reply?.resolve(result as never)
    else reply?.reject(new Error(`${reply.method}: ${error.message}`))
  }

  #failTab(gone: string): void {
    this.#failAll(({ session }) => session === gone, 'the tab is gone')
  }

  #failAll(isHit: (reply: Reply) => boolean, why: string): void {
    for (const [id, reply] of this.#replies) {
      if (!isHit(reply)) continue
      this.#replies.delete(id)
      reply.reject(new Error(`${reply.method}: ${why}`))
    }
  }
}

type Listener = (params: Params) => void

/** One tab. Its name in the test is whatever the test calls it by. */
export class BrowserTab {
  readonly browser: Chromium
  readonly target: string
  readonly context: string
  readonly #session: string
  readonly #listeners = new Map<string, Listener[]>()

  constructor(browser: Chromium, target: string, session: string, context: string) {
    this.browser = browser
    this.target = target
    this.context = context
    this.#session = session
  }

  send<Result = unknown>(method: string, params: Params = {}): Promise<Result> {
    return this.browser.send<Result>(method, params, this.#session)
  }

  on(method: string, listener: Listener): void {
    this.#listeners.set(method, [...(this.#listeners.get(method) ?? []), listener])
  }

  receive(method: string, params: Params): void {
    for (const listener of this.#listeners.get(method) ?? []) listener(params)
  }

  /** Calls a function in the page. It sees nothing but its argument and the page. */
  evaluate<Result, Argument = undefined>(
    script: (argument: Argument) => Result | Promise<Result>,
    argument?: Argument,
  ): Promise<Result> {
    return this.run(`(${String(script)})(${JSON.stringify(argument)})`)
  }

  /** Runs a text in the page. Resolves with its value. */
  async run<Result>(expression: string): Promise<Result> {
    const { result, exceptionDetails } = await this.send<{
      result: { value: Result }
      exceptionDetails?: { text: string; exception?: { description?: string } }
    }>('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
    if (exceptionDetails !== undefined)
      throw new Error(
        `in the page: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`,
      )
    return result.value
  }

  /** Resolves when the next load of this tab is done. */
  async navigate(how: () => Promise<unknown>): Promise<void> {
    const loaded = new Promise<void>((resolve) => this.on('Page.loadEventFired', () => resolve()))
    await how()
    await loaded
  }

  goto(url: string): Promise<void> {
    return this.navigate(() => this.send('Page.navigate', { url }))
  }

  async close(): Promise<void> {
    await this.browser.send('Target.closeTarget', { targetId: this.target })
  }
}
