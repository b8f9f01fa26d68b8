import type { Settings } from './options.ts'

/** What a configuration file may hold: durations and sizes as text (`1h`, `32MB`) or numbers, lists as lists or text. */
export type Config = {
  readonly [K in keyof Settings]?: NonNullable<Settings[K]> extends number
    ? number | string
    : NonNullable<Settings[K]> extends readonly string[]
      ? readonly string[] | string
      : NonNullable<Settings[K]>
}

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
