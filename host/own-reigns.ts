// Owns what a peer remembers of its own reigns: which terms it asked for, in which it led, and
// whether it leads now. [EL1c EL1h]

import { NO_TERM, type Term } from '../protocol/ids.ts'

export class OwnReigns {
  /** The highest term ever asked for: a grant may come after the doubt behind it is gone. */
  #askedTerm = NO_TERM
  /** The highest term ever led in: a reign ends for good, whoever still speaks of it. */
  #ledTerm = NO_TERM
  #isReigning = false

  /** The highest claim known is of this peer, and it leads by it. */
  get isReigning(): boolean {
    return this.#isReigning
  }

  asksFor(term: Term): void {
    this.#askedTerm = Math.max(this.#askedTerm, term) as Term
  }

  /** False for a term that this peer never asked for: news of it is wrong. */
  mayBe(term: Term): boolean {
    return term <= this.#askedTerm
  }

  /** Whether a reign begins; one in which this peer led does not begin again. */
  begin(term: Term): boolean {
    this.#isReigning = term > this.#ledTerm
    if (this.#isReigning) this.#ledTerm = term
    return this.#isReigning
  }

  end(): void {
    this.#isReigning = false
  }
}
