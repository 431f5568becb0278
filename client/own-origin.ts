// Owns the origin that a browser gives this page: `null` for a file and a sandboxed frame, whatever their address says.

export function ownOrigin(): string {
  return self.origin ?? location.origin // happy-dom has the second alone
}
