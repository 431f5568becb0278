// Owns one tab that is in a room, as the test's side knows it: what its page wrote down so far, and what it shows.

import type { HistoryEvent } from '../checks/history.ts'
import type { BrowserTab } from './chromium.ts'
import {
  RECORDING,
  type Complaint,
  type Line,
  type RecordedWindow,
  type State,
} from './recorder.ts'

/** Longer than any bound on what is waited for, on a machine that does much else. */
const PATIENCE_MS = 60_000

export class RoomTab {
  readonly page: BrowserTab
  readonly history: HistoryEvent[] = []
  readonly complaints: Complaint[] = []
  /** When the page got its receipts. */
  readonly ackedAtMs: number[] = []
  /** Exceptions that nothing in the page caught. */
  readonly exceptions: string[] = []
  state: State | null = null
  /** How often the browser told the page that its scripts stop. */
  freezes = 0
  readonly #watchers = new Set<() => void>()

  private constructor(page: BrowserTab) {
    this.page = page
    page.on('Runtime.bindingCalled', ({ payload }) =>
      this.#receive(JSON.parse(payload as string) as readonly Line[]),
    )
    page.on('Runtime.exceptionThrown', ({ exceptionDetails }) => {
      const { text, exception } = exceptionDetails as {
        text: string
        exception?: { description?: string }
      }
      this.exceptions.push(exception?.description ?? text)
    })
  }

  /** Resolves when messages flow. */
  static async join(page: BrowserTab, token: string): Promise<RoomTab> {
    const tab = new RoomTab(page)
    await page.send('Runtime.addBinding', { name: 'takeLines' })
    await page.evaluate((token) => {
      location.hash = `room=${token}`
    }, token)
    await tab.joinHere()
    return tab
  }

  /** The page joins the room of its fragment. */
  async joinHere(): Promise<void> {
    this.state = null
    await this.page.run(RECORDING)
    await this.until('it is live', () => this.state?.status === 'live')
  }

  get id(): string {
    return this.state!.id
  }

  get term(): number {
    return this.state!.term
  }

  get isHost(): boolean {
    return this.state?.role === 'host' && this.state.status === 'live'
  }

  startWriting(pauseMs = 0): Promise<void> {
    return this.page.evaluate(
      (ms) => (window as unknown as RecordedWindow).recorder.startWriting(ms),
      pauseMs,
    )
  }

  stopWriting(): Promise<void> {
    return this.page.evaluate(() => (window as unknown as RecordedWindow).recorder.stopWriting())
  }

  append(): Promise<string> {
    return this.page.evaluate(() => (window as unknown as RecordedWindow).recorder.append())
  }

  finish(): Promise<void> {
    return this.page.evaluate(() => (window as unknown as RecordedWindow).recorder.finish())
  }

  /** A page that goes cannot say so any more: it ended after the last that it said under this id. */
  noteEnd(peer: string, how: 'crashed' | 'left'): void {
    const last = this.history.findLast((event) => event.peer === peer)
    if (last !== undefined) this.history.push({ atMs: last.atMs, peer, type: 'ended', how })
  }

  /** Resolves when the page has this many receipts more than now. */
  untilAcked(more: number): Promise<void> {
    const wanted = this.ackedAtMs.length + more
    return this.until(
      `${more} more operations have their receipts`,
      () => this.ackedAtMs.length >= wanted,
    )
  }

  /** Resolves as soon as something holds after a line of this page. */
  until(what: string, holds: () => boolean): Promise<void> {
    return RoomTab.untilAmong([this], what, holds)
  }

  /** Resolves as soon as something holds after a line of any of these pages. */
  static async untilAmong(
    tabs: readonly RoomTab[],
    what: string,
    holds: () => boolean,
  ): Promise<void> {
    if (holds()) return
    let stop = () => {}
    const held = new Promise<void>((resolve, reject) => {
      const watch = () => {
        if (holds()) resolve()
      }
      const timer = setTimeout(() => reject(waitedInVain(tabs, what)), PATIENCE_MS)
      for (const tab of tabs) tab.#watchers.add(watch)
      stop = () => {
        clearTimeout(timer)
        for (const tab of tabs) tab.#watchers.delete(watch)
      }
    })
    await held.finally(stop)
  }

  #receive(lines: readonly Line[]): void {
    for (const line of lines) {
      if (line.type === 'state') this.state = line
      else if (line.type === 'complaint') this.complaints.push(line)
      else if (line.type === 'frozen') this.freezes++
      else this.history.push(line)
      if (line.type === 'acknowledged') this.ackedAtMs.push(line.atMs)
    }
    for (const watch of this.#watchers) watch()
  }
}

function waitedInVain(tabs: readonly RoomTab[], what: string): Error {
  const shown = tabs.map(({ state, complaints }) => {
    const last = JSON.stringify(complaints.slice(-3))
    return `${JSON.stringify(state)}, after ${last}`
  })
  const seconds = PATIENCE_MS / 1_000
  return new Error(`waited ${seconds} s in vain until ${what}; shown is:\n${shown.join('\n')}`)
}
