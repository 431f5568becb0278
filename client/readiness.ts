// Owns the promise `ready` of what an app holds: it ends once, and what the app holds says whether that was well.

export class Readiness {
  readonly promise: Promise<void>
  #isReached = false
  #resolve!: () => void
  #reject!: (error: unknown) => void

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.promise.catch(() => {}) // an app that never looks at `ready` must not see an unhandled rejection
  }

  get isReached(): boolean {
    return this.#isReached
  }

  reach(): void {
    this.#isReached = true
    this.#resolve()
  }

  /** Nothing, once it is reached. */
  miss(error: unknown): void {
    this.#reject(error)
  }
}
