// As much of a Duplex stream as simple-peer leans on: events, `push`, `end` and the two state flags.
// There is no `write`, `pipe` or back-pressure: Baton sends with `send`, and reading never pauses.
// `data` is not held back for a late listener: whoever makes a peer listens before the turn ends.

class Duplex {
  readable = true
  writable = true
  _readableState = { ended: false }
  _writableState = { finished: false }
  _listenersByEvent = new Map()

  on(event, listener) {
    this._listenersByEvent.set(event, [...(this._listenersByEvent.get(event) ?? []), listener])
    return this
  }

  once(event, listener) {
    const call = (...args) => {
      this.removeListener(event, call)
      listener(...args)
    }
    call.listener = listener
    return this.on(event, call)
  }

  removeListener(event, listener) {
    const left = (this._listenersByEvent.get(event) ?? []).filter(
      (known) => known !== listener && known.listener !== listener,
    )
    this._listenersByEvent.set(event, left)
    return this
  }

  emit(event, ...args) {
    const listeners = this._listenersByEvent.get(event) ?? []
    // As in Node: an error that nobody hears must not pass in silence.
    if (event === 'error' && listeners.length === 0) throw args[0]
    for (const listener of listeners) listener(...args)
    return listeners.length > 0
  }

  push(chunk) {
    if (chunk !== null) return this.emit('data', chunk)
    this._readableState.ended = true
    return this.emit('end')
  }

  /** `finish` comes a microtask later, when a peer that is being destroyed no longer listens to it. */
  end() {
    this._writableState.finished = true
    queueMicrotask(() => this.emit('finish'))
  }
}

module.exports = { Duplex }
