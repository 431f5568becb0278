// The entry `baton-relay/react`: everything a React app may import beside `baton-relay`.

export { RoomProvider, useRoom, type RoomProviderProps } from './room-provider.tsx'
export { useLatency, usePeers, useStatus } from './room-state.ts'
export { useClientId } from './use-client-id.ts'
export {
  usePresence,
  useSharedLog,
  useSharedMap,
  useSharedReducer,
  useSharedValue,
  type MapChanges,
} from './shared-hooks.ts'
export {
  StatusIndicator,
  type StatusIndicatorProps,
  type StatusWords,
} from './status-indicator.tsx'
export { RoomQRCode, type RoomQRCodeProps } from './room-qr-code.tsx'
