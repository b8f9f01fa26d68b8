import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pin, Selection } from '@floe/lake'
import type { Hono } from 'hono'
import { printRows } from '../cli/rows.ts'
import type { Job, JobFile } from '../jobs/store.ts'
import { type JobAccess, needScopes, ownJob } from './access.ts'
import {
  type AppContext,
  type AppEnv,
  addressOf,
  fileAccess,
  originOf,
  recordFor,
  requestUrl,
  type ServerContext,
} from './context.ts'
import { recordDisclosures } from './disclosures.ts'
import { sealFile } from './export/whole-file.ts'
import { checkExports, checkRunning } from './job-limits.ts'
import { endProgress, noteProgress } from './job-progress.ts'
import { limitBody } from './limit-body.ts'
import { badParameter, Refusal } from './refusal.ts'
import { type SqlPart, sqlParts, sqlSelection, sqlValue, viewOf } from './sql-parameters.ts'
import { formatOf, jsonBody, sqlFormats, withoutHeader } from './sql-run.ts'
import { statusRoutes } from './status-routes.ts'

const maxBody = 4 * 1024 * 1024
const maxSubjects = 100
const formats: Readonly<Record<keyof typeof sqlFormats | 'parquet', string>> = {
  ...sqlFormats,
  parquet: 'application/vnd.apache.parquet',
}
const known = ['subject', 'subjectResource', 'clientTrackingId', '_format', 'header', 'patient', 'group', '_since']

/** Everything that a job needs to go on. All its views see one state of the lake. */
export interface SqlExportSpec {
  readonly access: JobAccess
  readonly pin: Pin
  readonly selection: Selection
  readonly types: readonly string[]
  readonly subjects: readonly { readonly name: string; readonly type: string; readonly view: object }[]
  readonly format: keyof typeof formats
  readonly header: boolean
  readonly trackingId?: string
}

/** `POST /fhir/$sql-export`: views as files, written while the client polls (SQL on FHIR 3.0.0-ballot, system level). */
export function sqlExportRoutes(app: Hono<AppEnv>, context: ServerContext): void {
  const limit = limitBody(maxBody)
  app.post('/fhir/$sql-export', limit, (c) => kickOff(context, c))
  statusRoutes<Job<SqlExportSpec>>(app, context, {
    kind: 'sql-export',
    called: '$sql-export job',
    letters: 'r',
    complete: (c, own) => c.body(null, 303, { Location: `${originOf(context, c)}/fhir/$sql-export-result/${own.id}` }),
    failed: 'The export failed.',
    gone: 'The export and its files are gone.',
  })
  app.get('/fhir/$sql-export-result/:job', async (c) => {
    const own = await ownJob<SqlExportSpec>(context, c, ['sql-export'])
    needScopes(c.get('caller'), own.spec.access, own.spec.access.types, 'r')
    if (own.state !== 'complete') throw new Refusal(404, 'not-found', 'There is no result yet.')
    return c.json(...result(context, c, own))
  })
}

async function kickOff(context: ServerContext, c: AppContext): Promise<Response> {
  checkRunning(context)
  const parts = sqlParts(await jsonBody(c), known)
  const subjects = subjectsOf(parts)
  const format = formatOf(sqlValue(parts, '_format') ?? 'ndjson', formats)
  const caller = c.get('caller')
  const pin = await context.provider.pin()
  const types = [...new Set(subjects.map(({ type }) => type))]
  const { selection, narrowed, group } = await sqlSelection(context, { caller, pin, types, parts })
  const trackingId = sqlValue(parts, 'clientTrackingId')
  checkExports(context, caller.client)
  const from = addressOf(c)
  const { level } = selection
  const access: JobAccess = {
    types,
    group,
    narrowed,
    ...(level.kind === 'some' ? { patients: level.patients } : {}),
    ...(from === undefined ? {} : { from }),
  }
  const spec: SqlExportSpec = {
    access,
    pin,
    selection,
    types,
    subjects,
    format,
    header: sqlValue(parts, 'header') !== false,
    ...(typeof trackingId === 'string' ? { trackingId: trackingId.slice(0, 200) } : {}),
  }
  const { transactionTime } = pin
  const job = context.jobs.create({
    kind: 'sql-export',
    client: caller.client,
    request: requestUrl(context, c),
    spec,
    transactionTime,
  })
  recordFor(context, c, {
    what: 'kick-off',
    action: 'E',
    outcome: '0',
    description: `$sql-export over ${types.join(', ')}`,
    query: job.request,
    ...(group === undefined ? {} : { reference: `Group/${group}` }),
  })
  context.worker().wake()
  const location = `${originOf(context, c)}/fhir/$sql-export-status/${job.id}`
  return c.json(
    parametersOf([
      { name: 'exportId', valueString: job.id },
      ...(spec.trackingId === undefined ? [] : [{ name: 'clientTrackingId', valueString: spec.trackingId }]),
      { name: 'status', valueCode: 'accepted' },
      { name: 'location', valueUri: location },
    ]),
    202,
    { 'Content-Location': location, 'Content-Type': 'application/fhir+json' },
  )
}

