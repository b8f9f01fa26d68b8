/** What kind of value an option takes; says how text becomes a value and what its help calls it. */
export type OptionType =
  | 'text'
  | 'path'
  | 'url'
  | 'integer'
  | 'duration'
  | 'size'
  | 'flag'
  | 'choice'
  /** Repeated or comma-separated. */
  | 'list'
  /** Repeated only: its values may hold commas. */
  | 'repeat'
  /** `env:NAME` or `file:PATH`; never the secret itself. */
  | 'secret'
  /** A flag that may carry a value after `=`. */
  | 'flag-or-text'

/** One row of the option table, from which flags, environment, configuration file, help, documentation and schema are made. */
export interface OptionSpec {
  /** The configuration key; flag and environment name are derived from it (`typeFilter`, `--type-filter`, `FLOE_TYPE_FILTER`). */
  readonly key: string
  readonly type: OptionType
  /** What the help calls the value (`ID|FILE`). */
  readonly value?: string
  readonly help: string
  /** Heading in the help. */
  readonly group: string
  /** Commands that take it; none stands for all. */
  readonly commands: readonly string[]
  readonly short?: string
  /** Other spellings of the flag, as other programs have them. */
  readonly aliases?: readonly string[]
  readonly choices?: readonly string[]
  /** As it would be typed. */
  readonly default?: string
  /** What the help says of a default that depends on the command. */
  readonly defaultText?: string
  /** Smallest whole number allowed. */
  readonly min?: number
  /** Largest whole number allowed. */
  readonly max?: number
  /** The flag is spelt `--no-…` and its value is true without it. */
  readonly negated?: boolean
  /** Only ever a flag: neither in the environment nor in the configuration file. */
  readonly flagOnly?: boolean
  /** Only in the configuration file or the environment. */
  readonly configOnly?: boolean
}

/** The type of an option's value in `Settings`. */
export type OptionValue<S> = S extends { readonly type: 'flag' }
  ? boolean
  : S extends { readonly type: 'integer' | 'duration' | 'size' }
    ? number
    : S extends { readonly type: 'list' | 'repeat' }
      ? readonly string[]
      : S extends { readonly type: 'choice'; readonly choices: readonly (infer C)[] }
        ? C
        : S extends { readonly type: 'flag-or-text' }
          ? true | string
          : string

/** `typeFilter` → `type-filter` */
export function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** `--type-filter`, `--no-raw` */
export function flagOf(spec: OptionSpec): string {
  return `--${spec.negated === true ? 'no-' : ''}${kebab(spec.key)}`
}

/** `FLOE_TYPE_FILTER` */
export function envOf(spec: OptionSpec): string {
  return `FLOE_${kebab(spec.key).replaceAll('-', '_').toUpperCase()}`
}

/** What stands after the flag in help and documentation (`T,…`); empty for a flag. */
export function placeholderOf(spec: OptionSpec): string {
  if (spec.type === 'flag') return ''
  if (spec.value !== undefined) return spec.value
  if (spec.choices !== undefined) return spec.choices.join('|')
  const names: Partial<Record<OptionType, string>> = { path: 'PATH', url: 'URL', integer: 'N', secret: 'REF', list: 'NAME,…' }
  return names[spec.type] ?? 'VALUE'
}

/** The ways to tell an option, for messages. */
export function waysToSet(spec: OptionSpec): string {
  return spec.flagOnly === true ? flagOf(spec) : `${flagOf(spec)}, ${envOf(spec)}, or "${spec.key}" in floe.config.json`
}
