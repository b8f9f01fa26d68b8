import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { GuardError, guardedGet } from '../fetch-guard.ts'
import { Refusal } from '../refusal.ts'
import { allowedAddress } from './allow.ts'
import type { ImportInput } from './spec.ts'
import { writeLimited } from './upload.ts'

const redirects = 5
const attempts = 3
const idleMs = 60_000

export interface FetchOptions {
  readonly allow: readonly string[]
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/** An input that cannot be had; the message is for the client and names no address. */
export class InputError extends Error {
  override readonly name = 'InputError'
}

/** Fetches an input to disk. No token of ours goes along; every redirect is held against the allow-list again. */
export async function fetchInput({ inputUrl, etag }: ImportInput, path: string, options: FetchOptions): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await answerOf(inputUrl, options)
      if (etag !== undefined && tagOf(answer.headers.etag) !== tagOf(etag)) {
        answer.destroy()
        throw new InputError('the ETag is another than the one that was told')
      }
      await writeLimited(answer, path, { left: options.maxBytes })
      return
    } catch (error) {
      options.signal.throwIfAborted()
      if (error instanceof Refusal) throw new InputError('it is longer than this server takes')
      if (error instanceof InputError || error instanceof GuardError) throw new InputError(error.message)
      if (attempt >= attempts) throw new InputError('it could not be fetched')
      await sleep(500 * attempt, undefined, { signal: options.signal })
    }
  }
}

function tagOf(text: string | undefined): string | undefined {
  return text?.replace(/^W\//, '').replace(/^"|"$/g, '')
}

async function answerOf(address: string, { allow, signal }: FetchOptions): Promise<IncomingMessage> {
  let at = address
  for (let hop = 0; hop <= redirects; hop++) {
    const allowed = allowedAddress(at, allow)
    if (allowed === undefined) throw new InputError('it leads to an address that this server does not import from')
    const answer = await guardedGet({ ...allowed, headers: { 'accept-encoding': 'gzip' }, timeoutMs: idleMs, signal })
    const { statusCode = 0, headers } = answer
    if (statusCode === 200) return answer
    answer.destroy()
    if (statusCode >= 500 || statusCode === 429) throw new Error(`the address answered ${statusCode}`)
    if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) {
      throw new InputError(`the address answered ${statusCode}`)
    }
    at = new URL(headers.location, at).href
  }
  throw new InputError('it is redirected too often')
}
