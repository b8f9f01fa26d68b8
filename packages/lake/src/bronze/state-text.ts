import type { LineReport, TypeLines } from './lines.ts'
import { copyNamed, copyOf, pathOf } from './paths-of.ts'
import type { BronzeState, StoredFile } from './state-types.ts'
import type { Compression, ExportFile } from './types.ts'

/** A file as the document names it (format 1). */
interface DocumentFile extends Omit<StoredFile, 'root' | 'real' | 'copy'> {
  readonly path: string
  readonly copy: string
}

/** `floe-bronze.json` of format 1. */
export interface StateDocument extends Omit<BronzeState, 'files' | 'format'> {
  readonly format: 1
  readonly files: readonly DocumentFile[]
}

export function toDocument(state: BronzeState): StateDocument {
  const files = state.files.map((file): DocumentFile => {
    const { relative, kind, type, hint, compression, size, mtimeMs, sha256, copyCompression, report } = file
    const seen = { path: pathOf(file), relative, kind, type, hint, compression, size, mtimeMs, sha256 }
    return { ...seen, copy: copyOf(file), copyCompression, report }
  })
  return { ...state, format: 1, files }
}

export function ofDocument(files: readonly DocumentFile[]): StoredFile[] {
  const share = sharedReports()
  const roots = new Map<string, string>()
  return files.map(({ path, copy, ...file }) => {
    const { relative, kind, type, hint, compression, size, mtimeMs, sha256, copyCompression } = file
    const below = path.endsWith(`/${relative}`)
    const root = below ? path.slice(0, -relative.length - 1) : ''
    const shared = roots.get(root) ?? root
    roots.set(root, shared)
    const real = below ? null : path
    const report = file.report === null ? null : share(file.report)
    const found = { root: shared, relative, real, kind, type, hint, compression, size, mtimeMs, sha256 }
    return { ...found, copy: copyNamed(copy, file), copyCompression, report }
  })
}

type Report = NonNullable<StoredFile['report']>

/** A file as a line (format 2); what is usual is left out. */
interface FileLine {
  readonly relative: string
  readonly size: number
  readonly mtimeMs: number
  readonly sha256: string
  readonly root?: string
  readonly real?: string
  readonly kind?: ExportFile['kind']
  readonly type?: string
  readonly hint?: string
  readonly compression?: Compression
  readonly copy?: string
  readonly copyCompression?: Compression
  readonly report?: ReportLine
}

interface ReportLine extends Partial<Omit<Report, 'types'>> {
  /** Lines, of these quarantined, bytes, longest line. */
  readonly types: Readonly<Record<string, readonly [number, number, number, number]>>
}

export function toLine(file: StoredFile, root: string): string {
  const { relative, size, mtimeMs, sha256, real, kind, type, hint, compression, copy, copyCompression, report } = file
  const line: FileLine = {
    ...{ relative, size, mtimeMs, sha256 },
    ...(file.root === root ? {} : { root: file.root }),
    ...(real === null ? {} : { real }),
    ...(kind === 'output' ? {} : { kind }),
    ...(type === null ? {} : { type }),
    ...(hint === null ? {} : { hint }),
    ...(compression === 'none' ? {} : { compression }),
    ...(copy === null ? {} : { copy }),
    ...(copyCompression === 'zstd' ? {} : { copyCompression }),
    ...(report === null ? {} : { report: reportLine(report) }),
  }
  return JSON.stringify(line)
}

/** Reads lines of files behind a head that names this root. */
export function ofLine(usualRoot: string): (text: string) => StoredFile {
  const share = sharedReports()
  const name = sharedNames()
  return (text) => {
    const line = JSON.parse(text) as FileLine
    const { relative, size, mtimeMs, sha256, root = usualRoot, real = null, kind = 'output' } = line
    const [type, hint] = [name(line.type), name(line.hint)]
    const { compression = 'none', copy = null, copyCompression = 'zstd' } = line
    const report = line.report === undefined ? null : share(reportOf(line.report))
    return { root, relative, real, kind, type, hint, compression, size, mtimeMs, sha256, copy, copyCompression, report }
  }
}

function reportLine({ types, refused, unlisted, bytes, bom, torn, conditional, padded }: Report): ReportLine {
  const counts: Record<string, readonly [number, number, number, number]> = {}
  for (const [type, it] of Object.entries(types)) counts[type] = [it.lines, it.quarantined, it.bytes, it.maxLine]
  return {
    types: counts,
    bytes,
    ...(refused.length === 0 ? {} : { refused }),
    ...(unlisted === 0 ? {} : { unlisted }),
    ...(bom ? { bom } : {}),
    ...(torn ? { torn } : {}),
    ...(conditional ? { conditional } : {}),
    ...(padded ? { padded } : {}),
  }
}

function reportOf(line: ReportLine): Report {
  const { refused = [], unlisted = 0, bytes = 0, bom = false, torn = false, conditional = false, padded = false } = line
  const types: Record<string, TypeLines> = {}
  for (const [type, counts] of Object.entries(line.types)) {
    const [lines, quarantined, ofType, maxLine] = counts
    types[type] = { lines, quarantined, bytes: ofType, maxLine }
  }
  return { types, refused, unlisted, bytes, bom, torn, conditional, padded }
}

/** One text for all names that are the same. */
function sharedNames(): (name: string | undefined) => string | null {
  const known = new Map<string, string>()
  return (name) => {
    if (name === undefined) return null
    const found = known.get(name)
    if (found === undefined) known.set(name, name)
    return found ?? name
  }
}

/** So many reports are held to be compared with. */
const mostShared = 20_000

/** One object for all reports that say the same: of a million files of a line there are a few hundred. */
export function sharedReports(): (report: Omit<LineReport, 'shapes'>) => Report {
  const known = new Map<string, Report>()
  return (report) => {
    if (report.refused.length > 0) return report
    const key = keyOf(report)
    const found = known.get(key)
    if (found !== undefined) return found
    if (known.size >= mostShared) known.clear()
    known.set(key, report)
    return report
  }
}

function keyOf({ types, unlisted, bytes, bom, torn, conditional, padded }: Report): string {
  let key = `${bytes} ${unlisted} ${+bom}${+torn}${+conditional}${+padded}`
  for (const type in types) {
    const it = types[type] as TypeLines
    key += ` ${type} ${it.lines} ${it.quarantined} ${it.bytes} ${it.maxLine}`
  }
  return key
}
