import { expect, test } from 'vitest'
import { linesForNetwork } from './announcement.ts'
import { terminalQr } from './terminal-qr.ts'

const OWN = 'http://127.0.0.1:8080/'
const WIFI = 'http://192.168.1.5:8080/'
const OTHER = 'http://10.0.0.7:8080/'

test('the link for others comes first, then the others, and all lead to one room', () => {
  expect(linesForNetwork([OWN, WIFI, OTHER], 'T', null)).toEqual([
    `Baton is at ${WIFI}#room=T (Ctrl+C stops it)`,
    'Others in your network can open this link.',
    `On this machine: ${OWN}#room=T`,
    `In another network of this machine: ${OTHER}#room=T`,
  ])
})

test('a terminal shows the same link as a QR code', () => {
  const lines = linesForNetwork([OWN, WIFI], 'T', 80)
  expect(lines.slice(1)).toEqual([
    'Others in your network can open this link, or scan it:',
    terminalQr(`${WIFI}#room=T`, 80),
    `On this machine: ${OWN}#room=T`,
  ])
})

test('where there is no network, a sentence says so and what to do', () => {
  expect(linesForNetwork([OWN], 'T', 80)).toEqual([
    `Baton is at ${OWN}#room=T (Ctrl+C stops it)`,
    'This machine is in no network: nobody else can open this link. Join a network, then start again.',
  ])
})

const [COLOURS, PLAIN] = ['\x1b[38;5;16;48;5;231m', '\x1b[0m']

/** Rows of modules, true for dark, as a scanner sees the lines. */
function modulesIn(code: string): boolean[][] {
  return code.split('\n').flatMap((line) => {
    const shown = [...line.slice(COLOURS.length, -PLAIN.length)]
    return [shown.map((c) => '▀█'.includes(c)), shown.map((c) => '▄█'.includes(c))]
  })
}

test('a QR code in a terminal is black on white in every theme, behind a quiet border of four', () => {
  const code = terminalQr(`${WIFI}#room=0123456789abcdefghijkl`, 80)!
  for (const line of code.split('\n')) {
    expect(line.startsWith(COLOURS)).toBe(true)
    expect(line.endsWith(PLAIN)).toBe(true)
  }
  const modules = modulesIn(code)
  const text = (row: number) => modules[row]!.map((dark) => (dark ? '#' : '.')).join('')
  expect(modules.slice(0, 4).flat()).not.toContain(true)
  // Its top left corner: a ring of seven modules around a square of three.
  expect([4, 5, 6, 10, 11].map((row) => text(row).slice(0, 12))).toEqual([
    '....#######.',
    '....#.....#.',
    '....#.###.#.',
    '....#######.',
    '............',
  ])
})

test('a QR code that does not fit is left out', () => {
  expect(terminalQr(WIFI, 20)).toBeNull()
  expect(terminalQr(WIFI, null)).toBeNull()
})
