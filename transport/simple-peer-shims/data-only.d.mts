export declare function dataOnly(source: string): string
export declare const simplePeerWithoutMedia: {
  name: string
  enforce: 'pre'
  resolveId: (source: string) => string | undefined
  transform: (code: string, id: string) => { code: string; map: null } | null
}
