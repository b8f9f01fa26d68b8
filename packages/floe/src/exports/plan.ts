import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  type AuthMethod,
  type BulkClientOptions,
  basicAuth,
  bearerToken,
  clientSecret,
  type ExportRequest,
  type HydrationTask,
  hydrationTasks,
  type ParsedExportUrl,
  type StoredAdditions,
  smartBackendServices,
  type TransferOptions,
} from '@floe/client'
import { nearest } from '../config/nearest.ts'
import type { Settings } from '../config/options.ts'
import { usageError } from '../errors.ts'
import { parseExportAddress } from './address.ts'
import { readIdList } from './id-list.ts'

/** An export as told by address and options. `since: 'auto'` is still to be decided. */
export interface ExportPlan {
  readonly client: BulkClientOptions
  readonly request: ExportRequest
  readonly sinceAuto: boolean
  readonly transfer: TransferOptions
  readonly additions: Additions
}

/** What is fetched beside the files of the manifest. */
export interface Additions {
  readonly attachments?: NonNullable<StoredAdditions['attachments']>
  readonly hydrate: readonly HydrationTask[]
}

/** Address and options as one plan; contradictions are usage errors. */
export function planExport(address: string | undefined, settings: Settings, cwd: string): ExportPlan {
  const told = address ?? settings.fhirUrl
  if (told === undefined) {
    throw usageError('no FHIR server is told', 'floe export https://ehr.example.org/fhir/Group/42 ./export')
  }
  const parsed = parseExportAddress(told)
  const since = settings.since ?? (parsed.request.since as string | undefined)
  return {
    client: clientOptions(parsed.fhirUrl, settings, cwd),
    request: {
      ...parsed.request,
      ...levelOf(parsed, settings, cwd),
      ...parameters(settings),
      ...(since === undefined || since === 'auto' ? {} : { since: instant('since', since) }),
    },
    sinceAuto: since === 'auto',
    transfer: transferOptions(settings),
    additions: additionsOf(settings),
  }
}

/** The additions that are told; `all` stands for every task. */
export function additionsOf(settings: Pick<Settings, 'attachments' | 'mimetypes' | 'attachmentMax' | 'hydrate'>): Additions {
  const { attachments: mode, mimetypes: mimeTypes, attachmentMax: maxBytes, hydrate = [] } = settings
  const known = Object.keys(hydrationTasks) as HydrationTask[]
  const tasks = hydrate.flatMap((task): readonly HydrationTask[] => {
    if (task === 'all') return known
    if ((known as string[]).includes(task)) return [task as HydrationTask]
    if (task === 'none') return []
    const near = nearest(task, known)
    throw usageError(
      `--hydrate: there is no task ${task}${near === undefined ? '' : ` (did you mean ${near}?)`}`,
      `--hydrate ${known.join(',')}`,
    )
  })
  const limits = { ...(mimeTypes === undefined ? {} : { mimeTypes }), ...(maxBytes === undefined ? {} : { maxBytes }) }
  return { ...(mode === 'off' ? {} : { attachments: { mode, ...limits } }), hydrate: [...new Set(tasks)] }
}

export function clientOptions(fhirUrl: string, settings: Settings, cwd: string): BulkClientOptions {
  const auth = authMethod(settings, cwd)
  return {
    fhirUrl,
    ...(auth === undefined ? {} : { auth }),
    ...(settings.trustOrigin === undefined ? {} : { trustOrigins: settings.trustOrigin }),
    ...(settings.caFile === undefined ? {} : { caFile: resolve(cwd, settings.caFile) }),
    ...(settings.vendor === undefined ? {} : { vendor: settings.vendor }),
    softwareName: 'floe',
  }
}

