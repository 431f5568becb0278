// Owns how a run gives promises their turns. A run is synchronous, in virtual time; promises tell
// what came of them in turns of their own. So a run is a list of steps: whoever drives it may end a
// turn between two of them, and the same turns make the same history.

export type Steps<Result = void> = Generator<void, Result, void>

/** What a run needs of who drives it, where promises are. */
export type Turns = {
  /** Resolves when everything has been told that promises have to tell by now. */
  end(): Promise<void>
  deferred(): Deferred
}

/** A promise, and what resolves it. */
export type Deferred = { readonly promise: Promise<void>; readonly resolve: () => void }

/** Takes all steps at once: nothing in them may wait for a promise. */
export function takeSteps<Result>(steps: Steps<Result>): Result {
  let step = steps.next()
  while (step.done !== true) step = steps.next()
  return step.value
}

export async function takeStepsInTurns<Result>(
  steps: Steps<Result>,
  turns: Turns,
): Promise<Result> {
  let step = steps.next()
  while (step.done !== true) {
    await turns.end()
    step = steps.next()
  }
  return step.value
}
