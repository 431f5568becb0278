// Rows of pure code in Node, without any I/O: each round is a process of its own.

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build as bundle } from 'vite'
import { less, type Contender, type Figure, type Row, type Samples } from '../row.ts'
import type { Build, Stage } from '../stage/stage.ts'

const run = promisify(execFile)
const ROUNDS = 3
/** Rows beside which copies of the bytes alone are measured. */
const HAS_BOUND = ['engine', 'history']

export const engine = pureRow('engine', 'the engine: 1,000,000 messages of 100 B under one key', [
  less('append', 'append', 'ns'),
  less('replay', 'replay', 'ns'),
  less('memory, to 1.5 × the values and 64 B a message', 'memory', '×'),
])

export const keys = pureRow('keys', 'the engine: appends, each to another key than before', [
  less('10 keys', 'keys-10', 'ns'),
  less('1,000 keys', 'keys-1000', 'ns'),
  less('10,000 keys', 'keys-10000', 'ns'),
])

export const history = pureRow('history', 'the engine: appends, and replays of the last 1,000', [
  less('append, 10,000 in all', 'append-10000', 'ns'),
  less('append, 1,000,000 in all', 'append-1000000', 'ns'),
  less('replay of 10,000', 'last-10000', 'ns'),
  less('replay of 1,000,000', 'last-1000000', 'ns'),
])

export const codec = pureRow('codec', 'frames of 128 messages of 100 B, a message', [
  less('encode submit', 'encode-submit', 'ns'),
  less('parse submit', 'parse-submit', 'ns'),
  less('encode entries', 'encode-entries', 'ns'),
  less('parse entries', 'parse-entries', 'ns'),
])

export const pipeline = pureRow(
  'pipeline',
  'author to host to 3 followers, the author one of them',
  [less('a message', 'message', 'ns')],
)

export const frames = pureRow(
  'frames',
  'one input of a host of 9,000 keys, 59 MB and 63 followers, from bytes to bytes: the most costly of its kind',
  [
    'the most costly',
    'hello a tail behind',
    'fetch of all',
    'part-taken',
    'replay of most keys',
    'report',
    'submit of 2,048 repeats',
    'submit of 64 gaps',
    'submit of 2,048 appends',
    'submit of 15 MB',
    'submit of 2,048 replaces',
    'submit of 2,048 folds',
    'link closed',
    'signaling: joined',
    'tick',
  ].map((kind) => less(kind, kind, 'ms')),
)

function pureRow(name: string, title: string, figures: readonly Figure[]): Row {
  return {
    name,
    title,
    boundBy: 'one core, and how fast it copies the bytes',
    rounds: ROUNDS,
    opens: 'row',
    figures,
    contenders: (stage) => [
      ...stage.builds
        .filter((build) => name !== 'frames' || hasOwnScriptOfFrames(build))
        .map((build) => alone(name, stage, build)),
      ...(HAS_BOUND.includes(name) ? [copies(stage)] : []),
    ],
  }
}

/** An older checkout may have none. */
function hasOwnScriptOfFrames({ dist }: Build): boolean {
  return existsSync(join(dist, '..', 'bench', 'micro', 'frames.ts'))
}

/** What memory allows. */
function copies(stage: Stage): Contender {
  const { open } = alone('copies', stage, stage.builds[0]!)
  return { name: 'copies alone', kind: 'limit', open }
}

function alone(measure: string, stage: Stage, build: Build): Contender {
  const { name, kind, dist } = build
  const open = async () => {
    const script = await scriptOf(stage, build)
    const measureOnce = async () => {
      const { stdout } = await run(process.execPath, ['--expose-gc', script, dist, measure])
      return JSON.parse(stdout) as Samples
    }
    return { measure: measureOnce, close: async () => {} }
  }
  return { name, kind, open }
}

/** The surface of pure machines is no promise: another checkout is driven by its own script, if it has one. */
async function scriptOf(stage: Stage, { dist, kind }: Build): Promise<string> {
  const fileName = `alone-${kind}.mjs`
  const script = join(stage.pagesFolder, fileName)
  if (existsSync(script)) return script
  const own = join(dist, '..', 'bench', 'micro', 'alone.ts')
  const ours = join(stage.builds[0]!.dist, '..', 'bench', 'micro', 'alone.ts')
  await bundle({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: existsSync(own) ? own : ours,
      outDir: stage.pagesFolder,
      emptyOutDir: false,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: fileName } },
    },
  })
  return script
}
