import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { exitCodes as clientExitCodes } from '@floe/client'
import { expect, test } from 'vitest'
import { errorCodes, exitCodes } from './error-table.ts'

const packages = join(import.meta.dirname, '../../..')
const known = new Map(errorCodes.map((one) => [one.code, one.exitCode]))

test('every code that a package throws is in the table', () => {
  const sources = globSync('{client,views,lake,testkit,floe}/src/**/*.ts', { cwd: packages }).filter(
    (path) => !/\.(test|suite)\.ts$/.test(path),
  )
  const thrown = sources.flatMap((path) => {
    const text = readFileSync(join(packages, path), 'utf8')
    const made = [
      ...text.matchAll(/new (?:Lake|Floe|Synthesis)Error\(\s*'([a-z-]+)'/g),
      ...text.matchAll(/super\(\s*'([a-z-]+)',/g),
      ...text.matchAll(/readonly code = '([a-z-]+)'/g),
    ]
    return made.map((match) => match[1] ?? '')
  })
  expect(thrown.length).toBeGreaterThan(20)
  expect([...new Set(thrown)].filter((code) => !known.has(code))).toEqual([])
})

test('no code is there twice', () => {
  const codes = errorCodes.map(({ code }) => code)
  expect(codes.filter((code, at) => codes.indexOf(code) !== at)).toEqual([])
})

test('the exit codes of the client are those of the table', () => {
  expect(Object.entries(clientExitCodes).filter(([code, exit]) => known.get(code) !== exit)).toEqual([])
})

test('every code has an exit code that is explained', () => {
  const explained = new Set(exitCodes.map(([exit]) => exit))
  expect(errorCodes.filter((one) => !explained.has(one.exitCode))).toEqual([])
})
