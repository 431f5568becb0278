// Owns the turns that promises have in a run: one ends when everything has been told that they have to tell.

export const TURNS = {
  end: () => new Promise((resolve) => setImmediate(resolve)),
  deferred: () => {
    let resolve
    const promise = new Promise((settle) => {
      resolve = settle
    })
    return { promise, resolve }
  },
}
