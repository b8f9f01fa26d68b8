import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Authorization, type Caller, scopeRefusal } from './auth.ts'
import { capabilityStatement, smartConfiguration } from './capability.ts'
import type { FaultAction, Manifest } from './faults.ts'
import { fileReply } from './file-reply.ts'
import { type Job, Jobs } from './jobs.ts'
import { namedValues, parseQuery } from './parameters.ts'
import type { Population } from './population.ts'
import { json, outcome, type Reply, refusal } from './reply.ts'
import type { Target } from './routes.ts'
import { mayRead } from './scopes.ts'
import { read, search } from './search.ts'
import type { JobFile } from './select.ts'
import type { EhrOptions, RequestRecord } from './types.ts'

/** One request, as far as it is understood. */
export interface Exchange {
  request: IncomingMessage
  url: URL
  target: Target
  record: RequestRecord
  actions: readonly FaultAction[]
  body: string
}

export interface Urls {
  fhirUrl: string
  tokenUrl: string
  /** Origin of the FHIR server and of the second one. */
  origin: string
  otherUrl: string
}

const fileLife = 24 * 3600 * 1000

/** The Bulk Data provider proper: requests in, answers as data out. Knows nothing of sockets. */
export class Provider {
  readonly authorization: Authorization
  readonly jobs: Jobs
  readonly #population: Population
  readonly #options: EhrOptions
  readonly #urls: Urls

  constructor({ population, options, spool, urls }: { population: Population; options: EhrOptions; spool: string; urls: Urls }) {
    this.authorization = new Authorization(options.auth)
    this.jobs = new Jobs(population, options, spool)
    this.#population = population
    this.#options = options
    this.#urls = urls
  }

