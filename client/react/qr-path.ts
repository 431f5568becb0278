// Owns a text as the path of a QR code, computed here: nothing is fetched, and nobody is told the link.

import { encode } from 'uqr'

/** Clear modules around a QR code; scanners ask for four. */
const QUIET_MODULES = 4

/** `d` for an SVG path of the dark modules, in a view box of `size` by `size` modules, the quiet border included. */
export function qrPath(text: string): { readonly d: string; readonly size: number } {
  const { data, size } = encode(text, { border: QUIET_MODULES, ecc: 'M' })
  return { d: data.map((row, y) => rowPath(row, y)).join(''), size }
}

/** One box for each run of dark modules. */
function rowPath(row: readonly boolean[], y: number): string {
  const bits = row.map((dark) => (dark ? '1' : '0')).join('')
  return [...bits.matchAll(/1+/g)]
    .map(({ index, 0: run }) => `M${index} ${y}h${run.length}v1h-${run.length}z`)
    .join('')
}
