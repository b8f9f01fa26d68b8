import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import { usageError } from '../errors.ts'
import { type FoundFolder, readFolder } from './discover.ts'
import { type LoggedExport, readExportLog } from './export-log.ts'
import { instant } from './instant.ts'
import { type KickoffScope, kickoffScope } from './kickoff.ts'
import { type ManifestTypes, readExportState, readManifests } from './manifest.ts'
import type { ExportFile, PlannedExport, PlanOptions } from './types.ts'

const tellBoth = 'Tell both: --export-group NAME --export-timestamp INSTANT. Or load it without completion: --untracked'

/**
 * Finds the exports in a folder and who each of them is, in order of time (CONTRACT §4, what `floe load` reads, 1, 2 and 5).
 * Reads logs and manifests, no data, and writes nothing. A folder that does not tell who it is, is refused (exit 2) or planned as
 * untracked, as the contract has it.
 */
export async function planExports(folder: string, options: PlanOptions): Promise<PlannedExport[]> {
  checkOptions(options)
  const found = await readFolder(folder)
  const parts = found.filter((it) => it.files.length > 0 || it.logs.length > 0 || it.refused.length > 0)
  if (parts.length === 0 || (parts.length === 1 && isEmpty(parts[0] as FoundFolder))) {
    throw usageError(`there is nothing to load in ${folder}`, 'An export holds files like Patient.000.ndjson, also .gz or .zst.')
  }
  const planned: PlannedExport[] = []
  for (const part of parts) planned.push(...(await planFolder(part, options)))
  if (planned.length > 1 && options.exportTimestamp !== undefined) {
    throw usageError(
      `${folder} holds ${planned.length} exports, and --export-timestamp can be the time of one only`,
      'Load them one by one.',
    )
  }
  // What the walk says of the whole folder is said once.
  const notices = found.filter((it) => !parts.includes(it)).flatMap((it) => it.notices)
  const time = (it: PlannedExport): number => (it.exportTime === null ? Number.POSITIVE_INFINITY : Date.parse(it.exportTime))
  planned.sort((a, b) => (time(a) === time(b) ? 0 : time(a) - time(b)))
  return planned.map((it, index) => (index === 0 ? { ...it, notices: [...notices, ...it.notices] } : it))
}

const isEmpty = (found: FoundFolder): boolean => found.files.length === 0 && found.logs.length === 0

function checkOptions({ source, exportGroup, exportTimestamp, untracked }: PlanOptions): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(source)) {
    throw usageError('--source must be letters, digits, ".", "_" and "-", 64 at most, and begin with a letter or digit')
  }
  if (exportTimestamp !== undefined && instant(exportTimestamp) === null) {
    throw usageError('--export-timestamp must be an instant', 'For example 2026-01-02T02:00:01.873Z')
  }
  if (untracked && (exportGroup !== undefined || exportTimestamp !== undefined)) {
    throw usageError('--untracked goes without --export-group and --export-timestamp', 'Leave out one or the other.')
  }
}

interface Who {
  readonly exportId: string | null
  readonly tracked: boolean
  readonly group: string
  readonly exportTime: string | null
  readonly scope: KickoffScope
  readonly logged: LoggedExport | undefined
  readonly files: readonly ExportFile[]
  readonly notices: readonly string[]
}

async function planFolder(found: FoundFolder, options: PlanOptions): Promise<PlannedExport[]> {
  const whos = await identify(found, options)
  const manifest = await readManifests(
    found.folder,
    found.manifests.filter((it) => it.startsWith('manifest')),
  )
  const state = found.manifests.includes('floe-export.json') ? await readExportState(found.folder) : null
  const refusedTypes = found.refused.map((it) => it.type).filter((it) => it !== null)
  return whos.map((who, index): PlannedExport => {
    const finished = state?.finished ?? who.logged?.complete ?? false
    const missing = [...(state?.incomplete ?? []), ...(who.logged?.missing ?? []), ...refusedTypes]
    const incomplete = new Set([...missing, ...withoutFiles(who, manifest, finished)])
    return {
      folder: found.folder,
      files: who.files,
      companions: [...found.logs, ...found.manifests.filter((it) => it !== 'floe-export.json')],
      source: options.source,
      exportId: who.exportId,
      group: who.group,
      exportTime: who.exportTime,
      tracked: who.tracked,
      kind: who.scope.kind,
      since: who.scope.since,
      exportUrl: who.scope.exportUrl,
      requestedTypes: who.scope.requestedTypes,
      typeKinds: who.scope.typeKinds,
      manifest: whos.length === 1 ? (manifest ?? {}) : {},
      incomplete: [...incomplete],
      notices: index === 0 ? [...found.notices, ...who.notices] : who.notices,
      refused: index === 0 ? found.refused.map((it) => it.message) : [],
    }
  })
}

