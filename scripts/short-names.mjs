// Owns which property names a drop-in script writes short: those by which our own modules speak to each other, and
// the members of dependencies' classes. A name is kept where somebody else could mean the same word:
// - an app: the published types have it;
// - a browser: TypeScript's types of browsers and of the language have it;
// - a dependency: its code has it elsewhere than as a member of a class;
// - another peer or signaling: a module that reads or writes JSON has a field of that name, or one whose types that
//   module speaks of, or one that makes values for the room. Methods and members of classes are in no JSON;
// - a text of ours is that word: something may be asked for by it, as in `table[word]`.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { minifySync } from 'vite'
import { withImports, wordsOf } from './words.mjs'

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const ENTRY = at('client/index.ts')
const VALUES = at('protocol/value.ts')

/** For Vite. The published types must be there. */
export const shortNames = {
  name: 'short-names',
  renderChunk(code, { fileName, moduleIds, exports }) {
    const files = moduleIds.map((id) => id.replace(/\?.*/, ''))
    const names = ownNames(files).filter((name) => !exports.includes(name))
    const { code: short, map } = minifySync(fileName, code, {
      compress: false,
      mangle: false,
      codegen: { removeWhitespace: false, legalComments: 'inline' },
      mangleProps: { include: new RegExp(`^(?:${names.join('|')})$`) },
      sourcemap: true,
    })
    return { code: short, map }
  },
}

/** The names that may be written short in a script of these files. */
export function ownNames(files) {
  const own = [...withImports([ENTRY])]
  const dependencies = files.filter((file) => !own.includes(file))
  const json = withImports(own.filter((file) => wordsOf(file).saysJson))
  const members = new Set(dependencies.flatMap((file) => [...wordsOf(file).members]))
  const values = own.filter((file) => wordsOf(file).imports.has(VALUES))
  const kept = new Set([
    ...declaredIn(withImports([at('dist/types/client/index.d.ts')])),
    ...declaredIn(platformTypes()),
    ...[...json, ...values].flatMap((file) => [...wordsOf(file).fields]),
    ...own.flatMap((file) => [...wordsOf(file).texts]),
    ...dependencies.flatMap((file) => othersOf(wordsOf(file), members)),
  ])
  return [...new Set([...declaredIn(own), ...members])].filter((name) => !kept.has(name))
}

function declaredIn(files) {
  return [...new Set([...files].flatMap((file) => [...wordsOf(file).declares]))]
}

/** What a dependency says besides the members of classes. */
function othersOf({ declares, asksFor, texts }, members) {
  const outside = [...declares, ...asksFor].filter((name) => !members.has(name))
  return [...outside, ...texts]
}

/** The files in which TypeScript says what browsers and the language have. */
function platformTypes() {
  const tsc = at('node_modules/typescript/bin/tsc')
  const { stdout } = spawnSync(
    process.execPath,
    [tsc, '-p', at('tsconfig.types.json'), '--listFilesOnly'],
    {
      encoding: 'utf8',
    },
  )
  return stdout.split('\n').filter((file) => /\/lib\.[\w.]+\.d\.ts$/.test(file))
}
