// Owns what the service says when it refuses something, and which refusals end the connection. [SG6]

import type { FromSignaling, SignalingErrorCode } from '../../protocol/signals.ts'

/** RFC 6455 names the codes below 4000; browsers hand them to the page as they are. */
export const CLOSE_NORMAL = 1000
export const CLOSE_GOING_AWAY = 1001
export const CLOSE_UNSUPPORTED = 1003
export const CLOSE_POLICY = 1008
export const CLOSE_TRY_LATER = 1013
/** Ours: the same peer has joined again over another connection. */
const CLOSE_REPLACED = 4001

type Refusal = {
  readonly message: string
  /** The code to close with, or null when the connection goes on. */
  readonly closeCode: number | null
}

export const REFUSALS: { readonly [Code in SignalingErrorCode]: Refusal } = {
  'bad-frame': { message: 'This service takes text frames only.', closeCode: null },
  'bad-json': { message: 'That frame is not JSON.', closeCode: null },
  'bad-shape': {
    message:
      'This is no message of this protocol: it is unknown, or has a wrong field or one too many.',
    closeCode: null,
  },
  'bad-state': { message: 'Join first, once; then send anything else.', closeCode: null },
  version: {
    message:
      'This service speaks another version of the protocol; load the page again, or update it.',
    closeCode: CLOSE_POLICY,
  },
  'no-peer': { message: 'No such peer is in this room.', closeCode: null },
  'slow-down': {
    message:
      'Too many messages or bytes in a short time; some were dropped. Slow down, or be disconnected.',
    closeCode: null,
  },
  'no-relay': {
    message: 'The operator of this service has switched relayed links off.',
    closeCode: null,
  },
  'room-full': {
    message: 'This room is full; try again when somebody has left.',
    closeCode: CLOSE_TRY_LATER,
  },
  'too-many-rooms': {
    message:
      'This service has no space for more rooms, or this address began too many; try again in a minute.',
    closeCode: CLOSE_TRY_LATER,
  },
  'too-many-connections': {
    message: 'Too many connections are open; close some, or try again later.',
    closeCode: CLOSE_TRY_LATER,
  },
  'too-many-joins': {
    message: 'Too many joins from this address; try again in a minute.',
    closeCode: CLOSE_TRY_LATER,
  },
  'bad-proof': {
    message: 'This secret does not belong to this peer id; each page draws its own secret.',
    closeCode: CLOSE_POLICY,
  },
  origin: {
    message:
      'Pages of this origin may not use this service; its operator lists the origins that may.',
    closeCode: CLOSE_POLICY,
  },
  idle: {
    message: 'Nothing was heard from this page in time; connect and join again.',
    closeCode: CLOSE_POLICY,
  },
  replaced: {
    message: 'The same peer has joined over a newer connection.',
    closeCode: CLOSE_REPLACED,
  },
  'shutting-down': {
    message: 'This service is stopping; the room goes on without it. Connect again in a moment.',
    closeCode: CLOSE_GOING_AWAY,
  },
}

export function refusal(code: SignalingErrorCode): FromSignaling {
  return { type: 'error', code, message: REFUSALS[code].message }
}
