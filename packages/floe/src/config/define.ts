import type { Settings } from './options.ts'

/**
 * The options that a configuration file may hold: durations and sizes as text (`1h`, `32MB`) or numbers, lists as lists or text.
 */
export type ConfigOptions = {
  readonly [K in keyof Settings]?: NonNullable<Settings[K]> extends number
    ? number | string
    : NonNullable<Settings[K]> extends readonly string[]
      ? readonly string[] | string
      : NonNullable<Settings[K]>
}

/** A configuration file: options, and for `floe etl --all-sources` a section of them for each source. */
export type Config = ConfigOptions & { readonly sources?: Readonly<Record<string, Omit<ConfigOptions, 'lake' | 'source'>>> }

/**
 * Gives `floe.config.ts` its types.
 *
 * @example
 * import { defineConfig } from 'floe'
 * export const config = defineConfig({ lake: './lake', source: 'epic', requiredTypes: ['Patient', 'Condition'] })
 */
export function defineConfig(config: Config): Config {
  return config
}
