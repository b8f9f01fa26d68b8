import { describe, expect, test } from 'vitest'
import { commands } from '../cli/commands.ts'
import { envOf, flagOf, type OptionSpec } from './option.ts'
import { options, optionsOf, plainSpelling, spellings } from './options.ts'
import { parseValue } from './values.ts'

const names = (specs: readonly OptionSpec[], of: (spec: OptionSpec) => readonly string[]): string[] => specs.flatMap(of)
const repeated = (list: readonly string[]): string[] => list.filter((one, index) => list.indexOf(one) !== index)

describe('the option table', () => {
  test('has every key and every environment variable once', () => {
    expect(repeated(options.map((spec) => spec.key))).toEqual([])
    expect(repeated(options.map(envOf))).toEqual([])
  })

  test.each(commands.map((command) => command.name))('has every flag, alias and letter of floe %s once', (command) => {
    const own = optionsOf(command)
    expect(repeated(names(own, (spec) => [flagOf(spec).slice(2), ...(spec.aliases ?? [])]))).toEqual([])
    expect(repeated(names(own, (spec) => (spec.short === undefined ? [] : [spec.short])))).toEqual([])
  })

  test('names only commands that exist', () => {
    const known = new Set(commands.map((command) => command.name))
    expect(options.flatMap((spec) => spec.commands).filter((name) => !known.has(name))).toEqual([])
  })

  test('has defaults that are values of their options', () => {
    const origin = { from: 'default', at: 'default' } as const
    expect(() => options.map((spec) => spec.default && parseValue(spec, spec.default, origin))).not.toThrow()
  })

  test('has the options of an export as the contract spells them', () => {
    const flags = [
      'fhir-url token-url smart-client-id smart-key smart-jwks scope client-secret basic-user basic-passwd bearer-token trust-origin ca-file',
      'group patient-level system global patient type type-filter since until elements include-associated-data output-format',
      'organize-output-by partial-manifests param kickoff lenient resume cancel keep-job wait-max poll-max parallel retries',
      'retry-max-time idle-timeout compress allow-count-mismatch kid json verbose quiet config',
    ]
    const known = spellings(optionsOf('export'))
    expect(
      flags
        .join(' ')
        .split(' ')
        .filter((flag) => !known.has(flag)),
    ).toEqual([])
  })
})

test.each([
  ['_typeFilter', 'type-filter'],
  ['_since', 'since'],
  ['type_filter', 'type-filter'],
  ['TypeFilter', 'type-filter'],
  ['smart_client_id', 'smart-client-id'],
  ['no-raw', 'no-raw'],
])('%s is spelt %s', (typed, spelling) => {
  expect(plainSpelling(typed)).toBe(spelling)
})
