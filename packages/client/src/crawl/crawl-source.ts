import { BulkError } from '../errors.ts'
import type { StoredRequest } from '../folder/state.ts'
import type { Connection } from '../http/connection.ts'
import { type FhirFetchOptions, fetchSearch, fetchText, type SearchPage } from '../http/fhir-fetch.ts'
import { Hosts } from '../http/hosts.ts'
import { isRecord } from '../http/server-message.ts'
import { readGroup } from './group-members.ts'

export interface CrawlSourceOptions {
  connection: Connection
  request: StoredRequest
  retries: number
  pollMaxMs: number
  signal: AbortSignal | undefined
}

/** A line for a file: a resource, or what the server said about a search. */
export interface CrawlLine {
  line: string
  id: string
  outcome: boolean
  /** The status of a search that was refused; the line is what was said. */
  refused?: number
}

const pageSize = 200
/** Patients are asked for by id, so many at once. */
const patientBatch = 50

/** Finds the patients and resources of a crawl by search; a search that is refused becomes an OperationOutcome, not a gap. */
export class CrawlSource {
  readonly #fetch: FhirFetchOptions
  readonly #request: StoredRequest
  readonly #base: string

  constructor({ connection, request, retries, pollMaxMs, signal }: CrawlSourceOptions) {
    this.#fetch = { connection, hosts: new Hosts(connection.timing, pollMaxMs), retries, pollMaxMs, signal }
    this.#request = request
    this.#base = connection.fhirUrl
  }

  /** A type's search for the log: without patients. */
  address(type: string): string {
    return `${this.#base}/${type}`
  }

  /** The patients' ids, in order and each once, and the server's time before the first search. */
  async patients(): Promise<{ patients: string[]; time: string | null; unknown: number }> {
    const { patient = [], identifier = [], groupId } = this.#request
    if (identifier.length > 0) {
      const { date } = await fetchText('metadata', this.#fetch)
      return { ...(await this.#byIdentifier(unique(identifier))), time: instantOf(date) }
    }
    if (groupId !== undefined && patient.length === 0) {
      const { members, date } = await readGroup(groupId, this.#fetch)
      return { patients: members, time: instantOf(date), unknown: 0 }
    }
    const { date } = await fetchText('metadata', this.#fetch)
    return { patients: patient.length > 0 ? unique(patient) : await this.#allPatients(), time: instantOf(date), unknown: 0 }
  }

  /** Several patients may share a number, and one may have several: patients are told apart by id, numbers by what came back. */
  async #byIdentifier(tokens: readonly string[]): Promise<{ patients: string[]; unknown: number }> {
    const ids: string[] = []
    let unknown = 0
    for (let at = 0; at < tokens.length; at += patientBatch) {
      const batch = tokens.slice(at, at + patientBatch)
      const list = batch.map((token) => encodeURIComponent(token.replaceAll(',', '\\,'))).join(',')
      const seen = new Set<string>()
      for await (const { line, id } of this.#patientSearch(`identifier=${list}&_count=${pageSize}`)) {
        ids.push(id)
        for (const token of identifiersOf(line)) seen.add(token)
      }
      unknown += batch.filter((token) => !seen.has(token)).length
    }
    return { patients: unique(ids), unknown }
  }

  async #allPatients(): Promise<string[]> {
    const ids: string[] = []
    for await (const { id } of this.#patientSearch(`_elements=id&_count=${pageSize}`)) ids.push(id)
    return unique(ids)
  }

  /** Whose data are meant: where this is refused there is nothing to crawl, and an empty folder would look like no patients. */
  async *#patientSearch(query: string): AsyncGenerator<CrawlLine> {
    const search = this.#search('Patient', query)
    for (;;) {
      const next = await search.next()
      if (next.done === true) return
      if (next.value.refused !== undefined) throw refusedPatients(next.value.refused, next.value.line)
      if (!next.value.outcome && next.value.id !== '') yield next.value
    }
  }

  /** The resources of one type for some patients. */
  async *resources(type: string, patients: readonly string[]): AsyncGenerator<CrawlLine> {
    const filters = (this.#request.typeFilter ?? [])
      .filter((filter) => filter.startsWith(`${type}?`))
      .map((filter) => filter.slice(type.length + 1))
    const dates = [
      ...(this.#request.since === undefined ? [] : [`_lastUpdated=gt${encodeURIComponent(this.#request.since)}`]),
      ...(this.#request.until === undefined ? [] : [`_lastUpdated=le${encodeURIComponent(this.#request.until)}`]),
    ]
    const width = type === 'Patient' ? patientBatch : 1
    for (let at = 0; at < patients.length; at += width) {
      const ids = patients
        .slice(at, at + width)
        .map(encodeURIComponent)
        .join(',')
      const who = type === 'Patient' ? `_id=${ids}` : `patient=${ids}`
      for (const filter of filters.length === 0 ? [''] : filters) {
        const query = [who, filter, ...dates, `_count=${pageSize}`].filter((part) => part !== '').join('&')
        const refused = yield* this.#search(type, query)
        // A search that the server does not have is refused for every patient alike: said once. Others are about one patient.
        if (refused !== null && [400, 405, 501].includes(refused)) return
      }
    }
  }

  /** All pages of a search. The status when the server refused it; what it said is then a line of its own. */
  async *#search(type: string, query: string): AsyncGenerator<CrawlLine, number | null> {
    const visited = new Set<string>()
    for (let url: string | null = `${this.#base}/${type}?${query}`; url !== null; ) {
      if (visited.has(url))
        throw new BulkError({ code: 'download-failed', message: `the pages of a search for ${type} form a loop` })
      visited.add(url)
      const page = await this.#page(url, type)
      if ('refused' in page) {
        yield page.line
        return page.refused
      }
      for (const { line, id } of page.resources) yield { line, id, outcome: false }
      for (const { line, id } of page.outcomes) yield { line, id, outcome: true }
      url = page.next
    }
    return null
  }

  async #page(url: string, type: string): Promise<SearchPage | { refused: number; line: CrawlLine }> {
    try {
      const { resources, outcomes, next } = await fetchSearch(url, this.#fetch)
      return { resources: resources.filter((resource) => resource.type === type), outcomes, next }
    } catch (cause) {
      if (!(cause instanceof BulkError) || cause.code !== 'download-failed' || cause.retryable) throw cause
      const issue = { severity: 'error', code: 'processing', diagnostics: `${type}: ${cause.message}` }
      const line = JSON.stringify({ resourceType: 'OperationOutcome', issue: [issue] })
      return { refused: cause.status ?? 0, line: { line, id: '', outcome: true, refused: cause.status ?? 0 } }
    }
  }
}

function refusedPatients(status: number, outcome: string): BulkError {
  const { issue } = JSON.parse(outcome) as { issue?: { diagnostics?: string }[] }
  return new BulkError({
    code: 'kickoff-refused',
    status,
    message: `the search for the patients was refused: ${issue?.[0]?.diagnostics ?? status}`,
    hint: 'Name them by --patient or --id-file with ids, or a Group.',
  })
}

function identifiersOf(line: string): string[] {
  const { identifier } = JSON.parse(line) as { identifier?: unknown }
  const list = Array.isArray(identifier) ? identifier.filter(isRecord) : []
  return list.map(({ system, value }) => `${system}|${value}`)
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids.map((id) => id.replace(/^Patient\//, '')))]
}

/** The server's clock as an instant; null where it does not tell. */
function instantOf(date: string | null): string | null {
  const time = Date.parse(date ?? '')
  return Number.isNaN(time) ? null : new Date(time).toISOString()
}
