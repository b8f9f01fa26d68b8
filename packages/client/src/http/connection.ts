import type { AuthContext, AuthMethod, Authorization } from '../auth/auth.ts'
import { TokenSource } from '../auth/token.ts'
import { BulkError } from '../errors.ts'
import { Discovery } from './discovery.ts'
import { Http, readText, TransportError } from './http.ts'
import { Redactor } from './redact.ts'
import { isTransientStatus, parseRetryAfter } from './retry.ts'
import { parseJson, serverMessage } from './server-message.ts'
import type { Timing } from './timing.ts'
import { detectVendor, scopesFor, type VendorId, type VendorProfile, vendors } from './vendors.ts'

export interface ConnectionOptions {
  fhirUrl: string
  auth: AuthMethod | undefined
  trustOrigins: readonly string[]
  caFile: string | undefined
  userAgent: string
  timing: Timing
  idleTimeoutMs: number
  /** Requested resource types, for servers that want a scope for each. */
  types?: readonly string[] | undefined
  /** Asked for where the authentication names no scope; default: what reads all or the requested types. */
  scope?: string | undefined
  /** Default `auto`: told by the CapabilityStatement. */
  vendor?: VendorId | 'auto' | undefined
  onTokenRefresh?: ((authorization: Authorization) => void) | undefined
}

/** All that speaks to one server during one run: HTTP with its tokens, discovery, and the list of what must not be shown. */
export interface Connection extends AsyncDisposable {
  readonly fhirUrl: string
  readonly http: Http
  readonly discovery: Discovery
  readonly redactor: Redactor
  readonly timing: Timing
  readonly idleTimeoutMs: number
  readonly tokens: TokenSource | undefined
  /** How this kind of server differs from the others. */
  vendor(signal: AbortSignal | undefined): Promise<VendorProfile | undefined>
  readonly trustedOrigins: ReadonlySet<string>
  /** Whether the token may go to this address. */
  trusts(url: string): boolean
}

/** Discovery and the token endpoint answer at once or not at all. */
const shortIdleMs = 25_000

export function connect(options: ConnectionOptions): Connection {
  const { auth, caFile, userAgent, timing, idleTimeoutMs } = options
  const fhirUrl = options.fhirUrl.replace(/\/+$/, '')
  const trustedOrigins = new Set([new URL(fhirUrl).origin, ...options.trustOrigins.map(originOf)])
  const http = new Http({ trustedOrigins, caFile, userAgent })
  const redactor = new Redactor()
  const discovery = new Discovery({ http, fhirUrl, idleTimeoutMs: Math.min(idleTimeoutMs, shortIdleMs) })
  const vendor = async (signal: AbortSignal | undefined): Promise<VendorProfile | undefined> =>
    options.vendor === undefined || options.vendor === 'auto'
      ? detectVendor(await discovery.capabilities(signal))
      : vendors.find(({ id }) => id === options.vendor)
  const context: AuthContext = {
    now: () => timing.now(),
    discoverTokenUrl: (signal) => discoverTokenUrl(discovery, fhirUrl, signal),
    defaultScope: async (signal) =>
      options.scope ?? scopesFor(await vendor(signal), options.types ?? [], await wildcardScope(discovery, signal)),
    postForm: (url, form, headers, signal) =>
      postForm({
        http,
        redactor,
        timing,
        url,
        form,
        headers,
        signal,
        fhirUrl,
        idleTimeoutMs: Math.min(idleTimeoutMs, shortIdleMs),
      }),
  }
  const tokens =
    auth &&
    new TokenSource({
      auth,
      context,
      redactor,
      ...(options.onTokenRefresh === undefined ? {} : { onRefresh: options.onTokenRefresh }),
    })
  if (tokens !== undefined) http.useTokens(tokens)
  return {
    fhirUrl,
    http,
    discovery,
    redactor,
    timing,
    idleTimeoutMs,
    tokens,
    vendor,
    trustedOrigins,
    trusts: (url) => URL.canParse(url) && trustedOrigins.has(new URL(url).origin),
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  }
}

