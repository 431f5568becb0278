// Owns the port of a store: an ordered map of bytes to bytes that outlives its page. It does not know what is stored,
// nor where. [PE10]

/** Where something lies. Places are ordered as bytes are; a place that is the begin of another comes before it. */
export type Place = Uint8Array

/** The longest place. */
export const PLACE_BYTES_MAX = 1_024

/** `to` itself stays. */
export type Write =
  | { readonly put: Place; readonly bytes: Uint8Array }
  | { readonly deleteFrom: Place; readonly to: Place }

export type Row = readonly [place: Place, bytes: Uint8Array]

export type ReadOptions = {
  /** At most so many rows. */
  readonly limit?: number
  /** From the last one on. */
  readonly backwards?: boolean
}

export interface Store {
  /**
   * Carries out all of the batch or nothing of it, in order, after all batches before it. With `unless`, nothing where
   * something lies at that place.
   *
   * @throws StoreError
   */
  write(batch: readonly Write[], unless?: Place): Promise<void>
  /**
   * What lies from a place on, up to another one that is left out. It shows one moment, after all batches before.
   *
   * @throws StoreError
   */
  read(from: Place, to: Place, options?: ReadOptions): Promise<readonly Row[]>
  /** Once all batches before it are done. */
  close(): Promise<void>
}

/**
 * Why a store did not do it.
 * - `full`: there is no space for the batch.
 * - `fenced`: something lies at the place that was to be empty.
 * - `closed`: by its user, by the browser, or since another tab deletes it. Another one can be opened.
 * - `failed`: anything else.
 */
export type StoreProblem = 'full' | 'fenced' | 'closed' | 'failed'

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly problem: StoreProblem

  constructor(problem: StoreProblem, cause?: unknown) {
    super(`the store: ${problem}`, { cause })
    this.problem = problem
  }
}
