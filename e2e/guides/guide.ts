// Owns how a test reads a guide: its code blocks, by the heading above them. A block after a line that ends with
// `name`: is the file of that name.

import { readFileSync } from 'node:fs'

export type Block = {
  readonly heading: string
  readonly language: string
  readonly text: string
  /** Null where the block is no file. */
  readonly file: string | null
}

const FENCE = /^( *)```(\w*)\n(.*?)^\1```$/gms
const HEADING = /^#+ (.+)$/gm
const FILE_NAME = /^ *`([^`]+)`:\s*$/m

/** `name`: of the guide in docs, without its ending. */
export function blocksOf(name: string): readonly Block[] {
  const guide = readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8')
  let end = 0
  let heading = ''
  return Array.from(
    guide.matchAll(FENCE),
    ({ 0: all, 1: indent = '', 2: language = '', 3: text = '', index }) => {
      const before = guide.slice(end, index)
      heading = [...before.matchAll(HEADING)].at(-1)?.[1] ?? heading
      end = index + all.length
      const lastLine = before.trimEnd().split('\n').at(-1) ?? ''
      return {
        heading,
        language,
        text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
        file: FILE_NAME.exec(lastLine)?.[1] ?? null,
      }
    },
  )
}

/** The only block of a language below a heading that is no file. */
export function blockOf(name: string, heading: string, language: string): string {
  const found = blocksOf(name).filter(
    (block) => block.heading === heading && block.language === language && block.file === null,
  )
  if (found.length !== 1)
    throw new Error(`"${heading}" of ${name} has ${found.length} blocks of ${language}`)
  return found[0]!.text
}
