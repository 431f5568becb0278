// The engine without a browser: `engine-alone.ts` is bundled, and runs in a plain Node of its own.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'playwright/test'
import { build } from 'vite'
import type { EngineFigures } from './engine-alone.ts'
import { median, row, ROUNDS } from './table.ts'

const PROCESSES = Math.max(2, Math.ceil(ROUNDS / 4))

test('engine', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-bench-engine-'))
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: fileURLToPath(new URL('engine-alone.ts', import.meta.url)),
      outDir: folder,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: 'engine-alone.mjs' } },
    },
  })
  const runs = Array.from(
    { length: PROCESSES },
    () =>
      JSON.parse(
        execFileSync(process.execPath, ['--expose-gc', join(folder, 'engine-alone.mjs')], {
          encoding: 'utf8',
        }),
      ) as EngineFigures,
  )
  rmSync(folder, { recursive: true })

  const [appends, replayed, bytes] = [
    median(runs.map((run) => run.appendsPerSecond)),
    median(runs.map((run) => run.replayedPerSecond)),
    median(runs.map((run) => run.retainedBytes)),
  ]
  const { messages, encodedBytes } = runs[0]!
  const allowedBytes = 1.5 * encodedBytes + 64 * messages
  row({
    what: 'engine alone: appends',
    measured: `${(appends / 1e6).toFixed(1)} million /s`,
    value: appends,
    unit: '/s',
    atLeast: 2_000_000,
  })
  row({
    what: 'engine alone: replayed messages',
    measured: `${(replayed / 1e6).toFixed(1)} million /s`,
    value: replayed,
    unit: '/s',
    atLeast: 10_000_000,
  })
  row({
    what: 'memory of 1,000,000 messages of 100 B, to 1.5 × their bytes + 64 B each',
    measured: `${(bytes / 1e6).toFixed(0)} MB; allowed ${(allowedBytes / 1e6).toFixed(0)} MB`,
    value: bytes / allowedBytes,
    unit: '×',
    atMost: 1,
  })
})
