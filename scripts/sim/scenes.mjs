// Owns the committed scenarios: plans as text, which mean the same whatever seeds mean.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { play, usual } from './simulation.mjs'

const FOLDER = fileURLToPath(new URL('../../sim/scenarios/', import.meta.url))

export function sceneNames() {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.txt'))
    .sort()
}

export function sceneText(name) {
  return readFileSync(FOLDER + name, 'utf8')
}

/** Returns its path. */
export function writeScene(name, text) {
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(FOLDER + name, text)
  return FOLDER + name
}

export function planIn(file) {
  const parsed = usual.parseScenario(readFileSync(file, 'utf8'))
  if (!parsed.ok) throw new Error(`${file}: ${parsed.error}`)
  return parsed.value
}

/** Whether all of them keep their promises. */
export async function playScenes() {
  const names = sceneNames()
  let failed = 0
  for (const name of names) {
    const outcome = await play(planIn(FOLDER + name))
    if (outcome.failure === null) continue
    failed++
    const command = `npm run sim -- --scenario sim/scenarios/${name}`
    console.log((await usual.reportOf(outcome, command, play)).text)
  }
  console.log(`${names.length} scenarios, ${failed} failed`)
  return failed === 0
}
