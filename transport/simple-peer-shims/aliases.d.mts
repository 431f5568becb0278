export declare const simplePeerAliases: { find: RegExp; replacement: string }[]
