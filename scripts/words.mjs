// Owns which words a source file speaks: the members that it declares, those that it asks for, its texts, and the
// files that it imports. Knows nothing of what the words are for.

import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseSync, Visitor } from 'vite'

const wordsByFile = new Map()

/**
 * @returns {{
 *   declares: Set<string>, fields: Set<string>, members: Set<string>, asksFor: Set<string>, texts: Set<string>,
 *   saysJson: boolean, imports: Set<string>
 * }}
 */
export function wordsOf(file) {
  const words = wordsByFile.get(file) ?? read(file)
  wordsByFile.set(file, words)
  return words
}

function read(file) {
  const { program, errors } = parseSync(file, readFileSync(file, 'utf8'))
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`)
  const words = {
    declares: new Set(),
    fields: new Set(),
    members: new Set(),
    asksFor: new Set(),
    texts: new Set(),
    saysJson: false,
    imports: new Set(),
  }
  new Visitor(visitorsOf(words, dirname(file))).visit(program)
  return words
}

/** Files and all that they import of ours, types included. */
export function withImports(files, found = new Set()) {
  for (const file of files) {
    if (found.has(file)) continue
    found.add(file)
    withImports(wordsOf(file).imports, found)
  }
  return found
}

function visitorsOf(words, folder) {
  const declare = ({ key, computed }) => {
    if (!computed && key.type === 'Identifier') words.declares.add(key.name)
  }
  const declareIn = (names) => (member) => {
    declare(member)
    if (!member.computed && member.key.type === 'Identifier') names.add(member.key.name)
  }
  const declareMember = declareIn(words.members)
  const declareField = declareIn(words.fields)
  const importFrom = ({ source }) => {
    if (source?.value.startsWith('.')) words.imports.add(fileOf(resolve(folder, source.value)))
  }
  const sayParts = ({ quasis }) => {
    const parts = quasis.map(({ value }) => value.raw)
    for (const word of wordsIn(parts)) words.texts.add(word)
  }
  return {
    PropertyDefinition: declareMember,
    MethodDefinition: declareMember,
    AssignmentExpression({ left }) {
      if (left.type === 'MemberExpression' && left.object.type === 'ThisExpression')
        declareMember({ key: left.property, computed: left.computed })
    },
    Property: (property) => (property.method ? declare : declareField)(property),
    TSPropertySignature: declareField,
    TSMethodSignature: declare,
    MemberExpression({ property, computed }) {
      if (!computed && property.type === 'Identifier') words.asksFor.add(property.name)
    },
    Identifier({ name }) {
      words.saysJson ||= name === 'JSON'
    },
    Literal({ value, regex }) {
      if (regex) for (const word of wordsIn([regex.pattern])) words.texts.add(word)
      else words.texts.add(String(value))
    },
    TemplateLiteral: sayParts,
    TSTemplateLiteralType: sayParts,
    ImportDeclaration: importFrom,
    ExportNamedDeclaration: importFrom,
    ExportAllDeclaration: importFrom,
  }
}

/** Published types import each other as if they were sources. */
function fileOf(path) {
  return existsSync(path) ? path : path.replace(/\.ts$/, '.d.ts')
}

/** What a name could be put together of. A sentence is no name. */
function wordsIn(parts) {
  const isSentence = parts.some((part) => /\s/.test(part))
  return isSentence ? [] : parts.flatMap((part) => part.match(/[\w$]+/g) ?? [])
}
