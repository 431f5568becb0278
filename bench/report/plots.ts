// Owns the plots of one figure: a lane for each contender, with a dot for each round and a bar at the figure; and lines
// over several rows that differ in one number.

import type { Figure, Kind } from '../row.ts'
import type { Ratio, Told } from './summary.ts'
import { digits, written, writtenRatio, writtenSpread } from './written.ts'

export function lanes(figure: Figure, told: readonly Told[], ratios: readonly Ratio[]): string {
  const largest = Math.max(...told.flatMap(({ perRound, value }) => [...perRound, value]))
  const drawn = told.map((one) =>
    lane(
      one,
      largest,
      ratios.find(({ theirs }) => theirs === one),
    ),
  )
  return `<h3>${escaped(figure.name)}, ${figure.better} is better</h3>${drawn.join('')}`
}

function lane(one: Told, largest: number, ratio: Ratio | undefined): string {
  const { contender, kind, value, unit, perRound } = one
  const at = (place: number) => `left:${((100 * place) / largest).toFixed(1)}%`
  const dots = perRound.map((place) => `<i style="${at(place)}"></i>`).join('')
  const tip = `${contender}: ${written(value, unit)}, half of the rounds ${writtenSpread(one.spread, value, unit)}`
  return `<div class="lane" style="${tint(kind)}" title="${escaped(tip)}">
<span class="name">${escaped(contender)}</span>
<span class="track">${dots}<b style="${at(value)}"></b></span>
<span class="value">${written(value, unit)}</span>
<span class="ratio">${ratio === undefined ? '' : `Baton is ${writtenRatio(ratio.ratio)}`}</span>
</div>`
}

export type Line = {
  readonly name: string
  readonly kind: Kind
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

const WIDTH = 440
const HEIGHT = 210
const EDGE = { left: 56, right: 24, top: 16, bottom: 40 }

/** Numbers along the bottom are spread by their logarithms. */
export function lines(title: string, along: string, drawn: readonly Line[]): string {
  const points = drawn.flatMap((line) => line.points)
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)]
  const [lowest, highest, top] = [Math.min(...xs), Math.max(...xs), Math.max(...ys) * 1.08]
  const span = Math.log(highest / lowest) || 1
  const placeX = (x: number) =>
    EDGE.left + (Math.log(x / lowest) / span) * (WIDTH - EDGE.left - EDGE.right)
  const placeY = (y: number) => HEIGHT - EDGE.bottom - (y / top) * (HEIGHT - EDGE.top - EDGE.bottom)
  const ticksX = [...new Set(xs)].map(
    (x) => `<text x="${placeX(x)}" y="${HEIGHT - 22}" text-anchor="middle">${digits(x)}</text>`,
  )
  const ticksY = [0, 0.5, 1].map((share) => {
    const y = placeY((share * top) / 1.08)
    return `<line x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${y}" y2="${y}" stroke="var(--line)"/>
<text x="${EDGE.left - 8}" y="${y + 4}" text-anchor="end">${digits((share * top) / 1.08)}</text>`
  })
  const paths = drawn.map(({ name, kind, points }) => {
    const places = points.map(({ x, y }) => ({ x, y, cx: placeX(x), cy: placeY(y) }))
    const path = places.map(({ cx, cy }) => `${cx.toFixed(1)},${cy.toFixed(1)}`).join(' ')
    const dots = places.map(({ x, y, cx, cy }) => {
      const tip = `<title>${escaped(name)}, ${digits(x)}: ${digits(y)}</title>`
      return `<circle cx="${cx}" cy="${cy}" r="4" fill="var(--${kind})">${tip}</circle>`
    })
    return `<polyline points="${path}" fill="none" stroke="var(--${kind})" stroke-width="2.5"/>${dots.join('')}`
  })
  return `<h3>${escaped(title)}</h3>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}">
${ticksY.join('')}${ticksX.join('')}
<text x="${(EDGE.left + WIDTH - EDGE.right) / 2}" y="${HEIGHT - 4}" text-anchor="middle">${escaped(along)}</text>
${paths.join('')}</svg>${legendOf(drawn)}`
}

function legendOf(drawn: readonly Line[]): string {
  const items = drawn.map(
    ({ name, kind }) => `<span><i style="background:var(--${kind})"></i>${escaped(name)}</span>`,
  )
  return `<div class="legend">${items.join('')}</div>`
}

const tint = (kind: Kind) => `--tint:var(--${kind})`

export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.codePointAt(0)};`)
}
