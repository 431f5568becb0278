// Owns one page of tests and a browser whose profile lies on disk: ordinary contexts keep in memory what pages store.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, BrowserType } from 'playwright/test'
import { BuiltPages } from './built-pages.ts'

/** By this name, over plain http, pages are in no secure context. */
const PLAIN_NAME = 'lan.test'

export class Profile {
  readonly #chromium: BrowserType
  readonly #pages: BuiltPages
  readonly #name: string
  /** Where it lies: a folder that no other process names. */
  readonly folder: string
  context: BrowserContext

  private constructor(
    chromium: BrowserType,
    pages: BuiltPages,
    name: string,
    folder: string,
    context: BrowserContext,
  ) {
    this.#chromium = chromium
    this.#pages = pages
    this.#name = name
    this.folder = folder
    this.context = context
  }

  /** `name`: the page, as a path in this folder. */
  static async serving(name: string, chromium: BrowserType): Promise<Profile> {
    const pages = await BuiltPages.serve([name], { flags: ['--name', PLAIN_NAME] })
    const folder = mkdtempSync(join(tmpdir(), 'baton-profile-'))
    const context = await chromium.launchPersistentContext(folder)
    return new Profile(chromium, pages, name, folder, context)
  }

  get secureUrl(): string {
    return this.#pages.urlOf(this.#name)
  }

  get plainUrl(): string {
    return this.secureUrl.replace(/\/\/[^:/]+/, `//${PLAIN_NAME}`)
  }

  /** Another browser, after the end of the one before. */
  async launchAgain(): Promise<void> {
    this.context = await this.#chromium.launchPersistentContext(this.folder)
  }

  async close(): Promise<void> {
    await this.context.close()
    await this.#pages.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
