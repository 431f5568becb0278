// Owns how a page comes about: its name, its own clock, and the real peer that it runs.

import { toBase64Url } from '../protocol/base64url.ts'
import type { PeerId } from '../protocol/ids.ts'
import { LogTeller } from '../peer/log-teller.ts'
import { Peer } from '../peer/peer.ts'
import type { OpenedCopy } from '../replica/copy.ts'
import type { Disk } from './disk.ts'
import type { Pace } from './pace.ts'
import { Page } from './page.ts'
import { PageClock } from './page-clock.ts'
import type { Random } from './random.ts'
import type { PageOptions } from './room-options.ts'

export function newPage(
  number: number,
  options: PageOptions,
  random: Random,
  { clockOffset, clockDrift }: Pace,
  nowMs: number,
  disk: Disk | null,
  opened: OpenedCopy | null,
): Page {
  const id = toBase64Url(random.bytes(16)) as PeerId
  const offsetMs = random.int(0, clockOffset)
  const drift = random.int(-clockDrift, clockDrift) / 1_000
  const clock = new PageClock(nowMs, offsetMs, drift)
  const peer = new Peer(
    { self: id, logTeller: LogTeller, visible: true, ...options, copy: opened },
    clock.at(nowMs),
  )
  return new Page(number, id, peer, options, clock, disk)
}
