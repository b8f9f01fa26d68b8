import { mkdir, readdir, rmdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { DAY, type Minutes, minutesOf, YEAR } from './clock.ts'
import { SynthesisError } from './errors.ts'
import { countsOf, writeExportLog } from './export-log.ts'
import { writeHistory } from './history.ts'
import { deletionBundle, writeLater } from './later.ts'
import { makePerson } from './person.ts'
import { mix, Random } from './random.ts'
import { Recorder, type ResourceType, resourceTypes, type Written } from './recorder.ts'
import { makeWorld, type World } from './world.ts'
import { type Compression, ExportWriter } from './writer.ts'

/** What to synthesize, and where to. */
export interface SynthesizeOptions {
  /** How many people; every one is a member of `Group/demo`. */
  patients: number
  /** Folder of the export; made when missing, refused when it holds anything. */
  out: string
  /** Same seed and options, same bytes. */
  seed?: number
  /** Folder for a second export of the same people, {@link SynthesizeOptions.laterDays} later: changed, new and deleted resources only. */
  later?: string
  /** Days between the two exports. */
  laterDays?: number
  /** End of the history and transaction time of the export, ISO 8601. Fixed by default so that the output is deterministic. */
  asOf?: string
  /** Years of history before `asOf`. */
  years?: number
  /** Compression of the NDJSON files at rest. */
  compress?: 'none' | 'gzip' | 'zstd'
  /** FHIR base URL that absolute references and the manifest carry. */
  baseUrl?: string
  /** A type's file is followed by the next one after this many uncompressed bytes. */
  fileBytes?: number
  onProgress?: (progress: SynthesizeProgress) => void
  signal?: AbortSignal
}

/** How far a synthesis is. */
export interface SynthesizeProgress {
  patients: number
  totalPatients: number
  resources: number
  /** Uncompressed NDJSON bytes. */
  bytes: number
}

/** One export folder as written; `types` counts lines, older versions of a resource included. */
export interface SynthesizedExport {
  folder: string
  exportId: string
  transactionTime: string
  /** Lines in all output files. */
  resources: number
  /** Uncompressed bytes of all output files. */
  bytes: number
  files: number
  types: Record<string, number>
  /** Lines that are an older version of a resource that is there too. */
  duplicates: number
  /** Entries in `deleted/`. */
  deleted: number
}

export interface SynthesizeReceipt extends SynthesizedExport {
  patients: number
  groupId: string
  seed: number
  /** The second export, where one was asked for. */
  later?: SynthesizedExport
}

const GROUP = 'demo'

/** Deletions a Bundle. */
const BUNDLE = 500

/** One export while it is being written. */
interface Export {
  readonly folder: string
  readonly writer: ExportWriter
  readonly recorder: Recorder
  readonly transactionTime: string
  readonly until: Minutes
}

interface Run extends Required<Omit<SynthesizeOptions, 'later' | 'onProgress' | 'signal'>> {
  readonly root: Random
  readonly asOfMinutes: Minutes
  readonly first: Export
  readonly later: Export | undefined
}

const unwritable = (folder: string, cause: unknown): SynthesisError =>
  new SynthesisError(
    'failed',
    `the population cannot be written to ${folder}: ${cause instanceof Error ? cause.message : cause}`,
    {
      hint: 'check the space on the disk and who may write there',
      cause,
      exitCode: 1,
    },
  )

async function emptyFolder(folder: string): Promise<void> {
  const present = await mkdir(folder, { recursive: true, mode: 0o700 })
    .then(() => readdir(folder))
    .catch((error: unknown) => Promise.reject(unwritable(folder, error)))
  if (present.length > 0) {
    throw new SynthesisError('usage', `${folder} is not empty`, { hint: 'name a new folder, or remove this one', exitCode: 2 })
  }
}

async function startExport(
  folder: string,
  options: { compress: Compression; fileBytes: number; root: Random; from: Minutes; until: Minutes; transactionTime: string },
): Promise<Export> {
  const { compress, fileBytes, root, from, until, transactionTime } = options
  await emptyFolder(folder)
  const writer = new ExportWriter({ folder, compression: compress, fileBytes })
  return { folder, writer, recorder: new Recorder({ sink: writer, from, until, random: root.fork(1) }), transactionTime, until }
}

function usage(message: string): SynthesisError {
  return new SynthesisError('usage', message, { exitCode: 2 })
}

async function prepare(options: SynthesizeOptions): Promise<Run> {
  const {
    patients,
    out,
    seed = 1,
    laterDays = 90,
    asOf = '2026-11-01T06:00:00.000Z',
    years = 6,
    compress = 'none',
    fileBytes = 100_000_000,
  } = options
  const baseUrl = (options.baseUrl ?? 'https://ehr.example.org/fhir').replace(/\/+$/, '')
  if (!Number.isInteger(patients) || patients < 1) throw usage(`patients must be a whole number of at least 1, not ${patients}`)
  if (!Number.isInteger(seed)) throw usage(`seed must be a whole number, not ${seed}`)
  if (!(years > 0 && years <= 30)) throw usage(`years must be above 0 and at most 30, not ${years}`)
  if (options.later !== undefined && resolve(options.later) === resolve(out))
    throw usage('the second export needs a folder of its own')
  const asOfMinutes = minutesOf(asOf)
  if (Number.isNaN(asOfMinutes)) throw usage(`asOf must be an ISO 8601 time, not ${asOf}`)
  if (!/^https?:\/\//.test(baseUrl) || !URL.canParse(baseUrl)) throw usage(`baseUrl must be an http(s) address, not ${baseUrl}`)
  const root = new Random(mix(seed | 0, Math.floor(seed / 4294967296)))
  const common = { compress, fileBytes, root }
  const time = Date.parse(asOf)
  const first = await startExport(out, {
    ...common,
    from: Number.NEGATIVE_INFINITY,
    until: asOfMinutes,
    transactionTime: new Date(time).toISOString(),
  })
  const until = asOfMinutes + laterDays * DAY
  const laterTime = new Date(time + laterDays * 86_400_000).toISOString()
  const later =
    options.later === undefined
      ? undefined
      : await startExport(options.later, { ...common, from: asOfMinutes, until, transactionTime: laterTime })
  return { patients, out, seed, laterDays, asOf, years, compress, fileBytes, baseUrl, root, asOfMinutes, first, later }
}

/** Collects deletions into Bundles. */
function bundler(
  { writer, until }: Export,
  asOf: Minutes,
  random: Random,
): { add(type: ResourceType, id: string): void; end(): void; deleted: number } {
  let urls: string[] = []
  return {
    deleted: 0,
    add(type, id) {
      urls.push(`${type}/${id}`)
      this.deleted += 1
      if (urls.length >= BUNDLE) this.end()
    },
    end() {
      if (urls.length === 0) return
      writer.append(
        'deleted/Bundle',
        deletionBundle(random.uuid(), asOf + Math.floor((0.9 + 0.1 * random.next()) * (until - asOf - 10)), urls),
      )
      urls = []
    },
  }
}

const groupBody = (members: readonly string[], inactive: number): string =>
  `"identifier":[{"system":"http://hospital.example.org/group","value":"${GROUP}"}],"active":true,"type":"person","actual":true,"name":"All patients","quantity":${members.length - inactive},"member":[${members.map((id) => `{"entity":{"reference":"Patient/${id}"}}`).join(',')}]`

interface Progress {
  readonly onProgress: SynthesizeOptions['onProgress']
  readonly signal: AbortSignal | undefined
}

/** Writes everybody, one after the other: memory holds one person, the world, and the ids of the members. */
async function writePeople(run: Run, world: World, { onProgress, signal }: Progress): Promise<number> {
  const { patients, root, asOfMinutes, years, first, later } = run
  const members: string[] = []
  const stillThere: string[] = []
  const bundle = later === undefined ? undefined : bundler(later, asOfMinutes, root.fork(3))
  const from = asOfMinutes - Math.floor(years * YEAR)
  for (let number = 0; number < patients; number++) {
    const person = makePerson({ number, root, world, asOf: asOfMinutes, years })
    const written: Written[] | undefined = later === undefined ? undefined : []
    first.recorder.begin({
      random: person.random.fork(5),
      olderVersions: 24,
      ...(written === undefined ? {} : { keep: written }),
    })
    const { chart, open } = writeHistory({
      person,
      world,
      recorder: first.recorder,
      from,
      asOf: asOfMinutes,
      ...(written === undefined ? {} : { written }),
    })
    first.recorder.end()
    members.push(person.id)
    if (later !== undefined && bundle !== undefined && written !== undefined) {
      later.recorder.begin({ random: person.random.fork(6) })
      const stays = writeLater({
        number,
        chart,
        open,
        written,
        recorder: later.recorder,
        deletions: bundle,
        asOf: asOfMinutes,
        until: later.until,
      })
      if (stays) stillThere.push(person.id)
    }
    await first.writer.flush()
    await later?.writer.flush()
    if (number % 16 !== 15 && number !== patients - 1) continue
    onProgress?.({ patients: number + 1, totalPatients: patients, resources: first.writer.lines, bytes: first.writer.bytes })
    await nextTurn()
    if (signal?.aborted === true)
      throw new SynthesisError('interrupted', 'stopped before the population was whole', { cause: signal.reason, exitCode: 130 })
  }
  const group: Written[] = []
  first.recorder.begin({ random: root.fork(7), keep: group })
  first.recorder.write('Group', '', GROUP, groupBody(members, 0), asOfMinutes - 40 * DAY)
  if (later !== undefined) {
    newcomers(run, world, later, stillThere)
    const [known] = group
    if (known !== undefined) later.recorder.amend(known, groupBody(stillThere, 0), later.until - DAY)
    bundle?.end()
  }
  return bundle?.deleted ?? 0
}

/** People whose record begins between the exports: one in fifty, at least one. */
function newcomers(run: Run, world: World, later: Export, members: string[]): void {
  const { patients, root, asOfMinutes, years } = run
  for (let i = 0; i < Math.ceil(patients / 50); i++) {
    const made = makePerson({ number: patients + i, root, world, asOf: asOfMinutes, years })
    const person = { ...made, since: asOfMinutes + (1 + (i % 20)) * DAY, death: undefined }
    later.recorder.begin({ random: person.random.fork(6) })
    writeHistory({ person, world, recorder: later.recorder, from: asOfMinutes, asOf: later.until })
    members.push(person.id)
  }
}

async function finishExport(
  run: Run,
  it: Export,
  options: { parameters: Record<string, string>; deleted: number; stream: number },
): Promise<SynthesizedExport> {
  const files = await it.writer.finish()
  const exportId = run.root.fork(options.stream).uuid().replaceAll('-', '').slice(0, 20)
  await writeExportLog({
    folder: it.folder,
    exportId,
    transactionTime: it.transactionTime,
    baseUrl: run.baseUrl,
    groupId: GROUP,
    files,
    parameters: options.parameters,
  })
  const output = files.filter(({ type }) => !type.startsWith('deleted/'))
  return {
    folder: it.folder,
    exportId,
    transactionTime: it.transactionTime,
    resources: output.reduce((sum, { lines }) => sum + lines, 0),
    bytes: output.reduce((sum, { bytes }) => sum + bytes, 0),
    files: output.length,
    types: countsOf(output),
    duplicates: it.recorder.duplicates,
    deleted: options.deleted,
  }
}

/**
 * Writes a deterministic US Core R4 population as an export folder.
 *
 * The people, their names and their records are invented; code systems are real. Memory does not grow with `patients`, the list
 * of the group's members apart. A folder that was not finished holds no `log.ndjson`, and what it held is removed.
 *
 * @example
 * const { resources } = await synthesize({ patients: 100, out: './population' })
 */
export async function synthesize(options: SynthesizeOptions): Promise<SynthesizeReceipt> {
  const run = await prepare(options)
  const { first, later } = run
  try {
    const shared: Written[] = []
    first.recorder.begin({ random: run.root.fork(2), keep: shared })
    const world = makeWorld({
      patients: run.patients,
      seed: run.seed,
      baseUrl: run.baseUrl,
      recorder: first.recorder,
      asOf: run.asOfMinutes,
    })
    if (later !== undefined) {
      await mkdir(join(later.folder, 'deleted'), { mode: 0o700 })
      changeWorld(shared, later)
    }
    const deleted = await writePeople(run, world, { onProgress: options.onProgress, signal: options.signal })
    const receipt = await finishExport(run, first, { parameters: {}, deleted: 0, stream: 8 })
    const parameters = { _since: first.transactionTime, _type: resourceTypes.join(',') }
    const second = later === undefined ? undefined : await finishExport(run, later, { parameters, deleted, stream: 9 })
    if (later !== undefined && deleted === 0) await rmdir(join(later.folder, 'deleted'))
    return {
      ...receipt,
      patients: run.patients,
      groupId: GROUP,
      seed: run.seed,
      ...(second === undefined ? {} : { later: second }),
    }
  } catch (error) {
    await first.writer.abort()
    await later?.writer.abort()
    if (later !== undefined) await rmdir(join(later.folder, 'deleted')).catch(() => {})
    if (error instanceof SynthesisError) throw error
    throw unwritable(options.out, error)
  }
}

/** Some of the staff leave, and a site gets a new telephone. */
function changeWorld(shared: readonly Written[], later: Export): void {
  const at = later.until - 30 * DAY
  shared
    .filter(({ type }) => type === 'Practitioner')
    .forEach((one, i) => {
      if (i % 9 === 4) later.recorder.amend(one, one.body.replace('"active":true', '"active":false'), at)
    })
  const site = shared.find(({ type }) => type === 'Organization')
  if (site !== undefined) later.recorder.amend(site, site.body.replace(/555-01\d\d/, '555-0100'), at)
}
