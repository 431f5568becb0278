export declare function dataOnly(source: string): string
export declare const simplePeerWithoutMedia: {
  name: string
  transform: (code: string, id: string) => { code: string; map: null } | null
}
