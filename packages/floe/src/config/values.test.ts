import { expect, test } from 'vitest'
import type { OptionSpec } from './option.ts'
import { options } from './options.ts'
import { type Origin, parseDuration, parseSize, parseValue } from './values.ts'

test.each([
  ['300s', 300_000],
  ['1h', 3_600_000],
  ['1h30m', 5_400_000],
  ['30d', 2_592_000_000],
  ['500ms', 500],
  ['1.5s', 1500],
  ['90', 90_000],
  ['', undefined],
  ['soon', undefined],
  ['-5s', undefined],
  ['5x', undefined],
])('duration %s', (text, expected) => {
  expect(parseDuration(text)).toBe(expected)
})

test.each([
  ['32MB', 32_000_000],
  ['32mb', 32_000_000],
  ['1GiB', 1_073_741_824],
  ['1.5k', 1500],
  ['100', 100],
  ['MB', undefined],
  ['1 XB', undefined],
])('size %s', (text, expected) => {
  expect(parseSize(text)).toBe(expected)
})

function spec(key: string): OptionSpec {
  const found = options.find((one) => one.key === key)
  if (found === undefined) throw new Error(key)
  return found
}
const flag: Origin = { from: 'flag', at: '' }
const file: Origin = { from: 'file', at: 'floe.config.json' }
const environment: Origin = { from: 'environment', at: '' }

test.each<[string, unknown, Origin, unknown]>([
  ['type', ['Patient,Encounter', 'Condition'], flag, ['Patient', 'Encounter', 'Condition']],
  ['type', ['Patient', 'Encounter'], file, ['Patient', 'Encounter']],
  ['typeFilter', ['Observation?code=a,b'], flag, ['Observation?code=a,b']],
  ['typeFilter', 'A?x=1\nB?y=2', environment, ['A?x=1', 'B?y=2']],
  ['raw', 'false', environment, false],
  ['lenient', true, flag, true],
  ['parallel', '7', flag, 7],
  ['parallel', 7, file, 7],
  ['bearerToken', 'env:TOKEN', flag, 'env:TOKEN'],
  ['bearerToken', 'the secret itself', environment, 'env:FLOE_BEARER_TOKEN'],
  ['resume', '', flag, true],
  ['resume', 'https://x/1', flag, 'https://x/1'],
])('%s %j from %o', (key, raw, origin, expected) => {
  expect(parseValue(spec(key), raw, origin)).toEqual(expected)
})

test.each<[string, unknown, Origin, string, string | undefined]>([
  ['parallel', '0', flag, '--parallel: 0 is not allowed; takes a whole number of at least 1', undefined],
  ['pollMax', 'soon', environment, 'FLOE_POLL_MAX: soon is not allowed; takes a duration such as 90s, 5m, 1h or 30d', undefined],
  ['compress', 'gzipp', flag, '--compress: gzipp is not allowed; takes none, gzip, zstd', '--compress gzip'],
  [
    'fhirUrl',
    'ehr.example.org',
    file,
    '"fhirUrl" in floe.config.json: ehr.example.org is not allowed; takes an address that begins with https:// or http://',
    undefined,
  ],
  [
    'bearerToken',
    'eyJ0',
    flag,
    '--bearer-token takes a reference, env:NAME or file:PATH, and not the secret itself',
    '--bearer-token env:FLOE_BEARER_TOKEN',
  ],
  ['type', [], file, '--type', undefined],
])('%s refuses %j', (key, raw, origin, message, hint) => {
  let thrown: unknown
  try {
    parseValue(spec(key), raw, origin)
  } catch (error) {
    thrown = error
  }
  const expected = key === 'type' ? expect.stringContaining('nothing is not allowed') : message
  expect(thrown).toMatchObject({ code: 'usage', exitCode: 2, message: expected, ...(hint === undefined ? {} : { hint }) })
})

test('a refused secret is not echoed', () => {
  expect(() => parseValue(spec('clientSecret'), 'hunter2', flag)).toThrow(/^(?!.*hunter2)/)
})
