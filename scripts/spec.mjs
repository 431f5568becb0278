// Holds the spec and the tests to each other: every rule has a test that names it, but for those of a list that only
// gets shorter, and every test that names a rule names one that exists.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { complaints, rulesIn, rulesNamedIn, rulesNotedIn } from './spec-rules.mjs'

const LIST = 'docs/spec/untested.txt'
const root = fileURLToPath(new URL('..', import.meta.url))
const read = (file) => readFileSync(`${root}/${file}`, 'utf8')

/** Also what is new and not committed yet; not what is deleted. Wherever a folder moves, its tests are found. */
function files() {
  const git = (...args) => {
    const { status, stdout, stderr } = spawnSync('git', ['ls-files', ...args], {
      cwd: root,
      encoding: 'utf8',
    })
    if (status === 0) return stdout.split('\n').filter((line) => line !== '')
    console.error(`\`git ls-files\` did not answer, so the tests cannot be found. ${stderr}`)
    return process.exit(1)
  }
  const deleted = new Set(git('--deleted'))
  return git('--cached', '--others', '--exclude-standard').filter((file) => !deleted.has(file))
}

/** A suite that several tests share is in a file of its own: so titles are looked for in all sources. */
function namedBy(file) {
  if (/(^|\/)scenarios\/.*\.txt$/.test(file)) return rulesNotedIn(read(file))
  if (!/\.tsx?$/.test(file)) return []
  return /(^|\/)check(er)?s\//.test(file) && !file.endsWith('.test.ts')
    ? rulesNotedIn(read(file))
    : rulesNamedIn(read(file))
}

const all = files()
const named = all.flatMap((file) => namedBy(file).map((id) => [id, file]))
const pages = all
  .filter((file) => /^docs\/spec\/[^/]+\.md$/.test(file))
  .map((file) => ({ file, rules: rulesIn(read(file)) }))
const rules = pages.flatMap((page) => page.rules)
const untested = read(LIST)
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))

const tested = new Set(named.map(([id]) => id))
for (const page of pages) {
  if (page.rules.length === 0) continue
  const without = page.rules.filter((id) => !tested.has(id))
  const how = without.length === 0 ? 'each named by a test' : `without a test ${without.join(' ')}`
  console.log(`${basename(page.file)}: ${page.rules.length} rules, ${how}`)
}
const wrong = complaints({ rules, named, untested, list: LIST })
for (const sentence of wrong) console.error(sentence)
if (wrong.length > 0) process.exit(1)
const count = rules.length - untested.length
console.log(
  `${rules.length} rules; tests name ${count} of them, ${untested.length} are listed in ${LIST}`,
)
