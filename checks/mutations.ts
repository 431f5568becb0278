// Owns the list of all ways to spoil a good history, and which checkers have to notice: one file
// for each group of promises.

import { FIGURES } from './mutations/figures.ts'
import { GIVEN_ONCE_AS_SENT } from './mutations/given-once-as-sent.ts'
import { HOW_IT_ENDS } from './mutations/how-it-ends.ts'
import type { Mutation } from './mutations/mutation.ts'
import { NO_SILENT_LOSS } from './mutations/no-silent-loss.ts'
import { ONE_HOST_A_TERM } from './mutations/one-host-a-term.ts'
import { ONE_ORDER } from './mutations/one-order.ts'
import { OUTCOMES } from './mutations/outcomes.ts'
import { SILENCE } from './mutations/silence.ts'
import { WHAT_STREAMS_SHOW } from './mutations/what-streams-show.ts'

export const MUTATIONS: readonly Mutation[] = [
  ...GIVEN_ONCE_AS_SENT,
  ...ONE_ORDER,
  ...NO_SILENT_LOSS,
  ...WHAT_STREAMS_SHOW,
  ...ONE_HOST_A_TERM,
  ...HOW_IT_ENDS,
  ...OUTCOMES,
  ...SILENCE,
  ...FIGURES,
]
