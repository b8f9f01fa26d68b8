export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 130

export interface FloeErrorInit {
  /** The command or change that helps; shown after `Try:`. */
  readonly hint?: string
  /** What was seen, a line each; never a payload, a token or an id. */
  readonly evidence?: readonly string[]
  readonly retryable?: boolean
  readonly cause?: unknown
  readonly exitCode?: ExitCode
}

/** An error of the command line or the pipeline; errors of the libraries have the same shape and are shown the same way. */
export class FloeError extends Error {
  readonly code: string
  readonly hint?: string
  readonly evidence: readonly string[]
  readonly retryable: boolean
  readonly exitCode: ExitCode

  constructor(
    code: string,
    message: string,
    { hint, evidence = [], retryable = false, cause, exitCode = 1 }: FloeErrorInit = {},
  ) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'FloeError'
    this.code = code
    this.evidence = evidence
    this.retryable = retryable
    this.exitCode = exitCode
    if (hint !== undefined) this.hint = hint
  }
}

/** A command line or configuration that cannot be met as put (exit 2). */
export function usageError(message: string, hint?: string, evidence: readonly string[] = []): FloeError {
  return new FloeError('usage', message, { exitCode: 2, evidence, ...(hint === undefined ? {} : { hint }) })
}

/** Ctrl-C or SIGTERM; `hint` is the line that goes on from there. */
export function interrupted(hint?: string): FloeError {
  return new FloeError('interrupted', 'interrupted', { exitCode: 130, retryable: true, ...(hint === undefined ? {} : { hint }) })
}
