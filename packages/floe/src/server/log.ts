import { type Logger, pino } from 'pino'

export type { Logger } from 'pino'

/** Structured logs on standard error: what happened and how long it took, never a query, a payload, an id or a token. */
export function openLog(level: string, stream: NodeJS.WritableStream): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream)
}
