import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newKeys } from '@floe/client'
import { startEhr, synthesize } from '@floe/testkit'
import { expect, test, vi } from 'vitest'
import { countByGender, exportGroup, isWorthAnotherCall } from './export-group.ts'

test('an authorised export that is interrupted, taken up and read', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const work = await mkdtemp(join(tmpdir(), 'floe-example-'))
  const { folder, types, groupId } = await synthesize({ patients: 10, out: join(work, 'population') })
  const { privateJwks, publicJwks } = await newKeys({ alg: 'ES384' })
  await writeFile(join(work, 'key.json'), JSON.stringify(privateJwks), { mode: 0o600 })
  await using ehr = await startEhr({ folder, auth: { clients: [{ clientId: 'example', jwks: publicJwks }] } })
  const options = {
    fhirUrl: ehr.fhirUrl,
    clientId: 'example',
    privateKey: `file:${join(work, 'key.json')}`,
    groupId,
    to: join(work, 'export'),
  } as const

  const interruption = new AbortController()
  const interrupted = exportGroup({ ...options, signal: interruption.signal })
  setTimeout(() => interruption.abort(), 300)
  const error: unknown = await interrupted.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  expect(error === undefined || isWorthAnotherCall(error)).toBe(true)

  const receipt = await exportGroup(options)
  expect(receipt).toMatchObject({ exitCode: 0, totals: { resources: (types.Patient ?? 0) + (types.Condition ?? 0) } })
  const genders = await countByGender(receipt)
  expect(Object.values(genders).reduce((sum, count) => sum + count, 0)).toBe(types.Patient)
  await rm(work, { recursive: true })
})
