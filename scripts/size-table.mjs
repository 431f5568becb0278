// Owns the table of what each part of the drop-in script costs, by the folder or package that it comes from: its
// minified bytes, and by how many bytes in gzip the script would be smaller without it.

import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { eachMapping, TraceMap } from '@jridgewell/trace-mapping'
import { tableOf } from './report.mjs'

/** Lines of a table: part, bytes, bytes in gzip, share of the latter. */
export function sizeTable(script) {
  const code = readFileSync(script, 'utf8')
  const pieces = piecesOf(code, new TraceMap(readFileSync(`${script}.map`, 'utf8')))
  const all = gzipBytes(code)
  const rows = [...new Set(pieces.map(({ part }) => part))]
    .map((part) => {
      const without = pieces.filter((piece) => piece.part !== part)
      return {
        part,
        bytes: code.length - textOf(without).length,
        gzip: all - gzipBytes(textOf(without)),
      }
    })
    .sort((a, b) => b.gzip - a.gzip)
    .map(({ part, bytes, gzip }) => [part, bytes, gzip, `${((100 * gzip) / all).toFixed(1)} %`])
  const table = [...rows, ['all', code.length, all, '100.0 %']]
  return tableOf(
    ['part', 'bytes', 'gzip', 'share'],
    table.map((row) => row.map(String)),
  )
}

/** The pieces of the code with the part of each. A character belongs to what the mapping before it names. */
export function piecesOf(code, map) {
  const starts = [0]
  for (const line of code.split('\n')) starts.push(starts.at(-1) + line.length + 1)
  const marks = []
  eachMapping(map, ({ generatedLine, generatedColumn, source }) => {
    marks.push({ at: starts[generatedLine - 1] + generatedColumn, part: partOf(source) })
  })
  const ends = [...marks.slice(1).map(({ at }) => at), code.length]
  return marks.map(({ at, part }, i) => ({ part, text: code.slice(at, ends[i]) }))
}

function textOf(pieces) {
  return pieces.map(({ text }) => text).join('')
}

function gzipBytes(text) {
  return gzipSync(text, { level: 9 }).length
}

/** `client/room.ts` is of `client`, `client/shared/map.ts` of `client/shared`, a package of itself. */
function partOf(source) {
  if (source === null) return 'made by the build'
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)
  if (inPackage !== null) return inPackage[1]
  const path = source.replace(/^(?:\.\.\/)+/, '')
  return path.slice(0, path.lastIndexOf('/'))
}
