// Processes that die without a word.

import type { Fault } from './fault.ts'

export const crashed: Fault = {
  what: 'crashes',
  kind: 'crash',
  strike: async (host) => {
    // The renderer dies, and with it the answer to this very command.
    await host.page.send('Page.crash').catch(() => {})
  },
}

export const rendererKilled: Fault = {
  what: 'loses its renderer to SIGKILL',
  kind: 'crash',
  needsBrowser: true,
  strike: async (host) => {
    for (const pid of await host.page.browser.rendererPids()) process.kill(pid, 'SIGKILL')
  },
}

export const browserKilled: Fault = {
  what: 'loses its whole browser to SIGKILL',
  kind: 'crash',
  needsBrowser: true,
  strike: (host) => host.page.browser.kill(),
}
