import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planExports } from './plan.ts'
import { registerExport, reopenExport } from './register.ts'
import type { BronzeExport, PlanOptions, RegisterOptions } from './types.ts'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'floe-register-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

let made = 0
async function newDir(name: string): Promise<string> {
  made += 1
  const path = join(dir, `${name}-${made}`)
  await mkdir(path)
  return path
}

async function put(folder: string, files: Record<string, string | Buffer>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
}

const time = '2026-01-02T02:00:01.873Z'
const log = [
  { exportId: 'e1', timestamp: time, eventId: 'kickoff', eventDetail: { exportUrl: 'https://e.org/fhir/Group/g/$export' } },
  { exportId: 'e1', timestamp: time, eventId: 'status_complete', eventDetail: { transactionTime: time } },
  { exportId: 'e1', timestamp: time, eventId: 'export_complete', eventDetail: {} },
]
  .map((row) => `${JSON.stringify(row)}\n`)
  .join('')

async function newExport(files: Record<string, string | Buffer>): Promise<string> {
  const folder = await newDir('export')
  await put(folder, { 'log.ndjson': log, ...files })
  return folder
}

interface Setting extends Partial<PlanOptions>, Partial<RegisterOptions> {}

async function register(folder: string, lakeDir: string, options: Setting = {}): Promise<BronzeExport> {
  const [planned, ...more] = await planExports(folder, { source: 'site', ...options })
  if (!planned || more.length > 0) throw new Error('not one export')
  return await registerExport(planned, { lakeDir, ...options })
}

const resource = (type: string, id: number | string, rest: object = {}): string =>
  JSON.stringify({ resourceType: type, id: String(id), ...rest })
const lines = (type: string, count: number, from = 0): string =>
  Array.from({ length: count }, (_, at) => `${resource(type, from + at)}\n`).join('')
const summary = ({ types }: BronzeExport): unknown => types.map((it) => [it.type, it.lines, it.quarantined, it.torn])
const listing = async (folder: string): Promise<string[]> => (await readdir(folder, { recursive: true })).sort()

async function staged(bronze: BronzeExport): Promise<Record<string, string[]>> {
  await bronze.stage()
  const found: Record<string, string[]> = {}
  for (const { type, files } of bronze.types) {
    for (const { path, compression } of files) {
      const bytes = await readFile(path)
      const plain = compression === 'gzip' ? gunzipSync(bytes) : compression === 'zstd' ? zstdDecompressSync(bytes) : bytes
      found[type] = [...(found[type] ?? []), ...plain.toString().split('\n').filter(Boolean)]
    }
  }
  return found
}

