/** The EHR could not be started, or a spawned one is gone. */
export class EhrError extends Error {
  readonly code = 'failed'
  readonly hint?: string
  readonly retryable: boolean = false
  readonly exitCode = 1

  constructor(message: string, { hint, cause }: { hint?: string; cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'EhrError'
    if (hint !== undefined) this.hint = hint
  }
}
