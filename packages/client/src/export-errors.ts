import { BulkError } from './errors.ts'

/** Whatever was thrown, as a BulkError. */
export function asBulkError(cause: unknown): BulkError {
  if (cause instanceof BulkError) return cause
  const { code, name } = (cause ?? {}) as { code?: unknown; name?: unknown }
  // Not the message: those of parsers quote what they were given.
  const text = [code, name].find((part) => typeof part === 'string') ?? 'unknown'
  return new BulkError({ code: 'failed', message: `the export failed (${text})`, cause })
}

const resumable: readonly string[] = ['download-failed', 'wait-exceeded', 'interrupted', 'auth', 'failed']

/** Where going on is possible the hint names the command. */
export function withHint(cause: unknown, folder: string): BulkError {
  const error = asBulkError(cause)
  if (!resumable.includes(error.code) && !(error.code === 'server-failed' && error.retryable)) return error
  // A failure that knows better what to do (a folder that cannot be written) has nothing to resume.
  if (error.code === 'failed' && error.hint !== undefined) return error
  const { code, message, retryable, status } = error
  const hint = [error.hint, `Go on with: floe resume ${folder}`].filter((part) => part !== undefined).join(' ')
  return new BulkError({ code, message, retryable, status, cause: error.cause ?? error, hint })
}

/** Errors of the file system once a job exists: what is there stays, and the export can go on. */
export function isWriteError(cause: unknown): cause is NodeJS.ErrnoException {
  const { code, syscall } = (cause ?? {}) as { code?: unknown; syscall?: unknown }
  return !(cause instanceof BulkError) && typeof code === 'string' && typeof syscall === 'string'
}

export function writeFailure(cause: NodeJS.ErrnoException): BulkError {
  const message = cause.code === 'ENOSPC' ? 'no space is left on the disk' : `the export folder cannot be written (${cause.code})`
  return new BulkError({ code: 'download-failed', message, retryable: true, cause })
}
