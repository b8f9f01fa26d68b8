import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FaultAction, Manifest } from '@floe/testkit'
import { expect } from 'vitest'
import { asked, type FaultCase, usual } from './case.ts'

const patched = (patch: Extract<FaultAction, { kind: 'manifest' }>['patch'], page?: number) => ({
  faults: [{ on: 'manifest' as const, ...(page === undefined ? {} : { page }), do: { kind: 'manifest' as const, patch } }],
})
const retyped = (type: unknown) =>
  patched((manifest) => ({
    ...manifest,
    output: manifest.output.map((item) => (item.type === 'Patient' ? { ...item, type } : item)),
  }))

const hostileTypes: [string, unknown][] = [
  ['a path that leads out of the folder', 'x/../../../escaped'],
  ['an absolute path', '/tmp/floe-escaped'],
  ['a backslash path', '..\\..\\escaped'],
  ['a NUL character', 'Patient\u0000.exe'],
  ['the device name CON', 'CON'],
  ['the device name Nul', 'Nul'],
  ['300 characters', `P${'a'.repeat(299)}`],
  ['a number', 42],
  ['nothing', null],
  ['a hidden name', '.ssh'],
]

/** Output manifests: pages, hostile names, odd shapes. */
export const manifestCases: FaultCase[] = [
  ...hostileTypes.map(
    ([what, type]): FaultCase => ({
      point: 8,
      fault: `the type of a file is ${what}`,
      outcome: 'stored as Unknown.000.ndjson; nothing is written elsewhere',
      ehr: retyped(type),
      exit: 0,
      check: (run) => {
        expect(run.stored['Unknown.000.ndjson']).toBe(run.served['Patient.000.ndjson'])
        expect(
          run.everything.filter(
            (path) => !/^out\/([A-Z][A-Za-z]*\.\d{3}\.ndjson|log\.ndjson|manifest\.json|floe-export\.json)$/.test(path),
          ),
        ).toEqual([])
      },
    }),
  ),
  {
    point: 7,
    fault: 'the manifest has three pages, not asked for',
    outcome: 'every page is followed once; bytes equal',
    ehr: { pageSize: 1 },
    exit: 0,
    data: 'equal',
    check: ({ polls }) => expect(polls.map(({ page }) => page)).toEqual([1, 2, 3]),
  },
  {
    point: 7,
    fault: 'the manifest has three pages, asked for, the first while the job still runs',
    outcome: 'each file is fetched once; bytes equal',
    ehr: { pageSize: 1, polls: 2 },
    request: { allowPartialManifests: true },
    exit: 0,
    data: 'equal',
    check: ({ files }) => expect(files.length).toBe(3),
  },
  {
    point: 7,
    fault: 'the next page is the first one again (a loop)',
    outcome: 'exit 5, job kept',
    ehr: {
      pageSize: 1,
      ...patched((manifest) => ({ ...manifest, link: [{ relation: 'next', url: firstPage(manifest) }] }), 2),
    },
    exit: 5,
    check: ({ polls }) => expect(polls.length).toBeLessThanOrEqual(4),
  },
  {
    point: 7,
    fault: 'a later page answers 503, then comes',
    outcome: 'asked again; bytes equal',
    ehr: { pageSize: 1, faults: [{ on: 'manifest', page: 2, nth: 1, do: { kind: 'answer', status: 503 } }] },
    exit: 0,
    data: 'equal',
  },
  {
    point: 7,
    fault: 'files hold one block for each patient (organizeOutputBy), without a type',
    outcome: 'stored as Resources.000.ndjson, header lines and all; a count with or without these is right',
    files: { 'Patient.000.ndjson': { lines: 3 }, 'Organization.000.ndjson': { lines: 2 } },
    request: { organizeOutputBy: 'Patient' },
    exit: 0,
    check: async ({ folder, receipt }) => {
      const text = await readFile(join(folder, 'Resources.000.ndjson'), 'utf8')
      expect(text.split('\n').filter((line) => line.includes('"Parameters"')).length).toBe(4)
      expect(receipt?.files.map(({ type, count }) => [type, count])).toEqual([['Resources', 5]])
    },
  },
  {
    point: 17,
    fault: 'output is empty',
    outcome: 'exit 0 with no file',
    ehr: patched((manifest) => ({ ...manifest, output: [] })),
    exit: 0,
    data: 'none',
    check: ({ receipt }) => expect(receipt?.totals).toEqual({ files: 0, resources: 0, bytes: 0 }),
  },
  {
    point: 17,
    fault: 'no counts at all',
    outcome: 'bytes equal; the receipt says that nothing was told',
    ehr: { counts: false },
    exit: 0,
    data: 'equal',
    check: ({ receipt }) => expect(receipt?.files.map(({ count }) => count)).toEqual([null, null, null]),
  },
  {
    point: 17,
    fault: 'unknown keys and extensions at every level, error missing, count as text',
    outcome: 'ignored; bytes equal',
    ehr: patched(({ error: _, ...manifest }) => ({
      ...manifest,
      JobID: 7,
      extension: [{ url: 'x' }],
      output: manifest.output.map((item) => ({ ...item, count: String(item.count), extension: { a: 1 }, fileSize: 'big' })),
    })),
    exit: 0,
    data: 'equal',
  },
  {
    point: 17,
    fault: 'file URLs that are relative to the FHIR base (v1 servers)',
    outcome: 'resolved; bytes equal',
    ehr: patched((manifest) => ({
      ...manifest,
      output: manifest.output.map((item) => ({ ...item, url: new URL(item.url).pathname })),
    })),
    exit: 0,
    data: 'equal',
  },
  {
    point: 17,
    fault: 'the same URL twice in output',
    outcome: 'exit 0; the file is there',
    ehr: patched((manifest) => ({ ...manifest, output: [...manifest.output, ...manifest.output.slice(0, 1)] })),
    exit: 0,
    check: (run) => expect(run.stored).toMatchObject(run.served),
  },
  ...unusable(),
  {
    point: 22,
    fault: 'the server reports outcomes of severity error and fatal',
    outcome: 'all files fetched, exit 7, job kept',
    ehr: { outcomes: [{ severity: 'error', diagnostics: 'two patients failed' }, { severity: 'fatal' }] },
    exit: 7,
    jobKept: true,
    check: (run) => {
      expect(run.stored).toMatchObject(run.served)
      expect(run.receipt?.outcomes.map(({ severity, text }) => [severity, text])).toEqual([
        ['error', 'two patients failed'],
        ['fatal', null],
      ])
    },
  },
  {
    point: 22,
    fault: 'the server reports information and warnings only',
    outcome: 'exit 0, job deleted',
    ehr: { outcomes: [{ severity: 'information' }, { severity: 'warning', diagnostics: 'slow' }] },
    exit: 0,
    check: (run) => expect(run.stored).toMatchObject(run.served),
  },
  {
    point: 22,
    fault: 'the count of a file of outcomes is that of the resources that were lost (a vendor counts so)',
    outcome: 'the file is kept after a second look; all data are there, exit 7, job kept',
    ehr: {
      outcomes: [{ severity: 'information' }],
      faults: [
        {
          on: 'manifest',
          do: {
            kind: 'manifest',
            patch: (manifest) => ({ ...manifest, error: manifest.error.map((item) => ({ ...item, count: 22 })) }),
          },
        },
      ],
    },
    exit: 7,
    jobKept: true,
    check: (run) => expect(run.stored).toMatchObject(run.served),
  },
  {
    point: 22,
    fault: 'a file of deleted resources',
    outcome: 'stored below deleted/',
    files: {
      ...usual,
      'deleted/Bundle.000.ndjson':
        '{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Patient/1"}}]}\n',
    },
    request: { since: '2020-01-01T00:00:00Z' },
    exit: 0,
    check: (run) => {
      expect(run.stored['deleted/Bundle.000.ndjson']).toBe(run.served['deleted/Bundle.000.ndjson'])
      expect(asked(run, 'Bundle')).toBe(1)
    },
  },
]

