import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { READINGS } from './readings.ts'
import type { Result, Runner } from './sources.ts'
import { openRunners } from './sources.ts'
import type { SuiteCase } from './suite.ts'
import { readSuite, SHARED, SUITE_COMMIT } from './suite.ts'

const suite = readSuite()
const WAYS = ['memory', 'table', 'ndjson', 'json']
const REPORT = join(import.meta.dirname, '../../docs/sql-on-fhir-report.json')
const outcomes = new Map<string, Map<string, boolean>>()
let runners: Runner[] = []
let close = () => {}

beforeAll(async () => {
  if (suite.length) ({ runners, close } = await openRunners())
})
afterAll(() => close())

/** Rows in an order of their own: a view promises none. */
const sorted = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row, ordered)).sort()
const ordered = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

async function run(way: string, { view }: SuiteCase, resources: readonly string[]): Promise<Result | { error: unknown }> {
  const runner = runners.find(({ name }) => name === way)
  try {
    return (await runner?.run(view, resources)) ?? { error: 'no such way' }
  } catch (error) {
    return { error }
  }
}

function check(it: SuiteCase, result: Result | { error: unknown }): void {
  if (it.expectError) expect(result).toHaveProperty('error')
  else if ('error' in result) throw result.error
  if ('error' in result) return
  if (it.expectColumns) expect(result.columns).toEqual(it.expectColumns)
  if (it.expectCount !== undefined) expect(result.rows).toHaveLength(it.expectCount)
  if (it.expect && !it.expectColumns) expect(sorted(result.rows)).toEqual(sorted(it.expect))
}

describe.skipIf(!suite.length)(`SQL on FHIR official suite (needs ${SHARED}/conformance/sql-on-fhir, see its README)`, () => {
  for (const { file, tests, resources } of suite) {
    for (const it of tests) {
      test.each(WAYS)(`${file}: ${it.title} (%s)`, async (way) => {
        const passed = outcomes.get(`${file}/${it.title}`) ?? new Map<string, boolean>()
        outcomes.set(`${file}/${it.title}`, passed.set(way, false))
        check(it, await run(way, it, resources))
        passed.set(way, true)
      })
    }
  }

  test('the committed report says what the suite says', () => {
    const about = { repository: 'FHIR/sql-on-fhir-v2', commit: SUITE_COMMIT, ways: WAYS, readings: READINGS, tests: [] }
    const results = suite.map(({ file, tests }) => [
      file,
      { tests: tests.map(({ title }) => ({ name: title, result: result(file, title) })) },
    ])
    const report: unknown = Object.fromEntries([['about', about], ...results])
    if (process.env.FLOE_WRITE_REPORT) writeFileSync(REPORT, `${JSON.stringify(report, null, 2)}\n`)
    expect(JSON.parse(readFileSync(REPORT, 'utf8'))).toEqual(report)
  })

  test('counts 134 cases', () => {
    expect(suite.flatMap(({ tests }) => tests)).toHaveLength(134)
    expect(SUITE_COMMIT).toBe('49fc1adffa8490e7cd5c1e8917d8eb24cbea9dee')
  })
})

function result(file: string, title: string): { passed: boolean } {
  const ways = outcomes.get(`${file}/${title}`)
  return { passed: WAYS.every((way) => ways?.get(way) === true) }
}
