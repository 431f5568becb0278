// Owns pages of tests that stand on the sources: bundled once, since a browser that loads them module by module is
// kept busy at every tab, and served by a server of their own.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Alias, type Plugin } from 'vite'
import { simplePeerAliases } from '../transport/simple-peer-shims/aliases.mjs'
import { Server } from './stage.ts'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))

export type PageOptions = {
  /** Beside those that every build has. */
  readonly aliases?: readonly Alias[]
  readonly plugins?: readonly Plugin[]
  /** Of the server. */
  readonly flags?: readonly string[]
}

export class BuiltPages {
  readonly #server: Server
  readonly #folder: string

  private constructor(server: Server, folder: string) {
    this.#server = server
    this.#folder = folder
  }

  /** `names`: the pages, as paths in this folder. They are built as in development. */
  static async serve(
    names: readonly string[],
    { aliases = [], plugins = [], flags = [] }: PageOptions = {},
  ): Promise<BuiltPages> {
    const folder = mkdtempSync(join(tmpdir(), 'baton-pages-'))
    process.env['NODE_ENV'] = 'development' // by this Vite, and React, know
    await build({
      root: FOLDER,
      configFile: false,
      logLevel: 'error',
      mode: 'development',
      plugins: [...plugins],
      resolve: { alias: [...simplePeerAliases, ...aliases] },
      build: {
        outDir: folder,
        emptyOutDir: false,
        minify: false,
        rolldownOptions: { input: names.map((name) => join(FOLDER, name)) },
      },
    })
    return new BuiltPages(await Server.start({ folder, flags }), folder)
  }

  urlOf(name: string): string {
    return `${this.#server.url}${name}`
  }

  async close(): Promise<void> {
    await this.#server.stop()
    rmSync(this.#folder, { recursive: true })
  }
}
