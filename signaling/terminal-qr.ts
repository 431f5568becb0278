// Owns a QR code as a terminal shows it. It asks nobody, and knows no process.

import { encode } from 'uqr'

/** Clear modules around a QR code; scanners ask for four. */
const QUIET_MODULES = 4

/**
 * Black on white whatever the terminal's colours are: scanners take no other. These two are the same
 * in every theme.
 */
const COLOURS = '\x1b[38;5;16;48;5;231m'
const PLAIN = '\x1b[0m'

/** By what is dark: nothing, the upper half, the lower half, both. */
const HALVES = [' ', '▀', '▄', '█'] as const

/**
 * Lines of text that a phone can scan, two rows of modules in each. Null where nobody sees them: no terminal, or one
 * with fewer columns.
 */
export function terminalQr(text: string, columns: number | null): string | null {
  const { data, size } = encode(text, { border: QUIET_MODULES, ecc: 'L' })
  if (columns === null || columns < size) return null
  const lines: string[] = []
  for (let y = 0; y < size; y += 2) lines.push(COLOURS + line(data[y]!, data[y + 1]) + PLAIN)
  return lines.join('\n')
}

/** The number of rows is odd: beneath the last one is nothing. */
function line(upper: readonly boolean[], lower: readonly boolean[] = []): string {
  return upper.map((dark, x) => HALVES[(dark ? 1 : 0) + (lower[x] ? 2 : 0)]).join('')
}
