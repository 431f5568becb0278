// Owns the promise that what a peer was given survives a change of host, if the new host could ask that peer. [MG2]

import { only, type Checker } from './checker.ts'

export const nothingTakenBack: Checker = (history) => {
  const rewound = only(history, 'reset').find(
    ({ reason, avoidable }) => reason === 'rewound' && avoidable === true,
  )
  return rewound === undefined
    ? null
    : `${rewound.peer} at ${rewound.atMs} ms had to forget what came after seq ${rewound.seq}, though its new host could have asked it`
}
