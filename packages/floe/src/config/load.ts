import { existsSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { usageError } from '../errors.ts'
import { nearest } from './nearest.ts'
import { envOf, flagOf, type OptionSpec } from './option.ts'
import { configurable, type OptionKey, options, type Settings } from './options.ts'
import { type Origin, parseValue, type Value } from './values.ts'

export interface Configured {
  readonly settings: Settings
  /** Where each value came from. */
  readonly origins: ReadonlyMap<OptionKey, Origin>
  /** The configuration file in use. */
  readonly file?: string
  /** Variables that look like floe's and are not. */
  readonly notices: readonly string[]
  /** The names of `sources` in the configuration file. */
  readonly sources: readonly string[]
  /** The configuration of one of them: what its section tells stands over the rest of the file. */
  forSource(name: string): Promise<Configured>
}

export interface ConfigInput {
  /** Flags as parsed: text, text list or true by key. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** A name of `sources`. */
  readonly section?: string
}

const fileNames = ['floe.config.json', 'floe.config.ts']
/** Variables of the test and build machinery that share the prefix. */
const foreignVariables = new Set(['FLOE_SHARED', 'FLOE_CONFIG', 'FLOE_NODE_TRIED'])

/** Flags over environment over configuration file over defaults; whatever is wrong is a usage error that says where. */
export async function configure(input: ConfigInput): Promise<Configured> {
  const { flags, env, cwd, section } = input
  const values = new Map<string, Value>()
  const origins = new Map<OptionKey, Origin>()
  const set = (spec: OptionSpec, raw: unknown, origin: Origin, base = cwd): void => {
    const value = parseValue(spec, raw, origin)
    const fromFile = origin.from === 'file' && typeof value === 'string'
    const isPath = spec.type === 'path' || spec.type === 'secret'
    values.set(spec.key, fromFile && isPath ? relativeTo(base, value, spec.type) : value)
    origins.set(spec.key as OptionKey, origin)
  }
  for (const spec of options) if (spec.default !== undefined) set(spec, spec.default, { from: 'default', at: 'default' })
  let sections: Sections = {}
  const file = findFile(flags.config, env.FLOE_CONFIG, cwd)
  if (file !== undefined) {
    const known = new Map(configurable().map((spec) => [spec.key, spec]))
    const { sources, ...common } = await readConfig(file)
    sections = sectionsOf(sources, file)
    for (const [key, raw] of Object.entries({ ...common, ...(section === undefined ? {} : sections[section]) })) {
      const spec = known.get(key)
      if (spec !== undefined) set(spec, raw, { from: 'file', at: file }, dirname(file))
      else if (key !== '$schema') throw unknownKey(key, file, known.keys())
    }
  }
  for (const spec of configurable()) {
    const raw = env[envOf(spec)]
    if (raw !== undefined && raw !== '' && spec.key !== 'config') set(spec, raw, { from: 'environment', at: envOf(spec) })
  }
  for (const spec of options) {
    const raw = flags[spec.key]
    if (raw !== undefined) set(spec, raw, { from: 'flag', at: flagOf(spec) })
  }
  return {
    settings: Object.fromEntries(values) as unknown as Settings,
    origins,
    notices: strangers(env),
    sources: Object.keys(sections),
    forSource: (name) => configure({ ...input, flags: { ...flags, source: name }, section: name }),
    ...(file === undefined ? {} : { file }),
  }
}

type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** A path in a file is relative to the file, as `file:PATH` too; `env:NAME` and a secret itself are no paths. */
function relativeTo(base: string, value: string, type: 'path' | 'secret'): string {
  if (value.startsWith('file:')) return `file:${resolve(base, value.slice('file:'.length))}`
  return type === 'secret' || value.startsWith('env:') ? value : resolve(base, value)
}

/** `sources`: a section of options for each name; all of them go into one lake. */
function sectionsOf(raw: unknown, file: string): Sections {
  if (raw === undefined) return {}
  const example = '"sources": { "epic": { "fhirUrl": "https://ehr.example.org/fhir", "group": "42" } }'
  const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isRecord(raw)) throw usageError(`"sources" in ${file} holds no sections`, example)
  for (const [name, section] of Object.entries(raw as Sections)) {
    if (!isRecord(section)) throw usageError(`"sources" in ${file}: ${name} is no section of options`, example)
    const wrong = ['lake', 'source', 'sources'].find((key) => key in section)
    if (wrong !== undefined) throw usageError(`"sources" in ${file}: "${wrong}" does not go into a section (${name})`, example)
  }
  return raw as Sections
}

function findFile(flag: unknown, variable: string | undefined, cwd: string): string | undefined {
  const told = typeof flag === 'string' ? flag : variable
  if (told !== undefined && told !== '') {
    const path = isAbsolute(told) ? told : resolve(cwd, told)
    if (!existsSync(path)) throw usageError(`the configuration file ${told} is not there`)
    return path
  }
  const found = fileNames.map((name) => resolve(cwd, name)).filter((path) => existsSync(path))
  if (found.length > 1) {
    throw usageError('both floe.config.json and floe.config.ts are here', 'say which with --config FILE')
  }
  return found[0]
}

async function readConfig(file: string): Promise<Record<string, unknown>> {
  let content: unknown
  try {
    if (file.endsWith('.json')) content = JSON.parse(readFileSync(file, 'utf8'))
    else {
      const module = (await import(pathToFileURL(file).href)) as { default?: unknown; config?: unknown }
      content = module.config ?? module.default
    }
  } catch (cause) {
    const why = cause instanceof SyntaxError ? 'is not valid JSON' : 'cannot be read'
    throw usageError(`the configuration file ${file} ${file.endsWith('.json') ? why : 'cannot be read'}`, undefined, [
      cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause),
    ])
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw usageError(
      `the configuration file ${file} holds no object`,
      file.endsWith('.json') ? '{ "lake": "./lake" }' : "export const config = defineConfig({ lake: './lake' })",
    )
  }
  return content as Record<string, unknown>
}

function unknownKey(key: string, file: string, known: Iterable<string>): Error {
  const near = nearest(key, known)
  const flagOnly = options.find((spec) => spec.key === key)
  if (flagOnly !== undefined) return usageError(`"${key}" in ${file} is a flag only: ${flagOf(flagOnly)}`)
  return usageError(
    `unknown option "${key}" in ${file}${near === undefined ? '' : ` (did you mean "${near}"?)`}`,
    'floe config   # every option, its value and where it came from',
  )
}

function strangers(env: Readonly<Record<string, string | undefined>>): string[] {
  const names = configurable().map(envOf)
  return Object.keys(env)
    .filter((name) => name.startsWith('FLOE_') && !names.includes(name) && !foreignVariables.has(name))
    .sort()
    .map((name) => {
      const near = nearest(name, names)
      return `the environment variable ${name} is no option of floe${near === undefined ? '' : ` (did you mean ${near}?)`}`
    })
}
