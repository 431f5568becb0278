// Owns how figures that browser tests measured get out of Playwright's report and onto the screen.

/** What tests noted under this type, each as the object that it was. */
export function notesOf(type, suites) {
  return suites.flatMap(({ specs, suites: inner = [] }) => [
    ...specs.flatMap(({ tests }) =>
      tests.flatMap(({ results }) =>
        results.flatMap(({ annotations }) =>
          annotations
            .filter((note) => note.type === type)
            .map(({ description }) => JSON.parse(description)),
        ),
      ),
    ),
    ...notesOf(type, inner),
  ])
}

/** Rows of cells under a head, as a table in Markdown. */
export function tableOf(head, rows) {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column].length)),
  )
  const draw = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`
  return [draw(head), draw(widths.map((width) => '-'.repeat(width))), ...rows.map(draw)].join('\n')
}

/** The smallest value that this share of all values does not exceed. */
export function percentile(values, share) {
  const value = [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)]
  if (value === undefined) throw new Error('nothing was measured')
  return value
}
