// Owns which process does what: those of the browser by what they are for, those of pages by the pages' parts.

import type { BrowserTab } from '../../e2e/chromium.ts'
import { ticksOf, type NamedProcess } from './cpu.ts'

/** How long a page is kept busy to see which process is its own. */
const SPIN_MS = 100

type ProcessInfo = { readonly type: string; readonly id: number }

/** Names for the renderers of these tabs; the others are `other pages`. */
export async function browserProcesses(
  tabs: readonly { readonly name: string; readonly tab: BrowserTab }[],
): Promise<readonly NamedProcess[]> {
  const { browser } = tabs[0]!.tab
  const { processInfo } = await browser.send<{ processInfo: readonly ProcessInfo[] }>(
    'SystemInfo.getProcessInfo',
  )
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
  const nameByPid = new Map<number, string>()
  for (const { name, tab } of tabs) nameByPid.set(await pidOf(tab, renderers), name)
  return processInfo.map(({ type, id }) => ({ name: nameByPid.get(id) ?? nameOf(type), pid: id }))
}

function nameOf(type: string): string {
  if (type === 'renderer') return 'other pages'
  if (type.startsWith('network.')) return 'network'
  return type === 'browser' || type === 'GPU' ? type.toLowerCase() : 'other processes'
}

/** The renderer whose main thread is busy when the page's is. */
async function pidOf(tab: BrowserTab, renderers: readonly number[]): Promise<number> {
  const mainTicks = () =>
    renderers.map((pid) => ticksOf([{ name: '', pid }]).get(`${pid}/${pid}`)?.ticks ?? 0)
  const before = mainTicks()
  await tab.evaluate((ms: number) => window.bench.spin(ms), SPIN_MS)
  const spent = mainTicks().map((ticks, i) => ticks - before[i]!)
  return renderers[spent.indexOf(Math.max(...spent))]!
}
