import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BronzeExport, BronzeShape, BronzeType, ExportIdentity, Outcome, QuarantineEntry } from '../bronze/types.ts'

export interface TestExport {
  /** Resources or whole lines, per type. */
  readonly types?: Readonly<Record<string, readonly (string | object)[]>>
  readonly deletions?: readonly { readonly type: string; readonly id: string; readonly deletedAt: string }[]
  readonly identity?: Partial<ExportIdentity>
  readonly facts?: Readonly<Record<string, Partial<BronzeType>>>
  readonly outcomes?: readonly Outcome[]
  readonly quarantine?: readonly QuarantineEntry[]
  readonly refused?: readonly string[]
}

/** A registered export made by hand: what silver is given, without the scanner. */
export async function testExport(dir: string, spec: TestExport): Promise<BronzeExport> {
  const { types = {}, deletions = [], outcomes = [], quarantine = [], refused = [], facts = {} } = spec
  const identity = { ...defaultIdentity, ...spec.identity }
  const folder = join(dir, identity.source, identity.exportId)
  await mkdir(folder, { recursive: true })
  const listed = await Promise.all(
    Object.entries(types).map(async ([type, resources]) => ({
      ...(await typeOf(folder, type, resources, identity)),
      ...facts[type],
    })),
  )
  const deletionsFile = join(folder, 'deletions.ndjson')
  await writeFile(
    deletionsFile,
    deletions.map((each) => `${JSON.stringify({ file: 'deleted/Bundle.ndjson', line: 1, ...each })}\n`).join(''),
  )
  const counts: Record<string, number> = {}
  for (const { type } of deletions) counts[type] = (counts[type] ?? 0) + 1
  return {
    identity,
    dir: folder,
    types: listed,
    deletionsFile: deletions.length === 0 ? null : deletionsFile,
    deletions: counts,
    quarantine,
    unlisted: [],
    outcomes,
    notices: [],
    refused,
    fingerprint: createHash('sha256')
      .update(JSON.stringify([identity, types, deletions]))
      .digest('hex'),
    unchanged: false,
    stage: async () => undefined,
    verify: async () => undefined,
    release: async () => undefined,
  }
}

const defaultIdentity: ExportIdentity = {
  exportId: 'e1',
  source: 'default',
  group: 'g',
  exportTime: '2026-01-01T00:00:00.000Z',
  tracked: true,
  kind: 'full',
  since: null,
  exportUrl: 'https://ehr.example.org/fhir/Group/g/$export',
  requestedTypes: null,
}

async function typeOf(
  folder: string,
  type: string,
  resources: readonly (string | object)[],
  { kind, since }: ExportIdentity,
): Promise<BronzeType> {
  const lines = resources.map((each) => (typeof each === 'string' ? each : JSON.stringify({ resourceType: type, ...each })))
  const path = join(folder, `${type}.000.ndjson`)
  const text = lines.map((line) => `${line}\n`).join('')
  await writeFile(path, text)
  const parsed = lines.map((line) => JSON.parse(line) as unknown)
  const file = {
    path,
    compression: 'none' as const,
    lines: lines.length,
    bytes: Buffer.byteLength(text),
    maxLine: Math.max(0, ...lines.map((line) => Buffer.byteLength(line))),
    relative: `${type}.000.ndjson`,
    copy: `${type}.000.ndjson`,
    sha256: createHash('sha256').update(text).digest('hex'),
  }
  const shape = parsed.map(shapeOf).reduce<BronzeShape>(union, { struct: {} }) as { struct: Record<string, BronzeShape> }
  const { resourceType: _, ...struct } = shape.struct
  return {
    type,
    files: lines.length === 0 ? [] : [file],
    lines: lines.length,
    quarantined: 0,
    manifestCount: null,
    shape: { struct },
    torn: false,
    kind,
    since,
  }
}

function shapeOf(value: unknown): BronzeShape {
  if (typeof value === 'number') return 'double'
  if (typeof value === 'boolean') return 'boolean'
  if (Array.isArray(value)) return { list: value.map(shapeOf).reduce(union) }
  if (typeof value !== 'object' || value === null) return 'string'
  return { struct: Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)])) }
}

function union(a: BronzeShape, b: BronzeShape): BronzeShape {
  if (typeof a === 'string' || typeof b === 'string') return a
  if ('list' in a && 'list' in b) return { list: union(a.list, b.list) }
  if (!('struct' in a && 'struct' in b)) return a
  const names = new Set([...Object.keys(a.struct), ...Object.keys(b.struct)])
  return {
    struct: Object.fromEntries(
      [...names].map((name) => {
        const [one, two] = [a.struct[name], b.struct[name]]
        return [name, one !== undefined && two !== undefined ? union(one, two) : ((one ?? two) as BronzeShape)]
      }),
    ),
  }
}
