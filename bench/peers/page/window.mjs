// Owns how far an author may be ahead of its own values' return, as in the other ways of the benchmark.

const AHEAD_BYTES = 1024 * 1024

export function windowOf() {
  let ahead = 0
  let wake = () => {}
  return {
    sent: (bytes) => {
      ahead += bytes
    },
    heard: (bytes) => {
      ahead -= bytes
      if (ahead < AHEAD_BYTES) wake()
    },
    untilRoom: () =>
      ahead < AHEAD_BYTES
        ? null
        : new Promise((resolve) => {
            wake = resolve
          }),
  }
}
