// Owns the flags with which every browser of the tests starts.

/**
 * Chromium keeps the popups of its address bar ready, a page of its own each, at every window. Nobody types there, and
 * they take more than half of all processor time of a test.
 */
const NEEDLESS_FEATURES = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup']

export const BROWSER_FLAGS: readonly string[] = [
  '--no-sandbox',
  // Pages that a test makes talk to each other and to nobody else.
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
]

/** A browser heeds the last such flag alone: it has to name all. */
export function withoutFeatures(features: readonly string[] = []): string {
  return `--disable-features=${[...NEEDLESS_FEATURES, ...features].join()}`
}
