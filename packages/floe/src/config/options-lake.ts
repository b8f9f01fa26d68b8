/** Which lake. */
export const lakeOptions = [
  { key: 'lake', type: 'path', value: 'DIR', help: "the lake's folder" },
  { key: 'memoryLimit', type: 'text', value: 'SIZE', help: "bound of the engine's memory, e.g. 1GB" },
  { key: 'threads', type: 'integer', min: 1, help: 'threads of the engine; default: the cores' },
] as const

/** How exports are loaded. */
export const loadOptions = [
  { key: 'source', type: 'text', value: 'NAME', default: 'default', help: 'the system that the data comes from' },
  { key: 'exportGroup', type: 'text', value: 'NAME', help: 'group of an export without a log' },
  { key: 'exportTimestamp', type: 'text', value: 'INSTANT', help: 'transaction time of an export without a log' },
  { key: 'untracked', type: 'flag', help: 'load without group and time: no completeness' },
  { key: 'excludeResources', type: 'list', value: 'T,…', help: 'types that this site does not have' },
  { key: 'assertComplete', type: 'text', value: 'REASON', help: 'count a slice as complete; the reason is kept' },
  {
    key: 'fhirVersion',
    type: 'choice',
    choices: ['R4', 'R4B', 'R5'],
    defaultText: 'R4',
    help: 'the release of FHIR that a new lake holds; fixed when it is made',
  },
  { key: 'raw', type: 'flag', negated: true, default: 'true', help: 'leave the column _raw out of new tables' },
] as const

export const lineOptions = [
  { key: 'maxLine', type: 'size', value: 'SIZE', default: '32MB', help: 'longest line that is taken' },
] as const

export const quarantineOptions = [
  { key: 'export', type: 'text', value: 'ID', flagOnly: true, help: 'only this export; SOURCE/ID where several hold it' },
] as const

/** What `floe maintain` keeps. */
export const maintainOptions = [
  { key: 'expireOlderThan', type: 'duration', value: 'TIME', default: '5d', help: 'forget snapshots that are older' },
  { key: 'keepSnapshots', type: 'integer', min: 1, default: '10', help: 'but keep so many of the newest' },
  {
    key: 'orphansOlderThan',
    type: 'duration',
    value: 'TIME',
    default: '3d',
    help: 'remove files that no table names after that',
  },
  {
    key: 'dropTagsOlderThan',
    type: 'duration',
    value: 'TIME',
    flagOnly: true,
    help: 'forget the snapshots of exports that are older, too: --as-of does not find them any more',
  },
  {
    key: 'dropBronzeOlderThan',
    type: 'duration',
    value: 'TIME',
    help: 'remove the files of exports loaded longer ago from bronze: rebuild, and rollback of all but the newest, end with that',
  },
  { key: 'relocate', type: 'flag', flagOnly: true, help: 'the lake was moved or copied: name the folder that it lies in now' },
] as const

/** Where tables go. */
export const outTargetOptions = [
  {
    key: 'to',
    type: 'text',
    value: 'TARGET',
    flagOnly: true,
    help: 'a file (cumulus), a folder, or env:NAME, file:PATH with the address (postgres)',
  },
  { key: 'overwrite', type: 'flag', flagOnly: true, help: 'replace what is there' },
] as const

export const outTableOptions = [
  { key: 'table', type: 'list', value: 'T,…', flagOnly: true, help: 'only these tables; default: all of silver and gold' },
] as const

export const outCumulusOptions = [
  { key: 'onlySource', type: 'text', value: 'NAME', flagOnly: true, help: 'only this source: Cumulus knows none' },
] as const

export const outPostgresOptions = [
  {
    key: 'postgresSchema',
    type: 'text',
    value: 'S',
    aliases: ['schema'],
    flagOnly: true,
    help: 'one schema for all tables; default: silver and gold',
  },
] as const

export const exportToOptions = [
  {
    key: 'exportTo',
    type: 'path',
    value: 'PATH',
    short: 'd',
    aliases: ['destination'],
    help: 'where the export goes; etl: default in the lake',
  },
] as const

export const fileOptions = [
  {
    key: 'compress',
    type: 'choice',
    choices: ['none', 'gzip', 'zstd'],
    defaultText: 'none; in a lake: zstd',
    help: 'compression of the NDJSON files',
  },
] as const

export const buildOptions = [
  { key: 'views', type: 'path', value: 'DIR', help: 'a folder with your own ViewDefinitions and SQLQuery Libraries' },
  { key: 'rules', type: 'path', value: 'DIR', help: 'a folder with your own validation rules' },
] as const

export const allSourcesOptions = [
  {
    key: 'allSources',
    type: 'flag',
    flagOnly: true,
    help: 'every source of "sources" in the configuration file; exports side by side, one failing stops no other',
  },
] as const

export const watchOptions = [
  {
    key: 'watch',
    type: 'flag',
    flagOnly: true,
    help: 'build again whenever a file of --views or --rules changes; ends with Ctrl-C',
  },
] as const

export const completenessOptions = [
  {
    key: 'requiredTypes',
    type: 'list',
    value: 'T,…',
    configOnly: true,
    defaultText: 'the ten of Cumulus and MedicationDispense',
    help: 'linked types that an Encounter waits for',
  },
] as const

export const queryOptions = [
  {
    key: 'asOf',
    type: 'text',
    value: 'EXPORT|INSTANT|SNAPSHOT',
    flagOnly: true,
    help: 'the lake after that export, at that time, or in that snapshot',
  },
  { key: 'unsafe', type: 'flag', flagOnly: true, help: 'allow files and settings outside the lake; writing to the lake never' },
] as const

export const viewInputOptions = [
  { key: 'from', type: 'path', value: 'FOLDER', flagOnly: true, help: 'run on the NDJSON files of a folder' },
  { key: 'stdin', type: 'flag', flagOnly: true, help: 'run on NDJSON from standard input' },
] as const

export const viewSqlOptions = [
  { key: 'dialect', type: 'choice', choices: ['duckdb', 'spark'], default: 'duckdb', help: 'whose SQL' },
  { key: 'explain', type: 'flag', flagOnly: true, help: "with DuckDB's plan" },
] as const

export const rowOptions = [
  {
    key: 'format',
    type: 'choice',
    choices: ['table', 'csv', 'ndjson', 'json', 'parquet'],
    defaultText: 'table on a terminal, else ndjson',
    help: 'how rows are printed',
  },
] as const
