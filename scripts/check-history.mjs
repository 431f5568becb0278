// Judges recorded histories: `node scripts/check-history.mjs run/*.jsonl` takes all files as one
// run, each written by one page or by whoever injected the faults. Ends with 0 where all is well, 1
// where a promise is broken, 2 where a file cannot be read, 3 where the run proves nothing.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'vite'

const STATUS = { ok: 0, broken: 1, unreadable: 2, void: 3 }

const files = process.argv.slice(2)
if (files.length === 0) {
  console.error('usage: node scripts/check-history.mjs <files of one run, JSON lines>')
  process.exit(STATUS.unreadable)
}

const outDir = mkdtempSync(join(tmpdir(), 'baton-check-'))
try {
  const root = fileURLToPath(new URL('..', import.meta.url))
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    build: {
      outDir,
      emptyOutDir: false,
      ssr: 'checks/verdict-report.ts',
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: 'report.mjs' } },
    },
  })
  const { reportOn } = await import(pathToFileURL(join(outDir, 'report.mjs')).href)
  const { verdict, lines } = reportOn(
    files.map((name) => ({ name, text: readFileSync(name, 'utf8') })),
  )
  for (const line of lines) console.log(line)
  process.exitCode = STATUS[verdict]
} catch (error) {
  console.error(error.message)
  process.exitCode = STATUS.unreadable
} finally {
  rmSync(outDir, { recursive: true, force: true })
}
