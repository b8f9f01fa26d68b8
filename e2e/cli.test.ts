import { spawnSync } from 'node:child_process'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runFloe } from './cli.ts'
import { scratch } from './support.ts'

let place: Awaited<ReturnType<typeof scratch>>
let lake = ''
beforeAll(async () => {
  place = await scratch('cli')
  lake = join(place.dir, 'lake')
  const folder = join(place.dir, 'in')
  await mkdir(folder)
  await writeFile(
    join(folder, 'Patient.ndjson'),
    '{"resourceType":"Patient","id":"a","gender":"female","birthDate":"1980-05"}\n{"resourceType":"Patient","id":"b","gender":"male"}\n',
  )
  await writeFile(
    join(folder, 'Observation.ndjson'),
    '{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.10}}\n',
  )
  await writeFile(
    join(place.dir, 'view.json'),
    '{"resourceType":"ViewDefinition","name":"p","status":"active","resource":"Patient","select":[{"column":[{"name":"id","path":"getResourceKey()"},{"name":"born","path":"birthDate"}]}]}',
  )
  await writeFile(join(place.dir, 'wrong.json'), '{"resource":"Patient","select":[{"column":[{"name":"id","path":"idd"}]}]}')
  const loaded = await runFloe(['etl', folder, '--lake', lake, '--untracked'])
  expect([loaded.stderr, loaded.code]).toEqual([expect.not.stringContaining('floe:'), 0])
})
afterAll(async () => {
  await place[Symbol.asyncDispose]()
})

const floe = (...args: string[]): ReturnType<typeof runFloe> => runFloe(args, { cwd: place.dir })

describe('rows', () => {
  const sql = 'select gender, count(*) as n from silver.patient group by all order by n, gender'

  test.each<[string, string]>([
    ['csv', 'gender,n\r\nfemale,1\r\nmale,1\r\n'],
    ['ndjson', '{"gender":"female","n":1}\n{"gender":"male","n":1}\n'],
    ['json', '[{"gender":"female","n":1},\n{"gender":"male","n":1}]\n'],
    ['table', 'gender  n\nfemale  1\nmale    1\n(2 rows)\n'],
  ])('as %s', async (format, text) => {
    expect(await floe('query', sql, '--lake', lake, '--format', format)).toMatchObject({ code: 0, stdout: text, stderr: '' })
  })

  test('without a terminal as NDJSON; with --json as one object', async () => {
    expect((await floe('query', sql, '--lake', lake)).stdout).toBe('{"gender":"female","n":1}\n{"gender":"male","n":1}\n')
    const { json } = await floe('query', sql, '--lake', lake, '--json')
    expect(json).toMatchObject({
      columns: [{ name: 'gender' }, { name: 'n' }],
      rows: [
        { gender: 'female', n: 1 },
        { gender: 'male', n: 1 },
      ],
    })
  })

  test('into files, stdout empty', async () => {
    for (const format of ['csv', 'parquet']) {
      const out = join(place.dir, `rows.${format}`)
      expect(await floe('query', sql, '--lake', lake, '--format', format, '--out', out)).toMatchObject({ code: 0, stdout: '' })
      expect((await stat(out)).size).toBeGreaterThan(10)
    }
    expect((await readFile(join(place.dir, 'rows.parquet'))).subarray(0, 4).toString()).toBe('PAR1')
    expect((await floe('query', sql, '--lake', lake, '--format', 'parquet')).code).toBe(2)
  })

  test('a reader who goes away is no error', () => {
    const main = join(import.meta.dirname, '../packages/floe/src/cli/main.ts')
    const command = `"${process.execPath}" --conditions=floe-source "${main}" query "select range from range(300000)" --lake "${lake}" | head -1`
    const { stdout, stderr } = spawnSync('bash', ['-c', `set -o pipefail; ${command}; echo "\${PIPESTATUS[0]}"`], {
      encoding: 'utf8',
    })
    expect([stdout, stderr]).toEqual(['{"range":0}\n0\n', ''])
  })
})

