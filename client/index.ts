// The entry `baton-relay`: everything a page may import.

export { joinRoom, createToken } from './join-room.ts'
export { BatonError, type ErrorCode } from '../protocol/errors.ts'
export type { PeerId } from '../protocol/ids.ts'
export type { Json, Value } from '../protocol/value.ts'
export type {
  Conflict,
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
} from './api.ts'
export type { Presence, Shared, SharedLog, SharedMap, SharedReducer, SharedValue } from './shared/api.ts'