describe('bronze', () => {
  test('holds the export as delivered, its log, and what was found', async () => {
    const folder = await newExport({
      'Patient.ndjson': `${lines('Patient', 2)}bad\n`,
      'Condition.ndjson.gz': gzipSync(lines('Condition', 3)),
      'deleted/Bundle.ndjson': '',
      'manifest.json': '{"output":[]}',
      'floe-export.json': '{"job":{"statusUrl":"https://secret"}}',
    })
    const lake = await newDir('lake')
    const bronze = await register(folder, lake)
    expect(bronze.dir).toBe(join(lake, 'bronze/site/e1'))
    expect(await listing(bronze.dir)).toEqual([
      'Condition.ndjson.gz',
      'Patient.ndjson.zst',
      'deleted',
      'deleted/Bundle.ndjson.zst',
      'floe-bronze.json',
      'log.ndjson',
      'manifest.json',
    ])
    expect(zstdDecompressSync(await readFile(join(bronze.dir, 'Patient.ndjson.zst'))).toString()).toBe(
      `${lines('Patient', 2)}bad\n`,
    )
    expect(await readFile(join(bronze.dir, 'Condition.ndjson.gz'))).toEqual(await readFile(join(folder, 'Condition.ndjson.gz')))
    for (const path of ['', ...(await listing(bronze.dir))]) {
      const stats = await stat(join(bronze.dir, path))
      expect([path, (stats.mode & 0o777).toString(8)]).toEqual([path, stats.isDirectory() ? '700' : '600'])
    }
    expect(await register(bronze.dir, lake)).toMatchObject({ unchanged: true, dir: bronze.dir })
  })

  test.each(['none', 'gzip', 'zstd'] as const)('--compress %s', async (compress) => {
    const folder = await newExport({ 'Patient.ndjson': lines('Patient', 2) })
    const bronze = await register(folder, await newDir('lake'), { compress })
    const copy = (await listing(bronze.dir)).find((it) => it.startsWith('Patient')) ?? ''
    expect(copy).toBe({ none: 'Patient.ndjson', gzip: 'Patient.ndjson.gz', zstd: 'Patient.ndjson.zst' }[compress])
    const again = await reopenExport(bronze.identity, { lakeDir: join(bronze.dir, '../../..') })
    expect(await staged(again as BronzeExport)).toEqual({ Patient: lines('Patient', 2).trim().split('\n') })
  })

  test('an export that lies in the lake is not copied', async () => {
    const lake = await newDir('lake')
    const folder = join(lake, 'bronze/site/job-7')
    await mkdir(folder, { recursive: true })
    await put(folder, { 'log.ndjson': log, 'Patient.ndjson': lines('Patient', 2) })
    const bronze = await register(folder, lake)
    expect([bronze.dir, await listing(folder)]).toEqual([folder, ['Patient.ndjson', 'floe-bronze.json', 'log.ndjson']])
    expect(await register(folder, lake)).toMatchObject({ unchanged: true })
    expect(await reopenExport(bronze.identity, { lakeDir: lake })).toMatchObject({ dir: folder })
  })

  test('two names that would become one', async () => {
    const folder = await newExport({
      'Patient.ndjson': lines('Patient', 1),
      'Patient.ndjson.zst': zstdCompressSync(lines('Patient', 1, 5)),
    })
    const bronze = await register(folder, await newDir('lake'))
    expect((await listing(bronze.dir)).filter((it) => it.startsWith('Patient'))).toEqual(['Patient.ndjson', 'Patient.ndjson.zst'])
    expect(bronze.types).toMatchObject([{ lines: 2 }])
  })
})

