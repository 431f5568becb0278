// Owns how a script of this repository reads its arguments. What a script can be asked, its first comment says: that is
// shown to whoever asks for help, or asks for something else.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/** As `parseArgs`; `script` is the script's `import.meta.url`. Ends the process where there is nothing to do. */
export function argumentsOf(script, config) {
  if (process.argv.includes('--help')) {
    console.log(firstCommentOf(script))
    process.exit(0)
  }
  try {
    return parseArgs(config)
  } catch (error) {
    console.error(`${error.message}\n\n${firstCommentOf(script)}`)
    process.exit(2)
  }
}

function firstCommentOf(script) {
  const lines = readFileSync(fileURLToPath(script), 'utf8').split('\n')
  const end = lines.findIndex((line) => !line.startsWith('//'))
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^\/\/ ?/, ''))
    .join('\n')
}
