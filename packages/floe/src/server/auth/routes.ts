import type { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { findClient } from '../../jobs/clients.ts'
import { type AppContext, type AppEnv, addressOf, originOf, type ServerContext } from '../context.ts'
import { AssertionError, checkAssertion } from './assertion.ts'
import { grant } from './scopes.ts'
import { firstUse, issueToken, sweepTokens } from './tokens.ts'

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** An OAuth error (RFC 6749 §5.2). */
interface TokenError {
  readonly error: string
  readonly error_description: string
}

const refuse = (error: string, description: string): TokenError => ({ error, error_description: description })

/** `POST /auth/token` and the discovery document of SMART Backend Services. */
export function authRoutes(app: Hono<AppEnv>, context: ServerContext): void {
  app.get('/fhir/.well-known/smart-configuration', (c) => c.json(smartConfiguration(tokenUrlOf(context, c))))
  const tooLong = (c: AppContext): Response => c.json(refuse('invalid_request', 'the body is too long'), 413)
  app.post('/auth/token', bodyLimit({ maxSize: 64 * 1024, onError: tooLong }), async (c) => {
    const answer = await tokenAnswer(context, c)
    context.metrics.tokens.inc({ outcome: 'error' in answer ? answer.error : 'issued' })
    return c.json(answer, 'error' in answer ? 400 : 200, { 'Cache-Control': 'no-store', Pragma: 'no-cache' })
  })
}

/** Where clients get tokens: here, or from the issuer. */
export function tokenUrlOf(context: ServerContext, c: AppContext): string {
  return context.settings.issuer?.tokenUrl ?? `${originOf(context, c)}/auth/token`
}

function smartConfiguration(tokenUrl: string): object {
  return {
    token_endpoint: tokenUrl,
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    grant_types_supported: ['client_credentials'],
    scopes_supported: ['system/*.rs', 'system/*.cruds', 'system/*.read', 'system/*.write', 'system/*.*'],
    response_types_supported: [],
    code_challenge_methods_supported: ['S256'],
    capabilities: ['client-confidential-asymmetric', 'permission-v1', 'permission-v2'],
  }
}

async function tokenAnswer(context: ServerContext, c: AppContext): Promise<object | TokenError> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header('content-type') ?? '')) {
    return refuse('invalid_request', 'the body must be application/x-www-form-urlencoded')
  }
  const form = new URLSearchParams(await c.req.text())
  const repeated = [...new Set(form.keys())].find((key) => form.getAll(key).length > 1)
  if (repeated !== undefined) return refuse('invalid_request', 'a parameter stands there twice')
  const grantType = form.get('grant_type')
  if (grantType === null) return refuse('invalid_request', 'grant_type is missing')
  if (grantType !== 'client_credentials') return refuse('unsupported_grant_type', 'only client_credentials')
  const denied = (description: string): TokenError => {
    context.audit.record({ what: 'token', action: 'E', outcome: '4', client: undefined, address: addressOf(c), description })
    return refuse('invalid_client', description)
  }
  if (form.get('client_assertion_type') !== assertionType) return denied(`client_assertion_type must be ${assertionType}`)
  try {
    return await issue(context, c, form)
  } catch (error) {
    if (error instanceof AssertionError) return denied(error.message)
    throw error
  }
}

async function issue(context: ServerContext, c: AppContext, form: URLSearchParams): Promise<object | TokenError> {
  const { control, settings, audit } = context
  const seconds = (): number => context.now().getTime() / 1000
  sweepTokens(control, seconds())
  let jti = ''
  const client = await checkAssertion(form.get('client_assertion') ?? '', {
    audience: `${originOf(context, c)}/auth/token`,
    client: (id) => findClient(control, id),
    jwks: context.jwks,
    firstUse: (id, one, expiresAt) => {
      jti = one
      return firstUse(control, id, one, expiresAt)
    },
    now: seconds,
  })
  const told = { what: 'token', action: 'E', client: client.id, address: addressOf(c), jti } as const
  const scope = grant(form.get('scope') ?? undefined, client.scope)
  if (scope === '') {
    audit.record({ ...told, outcome: '4', description: 'no scope can be granted' })
    return refuse('invalid_scope', 'none of these scopes can be granted')
  }
  const expiresIn = settings.tokenTtl
  const token = issueToken(control, { client: client.id, scope, expiresAt: Math.floor(seconds()) + expiresIn })
  audit.record({ ...told, outcome: '0', description: scope })
  return { access_token: token, token_type: 'bearer', expires_in: expiresIn, scope }
}