describe('the same export again', () => {
  test('is known without being read, also moved or touched; another content is not', async () => {
    const folder = await newExport({ 'Patient.ndjson': lines('Patient', 2) })
    const lake = await newDir('lake')
    const first = await register(folder, lake)
    expect(first.unchanged).toBe(false)
    const known = { unchanged: true, fingerprint: first.fingerprint }
    expect(await register(folder, lake)).toMatchObject(known)
    await utimes(join(folder, 'Patient.ndjson'), 1, 1)
    expect(await register(folder, lake)).toMatchObject(known)
    await rename(folder, `${folder}-moved`)
    const moved = await register(`${folder}-moved`, lake)
    expect(moved).toMatchObject(known)
    expect(moved.types[0]?.files[0]?.path).toBe(join(`${folder}-moved`, 'Patient.ndjson'))
    await put(`${folder}-moved`, { 'Patient.ndjson': lines('Patient', 2, 5) })
    expect(await register(`${folder}-moved`, lake)).toMatchObject({ unchanged: false, identity: first.identity })
  })

  test('that grew is read on under the same id', async () => {
    const folder = await newExport({ 'Patient.000.ndjson': lines('Patient', 2) })
    const lake = await newDir('lake')
    const first = await register(folder, lake)
    await put(folder, {
      'Patient.001.ndjson': lines('Patient', 3, 10),
      'Condition.000.ndjson': `${resource('Condition', 1, { code: { text: 'x' } })}\n`,
    })
    const second = await register(folder, lake)
    expect(second).toMatchObject({ unchanged: false, dir: first.dir, identity: first.identity })
    expect(second.fingerprint).not.toBe(first.fingerprint)
    expect(summary(second)).toEqual([
      ['Condition', 1, 0, false],
      ['Patient', 5, 0, false],
    ])
    expect(second.types[0]?.shape).toEqual({ struct: { id: 'string', code: { struct: { text: 'string' } } } })
    await rm(join(folder, 'Patient.000.ndjson'))
    const third = await register(folder, lake)
    expect(summary(third)).toEqual(summary(second))
    expect((await staged(third)).Patient?.length).toBe(5)
  })

  test('whose files were packed since holds each line once', async () => {
    const folder = await newExport({ 'Patient.000.ndjson': lines('Patient', 2), 'Patient.001.ndjson': lines('Patient', 1, 10) })
    const lake = await newDir('lake')
    const { dir } = await register(folder, lake)
    await rm(join(folder, 'Patient.000.ndjson'))
    await put(folder, { 'Patient.000.ndjson.GZ': gzipSync(lines('Patient', 2)) })
    const packed = await register(folder, lake)
    expect(summary(packed)).toEqual([['Patient', 3, 0, false]])
    expect((await staged(packed)).Patient?.length).toBe(3)
    const copies = (await readdir(dir)).filter((name) => name.startsWith('Patient')).sort()
    expect(copies).toEqual(['Patient.000.ndjson.GZ', 'Patient.001.ndjson.zst'])
  })

  test('by its content where nothing tells who it is; its time is that of its first loading', async () => {
    const folder = await newDir('export')
    await put(folder, { 'Patient.ndjson': lines('Patient', 2) })
    const lake = await newDir('lake')
    let clock = Date.parse('2026-05-01T00:00:00Z')
    const now = (): Date => {
      clock += 1000
      return new Date(clock)
    }
    const first = await register(folder, lake, { now })
    expect(first.identity).toMatchObject({ tracked: false, exportTime: '2026-05-01T00:00:01.000Z', group: '' })
    expect(first.identity.exportId).toMatch(/^[0-9a-f]{32}$/)
    const known = { identity: first.identity, fingerprint: first.fingerprint, unchanged: true }
    expect(await register(folder, lake, { now })).toMatchObject(known)
    const copy = await newDir('export')
    await cp(folder, copy, { recursive: true })
    expect(await register(copy, lake, { now })).toMatchObject(known)
    const told = await register(folder, lake, { now, exportGroup: 'g', exportTimestamp: time })
    expect(told.identity).toMatchObject({ tracked: true, group: 'g', exportTime: time })
    expect(told.identity.exportId).not.toBe(first.identity.exportId)
    await put(folder, { 'Patient.001.ndjson': lines('Patient', 1, 7) })
    expect((await register(folder, lake, { now })).identity.exportId).not.toBe(first.identity.exportId)
    expect(await listing(join(lake, 'bronze/.parts'))).toEqual(['site'])
  })

  test('with longer lines allowed', async () => {
    const long = resource('Patient', 'long', { birthDate: 'x'.repeat(5000) })
    const folder = await newExport({ 'Patient.ndjson': `${lines('Patient', 1)}${long}\n` })
    const lake = await newDir('lake')
    const first = await register(folder, lake, { maxLine: 1000 })
    expect(summary(first)).toEqual([['Patient', 2, 1, false]])
    const second = await register(folder, lake, { maxLine: 10_000 })
    expect([summary(second), second.unchanged]).toEqual([[['Patient', 2, 0, false]], false])
    expect(second.fingerprint).not.toBe(first.fingerprint)
  })
})

