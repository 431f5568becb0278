// Owns one room under faults: its signaling service, its tabs, what was done to them, and the verdict on all that
// their pages saw.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHECKERS, judge, type CheckerName } from '../../checks/index.ts'
import { toJsonLines, type TroubleKind, type HistoryEvent } from '../../checks/history.ts'
import { Chromium, type BrowserTab } from '../chromium.ts'
import { RoomTab } from '../room-tab.ts'
import { Server } from '../stage.ts'

/** What a room says of itself while it is broken; anything else it complains of is a defect. */
const EXPECTED_COMPLAINTS = ['signaling', 'unreachable']
/** How long things take depends on the machine. The gaps are measured, and whoever reads them judges. */
const SAFETY = (Object.keys(CHECKERS) as CheckerName[]).filter((name) => name !== 'availability')

export class Scene {
  readonly token: string
  /** Those who are in the room. */
  tabs: RoomTab[] = []
  server: Server
  readonly shared: Chromium
  readonly #own: Chromium[] = []
  readonly #former: RoomTab[] = []
  readonly #deeds: HistoryEvent[] = []

  private constructor(server: Server, shared: Chromium, token: string) {
    this.server = server
    this.shared = shared
    this.token = token
  }

  /** `shared`: the browser of all who need none for themselves. */
  static async open(shared: Chromium, server?: Server): Promise<Scene> {
    return new Scene(server ?? (await Server.start()), shared, `a-room-under-faults-${Date.now()}`)
  }

  /** A browser of one page alone, which can be stopped or ended without hitting another. */
  async ownBrowser(flags: readonly string[] = []): Promise<Chromium> {
    const browser = await Chromium.launch({ flags })
    this.#own.push(browser)
    return browser
  }

  async enter(page: BrowserTab): Promise<RoomTab> {
    await page.goto(this.server.url)
    return this.enterHere(page)
  }

  /** The page is loaded already. */
  async enterHere(page: BrowserTab): Promise<RoomTab> {
    const tab = await RoomTab.join(page, this.token)
    this.tabs.push(tab)
    return tab
  }

  /** Starts signaling again at the address where it was. */
  async restartSignaling(): Promise<void> {
    this.server = await Server.start({ port: this.server.port })
  }

  get host(): RoomTab {
    const term = Math.max(...this.tabs.map((tab) => tab.term))
    const host = this.tabs.find((tab) => tab.isHost && tab.term === term)
    if (host === undefined) throw new Error('no tab hosts')
    return host
  }

  /** Resolves once the room is as large and as safe as these tabs can make it. */
  async untilSettled(): Promise<void> {
    const standbys = Math.min(2, this.tabs.length - 1)
    for (const tab of this.tabs) {
      await tab.until(`all ${this.tabs.length} are there, with ${standbys} standbys`, () => {
        const { peers, role, status } = tab.state!
        return (
          status === 'live' &&
          peers.length === this.tabs.length - 1 &&
          [role, ...peers.map((peer) => peer.role)].filter((role) => role === 'standby').length ===
            standbys
        )
      })
    }
  }

  /** Resolves once all of them are in one room: under one host, on one log. */
  untilOne(): Promise<void> {
    return RoomTab.untilAmong(this.tabs, 'all follow one host', () => this.#isOne())
  }

  #isOne(): boolean {
    const stands = this.tabs.map(({ state }) => {
      const { status, term, hostId, peers } = state!
      return status === 'live' ? `${term} ${hostId} ${peers.length}` : 'none'
    })
    const others = this.tabs.length - 1
    return new Set(stands).size === 1 && stands[0]!.endsWith(` ${others}`)
  }

  // --- what is done to it ---

  begin(
    kind: TroubleKind,
    what: string,
    peers: readonly RoomTab[] = [],
    signaling?: 'unreachable',
  ): void {
    this.#deeds.push({
      atMs: Date.now(),
      peer: '',
      type: 'fault',
      kind,
      what,
      peers: peers.map(({ id }) => id),
      ...(signaling === undefined ? {} : { signaling }),
    })
  }

  heal(kind: TroubleKind, what: string): void {
    this.#deeds.push({ atMs: Date.now(), peer: '', type: 'healed', kind, what })
  }

  /** This tab is not in the room any more. */
  remove(tab: RoomTab, how: 'crashed' | 'left'): void {
    this.tabs = this.tabs.filter((other) => other !== tab)
    this.#former.push(tab)
    tab.noteEnd(tab.id, how)
  }

  // --- the verdict ---

  /** Everybody reads the same, a newcomer too, and every promise was kept. */
  async judge(): Promise<void> {
    for (const tab of this.tabs) await tab.stopWriting()
    await this.enter(await this.shared.openTab())
    // On a busy machine a host may be lost at any time. The verdict waits until that is over.
    await this.untilOne()
    const last = await this.tabs[0]!.append()
    for (const tab of this.tabs) {
      await tab.until(
        `it is given ${last}, the last message of all`,
        () =>
          tab.history.some((event) => event.type === 'delivered' && event.mid === last) ||
          tab.history.some((event) => event.type === 'acknowledged' && event.mid === last),
      )
    }
    for (const tab of this.tabs) await tab.finish()
    const broken = this.verdict()
    if (broken !== null) throw new Error(`${broken}\nhistory: ${this.keep()}`)
  }

  /** What is wrong with what was seen so far, or null. */
  verdict(): string | null {
    const judged = judge(this.history(), SAFETY)
    if (judged.verdict === 'broken')
      return judged.findings.map(({ checker, what }) => `${checker}: ${what}`).join('\n')
    if (judged.verdict === 'void') return `void: ${judged.why}`
    for (const { complaints, exceptions } of [...this.tabs, ...this.#former]) {
      const complaint = complaints.find(({ code }) => !EXPECTED_COMPLAINTS.includes(code))
      if (complaint !== undefined)
        return `a room complained: ${complaint.code}: ${complaint.message}`
      if (exceptions[0] !== undefined) return `a page threw: ${exceptions[0]}`
    }
    return null
  }

  /** Everybody's events by time; those of one page stay in their order. */
  history(): HistoryEvent[] {
    return [this.#deeds, ...[...this.tabs, ...this.#former].map(({ history }) => history)]
      .flat()
      .sort((a, b) => a.atMs - b.atMs)
  }

  /** Writes the history to a file. Returns its name. */
  keep(): string {
    mkdirSync('test-results', { recursive: true })
    const file = join('test-results', `history-${this.token}.jsonl`)
    writeFileSync(file, toJsonLines(this.history()))
    return file
  }

  async close(): Promise<void> {
    for (const tab of this.tabs) await tab.page.close().catch(() => {}) // its browser may be gone
    for (const browser of this.#own) await browser.kill()
    await this.server.stop('SIGKILL')
  }
}
