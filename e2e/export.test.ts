import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { type EhrOptions, startEhr } from '@floe/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runFloe } from './cli.ts'
import { cumulusIdentity, digests, makeExportFolder, modes, paths, readLog, scratch } from './support.ts'

let work: Awaited<ReturnType<typeof scratch>>
let source: string
let later: string
beforeAll(async () => {
  work = await scratch('export')
  source = await makeExportFolder(join(work.dir, 'source'), {
    'Patient.000.ndjson': { lines: 30 },
    'Observation.000.ndjson': { lines: 4000, bytes: 500 },
    'Observation.001.ndjson': { lines: 50 },
    'Condition.000.ndjson': { lines: 20, bytes: 3000 },
  })
  const bundle = { resourceType: 'Bundle', type: 'transaction', entry: [{ request: { method: 'DELETE', url: 'Condition/c-1' } }] }
  later = await makeExportFolder(join(work.dir, 'later'), {
    'Patient.000.ndjson': { lines: 2 },
    'deleted/Bundle.000.ndjson': `${JSON.stringify(bundle)}\n`,
  })
  await writeFile(join(later, 'manifest.json'), JSON.stringify({ transactionTime: '2026-03-01T00:00:00Z' }))
})
afterAll(() => work[Symbol.asyncDispose]())

let number = 0
const destination = () => join(work.dir, `out-${++number}`)
const start = (options: Partial<EhrOptions> = {}) => startEhr({ folder: source, polls: 0, ...options })

interface Receipt {
  exportId: string
  transactionTime: string
  files: { type: string; path: string; sha256: string; lines: number; bytes: number; count: number | null }[]
  totals: { files: number; resources: number; bytes: number }
  exitCode: number
}

