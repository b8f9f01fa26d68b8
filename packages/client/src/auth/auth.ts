import { randomUUID } from 'node:crypto'
import { type JWK, SignJWT } from 'jose'
import { BulkError } from '../errors.ts'
import type { AuthReference } from '../folder/state.ts'
import { type Jwks, type SigningKey, signingKey } from './keys.ts'
import { isSecretReference, resolveSecret } from './secrets.ts'

/** What an authentication method may use of the connection. */
export interface AuthContext {
  /** The token endpoint of the FHIR server's discovery document. */
  discoverTokenUrl(signal: AbortSignal | undefined): Promise<string>
  /** Scope to ask for when the caller named none. */
  defaultScope(signal: AbortSignal | undefined): Promise<string>
  /** POSTs a form to the token endpoint and gives the answer's JSON; a refusal is an `auth` error. */
  postForm(url: string, form: URLSearchParams, headers: Record<string, string>, signal: AbortSignal | undefined): Promise<unknown>
  now(): number
}

/** The value of an `Authorization` header and how long it holds. */
export interface Authorization {
  header: string
  /** Milliseconds since 1970; null when it does not end. */
  expiresAt: number | null
  scope: string | null
  /** Whether asking again can give another one. */
  renewable: boolean
}

/** A way to authenticate, made by one of the functions of this module. */
export interface AuthMethod {
  /** What the state file keeps: references only. */
  readonly reference: AuthReference
  authorize(context: AuthContext, signal: AbortSignal | undefined): Promise<Authorization>
}

/** A registered client of SMART Backend Services and its private key. */
export interface SmartBackendServicesOptions {
  clientId: string
  /**
   * JWKS, JWK or PEM: as an object, as text, or as the reference `file:PATH` or `env:NAME`. Only a reference can be resumed from
   * a folder.
   */
  privateKey: string | JWK | Jwks
  /** Picks a key of a set, or names a PEM's. */
  kid?: string
  /** Default: what the server's discovery suggests, `system/*.rs` or `system/*.read`. */
  scope?: string
  /** Default: discovered. */
  tokenUrl?: string
}

/** Lifetime of a client assertion: below SMART's limit of five minutes with room for a clock that is ahead. */
const assertionSeconds = 240

/**
 * SMART Backend Services: a signed client assertion for an access token (SMART App Launch 2.2, RS384 and ES384).
 *
 * @example
 * const auth = smartBackendServices({ clientId: 'my-client', privateKey: 'file:/etc/floe/key.json' })
 */
export function smartBackendServices({ clientId, privateKey, kid, scope, tokenUrl }: SmartBackendServicesOptions): AuthMethod {
  let key: Promise<SigningKey> | undefined
  const loadKey = async (): Promise<SigningKey> => {
    const material =
      typeof privateKey === 'string' && isSecretReference(privateKey) ? await resolveSecret(privateKey) : privateKey
    return signingKey(material, kid)
  }
  return {
    reference: {
      kind: 'smart',
      clientId,
      privateKey: referenceOrNull(privateKey),
      ...(kid === undefined ? {} : { kid }),
      ...(scope === undefined ? {} : { scope }),
      ...(tokenUrl === undefined ? {} : { tokenUrl }),
    },
    async authorize(context, signal) {
      key ??= loadKey()
      const { jwk, alg, kid: keyId } = await key
      const url = tokenUrl ?? (await context.discoverTokenUrl(signal))
      const expires = Math.floor(context.now() / 1000) + assertionSeconds
      // No iat and no nbf: a server whose clock is behind would refuse them. A new jti each time: it is valid once.
      const assertion = await new SignJWT({})
        .setProtectedHeader({ alg, kid: keyId, typ: 'JWT' })
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(url)
        .setExpirationTime(expires)
        .setJti(randomUUID())
        .sign(jwk)
      const form = new URLSearchParams({
        grant_type: 'client_credentials',
        scope: scope ?? (await context.defaultScope(signal)),
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      })
      return tokenAnswer(await context.postForm(url, form, {}, signal), context.now())
    },
  }
}

