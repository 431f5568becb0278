// Owns what an app needs of the world around its page.

import type { PeerInput } from '../peer/peer-io.ts'
import type { Network } from './network.ts'
import type { Page } from './page.ts'
import type { Scheduler } from './scheduler.ts'
import type { Scribe } from './scribe.ts'

export type AppWorld = {
  readonly scheduler: Scheduler
  readonly scribe: Scribe
  readonly network: Network
  feed(page: Page, input: PeerInput): void
  /** The page goes at once: there is time for one message only. */
  sayGoodbye(page: Page): void
}
