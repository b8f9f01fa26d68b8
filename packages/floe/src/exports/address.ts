import type { ExportLevel, ExportRequest } from '@floe/client'
import { usageError } from '../errors.ts'

/** What a FHIR address tells: base, level and, where it carries `$export?…`, parameters. */
export interface ExportAddress {
  readonly fhirUrl: string
  readonly level?: ExportLevel
  readonly groupId?: string
  readonly parameters: Partial<ExportRequest>
}

/** Takes `https://ehr/fhir/Group/42/$export?_type=Patient` apart; also `/Patient`, the bare base, and each without `$export`. */
export function parseExportAddress(text: string): ExportAddress {
  if (!URL.canParse(text) || !/^https?:\/\//i.test(text)) {
    throw usageError(`${text} is no address of a FHIR server`, 'floe export https://ehr.example.org/fhir/Group/42 ./export', [
      'It begins with https:// (or http://).',
    ])
  }
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') {
    throw usageError('the address holds a password', '--basic-user USER --basic-passwd env:NAME')
  }
  const parts = url.pathname.split('/').filter((part) => part !== '')
  const exported = decode(parts.at(-1) ?? '') === '$export'
  if (exported) parts.pop()
  if (!exported && url.search !== '') {
    throw usageError('the address has parameters but no $export', "quote it: 'https://ehr/fhir/Group/42/$export?_type=Patient'")
  }
  const base = (count: number): string =>
    `${url.origin}${parts
      .slice(0, parts.length - count)
      .map((part) => `/${part}`)
      .join('')}`
  const parameters = parametersOf(url.searchParams)
  if (parts.at(-2) === 'Group') {
    return { fhirUrl: base(2), level: 'group', groupId: decode(parts.at(-1) ?? ''), parameters }
  }
  if (parts.at(-1) === 'Patient') return { fhirUrl: base(1), level: 'patient', parameters }
  if (exported) return { fhirUrl: base(0), level: 'system', parameters }
  return { fhirUrl: base(0), parameters }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

const listed = ['_type', '_elements', 'includeAssociatedData', 'patient'] as const
const single = ['_since', '_until', '_outputFormat', 'organizeOutputBy'] as const

function parametersOf(search: URLSearchParams): Partial<ExportRequest> {
  const found: Record<string, unknown> = {}
  const rest: [string, string][] = []
  for (const [name, value] of search) {
    const key = name.replace(/^_/, '')
    if ((listed as readonly string[]).includes(name)) {
      found[key] = [...((found[key] as string[] | undefined) ?? []), ...value.split(',').filter((item) => item !== '')]
    } else if (name === '_typeFilter') found.typeFilter = [...((found.typeFilter as string[] | undefined) ?? []), value]
    else if ((single as readonly string[]).includes(name)) found[key] = value
    else if (name === 'allowPartialManifests') found.allowPartialManifests = value === 'true'
    else rest.push([name, value])
  }
  return { ...(found as Partial<ExportRequest>), ...(rest.length === 0 ? {} : { parameters: rest }) }
}
