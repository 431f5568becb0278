// Owns when a stored copy is written, and how its disk is doing: a pure machine over inputs with their time. It does not
// know what is written, nor by what. A disk that fails never holds up the room. [PE12 PE17]

import type { StoreProblem } from './store.ts'

/** So long after a change it is written, with all that came meanwhile. */
export const FLUSH_MS = 250
/** So much is written at once. */
export const FLUSH_BYTES = 256 * 1024
/** Relays alone wait for another change, so long at most. */
export const RELAYS_MS = 5_000
/** An open that takes longer counts as one that hangs. The page goes on without. */
export const OPEN_WAIT_MS = 2_000
/** The same for a batch. */
export const BATCH_WAIT_MS = 5_000
/** A full disk is tried again after this, and after twice as long each time … */
export const RETRY_MIN_MS = 30_000
/** … up to this. */
export const RETRY_MAX_MS = 600_000

/** `off`: nobody keeps a copy here, or not any more. */
export type StorageState =
  | 'off'
  | 'opening'
  | 'on'
  | 'behind'
  | 'full'
  | 'blocked'
  | 'damaged'
  | 'newer'
  | 'unavailable'

export type StorageErrorCode = 'storage-full' | 'storage-failed' | 'copy-damaged' | 'copy-newer'

/** What there is to write. */
export type Due = {
  readonly what: 'nothing' | 'relays' | 'messages'
  /** About. */
  readonly bytes: number
  /** It goes on with what a batch before began. */
  readonly isRest: boolean
  /** Somebody has a receipt once it is written. */
  readonly isAwaited: boolean
  /** Something that took space is gone. */
  readonly wasFolded: boolean
}

export type KeepingInput =
  | { readonly type: 'opened'; readonly found: 'none' | 'copy' | 'damaged' | 'newer' }
  | { readonly type: 'open-failed' }
  /** After each input of the peer. */
  | { readonly type: 'looked'; readonly due: Due }
  /** The page is not seen any more, or will not run for a while. */
  | { readonly type: 'hidden'; readonly due: Due }
  /** The page goes, perhaps to come back. */
  | { readonly type: 'left'; readonly due: Due }
  | { readonly type: 'restored' }
  | { readonly type: 'written'; readonly due: Due }
  | { readonly type: 'refused'; readonly problem: StoreProblem }
  /** The copy was deleted on purpose. */
  | { readonly type: 'forgotten' }
  | { readonly type: 'ticked' }

export type KeepingOutput =
  /** Order the next batch, and write it. */
  | { readonly type: 'write' }
  /** Open the store; `isAgain`: what it holds may not be what was written. */
  | { readonly type: 'open'; readonly isAgain: boolean }
  | { readonly type: 'close' }
  /** Another tab writes the copy now. */
  | { readonly type: 'deposed' }
  | { readonly type: 'state'; readonly state: StorageState }
  | { readonly type: 'error'; readonly code: StorageErrorCode }

type Phase =
  | { readonly name: 'opening'; readonly isAgain: boolean; readonly untilMs: number }
  | { readonly name: 'idle' }
  | { readonly name: 'writing'; readonly untilMs: number }
  /** The disk was full, or failed. */
  | { readonly name: 'waiting'; readonly untilMs: number }
  /** The page is in the back/forward cache, if it is anywhere. */
  | { readonly name: 'away' }
  /** This join stays in memory. */
  | { readonly name: 'given up' }

const NOTHING: Due = {
  what: 'nothing',
  bytes: 0,
  isRest: false,
  isAwaited: false,
  wasFolded: false,
}

export class Keeping {
  #phase: Phase
  #state: StorageState = 'opening'
  #due = NOTHING
  /** Since when there is something to write. */
  #dueSinceMs: number | null = null
  #retryMs = RETRY_MIN_MS
  /** Each is told once, until the disk is well again. */
  readonly #told = new Set<StorageErrorCode>()
  #outputs: KeepingOutput[] = []

  constructor(nowMs: number) {
    this.#phase = { name: 'opening', isAgain: false, untilMs: nowMs + OPEN_WAIT_MS }
  }

  get state(): StorageState {
    return this.#state
  }

  /** When to say that time has passed. */
  get wakeAtMs(): number {
    switch (this.#phase.name) {
      case 'opening':
      case 'writing':
      case 'waiting':
        return this.#phase.untilMs
      case 'idle':
        return this.#flushAtMs
      case 'away':
      case 'given up':
        return Infinity
    }
  }

  handle(input: KeepingInput, nowMs: number): readonly KeepingOutput[] {
    this.#outputs = []
    if (this.#phase.name !== 'given up') this.#handle(input, nowMs)
    return this.#outputs
  }

  #handle(input: KeepingInput, nowMs: number): void {
    switch (input.type) {
      case 'opened':
        return this.#opened(input.found)
      case 'open-failed':
        return this.#giveUp('unavailable')
      case 'looked':
        return this.#looked(input.due, nowMs)
      case 'hidden':
        this.#note(input.due, nowMs)
        return this.#flush(nowMs)
      case 'left':
        return this.#left(input.due, nowMs)
      case 'restored':
        return this.#restored(nowMs)
      case 'written':
        return this.#written(input.due, nowMs)
      case 'refused':
        return this.#refused(input.problem, nowMs)
      case 'forgotten':
        this.#phase = { name: 'given up' }
        return this.#become('off')
      case 'ticked':
        return this.#ticked(nowMs)
    }
  }

