/** Why a population could not be written. */
export class SynthesisError extends Error {
  readonly code: 'usage' | 'failed' | 'interrupted'
  readonly hint?: string
  readonly retryable: boolean = false
  readonly exitCode: 1 | 2 | 130

  constructor(
    code: SynthesisError['code'],
    message: string,
    { hint, cause, exitCode }: { hint?: string; cause?: unknown; exitCode: 1 | 2 | 130 },
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'SynthesisError'
    this.code = code
    this.exitCode = exitCode
    if (hint !== undefined) this.hint = hint
  }
}
