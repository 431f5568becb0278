// Owns the address that this very script was loaded from, if anybody knows. In a bundle it is that of the bundle, or of
// a file of who built it (webpack, Parcel).

// A classic script knows its own address only while it runs for the first time.
export const ownScript = typeof document === 'undefined' ? undefined : scriptAddress()

function scriptAddress(): string {
  const { currentScript } = document
  return currentScript === null ? import.meta.url : (currentScript as HTMLScriptElement).src
}
