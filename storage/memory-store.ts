// Owns a store in memory, for tests. A disk outlives the stores that are opened on it, as a disk outlives pages.

import { ByteMap } from './byte-map.ts'
import {
  StoreError,
  type Place,
  type ReadOptions,
  type Row,
  type Store,
  type Write,
} from './store.ts'

export class MemoryDisk {
  readonly map = new ByteMap()

  open(): Store {
    return new MemoryStore(this.map)
  }
}

class MemoryStore implements Store {
  readonly #map: ByteMap
  #isClosed = false

  constructor(map: ByteMap) {
    this.#map = map
  }

  async write(batch: readonly Write[], unless?: Place): Promise<void> {
    this.#checkOpen()
    if (!this.#map.write(batch, unless)) throw new StoreError('fenced')
  }

  async read(from: Place, to: Place, options?: ReadOptions): Promise<readonly Row[]> {
    this.#checkOpen()
    return this.#map.read(from, to, options)
  }

  async close(): Promise<void> {
    this.#isClosed = true
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new StoreError('closed')
  }
}
