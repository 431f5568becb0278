// Owns a room whose pages each have a browser and a network place of their own. The first that joins hosts, at place 1.

import type { Chromium } from '../chromium.ts'
import type { RoomTab } from '../room-tab.ts'
import { Lab, type Place } from './lab.ts'
import { Scene } from './scene.ts'

const RECEIPTS = 20

export class WideRoom {
  readonly lab: Lab
  readonly scene: Scene
  readonly #browsers: readonly Chromium[]

  private constructor(lab: Lab, scene: Scene, browsers: readonly Chromium[]) {
    this.lab = lab
    this.scene = scene
    this.#browsers = browsers
  }

  /** Places and browsers; nobody has joined. */
  static async open(count: number): Promise<WideRoom> {
    const lab = Lab.open(count)
    const server = await lab.startSignaling()
    const browsers = await Promise.all(Array.from({ length: count }, (_, i) => lab.launch(i + 1)))
    return new WideRoom(lab, await Scene.open(browsers[0]!, server), browsers)
  }

  /** The next place's page joins. */
  async join(): Promise<RoomTab> {
    return this.scene.enter(await this.#browsers[this.scene.tabs.length]!.openTab())
  }

  /** Everybody joins and writes. */
  async fill(): Promise<void> {
    for (const _ of this.#browsers) await this.join()
    await this.scene.untilSettled()
    await this.write()
  }

  async write(): Promise<void> {
    for (const tab of this.scene.tabs) await tab.startWriting()
    await this.untilAllAcked()
  }

  at(...places: readonly Place[]): readonly RoomTab[] {
    return places.map((place) => this.scene.tabs[place - 1]!)
  }

  async untilAllAcked(): Promise<void> {
    for (const tab of this.scene.tabs) await tab.untilAcked(RECEIPTS)
  }

  /** Everybody is in one room again, and writes. */
  async untilOne(): Promise<void> {
    await this.scene.untilOne()
    await this.untilAllAcked()
  }

  async close(): Promise<void> {
    for (const browser of this.#browsers) await browser.kill()
    await this.scene.close()
    this.lab.close()
  }
}
