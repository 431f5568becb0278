// Owns what the tests ask of any browser, whatever protocol it is driven by.

export type Tab = {
  /** Resolves when the page has loaded. */
  goto(url: string): Promise<void>
  /** Calls a function in the page. It sees nothing but its argument and the page. */
  evaluate<Result, Argument = undefined>(
    script: (argument: Argument) => Result | Promise<Result>,
    argument?: Argument,
  ): Promise<Result>
  /** As a user closes it. */
  close(): Promise<void>
}

export type Driven = {
  /** Such as `153.8.0`; known once a tab was opened. */
  readonly version: string
  openTab(): Promise<Tab>
  /** Ends the browser with all its processes, at once. */
  kill(): Promise<void>
}