/** OAuth 2 client credentials with a shared secret. */
export interface ClientSecretOptions {
  clientId: string
  /** `env:NAME` or `file:PATH`. */
  secret: string
  scope?: string
  tokenUrl?: string
}

/** OAuth 2 client credentials with a shared secret (HTTP Basic at the token endpoint), for servers without Backend Services. */
export function clientSecret({ clientId, secret, scope, tokenUrl }: ClientSecretOptions): AuthMethod {
  return {
    reference: {
      kind: 'client-secret',
      clientId,
      secret: referenceOrNull(secret),
      ...(scope === undefined ? {} : { scope }),
      ...(tokenUrl === undefined ? {} : { tokenUrl }),
    },
    async authorize(context, signal) {
      const url = tokenUrl ?? (await context.discoverTokenUrl(signal))
      const form = new URLSearchParams({
        grant_type: 'client_credentials',
        scope: scope ?? (await context.defaultScope(signal)),
      })
      const header = basicHeader(encodeURIComponent(clientId), encodeURIComponent(await resolveSecret(secret)))
      return tokenAnswer(await context.postForm(url, form, { authorization: header }, signal), context.now())
    },
  }
}

/** HTTP Basic on every request to the FHIR server. `password` is `env:NAME` or `file:PATH`. */
export function basicAuth({ user, password }: { user: string; password: string }): AuthMethod {
  return {
    reference: { kind: 'basic', user, password: referenceOrNull(password) },
    async authorize() {
      return { header: basicHeader(user, await resolveSecret(password)), expiresAt: null, scope: null, renewable: false }
    },
  }
}

/**
 * A token that somebody else issued: `env:NAME` or `file:PATH`. It is read again on a 401, so a file that is rewritten is
 * renewed.
 */
export function bearerToken(token: string): AuthMethod {
  return {
    reference: { kind: 'bearer', token: referenceOrNull(token) },
    async authorize() {
      return { header: `Bearer ${await resolveSecret(token)}`, expiresAt: null, scope: null, renewable: true }
    },
  }
}

/**
 * The method that a state file's reference describes; undefined for `none`. A secret that was given as a value must be given
 * again.
 */
export function authFromReference(reference: AuthReference): AuthMethod | undefined {
  switch (reference.kind) {
    case 'none':
      return undefined
    case 'smart':
      return smartBackendServices({ ...reference, privateKey: needed(reference.privateKey) })
    case 'client-secret':
      return clientSecret({ ...reference, secret: needed(reference.secret) })
    case 'basic':
      return basicAuth({ ...reference, password: needed(reference.password) })
    case 'bearer':
      return bearerToken(needed(reference.token))
  }
}

function needed(reference: string | null): string {
  if (reference !== null) return reference
  throw new BulkError({
    code: 'usage',
    message: 'the export was started with a secret given as a value, which its folder does not keep',
    hint: 'Give the authentication options again.',
  })
}

function referenceOrNull(value: unknown): string | null {
  return typeof value === 'string' && isSecretReference(value) ? value : null
}

function basicHeader(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`
}

/** The token answer of RFC 6749 §5.1; `expires_in` as number or numeric string, five minutes when it is missing. */
function tokenAnswer(json: unknown, now: number): Authorization {
  const answer = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>
  const token = answer.access_token
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw new BulkError({ code: 'auth', message: 'the token endpoint answered without a usable access_token' })
  }
  const seconds = Number(answer.expires_in)
  const lifetime = Number.isFinite(seconds) && seconds > 0 ? seconds : 300
  return {
    header: `Bearer ${token}`,
    expiresAt: now + lifetime * 1000,
    scope: typeof answer.scope === 'string' ? answer.scope : null,
    renewable: true,
  }
}
