/** Where a browser is, or why there is none, as a sentence for who runs the tests. */
export type Found =
  | { readonly path: string; readonly missing?: undefined }
  | { readonly path?: undefined; readonly missing: string }
export function findFirefox(): Found
export function findWebKitGtk(): Found
