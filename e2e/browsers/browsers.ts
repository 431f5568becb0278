// Owns the table of browsers that rooms are tried in. Another browser is another line, and a driver beside this file.

import { findFirefox, findWebKitGtk, type Found } from '../../scripts/other-browsers.mjs'
import { Chromium } from '../chromium.ts'
import type { Driven, Tab } from './driven.ts'
import { Firefox } from './firefox.ts'
import { WebKitGtk } from './webkit-gtk.ts'

type Kind = {
  readonly find: () => Found
  readonly launch: (path: string) => Promise<Driven>
  /** Debian's WebKitGTK is built without WebRTC. */
  readonly hasWebRtc: boolean
}

const KINDS = {
  Chromium: { find: findChromium, launch: () => Chromium.launch(), hasWebRtc: true },
  Firefox: { find: findFirefox, launch: (path) => Firefox.launch(path), hasWebRtc: true },
  WebKitGTK: { find: findWebKitGtk, launch: (path) => WebKitGtk.launch(path), hasWebRtc: false },
} satisfies Record<string, Kind>

export type BrowserName = keyof typeof KINDS
const NAMES = Object.keys(KINDS) as BrowserName[]

/** The other tests need it too: whoever runs them has found it, or ended. */
function findChromium(): Found {
  return { path: process.env['CHROME_PATH'] ?? '' }
}

/** Every browser is started once, when the first of its tabs is wanted. */
export class Browsers {
  readonly #foundByName = new Map(NAMES.map((name) => [name, KINDS[name].find()]))
  readonly #runningByName = new Map<BrowserName, Driven>()

  /** Why one of these is not here, and how to get it; null where all are. */
  whyMissing(names: readonly BrowserName[]): string | null {
    const sentences = names.map((name) => this.#foundByName.get(name)!.missing)
    return sentences.find((missing) => missing !== undefined) ?? null
  }

  async openTab(name: BrowserName): Promise<Tab> {
    const running = this.#runningByName.get(name) ?? (await this.#launch(name))
    return running.openTab()
  }

  async #launch(name: BrowserName): Promise<Driven> {
    const driven = await KINDS[name].launch(this.#foundByName.get(name)!.path!)
    this.#runningByName.set(name, driven)
    return driven
  }

  /** How two pages in these browsers reach each other. */
  static pathBetween(one: BrowserName, other: BrowserName): 'direct' | 'relayed' {
    return KINDS[one].hasWebRtc && KINDS[other].hasWebRtc ? 'direct' : 'relayed'
  }

  /** Such as `Firefox 153.8.0`, of each that was started. */
  get versions(): readonly string[] {
    return [...this.#runningByName].map(([name, { version }]) => `${name} ${version}`)
  }

  async kill(): Promise<void> {
    for (const driven of this.#runningByName.values()) await driven.kill()
  }
}
