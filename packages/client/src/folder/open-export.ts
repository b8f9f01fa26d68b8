import { randomBytes } from 'node:crypto'
import { chmod, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { BulkError } from '../errors.ts'
import { sameRequest } from '../job/parameters.ts'
import type { TransferOptions } from '../types.ts'
import { makeFolder } from './durable.ts'
import { lockFolder } from './lock.ts'
import { folderNames, partSuffix } from './names.ts'
import { type ExportState, readState, type StoredOptions, type StoredRequest } from './state.ts'

/** An export folder that is ours until it is disposed of. */
export interface OpenFolder extends AsyncDisposable {
  folder: string
  state: ExportState | undefined
  /** Whether anything but our own files is in it. */
  occupied: boolean
}

/** Makes the folder (0700) where needed, and locks it. A folder that cannot be written is found here, before any request. */
export async function openFolder(folder: string, { create }: { create: boolean }): Promise<OpenFolder> {
  try {
    if (create) await makeFolder(folder)
    const occupied = await isOccupied(folder)
    const state = await readState(folder)
    const lock = await lockFolder(folder)
    // A folder of somebody else that may be written keeps its mode; the files in it are 0600 all the same.
    await chmod(folder, 0o700).catch(() => {})
    return { folder, state, occupied, [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose]() }
  } catch (cause) {
    if (cause instanceof BulkError) throw cause
    const { code } = cause as NodeJS.ErrnoException
    const missing = !create && code === 'ENOENT'
    throw new BulkError({
      code: missing ? 'usage' : 'failed',
      message: missing ? `there is no folder ${folder}` : `cannot write to ${folder} (${code})`,
      ...(missing ? {} : { hint: 'Export into a folder that you can write.' }),
      cause,
    })
  }
}

/** What is in an empty folder that is a mount point, or that somebody looked into. */
const ofTheSystem = ['lost+found', '.DS_Store', 'Thumbs.db', 'desktop.ini']

/**
 * Whether a folder holds more than what a run leaves that was killed before its first state: a lock, a part of the state, an
 * empty log; or the list of a Group's members.
 */
async function isOccupied(folder: string): Promise<boolean> {
  const own: string[] = [...ofTheSystem, folderNames.lock, `${folderNames.state}${partSuffix}`, folderNames.members]
  const others = (await readdir(folder)).filter((name) => !own.includes(name))
  if (others.length === 1 && others[0] === folderNames.log) return (await stat(join(folder, folderNames.log))).size > 0
  return others.length > 0
}

export type Decision = 'fresh' | 'continue' | 'finished'

export interface DecisionInput {
  state: ExportState | undefined
  occupied: boolean
  fhirUrl: string
  request: StoredRequest
  /** The job that the caller wants to take up. */
  statusUrl: string | undefined
  folder: string
}

/** What an export into a folder means: CONTRACT "How an export behaves", rule 2. */
export function decide({ state, occupied, fhirUrl, request, statusUrl, folder }: DecisionInput): Decision {
  if (state === undefined) {
    if (!occupied) return 'fresh'
    throw usage(`${folder} is not empty and holds no export`, 'Export into a new or an empty folder.')
  }
  const landed = state.files.filter(({ done }) => done !== null).length
  const untouched = state.job === null && landed === 0
  const same =
    statusUrl === undefined
      ? state.fhirUrl === fhirUrl && sameRequest(state.request, request)
      : state.job?.statusUrl === statusUrl
  if (!same) {
    if (untouched) return 'fresh'
    throw usage(
      `${folder} holds an export of another request`,
      'Export into another folder, or go on with this one: floe resume FOLDER.',
    )
  }
  if (state.phase === 'complete') return 'finished'
  if (state.phase === 'cancelled' || state.phase === 'gone') {
    if (landed === 0) return 'fresh'
    const why = state.phase === 'cancelled' ? 'was cancelled' : 'has ended on the server'
    throw usage(`the export in ${folder} ${why}; ${landed} of its files are there`, 'Export into a new folder.')
  }
  return needsKickoff(state) ? 'fresh' : 'continue'
}

/** Whether there is neither a job nor, from a server that answers with it at once, a manifest to go on with. */
export function needsKickoff({ job, manifestComplete }: ExportState): boolean {
  return job === null && !manifestComplete
}

/** Removes the manifest pages and part files of an export that never came to anything: they would be taken for the new one's. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const subfolder of ['.', 'deleted', 'error']) {
    const path = join(folder, subfolder)
    const names = await readdir(path).catch(() => [])
    for (const name of names) {
      if (/^manifest(\.\d+)?\.json(\.part)?$|\.ndjson(\.gz|\.zst)?\.part$/.test(name)) await rm(join(path, name), { force: true })
    }
  }
}

function usage(message: string, hint: string): BulkError {
  return new BulkError({ code: 'usage', message, hint })
}

/** Sortable by time, and random: no part of it opens anything at the server. */
export function newExportId(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z-${randomBytes(6).toString('hex')}`
}

const storedNames = [
  'parallel',
  'retries',
  'retryMaxTimeMs',
  'idleTimeoutMs',
  'pollMaxMs',
  'waitMaxMs',
  'keepJob',
  'allowCountMismatch',
  'rateLimit',
  'minFreeBytes',
  'noRange',
] as const satisfies readonly (keyof StoredOptions)[]

/** The options that a folder keeps for its resumption. */
export function storedOptions(options: TransferOptions): StoredOptions {
  return Object.fromEntries(storedNames.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])))
}

/** Checks numbers that would hang or spin a run, and an id that becomes part of paths. */
export function checkOptions(options: TransferOptions & { exportId?: string }): void {
  if (options.exportId !== undefined && (!/^[\w.-]{1,64}$/.test(options.exportId) || /^\.+$/.test(options.exportId))) {
    throw new BulkError({ code: 'usage', message: 'an export id has 1 to 64 letters, digits, ".", "_" and "-"' })
  }
  for (const name of storedNames) {
    const value = options[name]
    if (typeof value !== 'number') continue
    const least = name === 'retries' || name === 'minFreeBytes' ? 0 : 1
    if (!(value >= least)) throw new BulkError({ code: 'usage', message: `${name} must be at least ${least}` })
  }
}
