// Owns how long things take in one run, all in milliseconds.

export type Range = readonly [low: number, high: number]

export type Pace = {
  readonly link: Range
  readonly socket: Range
  readonly connect: Range
  /** From a page's end to signaling's notice of it. */
  readonly notice: Range
  /** How many times slower than that some links are. */
  readonly slowness: Range
  /** Part of the frames that are held up as by packet loss. */
  readonly spikes: number
  /** Part of the attempts at a link that come to nothing. */
  readonly failedConnects: number
  /**
   * How far clocks of pages are apart, and how much faster or slower they run, in parts of a
   * thousand.
   */
  readonly clockOffset: number
  readonly clockDrift: number
}

export const QUICK: Pace = {
  link: [1, 8],
  socket: [1, 10],
  connect: [20, 120],
  notice: [10, 60],
  slowness: [1, 1],
  spikes: 0,
  failedConnects: 0,
  clockOffset: 0,
  clockDrift: 0,
}
