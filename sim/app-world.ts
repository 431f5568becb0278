// Owns what an app needs of the world around its page.

import type { PeerInput } from '../peer/peer-io.ts'
import type { Page } from './page.ts'
import type { Scheduler } from './scheduler.ts'
import type { Scribe } from './scribe.ts'

export type AppWorld = {
  readonly scheduler: Scheduler
  readonly scribe: Scribe
  feed(page: Page, input: PeerInput): void
}
