// Pages whose scripts stand still and run again: hung, stopped, frozen.

import type { Fault } from './fault.ts'

const LASTS_MS = 5_000

export const hung: Fault = {
  what: `hangs for ${LASTS_MS / 1000} s`,
  kind: 'hang',
  strike: async (host) => {
    const hanging = host.page.evaluate((ms) => {
      const endMs = Date.now() + ms
      while (Date.now() < endMs);
    }, LASTS_MS)
    return () => hanging
  },
}

export const stopped: Fault = {
  what: `has its renderer stopped for ${LASTS_MS / 1000} s`,
  kind: 'hang',
  isLong: true,
  needsBrowser: true,
  lastsMs: LASTS_MS,
  strike: async (host) => {
    const pids = await host.page.browser.rendererPids()
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    return async () => {
      for (const pid of pids) process.kill(pid, 'SIGCONT')
    }
  },
}

export const frozen: Fault = {
  what: `is frozen for ${LASTS_MS / 1000} s`,
  kind: 'freeze',
  needsBrowser: true,
  lastsMs: LASTS_MS,
  strike: async (host) => {
    const { freezes, page } = host
    const other = await page.browser.openBeside(page)
    await page.browser.send('Target.activateTarget', { targetId: other.target })
    // Only a hidden page is frozen.
    await page.send('Page.setWebLifecycleState', { state: 'frozen' })
    await host.until('it was told that it is being frozen', () => host.freezes > freezes)
    return async () => {
      await page.send('Page.setWebLifecycleState', { state: 'active' })
      await page.browser.send('Target.activateTarget', { targetId: page.target })
      await other.close()
    }
  },
}
