// Owns the form of a row of docs/bad-input.md as a test: its number there, what is sent, and the answer.

import { test } from 'vitest'

export function row(
  number: string,
  input: string,
  answer: string,
  run: () => Promise<void> | void,
): void {
  test(`row ${number}: ${input} -> ${answer}`, run)
}
