import type { Redactor } from '../http/redact.ts'
import type { AuthContext, AuthMethod, Authorization } from './auth.ts'

export interface TokenSourceOptions {
  auth: AuthMethod
  context: AuthContext
  redactor: Redactor
  /** Called after each token that was granted. */
  onRefresh?: (authorization: Authorization) => void
}

/** Holds the current access token: renewed before it ends, once for all callers that wait. */
export class TokenSource {
  readonly #options: TokenSourceOptions
  #current: Authorization | undefined
  #grantedAt = 0
  #pending: Promise<Authorization> | undefined

  constructor(options: TokenSourceOptions) {
    this.#options = options
  }

  /** Value of the `Authorization` header. */
  async header(signal: AbortSignal | undefined): Promise<string> {
    const current = this.#current
    if (current !== undefined && !this.#isEnding(current)) return current.header
    return (await this.#grant(signal)).header
  }

  /** Whether asking again after a 401 can help. */
  get canRenew(): boolean {
    return this.#current?.renewable ?? false
  }

  /** Replaces the token that was refused; where another caller has done so already, its token serves this one too. */
  async renew(refused: string, signal: AbortSignal | undefined): Promise<void> {
    if (this.#current === undefined || this.#current.header === refused) await this.#grant(signal)
  }

  /** The scope of the current token, for messages. */
  get scope(): string | null {
    return this.#current?.scope ?? null
  }

  /** Renewal comes 30 s or a tenth of the lifetime early, whichever is more, but never before half of it. */
  #isEnding({ expiresAt }: Authorization): boolean {
    if (expiresAt === null) return false
    const lifetime = expiresAt - this.#grantedAt
    const margin = Math.min(Math.max(30_000, lifetime / 10), lifetime / 2)
    return this.#options.context.now() >= expiresAt - margin
  }

  #grant(signal: AbortSignal | undefined): Promise<Authorization> {
    this.#pending ??= this.#ask(signal).finally(() => {
      this.#pending = undefined
    })
    return this.#pending
  }

  async #ask(signal: AbortSignal | undefined): Promise<Authorization> {
    const { auth, context, redactor, onRefresh } = this.#options
    const granted = await auth.authorize(context, signal)
    redactor.add(granted.header.replace(/^\w+ /, ''))
    this.#current = granted
    this.#grantedAt = context.now()
    onRefresh?.(granted)
    return granted
  }
}
