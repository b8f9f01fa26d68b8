import { discard, type Http, readText, TransportError } from './http.ts'
import { isTransientStatus } from './retry.ts'
import { isRecord, parseJson } from './server-message.ts'

/** What `.well-known/smart-configuration` says that a backend service needs. */
export interface SmartConfiguration {
  tokenEndpoint: string | null
  scopes: readonly string[]
  capabilities: readonly string[]
}

/** What the CapabilityStatement says; all null or empty when the server has none. */
export interface Capabilities {
  isFhir: boolean
  softwareName: string | null
  softwareVersion: string | null
  softwareReleaseDate: string | null
  fhirVersion: string | null
  publisher: string | null
  /** Token endpoint of the `oauth-uris` extension, the form before SMART 1.0's well-known document. */
  tokenEndpoint: string | null
  /** Whether the only export operation is that of Bulk Data v4 (POST only). */
  v4Only: boolean
  /** Names of the search parameters of each type; types without any are left out. */
  searchParameters: ReadonlyMap<string, ReadonlySet<string>>
}

const noCapabilities: Capabilities = {
  isFhir: false,
  softwareName: null,
  softwareVersion: null,
  softwareReleaseDate: null,
  fhirVersion: null,
  publisher: null,
  tokenEndpoint: null,
  v4Only: false,
  searchParameters: new Map(),
}

export interface DiscoveryOptions {
  http: Http
  fhirUrl: string
  idleTimeoutMs: number
}

/**
 * Asks a server once for each of its two self-descriptions. Failures of the network are the caller's; a missing document is an
 * empty one.
 */
export class Discovery {
  readonly #options: DiscoveryOptions
  #smart: Promise<SmartConfiguration> | undefined
  #capabilities: Promise<Capabilities> | undefined
  /** A document that the server could not give just now. */
  #trouble: TransportError | undefined

  constructor(options: DiscoveryOptions) {
    this.#options = options
  }

  smart(signal: AbortSignal | undefined): Promise<SmartConfiguration> {
    this.#smart ??= this.#readSmart(signal).catch((cause: unknown) => {
      this.#smart = undefined
      throw cause
    })
    return this.#smart
  }

  capabilities(signal: AbortSignal | undefined): Promise<Capabilities> {
    this.#capabilities ??= this.#readCapabilities(signal).catch((cause: unknown) => {
      // A server that is there but does not get its statement out is not waited for twice.
      if (cause instanceof TransportError && (cause.kind === 'timeout' || cause.kind === 'reset')) return noCapabilities
      this.#capabilities = undefined
      throw cause
    })
    return this.#capabilities
  }

  /** The token endpoint of either document, absolute; null when neither tells one. */
  async tokenUrl(signal: AbortSignal | undefined): Promise<string | null> {
    const found = (await this.smart(signal)).tokenEndpoint ?? (await this.capabilities(signal)).tokenEndpoint
    if (found !== null || this.#trouble === undefined) return found
    // Not "there is none": whoever tries again asks again.
    const trouble = this.#trouble
    this.#smart = undefined
    this.#capabilities = undefined
    this.#trouble = undefined
    throw trouble
  }

  async #readSmart(signal: AbortSignal | undefined): Promise<SmartConfiguration> {
    const json = await this.#get('.well-known/smart-configuration', 'application/json', signal)
    return {
      tokenEndpoint: this.#absolute(json?.token_endpoint),
      scopes: strings(json?.scopes_supported),
      capabilities: strings(json?.capabilities),
    }
  }

  async #readCapabilities(signal: AbortSignal | undefined): Promise<Capabilities> {
    const json = await this.#get('metadata', 'application/fhir+json', signal)
    const software = isRecord(json?.software) ? json.software : {}
    const rest = records(json?.rest)
    const operations = rest.flatMap((part) => [part, ...records(part.resource)]).flatMap((part) => records(part.operation))
    const exports = operations.filter(({ name, definition }) => /export/.test(`${text(name)} ${text(definition)}`))
    const uris = rest
      .flatMap((part) => records(isRecord(part.security) ? part.security.extension : undefined))
      .filter(({ url }) => text(url)?.endsWith('/oauth-uris'))
      .flatMap(({ extension }) => records(extension))
    return {
      isFhir: json?.resourceType === 'CapabilityStatement' || json?.resourceType === 'Conformance',
      softwareName: text(software.name),
      softwareVersion: text(software.version),
      softwareReleaseDate: text(software.releaseDate),
      fhirVersion: text(json?.fhirVersion),
      publisher: text(json?.publisher),
      tokenEndpoint: this.#absolute(uris.find(({ url }) => url === 'token')?.valueUri),
      v4Only:
        exports.length > 0 &&
        exports.every(({ name, definition }) => name === 'export-v4' || /\|4\./.test(text(definition) ?? '')),
      searchParameters: searchParameters(rest),
    }
  }

  async #get(path: string, accept: string, signal: AbortSignal | undefined): Promise<Record<string, unknown> | undefined> {
    const { http, fhirUrl, idleTimeoutMs } = this.#options
    const response = await http.send({
      url: `${fhirUrl}/${path}`,
      headers: { accept, 'accept-encoding': 'gzip' },
      token: false,
      signal,
      idleTimeoutMs,
    })
    if (response.status === 200) return parseJson(await readText(response, 32 << 20, signal))
    await discard(response)
    const { status } = response
    if (isTransientStatus(status)) this.#trouble = new TransportError('status', `${path} was answered with ${status}`, { status })
    return undefined
  }

  #absolute(url: unknown): string | null {
    return typeof url === 'string' && URL.canParse(url, `${this.#options.fhirUrl}/`)
      ? new URL(url, `${this.#options.fhirUrl}/`).href
      : null
  }
}

function searchParameters(rest: readonly Record<string, unknown>[]): Map<string, Set<string>> {
  const resources = rest.flatMap(({ resource }) => records(resource))
  const named = resources.map(
    ({ type, searchParam }) => [text(type) ?? '', strings(records(searchParam).map(({ name }) => name))] as const,
  )
  return new Map(named.filter(([, names]) => names.length > 0).map(([type, names]) => [type, new Set(names)]))
}

function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
