export interface LakeErrorInit {
  readonly hint?: string
  readonly retryable?: boolean
  readonly cause?: unknown
  readonly exitCode?: number
}

/**
 * What went wrong with a lake: by `code`, with the next command in `hint`. Never holds an id, a payload or a path of a resource.
 */
export class LakeError extends Error {
  readonly code: string
  readonly hint?: string
  readonly retryable: boolean
  readonly exitCode: number

  constructor(code: string, message: string, { hint, retryable = false, cause, exitCode = 1 }: LakeErrorInit = {}) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'LakeError'
    this.code = code
    this.retryable = retryable
    this.exitCode = exitCode
    if (hint !== undefined) this.hint = hint
  }
}

/** A request that cannot be met as put: exit 2. */
export function usageError(message: string, hint?: string): LakeError {
  return new LakeError('usage', message, { exitCode: 2, ...(hint === undefined ? {} : { hint }) })
}
