import { createPrivateKey } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import { BulkError } from '../errors.ts'
import { isRecord } from '../http/server-message.ts'

/** Signature algorithms of SMART Backend Services: every server has to take both. */
export type KeyAlgorithm = 'RS384' | 'ES384'

/** A JSON Web Key Set (RFC 7517 §5). */
export interface Jwks {
  keys: JWK[]
}

/** What kind of key to make. */
export interface NewKeysOptions {
  alg?: KeyAlgorithm
  /** Default: the key's RFC 7638 thumbprint. */
  kid?: string
}

/** Makes a SMART key pair: the private JWKS to keep (0600) and the public one to register. */
export async function newKeys({ alg = 'ES384', kid }: NewKeysOptions = {}): Promise<{ privateJwks: Jwks; publicJwks: Jwks }> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 3072 })
  const jwk = await exportJWK(privateKey)
  const privateJwks: Jwks = {
    keys: [{ ...jwk, alg, use: 'sig', key_ops: ['sign'], kid: kid ?? (await calculateJwkThumbprint(jwk)) }],
  }
  return { privateJwks, publicJwks: publicJwks(privateJwks) }
}

const publicMembers: Readonly<Record<string, readonly string[]>> = {
  RSA: ['n', 'e'],
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
}

/** The public half of a JWKS or JWK. Members are taken by an allow-list, so no private one can slip through. */
export function publicJwks(keys: Jwks | JWK): Jwks {
  const list = 'keys' in keys && Array.isArray(keys.keys) ? (keys.keys as JWK[]) : [keys as JWK]
  return {
    keys: list
      .filter((key) => key.kty !== undefined && key.kty in publicMembers)
      .map((key) => {
        const members = ['kty', ...(publicMembers[key.kty ?? ''] ?? []), 'alg', 'kid', 'use']
        const kept = Object.entries(key).filter(([name]) => members.includes(name))
        return { ...(Object.fromEntries(kept) as JWK), key_ops: ['verify'] }
      }),
  }
}

/** A private key that is ready to sign client assertions. */
export interface SigningKey {
  jwk: JWK
  alg: string
  kid: string
}

/**
 * Takes the signing key out of a JWKS, a JWK (object or JSON text) or a PEM text. `kid` picks the key of a set, or names a PEM's.
 */
export async function signingKey(material: string | JWK | Jwks, kid?: string): Promise<SigningKey> {
  const parsed = typeof material === 'string' ? parseKeyText(material) : material
  const candidates = 'keys' in parsed && Array.isArray(parsed.keys) ? (parsed.keys as JWK[]) : [parsed as JWK]
  const fromSet = candidates.length > 1 || 'keys' in parsed
  const usable = candidates.filter(isRecord).flatMap((jwk: JWK) => {
    const alg = jwk.d === undefined || jwk.use === 'enc' ? undefined : algorithmOf(jwk)
    return alg === undefined ? [] : [{ jwk, alg }]
  })
  const chosen =
    fromSet && kid !== undefined
      ? usable.find(({ jwk }) => jwk.kid === kid)
      : (usable.find(({ jwk }) => jwk.kid === kid) ?? usable[0])
  if (chosen === undefined) {
    const which = fromSet && kid !== undefined ? ` with kid "${kid}"` : ''
    throw new BulkError({
      code: 'usage',
      message: `the key file holds no private RSA or elliptic-curve key${which}`,
      hint: 'floe keys new --out FILE makes one.',
    })
  }
  return { ...chosen, kid: kid ?? chosen.jwk.kid ?? (await thumbprintOf(chosen.jwk)) }
}

async function thumbprintOf(jwk: JWK): Promise<string> {
  try {
    return await calculateJwkThumbprint(jwk)
  } catch {
    throw new BulkError({ code: 'usage', message: 'the private key lacks a part, or has a damaged one' })
  }
}

function parseKeyText(text: string): JWK | Jwks {
  try {
    if (text.includes('-----BEGIN')) return createPrivateKey(text).export({ format: 'jwk' }) as JWK
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null) return parsed as JWK | Jwks
  } catch {
    // The parser's message may quote key material: it is not kept as a cause.
  }
  throw new BulkError({ code: 'usage', message: 'the key is neither a JWKS, a JWK nor a PEM private key without passphrase' })
}

const curveAlgorithms: Readonly<Record<string, string>> = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' }

/** SMART asks for RS384 or ES384; a key that names another asymmetric algorithm keeps it. */
function algorithmOf(jwk: JWK): string | undefined {
  if (jwk.kty === 'EC') return curveAlgorithms[jwk.crv ?? '']
  if (jwk.kty !== 'RSA') return undefined
  return jwk.alg !== undefined && /^(RS|PS)(256|384|512)$/.test(jwk.alg) ? jwk.alg : 'RS384'
}
