// Owns a process with all that it starts: they end together, at the latest when the tests end.

import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'

type GroupOptions = { readonly stdio: StdioOptions; readonly env?: NodeJS.ProcessEnv }

export class ProcessGroup {
  readonly leader: ChildProcess
  readonly #endNow = () => process.kill(-this.leader.pid!, 'SIGKILL')

  constructor(command: string, args: readonly string[], { stdio, env }: GroupOptions) {
    this.leader = spawn(command, args, { stdio, detached: true, env: env ?? process.env })
    process.once('exit', this.#endNow)
    this.leader.once('exit', () => process.off('exit', this.#endNow))
  }

  get hasEnded(): boolean {
    return this.leader.exitCode !== null || this.leader.signalCode !== null
  }

  async end(): Promise<void> {
    if (this.hasEnded) return
    const exited = once(this.leader, 'exit')
    this.#endNow()
    await exited
  }
}
