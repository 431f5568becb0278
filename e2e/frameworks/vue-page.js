// The page of Vue: objects in `ref`, `reactive` and `data()`, and a component that shows one.

import { createApp, onUnmounted, reactive, ref, shallowRef } from 'vue/dist/vue.esm-bundler.js'
import { join, useAll } from './objects.js'

window.ways = {
  ref: (options) => useAll(ref(join(options)).value),
  reactive: (options) => useAll(reactive({ objects: join(reactive(options)) }).objects),
  data: (options) => {
    const app = createApp({ template: '<p>{{ log }}</p>', data: () => join(options) })
    return useAll(app.mount(document.createElement('div')))
  },
}

window.start = (options) => {
  const app = createApp({
    template: `
      <output data-testid="status">{{ status }}</output>
      <output data-testid="count">{{ count }}</output>
      <button @click="value.set((n) => n + 1)">Add</button>
      <button @click="room.leave">Leave</button>`,
    data: () => join(options),
    setup: () => ({ count: shallowRef(0), status: shallowRef('connecting') }),
    created() {
      const offs = [
        this.value.subscribe((value) => (this.count = value)),
        this.room.on('status', ({ status }) => (this.status = status)),
      ]
      onUnmounted(() => offs.forEach((off) => off()))
    },
  })
  app.mount('#app')
}
