// Runs in a Node process of its own: `alone.mjs <dist> <measure>` measures the pure code of a build, and prints samples
// as JSON.

import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { codec } from './codec.ts'
import { copiesAlone } from './copies.ts'
import { engineAlone, growthWithHistory, growthWithKeys } from './engine.ts'
import { frames } from './frames.ts'
import { calibration, type Load, type Measure } from './measure.ts'
import { pipeline } from './pipeline.ts'

const MEASURES: { readonly [name: string]: Measure } = {
  engine: engineAlone,
  keys: growthWithKeys,
  history: growthWithHistory,
  codec,
  copies: copiesAlone,
  pipeline,
  frames,
}

const [dist, name] = process.argv.slice(2) as [string, string]
const load: Load = (module) => import(pathToFileURL(join(resolve(dist), `${module}.js`)).href)
const before = calibration()
const samples = await MEASURES[name]!(load)
console.log(JSON.stringify({ ...samples, calibration: [(before + calibration()) / 2] }))