function levelOf(
  address: ParsedExportUrl,
  settings: Settings,
  cwd: string,
): Pick<ExportRequest, 'level' | 'groupId' | 'patient' | 'identifier'> {
  const [group, another] = settings.group ?? []
  if (another !== undefined) throw usageError('an export is of one Group', 'give --group once')
  const told = [
    ...(group === undefined ? [] : (['group'] as const)),
    ...(settings.patientLevel === true ? (['patient'] as const) : []),
    ...(settings.system === true ? (['system'] as const) : []),
  ]
  if (told.length > 1) throw usageError('more than one level is told', 'give one of --group ID, --patient-level, --system')
  const [flag] = told
  if (flag !== undefined && address.level !== undefined && address.level !== flag) {
    throw usageError(`the address tells ${address.level} level, the options ${flag} level`, 'leave one of them out')
  }
  if (group !== undefined && address.groupId !== undefined && group !== address.groupId) {
    throw usageError('the address and --group name different Groups', 'leave one of them out')
  }
  const { patient = address.request.patient, identifier } = who(settings, cwd)
  const level = flag ?? address.level ?? (patient === undefined && identifier === undefined ? undefined : 'patient')
  if (level === undefined) {
    const examples = ['/Group/42', '/Patient', '/$export']
    throw usageError('no level is told: whose data is to be exported?', '--group ID, --patient-level or --system', [
      `Or an address that ends in one of ${examples.join(', ')}.`,
    ])
  }
  return {
    level,
    ...(level === 'group' ? { groupId: group ?? address.groupId ?? '' } : {}),
    ...(patient === undefined ? {} : { patient }),
    ...(identifier === undefined ? {} : { identifier }),
  }
}

/** The patients that are told: by `--patient`, or by a list of ids or medical record numbers. */
function who(settings: Settings, cwd: string): Pick<ExportRequest, 'patient' | 'identifier'> {
  const { patient, idFile, idSystem, exportMode } = settings
  if (idFile === undefined) {
    if (idSystem !== undefined) throw usageError('--id-system goes with --id-file', '--id-file patients.csv')
    return patient === undefined ? {} : { patient: ids(patient, cwd) }
  }
  if (patient !== undefined) throw usageError('--patient and --id-file both name patients', 'leave one of them out')
  const { column, values } = readIdList(resolve(cwd, idFile))
  if (column === 'id') return { patient: values }
  if (exportMode !== 'crawl') throw usageError('--id-file with a column mrn needs searches', '--export-mode crawl')
  if (idSystem === undefined)
    throw usageError('--id-file has a column mrn: of which system are its numbers?', '--id-system urn:oid:1.2.3')
  return { identifier: values.map((value) => `${idSystem}|${value}`) }
}

/** Ids as given; `@FILE` holds one to a line. */
export function ids(told: readonly string[], cwd: string): string[] {
  return told.flatMap((item) => {
    if (!item.startsWith('@')) return [item]
    const path = resolve(cwd, item.slice(1))
    try {
      return readFileSync(path, 'utf8')
        .split(/[\s,]+/)
        .filter((id) => id !== '')
    } catch (cause) {
      throw usageError(`the file of ids ${path} cannot be read (${(cause as NodeJS.ErrnoException).code})`)
    }
  })
}

/** A FHIR instant; a date or a time without seconds is refused by name, since the server would guess. */
export function instant(option: string, text: string): string {
  const full = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(full) && !Number.isNaN(Date.parse(full)))
    return full
  throw usageError(
    `--${option} ${text} is no instant`,
    `--${option} 2026-11-21T00:00:00Z${option === 'since' ? ', a date, or auto' : ', or a date'}`,
  )
}

function parameters(settings: Settings): Partial<ExportRequest> {
  const named = {
    type: settings.type,
    typeFilter: settings.typeFilter,
    elements: settings.elements,
    includeAssociatedData: settings.includeAssociatedData,
  }
  const texts = { outputFormat: settings.outputFormat, organizeOutputBy: settings.organizeOutputBy }
  const given = Object.fromEntries(Object.entries({ ...named, ...texts }).filter(([, value]) => value !== undefined))
  const extra = settings.param?.map((item): readonly [string, string] => {
    const at = item.indexOf('=')
    if (at < 1) throw usageError(`--param ${item} has no value`, '--param name=value')
    return [item.slice(0, at), item.slice(at + 1)]
  })
  return {
    ...given,
    ...(settings.until === undefined ? {} : { until: instant('until', settings.until) }),
    ...(settings.partialManifests === undefined ? {} : { allowPartialManifests: settings.partialManifests }),
    ...(extra === undefined ? {} : { parameters: extra }),
    kickoff: settings.kickoff,
    ...(settings.exportMode === 'crawl' ? { mode: 'crawl' as const } : {}),
    ...(settings.lenient === undefined ? {} : { lenient: settings.lenient }),
  }
}

