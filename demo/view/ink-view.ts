// Owns the drawing as it is seen: strokes lie above the notes that were there before them, and under those that were
// put up or touched later. Strokes with no note between them share a layer.

import { pathThrough } from '../ink.ts'
import type { Model } from '../model.ts'
import { ON_TOP, shownNotes } from '../notes.ts'
import { GRID, type Stroke } from '../shapes.ts'
import { byId, keyed, makeSvg } from './dom.ts'

type Layer = { readonly order: number; readonly strokes: Map<string, Stroke> }

export function createInkView(): { draw(model: Model): void } {
  const layers = new Map<string, SVGSVGElement>()
  const pathsByLayer = new WeakMap<SVGSVGElement, Map<string, SVGPathElement>>()

  return {
    draw(model) {
      keyed(byId('ink', HTMLElement), layers, layersOf(model), createLayer, (svg, layer) => {
        svg.style.zIndex = String(layer.order)
        const paths = pathsByLayer.get(svg) ?? new Map<string, SVGPathElement>()
        pathsByLayer.set(svg, paths)
        keyed(svg, paths, layer.strokes, createPath, showStroke)
      })
    },
  }
}

/** The strokes by what lies under them, the lowest first; each layer is as high as its first stroke. */
function layersOf({ ink, wetInk, notes }: Model): ReadonlyMap<string, Layer> {
  const noteOrders = [...shownNotes(notes).values()].map(({ order }) => order)
  const strokes = [...new Map([...ink.strokes, ...wetInk])]
    .map(([id, stroke]) => [id, ink.strokes.get(id)?.order ?? ON_TOP, stroke] as const)
    .sort(([, a], [, b]) => a - b)
  const layers = new Map<string, Layer>()
  for (const [id, order, stroke] of strokes) {
    const notesBelow = noteOrders.filter((note) => note < order).length
    const key = String(notesBelow)
    const layer = layers.get(key) ?? { order, strokes: new Map<string, Stroke>() }
    layer.strokes.set(id, stroke)
    layers.set(key, layer)
  }
  return layers
}

function createLayer(): SVGSVGElement {
  return makeSvg('svg', { viewBox: `0 0 ${GRID} ${GRID}`, preserveAspectRatio: 'none' })
}

function createPath(): SVGPathElement {
  return makeSvg('path', { 'vector-effect': 'non-scaling-stroke' })
}

function showStroke(path: SVGPathElement, { color, points }: Stroke): void {
  if (path.dataset['points'] === String(points.length)) return
  path.dataset['points'] = String(points.length)
  path.dataset['color'] = color
  path.setAttribute('d', pathThrough(points))
}
