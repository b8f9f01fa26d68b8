export const demoOptions = [
  { key: 'dir', type: 'path', value: 'DIR', flagOnly: true, default: './floe-demo', help: 'where everything goes' },
] as const

export const portOptions = [
  {
    key: 'port',
    type: 'integer',
    min: 0,
    max: 65535,
    defaultText: 'serve: 8484; demo: 0',
    help: 'port of the FHIR server; 0 takes a free one',
  },
] as const

export const populationOptions = [
  { key: 'patients', type: 'integer', min: 1, flagOnly: true, defaultText: 'demo: 100', help: 'how many people' },
  { key: 'seed', type: 'integer', min: 0, flagOnly: true, default: '1', help: 'same seed, same bytes' },
] as const

export const synthOptions = [
  { key: 'later', type: 'path', value: 'DIR', flagOnly: true, help: 'a second export of the same people: changes and deletions' },
] as const

export const outOptions = [{ key: 'out', type: 'path', value: 'PATH', flagOnly: true, help: 'where the output goes' }] as const

export const keyOptions = [
  { key: 'alg', type: 'choice', choices: ['RS384', 'ES384'], default: 'ES384', flagOnly: true, help: 'signature algorithm' },
] as const

export const configOptions = [
  { key: 'schema', type: 'flag', flagOnly: true, help: 'print the JSON schema of floe.config.json' },
] as const

export const filterOptions = [
  { key: 'ids', type: 'list', value: 'ID,…|@FILE', flagOnly: true, help: 'keep resources with these ids' },
  { key: 'resourceType', type: 'list', value: 'T,…', flagOnly: true, help: 'keep resources of these types' },
  {
    key: 'changedSince',
    type: 'text',
    value: 'INSTANT',
    flagOnly: true,
    help: 'keep resources with meta.lastUpdated at or after',
  },
] as const

export const splitOptions = [
  { key: 'lines', type: 'integer', min: 1, flagOnly: true, help: 'lines per file; without it one file per resource type' },
] as const

/** What every command takes. */
export const commonOptions = [
  { key: 'json', type: 'flag', flagOnly: true, help: 'one JSON object on standard output; long commands print events before it' },
  { key: 'verbose', type: 'flag', short: 'v', flagOnly: true, help: 'say more; -vv: the chain of causes of an error' },
  { key: 'quiet', type: 'flag', short: 'q', flagOnly: true, help: 'no progress' },
  { key: 'config', type: 'path', value: 'FILE', short: 'c', help: 'configuration file; default: floe.config.json or .ts here' },
] as const