describe('views', () => {
  const rows = '{"id":"a","born":"1980-05"}\n{"id":"b","born":null}\n'
  const sorted = (text: string): string => text.split('\n').sort().join('\n')

  test('on a lake, on a folder and on standard input are the same', async () => {
    const input = await readFile(join(place.dir, 'in/Patient.ndjson'))
    const results = [
      await floe('view', 'run', 'view.json', '--lake', lake),
      await floe('view', 'run', 'view.json', '--from', 'in'),
      await runFloe(['view', 'run', 'view.json', '--stdin'], { cwd: place.dir, input }),
    ]
    expect(results.map(({ code, stdout }) => [code, sorted(stdout)])).toEqual(results.map(() => [0, sorted(rows)]))
  })

  test('a wrong one is exit 2, with the place and nothing on stdout', async () => {
    const result = await floe('view', 'run', 'wrong.json', '--from', 'in')
    expect([result.code, result.stdout]).toEqual([2, ''])
    expect(result.stderr).toContain('select[0].column[0].path')
    expect(result.stderr).toMatch(/\n\s+idd\n\s+\^/)
    expect((await floe('view', 'check', 'view.json')).code).toBe(0)
    expect((await floe('view', 'check', 'view.json', 'wrong.json')).code).toBe(2)
    const sql = await floe('view', 'sql', 'view.json')
    expect([sql.code, sql.stdout.includes('"silver"."patient"')]).toEqual([0, true])
  })
})

describe('--json', () => {
  test.each<[string, string[], readonly string[]]>([
    ['tables', ['tables'], ['tables']],
    ['history', ['history', 'silver.patient'], ['table', 'snapshots']],
    ['status', ['status'], ['loads', 'reconciliation', 'completion', 'encounters', 'blocked', 'quality']],
    ['build', ['build', 'patient'], ['gold', 'quality']],
    ['load', ['load', 'in', '--untracked'], ['loads']],
  ])('%s prints one object', async (_, args, keys) => {
    const { stdout, code } = await floe(...args, '--lake', lake, '--json')
    expect([code, stdout.split('\n').length, Object.keys(JSON.parse(stdout) as object)]).toEqual([0, 2, keys])
  })

  test('tables tell rows, files and snapshots', async () => {
    const { json } = await floe('tables', '--lake', lake, '--json')
    const { tables } = json as { tables: { table: string }[] }
    expect(tables.find(({ table }) => table === 'silver.patient')).toEqual({
      table: 'silver.patient',
      rows: 2,
      files: 1,
      deleteFiles: 0,
      bytes: expect.any(Number),
      snapshots: 1,
      snapshot: expect.stringMatching(/^\d+$/),
    })
  })
})

describe.concurrent('what is wrong', () => {
  test.each<[string, string[], number, RegExp]>([
    ['no level', ['export', 'https://ehr.example.org/fhir', 'out'], 2, /no level is told/],
    ['a misspelt option', ['export', 'https://ehr.example.org/fhir', '--types', 'Patient'], 2, /did you mean --type\?/],
    ['no lake named', ['query', 'select 1'], 2, /query needs --lake/],
    ['no lake there', ['query', 'select 1', '--lake', 'nowhere'], 2, /there is no lake in \.\/nowhere/],
    ['wrong SQL', ['query', 'selec 1', '--lake', 'lake'], 2, /floe: /],
    ['SQL that writes', ['query', 'delete from silver.patient', '--lake', 'lake'], 2, /floe: /],
    ['an unknown --as-of', ['query', 'select 1', '--lake', 'lake', '--as-of', 'nope'], 2, /floe: /],
    ['an unknown table', ['history', 'silver.nope', '--lake', 'lake'], 2, /floe: /],
    ['a folder that is none', ['load', 'nowhere', '--lake', 'lake'], 2, /floe: /],
    ['two inputs of a view', ['view', 'run', 'view.json', '--from', 'in', '--lake', 'lake'], 2, /more than one input/],
    ['no view file', ['view', 'run', 'nowhere.json', '--from', 'in'], 2, /is not there/],
    ['a source that is none', ['load', 'in', '--lake', 'lake', '--source', '../x'], 2, /floe: /],
    ['no export folder', ['resume', 'in'], 2, /floe-export\.json/],
  ])('%s is said with the right exit code', async (_, args, code, message) => {
    const result = await floe(...args)
    expect([result.code, result.stdout]).toEqual([code, ''])
    expect(result.stderr).toMatch(message)
    expect(result.stderr).not.toMatch(/^\s+at /m)
  })
})

