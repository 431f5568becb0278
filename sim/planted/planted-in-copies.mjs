// Owns the planted faults that only pages show that come back with what they held, and those in how it lay on a disk.

const DISKS = { variant: 'disks' }

export const PLANTED_IN_COPIES = [
  {
    ...DISKS,
    name: 'conflicts of earlier lives are not told',
    file: 'peer/outbox.ts',
    find: "heard.status !== 'settled' || !this.#selves.has(op.author)",
    replace: "heard.status !== 'settled' || op.author !== this.#self",
  },
  {
    ...DISKS,
    name: 'what earlier lives were told is over is not remembered',
    file: 'peer/outbox.ts',
    find: 'for (const refusal of over) this.#over.set(nameOf(refusal), refusal)',
    replace: '',
  },
  {
    ...DISKS,
    name: 'a record that a fold cuts stays whole',
    file: 'replica/stream-records.ts',
    find: 'piece.after >= first.seq',
    replace: 'piece.last >= first.seq',
  },
  {
    ...DISKS,
    name: 'a head names a generation that is not whole',
    file: 'replica/copy-writer.ts',
    find: 'if (left <= 0) return { writes, noteByKey, messages, isAll: false }',
    replace: 'if (left <= 0) return { writes, noteByKey, messages, isAll: true }',
  },
  {
    ...DISKS,
    name: 'a batch that failed counts as written',
    file: 'storage/kept-batches.ts',
    find: 'if (batch === this.#onWay) batch.failed()',
    replace: 'if (batch === this.#onWay) batch.written()',
  },
  {
    ...DISKS,
    name: 'a writer goes on with a copy of another log',
    file: 'replica/copy-writer.ts',
    find: 'if (this.#isReplaced) this.#beginAnew()',
    replace: 'this.#replacements = this.#replica.replacements',
  },
  {
    ...DISKS,
    name: 'the order of authors is not kept',
    file: 'replica/copy-reader.ts',
    find: 'this.#rows.sort((a, b) => a.order - b.order)',
    replace: 'this.#rows',
  },
]
