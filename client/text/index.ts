// The entry `baton-relay/text`: text that several people write at once.

export { sharedText, type SharedText } from './shared-text.ts'