describe('what silver reads', () => {
  test('a clean file is read where it lies; any other from a copy of its good lines', async () => {
    const folder = await newExport({
      'Patient.ndjson': lines('Patient', 2),
      'Condition.ndjson': `\ufeff${lines('Condition', 2)}bad\r\n  ${resource('Condition', 7)}\t`,
      'Resources.ndjson': `${resource('Goal', 1)}\n${resource('Flag', 1)}\n${resource('Goal', 2)}\n{}\n`,
      'Procedure.ndjson.gz': gzipSync(`${lines('Procedure', 2)}{}\n`),
    })
    const bronze = await register(folder, await newDir('lake'))
    expect(summary(bronze)).toEqual([
      ['Condition', 4, 1, false],
      ['Flag', 1, 0, false],
      ['Goal', 2, 0, false],
      ['Patient', 2, 0, false],
      ['Procedure', 3, 1, false],
      ['Unknown', 1, 1, false],
    ])
    expect(bronze.quarantine.map(({ file, line, reason, type }) => [file, line, reason, type])).toEqual([
      ['Condition.ndjson', 3, 'json', 'Condition'],
      ['Procedure.ndjson.gz', 3, 'type', 'Procedure'],
      ['Resources.ndjson', 4, 'type', null],
    ])
    const good = await staged(bronze)
    expect(good).toEqual({
      Condition: [resource('Condition', 0), resource('Condition', 1), `  ${resource('Condition', 7)}\t`],
      Flag: [resource('Flag', 1)],
      Goal: [resource('Goal', 1), resource('Goal', 2)],
      Patient: [resource('Patient', 0), resource('Patient', 1)],
      Procedure: [resource('Procedure', 0), resource('Procedure', 1)],
    })
    expect(bronze.types.find((it) => it.type === 'Patient')?.files[0]?.path).toBe(join(folder, 'Patient.ndjson'))
    await bronze.release()
    const lakeDir = join(bronze.dir, '../../..')
    expect(await listing(join(lakeDir, 'bronze/.staging'))).toEqual([])
    await mkdir(join(lakeDir, 'bronze/.staging/99999999/site/gone'), { recursive: true })
    expect((await register(folder, lakeDir)).unchanged).toBe(true)
    expect(await listing(join(lakeDir, 'bronze/.staging'))).toEqual([])
    const again = await reopenExport(bronze.identity, { lakeDir })
    expect(await staged(again as BronzeExport)).toEqual(good)
  })

  test('packed or not is told by the content; the engine is given names that say so', async () => {
    const [first, second] = [lines('Patient', 1), lines('Patient', 1, 1)]
    const folder = await newExport({
      'Patient.1.ndjson': gzipSync(first),
      'Patient.2.ndjson.gz': second,
      'Patient.3.NDJSON.GZ': gzipSync(first),
      'Patient.4.jsonl.ZST': zstdCompressSync(second),
      'deleted/Bundle.ndjson': gzipSync('{"resourceType":"Bundle","entry":[{"request":{"method":"DELETE","url":"Goal/1"}}]}'),
    })
    const bronze = await register(folder, await newDir('lake'))
    expect([summary(bronze), bronze.deletions]).toEqual([[['Patient', 4, 0, false]], { Goal: 1 }])
    const text = [first, second, first, second].map((it) => it.trim())
    expect(await staged(bronze)).toEqual({ Patient: text })
    for (const { path, compression } of bronze.types[0]?.files ?? [])
      expect([path.endsWith('.ndjson'), compression]).toEqual([true, 'none'])
    const again = await reopenExport(bronze.identity, { lakeDir: join(bronze.dir, '../../..') })
    expect(await staged(again as BronzeExport)).toEqual({ Patient: text })
    expect(await register(folder, join(bronze.dir, '../../..'))).toMatchObject({ unchanged: true })
  })

  test('an archive of which nothing can be read is named', async () => {
    const folder = await newExport({ 'data.ndjson.gz': Buffer.from('not an archive'), 'Patient.ndjson': lines('Patient', 1) })
    const bronze = await register(folder, await newDir('lake'))
    expect(bronze.refused).toEqual(['data.ndjson.gz: cut short or damaged, nothing in it could be read'])
  })

  test('a file that changed since stops the load, to be tried again', async () => {
    const folder = await newExport({ 'Patient.ndjson': lines('Patient', 2) })
    const bronze = await register(folder, await newDir('lake'))
    await bronze.verify()
    await put(folder, { 'Patient.ndjson': lines('Patient', 3) })
    await expect(bronze.verify()).rejects.toMatchObject({ code: 'source-changed', retryable: true })
  })

  test.each(['gzip', 'zstd'] as const)('of a cut %s the lines before the cut', async (compression) => {
    const noise = Array.from(
      { length: 40_000 },
      (_, at) => `${resource('Patient', at, { birthDate: String(Math.sin(at)) })}\n`,
    ).join('')
    const packed = compression === 'gzip' ? gzipSync(noise) : zstdCompressSync(noise)
    const name = compression === 'gzip' ? 'Patient.ndjson.gz' : 'Patient.ndjson.zst'
    const folder = await newExport({ [name]: packed.subarray(0, packed.length >> 1), 'Condition.ndjson': lines('Condition', 1) })
    const bronze = await register(folder, await newDir('lake'))
    const [condition, patient] = bronze.types
    expect(condition).toMatchObject({ lines: 1, torn: false })
    expect(patient).toMatchObject({ torn: true, quarantined: 1 })
    const count = (patient?.lines ?? 0) - 1
    expect(count).toBeGreaterThan(10_000)
    expect(bronze.quarantine).toMatchObject([{ line: count + 1, reason: 'truncated' }])
    expect((await staged(bronze)).Patient).toEqual(noise.split('\n').slice(0, count))
  })
})

