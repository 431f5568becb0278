// Owns the faults that are planted on purpose, to see whether the simulation finds them: each one edit of a source,
// which must match exactly once, made while the simulation is bundled. The code under test knows nothing of them.
// `npm run sim -- --planted` plays each until a checker objects.

import { PLANTED_IN_COPIES } from './planted-in-copies.mjs'
import { PLANTED_IN_OBJECTS } from './planted-in-objects.mjs'
import { PLANTED_IN_ROOMS } from './planted-in-rooms.mjs'

const HOST_ROLE = 'host/host-role.ts'
const LIVE_FLOW = 'host/live-flow.ts'
const ORDERING = 'host/ordering.ts'
const PROGRESS = 'host/progress.ts'
const STABILITY = 'host/stability.ts'
const REPLICA_WRITER = 'replica/replica-writer.ts'
const SESSION = 'peer/session.ts'
const FOLLOWED_LOG = 'peer/followed-log.ts'
const OUTBOX = 'peer/outbox.ts'
const PEER = 'peer/peer.ts'

export const PLANTED = [
  // --- exactly once ---
  {
    name: 'repeats are ordered again',
    file: ORDERING,
    find: 'if (ops.has(op.author, op.opId)) return',
    replace: 'if (op.opId < (ops.last(op.author) ?? 0)) return',
  },
  {
    name: 'the op table stays behind in a copy',
    file: 'replica/snapshot.ts',
    find: "ops: extent === 'whole' ? ops.rows : []",
    replace: "ops: extent === 'whole' ? [] : ops.rows",
  },
  {
    name: 'the op table is trimmed early',
    file: 'replica/op-table.ts',
    find: 'this.#byAuthor.size <= AUTHORS_MAX',
    replace: 'this.#byAuthor.size <= 2',
  },
  {
    name: 'an op that was left out counts as taken',
    file: 'replica/op-table.ts',
    find: 'opId <= taken.last && !includes(taken.missing, opId)',
    replace: 'opId <= taken.last',
  },
  {
    name: 'an author is told the place of another op',
    file: OUTBOX,
    find: 'this.#find(this.#self, (opId + i) as OpId)',
    replace: 'this.#find(this.#self, (opId + count - 1 - i) as OpId)',
  },
  {
    name: 'the outbox forgets what was ordered',
    file: OUTBOX,
    find: "if (standing.status !== 'placed' || standing.place.index > index) break",
    replace: "if (standing.status !== 'placed') break",
  },
  {
    name: 'a reconnected outbox sends nothing again',
    file: OUTBOX,
    find: "if (item.standing.status !== 'placed') item.standing = WAITING",
    replace: "if (item.standing.status === 'awaits others') item.standing = WAITING",
  },
  {
    name: 'what was cut back counts as placed',
    file: OUTBOX,
    find: 'for (const item of this.#own) if (isPlacedAfter(item, common)) this.#move(item, WAITING)',
    replace: '',
  },
  {
    name: 'an early receipt ends its operation',
    file: OUTBOX,
    find: 'if (isPlacedAfter(item, common)) this.#move(item, WAITING)',
    replace:
      "if (item.told === 'nothing' && isPlacedAfter(item, common)) this.#move(item, WAITING)",
  },
  {
    name: 'a full window of repeats stops the outbox',
    file: SESSION,
    find: 'this.#pump() // what was known already makes room in the window',
    replace: '',
  },

  // --- receipts ---
  {
    name: 'a receipt before the standbys hold it',
    file: STABILITY,
    find: 'for (const peer of this.#replica.inSync) held = Math.min(held, this.#heldBy(peer)) as Index',
    replace: '',
  },
  {
    name: 'what was sent counts as held',
    file: PROGRESS,
    find: 'const known = Math.min(index, this.#sentUpTo) as Index',
    replace: 'const known = this.#sentUpTo',
  },
  {
    name: 'in sync without the streams',
    file: 'host/follower.ts',
    find: 'const holdsTheRoom = isComplete && isLive',
    replace: 'const holdsTheRoom = isLive',
  },
  {
    name: 'who is in sync never changes',
    file: STABILITY,
    find: 'return isSame ? null : standbys',
    replace: 'return isSame || before.length > 0 ? null : standbys',
  },
  {
    name: 'nobody is told what became stable',
    file: LIVE_FLOW,
    find: 'else this.#tellStable()',
    replace: '',
  },

  // --- a split in which one side is to pause ---
  {
    name: 'a silent socket bears a host',
    file: 'host/lease.ts',
    find: 'return nowMs - (this.#askedAtMs.get(witness) ?? -Infinity) < LEASE_MS',
    replace: 'return this.#askedAtMs.has(witness)',
  },
  {
    name: 'a paused host calls its log stable',
    file: HOST_ROLE,
    find: "if (this.#isPaused !== wasPaused) this.#rosterChanged = true\n    this.#stability.isFrozen = licence === 'nothing'",
    replace: 'if (this.#isPaused !== wasPaused) this.#rosterChanged = true',
  },
  {
    name: 'a lease is given beside another',
    file: 'signaling/directory/lessor.ts',
    find: 'if (this.#last?.host !== host && this.isOut(nowMs)) return false',
    replace: '',
  },

  // --- a signaling socket that is deaf ---
  {
    // The socket of a simulated page stands for transport/signaling-socket.ts.
    name: 'nobody finds out that a socket is deaf',
    file: 'sim/signaling-site.ts',
    find: 'if (socket.heardAtMs < beatAtMs) this.#giveUp(socket)',
    replace: '',
  },
  {
    name: 'nobody is told that signaling is lost',
    file: 'host/election.ts',
    find: "signalingLost(): void {\n    this.#signaling = 'down'",
    replace: 'signalingLost(): void {',
  },

  // --- following ---
  {
    name: 'entries are taken before the welcome',
    file: SESSION,
    find: 'if (claim === null || !isWelcomed) return',
    replace: 'if (claim === null) return',
  },
  {
    name: 'a log that parted is resumed',
    file: LIVE_FLOW,
    find: 'if (end === null || position.index > end.index) return false',
    replace: '',
  },
  {
    name: 'resume is off by one',
    file: LIVE_FLOW,
    find: 'const missed = this.#replica.log.after(after)',
    replace: 'const missed = this.#replica.log.after((after + 1) as Index)',
  },
  {
    name: 'starting over keeps the old log',
    file: FOLLOWED_LOG,
    find: 'if (!this.isReleased) this.writer.startOver(',
    replace: 'if (head < 0) this.writer.startOver(',
  },
  {
    name: 'a reset is not told',
    file: FOLLOWED_LOG,
    find: 'return isNewcomer ? null : reset',
    replace: 'return isNewcomer || head >= 0 ? null : reset',
  },
  {
    name: 'what was held before starting over is forgotten',
    file: REPLICA_WRITER,
    find: 'if (engine !== null) this.#contents.former = new FormerCopy({ ...this.#contents.state, engine }, moments)',
    replace: '',
  },
  {
    name: 'a fold of what was never given is let go',
    file: 'replica/entries-with-gaps.ts',
    find: 'folds.push({ ...entry, op: withOwnValue(entry.op) })',
    replace: 'continue',
  },
  {
    name: 'who was written off is weight',
    file: 'host/branch.ts',
    find: 'return 1 + Math.min(...inSyncSince(branch).map((standbys) => standbys.length))',
    replace:
      "return 1 + new Set(branch.entries.flatMap((entry) => ('inSync' in entry ? entry.inSync : []))).size",
  },
  {
    name: 'a fold that another brought is let go',
    file: 'replica/unite.ts',
    find: 'folds: lacks.length === 0 ? [] : folds }',
    replace: 'folds: base.folds }',
  },
  {
    name: 'nobody goes back to what it left',
    file: FOLLOWED_LOG,
    find: 'countOf(former.lacks) < countOf(lacks)',
    replace: 'false',
  },
  {
    name: 'nothing is filled in',
    file: 'replica/replica.ts',
    find: 'if (engine === null || lacks.length === 0) return false',
    replace: 'if (lacks.length >= 0) return false',
  },
  {
    name: 'nobody is told of what was filled in',
    file: FOLLOWED_LOG,
    find: 'if (sameRuns(lacks, this.#roomLacks)) return null',
    replace: 'if (lacks.length >= 0) return null',
  },
  {
    name: 'what was folded before something was filled in is compacted',
    file: FOLLOWED_LOG,
    find: 'this.#outbox.outdateCompactions()',
    replace: 'void 0',
  },
  {
    name: 'what is missing is folded',
    file: ORDERING,
    find: 'this.#replica.mayBeFilled || this.#isOutdated(op)',
    replace: 'this.#isOutdated(op)',
  },
  {
    name: 'a frame on its way revives a standby',
    file: HOST_ROLE,
    find: "if (frame.type === 'pong') follower.pulse.answered(frame.at)",
    replace: 'follower.pulse.answered(nowMs)',
  },
  {
    name: 'a conflict is told again',
    file: OUTBOX,
    find: 'this.#over.set(nameOf(refusal), refusal)\n    const [oldest]',
    replace: 'const [oldest]',
  },
  {
    name: 'a fold is dropped with its branch',
    file: 'replica/surplus.ts',
    find: "const isFold = message.kind === 'fold'",
    replace: 'const isFold = false',
  },
  {
    name: 'a branch comes as if some were let go',
    file: 'replica/surplus.ts',
    find: ' || tailSeq === afterSeq + 1',
    replace: '',
  },
  {
    name: 'surplus is dropped',
    file: FOLLOWED_LOG,
    find: 'this.#outbox.cutBack(fork.index, left.ops)',
    replace: 'this.#outbox.cutBack(fork.index, [])',
  },

  // --- who leads ---
  {
    name: 'signaling is not told of what it missed',
    file: 'host/election.ts',
    find: "return this.#knows(own) ? [signal({ type: 'know', claim: own })] : []",
    replace: 'return []',
  },
  {
    name: 'a page that may not host claims',
    file: 'host/election.ts',
    find: 'if (!this.#canHost || isActing) return []',
    replace: 'if (isActing) return []',
  },
  {
    name: 'a term is granted twice',
    file: 'signaling/directory/claims.ts',
    find: 'if (petition.term <= reign.claim.term) return deny',
    replace: 'if (petition.term < reign.claim.term) return deny',
  },
  {
    name: 'a newcomer never doubts',
    file: PEER,
    find: 'return election.signalingUp && !election.isPresent(host)',
    replace: 'return false',
  },
  {
    name: 'newcomers vouch for a silent host',
    file: 'signaling/directory/topic-room.ts',
    find: 'others.filter(({ term }) => term > NO_TERM)',
    replace: 'others',
  },
  {
    name: 'the service never grants',
    file: 'signaling/directory/claims.ts',
    find: 'return petition.outranked && theirTurnMs > 0 ? deny',
    replace: 'return theirTurnMs > -Infinity ? deny',
  },
  {
    name: 'a silent host is never doubted',
    file: PEER,
    find: 'if (this.#mayDoubt(host) && watch.isSilent(nowMs))',
    replace: 'if (!this.#mayDoubt(host) && watch.isSilent(nowMs))',
  },

  // --- what the room is ---
  {
    name: 'relays are kept',
    file: 'replica/engine.ts',
    find: "const { action } = op\n    if (action === 'relay') return",
    replace: "const action = op.action === 'relay' ? 'append' : op.action",
  },
  {
    name: 'a replace covers nothing',
    file: 'replica/stream.ts',
    find: 'this.#dropFirst(this.#count)\n',
    replace: '',
  },
  {
    name: 'compacted messages are kept',
    file: 'replica/stream.ts',
    find: 'this.#dropFirst(removed)\n',
    replace: 'this.#dropFirst(removed - 1)\n',
  },
  {
    name: 'a replay is off by one',
    file: 'replica/stream.ts',
    find: 'let first = this.countUpTo(after)',
    replace: 'let first = this.countUpTo(after + 1)',
  },
  {
    name: 'what was ordered during a long answer is not sent',
    file: 'host/live-flow.ts',
    find: 'if (isHere) this.#catchUp(follower)',
    replace: '',
  },
  {
    name: 'a copy is of a later moment than its head',
    file: 'replica/snapshot.ts',
    find: 'runs(0, lastSeq, SNAPSHOT_PART_BYTES)',
    replace: 'runs(0, Infinity, SNAPSHOT_PART_BYTES)',
  },
  {
    name: 'a copy loses what is taken from the room meanwhile',
    file: 'replica/engine.ts',
    find: 'stream.isFrozen = true\n',
    replace: '',
  },
  {
    name: 'a copy lacks what came since',
    file: REPLICA_WRITER,
    find: 'for (const entry of since) this.append(entry)',
    replace: '',
  },
  {
    name: 'a mirror is not told that the streams came',
    file: 'peer/log-teller.ts',
    find: 'replacements === this.#replacements && ',
    replace: '',
  },
  {
    name: 'seqs leave a gap at a takeover',
    file: REPLICA_WRITER,
    find: "if (entry.type === 'reign') state.history",
    replace:
      "if (entry.type === 'reign' && entry.index > 1) state.engine?.restoreCounter((state.lastSeq + 1) as Seq)\n    if (entry.type === 'reign') state.history",
  },
  {
    name: 'a reign ends where the next one that is remembered does',
    file: 'replica/history.ts',
    find: '.filter((reign) => isRemembered(reign, number))',
    replace:
      '.filter((reign) => isRemembered(reign, number)).map((reign, i, all) => (i + 2 < all.length ? { ...reign, index: all[i + 1].index, seq: all[i + 1].seq } : reign))',
  },

  ...PLANTED_IN_COPIES,
  ...PLANTED_IN_OBJECTS,
  ...PLANTED_IN_ROOMS,
]
