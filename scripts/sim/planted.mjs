// Owns the runs that must find the planted faults: each in a process of its own, which plays scenes
// and seeds until a checker objects.

import { fork } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bundle, TIGHT_PATCHES } from '../sim-bundle.mjs'
import { sceneNames, sceneText } from './scenes.mjs'
import { paths } from './simulation.mjs'
import { HANG_MS, SPENT_SIGNAL } from './processor-time.mjs'

/**
 * Which scene or seed showed which planted fault first; seeds mean others as the code changes, so
 * it is only a hint.
 */
const KNOWN_PLAYS = fileURLToPath(new URL('../../sim/planted/known-plays.json', import.meta.url))

/**
 * Whether each is caught within so many seeds. `learns`: notes down by what. `only`: `unknown`
 * leaves out those with a hint.
 */
export async function playPlanted(planted, { jobs, budget, learns, only }) {
  const known = existsSync(KNOWN_PLAYS) ? JSON.parse(readFileSync(KNOWN_PLAYS, 'utf8')) : {}
  const isWanted = ({ name }) => only !== 'unknown' || known[name] === undefined
  const waiting = [...planted.entries()].filter(([, fault]) => isWanted(fault))
  const scenes = sceneNames().map((name) => ({ name, scenario: sceneText(name) }))
  const seeds = Array.from({ length: budget }, (_, i) => ({ name: 1 + i }))
  const results = []
  const playNext = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, fault] = next
      const plays = [...firstOf(known[fault.name], scenes), ...scenes, ...seeds]
      const result = await playOne(at, fault, plays)
      results.push(result)
      tell(fault, result)
      if (result.caught !== null) known[fault.name] = result.caught.by
      if (learns) writeFileSync(KNOWN_PLAYS, `${JSON.stringify(known, null, 2)}\n`)
    }
  }
  await Promise.all(Array.from({ length: jobs }, playNext))
  const missed = results.filter(({ caught }) => caught === null).length
  console.log(`${results.length - missed} of ${results.length} planted faults caught`)
  return missed === 0
}

/** What showed it before is played first. */
function firstOf(hint, scenes) {
  if (hint === undefined) return []
  return [scenes.find(({ name }) => name === hint) ?? { name: hint }]
}

async function playOne(at, { variant = 'plain', ...patch }, plays) {
  const usual = await bundle(`planted-${at}`, [patch])
  const tight = await bundle(`planted-${at}-tight`, [patch, ...TIGHT_PATCHES])
  return playInProcess({ usual, tight, sound: paths, variant, plays })
}

/** Resolves with `{ caught, played, cpuSeconds }`. */
export function playInProcess(task) {
  return new Promise((resolve, reject) => {
    const script = new URL('./planted-process.mjs', import.meta.url)
    const child = fork(script)
    child.send(task) // as an argument it would be too long
    let playing = null
    let result = null
    child.on('message', (message) => {
      if (message.type === 'begins') playing = message.name
      else result = message
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      // A circle shows, too.
      const caught = { by: playing, checker: 'never ends' }
      if (signal === SPENT_SIGNAL) result = { caught, played: 1, cpuSeconds: HANG_MS / 1_000 }
      if (result === null) reject(new Error(`a planted fault ended its process with ${code}`))
      else resolve(result)
    })
  })
}

function tell({ name }, { caught, played, cpuSeconds }) {
  const what = caught === null ? `NOT CAUGHT in ${played} runs` : describe(caught)
  console.log(`${name.padEnd(48)} ${what.padEnd(72)} ${cpuSeconds.toFixed(1).padStart(6)} s`)
}

function describe({ checker, by }) {
  return `${checker}, ${typeof by === 'number' ? `seed ${by}` : by}`
}
