// Owns how a row is measured: every contender once a round, in an order that changes. Who fails is left out of the
// rest, with the reason. What contenders do is not known here.

import type { Contender, Figure, Kind, Row, Running, Samples } from './row.ts'
import type { Stage } from './stage/stage.ts'
import { rotated } from './statistics.ts'

export type Measured = {
  readonly name: string
  readonly kind: Kind
  /** One for each round. */
  readonly rounds: readonly Samples[]
  /** Why it was left out from then on; null where it was not. */
  readonly failed: string | null
}

export type RowResult = {
  readonly name: string
  readonly title: string
  readonly boundBy: string
  readonly figures: readonly Figure[]
  readonly contenders: readonly Measured[]
  readonly tookMs: number
}

/** Longer than any sound contender takes, on a machine that does much else. */
const PATIENCE_MS = 180_000

/** Whoever never answers is left out like one who fails. */
async function inTime<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const why = `it was not ${what} within ${PATIENCE_MS / 1000} s`
    timer = setTimeout(() => reject(new Error(why)), PATIENCE_MS)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/** One contender over all rounds. */
class Turn {
  readonly contender: Contender
  readonly rounds: Samples[] = []
  failed: string | null = null
  #running: Running | null = null

  constructor(contender: Contender) {
    this.contender = contender
  }

  async measure(opens: Row['opens']): Promise<void> {
    if (this.failed !== null) return
    try {
      this.#running ??= await inTime(this.contender.open(), 'opened')
      this.rounds.push(await inTime(this.#running.measure(), 'measured'))
      if (opens === 'round') await this.close()
    } catch (error) {
      this.failed = (error as Error).message
      await this.close()
    }
  }

  async close(): Promise<void> {
    const running = this.#running
    this.#running = null
    await running?.close().catch((error: Error) => {
      // What failed before may be half gone; the first failure tells more.
      this.failed ??= error.message
    })
  }

  get measured(): Measured {
    const { name, kind } = this.contender
    return { name, kind, rounds: this.rounds, failed: this.failed }
  }
}

export async function measureRow(row: Row, stage: Stage, rounds: number): Promise<RowResult> {
  const startMs = performance.now()
  const turns = row.contenders(stage).map((contender) => new Turn(contender))
  for (let round = 0; round < rounds; round++)
    for (const turn of rotated(turns, round)) await turn.measure(row.opens)
  for (const turn of turns) await turn.close()
  const { name, title, boundBy, figures } = row
  const contenders = turns.map(({ measured }) => measured)
  return { name, title, boundBy, figures, contenders, tookMs: performance.now() - startMs }
}
