import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkCase } from './check-case.ts'
import { READINGS } from './readings.ts'
import type { Result, Runner } from './sources.ts'
import { openRunners } from './sources.ts'
import type { SuiteCase } from './suite.ts'
import { readSuite, SHARED, SUITE_COMMIT } from './suite.ts'

const suite = readSuite()
const WAYS = ['memory', 'table', 'ndjson', 'json', 'silver']
const REPORT = join(import.meta.dirname, '../../docs/sql-on-fhir-report.json')
const outcomes = new Map<string, Map<string, boolean>>()
let runners: Runner[] = []
let close = async () => {}

beforeAll(async () => {
  if (suite.length) ({ runners, close } = await openRunners())
})
afterAll(async () => await close())

async function run(way: string, { view }: SuiteCase, resources: readonly string[]): Promise<Result | { error: unknown }> {
  const runner = runners.find(({ name }) => name === way)
  try {
    return (await runner?.run(view, resources)) ?? { error: 'no such way' }
  } catch (error) {
    return { error }
  }
}

describe.skipIf(!suite.length)(`SQL on FHIR official suite (needs ${SHARED}/conformance/sql-on-fhir, see its README)`, () => {
  for (const { file, tests, resources } of suite) {
    for (const it of tests) {
      test.each(WAYS)(`${file}: ${it.title} (%s)`, async (way) => {
        const passed = outcomes.get(`${file}/${it.title}`) ?? new Map<string, boolean>()
        outcomes.set(`${file}/${it.title}`, passed.set(way, false))
        checkCase(it, await run(way, it, resources))
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
