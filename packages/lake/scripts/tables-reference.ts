import { controlColumns, rawColumn } from '../src/silver/columns.ts'
import { type LedgerTable, ledgerTables } from '../src/silver/ledger-tables.ts'

/** What each table of the ledger holds a row for. */
const rowsOf: Record<LedgerTable, string> = {
  loads: 'each load of an export',
  completion: 'each export and type, also those that are not complete',
  reconciliation: 'each load and type: the equation `lines = rows + duplicates + stale + quarantined`',
  quarantine: 'each line that was refused',
  tombstones: 'each resource that a server reported as deleted',
  tracked: 'each Encounter of a tracked Group, and since when it is tracked',
  conditional_references:
    'each reference of the data that names its target by identifier (`Practitioner?identifier=…`, `Reference.identifier`)',
  etl__completion: 'each completed export and type, as Cumulus ETL writes it',
  etl__completion_encounters: 'each Encounter of an export, as Cumulus ETL writes it',
}

/** Columns whose name alone does not say what they hold; `table.column` where tables differ. */
const meanings: Record<string, string> = {
  asserted: 'the reason that `--assert-complete` gave',
  blocked_by: 'the types that it waits for',
  byte_offset: 'where the line begins in the file',
  bytes: 'its length',
  complete: 'whether it counts as all that the server had of the type; null where that cannot be told',
  deleted_at: 'the time of the deletion: only a version with a later `meta.lastUpdated` comes back',
  duplicates: 'lines that lost to another line of the same load',
  excluded_resources: 'types that the site does not have (`--exclude-resources`)',
  export_id: 'the export, as the server or its log names it',
  export_time: "the export's `transactionTime`",
  file: 'relative to the export folder',
  fingerprint: 'what the folder held: the same again changes nothing',
  group_name: 'id of the exported Group; empty for other levels',
  holds: 'whether the equation holds',
  kind: '`full`, `incremental`, `partial` or `untracked`',
  line: 'from 1, as an editor counts',
  lines: 'lines in the files of the type',
  manifest_count: 'the count that the manifest tells, null where it tells none',
  quarantined: 'lines that were refused',
  'quarantine.reason':
    'begins with `json`, `encoding`, `type`, `id`, `shape`, `size`, `depth`, `duplicate-key`, `truncated` or `deletion`',
  reason: 'why it is not complete',
  reference: 'as it stands in the data',
  replayed: 'whether `floe quarantine replay` loaded it since',
  rows: 'lines that became the current version',
  source: 'name of the EHR or folder (`--source`)',
  stale: 'lines that are not newer than what the lake held',
  status: '`complete`, `incomplete`, `failed` or `rolled back`',
  system: 'of the identifier',
  type: 'resource type',
  value: 'of the identifier',
  id: 'id of the resource',
  _source: 'the source that it came from; with `id` the key of a row',
  _patient:
    'id of the patient whose compartment the resource is in, by reference or by an identifier that one patient has; null for none',
  _version_id: '`meta.versionId`',
  _last_updated: '`meta.lastUpdated` as an instant; null where there is none',
  _export_id: 'the export that brought this version',
  _ingested_at: 'when it was loaded',
  [rawColumn]: 'the line as it was loaded, byte for byte (left out with `--no-raw`)',
}

const row = (cells: readonly string[]): string => `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`

/** The page docs/tables.md, made from the shapes that tables are made with. */
export function tablesReference(): string {
  const overview = Object.entries(rowsOf).map(([name, rows]) => row([`[floe.${name}](#floe${name})`, rows]))
  const sections = Object.entries(ledgerTables).flatMap(([name, { struct }]) => [
    `## floe.${name}`,
    '',
    `One row for ${rowsOf[name as LedgerTable]}.`,
    '',
    ...columnsTable(Object.entries(struct).map(([column, type]) => [column, String(type), meaningOf(name, column)])),
    '',
  ])
  return [
    '# Tables',
    '',
    '<!-- Made by scripts/generate-docs.ts from packages/lake/src/silver; do not edit. -->',
    '',
    'Reference, for whoever writes SQL. `floe tables` lists what a lake holds, `floe query "describe silver.patient"` the columns of a table.',
    '',
    '| namespace | holds | made by |',
    '| --- | --- | --- |',
    '| `silver` | one table per resource type, current versions only | `floe load`, `floe etl` |',
    '| `gold` | one table per [view](views-reference.md) and [mart](marts.md) | `floe build`, `floe etl` |',
    '| `floe` | the ledger, and the [quality](quality.md) of the data | all of them |',
    '',
    'Two views are there in `floe query` only: `floe.encounters(_source, id, visible, blocked_by)`, every Encounter and whether gold shows it, and `floe.visible(_source, type, id)`, every resource that gold may show.',
    '',
    '## silver',
    '',
    'Control columns come first, then the elements of the type that have occurred, named and nested as in FHIR (`code`, `valueQuantity`, `_birthDate`), then the text.',
    '',
    ...columnsTable([
      ...Object.entries(controlColumns.struct).map(([column, type]) => [column, String(type), meaningOf('silver', column)]),
      [rawColumn, 'string', meaningOf('silver', rawColumn)],
    ]),
    '',
    'Lists are lists, `contained` is a list of structs, dates and times are text as loaded, decimals numbers: digits as written are in the text. Columns are added when elements occur for the first time; none is retyped or dropped. What lies in more than 16 lists, one in the other, is in the text only.',
    '',
    '## The ledger',
    '',
    '| table | one row for |',
    '| --- | --- |',
    ...overview,
    '',
    ...sections,
  ].join('\n')
}

function columnsTable(columns: readonly (readonly string[])[]): string[] {
  return [
    '| column | type | what |',
    '| --- | --- | --- |',
    ...columns.map(([name = '', ...rest]) => row([`\`${name}\``, ...rest])),
  ]
}

function meaningOf(table: string, column: string): string {
  return meanings[`${table}.${column}`] ?? meanings[column] ?? ''
}
