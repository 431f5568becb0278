// Owns a throw-away copy of the working tree, in which mutants are tried: nothing is ever written into the tree itself.

import { execFileSync } from 'node:child_process'
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withMutant } from './mutants-places.mjs'

const here = fileURLToPath(new URL('..', import.meta.url))

export class Tree {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'baton-mutants-')))
  #changed = new Set()

  constructor() {
    for (const file of filesHere()) cpSync(join(here, file), join(this.root, file))
    symlinkSync(join(here, 'node_modules'), join(this.root, 'node_modules'))
    process.once('exit', () => this.remove())
  }

  /** Puts one mutant into the copy, in the place of the one before. Answers which files changed. */
  put({ file, ...mutant }) {
    const changed = [...this.restore(), file]
    const path = join(this.root, file)
    writeFileSync(path, withMutant(readFileSync(path, 'utf8'), mutant))
    this.#changed.add(file)
    return changed
  }

  /** The sound tree again. Answers which files changed. */
  restore() {
    const changed = [...this.#changed]
    for (const file of changed) cpSync(join(here, file), join(this.root, file))
    this.#changed.clear()
    return changed
  }

  remove() {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** What Git tracks or would track, as far as it is there. */
export function filesHere() {
  const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], { cwd: here })
  const deleted = execFileSync('git', ['ls-files', '-z', '--deleted'], { cwd: here })
  const gone = new Set(String(deleted).split('\0'))
  return String(listed)
    .split('\0')
    .filter((file) => file !== '' && !gone.has(file))
}

export function textHere(file) {
  return readFileSync(join(here, file), 'utf8')
}

/** Who imports whom, in code that runs. */
export class Imports {
  #importersByFile = new Map()

  constructor() {
    const sources = filesHere().filter((file) => /\.(ts|tsx|mjs)$/.test(file))
    for (const importer of sources)
      for (const file of importsOf(importer))
        this.#importersByFile.set(file, [...(this.#importersByFile.get(file) ?? []), importer])
  }

  /** The test files that reach a file, the nearest first. */
  testsOf(file) {
    const own = file.replace(/\.ts$/, '.test.ts')
    const stepsByFile = this.#whoReaches(file)
    const distance = (test) => (test === own ? 0 : stepsByFile.get(test))
    return [...stepsByFile.keys()]
      .filter((test) => /\.test\.tsx?$/.test(test))
      .sort((a, b) => distance(a) - distance(b))
  }

  isSimulated(file) {
    return this.#whoReaches(file).has('sim/main.ts')
  }

  /** Each file that reaches this one, with the number of imports between them. */
  #whoReaches(file) {
    const stepsByFile = new Map([[file, 0]])
    for (const [reached, steps] of stepsByFile)
      for (const importer of this.#importersByFile.get(reached) ?? [])
        if (!stepsByFile.has(importer)) stepsByFile.set(importer, steps + 1)
    return stepsByFile
  }
}

function importsOf(importer) {
  const imports = textHere(importer).matchAll(
    /^(?:import|export) (?!type\b)[^'"]*?from '(\.[^']+)'/gm,
  )
  return [...imports].map(([, path]) => posix.join(dirname(importer), path))
}
