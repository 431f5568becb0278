// Owns the calls that a component makes on its shared object while there is none yet: before the room is joined, or between
// two rooms. It knows no React.

import { BatonError } from '../index.ts'

type Call<O> = {
  readonly run: (object: O) => Promise<void>
  readonly settle: (result: Promise<void>) => void
}

/**
 * Passes calls on to whatever object there is, in order. What fails with `closed` because the component or its room is
 * gone is not reported as unhandled: as with React's own setters, nobody has to look.
 */
export class DeferredCalls<O> {
  #object: O | null = null
  #waiting: Call<O>[] = []
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
      const waiting = this.#waiting
      this.#waiting = []
      for (const { settle } of waiting) settle(gone())
    })
  }

  attach(object: O): void {
    this.#object = object
    const waiting = this.#waiting
    this.#waiting = []
    for (const { run, settle } of waiting) settle(run(object))
  }

  detach(): void {
    this.#object = null
  }

  readonly call = (run: (object: O) => Promise<void>): Promise<void> => {
    if (this.#object !== null) return quietWhenClosed(run(this.#object))
    if (this.#isOver) return quietWhenClosed(gone())
    return quietWhenClosed(new Promise((settle) => this.#waiting.push({ run, settle })))
  }
}

function gone(): Promise<void> {
  return Promise.reject(
    new BatonError(
      'closed',
      'The component that shared this is gone. Call it while it is mounted.',
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
