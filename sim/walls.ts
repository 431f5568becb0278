// Owns which pages cannot reach each other's machines, and which cannot reach signaling. What a
// wall does to links and sockets that are open already is done by whoever raises it.

import type { Page } from './page.ts'
import type { Scheduler } from './scheduler.ts'

/** Pages, each on one side of a wall, and the sides that still reach signaling. */
export type Wall = {
  readonly sideOf: (page: Page) => number
  readonly reachSignaling: readonly number[]
  readonly untilMs: number
}

export class Walls {
  readonly #scheduler: Scheduler
  #walls: Wall[] = []

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  raise(wall: Wall): void {
    this.#walls.push(wall)
  }

  clear(): void {
    this.#walls = []
  }

  areApart(a: Page, b: Page): boolean {
    return this.#standing.some(({ sideOf }) => sideOf(a) !== sideOf(b))
  }

  cutsOff(page: Page): boolean {
    return this.#standing.some(
      ({ sideOf, reachSignaling }) => !reachSignaling.includes(sideOf(page)),
    )
  }

  get #standing(): Wall[] {
    return this.#walls.filter(({ untilMs }) => this.#scheduler.nowMs < untilMs)
  }
}
