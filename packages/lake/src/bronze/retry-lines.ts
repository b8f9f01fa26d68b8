import { open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { resourceTypes } from '@floe/views/fhir'
import { unpack } from './archive.ts'
import { bronzeExport, stagingRoot } from './bronze-export.ts'
import { openCopy } from './copy.ts'
import { coverageOf } from './kickoff.ts'
import { copyOf } from './paths-of.ts'
import type { ExportName } from './register.ts'
import { type RetriedDeletions, retryDeletions } from './retry-deletions.ts'
import type { FileReport } from './scan-file.ts'
import { scanAll } from './scan-pool.ts'
import { mergeStructs, readStateOf, writeBronzeState } from './state.ts'
import type { BronzeState, StoredFile } from './state-types.ts'
import type { BronzeExport, BronzeType, RegisterOptions } from './types.ts'

/** A line that was refused and may pass now: where it is, and where its bytes are in the unpacked file. */
export interface WaitingLine {
  readonly file: string
  readonly line: number
  readonly offset: number
  readonly bytes: number
}

export interface Waiting {
  readonly waiting: readonly WaitingLine[]
  /** Lines that the ledger counts as refused: where bronze counts as many, a line that it takes already was loaded since. */
  readonly counted: number
}

/** What trying refused lines again came to. */
export interface RetriedLines {
  /** The export as it counts now. */
  readonly bronze: BronzeExport
  /** The lines that pass and were never loaded, alone, by type. */
  readonly types: readonly BronzeType[]
  readonly passed: readonly WaitingLine[]
  /** Deletions of the lines that pass, per type, and as NDJSON. */
  readonly deletions: Readonly<Record<string, number>>
  readonly deletionsFile: string | null
  /** Writes down what counts now; before the commit of silver: a crash between the two is mended by the next try. */
  keep(): Promise<void>
  /** Removes what was made for reading. */
  release(): Promise<void>
}

/**
 * Reads the copies of files with refused lines again, with the checks and the bound of now; undefined where bronze lacks the
 * export. Where more lines of a file were refused than are listed all of them stay: which of its good lines were loaded nobody
 * knows.
 */
export async function retryLines(
  { source, exportId }: ExportName,
  { waiting, counted }: Waiting,
  { lakeDir, maxLine = 0, threads, signal }: Pick<RegisterOptions, 'lakeDir' | 'maxLine' | 'threads' | 'signal'>,
): Promise<RetriedLines | undefined> {
  const home = join(lakeDir, 'bronze', source)
  const found = await findState(home, exportId)
  if (found === undefined) return undefined
  const { dir, state } = found
  const bound = Math.max(maxLine, state.maxLine)
  const named = Map.groupBy(waiting, ({ file }) => file)
  const files = state.files.filter((file) => file.kind === 'output' && named.has(file.relative) && isListed(file))
  const tasks = files.map((file) => ({
    size: file.size,
    task: {
      path: join(dir, copyOf(file)),
      compression: file.copyCompression,
      type: file.type ?? undefined,
      hint: file.hint ?? undefined,
      maxLine: bound,
    },
  }))
  const reports = await scanAll(tasks, { threads, signal })
  const read = new Map(files.flatMap((file, index) => pairOf(file, reports[index])))
  const staging = join(stagingRoot(lakeDir), String(process.pid), 'retried', source, exportId)
  await rm(staging, { recursive: true, force: true })
  const deletions = await retryDeletions({ state, dir, waiting, maxLine: bound, to: join(staging, 'deletions.ndjson') })
  const passing = waiting.filter((line) => passes(line, read.get(line.file)))
  const after = stateAfter(state, read, deletions, bound)
  const loaded = refusedOf(state).size === counted ? refusedOf(state) : undefined
  const fresh = passing.filter((line) => loaded === undefined || loaded.has(keyOf(line)))
  return {
    bronze: bronzeExport({ lakeDir, dir, state: after, notices: [], unchanged: true, fromCopies: true, threads, signal }),
    types: await stageTypes({ state: after, dir, staging, files, passed: fresh }),
    passed: [...passing, ...(deletions?.passed ?? [])],
    deletions: deletions?.counts ?? {},
    deletionsFile: deletions?.file ?? null,
    keep: async () => await writeBronzeState(dir, after),
    release: async () => await rm(staging, { recursive: true, force: true }),
  }
}

const keyOf = ({ file, line }: Pick<WaitingLine, 'file' | 'line'>): string => `${line} ${file}`

function refusedOf({ files }: BronzeState): Set<string> {
  return new Set(
    files.flatMap(({ relative, report }) => (report?.refused ?? []).map(({ line }) => keyOf({ file: relative, line }))),
  )
}

async function findState(home: string, exportId: string): Promise<{ dir: string; state: BronzeState } | undefined> {
  const names = await readdir(home).catch(() => [])
  for (const name of [exportId, ...names.filter((it) => it !== exportId)]) {
    const dir = join(home, name)
    const state = await readStateOf(dir, exportId)
    if (state !== undefined) return { dir, state }
  }
  return undefined
}

/** Every refused line of it is listed. */
const isListed = ({ report }: StoredFile): boolean => (report?.unlisted ?? 0) === 0

/** A copy that cannot be read leaves its lines waiting. */
function pairOf({ relative }: StoredFile, report: FileReport | Error | undefined): [string, FileReport][] {
  return report === undefined || report instanceof Error ? [] : [[relative, report]]
}

/** Behind the end of a list that was cut nobody knows. */
function passes({ line }: WaitingLine, report: FileReport | undefined): boolean {
  if (report === undefined || report.refused.some((refused) => refused.line === line)) return false
  return report.unlisted === 0 || line <= (report.refused.at(-1)?.line ?? 0)
}

function stateAfter(
  state: BronzeState,
  read: ReadonlyMap<string, FileReport>,
  deletions: RetriedDeletions | undefined,
  maxLine: number,
): BronzeState {
  const shapes = { ...state.shapes }
  for (const report of read.values()) {
    for (const [type, shape] of Object.entries(report.shapes)) shapes[type] = mergeStructs(shapes[type] ?? { struct: {} }, shape)
  }
  const files = state.files.map((file): StoredFile => {
    const report = file.kind === 'output' ? read.get(file.relative) : undefined
    if (report === undefined) return file
    const { sha256: _, size: __, mtimeMs: ___, shapes: ____, ...rest } = report
    return { ...file, report: rest }
  })
  // The fingerprint stays: it tells whether the same folder is loaded again, and it is.
  const told = deletions === undefined ? {} : { deletions: deletions.all.counts, refusedDeletions: deletions.all.refused }
  return { ...state, maxLine, files, shapes, ...told }
}

interface Passed {
  readonly state: BronzeState
  readonly dir: string
  readonly staging: string
  readonly files: readonly StoredFile[]
  readonly passed: readonly WaitingLine[]
}

interface Staged {
  lines: number
  bytes: number
  maxLine: number
}

/** Copies the lines that pass to one plain file per type; one line is in memory. */
async function stageTypes({ state, dir, staging, files, passed }: Passed): Promise<BronzeType[]> {
  const staged = new Map<string, Staged>()
  const writers = new Map<string, Awaited<ReturnType<typeof openCopy>>>()
  const lines = Map.groupBy(passed, ({ file }) => file)
  try {
    for (const file of files) {
      const wanted = (lines.get(file.relative) ?? []).toSorted((a, b) => a.offset - b.offset)
      for await (const text of linesAt(join(dir, copyOf(file)), file.copyCompression, wanted)) {
        const type = file.type ?? typeOf(text)
        const writer = writers.get(type) ?? (await openCopy(join(staging, `${type}.ndjson`), 'none'))
        writers.set(type, writer)
        await writer.write(Buffer.concat([text, Buffer.from('\n')]))
        const known = staged.get(type) ?? { lines: 0, bytes: 0, maxLine: 0 }
        const [bytes, maxLine] = [known.bytes + text.length + 1, Math.max(known.maxLine, text.length)]
        staged.set(type, { lines: known.lines + 1, bytes, maxLine })
      }
    }
    for (const writer of writers.values()) await writer.finish()
  } catch (error) {
    for (const writer of writers.values()) await writer.abort()
    throw error
  }
  return Array.from(staged, ([type, { lines, bytes, maxLine }]) => {
    const path = join(staging, `${type}.ndjson`)
    const file = { path, compression: 'none' as const, lines, bytes, maxLine }
    const shape = state.shapes[type] ?? { struct: {} }
    const facts = { lines, quarantined: 0, manifestCount: null, torn: false, shape }
    return { type, files: [file], ...facts, ...coverageOf(state.plan.typeKinds, type) }
  })
}

function typeOf(line: Buffer): string {
  const { resourceType } = JSON.parse(line.toString('utf8')) as { resourceType?: unknown }
  return typeof resourceType === 'string' && resourceTypes.has(resourceType) ? resourceType : 'Unknown'
}

/** The lines that begin at these offsets of the unpacked file, in order, without BOM. */
async function* linesAt(
  path: string,
  compression: StoredFile['copyCompression'],
  wanted: readonly WaitingLine[],
): AsyncGenerator<Buffer> {
  if (wanted.length === 0) return
  await using file = await open(path)
  let position = 0
  let next = 0
  let parts: Buffer[] = []
  for await (const piece of unpack(file, compression, () => undefined)) {
    const end = position + piece.length
    for (let line = wanted[next]; line !== undefined && line.offset < end; line = wanted[next]) {
      const stop = line.offset + line.bytes
      parts.push(piece.subarray(Math.max(0, line.offset - position), Math.min(piece.length, stop - position)))
      if (stop > end) break
      yield withoutBom(Buffer.concat(parts))
      parts = []
      next++
    }
    // The decoder may use its memory again.
    parts = parts.map((part) => Buffer.from(part))
    position = end
    if (next === wanted.length) return
  }
}

function withoutBom(line: Buffer): Buffer {
  return line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? line.subarray(3) : line
}