  async answer(exchange: Exchange): Promise<Reply> {
    const { route } = exchange.target
    const { method } = exchange.record
    if (route === 'discovery') return json(200, smartConfiguration(this.#urls))
    if (route === 'metadata') {
      const details = { ...this.#urls, types: this.#population.types, secured: this.authorization.required }
      return json(200, capabilityStatement(details), { 'content-type': 'application/fhir+json' })
    }
    if (route === 'token') {
      if (method !== 'POST') return refusal(405, 'not-supported', 'Only POST', { allow: 'POST' })
      return this.authorization.token(exchange.body, exchange.request.headers.authorization, this.#urls.tokenUrl)
    }
    if (route === 'file') return this.#file(exchange)
    if (route === 'other') return refusal(404, 'not-found', 'There is nothing at this address')
    const access = this.authorization.access(exchange.request.headers.authorization)
    if ('refused' in access) return access.refused
    if (route === 'kickoff') return this.#kickoff(exchange, access.caller)
    if (route === 'read' || route === 'search') return this.#read(exchange, access.caller)
    const job = this.jobs.find(exchange.target.job ?? '', access.caller)
    if (job === null) return refusal(404, 'not-found', 'There is no such export')
    if (route === 'delete') {
      await this.jobs.remove(job)
      return outcome(202, { severity: 'information', code: 'informational', diagnostics: 'The export was removed' })
    }
    return this.#status(exchange, job)
  }

  async #kickoff({ request, url, target, body, record }: Exchange, caller: Caller): Promise<Reply> {
    const { method } = record
    if (method !== 'GET' && (method !== 'POST' || this.#options.post === false)) {
      return refusal(405, 'not-supported', `${method} is not supported here`, { allow: 'GET' })
    }
    const parameters = method === 'POST' && body.trim() !== '' ? parseJson(body) : null
    if (parameters === undefined) return refusal(400, 'structure', 'The body is no JSON')
    // The mark of a redirect's target is no parameter of the export.
    url.searchParams.delete('hop')
    const values = namedValues(url.searchParams, parameters)
    if (typeof values === 'string') return refusal(400, 'structure', values)
    record.parameters = values
    const prefer = String(request.headers.prefer ?? '')
    const level = target.level ?? 'system'
    const query = parseQuery(values, { level, groupId: target.groupId ?? null, method, lenient: /handling=lenient/.test(prefer) })
    if (typeof query === 'string') return refusal(400, 'invalid', query)
    const readable = this.#population.types.filter((type) => mayRead(caller.scopes, type))
    const refused = scopeRefusal(caller, query.types ?? (readable.length === 0 ? ['any type'] : []))
    if (refused !== null) return refused
    const separateStatus = (this.#options.separateStatus ?? false) && /separate-export-status/.test(prefer)
    const begun = await this.jobs.begin({
      caller,
      query,
      separateStatus,
      request: `${this.#urls.origin}${url.pathname}${url.search}`,
    })
    if ('status' in begun) return begun
    record.job = begun.id
    return {
      status: 202,
      headers: {
        'content-location': `${this.#urls.fhirUrl}/bulk-status/${begun.id}`,
        ...(separateStatus ? { 'preference-applied': 'respond-async, separate-export-status' } : {}),
      },
      body: null,
    }
  }

  async #status({ target, record, actions }: Exchange, job: Job): Promise<Reply> {
    if (record.route === 'status') return this.#progress(job)
    if (job.failed) return refusal(500, 'exception', 'The export failed')
    const page = target.page ?? 1
    if (page < 1 || page > this.jobs.pages(job)) return refusal(404, 'not-found', 'There is no such page')
    let manifest: unknown = this.#manifest(job, page)
    for (const action of actions) if (action.kind === 'manifest') manifest = action.patch(manifest as Manifest, page)
    return json(200, manifest, {
      expires: new Date(job.started + fileLife).toUTCString(),
      ...(job.separateStatus ? { 'x-export-status': 'complete' } : {}),
    })
  }

  /** An answer while in progress: only these count as polls, not those that a fault replaced. */
  #progress(job: Job): Reply {
    job.polls++
    const { retryAfter = '1', progress } = this.#options
    const text = progress === undefined ? `poll ${job.polls}` : (progress?.[Math.min(job.polls, progress.length) - 1] ?? null)
    const headers = {
      ...(retryAfter === null ? {} : { 'retry-after': retryAfterText(retryAfter) }),
      ...(text === null ? {} : { 'x-progress': text }),
      ...(job.separateStatus ? { 'x-export-status': 'in-progress' } : {}),
    }
    const status = job.separateStatus ? 200 : 202
    // The first page may be given out early: it is complete, and later answers repeat it.
    const early = job.query.allowPartialManifests && job.files !== null && this.jobs.pages(job) > 1
    if (!early) return { status, headers, body: null }
    const { link: _, ...partial } = this.#manifest(job, 1)
    return json(status, partial, headers)
  }

  #manifest(job: Job, page: number): Manifest {
    return this.jobs.manifest(job, page, {
      file: (of, file) => this.fileUrl(of, file),
      page: (of, number) => `${this.#urls.fhirUrl}/bulk-status/${of.id}/${number}`,
    })
  }

  /** Where a file is to be fetched: at this server, or at the second origin with a signature. */
  fileUrl(job: Job, { itemType, name }: JobFile): string {
    const path = `${job.id}/${job.links}/${itemType}/${name}`
    return this.#options.files === 'other' ? this.signed(`/bucket/${path}`) : `${this.#urls.origin}/bulk-files/${path}`
  }

  /** A URL on the second origin that opens without a token, like those of cloud storage. */
  signed(path: string): string {
    return `${this.#urls.otherUrl}${path}?X-Amz-Expires=3600&X-Amz-Signature=${signature(path)}`
  }

  async #file({ request, url, target, record }: Exchange): Promise<Reply> {
    const { method, origin } = record
    if (method !== 'GET' && method !== 'HEAD') return refusal(405, 'not-supported', 'Only GET', { allow: 'GET, HEAD' })
    let caller: Caller | null = null
    if (origin === 'other') {
      if (request.headers.authorization !== undefined)
        return refusal(400, 'security', 'Only one way of authentication is allowed')
      if (url.searchParams.get('X-Amz-Signature') !== signature(url.pathname))
        return refusal(403, 'security', 'The signature is wrong')
    } else if (this.#filesNeedToken()) {
      const access = this.authorization.access(request.headers.authorization)
      if ('refused' in access) return access.refused
      caller = access.caller
    }
    const job = this.jobs.find(target.job ?? '', caller)
    const file = job?.files?.find(({ name, itemType }) => name === target.name && itemType === target.itemType)
    if (job === null || file === undefined) return refusal(404, 'not-found', 'There is no such file')
    record.type = file.type
    if (job.deadLinks !== null || target.links !== job.links)
      return refusal(job.deadLinks ?? 403, 'expired', 'This link has expired')
    const refused =
      caller === null || file.itemType !== 'output' || file.type === 'Resources' ? null : scopeRefusal(caller, [file.type])
    if (refused !== null) return refused
    return fileReply(file, {
      range: request.headers.range,
      ifRange: request.headers['if-range']?.toString(),
      acceptEncoding: request.headers['accept-encoding']?.toString(),
      gzip: this.#options.gzip ?? file.compression === 'gzip',
      ranges: this.#options.ranges ?? true,
      expires: new Date(job.started + fileLife).toUTCString(),
    })
  }

  #filesNeedToken(): boolean {
    const { requiresAccessToken = this.authorization.required } = this.#options
    return this.authorization.required && String(requiresAccessToken) === 'true'
  }

  async #read({ request, url, target, record }: Exchange, caller: Caller): Promise<Reply> {
    if (record.method !== 'GET') return refusal(405, 'not-supported', 'Only GET', { allow: 'GET' })
    const { type = '', id } = target
    const refused = scopeRefusal(caller, [type])
    if (refused !== null) return refused
    const held = await this.#population.current(type)
    return id === undefined ? search(held.values(), url) : read(held.get(id), request.headers.accept)
  }
}

function retryAfterText(value: string | number | { dateIn: number }): string {
  return typeof value === 'object' ? new Date(Date.now() + value.dateIn * 1000).toUTCString() : String(value)
}

/** How every signature of a signed URL begins, so that tests can look for signatures where none may be. */
export const signatureMark = 'feedfacecafef00d'

function signature(path: string): string {
  return `${signatureMark}${createHash('sha256').update(path).digest('hex')}`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
