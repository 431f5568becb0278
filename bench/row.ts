// Owns what a row of the benchmark is: contenders at one job, and the figures that are read from their samples.

import type { Stage } from './stage/stage.ts'

/** Baton's build, another build of Baton, what a limit allows, the least that does the job, somebody else's. */
export type Kind = 'ours' | 'against' | 'limit' | 'floor' | 'other'

/** What one contender showed in one round, by the name of what was measured. */
export type Samples = { readonly [name: string]: readonly number[] }

export type Unit = 'ms' | 'µs' | 'ns' | '/s' | 'MB/s' | 'MB' | '×'

export type Figure = {
  readonly name: string
  /** Which samples the figure is read from. */
  readonly of: string
  readonly unit: Unit
  /** The share of samples that do not exceed the figure: 0.5 for the median. */
  readonly share: number
  readonly better: 'less' | 'more'
}

/** A contender that is ready to be measured. */
export type Running = {
  /** One round. */
  measure(): Promise<Samples>
  close(): Promise<void>
}

export type Contender = {
  readonly name: string
  readonly kind: Kind
  readonly open: () => Promise<Running>
}

export type Row = {
  readonly name: string
  readonly title: string
  /** What no code can beat here, in one sentence. */
  readonly boundBy: string
  readonly rounds: number
  /**
   * `row`: all contenders are open while the row lasts, and noise of the machine meets all of them alike. `round`: a
   * contender is open while it is measured, and costs the others nothing.
   */
  readonly opens: 'row' | 'round'
  readonly figures: readonly Figure[]
  readonly contenders: (stage: Stage) => readonly Contender[]
}

/** Samples of the CPU's time bear this, then process and thread, in their names. */
export const CPU_PREFIX = 'cpu/'

export const less = (name: string, of: string, unit: Unit, share = 0.5): Figure => ({
  name,
  of,
  unit,
  share,
  better: 'less',
})

export const more = (name: string, of: string, unit: Unit, share = 0.5): Figure => ({
  ...less(name, of, unit, share),
  better: 'more',
})

/** What a message costs, whoever pays. */
export const CPU = less('CPU a message', 'cpu', 'µs')
