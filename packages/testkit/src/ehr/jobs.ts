import { randomBytes } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Caller } from './auth.ts'
import type { Manifest, ManifestItem } from './faults.ts'
import type { ExportQuery } from './parameters.ts'
import type { Population } from './population.ts'
import { operationOutcome, type Reply, refusal } from './reply.ts'
import { mayRead } from './scopes.ts'
import { type JobFile, selectFiles } from './select.ts'
import type { EhrOptions } from './types.ts'

/** One export, from kick-off to DELETE. */
export interface Job {
  readonly id: string
  readonly clientId: string
  /** The kick-off URL, for the manifest. */
  readonly request: string
  readonly query: ExportQuery
  readonly transactionTime: string
  readonly started: number
  /** Whether state is told by X-Export-Status. */
  readonly separateStatus: boolean
  polls: number
  /** Counts the generations of file URLs; only those of the last one work. */
  links: number
  /** Set when the generation has been ended: what its URLs answer. */
  deadLinks: number | null
  /** `null` until they are ready. */
  files: readonly JobFile[] | null
  failed: boolean
  /** Settles when the files are there. */
  readonly prepared: Promise<unknown>
}

export interface KickOff {
  caller: Caller
  query: ExportQuery
  request: string
  separateStatus: boolean
}

/** The export jobs of one EHR. */
export class Jobs {
  readonly #jobs = new Map<string, Job>()
  readonly #population: Population
  readonly #options: EhrOptions
  readonly #spool: string

  constructor(population: Population, options: EhrOptions, spool: string) {
    this.#population = population
    this.#options = options
    this.#spool = spool
  }

  get size(): number {
    return this.#jobs.size
  }

