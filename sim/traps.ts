// Owns what lies in wait for pages: acts that happen when the next page takes over or claims. It
// does not know what the acts do.

import type { Page } from './page.ts'

export class Traps {
  #atTakeover: ((page: Page) => void)[] = []
  #atClaim: (() => void)[] = []

  /** Each act happens once, to one page. */
  atNextTakeover(act: (page: Page) => void): void {
    this.#atTakeover.push(act)
  }

  atNextClaim(act: () => void): void {
    this.#atClaim.push(act)
  }

  /** A page was told that it reigns, and does not yet. */
  takesOver(page: Page): void {
    this.#atTakeover.shift()?.(page)
  }

  claims(): void {
    this.#atClaim.shift()?.()
  }

  disarm(): void {
    this.#atTakeover = []
    this.#atClaim = []
  }
}
