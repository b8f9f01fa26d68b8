import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { newKeys } from '@floe/client'
import { type EhrOptions, type Fault, startEhr } from '@floe/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { found, logText } from './canary.ts'
import { runFloe } from './cli.ts'
import { makeExportFolder, scratch } from './support.ts'

let work: Awaited<ReturnType<typeof scratch>>
let source: string
let key: string
let auth: NonNullable<EhrOptions['auth']>
beforeAll(async () => {
  work = await scratch('canary')
  source = await makeExportFolder(join(work.dir, 'source'), {
    'Observation.000.ndjson': { lines: 300 },
    'Patient.000.ndjson': { lines: 20 },
  })
  const { privateJwks, publicJwks } = await newKeys({ alg: 'ES384', kid: 'planted-kid' })
  key = join(work.dir, 'key.json')
  await writeFile(key, JSON.stringify(privateJwks), { mode: 0o600 })
  auth = {
    clients: [{ clientId: 'app', jwks: publicJwks }],
    bearer: ['planted-bearer-1'],
    basic: { user: 'me', password: 'planted-password' },
  }
})
afterAll(() => work[Symbol.asyncDispose]())

/** A server that repeats whatever it knows in its messages, and says it in every shape. */
const talkative = (on: Fault['on'], status: number): Fault => ({
  on,
  do: {
    kind: 'answer',
    status,
    headers: { 'x-session': 'planted-header', location: 'https://e.org/?sig=planted', 'set-cookie': 'session=planted-cookie' },
    issue: {
      severity: 'error',
      code: 'invalid',
      diagnostics:
        'no: https://files.example.org/bucket/x?X-Amz-Signature=feedfacecafef00d0123&u=planted Authorization: Bearer ehr-access-token-planted',
    },
  },
})

const smart = () => ['--smart-client-id', 'app', '--smart-key', key]
const scenarios: [string, Partial<EhrOptions>, (dir: string) => string[]][] = [
  ['all goes well', {}, smart],
  ['signed URLs', { files: 'other' }, smart],
  ['patients by POST', {}, () => [...smart(), '--patient', 'patient-000001,patient-000002']],
  ['patients who are unknown', {}, () => [...smart(), '--patient', 'patient-000099']],
  ['a fixed token', {}, () => ['--bearer-token', 'env:CANARY_TOKEN']],
  ['a fixed token that is refused', { auth: { bearer: [] } }, () => ['--bearer-token', 'env:CANARY_TOKEN']],
  ['Basic', {}, () => ['--basic-user', 'me', '--basic-passwd', 'env:CANARY_PASSWORD']],
  ['a refused client', { auth: { clients: [] } }, smart],
  ['a talkative token endpoint', { faults: [talkative('token', 400)] }, smart],
  ['a talkative kick-off', { faults: [talkative('kickoff', 400)] }, smart],
  ['a talkative kick-off with 401', { faults: [talkative('kickoff', 401)] }, smart],
  ['a talkative status', { polls: 1, faults: [talkative('status', 422)] }, smart],
  ['a talkative status that is busy', { polls: 1, faults: [{ ...talkative('status', 503), to: 1 }] }, smart],
  ['talkative files', { faults: [talkative('file', 400)] }, smart],
  ['talkative storage', { files: 'other', faults: [talkative('file', 403)] }, smart],
  ['talkative DELETE', { faults: [talkative('delete', 500)] }, smart],
  ['talkative outcomes', { outcomes: [{ severity: 'error', diagnostics: 'see https://e.org/x?sig=planted' }] }, smart],
  ['talkative progress', { progress: ['at https://e.org/?token=planted'], polls: 1 }, smart],
  ['wrong counts', { files: 'other', faults: [{ on: 'file', do: { kind: 'truncate', as: 'chunked', afterBytes: 999 } }] }, smart],
  ['broken transfers', { files: 'other', faults: [{ on: 'file', to: 2, do: { kind: 'reset', afterBytes: 500 } }] }, smart],
  [
    'an unknown host in a signed URL',
    { faults: [foreignFile('https://nowhere.invalid/x?X-Amz-Signature=feedfacecafef00dplanted')] },
    smart,
  ],
  ['a file URL with a user and a password', { faults: [foreignFile('https://planted:planted@nowhere.invalid/x')] }, smart],
]

function foreignFile(url: string): Fault {
  return { on: 'manifest', do: { kind: 'manifest', patch: (manifest) => ({ ...manifest, output: [{ type: 'Patient', url }] }) } }
}

describe('secrets, signatures, status URLs and identifiers stay out of everything that is shown or logged', () => {
  test.concurrent.each(scenarios)('%s', { timeout: 60_000 }, async (name, options, args) => {
    await using ehr = await startEhr({ folder: source, polls: 0, auth, ...options })
    const to = join(work.dir, name.replaceAll(' ', '-'))
    const env = { CANARY_TOKEN: 'planted-bearer-1', CANARY_PASSWORD: 'planted-password' }
    const limits = ['--retries', '1', '--retry-max-time', '2s', '--poll-max', '1s']
    const command = ['export', `${ehr.fhirUrl}/Group/demo`, to, ...args(to), ...limits, '-vv']
    const run = await runFloe([...command, '--json'], { env })
    // What is shown of a finished and of a broken export is the same for all of them.
    const status = /goes well|talkative files/.test(name) ? await runFloe(['status', to, '-vv']) : run
    const shown = [run.stdout, run.stderr, status.stdout, status.stderr].join('\n').replaceAll(key, 'KEY')
    expect(shown.length).toBeGreaterThan(0)
    expect({ shown: found(shown), log: found(await logText(to)) }).toEqual({ shown: [], log: [] })
  })
})
