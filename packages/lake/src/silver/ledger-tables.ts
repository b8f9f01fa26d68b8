import type { StructShape } from '../iceberg/shape.ts'

export type LedgerTable =
  | 'loads'
  | 'completion'
  | 'reconciliation'
  | 'quarantine'
  | 'tombstones'
  | 'tracked'
  | 'conditional_references'
  | 'etl__completion'
  | 'etl__completion_encounters'

/**
 * The tables of namespace `floe` (CONTRACT §4, rule 12). Names and order of columns are part of the contract.
 *
 * Beyond what it names: `loads` says what a load was told (`excluded_resources`) and made of (`fingerprint`), `quarantine` where
 * the line lies, `conditional_references` the references that name their target by identifier, and `tracked` since when an
 * Encounter is tracked, per source: Cumulus' own table knows no source.
 */
export const ledgerTables: Readonly<Record<LedgerTable, StructShape>> = {
  loads: table({
    load_id: 'string',
    export_id: 'string',
    source: 'string',
    group_name: 'string',
    export_time: 'timestamptz',
    kind: 'string',
    status: 'string',
    asserted: 'string',
    started_at: 'timestamptz',
    finished_at: 'timestamptz',
    excluded_resources: 'string',
    fingerprint: 'string',
  }),
  completion: table({
    source: 'string',
    group_name: 'string',
    type: 'string',
    export_id: 'string',
    export_time: 'timestamptz',
    kind: 'string',
    rows: 'long',
    quarantined: 'long',
    complete: 'boolean',
    reason: 'string',
  }),
  reconciliation: table({
    load_id: 'string',
    export_id: 'string',
    source: 'string',
    type: 'string',
    manifest_count: 'long',
    lines: 'long',
    rows: 'long',
    duplicates: 'long',
    stale: 'long',
    quarantined: 'long',
    holds: 'boolean',
  }),
  quarantine: table({
    export_id: 'string',
    source: 'string',
    type: 'string',
    file: 'string',
    line: 'long',
    reason: 'string',
    replayed: 'boolean',
    byte_offset: 'long',
    bytes: 'long',
  }),
  tombstones: table({ source: 'string', type: 'string', id: 'string', deleted_at: 'timestamptz', export_id: 'string' }),
  tracked: table({
    source: 'string',
    group_name: 'string',
    encounter_id: 'string',
    export_time: 'timestamptz',
    export_id: 'string',
  }),
  conditional_references: table({ source: 'string', type: 'string', reference: 'string', system: 'string', value: 'string' }),
  etl__completion: table({
    table_name: 'string',
    group_name: 'string',
    export_time: 'string',
    export_url: 'string',
    etl_version: 'string',
    etl_time: 'string',
    excluded_resources: 'string',
  }),
  etl__completion_encounters: table({
    encounter_id: 'string',
    group_name: 'string',
    export_time: 'string',
    excluded_resources: 'string',
  }),
}

function table(struct: StructShape['struct']): StructShape {
  return { struct }
}
