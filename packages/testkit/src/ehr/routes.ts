import type { Route } from './faults.ts'
import type { Level } from './parameters.ts'

/** What a path asks for, with the parts that matter. */
export interface Target {
  route: Route
  level?: Level
  groupId?: string
  job?: string
  page?: number
  links?: number
  name?: string
  itemType?: string
  type?: string
  id?: string
}

/** Finds out what a request asks for. `status` may turn into `manifest` once the job is known to be ready. */
export function target(method: string, path: string, basePath: string): Target {
  if (path === '/auth/token') return { route: 'token' }
  const file = /^\/(?:bulk-files|bucket)\/([0-9a-f]+)\/(\d+)\/(output|deleted|error)\/([A-Za-z0-9.]+)$/.exec(path)
  if (file !== null) {
    const [, job = '', links = '', itemType = '', name = ''] = file
    return { route: 'file', job, links: Number(links), itemType, name }
  }
  if (!path.startsWith(`${basePath}/`)) return { route: 'other' }
  return fhirTarget(method, path.slice(basePath.length + 1))
}

function fhirTarget(method: string, path: string): Target {
  if (path === '.well-known/smart-configuration') return { route: 'discovery' }
  if (path === 'metadata') return { route: 'metadata' }
  if (path === '$export') return { route: 'kickoff', level: 'system' }
  if (path === 'Patient/$export') return { route: 'kickoff', level: 'patient' }
  const group = /^Group\/([^/]+)\/\$export$/.exec(path)
  if (group !== null) return { route: 'kickoff', level: 'group', groupId: decodeURIComponent(group[1] ?? '') }
  const status = /^bulk-status\/([0-9a-f]+)(?:\/(\d+))?$/.exec(path)
  if (status !== null) {
    const [, job = '', page] = status
    if (method === 'DELETE') return { route: 'delete', job }
    return page === undefined ? { route: 'status', job } : { route: 'manifest', job, page: Number(page) }
  }
  const read = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})$/.exec(path)
  if (read !== null) return { route: 'read', type: read[1] ?? '', id: read[2] ?? '' }
  const type = /^([A-Z][A-Za-z]+)$/.exec(path)
  if (type !== null) return { route: 'search', type: type[1] ?? '' }
  return { route: 'other' }
}
