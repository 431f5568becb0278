// Owns virtual time: what is due when, in a total order, as a binary heap.

import type { Steps } from './turns.ts'

/** More than the longest run has: a room that goes on like that never comes to rest. */
const TASKS_MAX = 1_500_000

type Task = { readonly atMs: number; readonly order: number; readonly run: () => void }

export class Scheduler {
  readonly #hasTurns: boolean
  #nowMs = 0
  #order = 0
  readonly #heap: Task[] = []

  constructor(hasTurns: boolean) {
    this.#hasTurns = hasTurns
  }

  get nowMs(): number {
    return this.#nowMs
  }

  at(atMs: number, run: () => void): void {
    this.#heap.push({ atMs: Math.max(atMs, this.#nowMs), order: this.#order++, run })
    this.#siftUp(this.#heap.length - 1)
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.#nowMs + delayMs, run)
  }

  /**
   * Runs everything due up to this moment, what becomes due meanwhile included. Each task is a step
   * of its own where promises have turns.
   */
  *runUntil(untilMs: number): Steps {
    for (
      let next = this.#heap[0];
      next !== undefined && next.atMs <= untilMs;
      next = this.#heap[0]
    ) {
      if (this.#order > TASKS_MAX)
        throw new Error(`more than ${TASKS_MAX} things have happened: the room never comes to rest`)
      this.#pop()
      this.#nowMs = next.atMs
      next.run()
      if (this.#hasTurns) yield
    }
    this.#nowMs = untilMs
  }

  #siftUp(from: number): void {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#before(at, parent)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  #pop(): void {
    const last = this.#heap.pop()!
    if (this.#heap.length === 0) return
    this.#heap[0] = last
    for (let at = 0; ;) {
      const left = 2 * at + 1
      let first = at
      if (left < this.#heap.length && this.#before(left, first)) first = left
      if (left + 1 < this.#heap.length && this.#before(left + 1, first)) first = left + 1
      if (first === at) return
      this.#swap(at, first)
      at = first
    }
  }

  #before(i: number, j: number): boolean {
    const a = this.#heap[i]!
    const b = this.#heap[j]!
    return a.atMs !== b.atMs ? a.atMs < b.atMs : a.order < b.order
  }

  #swap(i: number, j: number): void {
    const kept = this.#heap[i]!
    this.#heap[i] = this.#heap[j]!
    this.#heap[j] = kept
  }
}
