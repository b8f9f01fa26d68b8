import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { newKeys } from '@floe/client'
import { startEhr } from '@floe/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runFloe } from './cli.ts'
import { cumulusIdentity, digests, makeExportFolder, scratch } from './support.ts'

/** Life of a token in seconds: a minute, as servers have it, with `FLOE_VOLUME=full`. */
const tokenTtl = process.env.FLOE_VOLUME === 'full' ? 60 : 2

let work: Awaited<ReturnType<typeof scratch>>
let source: string
beforeAll(async () => {
  work = await scratch('levels')
  const line = (type: string, id: string, rest = ''): string =>
    `{"resourceType":"${type}","id":"${id}","meta":{"lastUpdated":"2026-01-01T00:00:00Z"}${rest}}\n`
  const of = (id: string): string => `,"subject":{"reference":"Patient/${id}"}`
  const bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [{ request: { method: 'DELETE', url: 'Condition/c-gone' } }],
  }
  const member = ['a', 'b'].map((id) => ({ entity: { reference: `Patient/${id}` } }))
  source = await makeExportFolder(join(work.dir, 'source'), {
    'Patient.000.ndjson': ['a', 'b', 'c'].map((id) => line('Patient', id)).join(''),
    'Condition.000.ndjson': ['a', 'b', 'c'].map((id) => line('Condition', `c-${id}`, of(id))).join(''),
    'Organization.000.ndjson': line('Organization', 'o'),
    'Group.000.ndjson': `${JSON.stringify({ resourceType: 'Group', id: 'g', type: 'person', actual: true, member })}\n`,
    'deleted/Bundle.000.ndjson': `${JSON.stringify(bundle)}\n`,
  })
})
afterAll(() => work[Symbol.asyncDispose]())

/** Resources of each type that a level has: a Group of two patients, all three, and what belongs to nobody. */
const levels = {
  '/$export': { Condition: 3, Group: 1, Organization: 1, Patient: 3 },
  '/Patient': { Condition: 3, Patient: 3 },
  '/Group/g': { Condition: 2, Patient: 2 },
} as const

describe.concurrent('the three levels', () => {
  test.each(
    Object.entries(levels).flatMap(([path, counts]) => [
      [path, 'get', [], counts] as const,
      [path, 'post', ['--partial-manifests'], counts] as const,
    ]),
  )('%s by %s %j: the same resources, one job, released', async (path, kickoff, options, counts) => {
    await using ehr = await startEhr({ folder: source, polls: 1, retryAfter: '1', pageSize: 1 })
    const to = join(work.dir, `${path.replaceAll(/\W/g, '')}-${kickoff}-${options.length}`)
    const run = await runFloe(['export', `${ehr.fhirUrl}${path}`, to, '--kickoff', kickoff, ...options, '--json'])
    expect([run.error, run.code]).toEqual([undefined, 0])
    const { files } = run.json as { files: { type: string; itemType: string; lines: number }[] }
    const found = files.filter(({ itemType }) => itemType === 'output').map(({ type, lines }) => [type, lines])
    expect(Object.fromEntries(found)).toMatchObject(counts)
    expect(ehr.requests.filter(({ route }) => route === 'kickoff')).toMatchObject([{ method: kickoff.toUpperCase() }])
    expect([ehr.count('kickoff'), ehr.jobs]).toEqual([1, 0])
    expect(await cumulusIdentity(to)).toMatchObject({ group: path === '/Group/g' ? 'g' : '' })
  })

  test('errors that the server reports: all files are there, exit 7, the job is kept', async () => {
    await using ehr = await startEhr({
      folder: source,
      polls: 0,
      outcomes: [{ severity: 'error', diagnostics: 'Condition: one was lost' }],
    })
    const to = join(work.dir, 'errors')
    const run = await runFloe(['export', `${ehr.fhirUrl}/Group/g`, to, '--json'])
    expect([run.code, ehr.jobs]).toEqual([7, 1])
    expect(Object.keys(await digests(to))).toContain('error/OperationOutcome.000.ndjson')
  })

  test('deletions go all the way: C-41, what is deleted is not in the lake', async () => {
    const held = (extra: string): Record<string, string> => ({
      'Condition.000.ndjson': `{"resourceType":"Condition","id":"c-stays","meta":{"lastUpdated":"2026-01-01T00:00:00Z"}}\n${extra}`,
    })
    const gone = '{"resourceType":"Condition","id":"c-gone","meta":{"lastUpdated":"2026-01-01T00:00:00Z"}}\n'
    const first = await makeExportFolder(join(work.dir, 'before'), held(gone))
    await using before = await startEhr({ folder: first, polls: 0 })
    await using after = await startEhr({ folder: source, polls: 0 })
    const lake = join(work.dir, 'lake')
    for (const [index, ehr] of [before, after].entries()) {
      const to = join(work.dir, `deletes-${index}`)
      const since = index === 0 ? [] : ['--since', '2026-01-15']
      expect((await runFloe(['export', `${ehr.fhirUrl}/$export`, to, '--type', 'Condition', ...since])).code).toBe(0)
      expect((await runFloe(['load', to, '--lake', lake])).code).toBe(0)
    }
    const query = ['query', 'select id from silver.condition order by id', '--lake', lake, '--format', 'json']
    expect((await runFloe(query)).json).toEqual([{ id: 'c-stays' }])
  })
})

test(`tokens that live for ${tokenTtl} s during a download that takes several times as long`, { timeout: 600_000 }, async () => {
  const many = Array.from(
    { length: 12 },
    (_, index) => [`Observation.${String(index).padStart(3, '0')}.ndjson`, { lines: 500 }] as const,
  )
  const folder = await makeExportFolder(join(work.dir, 'many'), Object.fromEntries(many))
  const { privateJwks, publicJwks } = await newKeys({ alg: 'ES384' })
  const key = join(work.dir, 'key.json')
  await writeFile(key, JSON.stringify(privateJwks), { mode: 0o600 })
  // Each file takes a quarter of a token's life: twelve one after the other take three lives.
  const pieces = 20
  const drip = { kind: 'drip' as const, bytes: Math.ceil(110_000 / pieces), everyMs: (tokenTtl * 250) / pieces }
  const auth = { clients: [{ clientId: 'app', jwks: publicJwks }], tokenTtl }
  await using ehr = await startEhr({ folder, polls: 1, auth, faults: [{ on: 'file', do: drip }] })
  const to = join(work.dir, 'tokens')
  const options = ['--parallel', '1', '--smart-client-id', 'app', '--smart-key', key, '--json']
  const run = await runFloe(['export', `${ehr.fhirUrl}/Patient`, to, ...options], { timeout: 500_000 })
  expect([run.error, run.code]).toEqual([undefined, 0])
  expect(await digests(to)).toEqual(await digests(folder))
  const { durationMs } = run.json as { durationMs: number }
  if (tokenTtl === 60) process.stdout.write(`${ehr.count('token')} tokens, ${ehr.count('file')} files, ${durationMs} ms\n`)
  expect(durationMs).toBeGreaterThan(tokenTtl * 2000)
  // Renewed in time: no file was refused, none fetched twice.
  expect(ehr.count('token')).toBeGreaterThanOrEqual(3)
  expect([ehr.count('file', 401), ehr.count('file')]).toEqual([0, 12])
})
