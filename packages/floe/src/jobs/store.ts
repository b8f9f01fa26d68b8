import { randomBytes } from 'node:crypto'
import type { Control } from './control.ts'

export type JobKind = 'export' | 'import' | 'sql-export'
export type JobState = 'queued' | 'running' | 'complete' | 'failed'

export interface Job<Spec = unknown, Result = unknown> {
  readonly id: string
  readonly kind: JobKind
  readonly client: string
  readonly state: JobState
  readonly request: string
  readonly spec: Spec
  readonly createdAt: string
  readonly finishedAt: string | undefined
  /** ms since 1970 */
  readonly expiresAt: number
  readonly transactionTime: string | undefined
  readonly result: Result | undefined
  readonly error: string | undefined
}

export interface Unit<Spec = unknown> {
  readonly position: number
  readonly spec: Spec
  readonly weight: number
  readonly done: boolean
}

export interface JobFile {
  readonly name: string
  readonly item: 'output' | 'deleted' | 'error'
  readonly type: string
  readonly bytes: number
  readonly lines: number
  readonly sha256: string
}

/** Unfinished jobs do not expire. */
const never = 8_640_000_000_000_000

/** Jobs, their units of work and files: what survives `kill -9`. */
export interface JobStore {
  create(job: {
    readonly kind: JobKind
    readonly client: string
    readonly request: string
    readonly spec: unknown
    readonly transactionTime?: string
  }): Job
  /** Undefined also for a job that is past its limit. */
  find(id: string, now: number): Job | undefined
  /** Jobs of a client that are not past their limit, oldest first. */
  all(kind: JobKind, client: string, now: number): Job[]
  unfinished(kind?: JobKind, client?: string): Job[]
  start(id: string): void
  finish(id: string, end: { readonly result?: unknown; readonly transactionTime?: string; readonly expiresAt: number }): void
  fail(id: string, end: { readonly error: string; readonly expiresAt: number }): void
  remove(id: string): boolean
  expired(now: number): Job[]
  /** Plans the units once; a job that has some keeps them. */
  plan(id: string, units: readonly { readonly spec: unknown; readonly weight: number }[]): void
  planned(id: string): boolean
  units(id: string): Unit[]
  /** The commit point of a unit: its files are the job's from here on. */
  finishUnit(id: string, position: number, files: readonly JobFile[]): void
  addFiles(id: string, position: number, files: readonly JobFile[]): void
  files(id: string): JobFile[]
  file(id: string, name: string): JobFile | undefined
}

export function jobStore(control: Control, now: () => Date = () => new Date()): JobStore {
  const addFiles = (id: string, position: number, files: readonly JobFile[]): void => {
    for (const { name, item, type, bytes, lines, sha256 } of files) {
      control.run(
        'insert or replace into files (job, name, item, type, position, bytes, lines, sha256) values (?, ?, ?, ?, ?, ?, ?, ?)',
        [id, name, item, type, position, bytes, lines, sha256],
      )
    }
  }
  const jobs = (sql: string, values: readonly (string | number)[]): Job[] =>
    control.all(`select * from jobs where ${sql} order by created_at, id`, values).map(jobOf)
  return {
    create: ({ kind, client, request, spec, transactionTime }) => {
      const id = randomBytes(20).toString('hex')
      control.run(
        `insert into jobs (id, kind, client, state, request, spec, created_at, expires_at, transaction_time)
          values (?, ?, ?, 'queued', ?, ?, ?, ?, ?)`,
        [id, kind, client, request, JSON.stringify(spec), now().toISOString(), never, transactionTime ?? null],
      )
      return jobs('id = ?', [id])[0] as Job
    },
    find: (id, at) => jobs('id = ? and expires_at > ?', [id, at])[0],
    all: (kind, client, at) => jobs('kind = ? and client = ? and expires_at > ?', [kind, client, at]),
    unfinished: (kind, client) =>
      jobs("state in ('queued', 'running')", []).filter(
        (job) => (kind === undefined || job.kind === kind) && (client === undefined || job.client === client),
      ),
    start: (id) => void control.run("update jobs set state = 'running' where id = ? and state = 'queued'", [id]),
    finish: (id, { result, transactionTime, expiresAt }) =>
      void control.run(
        `update jobs set state = 'complete', finished_at = ?, expires_at = ?, result = ?,
          transaction_time = coalesce(?, transaction_time) where id = ? and state in ('queued', 'running')`,
        [now().toISOString(), expiresAt, JSON.stringify(result ?? null), transactionTime ?? null, id],
      ),
    fail: (id, { error, expiresAt }) =>
      void control.run(
        "update jobs set state = 'failed', finished_at = ?, expires_at = ?, error = ? where id = ? and state in ('queued', 'running')",
        [now().toISOString(), expiresAt, error, id],
      ),
    remove: (id) => control.run('delete from jobs where id = ?', [id]) > 0,
    expired: (at) => jobs('expires_at <= ?', [at]),
    plan: (id, units) =>
      control.transaction(() => {
        for (const [position, { spec, weight }] of units.entries()) {
          control.run('insert or ignore into units (job, position, spec, weight) values (?, ?, ?, ?)', [
            id,
            position,
            JSON.stringify(spec),
            weight,
          ])
        }
      }),
    planned: (id) => control.one('select 1 from units where job = ? limit 1', [id]) !== undefined,
    units: (id) =>
      control.all('select * from units where job = ? order by position', [id]).map((row) => ({
        position: Number(row.position),
        spec: JSON.parse(String(row.spec)) as unknown,
        weight: Number(row.weight),
        done: row.done === 1,
      })),
    finishUnit: (id, position, files) =>
      control.transaction(() => {
        addFiles(id, position, files)
        control.run('update units set done = 1 where job = ? and position = ?', [id, position])
      }),
    addFiles: (id, position, files) => control.transaction(() => addFiles(id, position, files)),
    files: (id) => control.all('select * from files where job = ? order by position, name', [id]).map(fileOf),
    file: (id, name) => control.all('select * from files where job = ? and name = ?', [id, name]).map(fileOf)[0],
  }
}

function fileOf(row: Readonly<Record<string, unknown>>): JobFile {
  return {
    name: String(row.name),
    item: row.item as JobFile['item'],
    type: String(row.type),
    bytes: Number(row.bytes),
    lines: Number(row.lines),
    sha256: String(row.sha256),
  }
}

function jobOf(row: Readonly<Record<string, unknown>>): Job {
  const text = (name: string): string | undefined => (typeof row[name] === 'string' ? row[name] : undefined)
  return {
    id: String(row.id),
    kind: row.kind as JobKind,
    client: String(row.client),
    state: row.state as JobState,
    request: String(row.request),
    spec: JSON.parse(String(row.spec)) as unknown,
    createdAt: String(row.created_at),
    finishedAt: text('finished_at'),
    expiresAt: Number(row.expires_at),
    transactionTime: text('transaction_time'),
    result: text('result') === undefined ? undefined : (JSON.parse(String(row.result)) as unknown),
    error: text('error'),
  }
}
