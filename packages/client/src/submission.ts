import { BulkError } from './errors.ts'
import type { Connection } from './http/connection.ts'
import { type HttpResponse, readText, TransportError } from './http/http.ts'
import { isTransientStatus, parseRetryAfter, retryDelay } from './http/retry.ts'
import { serverMessage } from './http/server-message.ts'
import { checkTypeFilter } from './job/kickoff-parameters.ts'
import type { Job } from './types.ts'

/** Scope of everything about a submission. */
export const submitScope = 'system/bulk-submit'
/** Scope that lets a client make Groups. */
export const cohortScope = 'system/Group.cud'

/** Whose submission it is; the pair is unique at the server. */
export interface SubmissionIdentity {
  submitter: { system: string; value: string }
  submissionId: string
}

/** One manifest of a submission. */
export interface SubmittedManifest {
  manifestUrl: string
  /** Base of the relative references in its files. */
  fhirBaseUrl: string
  /** An earlier manifest of the submission that this one takes the place of: better than to stop it all. */
  replacesManifestUrl?: string
  outputFormat?: string
  /** Where the server learns how to get a token for the files. */
  oauthMetadataUrl?: string
}

/** Sends one POST to the server; given by the client, so that each request has a connection of its own. */
export type SendToServer = (
  path: string,
  body: object,
  headers?: Record<string, string>,
) => Promise<HttpResponse & { text: string }>

/**
 * A submission of files to a server that fetches them (`$bulk-submit` of the v4 ballot).
 *
 * It knows what it has sent: a second use of an address, and anything after `completed` or `stopped`, is a `usage` error and not
 * sent.
 */
export class BulkSubmission {
  readonly #identity: SubmissionIdentity
  readonly #send: SendToServer
  readonly #sent = new Set<string>()
  #ended = false

  constructor(identity: SubmissionIdentity, send: SendToServer) {
    const { submitter, submissionId } = identity
    if (submissionId === '' || submitter.system === '' || submitter.value === '')
      throw usage('a submission has a submitter (system and value) and an id')
    this.#identity = identity
    this.#send = send
  }

  /** Hands a manifest over. */
  async add(manifest: SubmittedManifest): Promise<void> {
    const { manifestUrl, fhirBaseUrl, replacesManifestUrl } = manifest
    if (!URL.canParse(manifestUrl) || !URL.canParse(fhirBaseUrl))
      throw usage('a manifest has an address and the FHIR base of its references')
    if (this.#sent.has(manifestUrl))
      throw usage('the manifest is part of the submission already', 'Give the corrected one an address of its own.')
    if (replacesManifestUrl !== undefined && !this.#sent.has(replacesManifestUrl))
      throw usage('only a manifest of the same submission can be replaced')
    await this.#post(
      Object.entries(manifest).map(([name, value]) => ({ name, [name === 'outputFormat' ? 'valueString' : 'valueUrl']: value })),
    )
    this.#sent.add(manifestUrl)
  }

  /** Says that all manifests have been sent, or that the submission is void. */
  async end(status: 'completed' | 'stopped'): Promise<void> {
    await this.#post([{ name: 'submissionStatus', valueCoding: { system: 'http://hl7.org/fhir/event-status', code: status } }])
    this.#ended = true
  }

  /** Asks for a job that tells what became of it; `status()` and `manifest()` of the client follow it. */
  async statusJob(): Promise<Job> {
    const response = await this.#send('$bulk-submit-status', this.#body([]), { prefer: 'respond-async' })
    const location = response.header('content-location')
    if (location !== null && URL.canParse(location, response.url))
      return { statusUrl: new URL(location, response.url).href, kickedOffAt: new Date().toISOString() }
    throw new BulkError({
      code: 'kickoff-refused',
      status: response.status,
      message: 'the server told no address for the status of the submission',
    })
  }

  async #post(parameters: readonly object[]): Promise<void> {
    if (this.#ended)
      throw usage('the submission is over: nothing can be added to it', 'Begin another one, with an id of its own.')
    await this.#send('$bulk-submit', this.#body(parameters))
  }

  #body(parameters: readonly object[]): object {
    const { submitter, submissionId } = this.#identity
    const own = [
      { name: 'submitter', valueIdentifier: submitter },
      { name: 'submissionId', valueString: submissionId },
    ]
    return { resourceType: 'Parameters', parameter: [...own, ...parameters] }
  }
}

/** A Group whose members are found by searches: all of them have to hold. */
export interface Cohort {
  name: string
  type: 'person' | 'practitioner' | 'device'
  /** `Condition?code=…`: one type each. */
  filters: readonly string[]
  /** References to Patients or Groups to choose from; without them everybody that the client may see. */
  members?: readonly string[]
}