  #opened(found: 'none' | 'copy' | 'damaged' | 'newer'): void {
    if (this.#phase.name !== 'opening') return
    if (found === 'newer') return this.#giveUp('newer', 'copy-newer')
    const { isAgain } = this.#phase
    this.#phase = { name: 'idle' }
    if (found === 'damaged') {
      this.#become('damaged')
      this.#tell('copy-damaged')
    } else if (!isAgain) this.#become('on')
  }

  #looked(due: Due, nowMs: number): void {
    this.#note(due, nowMs)
    const { name } = this.#phase
    // There may be space now.
    if (name === 'waiting' && due.wasFolded) return this.#write(nowMs)
    if (name === 'idle' && nowMs >= this.#flushAtMs) this.#write(nowMs)
  }

  /** The last batch may go behind one that is on its way: nothing of it will be heard. */
  #left(due: Due, nowMs: number): void {
    this.#note(due, nowMs)
    if (this.#phase.name === 'opening') return
    if (due.what !== 'nothing') this.#outputs.push({ type: 'write' })
    this.#outputs.push({ type: 'close' })
    this.#phase = { name: 'away' }
  }

  #restored(nowMs: number): void {
    if (this.#phase.name === 'away') this.#openAgain(nowMs)
  }

  #written(due: Due, nowMs: number): void {
    if (this.#phase.name !== 'writing') return
    this.#phase = { name: 'idle' }
    this.#retryMs = RETRY_MIN_MS
    this.#note(due, nowMs)
    if (due.isRest) return this.#write(nowMs)
    this.#told.clear()
    this.#become('on')
    if (nowMs >= this.#flushAtMs) this.#write(nowMs)
  }

  #refused(problem: StoreProblem, nowMs: number): void {
    if (this.#phase.name !== 'writing' && this.#phase.name !== 'idle') return
    this.#dueSinceMs = nowMs
    switch (problem) {
      case 'fenced':
        this.#phase = { name: 'idle' }
        this.#outputs.push({ type: 'deposed' })
        return
      case 'closed':
        this.#become('behind')
        this.#tell('storage-failed')
        return this.#openAgain(nowMs)
      case 'full':
        return this.#wait('full', 'storage-full', nowMs)
      case 'failed':
        return this.#wait('behind', 'storage-failed', nowMs)
    }
  }

  #ticked(nowMs: number): void {
    if (nowMs < this.wakeAtMs) return
    switch (this.#phase.name) {
      case 'opening':
        return this.#giveUp('blocked')
      case 'writing':
        // It may still come to its end: batches follow each other.
        this.#phase = { name: 'writing', untilMs: Infinity }
        this.#become('behind')
        return this.#tell('storage-failed')
      case 'waiting':
      case 'idle':
        return this.#write(nowMs)
      case 'away':
      case 'given up':
    }
  }

  #openAgain(nowMs: number): void {
    this.#phase = { name: 'opening', isAgain: true, untilMs: nowMs + OPEN_WAIT_MS }
    this.#outputs.push({ type: 'open', isAgain: true })
  }

  #wait(state: StorageState, code: StorageErrorCode, nowMs: number): void {
    this.#phase = { name: 'waiting', untilMs: nowMs + this.#retryMs }
    this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MAX_MS)
    this.#become(state)
    this.#tell(code)
  }

  #giveUp(state: StorageState, code: StorageErrorCode = 'storage-failed'): void {
    this.#phase = { name: 'given up' }
    this.#become(state)
    this.#tell(code)
  }

  #flush(nowMs: number): void {
    const isDue = this.#due.what !== 'nothing'
    if (this.#phase.name === 'idle' && isDue) this.#write(nowMs)
  }

  #write(nowMs: number): void {
    this.#phase = { name: 'writing', untilMs: nowMs + BATCH_WAIT_MS }
    this.#dueSinceMs = null
    this.#outputs.push({ type: 'write' })
  }

  #note(due: Due, nowMs: number): void {
    this.#due = due
    if (due.what === 'nothing') this.#dueSinceMs = null
    else this.#dueSinceMs ??= nowMs
  }

  get #flushAtMs(): number {
    const { what, bytes, isAwaited } = this.#due
    if (what === 'nothing' || this.#dueSinceMs === null) return Infinity
    if (isAwaited || bytes >= FLUSH_BYTES) return this.#dueSinceMs
    return this.#dueSinceMs + (what === 'relays' ? RELAYS_MS : FLUSH_MS)
  }

  #become(state: StorageState): void {
    if (state === this.#state) return
    this.#state = state
    this.#outputs.push({ type: 'state', state })
  }

  #tell(code: StorageErrorCode): void {
    if (this.#told.has(code)) return
    this.#told.add(code)
    this.#outputs.push({ type: 'error', code })
  }
}
