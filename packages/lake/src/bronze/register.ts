import { randomBytes } from 'node:crypto'
import { mkdir, opendir, readdir, readFile, realpath, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import { LakeError } from '../errors.ts'
import { bronzeExport, stagingRoot } from './bronze-export.ts'
import { type Comparison, compare, hasCopies, isOwnCopy } from './compare.ts'
import { openCopy, syncFolder } from './copy.ts'
import { readDeletions } from './deletions.ts'
import { contentId, fingerprintOf, sha256 } from './fingerprint.ts'
import { keepCompanions, readFiles } from './keep.ts'
import { defaultMaxLine } from './lines.ts'
import { readOutcomes } from './outcomes.ts'
import { copyOf } from './paths-of.ts'
import { documentFiles, mergeStructs, readBronzeState, readStateOf, writeBronzeState } from './state.ts'
import type { BronzeState, StoredFile } from './state-types.ts'
import type { BronzeExport, BronzeShape, ExportIdentity, PlannedExport, RegisterOptions } from './types.ts'

interface Job {
  readonly planned: PlannedExport
  readonly options: RegisterOptions
  /** `bronze/<source>`, without links. */
  readonly home: string
  readonly dir: string
  /** The folder lies at its place in the lake: nothing is copied. */
  readonly inPlace: boolean
  readonly maxLine: number
  readonly before: BronzeState | undefined
}

/**
 * Reads an export once and keeps it in bronze (0700, 0600). The same export again is known by names, sizes and times; of one that
 * grew only what is new is read. May be stopped at any point: the next run ends in the same state. One registration at a time per
 * source.
 */
export async function registerExport(planned: PlannedExport, options: RegisterOptions): Promise<BronzeExport> {
  const bronze = join(await realpath(options.lakeDir), 'bronze')
  await mkdir(join(bronze, planned.source), { recursive: true, mode: 0o700 })
  const home = join(bronze, planned.source)
  await sweep(partsOf(home))
  await sweep(stagingRoot(options.lakeDir))
  const inPlace = planned.folder.startsWith(home + sep)
  const maxLine = options.maxLine ?? defaultMaxLine
  const exportId = planned.exportId ?? (inPlace ? null : await recall(home, planned))
  if (inPlace || exportId !== null) {
    const dir = inPlace ? planned.folder : join(home, exportId ?? '')
    const before = await readBronzeState(dir)
    if (inPlace && before?.dropped !== undefined) throw droppedError()
    if (inPlace && before && isOwnCopy(planned.files, before, dir)) return known(dir, before, options)
    const job = { planned, options, home, dir, inPlace, maxLine, before }
    const found = await compare(planned.files, job)
    // An export known by its content alone that has another content is another export.
    if (planned.exportId !== null || inPlace || (found.fresh.length === 0 && found.gone.length === 0))
      return await finish(job, found)
  }
  return await registerByContent({ planned, options, home, inPlace, maxLine })
}

function droppedError(): LakeError {
  return new LakeError('bronze-missing', 'The files of this export were dropped from bronze by policy.', {
    hint: 'Load it from where it was exported to.',
  })
}

/** Nothing tells who the export is: it is read into a folder without a name, which its content then gives. */
async function registerByContent(base: Omit<Job, 'dir' | 'before'>): Promise<BronzeExport> {
  const { planned, home, options } = base
  const part = join(partsOf(home), `${process.pid}-${randomBytes(4).toString('hex')}`)
  const found = { kept: [], fresh: planned.files, gone: [], touched: false }
  const { state, notices } = await read({ ...base, dir: part, before: undefined }, found)
  const dir = join(home, state.identity.exportId)
  const before = await readBronzeState(dir)
  if (before !== undefined && (await hasCopies(dir, before))) {
    // The same content from another place: its identity stays that of its first loading.
    await rm(part, { recursive: true, force: true })
    const moved = { ...state, identity: before.identity, fingerprint: before.fingerprint, shapes: before.shapes }
    await writeBronzeState(dir, moved)
    await remember(home, planned, state.identity.exportId)
    return view(base, dir, moved, { notices, unchanged: sameRefusals(before, state) })
  }
  await rm(dir, { recursive: true, force: true })
  await rename(part, dir)
  await syncFolder(home)
  await remember(home, planned, state.identity.exportId)
  return bronzeExport({ lakeDir: options.lakeDir, dir, state, notices, unchanged: false, ...shared(options) })
}

const sameRefusals = (a: BronzeState, b: BronzeState): boolean => JSON.stringify(a.refused) === JSON.stringify(b.refused)

const shared = ({
  threads,
  signal,
}: Pick<RegisterOptions, 'threads' | 'signal'>): Pick<RegisterOptions, 'threads' | 'signal'> => ({ threads, signal })

function view(
  { options }: Pick<Job, 'options'>,
  dir: string,
  state: BronzeState,
  { notices, unchanged }: { notices: readonly string[]; unchanged: boolean },
): BronzeExport {
  return bronzeExport({ lakeDir: options.lakeDir, dir, state, notices, unchanged, ...shared(options) })
}

async function finish(job: Job, found: Comparison): Promise<BronzeExport> {
  const { planned, dir, before } = job
  if (before && found.fresh.length === 0 && isKnown(job, before, found)) {
    if (found.touched) await writeBronzeState(dir, { ...before, files: merged(found, []) })
    const state = found.touched ? { ...before, files: merged(found, []) } : before
    return view(job, dir, state, { notices: planned.notices, unchanged: true })
  }
  const { state, notices } = await read(job, found)
  return view(job, dir, state, { notices, unchanged: false })
}

/** Whether all that was said of the export then is said now. */
function isKnown(job: Job, before: BronzeState, { gone, kept }: Comparison): boolean {
  const { planned } = job
  const said = [identityOf(job, before.identity.exportId), planOf(planned), planned.refused]
  const known = [before.identity, before.plan, before.refused]
  return gone.length + kept.length === before.files.length && JSON.stringify(said) === JSON.stringify(known)
}

/** How the state of an export is written that is registered now. */
export const formatFor = ({ files }: PlannedExport): BronzeState['format'] => (files.length > documentFiles ? 2 : 1)

const planOf = ({ typeKinds, manifest, incomplete }: PlannedExport): BronzeState['plan'] => ({ typeKinds, manifest, incomplete })

function identityOf({ planned, before, options, inPlace }: Job, exportId: string): ExportIdentity {
  const now = options.now ?? (() => new Date())
  const stored = before?.identity
  const keep = inPlace && planned.exportId === null && !planned.tracked ? stored : undefined
  return {
    exportId,
    source: planned.source,
    group: keep?.group ?? planned.group,
    exportTime: planned.exportTime ?? stored?.exportTime ?? now().toISOString(),
    tracked: keep?.tracked ?? planned.tracked,
    kind: planned.kind,
    since: planned.since,
    exportUrl: planned.exportUrl,
    requestedTypes: planned.requestedTypes,
  }
}

const merged = ({ kept, gone }: Comparison, read: readonly StoredFile[]): StoredFile[] =>
  kept.concat(gone, read).sort((a, b) => (a.relative < b.relative ? -1 : 1))

/** Reads what is new, and writes down all that is known then: the commit point of the registration. */
async function read(job: Job, found: Comparison): Promise<{ state: BronzeState; notices: string[] }> {
  const { planned, options, dir, maxLine, before, inPlace } = job
  await mkdir(dir, { recursive: true, mode: 0o700 })
  await removeParts(dir)
  const news = await readFiles(found.fresh, {
    ...options,
    dir,
    inPlace,
    maxLine,
    taken: new Set(planned.files.filter((it) => it.compression !== 'none').map((it) => it.relative)),
  })
  if (!inPlace) await keepCompanions(planned, dir)
  const files = merged(found, news.files)
  const exportId = planned.exportId ?? before?.identity.exportId ?? contentId(planned, files)
  const identity = identityOf(job, exportId)
  const deleted = files.filter((it) => it.kind === 'deleted')
  const { counts, refused } = await readDeletions(deleted, { exportTime: identity.exportTime, maxLine, to: null })
  const outcomes = await readOutcomes(
    files.filter((it) => it.kind === 'error'),
    maxLine,
  )
  const plan = planOf(planned)
  const state: BronzeState = {
    format: before?.format === 2 ? 2 : formatFor(planned),
    identity,
    fingerprint: fingerprintOf(identity, files),
    maxLine: Math.max(maxLine, before?.maxLine ?? 0),
    plan: { ...plan, incomplete: [...new Set([...plan.incomplete, ...news.unreadTypes])] },
    files,
    shapes: unionOf([before?.shapes ?? {}, ...news.shapes]),
    deletions: counts,
    refusedDeletions: refused,
    outcomes,
    refused: [...planned.refused, ...news.unread],
  }
  await writeBronzeState(dir, state)
  if (!inPlace && before !== undefined) await removeCopies(dir, before.files, files)
  return { state, notices: [...planned.notices] }
}

/** Copies that no file has any more. */
async function removeCopies(dir: string, before: readonly StoredFile[], files: readonly StoredFile[]): Promise<void> {
  const copies = new Set(files.map(copyOf))
  for (const file of before) if (!copies.has(copyOf(file))) await rm(join(dir, copyOf(file)), { force: true })
}

type Shapes = Readonly<Record<string, { readonly struct: Readonly<Record<string, BronzeShape>> }>>

function unionOf(parts: readonly Shapes[]): Shapes {
  const union: Record<string, { readonly struct: Readonly<Record<string, BronzeShape>> }> = {}
  for (const part of parts) {
    for (const [type, shape] of Object.entries(part)) union[type] = mergeStructs(union[type] ?? { struct: {} }, shape)
  }
  return union
}

// Neither lies below `bronze/<source>`, where any name may be that of an export; no source begins with a dot.
const partsOf = (home: string): string => join(dirname(home), '.parts', basename(home))

/** Where the id that a folder's content gave it is written down, so that it need not be read again to know it. */
const memoryOf = (home: string, { folder, group, exportTime, tracked }: PlannedExport): string =>
  join(dirname(home), '.folders', basename(home), `${sha256([folder, tracked ? [group, exportTime] : null]).slice(0, 32)}.json`)

async function recall(home: string, planned: PlannedExport): Promise<string | null> {
  try {
    const { exportId } = JSON.parse(await readFile(memoryOf(home, planned), 'utf8')) as { exportId?: unknown }
    return typeof exportId === 'string' && /^[0-9a-f]{32}$/.test(exportId) ? exportId : null
  } catch {
    return null
  }
}

async function remember(home: string, planned: PlannedExport, exportId: string): Promise<void> {
  const path = memoryOf(home, planned)
  const copy = await openCopy(path, 'none')
  await copy.write(Buffer.from(`${JSON.stringify({ exportId })}\n`))
  await copy.finish()
  await syncFolder(dirname(path))
}

/** What `openCopy` leaves when it is killed. */
const leftover = /\.[0-9a-f]{8}\.part$/

async function removeParts(dir: string): Promise<void> {
  for await (const entry of await opendir(dir, { recursive: true, bufferSize: 1024 })) {
    if (leftover.test(entry.name)) await rm(join(entry.parentPath, entry.name), { force: true })
  }
}

/** Removes what a run that was stopped left behind; one that still runs is left alone. */
async function sweep(parts: string): Promise<void> {
  for (const name of await readdir(parts).catch(() => [])) {
    if (!isAlive(Number.parseInt(name, 10))) await rm(join(parts, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Which registered export `reopenExport` is about. */
export interface ExportName {
  readonly source: string
  readonly exportId: string
}

/** A registered export again, from bronze alone: what `rebuild` replays. Undefined where bronze does not hold it. */
export async function reopenExport(
  { source, exportId }: ExportName,
  options: Pick<RegisterOptions, 'lakeDir' | 'threads' | 'signal'>,
): Promise<BronzeExport | undefined> {
  const { lakeDir } = options
  const home = join(lakeDir, 'bronze', source)
  const names = await readdir(home).catch(() => [])
  for (const name of [exportId, ...names.filter((it) => it !== exportId)]) {
    const dir = join(home, name)
    const state = await readStateOf(dir, exportId)
    if (state === undefined) continue
    if (state.dropped !== undefined) return undefined
    return known(dir, state, options)
  }
  return undefined
}

const known = (dir: string, state: BronzeState, options: Pick<RegisterOptions, 'lakeDir' | 'threads' | 'signal'>): BronzeExport =>
  bronzeExport({ lakeDir: options.lakeDir, dir, state, notices: [], unchanged: true, fromCopies: true, ...shared(options) })
