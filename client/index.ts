// The entry `baton-relay`: everything a page may import.

export { joinRoom, createToken } from './join-room.ts'
export { linkTo, onOtherRoom } from './page-address.ts'
export { BatonError, type ErrorCode } from '../protocol/errors.ts'
export type { PeerId } from '../protocol/ids.ts'
export type { Json, Value } from '../protocol/value.ts'
export type {
  Conflict,
  Fold,
  HostChange,
  JoinOptions,
  Message,
  PeerInfo,
  Receipt,
  Replayed,
  ReplayQuery,
  Reset,
  Role,
  Room,
  RoomEvents,
  RoomStatus,
  Send,
  SubscribeOptions,
} from './api.ts'
export type { Received, Sendable } from './value-types.ts'
export { presence, type PresenceOptions } from './shared/presence.ts'
export { sharedLog, type SharedLogOptions } from './shared/shared-log.ts'
export { sharedMap } from './shared/shared-map.ts'
export { sharedReducer, type SharedReducerOptions } from './shared/shared-reducer.ts'
export { sharedValue } from './shared/shared-value.ts'
export { uniqueClientId, type ClientIdOptions } from './shared/unique-client-id.ts'
export type {
  Presence,
  Shared,
  SharedLog,
  SharedMap,
  SharedReducer,
  SharedValue,
} from './shared/api.ts'