describe('deletions and outcomes', () => {
  const bundle = (entries: unknown[], rest: object = {}): string =>
    `${JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: entries, ...rest })}\n`
  const remove = (url: unknown, method: unknown = 'DELETE'): unknown => ({ request: { method, url } })

  test('urls in all accepted forms, the time of the Bundle, everything else in quarantine', async () => {
    const accepted = [
      'Patient/1',
      '/Patient/2',
      'https://e.org/fhir/Patient/3',
      'Patient/4/_history/2',
      'http://e.org/a/b/Patient/5/_history/x',
    ]
    const refused = [
      'Patient',
      'patient/1',
      'Nonsense/1',
      'urn:uuid:1',
      'Patient?identifier=1',
      'fhir/Patient/1',
      'Patient/1/x',
      7,
      null,
    ]
    const folder = await newExport({
      'deleted/Bundle.ndjson': `${bundle(accepted.map((it) => remove(it)))}${bundle(refused.map((it) => remove(it)))}`,
      'deleted/More.ndjson.gz': gzipSync(
        `${bundle([remove('Goal/1')], { meta: { lastUpdated: '2025-01-01T00:00:00+02:00' } })}\nbad\n${bundle([remove('Goal/2', 'PUT'), null])}${resource('Goal', 1)}\n${bundle([], { entry: undefined })}`,
      ),
    })
    const bronze = await register(folder, await newDir('lake'))
    expect(bronze.deletions).toEqual({ Patient: 5, Goal: 1 })
    expect(bronze.types).toEqual([])
    expect(bronze.quarantine.map(({ file, line, reason }) => `${file} ${line} ${reason}`)).toEqual([
      ...refused.map(() => 'deleted/Bundle.ndjson 2 deletion'),
      'deleted/More.ndjson.gz 3 deletion not a Bundle',
      'deleted/More.ndjson.gz 4 deletion',
      'deleted/More.ndjson.gz 4 deletion',
      'deleted/More.ndjson.gz 5 deletion not a Bundle',
    ])
    await bronze.stage()
    const rows = (await readFile(bronze.deletionsFile ?? '', 'utf8')).trim().split('\n')
    expect(rows.map((it) => JSON.parse(it) as unknown)).toEqual([
      ...[1, 2, 3, 4, 5].map((id) => ({
        type: 'Patient',
        id: String(id),
        deletedAt: time,
        file: 'deleted/Bundle.ndjson',
        line: 1,
      })),
      { type: 'Goal', id: '1', deletedAt: '2025-01-01T00:00:00+02:00', file: 'deleted/More.ndjson.gz', line: 1 },
    ])
  })

  test('outcomes: severity, and the types they name', async () => {
    const outcome = (...issue: unknown[]): string => `${JSON.stringify({ resourceType: 'OperationOutcome', issue })}\n`
    const folder = await newExport({
      'error/1.ndjson': [
        outcome({ severity: 'error', diagnostics: 'One Observation could not be written' }, { severity: 'warning' }),
        outcome({ severity: 'fatal', details: { text: 'No more space for Group 7' } }),
        outcome({ severity: 'information', expression: ['Condition.code', 'Patient'] }),
        outcome({ severity: 'dreadful' }),
        'bad\n',
      ].join(''),
    })
    expect((await register(folder, await newDir('lake'))).outcomes).toEqual([
      { severity: 'error', types: ['Observation'] },
      { severity: 'warning', types: [] },
      { severity: 'fatal', types: [] },
      { severity: 'information', types: ['Condition', 'Patient'] },
      { severity: 'error', types: [] },
      { severity: 'error', types: [] },
    ])
  })
})