/** Types that came with fewer files than the manifest lists, or, of a download that did not end, with none. */
function withoutFiles({ files, scope, logged }: Who, manifest: ManifestTypes | null, finished: boolean): string[] {
  const came = Map.groupBy(
    files.filter((it) => it.kind === 'output'),
    (it) => it.type ?? it.hint ?? '',
  )
  // A file of mixed types may hold any of them.
  if (came.has('')) return []
  const short = Object.entries(manifest ?? {}).filter(([type, { count, files: listed }]) => {
    const there = came.get(type)?.length ?? 0
    return count === null ? there < listed : there === 0 && count > 0
  })
  const expected = finished ? (logged?.requested ?? []) : [...(logged?.requested ?? []), ...(scope.requestedTypes ?? [])]
  return [...short.map(([type]) => type), ...expected.filter((type) => type !== null && !came.has(type))].filter(
    (it) => it !== null,
  )
}

/** Who the export in a folder is: by its log, by the options, by its content alone. */
async function identify(found: FoundFolder, options: PlanOptions): Promise<Who[]> {
  const { exportGroup, exportTimestamp, untracked } = options
  const told = exportGroup !== undefined && exportTimestamp !== undefined
  const nobody = kickoffScope(null, undefined, null)
  const byContent = (notices: string[] = []): Who => ({
    exportId: null,
    tracked: told,
    group: exportGroup ?? '',
    exportTime: exportTimestamp === undefined ? null : instant(exportTimestamp),
    scope: nobody,
    logged: undefined,
    files: found.files,
    notices,
  })
  if (untracked) return [byContent()]
  const half = !told && (exportGroup !== undefined || exportTimestamp !== undefined)
  if (found.logs.length === 0) {
    if (half) throw usageError('--export-group and --export-timestamp go together where no log tells the other', tellBoth)
    const note =
      'no log tells who this export is: loaded untracked, without completion. --export-group NAME --export-timestamp INSTANT tell it'
    return [byContent(told ? [] : [note])]
  }
  const log = await usableLog(found)
  if (typeof log === 'string') {
    if (told) return [{ ...byContent(), scope: await lastScope(found, exportTimestamp) }]
    throw usageError(log, tellBoth)
  }
  if (log.length > 1 && !told) return severalExports(found, log, options)
  return [whoOf(log.at(-1) as LoggedExport, found.files, options)]
}

/** The finished exports of the folder's log, or what is wrong with it. */
async function usableLog({ folder, logs }: FoundFolder): Promise<LoggedExport[] | string> {
  const name = logs.includes('log.ndjson') ? 'log.ndjson' : logs[0]
  if (name === undefined || (name !== 'log.ndjson' && logs.length > 1)) {
    return `${folder} has ${logs.length} logs (${logs.slice(0, 5).join(', ')}) and no log.ndjson: which export it is, is not clear`
  }
  const logged = await readExportLog(join(folder, name)).catch(() => undefined)
  if (!logged) return `${join(folder, name)} cannot be read as an export log`
  const finished = logged.filter((it) => it.transactionTime !== null && instant(it.transactionTime) !== null)
  return finished.length > 0
    ? finished
    : `${join(folder, name)} tells no transactionTime: no export in it was finished by the server`
}

/** What the last kick-off in the folder's logs asked for: a slice stays one whoever is told to have made it. */
async function lastScope({ folder, logs }: FoundFolder, exportTime: string): Promise<KickoffScope> {
  const read = await Promise.all(logs.map((name) => readExportLog(join(folder, name)).catch(() => undefined)))
  const last = read.flatMap((it) => it ?? []).findLast((it) => it.exportUrl !== null)
  return kickoffScope(last?.exportUrl ?? null, last?.requestParameters, exportTime)
}

function whoOf(logged: LoggedExport, files: readonly ExportFile[], { exportGroup, exportTimestamp }: PlanOptions): Who {
  const scope = kickoffScope(logged.exportUrl, logged.requestParameters, logged.transactionTime)
  return {
    exportId: safeExportId(logged.exportId),
    tracked: true,
    group: exportGroup ?? scope.group,
    exportTime: instant(exportTimestamp ?? logged.transactionTime ?? ''),
    scope,
    logged,
    files,
    notices: [],
  }
}

/** An id that can be a folder's name; a poll URL, which is a secret besides, becomes a hash of itself. */
export function safeExportId(id: string): string {
  if (/^[A-Za-z0-9._-]{1,64}$/.test(id) && !/^\.+$/.test(id)) return id
  return createHash('sha256').update(id).digest('hex').slice(0, 32)
}

/** One folder and log for several finished exports: each type must be of exactly one of them. */
function severalExports(found: FoundFolder, log: readonly LoggedExport[], options: PlanOptions): Who[] {
  const owner = (file: ExportFile): LoggedExport[] => {
    if (file.kind === 'deleted') return log.filter((it) => it.deleted)
    if (file.kind === 'error') return log.filter((it) => it.error)
    return log.filter((it) => it.requested.includes(file.type ?? file.hint))
  }
  const files = Map.groupBy(found.files, (file) => {
    const owners = owner(file)
    if (owners.length === 1) return owners[0] as LoggedExport
    const what = owners.length === 0 ? 'asked for none of' : 'asked more than once for'
    throw usageError(
      `the log of ${found.folder} holds ${log.length} finished exports, and ${what} what ${basename(file.relative)} is of`,
      tellBoth,
    )
  })
  // An export that asked for no file left nothing here that could be told to be complete.
  return log.filter((it) => files.has(it) || it.complete).map((it) => whoOf(it, files.get(it) ?? [], options))
}
