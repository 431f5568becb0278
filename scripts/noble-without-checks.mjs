// Owns what a drop-in script leaves out of noble's ciphers and hashes:
// - checks of arguments, and the sentences of errors: Baton alone calls them, by their types;
// - byte orders, key lengths and options that Baton has none of;
// - copies of a hash that has begun.
// What is computed stays as noble's authors wrote it. No other build leaves anything out.

const NOBLE = /\/@noble\/(ciphers|hashes)\/(\w+)\.js$/
/** An error with its sentence, which holds at most calls without calls in them. */
const ERROR = /new ((?:Range|Type)?Error)\((?:[^()]|\([^()]*\))*\)/g

/** From a line that begins so to the brace or bracket that closes it, in its own column. */
const block = (head) => new RegExp(`^( *)${head}.*\\n(?:(?!\\1[}\\])]).*\\n)*\\1[}\\])].*$`, 'm')
const gives = (name) => [block(`export function ${name}\\(`), `export const ${name} = (it) => it`]
const nothing = (name) => [block(`export function ${name}\\(`), `export const ${name} = () => {}`]

const CUTS = {
  'ciphers/utils': [
    ...['abytes', 'abool', 'anumber'].map(gives),
    ...['aexists', 'aoutput', 'complexOverlapBytes'].map(nothing),
    [block('const aobject = '), 'const aobject = () => {}'],
    [/^export const isLE = .*$/m, 'export const isLE = true'],
    [
      block('export const wrapCipher = '),
      'export const wrapCipher = (_, constructor) => constructor',
    ],
  ],
  'ciphers/_arx': [[block('else if \\(l === 16 && allowShortKeys\\) \\{'), '']],
  'hashes/utils': [
    ...['abytes', 'anumber'].map(gives),
    ...['aexists', 'aoutput', 'ahash'].map(nothing),
    [block('const aopts = '), 'const aopts = () => {}'],
    [block('export const oidNist = '), 'export const oidNist = () => ({})'],
  ],
  'hashes/_md': [
    [block('_cloneIntoMeta\\('), ''],
    [block('clone\\('), ''],
  ],
  'hashes/sha2': [[block('_cloneInto\\('), '']],
  'hashes/hmac': [
    [block('_cloneInto\\('), ''],
    [block('clone\\('), ''],
  ],
}

/** A file's source without them. Throws where it is not the source that this was written for. */
export function withoutChecks(file, source) {
  const left = (CUTS[file] ?? []).reduce((left, [found, instead]) => {
    const next = left.replace(found, instead)
    if (next === left)
      throw new Error(
        `@noble/${file}.js has nothing like ${found} any more: read what has changed, then correct ` +
          'noble-without-checks.mjs.',
      )
    return next
  }, source)
  return left.replace(ERROR, 'new $1()')
}

/** For Vite. */
export const nobleWithoutChecks = {
  name: 'noble-without-checks',
  transform(code, id) {
    const found = NOBLE.exec(id)
    return found && { code: withoutChecks(`${found[1]}/${found[2]}`, code), map: null }
  },
}