test('types that were asked for, and of names in another case, are there without lines', async () => {
  const asked = log.replace('$export', '$export?_type=Patient,Condition')
  const folder = await newExport({
    'log.ndjson': asked,
    'Patient.ndjson': lines('Patient', 1),
    'goal.ndjson': '',
    'Flag.ndjson': '',
  })
  const bronze = await register(folder, await newDir('lake'))
  expect(summary(bronze)).toEqual([
    ['Condition', 0, 0, false],
    ['Flag', 0, 0, false],
    ['Goal', 0, 0, false],
    ['Patient', 1, 0, false],
  ])
})

test('threads give what one thread gives', async () => {
  const files: Record<string, string> = {}
  const wide = `${resource('Patient', 'x', { birthDate: 'x'.repeat(1000) })}\n`
  for (let at = 0; at < 4; at += 1) files[`Patient.${at}.ndjson`] = `${wide.repeat(8000)}bad\n`
  const folder = await newExport(files)
  const [one, two] = [
    await register(folder, await newDir('lake'), { threads: 1 }),
    await register(folder, await newDir('lake'), { threads: 2 }),
  ]
  expect(two).toMatchObject({
    fingerprint: one.fingerprint,
    quarantine: one.quarantine,
    types: one.types.map(({ files: _, ...it }) => it),
  })
  expect(summary(two)).toEqual([['Patient', 32_004, 4, false]])
})

test.each([
  ['a log tells who it is', { 'log.ndjson': log }],
  ['its content tells who it is', {}],
])('stopped at any point, the next run ends the same and leaves nothing behind: %s', async (_, more) => {
  const files: Record<string, string> = {}
  for (let at = 0; at < 6; at += 1) files[`Patient.${at}.ndjson`] = lines('Patient', 2000, at * 1e6)
  const folder = await newDir('export')
  await put(folder, { ...files, ...more })
  const script = `
    const { planExports } = await import(${JSON.stringify(new URL('./plan.ts', import.meta.url).href)})
    const { registerExport } = await import(${JSON.stringify(new URL('./register.ts', import.meta.url).href)})
    const [planned] = await planExports(${JSON.stringify(folder)}, { source: 'site' })
    console.log('go')
    await registerExport(planned, { lakeDir: process.argv[1], onProgress: ({ doneBytes }) => console.log(doneBytes) })
    console.log('done')`
  const lake = await newDir('lake')
  for (const afterLines of [1, 5]) {
    const child = spawn(process.execPath, [
      '--conditions=floe-source',
      '--no-warnings',
      '--input-type=module',
      '-e',
      script,
      lake,
    ])
    let seen = 0
    child.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString().split('\n').length - 1
      if (seen >= afterLines) child.kill('SIGKILL')
    })
    await once(child, 'close')
  }
  const bronze = await register(folder, lake)
  const clean = await register(folder, await newDir('lake'))
  expect([summary(bronze), bronze.identity.exportId]).toEqual([summary(clean), clean.identity.exportId])
  expect(await listing(bronze.dir)).toEqual(await listing(clean.dir))
  expect((await listing(join(lake, 'bronze'))).filter((it) => it.endsWith('.part'))).toEqual([])
  expect(await listing(join(lake, 'bronze/.parts')).catch(() => ['site'])).toEqual(['site'])
})