const memberFilter = 'http://hl7.org/fhir/uv/bulkdata/StructureDefinition/member-filter'

/** The Group of a cohort (Bulk Data IG, profile Bulk Cohort Group). */
export function cohortGroup({ name, type, filters, members = [] }: Cohort): object {
  if (name === '') throw usage('a cohort has a name')
  if (filters.length === 0)
    throw usage('a cohort has a filter at least', 'Condition?code=http://hl7.org/fhir/sid/icd-10-cm|E11.9')
  for (const filter of filters) checkTypeFilter(filter)
  const modifierExtension = filters.map((expression) => ({
    url: memberFilter,
    valueExpression: { language: 'application/x-fhir-query', expression },
  }))
  const member = members.map((reference) => ({ entity: { reference } }))
  return {
    resourceType: 'Group',
    modifierExtension,
    type,
    actual: member.length > 0,
    name,
    ...(member.length === 0 ? {} : { member }),
  }
}

/** The Group that was made, or the job that makes it. */
export type MadeCohort = { groupId: string } | { job: Job }

/** Makes a cohort Group; asynchronously where the server does so. */
export async function createCohort(connection: Connection, cohort: Cohort, signal: AbortSignal | undefined): Promise<MadeCohort> {
  const group = cohortGroup(cohort)
  await connection.tokens?.header(signal)
  const granted = connection.tokens?.scope
  if (granted && !granted.split(/\s+/).some((scope) => /^system\/(Group|\*)\.(c[rud]*s?|write|\*)$/.test(scope))) {
    throw new BulkError({
      code: 'auth',
      message: `the client may not make Groups: its scope is ${granted}`,
      hint: `Ask for ${cohortScope}.`,
    })
  }
  const response = await postJson({ connection, path: 'Group', body: group, headers: { prefer: 'respond-async' }, signal })
  const location = response.header('content-location') ?? response.header('location')
  const url = location !== null && URL.canParse(location, response.url) ? new URL(location, response.url).href : null
  if (response.status === 202 && url !== null)
    return { job: { statusUrl: url, kickedOffAt: new Date(connection.timing.now()).toISOString() } }
  const groupId = /\/Group\/([^/?]+)/.exec(url ?? '')?.[1] ?? idOf(response.text)
  if (groupId !== undefined) return { groupId }
  throw new BulkError({ code: 'kickoff-refused', status: response.status, message: 'the server made no Group that it names' })
}

export interface PostJson {
  connection: Connection
  path: string
  body: object
  headers?: Record<string, string>
  signal: AbortSignal | undefined
}

/** How long a busy server is asked again. */
const busyMs = 3_600_000

/** POSTs a resource below the FHIR base; 429 and 503 are waited for, any other refusal is an error with the server's words. */
export async function postJson({ connection, path, body, headers, signal }: PostJson): Promise<HttpResponse & { text: string }> {
  const { http, timing, redactor, idleTimeoutMs, fhirUrl } = connection
  const started = timing.now()
  for (let attempt = 1; ; attempt += 1) {
    const response = await http
      .send({
        method: 'POST',
        url: `${fhirUrl}/${path}`,
        headers: { accept: 'application/fhir+json', 'content-type': 'application/fhir+json', ...headers },
        body: JSON.stringify(body),
        token: true,
        signal,
        idleTimeoutMs,
      })
      .catch((cause: unknown) => {
        // Not sent again: nobody knows whether the first one came through.
        if (!(cause instanceof TransportError)) throw cause
        throw new BulkError({ code: 'unreachable', message: cause.message, retryable: true, cause })
      })
    const text = await readText(response, 16 << 20, signal)
    if (response.status >= 200 && response.status < 300) return { ...response, header: response.header, text }
    const retryAfterMs = parseRetryAfter(response.header('retry-after'), timing.now())
    const delay = retryDelay({ attempt, retryAfterMs, maxMs: 300_000, random: timing.random() })
    const busy = response.status === 429 || (isTransientStatus(response.status) && retryAfterMs !== null)
    if (!busy || timing.now() + delay - started > busyMs) {
      const said = serverMessage(text, redactor).text
      const message = `the server refused ${path} (${response.status})${said === null ? '' : `: ${said}`}`
      throw new BulkError({ code: response.status === 401 ? 'auth' : 'kickoff-refused', status: response.status, message })
    }
    await timing.sleep(delay, signal)
  }
}

function idOf(text: string): string | undefined {
  try {
    const { id } = JSON.parse(text) as { id?: unknown }
    return typeof id === 'string' ? id : undefined
  } catch {
    return undefined
  }
}

function usage(message: string, hint?: string): BulkError {
  return new BulkError({ code: 'usage', message, hint })
}
