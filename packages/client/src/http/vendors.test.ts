import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { smartBackendServices } from '../auth/auth.ts'
import { newKeys } from '../auth/keys.ts'
import { lines, sendJson, startFake } from '../bulk-server.suite.ts'
import { attempt, tempBench } from '../test-run.suite.ts'
import { detectVendor, vendors } from './vendors.ts'

test.each([
  ['Epic', 'epic'],
  ['Cerner', 'oracle'],
  ['Oracle Health', 'oracle'],
  ['HAPI FHIR Server', 'hapi'],
  ['Azure Health Data Services', 'azure'],
  ['Example EHR', undefined],
])('%s is %s', (softwareName, id) => {
  expect(detectVendor({ softwareName, publisher: null })?.id).toBe(id)
})

test.each([
  ['Cerner', undefined, 'system/Patient.rs system/Observation.rs', '_until'],
  ['Example EHR', undefined, 'system/*.rs', '_until'],
  ['Example EHR', 'oracle' as const, 'system/Patient.rs system/Observation.rs', '_until'],
  ['Azure API for FHIR', undefined, 'system/*.rs', '_till'],
])('%s (vendor %s) is asked for the scope %s and %s', async (name, vendor, scope, until) => {
  await using bench = await tempBench()
  await using server = await startFake({
    metadata: { resourceType: 'CapabilityStatement', software: { name } },
    smart: { token_endpoint: '../token' },
    token: (_, response) => sendJson(response, 200, { access_token: 'a-token-of-the-test', expires_in: 300 }),
    files: [{ body: lines('Patient', 1) }],
  })
  const auth = smartBackendServices({ clientId: 'c', privateKey: (await newKeys()).privateJwks })
  await attempt(server, bench.dest, {
    client: { auth, ...(vendor === undefined ? {} : { vendor }) },
    request: { level: 'patient', type: ['Patient', 'Observation'], until: '2026-01-01' },
  })
  expect(new URLSearchParams(server.seen.find(({ path }) => path === '/token')?.body).get('scope')).toBe(scope)
  expect(server.seen.find(({ path }) => path.includes('$export'))?.path).toContain(`${until}=2026`)
})

/** The page is written from the table: `FLOE_WRITE_DOCS=1`. */
test('docs/vendors.md says what the table says', async () => {
  const sections = vendors.map(({ id, name, quirks, sources }) =>
    [
      `## ${name}`,
      '',
      `Profile \`${id}\`.`,
      '',
      '| the server | floe |',
      '|---|---|',
      ...quirks.map(([quirk, floe]) => `| ${quirk} | ${floe} |`),
      '',
      `Sources: ${sources.join('; ')}.`,
      '',
    ].join('\n'),
  )
  const page = [
    '# Servers and their ways',
    '',
    '*Reference, for data engineers.* What is known of the Bulk Data servers in use, and what `floe export` does about it. A server is known by',
    'the software name and publisher of its CapabilityStatement. Written from `packages/client/src/http/vendors.ts`.',
    '',
    'What was run here, from its own source, is the SMART reference server 2.1.1, by `drills/third-party.ts`, which takes the address of any server:',
    'system, Patient and Group level by GET and by POST, `_since`, `_elements`, partial manifests, organised output, deletions, transient and',
    'lasting errors, files of 100 lines, and a download of three minutes with tokens that live for one. The other rows are from their sources.',
    '',
    ...sections,
  ].join('\n')
  const path = join(import.meta.dirname, '../../../../docs/vendors.md')
  if (process.env.FLOE_WRITE_DOCS === '1') await writeFile(path, page)
  expect(await readFile(path, 'utf8')).toBe(page)
})
