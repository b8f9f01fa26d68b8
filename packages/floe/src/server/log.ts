import { type Logger, pino } from 'pino'

export type { Logger } from 'pino'

/** Structured logs on standard error: what happened and how long it took, never a query, a payload, an id or a token. */
export function openLog(level: string, stream: NodeJS.WritableStream): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream)
}

/** An error of floe, whose message is written to be shown; what the engine says of a statement may quote data. */
export function isOwn(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'exitCode' in error && 'code' in error && error.code !== 'sql'
}

/** What a log may know of an error. */
export function loggable(error: unknown): string {
  if (isOwn(error)) return `${error.code}: ${error.message.split('\n')[0]}`
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown }
  return [name, code].filter((one) => typeof one === 'string').join(' ') || 'unknown'
}
