// Owns the processes beside the browser: the service of a build of Baton, relays of others.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export class Service {
  /** Ends in a slash. */
  readonly url: string
  readonly #child: ChildProcess

  private constructor(url: string, child: ChildProcess) {
    this.url = url
    this.#child = child
  }

  /** Runs a script whose first line tells its URL. */
  static async start(script: string, words: readonly string[] = []): Promise<Service> {
    const child = spawn(process.execPath, [script, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
    let complaints = ''
    child.stderr.on('data', (data: Buffer) => {
      complaints = (complaints + data.toString()).slice(-500)
    })
    const lines = createInterface({ input: child.stdout })
    const [line] = await Promise.race([
      once(lines, 'line') as Promise<[string]>,
      once(child, 'exit').then((): [string] => ['']),
    ])
    const url = /(?:http|ws):[^\s#]+/.exec(line)?.[0]
    if (url === undefined) throw new Error(`${script} did not start: ${complaints || line}`)
    return new Service(url.endsWith('/') ? url : `${url}/`, child)
  }

  get pid(): number {
    return this.#child.pid!
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }
}
