import { readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ExportRequest } from '@floe/client'
import { type ExportState, readState } from '@floe/client/export-folder'

/** What `--since auto` came to. */
export interface SinceAuto {
  /** The transaction time of the export that this one follows; absent: a full export. */
  readonly since?: string
  /** Why, for the person. */
  readonly reason: string
}

export interface FoundExport {
  readonly folder: string
  readonly state: ExportState
}

/** Export folders directly under `parent`, newest start first. Folders that cannot be read are none. */
export async function exportsUnder(parent: string): Promise<FoundExport[]> {
  let names: string[]
  try {
    names = await readdir(parent)
  } catch {
    return []
  }
  const found: FoundExport[] = []
  for (const name of names.filter((one) => !one.startsWith('.'))) {
    const folder = join(parent, name)
    try {
      const state = (await stat(folder)).isDirectory() ? await readState(folder) : undefined
      if (state !== undefined) found.push({ folder, state })
    } catch {
      // A neighbour that is damaged is no reason to stop: it is just not followed.
    }
  }
  return found.sort((a, b) => b.state.startedAt.localeCompare(a.state.startedAt))
}

/** Exports beside a destination. */
export async function exportsBeside(destination: string): Promise<FoundExport[]> {
  return exportsUnder(dirname(destination))
}

const sorted = (list: readonly string[] | undefined): string => JSON.stringify([...(list ?? [])].sort())

/** Filters of the given types only: those of other types narrow nothing that is asked for. */
function filters(request: { typeFilter?: readonly string[] }, types: readonly string[] | undefined): string {
  const all = request.typeFilter ?? []
  return sorted(types === undefined ? all : all.filter((filter) => types.includes(filter.split('?')[0] ?? '')))
}

function sameData(request: ExportRequest, state: ExportState, fhirUrl: string): boolean {
  const plain = (url: string): string => url.replace(/\/+$/, '')
  return (
    plain(state.fhirUrl) === plain(fhirUrl) &&
    state.request.level === request.level &&
    (state.request.groupId ?? '') === (request.groupId ?? '') &&
    (state.request.patient ?? []).length === 0 &&
    state.request.until === undefined &&
    sorted(state.request.elements) === sorted(request.elements)
  )
}

function holds(state: ExportState, type: string): boolean {
  return state.request.type === undefined || state.request.type.includes(type)
}

/**
 * Some servers tell a time without its zone, which is no instant. The earliest that it can mean brings some resources again; any
 * later one could miss some.
 */
function zoned(time: string): string {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(time)) return time
  return `${time}${/T\d{2}:\d{2}$/.test(time) ? ':00' : ''}+14:00`
}

/**
 * Decides `--since auto`: the transaction time of the newest verified export of the same server, level and group that held every
 * requested type with the same filters. No such export means a full one, and the types that forced it are named.
 */
export function decideSince(request: ExportRequest, fhirUrl: string, candidates: readonly FoundExport[]): SinceAuto {
  const verified = candidates
    .filter(({ state }) => state.phase === 'complete' && state.exitCode === 0 && state.transactionTime !== null)
    .filter(({ state }) => sameData(request, state, fhirUrl))
    .sort((a, b) => Date.parse(b.state.transactionTime ?? '') - Date.parse(a.state.transactionTime ?? ''))
  if (verified.length === 0) return { reason: 'full export: no verified export of the same server, level and group is there yet' }
  const types = request.type
  const whole = verified.filter(({ state }) =>
    types === undefined ? state.request.type === undefined : types.every((type) => holds(state, type)),
  )
  const usable = whole.find(({ state }) => filters(state.request, types) === filters(request, types))
  if (usable?.state.transactionTime) {
    return { since: zoned(usable.state.transactionTime), reason: 'the last verified export' }
  }
  if (whole.length > 0) return { reason: 'full export: the earlier exports had other filters' }
  const [newest] = verified
  const missing = (types ?? []).filter((type) => newest !== undefined && !holds(newest.state, type))
  return {
    reason:
      missing.length > 0
        ? `full export, because of ${missing.join(', ')}: not in the last export`
        : 'full export: the earlier exports held some types only',
  }
}
