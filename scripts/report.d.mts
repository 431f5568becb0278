export function notesOf(type: string, suites: readonly unknown[]): unknown[]
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string
export function percentile(values: readonly number[], share: number): number
