// A stage for tests of rejoining: peer m with its own session, and the role of whoever hosts it.

import type { Claim, Index, OpId, PeerId, Seq, Term } from '../protocol/ids.ts'
import type { Entry, Op } from '../protocol/entry.ts'
import type { FrameBody } from '../protocol/frames.ts'
import type { HostOutput, HostRole } from '../host/host-role.ts'
import type { Replica } from '../replica/replica.ts'
import { Outbox } from './outbox.ts'
import type { SessionOutput } from './session-output.ts'
import { Session } from './session.ts'
import { emptyReplica, writerOf } from '../replica/testing-words.ts'

export const peer = (l: string) => l.repeat(22) as PeerId
export const claimOf = (term: number, host: string): Claim => ({
  term: term as Term,
  host: peer(host),
})
export const op = (author: string, n: number, key = 'k'): Op => ({
  action: 'append',
  author: peer(author),
  opId: n as OpId,
  key,
  value: Uint8Array.of(n),
})

/** `1h` begins a reign, `a1` is an op, `a1x` a refusal of it. */
export function add(replica: Replica, ...names: string[]): Replica {
  for (const name of names) {
    const index = (replica.lastIndex + 1) as Index
    if (/^\d/.test(name))
      writerOf(replica).append({
        type: 'reign',
        index,
        claim: claimOf(parseInt(name), name.at(-1)!),
        inSync: [],
      })
    else if (name.endsWith('x'))
      writerOf(replica).append({
        type: 'refusal',
        index,
        author: peer(name[0]!),
        opId: parseInt(name.slice(1)) as OpId,
        code: 'room-full',
      })
    else
      writerOf(replica).append({
        type: 'message',
        index,
        seq: (replica.lastSeq + 1) as Seq,
        op: op(name[0]!, parseInt(name.slice(1))),
      } as Entry)
  }
  return replica
}

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
    const hello = this.sent.at(-1) as Extract<FrameBody, { type: 'hello' }>
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
