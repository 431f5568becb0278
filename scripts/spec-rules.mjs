// Owns what a rule is, where one is named, and what is wrong between the two. It knows no files: `spec.mjs` reads them.

const RULE = /^([A-Z]{2})(\d+)([a-z]?)$/
const RANGE = /^([A-Z]{2})(\d+)-\1(\d+)$/

/** The rules that a page of the spec defines: `## EL5 …` and `- **EL5a** …`. */
export function rulesIn(markdown) {
  return [...markdown.matchAll(/^(?:## |- \*\*)([A-Z]{2}\d+[a-z]?)(?: |\*\*)/gm)].map(
    ([, id]) => id,
  )
}

/** What the titles in a source file name: those strings that begin as `[MG4 EL5]` or `[RE1-RE6]` do. */
export function rulesNamedIn(source) {
  return [...source.matchAll(/['"`]\[([A-Z]{2}\d[^\]\n]*)\]/g)].flatMap(([, words]) => idsOf(words))
}

/** What a checker or a scenario names: it has no title, and says it in a comment. */
export function rulesNotedIn(text) {
  return [...text.matchAll(/\[([A-Z]{2}\d[^\]\n]*)\]/g)].flatMap(([, words]) => idsOf(words))
}

/** A range means the numbered rules from one to the other. What is no id stays as it is, and so will be no rule. */
function idsOf(words) {
  return words.split(' ').flatMap((word) => {
    const [, kind, from, to] = RANGE.exec(word) ?? []
    if (kind === undefined || Number(from) >= Number(to)) return [word]
    return Array.from(
      { length: Number(to) - Number(from) + 1 },
      (_, i) => `${kind}${Number(from) + i}`,
    )
  })
}

/** SG2 comes before SG2a, and SG9 before SG10. */
export function inOrder(a, b) {
  const [, kindA, numberA, letterA] = RULE.exec(a) ?? [a, a, 0, '']
  const [, kindB, numberB, letterB] = RULE.exec(b) ?? [b, b, 0, '']
  return compare(kindA, kindB) || numberA - numberB || compare(letterA, letterB)
}

function compare(a, b) {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/**
 * All that is wrong, one sentence each.
 * - `rules`: the ids that the spec defines, one for each definition
 * - `named`: pairs of an id and the file that names it
 * - `untested`: the rules that are known to have no test, as `list` lists them
 */
export function complaints({ rules, named, untested, list }) {
  const fileByRule = new Map(named)
  const defined = new Set(rules)
  const excused = new Set(untested)
  const twice = rules.filter((id, i) => rules.indexOf(id) !== i)
  const unknown = named.filter(([id]) => !defined.has(id))
  const fresh = [...defined].filter((id) => !fileByRule.has(id) && !excused.has(id))
  return [
    ...twice.map((id) => `${id} is defined twice in the spec. Give one of the two another id.`),
    ...unknown.map(
      ([id, file]) =>
        `${file} names ${id}, which is no rule. Mend the id in the title, or write the rule.`,
    ),
    ...fresh.map(
      (id) =>
        `No test names ${id}. Write one, or put the id into the title of the one that proves it: test('[${id}] …').`,
    ),
    ...untested
      .filter((id) => fileByRule.has(id) && defined.has(id))
      .map((id) => `${id} has a test now, in ${fileByRule.get(id)}. Take its line out of ${list}.`),
    ...untested
      .filter((id) => !defined.has(id))
      .map((id) => `${list} lists ${id}, which is no rule. Take the line out.`),
    ...untested
      .filter((id, i) => i > 0 && inOrder(untested[i - 1], id) >= 0)
      .map(
        (id) => `${list} lists ${id} in the wrong place, or twice. Keep it in the order of ids.`,
      ),
  ]
}
