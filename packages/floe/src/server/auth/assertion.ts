import { decodeJwt, decodeProtectedHeader, importJWK, type JWK, type JWTPayload, jwtVerify } from 'jose'
import type { Client } from '../../jobs/clients.ts'
import type { Jwk, JwksCache } from './jwks.ts'

/** Why a client assertion was not taken; the text goes into `error_description`. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

export interface AssertionRules {
  /** The token endpoint as clients address it. */
  readonly audience: string
  readonly client: (id: string) => Client | undefined
  readonly jwks: JwksCache
  /** False when this client sent that jti before. */
  readonly firstUse: (client: string, jti: string, expiresAt: number) => boolean
  /** Seconds since 1970. */
  readonly now: () => number
}

/** SMART: at most five minutes; clocks may differ by half a minute. */
const longestLife = 300
const skew = 30
const keyTypes: Readonly<Record<string, (key: Jwk) => boolean>> = {
  RS384: (key) => key.kty === 'RSA',
  ES384: (key) => key.kty === 'EC' && key.crv === 'P-384',
}

/** Whose assertion this is; throws `AssertionError` unless everything holds (SMART Backend Services; RFC 7523 §3). */
export async function checkAssertion(assertion: string, rules: AssertionRules): Promise<Client> {
  const { header, claims } = decoded(assertion)
  const { alg = '', kid, jku, typ } = header
  const fits = Object.hasOwn(keyTypes, alg) ? keyTypes[alg] : undefined
  if (fits === undefined) throw new AssertionError('the assertion must be signed with RS384 or ES384')
  if (typeof kid !== 'string' || kid === '') throw new AssertionError('the assertion names no key (kid)')
  if (typ !== undefined && typ.toUpperCase() !== 'JWT') throw new AssertionError('typ must be JWT')
  const { iss, sub, jti } = claims
  if (typeof iss !== 'string' || iss === '' || iss !== sub) throw new AssertionError('iss and sub must be the client id')
  const client = rules.client(iss)
  if (client === undefined) throw new AssertionError('the client is not known')
  const exp = checkTimes(claims, rules)
  if (typeof jti !== 'string' || jti === '' || jti.length > 256) throw new AssertionError('the assertion has no jti')
  if (jku !== undefined && jku !== client.jwksUrl) throw new AssertionError('jku is not the registered address')
  const key = await chooseKey(client, (one) => one.kid === kid && fits(one) && one.use !== 'enc', rules.jwks)
  try {
    await jwtVerify(assertion, await importJWK(key as JWK, alg), {
      algorithms: [alg],
      audience: rules.audience,
      clockTolerance: skew,
      currentDate: new Date(rules.now() * 1000),
    })
  } catch {
    throw new AssertionError('the signature, or the audience, is not right')
  }
  if (!rules.firstUse(iss, jti, exp + skew)) throw new AssertionError('the assertion was used before (jti)')
  return client
}

function decoded(assertion: string): { header: ReturnType<typeof decodeProtectedHeader>; claims: JWTPayload } {
  try {
    return { header: decodeProtectedHeader(assertion), claims: decodeJwt(assertion) }
  } catch {
    throw new AssertionError('the assertion is no signed JWT')
  }
}

function checkTimes({ exp, nbf, iat }: JWTPayload, { now }: AssertionRules): number {
  const time = now()
  if (typeof exp !== 'number' || !Number.isFinite(exp)) throw new AssertionError('the assertion has no exp')
  if (exp <= time - skew) throw new AssertionError('the assertion has expired')
  if (exp > time + longestLife + skew) throw new AssertionError('exp is more than five minutes away')
  if (nbf !== undefined && !(nbf <= time + skew)) throw new AssertionError('the assertion is not valid yet')
  if (iat !== undefined && !(iat <= time + skew)) throw new AssertionError('the assertion was issued in the future')
  return exp
}

/** Exactly one key must fit: by value, or from the registered address. */
async function chooseKey({ jwks, jwksUrl }: Client, fits: (key: Jwk) => boolean, cache: JwksCache): Promise<Jwk> {
  let keys: readonly Jwk[] = jwks?.keys ?? []
  if (jwksUrl !== undefined) {
    try {
      keys = await cache.keys(jwksUrl, (known) => known.some(fits))
    } catch {
      throw new AssertionError("the client's keys cannot be fetched")
    }
  }
  const [key, other] = keys.filter(fits)
  if (key === undefined || other !== undefined) throw new AssertionError('no single key of the client fits kid and alg')
  return key
}
