// Owns the calls that a component makes on its shared object while there is none yet: before the room is joined, or
// between two rooms. It knows no React.

import { BatonError } from '../index.ts'

type Call<O> = {
  readonly run: (object: O) => Promise<void>
  readonly resolve: (result: Promise<void>) => void
}

/**
 * Passes calls on to whatever object there is, in order. What fails with `closed` because the component or its room is
 * gone is not reported as unhandled: as with React's own setters, nobody has to look.
 */
export class DeferredCalls<O> {
  readonly #waiting: Call<O>[] = []
  #object: O | null = null
  #isOver = false
  #ending: ReturnType<typeof setTimeout> | undefined

  /** The component is there, or there again. */
  begin(): void {
    clearTimeout(this.#ending)
    this.#isOver = false
  }

  /** The component is gone, unless it is there again within this task. */
  end(): void {
    this.#ending = setTimeout(() => {
      this.#isOver = true
      for (const { resolve } of this.#drainWaiting()) resolve(gone())
    })
  }

  attach(object: O): void {
    this.#object = object
    for (const { run, resolve } of this.#drainWaiting()) resolve(run(object))
  }

  detach(): void {
    this.#object = null
  }

  readonly call = (run: (object: O) => Promise<void>): Promise<void> => {
    if (this.#object !== null) return quietWhenClosed(run(this.#object))
    if (this.#isOver) return quietWhenClosed(gone())
    return quietWhenClosed(
      new Promise((resolve) => {
        this.#waiting.push({ run, resolve })
      }),
    )
  }

  #drainWaiting(): readonly Call<O>[] {
    return this.#waiting.splice(0)
  }
}

function gone(): Promise<void> {
  return Promise.reject(
    new BatonError(
      'closed',
      'The component of this shared object is gone. Call this while it is mounted.',
    ),
  )
}

function quietWhenClosed(result: Promise<void>): Promise<void> {
  const told: Promise<void> = result.catch((error: unknown) => {
    // In this very turn, before `told` rejects: a rejection that has a handler is not reported.
    if (error instanceof BatonError && error.code === 'closed') told.catch(() => {})
    throw error
  })
  return told
}
