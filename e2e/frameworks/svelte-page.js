// The page of Svelte: objects in `$state`, and a component that shows one.

import { mount } from 'svelte'
import Counter from './counter.svelte'

const show = (options) =>
  mount(Counter, { target: document.querySelector('#app'), props: { options } })

window.start = show
window.ways = {
  $state: (options) => show(options).useState({ ...options, token: `${options.token}-2` }),
}
