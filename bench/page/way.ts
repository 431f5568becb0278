// Owns what a way from page to pages is to the benchmark, whoever carries the values, and the values themselves.

export type Value = Uint8Array | string

export type Way = {
  readonly form: 'bytes' | 'text'
  /** What the way adds to a value by itself. */
  readonly ownBytes: number
  send(value: Value): void
  /** Null where more may be sent at once; else resolves when more may. */
  untilRoom(): Promise<unknown> | null
  /** Whoever heard before hears no more. */
  hear(listener: (value: Value) => void): void
}

/** Of one clock for all pages of a browser, in milliseconds. */
export const now = () => performance.timeOrigin + performance.now()

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** A value that tells when it was sent. */
export function stamped({ form, ownBytes }: Way, bytes: number, atMs: number): Value {
  if (form === 'text') return String(atMs).padEnd(bytes - ownBytes)
  const value = new Uint8Array(bytes - ownBytes)
  new DataView(value.buffer).setFloat64(0, atMs)
  return value
}

export function stampOf(value: Value): number {
  if (typeof value === 'string') return Number(value)
  return new DataView(value.buffer, value.byteOffset).getFloat64(0)
}

/** Bytes that an app sends before it waits for those of the batch before. */
export const BATCH_BYTES = 512 * 1024

/**
 * For ways on which the author hears its own values: a batch is sent while the one before comes back. So nothing piles
 * up on the way.
 */
export class Batches {
  #sentBytes = 0
  #heardBytes = 0
  /** How much was sent before the batch of now. */
  #batchStartBytes = 0
  #neededBytes = 0
  #wake: (() => void) | null = null

  sent(bytes: number): void {
    this.#sentBytes += bytes
  }

  heard(bytes: number): void {
    this.#heardBytes += bytes
    if (this.#heardBytes < this.#neededBytes) return
    this.#wake?.()
    this.#wake = null
  }

  untilRoom(): Promise<void> | null {
    if (this.#sentBytes - this.#batchStartBytes < BATCH_BYTES) return null
    this.#neededBytes = this.#batchStartBytes
    this.#batchStartBytes = this.#sentBytes
    if (this.#heardBytes >= this.#neededBytes) return null
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}

/** What is sent over a channel, which is kept as full as Baton would keep it. */
export class Pump {
  readonly #channel: RTCDataChannel
  readonly #highBytes: number
  #waiting: (ArrayBuffer | Uint8Array<ArrayBuffer>)[] = []
  #next = 0
  #wake: (() => void) | null = null

  constructor(channel: RTCDataChannel, highBytes: number) {
    this.#channel = channel
    this.#highBytes = highBytes
    channel.addEventListener('bufferedamountlow', () => this.#flush())
  }

  send(data: ArrayBuffer | Uint8Array<ArrayBuffer>): void {
    this.#waiting.push(data)
    this.#flush()
  }

  untilRoom(): Promise<void> | null {
    if (!this.#isFull) return null
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #flush(): void {
    while (this.#next < this.#waiting.length && !this.#isFull) {
      this.#channel.send(this.#waiting[this.#next] as ArrayBuffer)
      this.#next++
    }
    if (this.#next === this.#waiting.length) {
      this.#waiting = []
      this.#next = 0
    }
    if (this.#isFull) return
    this.#wake?.()
    this.#wake = null
  }

  get #isFull(): boolean {
    return this.#channel.bufferedAmount >= this.#highBytes
  }
}
