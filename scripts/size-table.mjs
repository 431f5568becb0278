// Owns the table of what each part of the drop-in script costs: its minified bytes, by the folder or package they come
// from. Gzip knows no parts, so what a part takes of the packed script is not said.

import { readFileSync } from 'node:fs'
import { eachMapping, TraceMap } from '@jridgewell/trace-mapping'
import { tableOf } from './report.mjs'

/** Lines of a table: part, bytes, share of the script. */
export function sizeTable(script) {
  const code = readFileSync(script, 'utf8')
  const bytesByPart = partsOf(code, new TraceMap(readFileSync(`${script}.map`, 'utf8')))
  const rows = [...bytesByPart]
    .sort(([, a], [, b]) => b - a)
    .map(([part, bytes]) => [part, String(bytes), `${((100 * bytes) / code.length).toFixed(1)} %`])
  return tableOf(['part', 'bytes', 'share'], [...rows, ['all', String(code.length), '100.0 %']])
}

/** A character belongs to what the mapping before it names. */
export function partsOf(code, map) {
  const lines = code.split('\n')
  const bytesByPart = new Map()
  let before = null
  const count = (line, column) => {
    if (before === null) return
    const end = line === before.line ? column : lines[before.line - 1].length
    const part = partOf(before.source)
    bytesByPart.set(part, (bytesByPart.get(part) ?? 0) + end - before.column)
  }
  eachMapping(map, ({ generatedLine, generatedColumn, source }) => {
    count(generatedLine, generatedColumn)
    before = { line: generatedLine, column: generatedColumn, source }
  })
  count(Infinity, 0)
  return bytesByPart
}

/** `client/room.ts` is of `client`, `client/shared/map.ts` of `client/shared`, a package of itself. */
function partOf(source) {
  if (source === null) return 'made by the build'
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)
  if (inPackage !== null) return inPackage[1]
  const path = source.replace(/^(?:\.\.\/)+/, '')
  return path.slice(0, path.lastIndexOf('/'))
}
