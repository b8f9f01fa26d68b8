import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { tooLong } from './refusal.ts'

/** Refuses bodies of more than `maxSize` bytes with 413 and an OperationOutcome. */
export function limitBody(maxSize: number): MiddlewareHandler {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw tooLong()
    },
  })
}
