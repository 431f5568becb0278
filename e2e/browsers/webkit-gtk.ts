// Owns WebKitGTK's MiniBrowser, driven by classic WebDriver on a screen that nobody sees. A driver of this kind has one
// session, and answers one command after the other: so each tab has a driver and a browser of its own.

import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { freePort } from '../../signaling/free-port.ts'
import type { Driven, Tab } from './driven.ts'
import { ProcessGroup } from './process-group.ts'

/** Longer than a page waits for anything. */
const SCRIPT_MS = 120_000
const BETWEEN_TRIES_MS = 20

type Session = {
  readonly sessionId: string
  readonly capabilities: { readonly browserVersion: string }
}

export class WebKitGtk implements Driven {
  readonly #driverPath: string
  readonly #screen: ProcessGroup
  readonly #display: string
  readonly #drivers: ProcessGroup[] = []
  #version = ''

  private constructor(driverPath: string, screen: ProcessGroup, display: string) {
    this.#driverPath = driverPath
    this.#screen = screen
    this.#display = display
  }

  static async launch(driverPath: string): Promise<WebKitGtk> {
    const screen = new ProcessGroup('Xvfb', ['-displayfd', '3', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    })
    const numbers = screen.leader.stdio[3] as Readable
    const [display] = await once(createInterface({ input: numbers }), 'line')
    return new WebKitGtk(driverPath, screen, `:${display}`)
  }

  get version(): string {
    return this.#version
  }

  async openTab(): Promise<Tab> {
    const port = await freePort()
    const driver = new ProcessGroup(this.#driverPath, [`--port=${port}`], {
      stdio: 'ignore',
      env: { ...process.env, DISPLAY: this.#display },
    })
    this.#drivers.push(driver)
    await untilListening(port, driver)
    const url = `http://127.0.0.1:${port}/session`
    const { sessionId, capabilities } = await post<Session>(url, {
      capabilities: { alwaysMatch: { timeouts: { script: SCRIPT_MS } } },
    })
    this.#version = capabilities.browserVersion
    return new WebKitTab(`${url}/${sessionId}`)
  }

  async kill(): Promise<void> {
    for (const group of [...this.#drivers, this.#screen]) await group.end()
  }
}

class WebKitTab implements Tab {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  async goto(url: string): Promise<void> {
    await post(`${this.#url}/url`, { url })
  }

  async evaluate<Result, Argument = undefined>(
    script: (argument: Argument) => Result | Promise<Result>,
    argument?: Argument,
  ): Promise<Result> {
    const text = `
      const done = arguments[0];
      (async () => JSON.stringify(await (${String(script)})(${JSON.stringify(argument)})))()
        .then((value) => done({ value }), (error) => done({ error: String(error) }))`
    const { value, error } = await post<{ value?: string; error?: string }>(
      `${this.#url}/execute/async`,
      { script: text, args: [] },
    )
    if (error !== undefined) throw new Error(`in the page: ${error}`)
    return (value === undefined ? undefined : JSON.parse(value)) as Result
  }

  async close(): Promise<void> {
    await ask('DELETE', `${this.#url}/window`)
  }
}

function post<Result>(url: string, body: object): Promise<Result> {
  return ask('POST', url, JSON.stringify(body))
}

async function ask<Result>(method: string, url: string, body?: string): Promise<Result> {
  const answer = await fetch(url, { method, ...(body === undefined ? {} : { body }) })
  const { value } = (await answer.json()) as { value: Result & { message?: string } }
  if (!answer.ok) throw new Error(`${method} ${url}: ${value.message}`)
  return value
}

/** The driver says nothing when it is ready. */
async function untilListening(port: number, driver: ProcessGroup): Promise<void> {
  while (!driver.hasEnded) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isOpen) return
    await setTimeout(BETWEEN_TRIES_MS)
  }
  throw new Error('WebKitWebDriver ended before it listened')
}
