/** What went wrong, by what the caller can do about it. Each code has one exit code of the CLI (see {@link exitCodes}). */
export type BulkErrorCode =
  | 'failed'
  | 'usage'
  | 'auth'
  | 'kickoff-refused'
  | 'unreachable'
  | 'server-failed'
  | 'download-failed'
  | 'wait-exceeded'
  | 'interrupted'

/**
 * Exit codes of `floe export` that an error can stand for: 1 failed, 2 usage, 3 authentication, 4 kick-off refused, 5 failed by
 * the server, 6 files missing, resumable, 130 interrupted.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 130

/** The exit code of each error code: the table that the CLI's documentation prints. */
export const exitCodes: Readonly<Record<BulkErrorCode, ExitCode>> = {
  failed: 1,
  usage: 2,
  auth: 3,
  'kickoff-refused': 4,
  unreachable: 4,
  'server-failed': 5,
  'download-failed': 6,
  'wait-exceeded': 6,
  interrupted: 130,
}

/** What a {@link BulkError} is made of. */
export interface BulkErrorOptions {
  code: BulkErrorCode
  message: string
  /** What to do next, as a sentence or a command. */
  hint?: string | undefined
  /** Whether the same call may succeed later without a change on our side. */
  retryable?: boolean
  /** The HTTP status that was the evidence, where there was one. */
  status?: number | undefined
  cause?: unknown
}

/**
 * The one error class of the client; `code` says which kind.
 *
 * Messages and hints never hold a token, a status URL or the signature of a signed URL.
 */
export class BulkError extends Error {
  override readonly name = 'BulkError'
  readonly code: BulkErrorCode
  readonly exitCode: ExitCode
  readonly retryable: boolean
  readonly hint?: string
  readonly status?: number

  constructor(options: BulkErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.exitCode = exitCodes[options.code]
    this.retryable = options.retryable ?? false
    if (options.hint !== undefined) this.hint = options.hint
    if (options.status !== undefined) this.status = options.status
  }
}

/** Throws `interrupted` when the signal has fired; otherwise does nothing. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new BulkError({ code: 'interrupted', message: 'interrupted', retryable: true, cause: signal.reason })
}
