import type { Plugin } from 'vite'

export declare const sveltePlugin: Plugin