function firstPage({ request, output }: Manifest): string {
  const job = /bulk-files\/([0-9a-f]+)/.exec(output[0]?.url ?? '')?.[1]
  return `${new URL(request).origin}/fhir/bulk-status/${job}`
}

/** Manifests that say nothing useful: the server's failure. */
function unusable(): FaultCase[] {
  const cases: [string, (manifest: Manifest) => unknown][] = [
    ['is a list', () => []],
    ['has no transactionTime', ({ transactionTime: _, ...rest }) => rest],
    ['has an output that is no list', (manifest) => ({ ...manifest, output: { Patient: 'x' } })],
    ['has a file without URL', (manifest) => ({ ...manifest, output: [{ type: 'Patient' }] })],
  ]
  return [
    ...cases.map(
      ([what, patch]): FaultCase => ({
        point: 17,
        fault: `the manifest ${what}`,
        outcome: 'exit 5, job kept',
        ehr: patched(patch),
        options: { retryMaxTimeMs: 1500 },
        exit: 5,
        data: 'none',
      }),
    ),
    {
      point: 17,
      fault: 'a file URL is not http(s)',
      outcome: 'exit 6; nothing of this machine is read',
      ehr: patched((manifest) => ({ ...manifest, output: [...manifest.output, { type: 'Goal', url: 'file:///etc/passwd' }] })),
      exit: 6,
      check: (run) => expect(run.stored).toEqual(run.served),
    },
  ]
}
