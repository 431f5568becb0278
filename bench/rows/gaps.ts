// Rows of gaps: how long nobody gets a receipt when something happens to the host, as the longest wait over that moment
// in two other tabs, which write one message after the other without pause. The faults are those of the tests.

import { join } from 'node:path'
import { cutFor4s } from '../../e2e/faults/cutting.ts'
import { endure, openPage, type Fault } from '../../e2e/faults/fault.ts'
import { closed, left } from '../../e2e/faults/going.ts'
import { crashed } from '../../e2e/faults/killing.ts'
import { Scene } from '../../e2e/faults/scene.ts'
import { hung } from '../../e2e/faults/stalling.ts'
import { Server } from '../../e2e/stage.ts'
import { less, type Contender, type Row } from '../row.ts'
import type { Build, Stage } from '../stage/stage.ts'

export const gaps: readonly Row[] = [
  gapRow(
    'gap-crash',
    crashed,
    10,
    'how fast the closed socket shows, then one round trip to claim',
  ),
  gapRow('gap-close', closed, 10, 'how fast the closed socket shows, then one round trip to claim'),
  gapRow('gap-leave', left, 10, 'one round trip to hand over'),
  gapRow('gap-hang', hung, 3, 'the silence after which a host is doubted'),
  gapRow('gap-cut', cutFor4s, 3, 'the silence after which a host is doubted'),
]

function gapRow(name: string, fault: Fault, rounds: number, boundBy: string): Row {
  return {
    name,
    title: `nobody has a receipt after the host's tab ${fault.what}`,
    boundBy,
    rounds,
    opens: 'row',
    figures: [less('p50', 'ms', 'ms'), less('p95', 'ms', 'ms', 0.95)],
    contenders: (stage) => stage.builds.map((build) => enduring(fault, stage, build)),
  }
}

function enduring(fault: Fault, stage: Stage, { name, kind, dist }: Build): Contender {
  const open = async () => {
    const server = await Server.start({ cli: join(dist, 'signaling', 'cli.js') })
    const scene = await Scene.open(await stage.browser(), server)
    const measure = async () => {
      while (scene.tabs.length < 3) await scene.enter(await openPage(fault, scene))
      await scene.untilSettled()
      return { ms: [await endure(fault, scene)] }
    }
    const close = () => scene.judge().finally(() => scene.close())
    return { measure, close }
  }
  return { name, kind, open }
}
