// Runs the conformance cases of stores in a page, over its IndexedDB.

import { deleteIndexedDbStore, openIndexedDbStore } from '../storage/indexeddb-store.ts'
import { storeCases } from '../storage/store-conformance.ts'
import { StoreError, type Store } from '../storage/store.ts'

declare global {
  interface Window {
    runStoreCase(name: string): Promise<void>
    stores: {
      open: typeof openIndexedDbStore
      delete: typeof deleteIndexedDbStore
      opened: Store[]
      problemOf(done: Promise<unknown>): Promise<string | null>
    }
  }
}

let disks = 0

window.runStoreCase = async (name) => {
  const storeCase = storeCases.find((known) => known.name === name)
  if (storeCase === undefined) throw new Error(`there is no case "${name}"`)
  disks++
  const disk = `case ${disks}`
  await storeCase.run({ open: () => openIndexedDbStore(disk) })
  await deleteIndexedDbStore(disk)
}

window.stores = {
  open: openIndexedDbStore,
  delete: deleteIndexedDbStore,
  opened: [],
  async problemOf(done) {
    try {
      await done
      return null
    } catch (error) {
      return error instanceof StoreError ? error.problem : String(error)
    }
  },
}
