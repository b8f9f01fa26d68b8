import { decodeProtectedHeader, importJWK, type JWK, type JWTPayload, jwtVerify } from 'jose'
import { findClient } from '../../jobs/clients.ts'
import type { ServerContext } from '../context.ts'
import { loggable } from '../log.ts'
import type { Issuer } from '../settings.ts'
import type { Jwk } from './jwks.ts'
import { grant, parseScopes } from './scopes.ts'
import type { Caller } from './tokens.ts'

const algorithms = new Set(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'])

/**
 * Whose access token of another authorization server this is (RFC 9068); undefined unless everything holds.
 *
 * The issuer says who it is and what it gave; what the client may do here, and on which Groups, `floe clients add --external`
 * says: the smaller of both is granted.
 */
export async function callerOfIssuer(
  context: ServerContext,
  issuer: Issuer,
  token: string,
  audience: string,
): Promise<Caller | undefined> {
  const claims = await checked(context, issuer, token, audience)
  if (claims === undefined) return undefined
  const id = [claims.client_id, claims.azp, claims.cid, claims.sub].find((one) => typeof one === 'string')
  const client = typeof id === 'string' ? findClient(context.control, id) : undefined
  if (client?.external !== true) return undefined
  const told = claims.scope ?? claims.scp
  const scope = Array.isArray(told) ? told.join(' ') : told
  const scopes = typeof scope === 'string' && scope.trim() !== '' ? parseScopes(grant(scope, client.scope)) : []
  return { client: client.id, scopes, groups: client.groups.length === 0 ? undefined : client.groups }
}

async function checked(
  { jwks, log, now }: ServerContext,
  { url, jwksUrl }: Issuer,
  token: string,
  audience: string,
): Promise<JWTPayload | undefined> {
  try {
    const { alg = '', kid, typ } = decodeProtectedHeader(token)
    if (!algorithms.has(alg) || typeof kid !== 'string' || (typ !== undefined && !/^(application\/)?(at\+)?jwt$/i.test(typ)))
      return undefined
    const fits = (key: Jwk): boolean => key.kid === kid && key.use !== 'enc' && key.kty === (alg.startsWith('ES') ? 'EC' : 'RSA')
    const keys = await jwks
      .keys(jwksUrl, (known) => known.some(fits))
      .catch((error: unknown) => {
        log.warn({ err: loggable(error) }, "the issuer's keys cannot be fetched")
        return []
      })
    const [key, other] = keys.filter(fits)
    if (key === undefined || other !== undefined) return undefined
    const { payload } = await jwtVerify(token, await importJWK(key as JWK, alg), {
      algorithms: [alg],
      issuer: url,
      audience,
      requiredClaims: ['exp'],
      clockTolerance: 30,
      currentDate: now(),
    })
    return payload
  } catch {
    return undefined
  }
}
