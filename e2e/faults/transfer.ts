import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Fault } from '@floe/testkit'
import { expect } from 'vitest'
import { asked, type FaultCase, usual } from './case.ts'

const observation = { on: 'file', type: 'Observation' } as const
const half = 600_000
const twoPatients = '{"resourceType":"Patient","id":"a"}\n{"resourceType":"Patient","id":"b"}\n'

/** Transfers that end early, break off, stall or change under way. */
export const transferCases: FaultCase[] = [
  {
    point: 1,
    fault: 'the body is shorter than its Content-Length',
    outcome: 'goes on by Range; bytes equal',
    ehr: { faults: [{ ...observation, nth: 1, do: { kind: 'truncate', as: 'closed', afterBytes: half } }] },
    exit: 0,
    data: 'equal',
    check: ({ files }) => {
      const [first, second] = files.filter(({ type }) => type === 'Observation')
      expect([first?.range, second?.range, second?.status]).toEqual([null, `bytes=${half}-`, 206])
      expect(second?.ifRange).toMatch(/^"/)
    },
  },
  {
    point: 1,
    fault: 'the body is shorter than its Content-Length, at every try, from a server without ranges',
    outcome: 'exit 6, resumable; nothing under the final name',
    ehr: { ranges: false, faults: [{ ...observation, do: { kind: 'truncate', as: 'closed', afterBytes: half } }] },
    options: { retries: 2 },
    exit: 6,
    check: (run) => {
      expect([Object.keys(run.stored).sort(), asked(run, 'Observation')]).toEqual([
        ['Condition.000.ndjson', 'Patient.000.ndjson'],
        3,
      ])
      expect(run.error?.code).toBe('download-failed')
    },
  },
  {
    point: 2,
    fault: 'a chunked body ends cleanly at a line end, once',
    outcome: 'found by the count, fetched again; bytes equal',
    ehr: { faults: [{ ...observation, nth: 1, do: { kind: 'truncate', as: 'chunked', afterBytes: half, atLine: true } }] },
    exit: 0,
    data: 'equal',
  },
  {
    point: 2,
    fault: 'a chunked body ends cleanly at a line end, at every try',
    outcome: 'exit 6, job kept; the file is not accepted',
    ehr: { faults: [{ ...observation, do: { kind: 'truncate', as: 'chunked', afterBytes: half, atLine: true } }] },
    exit: 6,
    check: (run) => expect(Object.keys(run.stored)).not.toContain('Observation.000.ndjson'),
  },
  {
    point: 3,
    fault: 'a gzip body ends early, but well-formed, once',
    outcome: 'found by the count, fetched again; bytes equal',
    ehr: { faults: [{ ...observation, nth: 1, do: { kind: 'truncate', as: 'gzip', afterBytes: half, atLine: true } }] },
    exit: 0,
    data: 'equal',
  },
  {
    point: 3,
    fault: 'a body ends early inside of its last line, with as many lines as the manifest counts, once',
    outcome: 'found by the line that breaks off, fetched again; bytes equal',
    files: { 'Patient.000.ndjson': twoPatients },
    ehr: { faults: [{ on: 'file', nth: 1, do: { kind: 'truncate', as: 'gzip', afterBytes: twoPatients.length - 9 } }] },
    exit: 0,
    data: 'equal',
  },
  {
    point: 3,
    fault: 'a body ends inside of its last line at every try',
    outcome: 'exit 6, job kept; the file is not accepted',
    files: { 'Patient.000.ndjson': twoPatients },
    ehr: { faults: [{ on: 'file', do: { kind: 'truncate', as: 'chunked', afterBytes: twoPatients.length - 9 } }] },
    exit: 6,
    data: 'none',
  },
  {
    point: 3,
    fault: 'a gzip body breaks off',
    outcome: 'fetched again; bytes equal',
    ehr: { gzip: true, faults: [{ ...observation, nth: 1, do: { kind: 'truncate', as: 'chunked', afterBytes: 2000 } }] },
    exit: 0,
    data: 'equal',
  },
  {
    point: 4,
    fault: 'the manifest counts one resource more than the file has',
    outcome: 'exit 6 after a second fetch, job kept',
    ehr: { faults: [counting('Patient', 1)] },
    exit: 6,
    check: (run) => {
      expect([asked(run, 'Patient'), run.stored['Patient.000.ndjson']]).toEqual([2, undefined])
      expect(run.error?.message).toMatch(/20.*21/)
    },
  },
  {
    point: 4,
    fault: 'the same, with --allow-count-mismatch',
    outcome: 'keeps the file, says so, exit 7, job kept',
    ehr: { faults: [counting('Patient', 1)] },
    options: { allowCountMismatch: true },
    exit: 7,
    data: 'equal',
    jobKept: true,
    check: ({ receipt }) => expect(receipt?.notices.join()).toContain('Patient.000.ndjson'),
  },
  {
    point: 5,
    fault: 'characters of two to four bytes arrive in pieces of 1, 2, 3 and 7 bytes',
    outcome: 'bytes equal',
    files: Object.fromEntries(['Condition', 'Goal', 'Patient', 'Procedure'].map((type) => [`${type}.000.ndjson`, { lines: 3 }])),
    ehr: {
      faults: Object.entries({ Condition: 1, Goal: 2, Patient: 3, Procedure: 7 }).map(([type, bytes]) => ({
        on: 'file' as const,
        type,
        do: { kind: 'drip' as const, bytes, everyMs: 1 },
      })),
    },
    exit: 0,
    data: 'equal',
  },
  {
    point: 6,
    fault: 'decimals such as 1.10, -0.0, 1E400 and integers beyond 2^53',
    outcome: 'bytes equal, plain and gzip; the text is never parsed and written anew',
    ehr: { gzip: true },
    exit: 0,
    data: 'equal',
    check: async ({ folder }) =>
      expect((await readFile(join(folder, 'Patient.000.ndjson'), 'utf8')).slice(0, 200)).toContain(
        '[1.10,-0.0,1E400,12345678901234567890]',
      ),
  },
  {
    point: 12,
    fault: 'a file answers 503 twice, then comes',
    outcome: 'tried again with the wait that the server asks for; bytes equal',
    ehr: { faults: [{ ...observation, to: 2, do: { kind: 'answer', status: 503, headers: { 'retry-after': '1' } } }] },
    exit: 0,
    data: 'equal',
    check: (run) => expect(asked(run, 'Observation')).toBe(3),
  },
  {
    point: 12,
    fault: 'a file answers 500 at every try',
    outcome: 'exit 6, job kept; the others are complete',
    ehr: { faults: [{ ...observation, do: { kind: 'answer', status: 500 } }] },
    options: { retries: 1 },
    exit: 6,
    check: (run) => expect(Object.keys(run.stored).sort()).toEqual(['Condition.000.ndjson', 'Patient.000.ndjson']),
  },
  {
    point: 12,
    fault: 'the connection is reset in the middle, three times',
    outcome: 'goes on by Range from where it broke; bytes equal',
    ehr: { faults: [{ ...observation, to: 3, do: { kind: 'reset', afterBytes: 300_000 } }] },
    exit: 0,
    data: 'equal',
    check: (run) => expect(run.files.filter(({ status }) => status === 206).length).toBeGreaterThan(0),
  },
  {
    point: 12,
    fault: 'the connection is reset before the answer',
    outcome: 'tried again; bytes equal',
    ehr: { faults: [{ ...observation, to: 2, do: { kind: 'reset' } }] },
    exit: 0,
    data: 'equal',
  },
  {
    point: 12,
    fault: 'a file stalls: after its headers, in the middle, before any answer',
    outcome: 'given up after --idle-timeout, tried again; bytes equal',
    ehr: {
      faults: [
        { ...observation, nth: 1, do: { kind: 'stall', afterBytes: half } },
        { on: 'file', type: 'Patient', nth: 1, do: { kind: 'stall' } },
        { on: 'file', type: 'Condition', nth: 1, do: { kind: 'stall', beforeHeaders: true } },
      ],
    },
    options: { idleTimeoutMs: 1500 },
    exit: 0,
    data: 'equal',
  },
  {
    point: 12,
    fault: 'the file changes on the server between two tries (another ETag)',
    outcome: 'begins anew, mixes nothing; bytes equal',
    ehr: {
      faults: [
        {
          ...observation,
          nth: 1,
          do: [
            { kind: 'headers', set: { etag: '"earlier"' } },
            { kind: 'truncate', as: 'closed', afterBytes: half },
          ],
        },
      ],
    },
    exit: 0,
    data: 'equal',
    check: ({ files }) =>
      expect(files.filter(({ range }) => range !== null)).toMatchObject([{ ifRange: '"earlier"', status: 200 }]),
  },
  {
    point: 12,
    fault: 'a page of HTML with status 200 comes instead of the file',
    outcome: 'exit 6; it does not pass for data',
    ehr: {
      counts: false,
      faults: [{ on: 'file', type: 'Patient', do: { kind: 'answer', status: 200, body: '<html>Please log in</html>' } }],
    },
    exit: 6,
    check: (run) => {
      expect(Object.keys(run.stored)).not.toContain('Patient.000.ndjson')
      expect(run.error?.message).not.toContain('<html>')
    },
  },
  {
    point: 16,
    fault: 'files wait for a slot for longer than --idle-timeout',
    outcome: 'waiting does not count; bytes equal',
    files: Object.fromEntries(['A', 'B', 'C', 'D'].map((_, index) => [`Patient.00${index}.ndjson`, { lines: 40, bytes: 1000 }])),
    ehr: { faults: [{ on: 'file', do: { kind: 'drip', bytes: 1500, everyMs: 30 } }] },
    options: { parallel: 1, idleTimeoutMs: 2000 },
    exit: 0,
    data: 'equal',
    check: ({ files }) => expect(files.length).toBe(4),
  },
  {
    point: 17,
    fault: 'blank lines, CRLF, a byte order mark, no final newline',
    outcome: 'bytes equal; only lines that hold something count',
    files: {
      'Condition.000.ndjson': '\n\n{"resourceType":"Condition","id":"1"}\r\n  \r\n{"resourceType":"Condition","id":"2"}\r\n',
      'Patient.000.ndjson': '\ufeff{"resourceType":"Patient","id":"1"}\n\t\n{"resourceType":"Patient","id":"2"}',
    },
    exit: 0,
    data: 'equal',
    check: ({ receipt }) => expect(receipt?.files.map(({ lines }) => lines)).toEqual([2, 2]),
  },
  {
    point: 17,
    fault: 'an empty file with count 0, and one that should be empty but is not',
    outcome: 'count 0 is a count: the first is kept, the second is exit 6',
    files: { ...usual, 'Goal.000.ndjson': '' },
    ehr: { faults: [counting('Patient', -20)] },
    exit: 6,
    check: (run) =>
      expect(Object.keys(run.stored).sort()).toEqual(['Condition.000.ndjson', 'Goal.000.ndjson', 'Observation.000.ndjson']),
  },
  {
    point: 17,
    fault: 'files that are stored compressed and served as they are, without Content-Encoding',
    outcome: 'known by their first bytes; content equal',
    files: { 'Patient.000.ndjson': gzipSync('{"resourceType":"Patient","id":"1"}\n') },
    ehr: { counts: false },
    exit: 0,
    check: async ({ folder }) =>
      expect(await readFile(join(folder, 'Patient.000.ndjson'), 'utf8')).toBe('{"resourceType":"Patient","id":"1"}\n'),
  },
  {
    point: 18,
    fault: 'less space is free on the disk than must stay free',
    outcome: 'exit 6, resumable; job kept',
    options: { minFreeBytes: Number.MAX_SAFE_INTEGER },
    exit: 6,
    data: 'none',
  },
]

/** The manifest's count of a type, wrong by so many. */
function counting(type: string, by: number): Fault {
  return {
    on: 'manifest',
    do: {
      kind: 'manifest',
      patch: (manifest) => ({
        ...manifest,
        output: manifest.output.map((item) => (item.type === type ? { ...item, count: (item.count ?? 0) + by } : item)),
      }),
    },
  }
}