function originOf(url: string): string {
  if (URL.canParse(url) && new URL(url).origin !== 'null') return new URL(url).origin
  throw new BulkError({ code: 'usage', message: 'a trusted origin is a URL such as https://files.example.org' })
}

async function discoverTokenUrl(discovery: Discovery, fhirUrl: string, signal: AbortSignal | undefined): Promise<string> {
  const found = await discovery.tokenUrl(signal)
  if (found !== null) return found
  if (!(await discovery.capabilities(signal)).isFhir) {
    throw new BulkError({
      code: 'kickoff-refused',
      message: `${fhirUrl} does not answer like a FHIR server: neither /metadata nor /.well-known/smart-configuration is there`,
      hint: 'Check the FHIR URL; it ends before /Group, /Patient and /$export.',
    })
  }
  throw new BulkError({
    code: 'auth',
    message: `${fhirUrl} names no token endpoint, neither in .well-known/smart-configuration nor in its CapabilityStatement`,
    hint: 'Give it with --token-url.',
  })
}

/** SMART v2 scopes unless the server only knows v1. */
async function wildcardScope(discovery: Discovery, signal: AbortSignal | undefined): Promise<string> {
  const { scopes, capabilities } = await discovery.smart(signal)
  const listed = ['system/*.rs', 'system/*.read', 'system/*.r', 'system/*.*'].find((scope) => scopes.includes(scope))
  if (listed !== undefined) return listed
  return capabilities.includes('permission-v1') && !capabilities.includes('permission-v2') ? 'system/*.read' : 'system/*.rs'
}

interface FormPost {
  http: Http
  redactor: Redactor
  timing: Timing
  fhirUrl: string
  url: string
  form: URLSearchParams
  headers: Record<string, string>
  idleTimeoutMs: number
  signal: AbortSignal | undefined
}

async function postForm({
  http,
  redactor,
  timing,
  fhirUrl,
  url,
  form,
  headers,
  idleTimeoutMs,
  signal,
}: FormPost): Promise<unknown> {
  if (fhirUrl.startsWith('https:') && !url.startsWith('https:')) {
    throw new BulkError({
      code: 'auth',
      message: 'the token endpoint of this https server is not https: no credential is sent there',
    })
  }
  redactor.add(form.get('client_assertion'))
  const response = await http.send({
    method: 'POST',
    url,
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: form.toString(),
    token: false,
    noRedirect: true,
    signal,
    idleTimeoutMs,
  })
  const body = await readText(response, 1 << 20, signal)
  const json = parseJson(body)
  const taken = json !== undefined && !('error' in json && !('access_token' in json))
  if (response.status >= 200 && response.status < 300 && taken) return json
  const { host } = new URL(url)
  if (isTransientStatus(response.status)) {
    const retryAfterMs = parseRetryAfter(response.header('retry-after'), timing.now())
    const message = `the token endpoint at ${host} answered ${response.status}`
    throw new TransportError('status', message, { status: response.status, retryAfterMs })
  }
  const said = serverMessage(body, redactor).text
  throw new BulkError({
    code: 'auth',
    status: response.status,
    message: `the token endpoint at ${host} refused the client (${response.status})${said === null ? '' : `: ${said}`}`,
    hint: `${clockHint(response.header('date'), timing.now())}Check the client id, that the public key is registered (floe keys public FILE), the scope (--scope) and this machine's clock.`,
  })
}

const clockTolerance = 60_000

/** A client assertion holds for minutes: where the clocks differ by more, that is likely to be the reason. */
function clockHint(date: string | null, now: number): string {
  const difference = date === null ? Number.NaN : Date.parse(date) - now
  if (!(Math.abs(difference) > clockTolerance)) return ''
  const minutes = Math.round(Math.abs(difference) / 60_000)
  return `This machine's clock is ${minutes} min ${difference > 0 ? 'behind' : 'ahead of'} the server's: set it right. `
}