describe.concurrent('SMART Backend Services', () => {
  test.each(['RS384', 'ES384'])('an authorised export of a group, signed with %s', async (alg) => {
    const key = join(work.dir, `${alg}.json`)
    const made = await runFloe(['keys', 'new', '--alg', alg, '--out', key])
    const shown = await runFloe(['keys', 'public', key])
    expect([made.code, shown.code, (await stat(key)).mode & 0o777]).toEqual([0, 0, 0o600])
    const jwks = JSON.parse(shown.stdout)
    await using ehr = await start({ polls: 1, auth: { clients: [{ clientId: 'app', jwks }] } })
    const to = destination()
    const run = await runFloe([
      'export',
      `${ehr.fhirUrl}/Group/demo`,
      to,
      '--smart-client-id',
      'app',
      '--smart-key',
      key,
      '--json',
    ])
    expect(run.stderr).not.toContain('error')
    expect(run.code).toBe(0)

    expect(await digests(to)).toEqual(await digests(source))
    expect(await modes(to)).toEqual({ folders: ['700'], files: ['600'] })
    const receipt = run.json as Receipt
    expect(Object.fromEntries(receipt.files.map(({ path, sha256 }) => [path, sha256]))).toEqual(await digests(source))
    expect(receipt).toMatchObject({
      transactionTime: '2026-02-01T00:00:00.123Z',
      exitCode: 0,
      totals: { files: 4, resources: 4100 },
    })
    expect(receipt.files.every(({ lines, count }) => lines === count)).toBe(true)

    const log = await readLog(to)
    expect(new Set(log.map(({ exportId }) => exportId))).toEqual(new Set([receipt.exportId]))
    const counts = Object.entries(Object.groupBy(log, ({ eventId }) => eventId)).map(([id, rows]) => [id, rows?.length])
    expect(Object.fromEntries(counts)).toMatchObject({
      kickoff: 1,
      status_progress: 1,
      status_page_complete: 1,
      status_complete: 1,
      manifest_complete: 1,
      download_request: 4,
      download_complete: 4,
      export_complete: 1,
    })
    expect(log.at(-1)?.eventId === 'export_complete' || log.at(-1)?.eventId === 'job_deleted').toBe(true)
    expect(await cumulusIdentity(to)).toEqual({
      exportId: receipt.exportId,
      group: 'demo',
      transactionTime: '2026-02-01T00:00:00.123Z',
    })
    const events = run.events.map(({ eventId }) => eventId)
    expect(events).toContain('kickoff')
    expect(events).toContain('export_complete')

    expect([ehr.count('token'), ehr.count('kickoff'), ehr.count('delete'), ehr.jobs]).toEqual([1, 1, 1, 0])
    expect(ehr.requests.filter(({ route }) => route === 'kickoff')).toMatchObject([
      { method: 'GET', level: 'group', accept: 'application/fhir+json', prefer: 'respond-async', authorization: 'bearer' },
    ])
    const open = ehr.requests.filter(({ authorization }) => authorization !== 'bearer').map(({ route }) => route)
    expect(open.filter((route) => !['discovery', 'metadata', 'token'].includes(route))).toEqual([])
  })

  test('a key that is not registered: exit 3, before any kick-off; once it is, floe resume goes on', async () => {
    const key = join(work.dir, 'mine.json')
    const other = join(work.dir, 'other.json')
    await runFloe(['keys', 'new', '--out', key])
    await runFloe(['keys', 'new', '--out', other])
    const { stdout } = await runFloe(['keys', 'public', other])
    await using ehr = await start({ auth: { clients: [{ clientId: 'app', jwks: JSON.parse(stdout) }] } })
    const run = await runFloe([
      'export',
      `${ehr.fhirUrl}/Group/demo`,
      destination(),
      '--smart-client-id',
      'app',
      '--smart-key',
      key,
      '--json',
    ])
    expect([run.code, run.error?.code, ehr.count('kickoff', 202)]).toEqual([3, 'auth', 0])
    expect(run.error?.hint).toBeTruthy()
  })

  test.each<[string, string[]]>([
    ['client secret', ['--smart-client-id', 'app', '--client-secret', 'env:THE_SECRET']],
    ['Basic', ['--basic-user', 'me', '--basic-passwd', 'env:THE_SECRET']],
    ['static bearer token', ['--bearer-token', 'env:THE_SECRET']],
  ])('%s', async (_name, options) => {
    const secret = 'p:ä$$w0rd'
    const bearer = 'opaque-token-1'
    await using ehr = await start({
      auth: { clients: [{ clientId: 'app', secret }], basic: { user: 'me', password: bearer }, bearer: [bearer] },
    })
    const env = { THE_SECRET: options.includes('--client-secret') ? secret : bearer }
    const run = await runFloe(['export', ehr.fhirUrl, destination(), '--system', '--type', 'Patient', ...options], { env })
    expect([run.stderr.includes('error'), run.code, ehr.jobs]).toEqual([false, 0, 0])
  })
})

