import { lineText } from '@floe/client/ndjson'
import { usageError } from '../../errors.ts'
import { ids as expandIds, instant } from '../../exports/plan.ts'
import type { RunCommand } from '../command.ts'
import { keepLines } from './ndjson-merge.ts'

interface Meta {
  readonly resourceType?: unknown
  readonly id?: unknown
  readonly meta?: { readonly lastUpdated?: unknown }
}

/**
 * Keeps resources by type, id or time; lines that are no JSON are left out and are no error (`floe ndjson validate` names them).
 */
export const run: RunCommand = async (context) => {
  const { settings, cwd } = context
  if (settings.ids === undefined && settings.resourceType === undefined && settings.changedSince === undefined) {
    throw usageError('nothing to filter by', '--resource-type T, --ids ID,… or --changed-since INSTANT')
  }
  const ids = settings.ids === undefined ? undefined : new Set(expandIds(settings.ids, cwd))
  const types = settings.resourceType === undefined ? undefined : new Set(settings.resourceType)
  const since = settings.changedSince === undefined ? undefined : Date.parse(instant('changed-since', settings.changedSince))
  return await keepLines(context, (bytes) => {
    const resource = parsed(bytes)
    if (resource === undefined) return false
    if (types !== undefined && !types.has(String(resource.resourceType))) return false
    if (ids !== undefined && !ids.has(String(resource.id))) return false
    return since === undefined || Date.parse(String(resource.meta?.lastUpdated ?? '')) >= since
  })
}

function parsed(bytes: Buffer): Meta | undefined {
  try {
    const value: unknown = JSON.parse(lineText(bytes))
    return typeof value === 'object' && value !== null ? (value as Meta) : undefined
  } catch {
    return undefined
  }
}
