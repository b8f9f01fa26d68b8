import type { ExitCode } from '../errors.ts'
import { adviceFor } from './error-table.ts'

/** An error as it is shown: the shape that `--json` prints, and what the exit code is. */
export interface ShownError {
  readonly code: string
  readonly message: string
  readonly hint: string | null
  readonly retryable: boolean
  readonly evidence: readonly string[]
  readonly causes: readonly string[]
  readonly exitCode: ExitCode
}

const systemErrors: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ['is not there', 'look at the path'],
  EACCES: ['may not be read or written by this user', 'change its permissions, or run floe as its owner'],
  EPERM: ['may not be changed by this user', 'change its permissions, or run floe as its owner'],
  EROFS: ['is on a disk that is read-only', 'choose another place'],
  ENOSPC: ['does not fit: the disk is full', 'make room, then give the same command again'],
  EDQUOT: ['does not fit: the quota is used up', 'make room, then give the same command again'],
  ENOTDIR: ['lies under something that is no folder', 'look at the path'],
  EISDIR: ['is a folder, not a file', 'look at the path'],
  EEXIST: ['is there already', 'choose another name'],
  EMFILE: ['cannot be opened: too many files are open', 'ulimit -n 4096'],
}

interface ErrorLike {
  readonly message: string
  readonly code?: unknown
  readonly hint?: unknown
  readonly evidence?: unknown
  readonly retryable?: unknown
  readonly exitCode?: unknown
  readonly cause?: unknown
  readonly path?: unknown
  readonly syscall?: unknown
  readonly render?: unknown
}

function isErrorLike(value: unknown): value is ErrorLike {
  return typeof value === 'object' && value !== null && 'message' in value
}

function isExitCode(value: unknown): value is ExitCode {
  return typeof value === 'number' && [0, 1, 2, 3, 4, 5, 6, 7, 130].includes(value)
}

function oneLine(text: string, longest = 500): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const plain = text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, ' ').trimEnd()
  return plain.length > longest ? `${plain.slice(0, longest)}…` : plain
}

/** `The lake was moved.` → `the lake was moved`: what follows `floe: ` is no sentence of its own. */
function asClause(text: string): string {
  const begun = text.replace(/^(The|This|These|There|A|An|It|No|One|Two|Several|Both)(?= )/, (word) => word.toLowerCase())
  return begun.replace(/(?<=^[^.\n]*)\.$/, '')
}

function causesOf(error: ErrorLike): string[] {
  const causes: string[] = []
  for (let cause = error.cause; isErrorLike(cause) && causes.length < 8; cause = cause.cause) {
    const code = typeof cause.code === 'string' ? ` (${cause.code})` : ''
    causes.push(`${oneLine(cause.message.split('\n')[0] ?? '', 300)}${code}`)
  }
  return causes
}

/** Where an error that is none of floe's was thrown: what a report of a defect needs, in one line. */
function placeOf(thrown: unknown): string[] {
  const frame = thrown instanceof Error ? thrown.stack?.split('\n').find((line) => line.startsWith('    at ')) : undefined
  return frame === undefined ? [] : [`${(thrown as Error).name} ${frame.trim().replace('file://', '')}`]
}

/** The evidence that an error carries; of a view's error the line of the expression with the place marked. */
function evidenceOf(error: ErrorLike): string[] {
  if (Array.isArray(error.evidence)) return error.evidence.map((line) => oneLine(String(line)))
  if (typeof error.render !== 'function') return []
  const drawn: unknown = error.render()
  const lines = typeof drawn === 'string' ? drawn.split('\n').slice(1) : []
  return lines.filter((line) => line !== error.hint).map((line) => oneLine(line))
}

/** Brings whatever was thrown into the one shape; what is none of floe's errors is a failure that `-vv` tells more of. */
export function shownError(thrown: unknown, resumeLine?: string): ShownError {
  const error: ErrorLike = isErrorLike(thrown) ? thrown : { message: String(thrown) }
  if (isExitCode(error.exitCode) && typeof error.code === 'string') {
    const advice = adviceFor(error.code)
    const interruption = error.exitCode === 130 && resumeLine !== undefined
    return {
      code: error.code,
      message: asClause(oneLine(error.message, 2000)),
      hint: interruption ? resumeLine : typeof error.hint === 'string' ? error.hint : (advice ?? null),
      retryable: error.retryable === true,
      evidence: evidenceOf(error),
      causes: causesOf(error),
      exitCode: error.exitCode,
    }
  }
  const system = typeof error.code === 'string' ? systemErrors[error.code] : undefined
  const what = error.syscall === 'mkdir' && error.code === 'ENOENT' ? 'cannot be made there' : system?.[0]
  const message =
    what !== undefined && typeof error.path === 'string' ? `${error.path} ${what}` : (error.message.split('\n')[0] ?? '')
  return {
    code: 'failed',
    message: oneLine(message),
    hint: system?.[1] ?? 'the same command with -vv tells more',
    retryable: error.code === 'ENOSPC' || error.code === 'EMFILE',
    evidence: [],
    causes: [...placeOf(thrown), ...causesOf(error)],
    exitCode: 1,
  }
}

/** The lines for people: what failed, the evidence, what to do. */
export function errorLines(error: ShownError, verbosity: number): string[] {
  const [first = '', ...more] = error.message.split('\n')
  const [hint, ...moreHints] = error.hint === null ? [] : error.hint.split('\n')
  return [
    `floe: ${first}`,
    ...[...more, ...error.evidence].filter((line) => line.trim() !== '').map((line) => `  ${line}`),
    ...(verbosity >= 2 ? error.causes.map((line) => `  because: ${line}`) : []),
    ...(hint === undefined ? [] : [`  Try: ${hint}`, ...moreHints.map((line) => `       ${line}`)]),
  ]
}

/** The last line of standard error with `--json`. */
export function errorJson({ code, message, hint, retryable }: ShownError): string {
  return JSON.stringify({ error: { code, message, hint, retryable } })
}