test.each<[string, string[], number, string]>([
  ['a usage error', ['export', 'https://ehr.example.org/fhir', 'out'], 2, 'usage'],
  ['no lake', ['query', 'select 1', '--lake', 'nowhere'], 2, 'usage'],
])('%s with --json is the last line of standard error', async (_, args, exit, code) => {
  const { code: exited, stdout, error } = await floe(...args, '--json')
  expect([exited, stdout]).toEqual([exit, ''])
  expect(error).toEqual({ code, message: expect.any(String), hint: expect.any(String), retryable: false })
})

describe('keys, configuration, NDJSON', () => {
  test('a key is private, its public half is not', async () => {
    expect((await floe('keys', 'new', '--out', 'key.json')).code).toBe(0)
    expect(((await stat(join(place.dir, 'key.json'))).mode & 0o777).toString(8)).toBe('600')
    const { json } = await floe('keys', 'public', 'key.json', '--json')
    expect(Object.keys((json as { keys: object[] }).keys[0] ?? {}).sort()).toEqual([
      'alg',
      'crv',
      'key_ops',
      'kid',
      'kty',
      'use',
      'x',
      'y',
    ])
    expect((await floe('keys', 'new', '--out', 'key.json')).code).toBe(2)
  })

  test('configuration tells values and origins, and no secret', async () => {
    const env = { FLOE_SOURCE: 'epic', FLOE_CLIENT_SECRET: 'hunter2' }
    const { stdout, code } = await runFloe(['config', '--json'], { cwd: place.dir, env })
    const { options } = JSON.parse(stdout) as { options: { option: string; value: unknown; from: string }[] }
    expect(code).toBe(0)
    expect(options.find(({ option }) => option === 'source')).toEqual({ option: 'source', value: 'epic', from: 'FLOE_SOURCE' })
    expect(options.find(({ option }) => option === 'clientSecret')).toEqual({
      option: 'clientSecret',
      value: 'env:FLOE_CLIENT_SECRET',
      from: 'FLOE_CLIENT_SECRET',
    })
    expect(stdout).not.toContain('hunter2')
  })

  test('NDJSON is split, merged, filtered and counted without losing a byte', async () => {
    const lines = Array.from(
      { length: 25 },
      (_, index) => `{"resourceType":"${index % 2 ? 'Patient' : 'Condition'}","id":"r${index}","x":1.10}`,
    )
    await writeFile(join(place.dir, 'all.ndjson'), `${lines.join('\n')}\n`)
    expect((await floe('ndjson', 'split', 'all.ndjson', '--out', 'parts', '--lines', '10', '--json')).json).toMatchObject({
      files: ['part.0000.ndjson', 'part.0001.ndjson', 'part.0002.ndjson'],
      lines: 25,
    })
    expect((await floe('ndjson', 'merge', 'parts', '--out', 'merged.ndjson.zst')).code).toBe(0)
    expect((await floe('ndjson', 'count', 'merged.ndjson.zst', '--json')).json).toMatchObject({ lines: 25 })
    expect((await floe('ndjson', 'merge', 'merged.ndjson.zst')).stdout).toBe(`${lines.join('\n')}\n`)
    const kept = await floe('ndjson', 'filter', 'all.ndjson', '--resource-type', 'Patient')
    expect(kept.stdout).toBe(`${lines.filter((_, index) => index % 2).join('\n')}\n`)
    await writeFile(
      join(place.dir, 'Patient.bad.ndjson'),
      '{"resourceType":"Patient","id":"a"}\n{"resourceType":"Patient"}\n{"x"\n',
    )
    const invalid = await floe('ndjson', 'validate', 'Patient.bad.ndjson', '--json')
    expect([invalid.code, (invalid.json as { first: { line: number }[] }).first.map(({ line }) => line)]).toEqual([7, [2, 3]])
  })
})
