// The drop-in script `baton-room.js`: rooms alone. Shared objects and presence are in the entry `baton-relay` besides.

export { joinRoom, createToken } from './join-room.ts'
export { linkTo, onOtherRoom } from './page-address.ts'
export { BatonError, type ErrorCode } from '../protocol/errors.ts'
export type { PeerId } from '../protocol/ids.ts'
export type { Json, Value } from '../protocol/value.ts'
export type * from './api.ts'
export type { Received, Sendable } from './value-types.ts'
