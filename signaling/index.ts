// The entry point `baton-relay/signaling`: running the introduction service from your own code.

export { BatonError, type ErrorCode } from '../protocol/errors.ts'
export { attach, type AnyHttpServer, type Attached, type AttachOptions } from './attach.ts'
export type { Limits } from './directory/service-limits.ts'
export type { Log, LogLevel } from './log.ts'
export { startServer, type RunningServer, type ServerOptions } from './server.ts'
export type { TurnOptions } from './turn.ts'
