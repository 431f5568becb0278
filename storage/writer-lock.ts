// Owns which tab of a profile writes the copy of a room, as far as tabs can agree on that. Where they do not, the fence
// decides (fence.ts). [PE13]

/** The port: locks of the browser, or what stands in for them. */
export interface WriterLock {
  /**
   * Calls `onTaken` once this tab is the one that writes, which may be much later. Answers what gives the lock up, or
   * takes the request back.
   */
  request(name: string, onTaken: () => void): () => void
}

/** A Web Lock: the browser gives it on when its tab ends, however it ends. Null where there are no locks. */
export function webLock(): WriterLock | null {
  // Over plain http a page has none.
  const locks: LockManager | undefined = navigator.locks
  if (locks === undefined) return null
  return {
    request(name, onTaken) {
      const abort = new AbortController()
      let release = () => abort.abort()
      const held = new Promise<void>((resolve) => {
        release = () => {
          abort.abort()
          resolve()
        }
      })
      locks
        .request(name, { signal: abort.signal }, () => {
          onTaken()
          return held
        })
        .catch(() => {}) // it was taken back
      return () => release()
    },
  }
}
