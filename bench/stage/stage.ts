// Owns what all rows stand on: one browser, the pages of the benchmark, and the service of each build that is compared.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Chromium, type BrowserTab } from '../../e2e/chromium.ts'
import { buildPeersPage } from '../peers/install.ts'
import { buildPages } from './pages.ts'
import { Service } from './service.ts'

/** As Playwright has it: what is measured has no window that anybody looks at, and must not be slowed for it. */
const FLAGS = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
]
/** Isolated pages have a clock of microseconds; others see a tenth of a millisecond. */
const SERVICE_FLAGS = ['--port', '0', '--isolate']
const PATIENCE_MS = 120_000

/** Baton as this checkout or another one has built it. */
export type Build = {
  readonly name: string
  readonly kind: 'ours' | 'against'
  /** Its `dist`. */
  readonly dist: string
}

export type StageOptions = {
  readonly builds: readonly Build[]
  /** Where what others published is installed; null where they are left out. */
  readonly peersFolder: string | null
}

export class Stage {
  readonly builds: readonly Build[]
  readonly peersFolder: string | null
  readonly pagesFolder = mkdtempSync(join(tmpdir(), 'baton-bench-'))
  readonly #services = new Map<Build, Service>()
  #browser: Chromium | null = null
  #rooms = 0

  constructor({ builds, peersFolder }: StageOptions) {
    this.builds = builds
    this.peersFolder = peersFolder
  }

  /** Needs no browser until a row asks for one. */
  async browser(): Promise<Chromium> {
    if (this.#browser === null) {
      await buildPages(this.pagesFolder)
      if (this.peersFolder !== null) await buildPeersPage(this.pagesFolder, this.peersFolder)
      this.#browser = await Chromium.launch({ flags: FLAGS })
    }
    return this.#browser
  }

  async serviceOf(build: Build): Promise<Service> {
    await this.browser()
    const cli = join(build.dist, 'signaling', 'cli.js')
    if (!existsSync(cli)) throw new Error(`${cli} is not there: build that checkout first`)
    const service =
      this.#services.get(build) ?? (await Service.start(cli, [this.pagesFolder, ...SERVICE_FLAGS]))
    this.#services.set(build, service)
    return service
  }

  /** A tab with the benchmark's page in it and that build's script; without one, none. */
  async openTab(
    build: Build | null,
    page = build === null ? 'plain.html' : '',
  ): Promise<BrowserTab> {
    const { url } = await this.serviceOf(build ?? this.builds[0]!)
    const tab = await (await this.browser()).openTab()
    // What a tab tells the driver of its network costs the ways that have sockets.
    await tab.send('Network.disable')
    await tab.goto(`${url}${page}`)
    await until(tab, 'the page has loaded', () => 'bench' in window)
    return tab
  }

  /** A room that nobody has been in. */
  freshToken(): string {
    this.#rooms++
    return `benchmark-room-${Date.now()}-${this.#rooms}`
  }

  async close(): Promise<void> {
    await this.#browser?.kill()
    for (const service of this.#services.values()) await service.stop()
    for (const folder of [this.pagesFolder, this.peersFolder])
      if (folder !== null) rmSync(folder, { recursive: true, force: true })
  }
}

/** Polls a page, which must not wait for a single answer for ever. */
export async function until(
  tab: BrowserTab,
  what: string,
  isSo: (argument: number) => boolean,
  argument = 0,
): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS
  while (!(await tab.evaluate(isSo, argument))) {
    if (performance.now() > endMs) throw new Error(`waited ${PATIENCE_MS / 1000} s until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
