// Holds the documentation to the code: options, the help of the command, sentences, links, and words that are explained
// where they first appear. What guides tell to do is followed in e2e/guides.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { main } from '../signaling/command.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const read = (path) => readFileSync(join(ROOT, path), 'utf8')

const filesIn = (folder, ending) =>
  readdirSync(join(ROOT, folder), { recursive: true })
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`)

const PAGES = ['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', ...filesIn('docs', '.md')]
const GUIDES = filesIn('docs/guides', '.md')

/** The cells of each row of the tables below a heading; a bar within code is none between cells. */
function rowsBelow(markdown, heading) {
  const [, rest = ''] = markdown.split(`${heading}\n`)
  const [section] = rest.split(/^## /m)
  return section
    .split('\n')
    .filter((line) => /^\| [`"]/.test(line))
    .map((line) => line.slice(2, -2).split(/ (?<!\\)\| /))
}

const withoutTicks = (text) => text.replaceAll('`', '').replaceAll('\\|', '|')

test('every option of joinRoom is in its table, with its type', () => {
  const [, members = ''] = /export type JoinOptions = \{(.*?)^\}/ms.exec(read('client/api.ts'))
  const [, partition] = /export type Partition = (.*)/.exec(read('host/mandate.ts'))
  const declared = Array.from(
    members.matchAll(/^ {2}readonly (\w+)\?: (.*?)(?: \| undefined)?$/gm),
    ([, name, type]) => [name, type === 'Partition' ? partition : type],
  )
  const told = rowsBelow(read('docs/room.md'), '## Options of `joinRoom`')
  expect(declared.length).toBeGreaterThan(5)
  expect(told.map(([name, type]) => [withoutTicks(name), withoutTicks(type)])).toEqual(declared)
})

test('the page of the command has the options as --help prints them', async () => {
  let help = ''
  await main(['--help'], { stdout: (line) => (help = line) })
  const [, options] = /(^ {2}--port.*?print this$)/ms.exec(help)
  expect(read('docs/command.md')).toContain(options)
})

test('the README names the sizes that the build is held to', () => {
  const budgets = Array.from(
    read('scripts/size.mjs').matchAll(/^ {2}'dist\/([^']+)': ([\d.]+),$/gm),
  )
  expect(budgets.length).toBeGreaterThan(3)
  const [, told = ''] = /\*\*Size\*\*: (.*?)\n(?=\n|-)/s.exec(read('README.md')) ?? []
  for (const [, , kibibytes] of budgets) expect(told).toContain(`${kibibytes} KiB`)
})

describe('when it does not connect', () => {
  const PAGE = read('docs/guides/when-it-does-not-connect.md')

  /** A text that is built of parts is one line, and its values are `…`. */
  const asTold = (source) =>
    source
      .replaceAll(/['`] \+\s*['`]/g, '')
      .replaceAll(/\$\{[^{}]*\}/g, '…')
      .replaceAll('\\`', '`')
      .replaceAll("\\'", "'")

  const SOURCES = ['client', 'transport', 'signaling', 'protocol', 'runtime']
    .flatMap((folder) => filesIn(folder, '.ts'))
    .filter((name) => !name.endsWith('.test.ts'))
    .flatMap((name) => [read(name), asTold(read(name))])
    .join('\n')

  const told = Array.from(PAGE.matchAll(/^\| `([^|]+)` \| /gm), ([, sentence]) => sentence).filter(
    (sentence) => sentence.includes(' '),
  )

  test.each(told)('Baton says: %s', (sentence) => {
    // A value may be a whole condition of the source: what stands around it has to be there, in order.
    const parts = sentence.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    expect(new RegExp(parts.join('.{0,120}?')).test(SOURCES)).toBe(true)
  })

  test('each cause that Baton finds is told', () => {
    const source = asTold(read('client/why-unreachable.ts'))
    const causes = Array.from(
      source.matchAll(
        /(?:return|\? )\s*\(?\s*[`'"]((?:it|this|no|the|what|a|nothing|Vite)[^`"]*)/g,
      ),
      ([, cause]) => cause,
    )
    expect(causes.length).toBeGreaterThan(8)
    for (const cause of causes)
      expect(
        told.filter((sentence) => cause.startsWith(sentence.split('…')[0].trimEnd())),
        cause,
      ).not.toEqual([])
  })
})

/** Headings become fragments as GitHub makes them. */
function fragmentsOf(markdown) {
  const headings = Array.from(markdown.matchAll(/^#+ (.+)$/gm), ([, heading]) =>
    heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
  const anchors = Array.from(markdown.matchAll(/<a id="([^"]+)">/g), ([, id]) => id)
  return [...headings, ...anchors]
}

const withoutCode = (markdown) => markdown.replaceAll(/^ *```.*?^ *```$/gms, '')

test.each(PAGES)('each link of %s leads somewhere', (page) => {
  const links = withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)
  for (const [, link] of links) {
    if (/^(https?:|data:)/.test(link)) continue
    const [path, fragment] = link.split('#')
    const file = path === '' ? page : join(dirname(page), path)
    expect([link, existsSync(join(ROOT, file))]).toEqual([link, true])
    if (fragment !== undefined)
      expect([link, fragmentsOf(read(file))]).toEqual([link, expect.arrayContaining([fragment])])
  }
})

/** Words of the glossary that a newcomer cannot know. */
const WORDS = ['host', 'signaling', 'standby', 'receipt', 'public room']

test.each([
  'README.md',
  ...GUIDES,
  'docs/room.md',
  'docs/react.md',
  'docs/shared-objects.md',
  'docs/command.md',
])('the words of the glossary that %s uses lead to it where they first appear', (page) => {
  const prose = withoutCode(read(page)).replaceAll(/`[^`]*`/g, '')
  // A heading, the text of a link and the name of another page explain nothing yet.
  const text = prose
    .replaceAll(/^#.*$/gm, '')
    .replaceAll(/\[[^\]]*\]\((?!\S*glossary)[^)]*\)/g, '')
    .replaceAll(/<[^>]*>/g, '')
  for (const word of WORDS) {
    const first = new RegExp(`(\\[)?\\b${word}s?\\b(?!-)(\\]\\(\\S*glossary\\.md#)?`, 'i').exec(
      text,
    )
    if (first !== null)
      expect([
        word,
        text.slice(first.index - 30, first.index + 60),
        first[2] !== undefined,
      ]).toEqual([word, expect.anything(), true])
  }
})
