// Owns a stock Firefox, driven by WebDriver BiDi over the socket that it opens itself.

import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { WebSocket } from 'ws'
import type { Driven, Tab } from './driven.ts'
import { ProcessGroup } from './process-group.ts'

type Reply = {
  readonly resolve: (result: never) => void
  readonly reject: (error: Error) => void
}
type FromFirefox = {
  readonly id: number | null
  readonly type: 'success' | 'error' | 'event'
  readonly result?: unknown
  readonly message?: string
}

export class Firefox implements Driven {
  readonly #group: ProcessGroup
  readonly #profile: string
  readonly #socket: WebSocket
  readonly #replies = new Map<number, Reply>()
  #version = ''
  #lastId = 0

  private constructor(group: ProcessGroup, profile: string, socket: WebSocket) {
    this.#group = group
    this.#profile = profile
    this.#socket = socket
    socket.on('message', (data) => this.#receive(JSON.parse(String(data)) as FromFirefox))
    socket.on('close', () => this.#failAll())
  }

  static async launch(path: string): Promise<Firefox> {
    const profile = mkdtempSync(join(tmpdir(), 'baton-firefox-'))
    const group = new ProcessGroup(
      path,
      ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    const url = await bidiUrl(group.leader.stderr!)
    const socket = new WebSocket(`${url}/session`, { perMessageDeflate: false })
    await once(socket, 'open')
    const firefox = new Firefox(group, profile, socket)
    const { capabilities } = await firefox.send<{ capabilities: { browserVersion: string } }>(
      'session.new',
      { capabilities: {} },
    )
    firefox.#version = capabilities.browserVersion
    return firefox
  }

  get version(): string {
    return this.#version
  }

  /** Another tab of the one window, behind the one that was first. */
  async openTab(): Promise<Tab> {
    const { context } = await this.send<{ context: string }>('browsingContext.create', {
      type: 'tab',
    })
    return new FirefoxTab(this, context)
  }

  send<Result = unknown>(method: string, params: object): Promise<Result> {
    if (this.#socket.readyState !== WebSocket.OPEN)
      return Promise.reject(new Error(`${method}: Firefox is gone`))
    const id = ++this.#lastId
    return new Promise<Result>((resolve, reject) => {
      this.#replies.set(id, { resolve, reject })
      this.#socket.send(JSON.stringify({ id, method, params }))
    })
  }

  async kill(): Promise<void> {
    await this.#group.end()
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 })
  }

  #receive({ id, type, result, message }: FromFirefox): void {
    const reply = this.#replies.get(id ?? 0)
    if (reply === undefined) return
    this.#replies.delete(id!)
    if (type === 'success') reply.resolve(result as never)
    else reply.reject(new Error(message))
  }

  #failAll(): void {
    for (const { reject } of this.#replies.values()) reject(new Error('Firefox is gone'))
    this.#replies.clear()
  }
}

/** Firefox tells it in its log, once it listens. */
async function bidiUrl(log: Readable): Promise<string> {
  const said: string[] = []
  for await (const line of createInterface({ input: log })) {
    said.push(line)
    const url = /WebDriver BiDi listening on (ws:\S+)/.exec(line)?.[1]
    if (url === undefined) continue
    log.resume() // a log that nobody reads would stop Firefox once it is full
    return url
  }
  throw new Error(`Firefox ended before it listened for WebDriver BiDi:\n${said.join('\n')}`)
}

class FirefoxTab implements Tab {
  readonly #firefox: Firefox
  readonly #context: string

  constructor(firefox: Firefox, context: string) {
    this.#firefox = firefox
    this.#context = context
  }

  async goto(url: string): Promise<void> {
    const params = { context: this.#context, url, wait: 'complete' }
    await this.#firefox.send('browsingContext.navigate', params)
  }

  async evaluate<Result, Argument = undefined>(
    script: (argument: Argument) => Result | Promise<Result>,
    argument?: Argument,
  ): Promise<Result> {
    const answer = await this.#firefox.send<{
      type: 'success' | 'exception'
      result: { value?: string }
      exceptionDetails?: { text: string }
    }>('script.evaluate', {
      target: { context: this.#context },
      expression: `(async () => JSON.stringify(await (${String(script)})(${JSON.stringify(argument)})))()`,
      awaitPromise: true,
    })
    if (answer.type === 'exception')
      throw new Error(`in the page: ${answer.exceptionDetails?.text ?? 'no reason'}`)
    const { value } = answer.result
    return (value === undefined ? undefined : JSON.parse(value)) as Result
  }

  async close(): Promise<void> {
    await this.#firefox.send('browsingContext.close', { context: this.#context })
  }
}
