import { describe, expect, test } from 'vitest'
import { commands } from './commands.ts'
import { normalise, parseCommandLine } from './program.ts'

function parsed(line: string): unknown {
  const invocation = parseCommandLine(line.split(' '), '1.2.3')
  if (invocation.kind === 'print') return invocation
  return { command: invocation.spec.name, args: invocation.args, flags: invocation.flags }
}

describe('a command line', () => {
  test.each<[string, unknown]>([
    ['export https://x/fhir out --group 42', { command: 'export', args: ['https://x/fhir', 'out'], flags: { group: ['42'] } }],
    [
      'export u --_type Patient,Encounter --_type Condition',
      { command: 'export', args: ['u'], flags: { type: ['Patient,Encounter', 'Condition'] } },
    ],
    [
      'export u --smart-jwks=key.json --_typeFilter A?b=c',
      { command: 'export', args: ['u'], flags: { smartKey: 'key.json', typeFilter: ['A?b=c'] } },
    ],
    ['export --resume out', { command: 'export', args: ['out'], flags: { resume: '' } }],
    ['export --resume=https://x/1 out', { command: 'export', args: ['out'], flags: { resume: 'https://x/1' } }],
    [
      'export https://x/fhir out --resume https://x/1',
      { command: 'export', args: ['https://x/fhir', 'out'], flags: { resume: 'https://x/1' } },
    ],
    [
      'export -f https://x/fhir --status https://x/1 out',
      { command: 'export', args: ['out'], flags: { fhirUrl: 'https://x/fhir', resume: 'https://x/1' } },
    ],
    ['export --resume https%3A%2F%2Fx%2F1 out', { command: 'export', args: ['out'], flags: { resume: 'https%3A%2F%2Fx%2F1' } }],
    [
      'export --token-url https://x/t --resume https://x/fhir out',
      { command: 'export', args: ['https://x/fhir', 'out'], flags: { tokenUrl: 'https://x/t', resume: '' } },
    ],
    ['export u --global', { command: 'export', args: ['u'], flags: { system: true } }],
    ['export u -g 42 -t Patient', { command: 'export', args: ['u'], flags: { group: ['42'], type: ['Patient'] } }],
    ['load a b --lake l --no-raw', { command: 'load', args: ['a', 'b'], flags: { lake: 'l', raw: false } }],
    ['--json -q query select --lake l', { command: 'query', args: ['select'], flags: { json: true, quiet: true, lake: 'l' } }],
    ['view run v.json --from f', { command: 'view run', args: ['v.json'], flags: { from: 'f' } }],
    ['query select -vv', { command: 'query', args: ['select'], flags: { verbose: true } }],
    ['--version', { kind: 'print', text: '1.2.3\n', exitCode: 0 }],
  ])('%s', (line, expected) => {
    expect(parsed(line)).toEqual(expected)
  })

  test.each<[string, string, string]>([
    ['export u --types Patient', 'unknown option --types (did you mean --type?)', 'floe export --help'],
    ['lod x', 'unknown command lod (did you mean load?)', 'floe load --help'],
    ['frobnicate', 'unknown command frobnicate', 'floe --help'],
    ['load', 'load needs FOLDER', 'floe load ./export --lake ./lake --source epic'],
    ['query a --lake', '--lake DIR: the value is missing', 'floe query --help'],
    [
      'tables a b',
      'too many arguments: a, b',
      'floe tables --help   # quote what belongs together; repeat an option for each of its values',
    ],
    ['view', 'view needs one of run, sql, check', 'floe view run patient.json --from ./export --format csv --out patients.csv'],
  ])('%s is refused', (line, message, hint) => {
    expect(() => parsed(line)).toThrow(expect.objectContaining({ code: 'usage', exitCode: 2, message, hint }))
  })

  test('SQL that begins with a comment is no option', () => {
    const invocation = parseCommandLine(['query', '-- all\nselect 1', '--lake', 'l'], '1.2.3')
    expect(invocation).toMatchObject({ args: [' -- all\nselect 1'], flags: { lake: 'l' } })
  })

  test('an option of another command is said to be one', () => {
    expect(() => parsed('tables --parallel 3')).toThrow(
      expect.objectContaining({ evidence: ['--parallel belongs to export, etl, resume'] }),
    )
  })

  test('floe help COMMAND is its --help', () => {
    expect(parsed('help tables')).toEqual(parsed('tables --help'))
    expect(parsed('help')).toEqual(parsed('--help'))
  })

  test('what stands after -- is left as it is', () => {
    expect(normalise(['query', '--', '--_type'])).toEqual(['query', '--', '--_type'])
  })
})

describe('help', () => {
  test.each(commands.map((command) => command.name))('of floe %s has its usage and an example', (name) => {
    const help = parsed(`${name} --help`) as { text: string; exitCode: number }
    expect(help.exitCode).toBe(0)
    expect(help.text).toContain(`Usage: floe ${name}`)
    expect(help.text).toContain('Examples:\n  floe ')
  })

  test('of floe tables, whole', () => {
    expect((parsed('tables --help') as { text: string }).text).toBe(`Usage: floe tables [options]

Tables with rows, files, bytes and snapshots.

Lake:
      --lake DIR           the lake's folder
      --memory-limit SIZE  bound of the engine's memory, e.g. 1GB
      --threads N          threads of the engine; default: the cores

Every command:
      --json               one JSON object on standard output; long commands
                           print events before it
  -v, --verbose            say more; -vv: the chain of causes of an error
  -q, --quiet              no progress
  -c, --config FILE        configuration file; default: floe.config.json or .ts
                           here
  -h, --help               show this help

Examples:
  floe tables --lake ./lake
`)
  })
})
