// The page of Alpine: objects in `Alpine.reactive`, in a store and in `x-data`, and markup that shows one.

import Alpine from 'alpinejs'
import { join, useAll } from './objects.js'

window.ways = {
  reactive: (options) => useAll(Alpine.reactive({ objects: join(options) }).objects),
  store: (options) => {
    Alpine.store('baton', join(options))
    return useAll(Alpine.store('baton'))
  },
  'x-data': (options) => {
    document.querySelector('#app').innerHTML = '<p x-data="page"></p>'
    Alpine.data('page', () => join(options))
    Alpine.initTree(document.querySelector('#app'))
    return useAll(Alpine.$data(document.querySelector('[x-data]')))
  },
}

window.start = (options) => {
  Alpine.data('counter', () => ({
    ...join(options),
    count: 0,
    status: 'connecting',
    init() {
      this.value.subscribe((value) => (this.count = value))
      this.room.on('status', ({ status }) => (this.status = status))
    },
  }))
  document.querySelector('#app').innerHTML = `
    <section x-data="counter">
      <output data-testid="status" x-text="status"></output>
      <output data-testid="count" x-text="count"></output>
      <button @click="value.set((n) => n + 1)">Add</button>
      <button @click="room.leave()">Leave</button>
    </section>`
  Alpine.initTree(document.querySelector('#app'))
}

Alpine.start()
