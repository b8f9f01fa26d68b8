import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vendors } from '@floe/client'
import { afterAll, expect, test } from 'vitest'
import { configure } from '../config/load.ts'
import { options } from '../config/options.ts'
import { planExport } from './plan.ts'

const cwd = mkdtempSync(join(tmpdir(), 'floe-plan-'))
writeFileSync(join(cwd, 'key.json'), '{"keys":[]}')
writeFileSync(join(cwd, 'ids'), 'p1\np2\n')
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const fhir = 'https://ehr.example.org/fhir'
async function plan(address: string | undefined, flags: Record<string, unknown>): Promise<ReturnType<typeof planExport>> {
  return planExport(address, (await configure({ flags, env: {}, cwd })).settings, cwd)
}

test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  [`${fhir}/Group/42`, {}, { level: 'group', groupId: '42' }],
  [fhir, { group: ['42'] }, { level: 'group', groupId: '42' }],
  [`${fhir}/Group/42`, { group: ['42'] }, { level: 'group', groupId: '42' }],
  [fhir, { patientLevel: true }, { level: 'patient' }],
  [fhir, { system: true, since: '2026-01-01' }, { level: 'system', since: '2026-01-01T00:00:00Z' }],
  [fhir, { patient: ['@ids', 'p3'] }, { level: 'patient', patient: ['p1', 'p2', 'p3'] }],
  [`${fhir}/$export?_type=Patient`, { type: ['Condition'] }, { level: 'system', type: ['Condition'] }],
  [
    fhir,
    { system: true, param: ['a=b=c', 'd='] },
    {
      level: 'system',
      parameters: [
        ['a', 'b=c'],
        ['d', ''],
      ],
    },
  ],
])('%s %j', async (address, flags, request) => {
  expect((await plan(address, flags)).request).toEqual({ kickoff: 'auto', ...request })
})

test('--since auto is decided later', async () => {
  expect(await plan(fhir, { system: true, since: 'auto' })).toMatchObject({ sinceAuto: true, request: { level: 'system' } })
})

test('a key becomes a reference that holds from everywhere', async () => {
  const { client } = await plan(fhir, { system: true, smartKey: 'key.json', smartClientId: 'me' })
  expect(client.auth?.reference).toEqual({ kind: 'smart', clientId: 'me', privateKey: `file:${join(cwd, 'key.json')}` })
})

test('--vendor and --no-range reach the client', async () => {
  const { client, transfer } = await plan(fhir, { system: true, vendor: 'oracle', range: 'false' })
  expect([client.vendor, transfer.noRange]).toEqual(['oracle', true])
  const ids: readonly string[] = vendors.map(({ id }) => id)
  expect(options.find(({ key }) => key === 'vendor')?.choices).toEqual(expect.arrayContaining(['auto', ...ids]))
})

test.each<[string, Record<string, unknown>, string]>([
  [fhir, {}, 'no level is told: whose data is to be exported?'],
  [fhir, { group: ['1'], system: true }, 'more than one level is told'],
  [`${fhir}/Group/42`, { group: ['43'] }, 'the address and --group name different Groups'],
  [`${fhir}/Group/42`, { system: true }, 'the address tells group level, the options system level'],
  [fhir, { system: true, since: 'yesterday' }, '--since yesterday is no instant'],
  [fhir, { system: true, param: ['x'] }, '--param x has no value'],
  [fhir, { system: true, smartKey: 'nowhere.json', smartClientId: 'me' }, 'the key nowhere.json cannot be read'],
  [fhir, { system: true, smartKey: 'key.json' }, '--smart-key needs --smart-client-id'],
  [fhir, { system: true, smartClientId: 'me' }, '--smart-client-id needs a key'],
  [
    fhir,
    { system: true, bearerToken: 'env:T', clientSecret: 'env:S', smartClientId: 'me' },
    '--client-secret and --bearer-token: only one way to authenticate is taken',
  ],
])('%s %j is refused', async (address, flags, message) => {
  await expect(plan(address, flags)).rejects.toMatchObject({ code: 'usage', exitCode: 2, message })
})
