import { mkdir, readdir, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type LakeOptions, openLake, openProvider } from '@floe/lake'
import { serve as listen, type ServerType } from '@hono/node-server'
import { listClients } from '../jobs/clients.ts'
import { openControl } from '../jobs/control.ts'
import { type Job, jobStore } from '../jobs/store.ts'
import { startWorker, type Worker } from '../jobs/worker.ts'
import { buildApp } from './app.ts'
import { openAudit } from './audit.ts'
import { jwksCache } from './auth/jwks.ts'
import { sweepTokens } from './auth/tokens.ts'
import type { ServerContext } from './context.ts'
import { openDrain } from './drain.ts'
import { runExport } from './export/run.ts'
import type { ExportSpec } from './export/spec.ts'
import { runImport } from './import/run.ts'
import type { ImportSpec } from './import/spec.ts'
import { endProgress } from './job-progress.ts'
import { isOwn, type Logger, loggable } from './log.ts'
import { jobCounter, openMetrics } from './metrics.ts'
import { removeJob } from './remove-job.ts'
import { takeServerLock } from './server-lock.ts'
import type { ServerSettings } from './settings.ts'
import { urlSigner } from './signed-urls.ts'
import { runSqlExport, type SqlExportSpec } from './sql-export.ts'

export interface ServeOptions {
  readonly lake: LakeOptions
  readonly settings: ServerSettings
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly log: Logger
}

export interface RunningServer extends AsyncDisposable {
  /** `http://127.0.0.1:8484` */
  readonly origin: string
  readonly clients: number
  /** Requests that are being answered. */
  readonly active: () => number
}

const sweepEvery = 5000
/** How long answers that are written may take to go out when the server stops, in ms. */
const lastAnswers = 1000
/** More connections than a proxy needs; each costs a little memory. */
const maxConnections = 1000

/** Starts the server of a lake, which is made when it is not there; unfinished jobs go on at once. */
export async function startServer({ lake, settings, host, port, log }: ServeOptions): Promise<RunningServer> {
  await (await openLake({ ...lake, create: true })).close()
  const lock = takeServerLock(lake.dir)
  await using stack = new AsyncDisposableStack()
  stack.use(lock)
  const control = stack.use(openControl(lake.dir))
  const provider = stack.use(await openProvider(lake))
  const now = (): Date => new Date()
  const jobs = jobStore(control, now)
  const jobsDir = join(lake.dir, 'jobs')
  await mkdir(jobsDir, { recursive: true, mode: 0o700 })
  let worker: Worker | undefined
  const context: ServerContext = {
    settings,
    lake,
    control,
    jobs,
    provider,
    audit: openAudit(control, now),
    metrics: openMetrics(() => jobs.unfinished().length),
    log,
    jwks: jwksCache(),
    signer: urlSigner(control, { now, longestLife: settings.fileUrlTtl }),
    now,
    jobsDir,
    worker: () => worker as Worker,
    drain: openDrain(),
  }
  worker = startWorker({
    jobs,
    concurrency: settings.maxExports,
    run: (job, signal) => runJob(context, job, signal),
    failed: (job, error) => failJob(context, job, error),
  })
  const server = await listening(context, host, port)
  // Jobs stop while the last answers go out.
  stack.defer(async () => void (await Promise.all([drained(context, server), (worker as Worker).stop()])))
  const sweeper = setInterval(() => void sweep(context), sweepEvery)
  stack.defer(() => clearInterval(sweeper))
  await removeStrays(context)
  worker.wake()
  const disposal = stack.move()
  const address = server.address() as AddressInfo
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return {
    origin: settings.publicUrl ?? `http://${name}:${address.port}`,
    clients: listClients(control).length,
    active: context.drain.active,
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  }
}

function listening(context: ServerContext, hostname: string, port: number): Promise<ServerType> {
  const { head } = context.settings.patience
  return new Promise((resolve, reject) => {
    const server = listen({
      fetch: buildApp(context).fetch,
      hostname,
      port,
      // Slow senders: the head in ten seconds, an upload as long as it moves.
      serverOptions: {
        headersTimeout: head,
        requestTimeout: 3_600_000,
        connectionsCheckingInterval: Math.min(5000, head),
        keepAliveTimeout: 10_000,
        maxHeaderSize: 32 * 1024,
      },
    })
    server.maxConnections = maxConnections
    server.once('error', reject)
    server.once('listening', () => resolve(server))
  })
}

/**
 * Downloads and whatever else is being answered go on for a time, and who asks is told that the server stops; then nothing new is
 * taken, and what is left has a moment to go out.
 */
async function drained({ drain, settings }: ServerContext, server: ServerType): Promise<void> {
  drain.begin()
  await drain.idle(settings.drainTimeout)
  const cut = setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), lastAnswers)
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    if ('closeIdleConnections' in server) server.closeIdleConnections()
  })
  clearTimeout(cut)
}

async function runJob(context: ServerContext, job: Job, signal: AbortSignal): Promise<void> {
  if (job.kind === 'import') await runImport(context, job as Job<ImportSpec>, signal)
  else if (job.kind === 'sql-export') await runSqlExport(context, job as Job<SqlExportSpec>, signal)
  else await runExport(context, job as Job<ExportSpec>, signal)
}

/** The message is for the client: of a failure that is not floe's own it says nothing. */
function failJob(context: ServerContext, job: Job, error: unknown): void {
  const message = isOwn(error) ? error.message : `The ${job.kind} failed.`
  context.log.error({ kind: job.kind, err: loggable(error) }, 'job failed')
  context.jobs.fail(job.id, { error: message, expiresAt: context.now().getTime() + context.settings.exportTtl })
  endProgress(job.id)
  jobCounter(context.metrics, job.kind).inc({ status: 'failed' })
  const what = job.kind === 'import' ? 'import' : 'completion'
  const action = job.kind === 'import' ? 'C' : 'R'
  context.audit.record({ what, action, outcome: '8', client: job.client, address: undefined, description: `${job.kind} failed` })
}

/** Folders of no job: uploads that were cut off, jobs that were deleted while the server died. */
async function removeStrays({ jobs, jobsDir, control }: ServerContext): Promise<void> {
  const known = new Set(control.all('select id from jobs').map(({ id }) => String(id)))
  for (const { spec } of jobs.unfinished('import')) known.add((spec as ImportSpec).stage)
  for (const name of await readdir(jobsDir)) {
    if (/^(stage-)?[0-9a-f]{32,40}$/.test(name) && !known.has(name))
      await rm(join(jobsDir, name), { recursive: true, force: true })
  }
}

/** Takes away what is past its limit. */
async function sweep(context: ServerContext): Promise<void> {
  try {
    context.audit.settle()
    sweepTokens(context.control, context.now().getTime() / 1000)
    for (const job of context.jobs.expired(context.now().getTime())) {
      await removeJob(context, job)
      context.audit.record({
        what: 'delete',
        action: 'D',
        outcome: '0',
        client: undefined,
        address: undefined,
        description: `${job.kind} job past its limit`,
      })
    }
  } catch (error) {
    context.log.error({ err: loggable(error) }, 'sweeper failed')
  }
}
