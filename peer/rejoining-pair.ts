// A stage for tests of rejoining: peer m with its own session, and the role of whoever hosts it.

import type { Claim, Index, Seq } from '../protocol/ids.ts'
import type { Entry } from '../protocol/entry.ts'
import type { BodyOf, FrameBody } from '../protocol/frames.ts'
import { peer } from '../protocol/testing-ids.ts'
import type { HostOutput, HostRole } from '../host/host-role.ts'
import { Outbox } from './outbox.ts'
import type { SessionOutput } from './session-output.ts'
import { Session } from './session.ts'
import { emptyReplica, writerOf } from '../replica/testing-words.ts'

/** Peer m in a room; `old` is the frames-only former host, `host` the new one. */
export class Pair {
  readonly outbox = new Outbox(peer('m'), 'standby')
  readonly mine = emptyReplica(true)
  readonly session = new Session({
    self: peer('m'),
    canHost: true,
    visible: true,
    outbox: this.outbox,
    writer: writerOf(this.mine),
  })
  readonly outcomes: string[] = []
  readonly sent: FrameBody[] = []
  role: HostRole | null = null
  readonly toM: FrameBody[] = []
  readonly fromM: FrameBody[] = []

  fromSession(outputs: readonly SessionOutput[]) {
    for (const o of outputs) {
      if (o.type === 'send') {
        this.fromM.push(o.body)
        this.sent.push(o.body)
      }
      if (o.type === 'outcome')
        this.outcomes.push(
          `${o.outcome.type === 'conflict' ? o.outcome.op.opId : o.outcome.opId} ${o.outcome.type}`,
        )
    }
  }
  fromRole(outputs: readonly HostOutput[]) {
    for (const o of outputs)
      if (o.type === 'send' && o.to.includes(peer('m'))) this.toM.push(o.body)
  }
  /** Carries frames to and fro until it is quiet; the number of rounds. */
  run(max = 100): number {
    let n = 0
    for (; n < max && (this.toM.length || this.fromM.length); n++) {
      const up = this.fromM.splice(0)
      for (const body of up) {
        if (body.type === 'hello') this.fromRole(this.role!.hello(peer('m'), body, 0))
        else this.fromRole(this.role!.receive(peer('m'), body, 0))
      }
      for (const body of this.toM.splice(0)) this.fromSession(this.session.receive(body))
    }
    return n
  }
  /** m follows the former host and takes these entries from it, with that much of them stable. */
  followsOld(claim: Claim, entries: readonly Entry[], stable: number) {
    this.fromSession(this.session.follow(claim, true, 0))
    const hello = this.sent.at(-1) as BodyOf<'hello'>
    this.fromSession(
      this.session.receive({
        type: 'welcome',
        nonce: hello.nonce,
        resume: true,
        lacks: [],
        head: 0 as Index,
        headSeq: 0 as Seq,
        history: [],
        ops: [],
      }),
    )
    this.fromSession(this.session.receive({ type: 'entries', stable: stable as Index, entries }))
    this.fromM.length = 0
  }
}
