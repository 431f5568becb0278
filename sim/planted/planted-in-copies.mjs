// Owns the planted faults that only pages show that come back with what they held.

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
]
