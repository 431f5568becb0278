// Owns the device of one user: what its page has stored there outlives the page. [PE4]

import { assert } from '../protocol/errors.ts'
import type { PeerId } from '../protocol/ids.ts'
import type { StoredCopy } from '../replica/copy.ts'
import type { CompleteState } from '../replica/former-copy.ts'
import { wholeOf } from '../replica/snapshot.ts'
import { SnapshotReader } from '../replica/snapshot-reader.ts'

/** Whose copy it is, and when it was last written. */
export type Written = { readonly by: PeerId; readonly atMs: number }

export class Disk {
  #copy: StoredCopy | null = null
  #written: Written | null = null

  /** Anew for whoever opens it: its holder changes what it is given. */
  get copy(): StoredCopy | null {
    const copy = this.#copy
    return copy === null ? null : { ...copy, state: cloneOf(copy.state) }
  }

  /** Null without a copy. */
  get written(): Written | null {
    return this.#written
  }

  keep(copy: StoredCopy, written: Written): void {
    this.#copy = copy
    this.#written = written
  }
}

function cloneOf(state: CompleteState): CompleteState {
  const reader = new SnapshotReader()
  for (const part of wholeOf(state, state.engine).parts) reader.add(part)
  const fetched = reader.finish()
  assert(fetched.ok && fetched.value.extent === 'whole', 'a copy of a room can be read')
  return { ...fetched.value.copy, folds: state.folds, engine: fetched.value.copy.engine! }
}