function subjectsOf(parts: readonly SqlPart[]): SqlExportSpec['subjects'] {
  const given = parts.filter(({ name }) => name === 'subject')
  if (given.length === 0) throw badParameter('subject', 'There is no subject.')
  if (given.length > maxSubjects) throw badParameter('subject', `More than ${maxSubjects} subjects.`)
  const subjects = given.map(({ part }, index) => {
    const { view, type } = viewOf(sqlValue(part, 'subjectResource'), `subject[${index}].subjectResource`)
    const name = sqlValue(part, 'name') ?? (view as { name?: unknown }).name
    return { name: typeof name === 'string' && name !== '' ? name.slice(0, 200) : `subject-${index + 1}`, type, view }
  })
  if (new Set(subjects.map(({ name }) => name)).size < subjects.length)
    throw badParameter('subject', 'Two subjects would have one name.')
  return subjects
}

type Parameter = Readonly<Record<string, unknown>>
const parametersOf = (parameter: readonly Parameter[]): object => ({ resourceType: 'Parameters', parameter })

function result(context: ServerContext, c: AppContext, job: Job<SqlExportSpec>): [object, 200, Record<string, string>] {
  const { spec, createdAt, finishedAt = createdAt } = job
  const { urlOf, expires } = fileAccess(context, c, job)
  const status = `${originOf(context, c)}/fhir/$sql-export-status/${job.id}`
  const files = context.jobs.files(job.id)
  const parameters = parametersOf([
    { name: 'exportId', valueString: job.id },
    ...(spec.trackingId === undefined ? [] : [{ name: 'clientTrackingId', valueString: spec.trackingId }]),
    { name: 'status', valueCode: 'completed' },
    { name: 'location', valueUri: status },
    { name: 'cancelUrl', valueUri: status },
    { name: '_format', valueCode: spec.format },
    { name: 'exportStartTime', valueInstant: createdAt },
    { name: 'exportEndTime', valueInstant: finishedAt },
    { name: 'exportDuration', valueInteger: Math.round((Date.parse(finishedAt) - Date.parse(createdAt)) / 1000) },
    ...spec.subjects.map(({ name }, index) => ({
      name: 'output',
      part: [
        { name: 'name', valueString: name },
        ...files
          .filter((file) => file.name === fileName(index, spec))
          .map((file) => ({ name: 'location', valueUri: urlOf(file.name) })),
      ],
    })),
  ])
  return [parameters, 200, { Expires: expires, 'Content-Type': 'application/fhir+json' }]
}

const fileName = (index: number, { format }: Pick<SqlExportSpec, 'format'>): string =>
  `${String(index).padStart(3, '0')}.${format}`

/** Writes the views that are not written, and ends the job. */
export async function runSqlExport(context: ServerContext, job: Job<SqlExportSpec>, signal: AbortSignal): Promise<void> {
  const { jobs, settings, metrics, audit, control } = context
  const dir = join(context.jobsDir, job.id)
  const { spec } = job
  await mkdir(dir, { recursive: true, mode: 0o700 })
  if (!jobs.planned(job.id))
    jobs.plan(
      job.id,
      spec.subjects.map((_, index) => ({ spec: index, weight: 1 })),
    )
  for (const { position, done } of jobs.units(job.id)) {
    if (!done) jobs.finishUnit(job.id, position, [await writeView(context, spec, position, dir, signal)])
    signal.throwIfAborted()
    noteProgress(job.id, (position + 1) / spec.subjects.length)
  }
  if (settings.disclosures) await recordDisclosures(context, job, signal)
  const rows = jobs.files(job.id).reduce((sum, { lines }) => sum + lines, 0)
  control.transaction(() => {
    jobs.finish(job.id, { expiresAt: context.now().getTime() + settings.exportTtl })
    audit.record({
      what: 'completion',
      action: 'R',
      outcome: '0',
      client: job.client,
      address: spec.access.from,
      description: '$sql-export complete',
      counts: { files: spec.subjects.length, rows },
      ...(spec.access.group === undefined ? {} : { reference: `Group/${spec.access.group}` }),
    })
  })
  endProgress(job.id)
  metrics.sqlExports.inc({ status: 'complete' })
}

async function writeView(
  { provider }: ServerContext,
  spec: SqlExportSpec,
  index: number,
  dir: string,
  signal: AbortSignal,
): Promise<JobFile> {
  const { view, type } = spec.subjects[index] ?? { view: {}, type: '' }
  const name = fileName(index, spec)
  const part = join(dir, `${name}.part`)
  let lines = 0
  if (spec.format === 'parquet') {
    await using _ = await provider.view(spec.pin, view, spec.selection, { signal, parquet: part })
  } else {
    await using rows = await provider.view(spec.pin, view, spec.selection, { signal })
    await using handle = await open(part, 'w', 0o600)
    const write = async (text: string): Promise<boolean> => {
      await handle.writeFile(text)
      return true
    }
    lines = await printRows(rows, spec.format, spec.format === 'csv' && !spec.header ? withoutHeader(write) : write, 0)
  }
  return { name, item: 'output', type, lines, ...(await sealFile(dir, name)) }
}
