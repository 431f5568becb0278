export declare function buildExamples(
  folder: string,
  options?: { readonly react?: 'production' | 'development' },
): Promise<void>
