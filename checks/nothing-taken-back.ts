// Owns the promise that what a peer was given survives a change of host, if the new host could ask
// that peer. [MG2]

import { only, type Checker } from './checker.ts'

export const nothingTakenBack: Checker = (history) => {
  const rewound = only(history, 'reset').find(
    ({ reason, avoidable }) => reason === 'rewound' && avoidable === true,
  )
  if (rewound === undefined) return null
  const { peer, atMs, seq } = rewound
  return `${peer} at ${atMs} ms had to forget what came after seq ${seq}, though its new host could have asked it`
}