export function transferOptions(settings: Settings): TransferOptions {
  return {
    ...(settings.compress === undefined ? {} : { compress: settings.compress }),
    ...(settings.keepJob === undefined ? {} : { keepJob: settings.keepJob }),
    ...(settings.allowCountMismatch === undefined ? {} : { allowCountMismatch: settings.allowCountMismatch }),
    ...(settings.rateLimit === undefined ? {} : { rateLimit: settings.rateLimit }),
    ...(settings.range ? {} : { noRange: true }),
    minFreeBytes: settings.minFreeSpace,
    parallel: settings.parallel,
    retries: settings.retries,
    retryMaxTimeMs: settings.retryMaxTime,
    idleTimeoutMs: settings.idleTimeout,
    pollMaxMs: settings.pollMax,
    waitMaxMs: settings.waitMax,
  }
}

/** The one way to authenticate that is told; two are a usage error, none is none. */
export function authMethod(settings: Settings, cwd: string): AuthMethod | undefined {
  const { smartKey, clientSecret: secret, basicUser, basicPasswd, bearerToken: token, kid, scope, tokenUrl } = settings
  const told = [
    smartKey && '--smart-key',
    secret && '--client-secret',
    basicUser && '--basic-user',
    token && '--bearer-token',
  ].filter((flag): flag is string => typeof flag === 'string')
  if (told.length > 1) throw usageError(`${told.join(' and ')}: only one way to authenticate is taken`)
  const extras = { ...(scope === undefined ? {} : { scope }), ...(tokenUrl === undefined ? {} : { tokenUrl }) }
  if (smartKey !== undefined) {
    const clientId = needClientId(settings, cwd, '--smart-key')
    const privateKey = keyReference(smartKey, cwd)
    return smartBackendServices({ clientId, privateKey, ...extras, ...(kid === undefined ? {} : { kid }) })
  }
  if (secret !== undefined)
    return clientSecret({ clientId: needClientId(settings, cwd, '--client-secret'), secret: fileFrom(secret, cwd), ...extras })
  if (basicUser !== undefined) {
    if (basicPasswd === undefined) throw usageError('--basic-user needs --basic-passwd', '--basic-passwd env:NAME')
    return basicAuth({ user: basicUser, password: fileFrom(basicPasswd, cwd) })
  }
  if (token !== undefined) return bearerToken(fileFrom(token, cwd))
  if (settings.smartClientId !== undefined) {
    throw usageError('--smart-client-id needs a key', '--smart-key key.json   # floe keys new --out key.json makes one')
  }
  return undefined
}

function needClientId(settings: Settings, cwd: string, flag: string): string {
  const told = settings.smartClientId
  if (told === undefined) throw usageError(`${flag} needs --smart-client-id`, '--smart-client-id ID')
  const path = resolve(cwd, told)
  try {
    if (statSync(path).isFile()) return readFileSync(path, 'utf8').trim()
  } catch {
    // No such file: it is the id itself.
  }
  return told
}

function keyReference(told: string, cwd: string): string {
  if (/^(env|file):/.test(told)) return fileFrom(told, cwd)
  const path = resolve(cwd, told)
  try {
    if (statSync(path).isFile()) return `file:${path}`
  } catch {
    // Said below.
  }
  throw usageError(`the key ${told} cannot be read`, 'floe keys new --out key.json')
}

/** References are kept in the export folder, so paths in them are absolute. */
function fileFrom(reference: string, cwd: string): string {
  return reference.startsWith('file:') ? `file:${resolve(cwd, reference.slice('file:'.length))}` : reference
}
