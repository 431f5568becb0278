// Owns what a way from page to pages is that takes turns with others: who meets over it. All ways have one author and so
// many receivers; where the author hears its own values it is one of them.

import type { BrowserTab } from '../../e2e/chromium.ts'
import type { Contender, Running } from '../row.ts'
import type { Service } from '../stage/service.ts'
import type { Meeting } from './meeting.ts'

export type Way = Pick<Contender, 'name' | 'kind'> & {
  readonly meet: (receivers: number) => Promise<Meeting>
}

/** A way at one job. `warmUp` is done once it is open. */
export function at(
  way: Way,
  receivers: number,
  measure: (meeting: Meeting) => ReturnType<Running['measure']>,
  warmUp: (meeting: Meeting) => Promise<unknown>,
): Contender {
  const { name, kind, meet } = way
  const open = async () => {
    const meeting = await meet(receivers)
    await warmUp(meeting)
    return { measure: () => measure(meeting), close: () => meeting.close() }
  }
  return { name, kind, open }
}

/** Pages around one of them, which comes first; the next one is the author. */
export function around(tabs: readonly BrowserTab[]): Meeting {
  const [, ...others] = tabs
  return {
    author: others[0]!,
    receivers: others,
    parts: partsOf(['host', 'author', 'reader'], tabs),
    beside: [],
    close: () => closeAll(tabs),
  }
}

/** Pages around a process that relays between them. */
export function served(tabs: readonly BrowserTab[], relay: Service, name: string): Meeting {
  const close = async () => {
    await closeAll(tabs)
    await relay.stop()
  }
  const parts = partsOf(['author', 'reader'], tabs)
  return { author: tabs[0]!, receivers: tabs, parts, beside: [{ name, pid: relay.pid }], close }
}

function partsOf(names: readonly string[], tabs: readonly BrowserTab[]): Meeting['parts'] {
  return names.slice(0, tabs.length).map((name, i) => ({ name, tab: tabs[i]! }))
}

export async function closeAll(tabs: readonly BrowserTab[]): Promise<void> {
  await Promise.all(tabs.map((tab) => tab.close()))
}
