// Owns what a drop-in script leaves out of noble's ciphers and hashes:
// - checks of arguments, and the sentences of errors: Baton alone calls them, by their types;
// - byte orders, key lengths and options that Baton has none of;
// - copies of a hash that has begun, what it is known by, and whether it has ended.
// What is computed stays as noble's authors wrote it. No other build leaves anything out.

const NOBLE = /\/@noble\/(ciphers|hashes)\/(\w+)\.js$/
/** An error with its sentence, which holds at most calls without calls in them. */
const ERROR = /new ((?:Range|Type)?Error)\((?:[^()]|\([^()]*\))*\)/g

/** From a line that begins so to the brace or bracket that closes it, in its own column. */
const block = (head) => new RegExp(`^( *)${head}.*\\n(?:(?!\\1[}\\])]).*\\n)*\\1[}\\])].*$`, 'm')
const gives = (name) => [block(`export function ${name}\\(`), `export const ${name} = (it) => it`]
const nothing = (name) => [block(`export function ${name}\\(`), `export const ${name} = () => {}`]

/** Whether a hash or a tag has ended, which nothing asks any more. */
const FLAGS = [/^ *(?:this\.)?(?:finished|destroyed|canXOF) = (?:true|false);$/gm, '']
const FUNCTION_CHECK = [/^ *if \(typeof [\w.]+ !== 'function'\)\n *throw .*;$/m, '']
/** What is known of a hash or a tag before there is one. */
const KNOWN_BEFORE = [/^ *(?:const tmp = .*|\w+\.\w+ = tmp\.\w+;)$/gm, '']

const CUTS = {
  'ciphers/utils': [
    ...['abytes', 'abool', 'anumber'].map(gives),
    ...['aexists', 'aoutput', 'complexOverlapBytes'].map(nothing),
    [block('const aobject = '), 'const aobject = () => {}'],
    [/^export const isLE = .*$/m, 'export const isLE = true'],
    KNOWN_BEFORE,
    [
      block('export const wrapCipher = '),
      'export const wrapCipher = (_, constructor) => constructor',
    ],
  ],
  'ciphers/_arx': [[block('else if \\(l === 16 && allowShortKeys\\) \\{'), ''], FUNCTION_CHECK],
  'ciphers/_poly1305': [FLAGS],
  'hashes/utils': [
    ...['abytes', 'anumber'].map(gives),
    ...['aexists', 'aoutput', 'ahash'].map(nothing),
    [/^ *info = checkOpts\(.*$/m, ''],
    [/^ *Object\.assign\(hashC, info\);\n *return .*$/m, 'return hashC'],
    [block('export const oidNist = '), 'export const oidNist = () => {}'],
    FUNCTION_CHECK,
    KNOWN_BEFORE,
  ],
  'hashes/_md': [
    FLAGS,
    [/^ *if \(len % 4 \|\| .*\n *throw .*;$/m, ''],
    [block('_cloneIntoMeta\\('), ''],
    [block('clone\\('), ''],
  ],
  'hashes/sha2': [FLAGS, [block('_cloneInto\\('), '']],
  'hashes/hmac': [FLAGS, FUNCTION_CHECK, [block('_cloneInto\\('), ''], [block('clone\\('), '']],
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
