// The page of Solid: objects in a store, in a mutable store and in a signal, and markup that shows one.

import { createSignal, onCleanup } from 'solid-js'
import html from 'solid-js/html'
import { createMutable, createStore } from 'solid-js/store'
import { render } from 'solid-js/web'
import { join, useAll } from './objects.js'

window.ways = {
  createStore: (options) => useAll(createStore({ objects: join(options) })[0].objects),
  createMutable: (options) => useAll(createMutable({ objects: join(options) }).objects),
  createSignal: (options) => useAll(createSignal(join(options))[0]()),
}

function Counter({ options }) {
  const [state, setState] = createStore({ ...join(options), count: 0, status: 'connecting' })
  onCleanup(state.value.subscribe((value) => setState('count', value)))
  onCleanup(state.room.on('status', ({ status }) => setState('status', status)))
  return html`
    <output data-testid="status">${() => state.status}</output>
    <output data-testid="count">${() => state.count}</output>
    <button onclick=${() => state.value.set((n) => n + 1)}>Add</button>
    <button onclick=${state.room.leave}>Leave</button>
  `
}

window.start = (options) => render(() => Counter({ options }), document.querySelector('#app'))
