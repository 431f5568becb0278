// Builds all that is published into dist/: the compiled service, the types, the drop-in scripts, the entries upon them,
// the demo and the examples.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'vite'
import { dropIn } from './drop-in.mjs'
import { buildExamples } from './examples.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url))

/** What the classic script sets. */
const GLOBAL_TYPES = `declare global {
  const Baton: typeof import('./client/index.ts')
}
export {}
`

/** What the service serves beside its pages. */
const DROP_INS = [
  'baton.js',
  'baton.global.js',
  'baton-room.js',
  'baton-text.js',
  'baton-timers.js',
]

/** Jest's page of jsdom has none of its own. */
const TEXT_CODERS =
  "const { TextDecoder, TextEncoder } = globalThis.TextEncoder ? globalThis : require('node:util')"

function compile(project) {
  const { status } = spawnSync(process.execPath, [tsc, '-p', project], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}

/**
 * An entry upon Baton: `baton` is where it imports it from, since both must speak of the same rooms.
 * Of what else it names, such as React, there is one as well.
 */
async function entry(folder, fileName, { baton, external = [], output = {} }) {
  const own = {
    name: 'baton-relay-is-external',
    enforce: 'pre',
    resolveId: (source, importer) =>
      source === '../index.ts' && importer?.includes(`/client/${folder}/`)
        ? { id: baton, external: true }
        : undefined,
  }
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [own],
    build: {
      outDir: 'dist',
      emptyOutDir: false,
      target: 'es2022',
      sourcemap: true,
      rolldownOptions: { external, output },
      lib: { entry: `client/${folder}/index.ts`, formats: ['es'], fileName: () => fileName },
    },
  })
}

/**
 * The same once more as CommonJS, for those who know nothing else: Jest, above all. Node and bundlers are never led
 * here, not even by `require` (see `exports` in package.json): two copies of Baton would share no rooms.
 */
async function commonJs() {
  const names = ['baton', 'baton-text', 'react']
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    build: {
      outDir: 'dist',
      emptyOutDir: false,
      target: 'es2022',
      rolldownOptions: {
        external: ['baton-relay', 'react', 'react/jsx-runtime'],
        transform: { define: { 'import.meta.url': 'undefined' } },
        output: {
          intro: ({ name }) => (name === 'baton' ? TEXT_CODERS : ''),
          minify: true,
          comments: { legal: true, annotation: false, jsdoc: false },
        },
        // Who requires the hooks renders them at once, and asks no server: 'use client' may be lost.
        onLog: (level, log, handle) =>
          log.code === 'MODULE_LEVEL_DIRECTIVE' ? undefined : handle(level, log),
      },
      lib: {
        entry: Object.fromEntries(names.map((name) => [name, `dist/${name}.js`])),
        formats: ['cjs'],
        fileName: (_, name) => `${name}.cjs`,
      },
    },
  })
}

/** For pages whose policy lets no Worker start from the script itself. */
function writeTimers() {
  const text = readFileSync(join(root, 'transport', 'worker-timers.ts'), 'utf8')
  const [, source] = /const WORKER_SOURCE = '(.+)'/.exec(text)
  writeFileSync(join(root, 'dist', 'baton-timers.js'), `${source}\n`)
}

/** See signaling/gateway/cbor.ts. The licence of what is put into the file goes along with it. */
async function putCborIn() {
  const folder = join('dist', 'signaling', 'gateway')
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      lib: { entry: join(folder, 'cbor.js'), formats: ['es'], fileName: () => 'cbor.js' },
    },
  })
  copyFileSync(
    join(root, 'node_modules', 'cborg', 'LICENSE'),
    join(root, folder, 'cborg-license.txt'),
  )
}

/** The service sends these as they are: the build compresses once, and with more effort. */
function compressDropIns() {
  for (const name of DROP_INS) {
    const path = join(root, 'dist', name)
    const script = readFileSync(path)
    writeFileSync(`${path}.br`, brotliCompressSync(script))
    writeFileSync(`${path}.gz`, gzipSync(script, { level: 9 }))
  }
}

/** The lines with which a page loads this very build from a CDN; another build there is refused by its hash. */
function printCdnLines() {
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const of = (file) => {
    const hash = createHash('sha384')
      .update(readFileSync(join(root, 'dist', file)))
      .digest('base64')
    const url = `https://cdn.jsdelivr.net/npm/${name}@${version}/dist/${file}`
    return { url, rest: `integrity="sha384-${hash}" crossorigin="anonymous"` }
  }
  const [script, module] = [of('baton.global.js'), of('baton.js')]
  console.log(`<script src="${script.url}" ${script.rest}></script>`)
  console.log(`<link rel="modulepreload" href="${module.url}" ${module.rest}>`)
}

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true })
compile('tsconfig.build.json')
compile('tsconfig.types.json')
writeFileSync(new URL('../dist/types/global.d.ts', import.meta.url), GLOBAL_TYPES)
await putCborIn()
writeTimers()
await dropIn(root, 'es', 'baton.js')
await dropIn(root, 'iife', 'baton.global.js')
await dropIn(root, 'es', 'baton-room.js', 'rooms.ts')
await entry('react', 'react.js', {
  baton: 'baton-relay',
  external: ['react', 'react/jsx-runtime'],
  // Frameworks that render on a server need to be told that these components live in pages.
  output: { banner: "'use client'" },
})
// Served beside the drop-in script, and loaded by pages as it is: it has no white space.
await entry('text', 'baton-text.js', {
  baton: './baton.js',
  output: { minify: true, comments: { annotation: false, jsdoc: false } },
})
await commonJs()
await buildExamples(join(root, 'dist', 'examples'))
await build({ root, logLevel: 'warn' })
compressDropIns()
printCdnLines()
