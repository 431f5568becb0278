// Owns a store in a browser's IndexedDB: one database, one object store, bytes to bytes. It has no timer: whoever opens
// it decides how long to wait. [PE10]

import { comparePlaces } from './byte-map.ts'
import {
  StoreError,
  type Place,
  type ReadOptions,
  type Row,
  type Store,
  type Write,
} from './store.ts'

const VERSION = 1
const ROWS = 'rows'

/**
 * Opens a database, and makes it where there is none. It may hang: while another tab still deletes it, or where a
 * browser's disk does.
 *
 * @throws StoreError
 */
export function openIndexedDbStore(name: string): Promise<Store> {
  return new Promise((resolve, reject) => {
    const request = requestToOpen(name)
    request.onupgradeneeded = () => request.result.createObjectStore(ROWS)
    request.onsuccess = () => resolve(new IndexedDbStore(request.result))
    request.onerror = () => reject(problemOf(request.error))
  })
}

/** Deletes a database. Stores that other tabs have open are closed first. */
export function deleteIndexedDbStore(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name)
    request.onsuccess = () => resolve()
    request.onerror = () => reject(problemOf(request.error))
  })
}

/** Where storage is forbidden a browser may throw at once, or not even have the word. */
function requestToOpen(name: string): IDBOpenDBRequest {
  try {
    return indexedDB.open(name, VERSION)
  } catch (error) {
    throw problemOf(error)
  }
}

class IndexedDbStore implements Store {
  readonly #database: IDBDatabase
  #isClosed = false

  constructor(database: IDBDatabase) {
    this.#database = database
    // Another tab deletes it: that waits until this one lets go.
    database.onversionchange = () => this.#close()
    // The browser closed it: its user clears the site's data, or its disk failed.
    database.onclose = () => this.#close()
  }

  write(batch: readonly Write[], unless?: Place): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = this.#begin('readwrite')
      transaction.oncomplete = () => resolve()
      // A quota shows here alone: each of the requests may have succeeded.
      transaction.onabort = () => reject(problemOf(transaction.error))
      const rows = transaction.objectStore(ROWS)
      if (unless !== undefined) requireEmpty(rows, unless)
      for (const write of batch) request(rows, write)
      // It need not wait for its requests, of which a page that is left would hear no more.
      transaction.commit?.()
    })
  }

  read(from: Place, to: Place, options: ReadOptions = {}): Promise<readonly Row[]> {
    const { limit, backwards = false } = options
    return new Promise((resolve, reject) => {
      const transaction = this.#begin('readonly')
      transaction.onabort = () => reject(problemOf(transaction.error))
      if (isEmpty(from, to)) return resolve([])
      const rows = transaction.objectStore(ROWS)
      const range = IDBKeyRange.bound(keyOf(from), keyOf(to), false, true)
      if (backwards) readBackwards(rows, range, limit ?? Infinity, resolve)
      else readForwards(rows, range, limit, resolve)
    })
  }

  async close(): Promise<void> {
    this.#close()
  }

  #close(): void {
    this.#isClosed = true
    this.#database.close()
  }

  /** What is relaxed survives the browser's end, but not always the machine's. */
  #begin(mode: IDBTransactionMode): IDBTransaction {
    if (this.#isClosed) throw new StoreError('closed')
    try {
      return this.#database.transaction(ROWS, mode, { durability: 'relaxed' })
    } catch (error) {
      throw problemOf(error)
    }
  }
}

/** To add where something lies is an error, which aborts the transaction, even one that is committed already. */
function requireEmpty(rows: IDBObjectStore, place: Place): void {
  rows.add(null, keyOf(place))
  rows.delete(keyOf(place))
}

function request(rows: IDBObjectStore, write: Write): void {
  if ('put' in write) rows.put(ownBytes(write.bytes), keyOf(write.put))
  else if (!isEmpty(write.deleteFrom, write.to))
    rows.delete(IDBKeyRange.bound(keyOf(write.deleteFrom), keyOf(write.to), false, true))
}

function readForwards(
  rows: IDBObjectStore,
  range: IDBKeyRange,
  limit: number | undefined,
  resolve: (rows: readonly Row[]) => void,
): void {
  const keys = rows.getAllKeys(range, limit)
  // Requests are answered in their order: this one last.
  const values = rows.getAll(range, limit)
  values.onsuccess = () =>
    resolve(keys.result.map((key, at) => [placeOf(key), values.result[at] as Uint8Array]))
}

function readBackwards(
  rows: IDBObjectStore,
  range: IDBKeyRange,
  limit: number,
  resolve: (rows: readonly Row[]) => void,
): void {
  const found: Row[] = []
  const request = rows.openCursor(range, 'prev')
  request.onsuccess = () => {
    const cursor = request.result
    if (cursor === null || found.length >= limit) return resolve(found)
    found.push([placeOf(cursor.key), cursor.value as Uint8Array])
    cursor.continue()
  }
}

function isEmpty(from: Place, to: Place): boolean {
  return comparePlaces(from, to) >= 0
}

/** A view is stored with all of the buffer that it looks at. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.length === bytes.buffer.byteLength ? bytes : bytes.slice()
}

/** As a key a view stands for its own bytes alone. */
function keyOf(place: Place): IDBValidKey {
  return place as Uint8Array<ArrayBuffer>
}

function placeOf(key: IDBValidKey): Place {
  return new Uint8Array(key as ArrayBuffer)
}

/** What an aborted transaction or a refused request means. Null: the browser closed the database. */
function problemOf(cause: unknown): StoreError {
  const name = cause instanceof DOMException ? cause.name : ''
  switch (name) {
    case 'QuotaExceededError':
      return new StoreError('full', cause)
    case 'ConstraintError':
      return new StoreError('fenced', cause)
    case 'InvalidStateError':
      return new StoreError('closed', cause)
    default:
      return new StoreError(cause === null ? 'closed' : 'failed', cause)
  }
}
