// Owns how stages run side by side. A stage begins when the stages that it waits for are done, and shows its whole
// output when it ends. The first that fails stops the others. What a stage does is not known here.

import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A stage that is stopped has this long to put things away. */
const STOPS_MS = 10_000

/** Leaves the cores to whatever else wants them. */
const PATIENTLY = ['nice', '-n', '19']

export class Stages {
  #waiting
  #running = new Set()
  #folder = mkdtempSync(join(tmpdir(), 'baton-stages-'))
  #isStopped = false

  /**
   * Each is `{ name, command, env, after, isPatient }`. `after` names those it waits for, as far as they are there.
   * Where nothing else can run meanwhile, a stage shows at once what it says.
   */
  constructor(stages) {
    this.#waiting = stages
  }

  /** Resolves with whether all ran. `onEnd(stage, status)` is told of each that was not stopped. */
  async run(onEnd) {
    const onSignal = (signal) => this.#stop(signal)
    process.once('SIGINT', onSignal)
    process.once('SIGTERM', onSignal)
    this.#beginWhatMay()
    while (this.#running.size > 0) {
      const run = await Promise.race([...this.#running].map(({ ended }) => ended))
      this.#running.delete(run)
      run.show()
      if (run.isStopped) continue
      onEnd(run.stage, run.status)
      if (run.status !== 0) this.#stop('SIGTERM')
      this.#beginWhatMay()
    }
    rmSync(this.#folder, { recursive: true, force: true })
    return !this.#isStopped
  }

  #beginWhatMay() {
    if (this.#isStopped) return
    const ready = this.#waiting.filter(({ after }) => !after.some((name) => this.#isAhead(name)))
    const isAlone = this.#running.size === 0 && ready.length === 1
    this.#waiting = this.#waiting.filter((stage) => !ready.includes(stage))
    for (const stage of ready)
      this.#running.add(new Run(stage, isAlone ? null : join(this.#folder, stage.name)))
  }

  #isAhead(name) {
    const running = [...this.#running].map(({ stage }) => stage)
    return [...this.#waiting, ...running].some((stage) => stage.name === name)
  }

  #stop(signal) {
    this.#isStopped = true
    for (const run of this.#running) run.stop(signal)
  }
}

/** One stage while it runs. Resolves `ended` with itself. */
class Run {
  stage
  ended
  status = null
  isStopped = false
  #child
  #output
  #startMs = Date.now()

  /** `output`: the file for what the stage says; null shows it at once. */
  constructor(stage, output) {
    this.stage = stage
    this.#output = output
    if (output === null) console.log(`\n--- ${stage.name} ---`)
    const to = output === null ? 'inherit' : openSync(output, 'w')
    const [command, ...args] = stage.isPatient ? [...PATIENTLY, ...stage.command] : stage.command
    this.#child = spawn(command, args, {
      env: { ...process.env, ...stage.env?.() },
      stdio: ['ignore', to, to],
      // A group of its own is ended whole. A stage at the terminal is ended by the terminal.
      detached: output !== null,
    })
    if (output !== null) closeSync(to)
    if (stage.isPatient) letOthersFirst(this.#child.pid)
    this.ended = new Promise((resolve) => {
      const end = (status) => {
        this.status ??= status ?? 1
        resolve(this)
      }
      this.#child.once('exit', end)
      this.#child.once('error', (error) => {
        console.error(`${stage.name}: ${error.message}`)
        end(1)
      })
    })
  }

  show() {
    const seconds = Math.round((Date.now() - this.#startMs) / 1_000)
    console.log(`\n--- ${this.stage.name}${this.#outcome()}: ${seconds} s ---`)
    if (this.#output !== null) process.stdout.write(readFileSync(this.#output))
  }

  #outcome() {
    if (this.isStopped) return ' was stopped'
    return this.status === 0 ? '' : ' failed'
  }

  stop(signal) {
    this.isStopped = true
    if (this.#output !== null) this.#kill('SIGINT')
    else if (signal !== 'SIGINT') this.#child.kill(signal)
    setTimeout(() => this.#kill('SIGKILL'), STOPS_MS).unref()
  }

  #kill(signal) {
    const hasEnded = this.#child.exitCode !== null || this.#child.signalCode !== null
    if (!hasEnded) process.kill(this.#output === null ? this.#child.pid : -this.#child.pid, signal)
  }
}

/** On Linux, niceness counts within a group of processes alone; this is the niceness of the group. */
function letOthersFirst(pid) {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, '19')
  } catch {
    // no such groups here: the niceness of the process counts
  }
}
