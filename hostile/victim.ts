// Owns the stage of the tests with bad input: the built service in a process of its own, and an honest room that must
// not notice anything.

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import type { ServerOptions } from '../signaling/server.ts'
import type { FromSignaling } from '../protocol/signals.ts'
import { named, PageSocket } from '../signaling/socket-scene.ts'
import { PROTOCOL_VERSION } from '../protocol/limits.ts'
import { NO_TERM, type Term, type Topic } from '../protocol/ids.ts'

const SERVER = fileURLToPath(new URL('server.mjs', import.meta.url))

export type Memory = { readonly heapUsed: number; readonly rss: number; readonly external: number }

export class Victim {
  readonly url: string
  readonly #process: ChildProcess

  private constructor(url: string, process: ChildProcess) {
    this.url = url
    this.#process = process
  }

  static async start(options: Omit<ServerOptions, 'log'> = {}): Promise<Victim> {
    const child = fork(SERVER, [JSON.stringify({ restartGraceMs: 0, ...options })], {
      execArgv: ['--expose-gc', '--disable-proto=delete'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const [{ url }] = (await once(child, 'message')) as [{ url: string }]
    return new Victim(url, child)
  }

  /** Whether the process still runs. */
  get lives(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null
  }

  async memory(): Promise<Memory> {
    const answer = once(this.#process, 'message') as Promise<[{ memory: Memory }]>
    this.#process.send('memory')
    return (await answer)[0].memory
  }

  async stop(): Promise<void> {
    if (!this.lives) return
    const exited = once(this.#process, 'exit')
    this.#process.send('stop')
    await exited
  }
}

const HONEST_TOPIC = 'honest'.padEnd(22, '-') as Topic
/** Well below what one connection may send. */
const PAUSE_MS = 15

/** Two pages that send each other envelopes without end, one at a time, and miss none. */
export class HonestRoom {
  readonly #a: PageSocket
  readonly #b: PageSocket
  /** Round trips so far. */
  exchanges = 0
  #disturbance: string | null = null
  #isLeaving = false

  private constructor(a: PageSocket, b: PageSocket) {
    this.#a = a
    this.#b = b
  }

  static async meet(url: string): Promise<HonestRoom> {
    const pages: PageSocket[] = []
    for (const name of ['honest-a', 'honest-b']) {
      const page = await PageSocket.open(url)
      page.send({
        type: 'join',
        version: PROTOCOL_VERSION,
        topic: HONEST_TOPIC,
        ...named(name),
        claim: null,
        held: NO_TERM,
      })
      await page.next()
      pages.push(page)
    }
    const [a, b] = pages as [PageSocket, PageSocket]
    a.send({ type: 'claim', term: 1 as Term, reason: 'vacant' })
    await a.until(({ type }) => type === 'host')
    await b.until(({ type }) => type === 'host')
    const room = new HonestRoom(a, b)
    const talking = room.#exchange(a, b)
    talking.catch((error: Error) => room.#disturbed(error.message))
    for (const page of pages)
      page.socket.on('close', (code) => room.#disturbed(`a socket closed with ${code}`))
    return room
  }

  #disturbed(what: string): void {
    if (!this.#isLeaving) this.#disturbance ??= what
  }

  /** What happened to them, null when nothing did. Resolves after another round trip of theirs. */
  async disturbance(): Promise<string | null> {
    const before = this.exchanges
    while (this.#disturbance === null && this.exchanges <= before)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    return this.#disturbance
  }

  leave(): void {
    this.#isLeaving = true
    for (const page of [this.#a, this.#b]) page.socket.close()
  }

  async #exchange(a: PageSocket, b: PageSocket): Promise<void> {
    for (let n = 1; !this.#isLeaving; n++) {
      await this.#pass(a, named('honest-b').peer, b, `to-${n}`)
      await this.#pass(b, named('honest-a').peer, a, `back-${n}`)
      this.exchanges = n
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }

  async #pass(
    from: PageSocket,
    to: ReturnType<typeof named>['peer'],
    other: PageSocket,
    attempt: string,
  ): Promise<void> {
    from.send({ type: 'signal', to, attempt, box: 'sealed' })
    const message: FromSignaling = await other.next()
    const isIt = message.type === 'signal' && message.attempt === attempt
    if (!isIt) this.#disturbed(`instead of ${attempt} came ${JSON.stringify(message)}`)
  }
}

/** The service that the tests of a file attack. After each test it runs, and the honest room has noticed nothing. */
export function attackedService(options: Parameters<typeof Victim.start>[0] = {}): {
  readonly victim: Victim
} {
  let victim: Victim
  let honest: HonestRoom

  beforeAll(async () => {
    victim = await Victim.start(options)
    honest = await HonestRoom.meet(victim.url)
  })

  afterEach(async () => {
    expect(victim.lives).toBe(true)
    expect(await honest.disturbance()).toBe(null)
  })

  afterAll(async () => {
    honest.leave()
    await victim.stop()
  })

  return {
    get victim() {
      return victim
    },
  }
}