  /** Begins a job, or says why not. */
  async begin({ caller, query, request, separateStatus }: KickOff): Promise<Job | Reply> {
    if (this.#options.maxJobs !== undefined && this.#jobs.size >= this.#options.maxJobs) {
      return refusal(429, 'throttled', 'Another export is in progress', { 'retry-after': '1' })
    }
    this.#population.advance(query.since)
    const patients = await this.#patientsOf(query)
    if (patients !== null && 'status' in patients) return patients
    const id = randomBytes(16).toString('hex')
    const layers = this.#population.layers
    const spool = join(this.#spool, id)
    const select = { layers, query, patients, spool, mayRead: (type: string) => mayRead(caller.scopes, type) }
    const prepared = selectFiles(select)
      .then(async (files) => {
        job.files = [...files, ...(await this.#outcomes(query, spool))]
      })
      // A source that cannot be read shows as a job that fails, not as a crash of the server.
      .catch(() => {
        job.failed = true
      })
    const job: Job = {
      id,
      clientId: caller.clientId,
      request,
      query,
      transactionTime: this.#population.transactionTime,
      started: Date.now(),
      separateStatus,
      polls: 0,
      links: 0,
      deadLinks: null,
      files: null,
      failed: false,
      prepared,
    }
    this.#jobs.set(id, job)
    return job
  }

  async #patientsOf({ groupId, patients: asked, ignored }: ExportQuery): Promise<ReadonlySet<string> | Reply | null> {
    const members = groupId === null ? 'all' : await this.#population.members(groupId)
    if (members === null) return refusal(404, 'not-found', 'There is no such Group')
    if (asked === null) return members === 'all' ? null : members
    const everybody = members === 'all' ? await this.#population.patients() : members
    const strangers = asked.filter((id) => !everybody.has(id)).length
    if (strangers > 0 && ignored.length === 0)
      return refusal(400, 'value', `${strangers} of the patients are unknown or no members`)
    return new Set(asked.filter((id) => everybody.has(id)))
  }

  /** What the options and ignored parameters give to report, as one file. */
  async #outcomes({ ignored }: ExportQuery, spool: string): Promise<JobFile[]> {
    const issues = [
      ...(this.#options.outcomes ?? []),
      ...ignored.map((name) => ({ severity: 'warning' as const, code: 'not-supported', diagnostics: `ignored: ${name}` })),
    ]
    if (issues.length === 0) return []
    const content = issues.map((issue) => `${JSON.stringify(operationOutcome(issue))}\n`).join('')
    const path = join(spool, 'OperationOutcome.900.ndjson')
    await mkdir(spool, { recursive: true, mode: 0o700 })
    await writeFile(path, content)
    return [
      {
        name: 'OperationOutcome.900.ndjson',
        path,
        type: 'OperationOutcome',
        itemType: 'error',
        compression: 'none',
        count: issues.length,
        bytes: Buffer.byteLength(content),
      },
    ]
  }

  /** A job of this client; those of others are as unknown as those that never were. */
  find(id: string, caller: Caller | null): Job | null {
    const job = this.#jobs.get(id)
    return job !== undefined && (caller === null || job.clientId === caller.clientId) ? job : null
  }

  /** Forgets a job and what was written for it. */
  async remove(job: Job): Promise<void> {
    this.#jobs.delete(job.id)
    await job.prepared
    await rm(join(this.#spool, job.id), { recursive: true, force: true })
  }

  /** Whether a status request now would get the manifest. */
  async isReady(job: Job): Promise<boolean> {
    const { readyAfterMs, polls = readyAfterMs === undefined ? 1 : 0 } = this.#options
    if (job.polls < polls || (readyAfterMs !== undefined && Date.now() - job.started < readyAfterMs)) return false
    // Small jobs are ready here and now, so that the number of polls is what the test asked for.
    await Promise.race([job.prepared, new Promise((resolve) => setTimeout(resolve, 5000).unref())])
    return job.files !== null || job.failed
  }

  /** Makes the URLs of earlier manifests worthless. */
  expireLinks(job: Job, status: number): void {
    job.deadLinks = status
  }

  /** Number of manifest pages. */
  pages(job: Job): number {
    const { pageSize } = this.#options
    return pageSize === undefined ? 1 : Math.max(1, Math.ceil((job.files?.length ?? 0) / pageSize))
  }

  /** A page of the output manifest; the first one hands out new URLs where the earlier ones are worthless. */
  manifest(
    job: Job,
    page: number,
    urls: { file: (job: Job, file: JobFile) => string; page: (job: Job, page: number) => string },
  ): Manifest {
    if (page === 1 && (job.deadLinks !== null || (this.#options.freshLinks ?? false))) {
      job.links++
      job.deadLinks = null
    }
    const {
      pageSize = Number.POSITIVE_INFINITY,
      counts = true,
      auth = 'none',
      requiresAccessToken = auth !== 'none',
    } = this.#options
    const files = (job.files ?? []).slice((page - 1) * Math.min(pageSize, 1e9), page * pageSize)
    const items = (itemType: string): ManifestItem[] =>
      files
        .filter((file) => file.itemType === itemType)
        .map((file) => {
          const type = itemType === 'deleted' ? 'Bundle' : itemType === 'error' ? 'OperationOutcome' : file.type
          return { type, url: urls.file(job, file), ...(counts ? { count: file.count } : {}) }
        })
    const deleted = items('deleted')
    return {
      transactionTime: job.transactionTime,
      request: job.request,
      requiresAccessToken: this.#options.files === 'other' ? (this.#options.requiresAccessToken ?? false) : requiresAccessToken,
      ...(job.query.organizeByPatient ? { outputOrganizedBy: 'Patient' } : {}),
      output: job.query.organizeByPatient ? items('output').map(({ type: _, ...item }) => item as ManifestItem) : items('output'),
      ...(job.query.since === null && deleted.length === 0 ? {} : { deleted }),
      error: items('error'),
      ...(page < this.pages(job) ? { link: [{ relation: 'next', url: urls.page(job, page + 1) }] } : {}),
    }
  }
}
