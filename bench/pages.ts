// Owns what the measurements in browsers stand on: a server of the built package with the benchmark's page, and
// bare data channels between tabs.

import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright/test'
import { build } from 'vite'
import { Server } from '../e2e/stage.ts'
import { simplePeerAliases } from '../transport/simple-peer-shims/aliases.mjs'
import type { Way } from './page.ts'

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

export type BenchServer = { readonly url: string; close(): Promise<void> }

export async function startServer(): Promise<BenchServer> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-bench-pages-'))
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { alias: simplePeerAliases },
    build: {
      outDir: folder,
      target: 'es2022',
      lib: { entry: path('page.ts'), formats: ['es'], fileName: () => 'page.js' },
    },
  })
  copyFileSync(path('page.html'), join(folder, 'index.html'))
  const server = await Server.start({ folder })
  return {
    url: server.url,
    close: async () => {
      await server.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Opens a bare data channel between two tabs. Each tab numbers its channels in the order in which they were opened. */
export async function connectRaw(from: Page, to: Page): Promise<void> {
  const offer = await from.evaluate(() => window.bench.offerRaw())
  const answer = await to.evaluate((sdp) => window.bench.answerRaw(sdp), offer)
  await from.evaluate((sdp) => window.bench.acceptRaw(sdp), answer)
  for (const tab of [from, to]) await tab.evaluate(() => window.bench.untilRawIsOpen())
}

/** A room that nobody has been in. */
export function freshToken(name: string): string {
  return `benchmark-room-${name}-${Date.now()}`
}

/** Items a second, from the first one sent to the last one at the slowest receiver. */
export async function rateOf(
  way: Way,
  sender: Page,
  receivers: readonly Page[],
  count: number,
  bytes: number,
): Promise<number> {
  for (const receiver of receivers)
    await receiver.evaluate(([way, count]) => window.bench.expectItems(way, count), [
      way,
      count,
    ] as const)
  const startMs = await sender.evaluate(
    ([way, count, bytes]) => window.bench.pour(way, count, bytes),
    [way, count, bytes] as const,
  )
  const endsMs = await Promise.all(
    receivers.map((receiver) => receiver.evaluate(() => window.bench.untilReceived())),
  )
  return (count / (Math.max(...endsMs) - startMs)) * 1000
}
