import { BulkError } from '../errors.ts'
import { MustRestart } from './transfer.ts'

/** Errors of the decoder mean that the bytes are not what was sent; those of the disk stay what they are. */
export function damaged(cause: unknown): unknown {
  const { code } = (cause ?? {}) as { code?: unknown }
  const decoder = typeof code === 'string' && /^(Z_|ZSTD_|ERR_)/.test(code)
  return decoder ? new MustRestart('the compressed file is cut short or damaged', { cause }) : cause
}

const diskCodes = new Set([
  'ENOSPC',
  'EDQUOT',
  'EIO',
  'EROFS',
  'EACCES',
  'EPERM',
  'EMFILE',
  'ENFILE',
  'ENOENT',
  'ENOTDIR',
  'EFBIG',
  'EISDIR',
])

/** Whether the file system refused. */
export function isDiskError(cause: unknown): boolean {
  const { code, syscall } = (cause ?? {}) as { code?: unknown; syscall?: unknown }
  return typeof code === 'string' && diskCodes.has(code) && typeof syscall === 'string'
}

/** What that means for the run: it stops, and can go on. */
export function diskFailure(cause: unknown, path: string): BulkError {
  const { code } = cause as NodeJS.ErrnoException
  const full = code === 'ENOSPC' || code === 'EDQUOT'
  return new BulkError({
    code: 'download-failed',
    message: full ? `no space is left on the disk while writing ${path}` : `cannot write ${path} (${code})`,
    retryable: true,
    hint: full ? 'Free some space, then resume.' : 'Mend the folder, then resume.',
    cause,
  })
}
