// Compiles what the page of Svelte is made of, for Vite.

import { compile } from 'svelte/compiler'

export const sveltePlugin = {
  name: 'svelte',
  transform(code, id) {
    if (!id.endsWith('.svelte')) return null
    return { code: compile(code, { filename: id, dev: true }).js.code, map: null }
  },
}
