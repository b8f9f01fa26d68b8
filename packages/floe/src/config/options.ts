import { flagOf, kebab, type OptionSpec, type OptionValue } from './option.ts'
import * as ofExport from './options-export.ts'
import * as ofLake from './options-lake.ts'
import * as ofServer from './options-server.ts'
import * as ofTools from './options-tools.ts'

type Tables = typeof ofExport & typeof ofLake & typeof ofServer & typeof ofTools
type Spec = Tables[keyof Tables][number]

/** Every option's value by configuration key; absent where nothing was told and there is no default. */
export type Settings = {
  readonly [S in Spec as S['key']]: S extends { readonly default: string } ? OptionValue<S> : OptionValue<S> | undefined
}

export type OptionKey = keyof Settings

type Row = Omit<OptionSpec, 'group' | 'commands'>

function section(group: string, commands: readonly string[], rows: readonly Row[]): OptionSpec[] {
  return rows.map((row) => ({ ...row, group, commands }))
}

const connecting = ['export', 'etl', 'resume', 'cancel']
const downloading = ['export', 'etl', 'resume']
const kickingOff = ['export', 'etl']
const loading = ['load', 'etl']
const quarantine = ['quarantine list', 'quarantine replay']
const outFiles = ['out ndjson', 'out csv', 'out parquet']
const out = ['out cumulus', ...outFiles, 'out postgres']
const upkeep = ['maintain', 'rebuild', 'rollback', 'diff', ...quarantine, ...out]
const serving = ['serve', 'clients add', 'clients list', 'clients remove']
const onLake = ['load', 'etl', 'build', 'view run', 'view sql', 'query', 'tables', 'history', 'status', ...upkeep, ...serving]
const printing = ['view run', 'query']

/**
 * The one option table: flags, environment, configuration file, help, docs/cli.md, docs/config.md and the JSON schema come from
 * it.
 */
export const options: readonly OptionSpec[] = [
  ...section('Lake', onLake, ofLake.lakeOptions),
  ...section('Input', ['view run'], ofLake.viewInputOptions),
  ...section('Input', ['etl'], ofLake.allSourcesOptions),
  ...section('Load', loading, ofLake.loadOptions),
  ...section('Load', [...loading, 'quarantine replay'], ofLake.lineOptions),
  ...section('Quarantine', quarantine, ofLake.quarantineOptions),
  ...section('Maintenance', ['maintain'], ofLake.maintainOptions),
  ...section('Target', out, ofLake.outTargetOptions),
  ...section('Target', [...outFiles, 'out postgres'], ofLake.outTableOptions),
  ...section('Target', ['out cumulus'], ofLake.outCumulusOptions),
  ...section('Target', ['out postgres'], ofLake.outPostgresOptions),
  ...section('Load', [...loading, 'status', 'query', 'build'], ofLake.completenessOptions),
  ...section('Views', ['build', 'etl', 'rollback'], ofLake.buildOptions),
  ...section('Views', ['build'], ofLake.watchOptions),
  ...section('Level', [...kickingOff, 'clients add'], ofExport.groupOptions),
  ...section('Level', kickingOff, ofExport.levelOptions),
  ...section('Connect', connecting, ofExport.connectOptions),
  ...section('Connect', [...connecting, 'clients add'], ofExport.scopeOptions),
  ...section('Connect', [...connecting, 'keys new'], ofExport.keyIdOptions),
  ...section('Parameters', kickingOff, ofExport.parameterOptions),
  ...section('Parameters', kickingOff, ofExport.modeOptions),
  ...section('Additions', downloading, ofExport.additionOptions),
  ...section('Job', ['export'], ofExport.takeUpOptions),
  ...section('Job', downloading, ofExport.jobOptions),
  ...section('Download', downloading, ofExport.downloadOptions),
  ...section('Files', ['export', 'etl'], ofLake.exportToOptions),
  ...section('Files', ['export', 'etl', 'load', 'synth'], ofLake.fileOptions),
  ...section('Population', ['demo', 'synth'], ofTools.populationOptions),
  ...section('Population', ['demo'], ofTools.demoOptions),
  ...section('Server', ['demo', 'serve'], ofTools.portOptions),
  ...section('Server', ['serve'], ofServer.serveOptions),
  ...section('Client', ['clients add', 'clients remove'], ofServer.clientIdOptions),
  ...section('Client', ['clients add'], ofServer.clientOptions),
  ...section('Population', ['synth'], ofTools.synthOptions),
  ...section('Query', ['query'], ofLake.queryOptions),
  ...section('SQL', ['view sql'], ofLake.viewSqlOptions),
  ...section('Key', ['keys new'], ofTools.keyOptions),
  ...section('Filter', ['ndjson filter'], ofTools.filterOptions),
  ...section('Split', ['ndjson split'], ofTools.splitOptions),
  ...section('Output', printing, ofLake.rowOptions),
  ...section('Output', ['synth', 'keys new', ...printing, 'ndjson split', 'ndjson merge', 'ndjson filter'], ofTools.outOptions),
  ...section('Output', ['config'], ofTools.configOptions),
  ...section('Every command', [], ofTools.commonOptions),
]

/** The options of a command (`view run`), those of every command included. */
export function optionsOf(command: string): readonly OptionSpec[] {
  return options.filter((spec) => spec.configOnly !== true && (spec.commands.length === 0 || spec.commands.includes(command)))
}

/** Options that may stand in the environment and the configuration file. */
export function configurable(): readonly OptionSpec[] {
  return options.filter((spec) => spec.flagOnly !== true)
}

/** Every spelling of a flag that is accepted, in the form `smart-jwks`, with its option. */
export function spellings(specs: readonly OptionSpec[]): ReadonlyMap<string, OptionSpec> {
  const map = new Map<string, OptionSpec>()
  for (const spec of specs) {
    for (const name of [flagOf(spec).slice(2), ...(spec.aliases ?? [])]) map.set(name, spec)
  }
  return map
}

/**
 * The spelling of a flag that floe has, whatever it was typed like: `_typeFilter`, `type_filter` and `TypeFilter` are
 * `type-filter`.
 */
export function plainSpelling(name: string): string {
  return kebab(name.replace(/^_+/, '').replace(/^[A-Z]/, (letter) => letter.toLowerCase())).replaceAll('_', '-')
}