describe.concurrent('HTTPS', () => {
  const pair = spawnSync('openssl', ['version']).status === 0
  test.skipIf(!pair)('a certificate of the network’s own: --ca-file (skipped: no openssl here)', async () => {
    const [key, cert] = [join(work.dir, 'tls.key'), join(work.dir, 'tls.crt')]
    const subject = ['-subj', '/CN=floe test', '-addext', 'subjectAltName=IP:127.0.0.1']
    const made = spawnSync('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-days',
      '2',
      ...subject,
    ])
    expect(made.status).toBe(0)
    await using ehr = await start({ tls: { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') } })
    const to = destination()
    const refused = await runFloe(['export', `${ehr.fhirUrl}/Group/demo`, to, '--json'])
    expect([refused.code, refused.error?.code, ehr.requests.length]).toEqual([4, 'unreachable', 0])
    expect(refused.error?.hint).toContain('--ca-file')
    const trusted = await runFloe(['export', `${ehr.fhirUrl}/Group/demo`, to, '--ca-file', cert])
    expect([trusted.code, await digests(to)]).toEqual([0, await digests(source)])
  })
})

describe.concurrent('levels and parameters', () => {
  test.each<[string, string, string[], object]>([
    ['system', '', ['--system'], { level: 'system', method: 'GET', path: '/fhir/$export', parameters: {} }],
    ['patient', '', ['--patient-level'], { level: 'patient', path: '/fhir/Patient/$export' }],
    ['patient, from the URL', '/Patient', [], { level: 'patient', path: '/fhir/Patient/$export' }],
    ['group, by option', '', ['--group', 'demo'], { level: 'group', path: '/fhir/Group/demo/$export' }],
    [
      'a URL with $export and parameters',
      '/Group/demo/$export?_type=Patient,Condition',
      [],
      { level: 'group', method: 'GET', parameters: { _type: ['Patient,Condition'] } },
    ],
    [
      'several parameters',
      '/Group/demo',
      [
        '--type',
        'Patient,Observation',
        '--since',
        '2025-01-01T00:00:00+02:00',
        '--type-filter',
        'Patient?gender=male',
        '--lenient',
      ],
      {
        prefer: 'respond-async, handling=lenient',
        parameters: {
          _type: ['Patient,Observation'],
          _since: ['2025-01-01T00:00:00+02:00'],
          _typeFilter: ['Patient?gender=male'],
        },
      },
    ],
    [
      'POST',
      '/Patient',
      ['--kickoff', 'post', '--type', 'Patient,Condition'],
      { method: 'POST', parameters: { _type: ['Patient', 'Condition'] } },
    ],
    [
      'patients, by POST',
      '/Group/demo',
      ['--patient', 'patient-000001,patient-000002'],
      { method: 'POST', parameters: { patient: ['Patient/patient-000001', 'Patient/patient-000002'] } },
    ],
  ])('%s', async (_name, path, options, expected) => {
    await using ehr = await start({ polls: 0 })
    const to = destination()
    const run = await runFloe(['export', `${ehr.fhirUrl}${path}`, to, ...options])
    expect(run.stderr).not.toContain('error:')
    expect(run.code).toBe(0)
    expect(ehr.requests.filter(({ route }) => route === 'kickoff')).toMatchObject([expected])
  })

  test('what is new: changes, deleted/, and an outcome for information', async () => {
    await using ehr = await start({ later, outcomes: [{ severity: 'information', diagnostics: 'all is well' }] })
    const to = destination()
    const run = await runFloe(['export', `${ehr.fhirUrl}/Group/demo`, to, '--since', '2026-02-01T00:00:00.123Z'])
    expect(run.code).toBe(0)
    const { 'error/OperationOutcome.000.ndjson': outcome, ...data } = await digests(to)
    expect([data, outcome !== undefined]).toEqual([await digests(later), true])
  })

  test('errors that the server reports: exit 7, job kept', async () => {
    await using ehr = await start({ outcomes: [{ severity: 'error', diagnostics: 'three notes were left out' }] })
    const to = destination()
    const run = await runFloe(['export', `${ehr.fhirUrl}/Group/demo`, to])
    expect([run.code, ehr.count('delete'), ehr.jobs]).toEqual([7, 0, 1])
    expect(run.stderr + run.stdout).toContain('three notes were left out')
    // Servers that allow one job only need it gone once the person has looked.
    expect([(await runFloe(['cancel', to])).code, ehr.count('delete'), ehr.jobs]).toEqual([0, 1, 0])
  })
})

describe.concurrent('files', () => {
  test.each<[string, (bytes: Buffer) => Buffer, string]>([
    ['gzip', (bytes) => gunzipSync(bytes), '.gz'],
    ['zstd', (bytes) => zstdDecompressSync(bytes), '.zst'],
  ])('--compress %s keeps the same content', async (compress, inflate, ending) => {
    for (const gzip of [false, true]) {
      await using ehr = await start({ polls: 0, gzip })
      const to = destination()
      expect((await runFloe(['export', `${ehr.fhirUrl}/Group/demo`, to, '--compress', compress])).code).toBe(0)
      const files = (await paths(to)).filter((path) => path.endsWith(`.ndjson${ending}`))
      expect(files.length).toBe(4)
      for (const path of files) {
        const name = path.slice(to.length + 1, -ending.length)
        expect(sha(inflate(await readFile(path)))).toBe(sha(await readFile(join(source, name))))
      }
    }
  })

  test('on another origin are fetched without the token', async () => {
    await using ehr = await start({ files: 'other', auth: { bearer: ['opaque-token-1'] } })
    const to = destination()
    const run = await runFloe(['export', `${ehr.fhirUrl}/Group/demo`, to, '--bearer-token', 'env:THE_TOKEN'], {
      env: { THE_TOKEN: 'opaque-token-1' },
    })
    expect([run.code, await digests(to)]).toEqual([0, await digests(source)])
    expect(
      new Set(ehr.requests.filter(({ route }) => route === 'file').map((one) => `${one.origin} ${one.authorization}`)),
    ).toEqual(new Set(['other none']))
  })

  test('come page by page, asked for or not', async () => {
    for (const options of [[], ['--partial-manifests']]) {
      await using ehr = await start({ pageSize: 1, polls: options.length })
      const to = destination()
      const run = await runFloe(['export', `${ehr.fhirUrl}/Group/demo`, to, ...options])
      expect([run.code, await digests(to)]).toEqual([0, await digests(source)])
    }
  })
})

const shared = process.env.FLOE_SHARED ?? join(import.meta.dirname, '../../shared')
describe.skipIf(!existsSync(join(shared, 'data')))('real Synthea data (skipped: the shared data sets are absent)', () => {
  test.each(['synthea-10', 'incremental-10/full'])('%s arrives byte for byte', async (name) => {
    const folder = join(shared, 'data', name)
    await using ehr = await startEhr({ folder, polls: 0 })
    const to = destination()
    const run = await runFloe(['export', `${ehr.fhirUrl}/Group/demo`, to, '--json'])
    expect(run.code).toBe(0)
    const wanted = await Promise.all(
      (await paths(folder))
        .filter((path) => /\.ndjson(\.gz)?$/.test(path) && !path.endsWith('log.ndjson'))
        .map(async (path) => {
          const bytes = await readFile(path)
          return [basename(path, '.gz'), sha(path.endsWith('.gz') ? gunzipSync(bytes) : bytes)]
        }),
    )
    expect(await digests(to)).toEqual(Object.fromEntries(wanted))
    const counts = JSON.parse(await readFile(join(folder, 'counts.json'), 'utf8'))
    const { files } = run.json as Receipt
    const lines = Object.entries(Object.groupBy(files, ({ type }) => type)).map(([type, all]) => [
      type,
      all?.reduce((sum, file) => sum + file.lines, 0),
    ])
    expect(Object.fromEntries(lines)).toEqual(counts)
  })
})

describe.concurrent('refusals and repetitions', () => {
  test('no level: a usage error that names the choices', async () => {
    await using ehr = await start()
    const run = await runFloe(['export', ehr.fhirUrl, destination(), '--json'])
    expect([run.code, run.error?.code, ehr.requests.length]).toEqual([2, 'usage', 0])
  })

  test('a refused kick-off: exit 4 with the words of the server', async () => {
    await using ehr = await start()
    const run = await runFloe(['export', `${ehr.fhirUrl}/Group/demo`, destination(), '--elements', 'id', '--json'])
    expect([run.code, run.error?.code]).toEqual([4, 'kickoff-refused'])
    expect(run.error?.message).toMatch(/400.*Not supported: _elements/)
  })

  test('a group that is not there, and a URL that is not FHIR: exit 4', async () => {
    await using ehr = await start({ groups: ['demo'] })
    for (const url of [`${ehr.fhirUrl}/Group/none`, `${new URL(ehr.fhirUrl).origin}/elsewhere/Group/demo`]) {
      const run = await runFloe(['export', url, destination(), '--json'])
      expect([run.code, run.error?.code]).toEqual([4, 'kickoff-refused'])
    }
  })

  test('nobody listens: exit 4, soon', async () => {
    const ehr = await start()
    await ehr.close()
    const run = await runFloe(['export', `${ehr.fhirUrl}/Group/demo`, destination(), '--json'], { timeout: 45_000 })
    expect([run.code, run.error?.code]).toEqual([4, 'unreachable'])
  })

  test('a destination that cannot be made: exit 1, before any kick-off', async () => {
    await using ehr = await start()
    const file = destination()
    await writeFile(file, 'mine')
    const run = await runFloe(['export', `${ehr.fhirUrl}/Group/demo`, join(file, 'out'), '--json'])
    expect([run.code, run.error?.hint !== undefined, ehr.count('kickoff')]).toEqual([1, true, 0])
  })

  test('a destination that is a file: exit 1 or 2, before any kick-off', async () => {
    await using ehr = await start()
    const file = destination()
    await writeFile(file, 'mine')
    const run = await runFloe(['export', `${ehr.fhirUrl}/Group/demo`, file, '--json'])
    expect([[1, 2].includes(run.code ?? 0), ehr.count('kickoff'), await readFile(file, 'utf8')]).toEqual([true, 0, 'mine'])
  })

  test('the same again starts nothing; another request in the same folder is refused; foreign files are left alone', async () => {
    await using ehr = await start({ polls: 0 })
    const to = destination()
    const args = ['export', `${ehr.fhirUrl}/Group/demo`, to, '--json']
    expect((await runFloe(args)).code).toBe(0)
    const before = ehr.requests.length
    const again = await runFloe(args)
    expect([again.code, (again.json as { unchanged: boolean }).unchanged]).toEqual([0, true])
    expect((await runFloe(['resume', to])).code).toBe(0)
    expect(ehr.requests.slice(before).filter(({ route }) => !['discovery', 'metadata'].includes(route))).toEqual([])
    const other = await runFloe([...args, '--type', 'Patient'])
    expect([other.code, other.error?.code, await digests(to)]).toEqual([2, 'usage', await digests(source)])
    const foreign = destination()
    await mkdir(foreign)
    await writeFile(join(foreign, 'thesis.doc'), 'mine')
    expect((await runFloe(['export', `${ehr.fhirUrl}/Group/demo`, foreign])).code).toBe(2)
  })

  test('--since auto follows the export beside it', async () => {
    await using ehr = await start({ later, polls: 0 })
    const beside = destination()
    const url = `${ehr.fhirUrl}/Group/demo`
    const first = await runFloe(['export', url, join(beside, '1'), '--since', 'auto'])
    const second = await runFloe(['export', url, join(beside, '2'), '--since', 'auto'])
    expect([first.code, second.code]).toEqual([0, 0])
    const asked = ehr.requests.filter(({ route }) => route === 'kickoff').map(({ parameters }) => parameters._since)
    expect(asked).toEqual([undefined, ['2026-02-01T00:00:00.123Z']])
    expect(await digests(join(beside, '2'))).toEqual(await digests(later))
  })

  test('--cancel and floe cancel end the job of an unfinished folder', async () => {
    await using ehr = await start({ polls: 1000 })
    for (const cancel of [
      (to: string) => ['export', `${ehr.fhirUrl}/Group/demo`, to, '--cancel'],
      (to: string) => ['cancel', to],
    ]) {
      const to = destination()
      const waited = await runFloe(['export', `${ehr.fhirUrl}/Group/demo`, to, '--wait-max', '1s', '--json'])
      expect([waited.code, ehr.jobs]).toEqual([6, 1])
      const cancelled = await runFloe(cancel(to))
      expect([cancelled.code, ehr.jobs]).toEqual([0, 0])
    }
    expect([ehr.count('kickoff'), ehr.count('delete')]).toEqual([2, 2])
  })
})

function sha(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
