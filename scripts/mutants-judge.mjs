// Owns the verdict on one mutant after the other, in a tree of its own: does a unit test fail, do the types, does the
// simulation? The cheapest comes first, and the first to object ends it.

import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Tree } from './mutants-tree.mjs'

/** A mutant hangs when its tests take this much longer than those of the sound code. */
const HANGS_TIMES = 5
const HANGS_MS = 10_000
/** Longer than the sound code needs in any tests, on a machine that does much else. */
const SOUND_MAX_MS = 600_000

/** A mutant may leave something unused: that says nothing about tests. */
const TSC_ARGS = '--noEmit --incremental --noUnusedLocals false --noUnusedParameters false'.split(
  ' ',
)

export class Judge {
  #tree = new Tree()
  #units = null
  #soundMsByTest = new Map()
  #sim = null

  /** `seeds`: how many the simulation plays; 0 leaves it out. */
  static async open({ seeds }) {
    const judge = new Judge()
    // The check of the sound tree makes every later check short.
    if (!(await judge.#typesHold())) throw new Error('the types are wrong without any mutant')
    if (seeds > 0) judge.#sim = await Simulation.open(judge.#tree.root, seeds)
    return judge
  }

  /** Resolves with `{ by, how }`: who killed the mutant; `by` is null where it lives. */
  async judge(mutant, { tests, isSimulated }) {
    await this.#knowSound(tests)
    const failed = await this.#run(this.#tree.put(mutant), tests)
    if (failed !== null) return { by: 'unit', how: failed }
    if (!(await this.#typesHold())) return { by: 'types', how: '' }
    const caught = isSimulated ? await this.#sim?.play(mutant.file) : null
    return caught ? { by: 'sim', how: `${caught.checker}, ${caught.by}` } : { by: null, how: '' }
  }

  close() {
    this.#units?.kill('SIGKILL')
    this.#tree.remove()
  }

  /** How long the sound code takes in these tests; it must pass them. */
  async #knowSound(tests) {
    const unknown = tests.filter((test) => !this.#soundMsByTest.has(test))
    if (unknown.length === 0) return
    const answer = await this.#ask({ changed: this.#tree.restore(), tests: unknown })
    if (answer === null)
      throw new Error(`the process of the unit tests ended in ${unknown.join(', ')}`)
    const { failed, durationsMs } = answer
    if (failed !== null) throw new Error(`without any mutant fails ${failed}`)
    for (const [test, ms] of Object.entries(durationsMs)) this.#soundMsByTest.set(test, ms)
  }

  /** Resolves with what failed, or null. */
  async #run(changed, tests) {
    const soundMs = tests.reduce((sum, test) => sum + this.#soundMsByTest.get(test), 0)
    const limitMs = HANGS_MS + HANGS_TIMES * soundMs
    const answer = await this.#ask({ changed, tests }, limitMs)
    return answer === null ? `no end after ${Math.round(limitMs / 1_000)} s` : answer.failed
  }

  /** Resolves with null where no answer comes, in time or at all. */
  async #ask(question, limitMs = SOUND_MAX_MS) {
    const units = await this.#unitsProcess()
    const timer = setTimeout(() => units.kill('SIGKILL'), limitMs)
    const over = new AbortController()
    const answered = once(units, 'message', { signal: over.signal }).then(([answer]) => answer)
    const ended = once(units, 'exit', { signal: over.signal }).then(() => null)
    units.send(question)
    const answer = await Promise.race([answered, ended])
    over.abort()
    clearTimeout(timer)
    if (answer === null) this.#units = null
    return answer
  }

  async #unitsProcess() {
    if (this.#units !== null) return this.#units
    const units = fork(new URL('./mutants-units.mjs', import.meta.url), { cwd: this.#tree.root })
    await once(units, 'message')
    this.#units = units
    return units
  }

  #typesHold() {
    const { root } = this.#tree
    const tsc = join(root, 'node_modules', '.bin', 'tsc')
    const args = [...TSC_ARGS, '--tsBuildInfoFile', join(root, 'types.json')]
    return new Promise((resolve) =>
      execFile(tsc, args, { cwd: root }, (error) => resolve(error === null)),
    )
  }
}

/** The simulation of the tree's code, beside that of the sound code. */
class Simulation {
  #root
  #plays
  #bundling
  #sound
  #playInProcess

  /** Loaded only where it is wanted: it bundles the sound code at once. */
  static async open(root, seeds) {
    const simulation = new Simulation()
    const { playInProcess } = await import('./sim/planted.mjs')
    const { sceneNames, sceneText } = await import('./sim/scenes.mjs')
    const { paths } = await import('./sim/simulation.mjs')
    const scenes = sceneNames().map((name) => ({ name, scenario: sceneText(name) }))
    const numbers = Array.from({ length: seeds }, (_, i) => ({ name: 1 + i }))
    simulation.#root = root
    simulation.#plays = [...scenes, ...numbers]
    simulation.#bundling = await import(pathToFileURL(`${root}/scripts/sim-bundle.mjs`))
    simulation.#sound = paths
    simulation.#playInProcess = playInProcess
    return simulation
  }

  /** Resolves with the first checker that objects to the code of now, or null. */
  async play(file) {
    const { bundle, TIGHT_PATCHES } = this.#bundling
    const name = basename(this.#root) // all trees have one folder for bundles
    const { caught } = await this.#playInProcess({
      usual: await bundle(name),
      tight: await bundle(`${name}-tight`, TIGHT_PATCHES),
      sound: this.#sound,
      plays: this.#plays,
      variant: variantFor(file),
    })
    return caught
  }
}

/** What plays the code of this file at all. */
function variantFor(file) {
  if (file.startsWith('client/shared/')) return 'objects'
  return file.startsWith('client/') ? 'rooms' : 'plain'
}
