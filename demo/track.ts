// Owns the geometry of the running track around the board: the line its runners stand on, where each stands,
// and how far the baton runs to the next. Distances are pixels along the line, clockwise from the top left.

export type Box = { readonly width: number; readonly height: number }
/** The middle of the track: a rectangle with round corners. */
export type Loop = Box & { readonly inset: number; readonly radius: number }
export type Side = 'top' | 'right' | 'bottom' | 'left'
export type Place = { readonly distance: number; readonly side: Side }

const SIDES: readonly Side[] = ['top', 'right', 'bottom', 'left']

/** The loop in a track of that width around a box whose outer corners have that radius. */
export function loopIn(box: Box, trackWidth: number, outerRadius: number): Loop {
  const inset = trackWidth / 2
  const width = Math.max(0, box.width - trackWidth)
  const height = Math.max(0, box.height - trackWidth)
  return {
    width,
    height,
    inset,
    radius: Math.max(0, Math.min(outerRadius - inset, width / 2, height / 2)),
  }
}

export function lapLength({ width, height, radius }: Loop): number {
  return 2 * (width + height - 4 * radius) + 2 * Math.PI * radius
}

/** Two laps in one SVG path, so that a run past the starting point goes on instead of jumping back. */
export function twoLaps(loop: Loop): string {
  const { inset, radius: r, width, height } = loop
  const [x, y] = [width - 2 * r, height - 2 * r]
  const arc = (dx: number, dy: number): string => `a${r} ${r} 0 0 1 ${dx} ${dy}`
  const lap = `h${x}${arc(r, r)}v${y}${arc(-r, r)}h${-x}${arc(-r, -r)}v${-y}${arc(r, -r)}`
  return `M${inset + r} ${inset}${lap}${lap}`
}

/**
 * Places for so many runners, evenly over the straights; the first stands at the middle of the top.
 * None comes nearer to a bend than `margin`.
 */
export function placesOn(loop: Loop, count: number, margin: number): readonly Place[] {
  const [x, y] = [loop.width - 2 * loop.radius, loop.height - 2 * loop.radius]
  const straights = [x, y, x, y]
  const total = 2 * (x + y)
  return Array.from({ length: count }, (_, i) =>
    placeAt(straights, loop.radius, (x / 2 + (i * total) / count) % total, margin),
  )
}

function placeAt(
  straights: readonly number[],
  radius: number,
  along: number,
  margin: number,
): Place {
  let start = 0
  let rest = along
  for (const [i, length] of straights.entries()) {
    if (rest <= length || i === straights.length - 1) {
      const inner = Math.min(margin, length / 2)
      return {
        distance: start + Math.min(length - inner, Math.max(inner, rest)),
        side: SIDES[i] ?? 'top',
      }
    }
    rest -= length
    start += length + (Math.PI * radius) / 2
  }
  return { distance: 0, side: 'top' }
}

/** From one distance to the next place clockwise: both within two laps, the end always ahead. */
export function runAhead(
  from: number,
  to: number,
  lap: number,
): { readonly from: number; readonly to: number } {
  if (lap <= 0) return { from: 0, to: 0 }
  const start = wrap(from, lap)
  const end = wrap(to, lap)
  return { from: start, to: end > start ? end : end + lap }
}

function wrap(distance: number, lap: number): number {
  return ((distance % lap) + lap) % lap
}
