import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { json, type Reply, refusal } from './reply.ts'
import { grant, mayRead } from './scopes.ts'
import type { EhrAuth, EhrClient, EhrOptions } from './types.ts'

/** Who sends a request, as far as the EHR could tell. */
export interface Caller {
  clientId: string
  scopes: readonly string[]
}

/** What became of the Authorization header: a caller, or the refusal to send. */
export type Access = { caller: Caller; token: number | null } | { refused: Reply; token: number | null }

interface Token extends Caller {
  number: number
  expires: number
}

/** How every access token begins, so that tests can look for tokens where none may be. */
export const tokenMark = 'ehr-access-token-'

/** Longest life of a client assertion (SMART App Launch, client-confidential-asymmetric) and the clock skew granted on it. */
const assertionLife = 300
const skew = 30

/** The authorization server of one EHR: its clients, the tokens it gave, the assertions it has seen. */
export class Authorization {
  readonly #auth: EhrAuth | 'none'
  readonly #tokens = new Map<string, Token>()
  readonly #seen = new Map<string, number>()
  #issued = 0

  constructor(auth: EhrOptions['auth']) {
    this.#auth = auth ?? 'none'
  }

  get required(): boolean {
    return this.#auth !== 'none'
  }

  /** All tokens given so far stop working. */
  expireAll(): void {
    for (const token of this.#tokens.values()) token.expires = 0
  }

  /** Number of an access token of ours. */
  numberOf(authorization: string | undefined): number | null {
    return this.#tokens.get(digest(bearer(authorization) ?? ''))?.number ?? null
  }

  /** Who is calling. Without authentication everybody is the same caller and may read everything. */
  access(authorization: string | undefined): Access {
    if (this.#auth === 'none') return { caller: { clientId: 'anybody', scopes: ['system/*.rs'] }, token: null }
    const token = bearer(authorization)
    const known = this.#tokens.get(digest(token ?? ''))
    if (known !== undefined && known.expires > Date.now()) return { caller: known, token: known.number }
    const everything = { clientId: 'static', scopes: ['system/*.rs'] }
    if (token !== null && this.#auth.bearer?.includes(token)) return { caller: everything, token: null }
    const { basic } = this.#auth
    if (basic !== undefined && authorization === `Basic ${btoa(`${basic.user}:${basic.password}`)}`) {
      return { caller: everything, token: null }
    }
    const sent = authorization !== undefined
    return {
      refused: refusal(401, 'login', sent ? 'The access token is unknown or has expired' : 'An access token is required', {
        'www-authenticate': sent ? 'Bearer error="invalid_token"' : 'Bearer',
      }),
      token: known?.number ?? null,
    }
  }

  /** Answers a request to the token endpoint. */
  async token(body: string, authorization: string | undefined, tokenUrl: string): Promise<Reply> {
    const form = new URLSearchParams(body)
    const grantType = form.get('grant_type')
    if (grantType === null) return tokenError('invalid_request', 'grant_type is missing')
    if (grantType !== 'client_credentials') return tokenError('unsupported_grant_type', 'only client_credentials is supported')
    const client = await this.#authenticate(form, authorization, tokenUrl)
    if (typeof client === 'string') return tokenError('invalid_client', client)
    const asked = form.get('scope')
    if (asked === null || asked.trim() === '') return tokenError('invalid_scope', 'scope is missing')
    const scopes = grant(asked, client.scope ?? 'system/*.rs')
    if (scopes.length === 0) return tokenError('invalid_scope', 'none of the scopes may be granted')
    const ttl = this.#auth === 'none' ? 300 : (this.#auth.tokenTtl ?? 300)
    const text = `${tokenMark}${randomBytes(32).toString('base64url')}`
    this.#issued++
    this.#tokens.set(digest(text), { clientId: client.clientId, scopes, number: this.#issued, expires: Date.now() + ttl * 1000 })
    const expiresIn = (this.#auth === 'none' ? undefined : this.#auth.claimedTtl) ?? ttl
    return json(
      200,
      { access_token: text, token_type: 'bearer', expires_in: expiresIn, scope: scopes.join(' ') },
      { 'cache-control': 'no-store', pragma: 'no-cache' },
    )
  }

  async #authenticate(form: URLSearchParams, authorization: string | undefined, tokenUrl: string): Promise<EhrClient | string> {
    const assertion = form.get('client_assertion')
    if (assertion === null) return this.#bySecret(form, authorization)
    if (form.get('client_assertion_type') !== 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer') {
      return 'client_assertion_type has to be urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    }
    try {
      return await this.#byAssertion(assertion, tokenUrl)
    } catch (error) {
      return error instanceof Error ? error.message : 'the client assertion is not valid'
    }
  }

  #bySecret(form: URLSearchParams, authorization: string | undefined): EhrClient | string {
    const basic = /^Basic (.+)$/i.exec(authorization ?? '')?.[1]
    const [user, ...rest] = basic === undefined ? [] : atob(basic).split(':')
    const id = user === undefined ? form.get('client_id') : decodeURIComponent(user)
    const secret = user === undefined ? form.get('client_secret') : decodeURIComponent(rest.join(':'))
    const client = this.#client(id)
    if (client?.secret === undefined || secret === null || !same(client.secret, secret)) return 'unknown client or wrong secret'
    return client
  }

  /**
   * Checks everything that SMART Backend Services ask of a client assertion: algorithm, key, issuer, audience, life, single use.
   */
  async #byAssertion(assertion: string, tokenUrl: string): Promise<EhrClient | string> {
    const header = decodeProtectedHeader(assertion)
    if (header.alg !== 'RS384' && header.alg !== 'ES384') return 'the assertion has to be signed with RS384 or ES384'
    if (header.typ !== undefined && header.typ.toUpperCase() !== 'JWT') return 'typ has to be JWT'
    if (header.jku !== undefined) return 'jku is not a registered JWKS URL'
    const { iss } = decodeJwt(assertion)
    const client = this.#client(iss)
    if (client?.jwks === undefined) return 'no client is registered under this iss'
    const keys = client.jwks.keys.filter((key) => key.kid === header.kid)
    if (header.kid === undefined || keys.length !== 1) return 'kid names none of the registered keys'
    const { payload } = await jwtVerify(assertion, createLocalJWKSet({ keys }), {
      algorithms: ['RS384', 'ES384'],
      issuer: client.clientId,
      subject: client.clientId,
      audience: tokenUrl,
      requiredClaims: ['exp', 'jti'],
      clockTolerance: 5,
    })
    const now = Date.now() / 1000
    if ((payload.exp ?? 0) > now + assertionLife + skew) return 'exp is more than five minutes ahead'
    return this.#firstUse(`${client.clientId}\n${payload.jti}`, now) ? client : 'this jti has been used before'
  }

  #firstUse(key: string, now: number): boolean {
    for (const [seen, until] of this.#seen) if (until < now) this.#seen.delete(seen)
    if (this.#seen.has(key)) return false
    this.#seen.set(key, now + assertionLife + 2 * skew)
    return true
  }

  #client(id: string | null | undefined): EhrClient | undefined {
    return this.#auth === 'none' ? undefined : this.#auth.clients?.find((client) => client.clientId === id)
  }
}

/** What a caller lacks to read these types, as a refusal; `null` when nothing. */
export function scopeRefusal(caller: Caller, types: readonly string[]): Reply | null {
  const missing = types.filter((type) => !mayRead(caller.scopes, type))
  if (missing.length === 0) return null
  return refusal(403, 'forbidden', `The access token does not cover ${missing.join(', ')}`, {
    'www-authenticate': 'Bearer error="insufficient_scope"',
  })
}

function tokenError(error: string, description: string): Reply {
  return json(400, { error, error_description: description }, { 'cache-control': 'no-store', pragma: 'no-cache' })
}

function bearer(authorization: string | undefined): string | null {
  return /^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? null
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}

function same(left: string, right: string): boolean {
  return timingSafeEqual(Buffer.from(digest(left)), Buffer.from(digest(right)))
}
