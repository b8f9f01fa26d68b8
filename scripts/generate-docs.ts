/**
 * Makes docs/cli.md, docs/config.md, docs/errors.md and the schema of floe.config.json from the tables in packages/floe. Run it
 * to write them.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { benchmarksPage } from '../bench/report.ts'
import { commands, families } from '../packages/floe/src/cli/commands.ts'
import { errorCodes, exitCodes } from '../packages/floe/src/cli/error-table.ts'
import { envOf, flagOf, type OptionSpec, placeholderOf } from '../packages/floe/src/config/option.ts'
import { configurable, options, optionsOf } from '../packages/floe/src/config/options.ts'
import { configSchema } from '../packages/floe/src/config/schema.ts'
import { martsReference } from '../packages/lake/scripts/marts-reference.ts'
import { tablesReference } from '../packages/lake/scripts/tables-reference.ts'
import { viewsReference } from '../packages/views/scripts/views-reference.ts'
import { root } from './sources.ts'

const cell = (text: string): string => text.replaceAll('|', '\\|')
const code = (text: string): string => (text === '' ? '' : `\`${cell(text)}\``)

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [titles, titles.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

function defaultOf(spec: OptionSpec): string {
  if (spec.type === 'flag') return ''
  return spec.default === undefined ? cell(spec.defaultText ?? '') : code(spec.default)
}

function spelling(spec: OptionSpec): string {
  const short = spec.short === undefined ? '' : `-${spec.short}, `
  const value = placeholderOf(spec)
  const shown = value === '' ? '' : spec.type === 'flag-or-text' ? `[=${value}]` : ` ${value}`
  const aliases = (spec.aliases ?? []).map((alias) => `, ${code(`--${alias}`)}`).join('')
  return `${code(`${short}${flagOf(spec)}${shown}`)}${aliases}`
}

function helpOf(spec: OptionSpec): string {
  return cell(spec.type === 'repeat' ? `${spec.help}; repeat it` : spec.help)
}

const generated = '<!-- Made by scripts/generate-docs.ts from the option table; do not edit. -->'

function cliPage(): string {
  const common = options.filter((spec) => spec.commands.length === 0)
  const sections = commands.map((command) => {
    const own = optionsOf(command.name).filter((spec) => spec.commands.length > 0)
    const rows = own.map((spec) => [spelling(spec), helpOf(spec), defaultOf(spec)])
    return [
      `## floe ${command.name}`,
      '',
      `\`floe ${command.name}${command.args === '' ? '' : ` ${command.args}`} [options]\``,
      '',
      `${command.summary.charAt(0).toUpperCase()}${command.summary.slice(1)}.`,
      '',
      ...(rows.length === 0 ? [] : [table(['option', 'does', 'default'], rows), '']),
      '```',
      ...command.examples,
      '```',
      '',
    ].join('\n')
  })
  const overview = commands.map((command) => [
    `[floe ${command.name}](#floe-${command.name.replace(' ', '-')})`,
    cell(command.summary),
  ])
  const groups = Object.entries(families).map(([name, text]) => `\`floe ${name}\`: ${text}`)
  return [
    '# Commands',
    '',
    generated,
    '',
    'Reference, for everybody who types `floe`. `floe COMMAND --help` says the same.',
    '',
    table(['command', 'does'], overview),
    '',
    `${groups.join(' · ')}.`,
    '',
    'Every command takes:',
    '',
    table(
      ['option', 'does'],
      common.map((spec) => [spelling(spec), helpOf(spec)]),
    ),
    '',
    'Underscore and camel-case spellings are taken as well: `--_type`, `--_typeFilter`, `--smart_client_id`. Durations are written `500ms`, `90s`, `5m`, `1h`, `30d`; sizes `500kB`, `32MB`, `1GiB`.',
    'Secrets (`REF`) are references: `env:NAME` or `file:PATH`. Exit codes: [errors.md](errors.md). Environment and configuration file: [config.md](config.md).',
    '',
    ...sections,
  ].join('\n')
}

function configPage(): string {
  const rows = configurable()
    .filter((spec) => spec.key !== 'config')
    .map((spec) => [
      code(spec.key),
      spec.configOnly === true ? '' : code(flagOf(spec)),
      code(envOf(spec)),
      helpOf(spec),
      defaultOf(spec),
    ])
  return [
    '# Configuration',
    '',
    generated,
    '',
    'Reference. A value is taken from the first of: flag, `FLOE_*` variable of the environment, configuration file, default. `floe config` prints each option with its value and where it came from.',
    '',
    'The file is `floe.config.json` or `floe.config.ts` in the current folder, or the one that `--config FILE` or `FLOE_CONFIG` names. Paths in it are relative to it. An unknown key is an error.',
    '',
    '```json',
    '{',
    '  "lake": "./lake",',
    '  "source": "epic",',
    '  "smartClientId": "my-client",',
    '  "smartKey": "file:/etc/floe/key.json",',
    '  "excludeResources": ["Device"]',
    '}',
    '```',
    '',
    '```ts',
    "import { defineConfig } from 'floe'",
    '',
    "export const config = defineConfig({ lake: './lake', source: 'epic', waitMax: '14d' })",
    '```',
    '',
    'A secret is a reference, `env:NAME` or `file:PATH`; only a variable of the environment may hold the secret itself (`FLOE_CLIENT_SECRET`). Lists are lists, or text with commas; in a variable the values of `typeFilter` and `param` stand one to a line.',
    'Several sources go into one lake with `floe etl --all-sources`: `sources` holds a section of options for each, which stands over the rest of the file. Exports run side by side, each with its own `parallel`; loads follow one another; one that fails stops no other, and the exit code is the worst.',
    '',
    '```json',
    '{ "lake": "./lake", "since": "auto", "sources": {',
    '  "epic": { "fhirUrl": "https://epic.example.org/fhir", "group": "42", "smartClientId": "a", "smartKey": "epic.json" },',
    '  "oracle": { "fhirUrl": "https://oracle.example.org/fhir", "group": "7", "smartClientId": "b", "smartKey": "oracle.json", "parallel": 2 }',
    '} }',
    '```',
    '',
    'The JSON schema is [floe.config.schema.json](floe.config.schema.json), also printed by `floe config --schema`.',
    '',
    table(['key', 'flag', 'variable', 'what', 'default'], rows),
    '',
  ].join('\n')
}

function errorsPage(): string {
  return [
    '# Exit codes and errors',
    '',
    generated,
    '',
    'Reference. What failed is said on standard error: one sentence, the evidence, and after `Try:` what to do. With `--json` the last line of standard error is `{"error":{"code","message","hint","retryable"}}`, also for exit 7.',
    '`-vv` adds the chain of causes. No message holds a token, a status URL, an id or a part of a resource.',
    '',
    table(
      ['exit', 'means'],
      exitCodes.map(([exit, meaning]) => [String(exit), meaning]),
    ),
    '',
    table(
      ['code', 'exit', 'means', 'try'],
      errorCodes.map((one) => [code(one.code), String(one.exitCode), cell(one.meaning), cell(one.advice ?? '')]),
    ),
    '',
    '`retryable` says that the same command may succeed later without a change on your side.',
    '',
  ].join('\n')
}

/** The generated pages by path, as they must be. */
export async function generatedDocs(): Promise<Record<string, string>> {
  return {
    'docs/benchmarks.md': benchmarksPage(),
    'docs/cli.md': cliPage(),
    'docs/config.md': configPage(),
    'docs/errors.md': errorsPage(),
    'docs/marts.md': martsReference(),
    'docs/tables.md': tablesReference(),
    'docs/views-reference.md': viewsReference(),
    'docs/floe.config.schema.json': `${JSON.stringify(configSchema(), null, 2)}\n`,
  }
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(await generatedDocs())) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    process.stdout.write(`${path}\n`)
  }
}
