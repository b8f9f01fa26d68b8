import type { EhrOptions } from '@floe/testkit'
import { expect } from 'vitest'
import { type FaultCase, gaps } from './case.ts'

const retryAfter = (
  fault: string,
  value: NonNullable<EhrOptions['retryAfter']>,
  check: FaultCase['check'],
  pollMaxMs = 30_000,
): FaultCase => ({
  point: 10,
  fault,
  outcome: pollMaxMs === 30_000 ? 'obeyed or counted as absent; never a wait under one second' : 'cut to --poll-max',
  ehr: { polls: 2, retryAfter: value },
  options: { pollMaxMs },
  exit: 0,
  data: 'equal',
  ...(check === undefined ? {} : { check }),
})

const between =
  (low: number, high: number): NonNullable<FaultCase['check']> =>
  ({ polls }) => {
    for (const gap of gaps(polls)) {
      expect(gap).toBeGreaterThanOrEqual(low - 20)
      expect(gap).toBeLessThan(high)
    }
  }

/** Each costs a second of waiting. */
const flapCount = process.env.FLOE_VOLUME === 'full' ? 20 : 5
const flaps: [string, { status: number; headers?: Record<string, string> } | 'reset' | 'stall'][] = [
  ['429', { status: 429 }],
  ['429 with Retry-After', { status: 429, headers: { 'retry-after': '1' } }],
  ['500', { status: 500 }],
  ['503', { status: 503 }],
  ['a reset connection', 'reset'],
]

/** Kick-off, polling, cancelling: everything that is not a file. */
export const jobCases: FaultCase[] = [
  retryAfter('Retry-After in seconds', 2, between(2000, 10_000)),
  retryAfter('Retry-After as a date three seconds ahead', { dateIn: 3 }, between(1900, 10_000)),
  retryAfter('Retry-After as a date in the past', 'Wed, 21 Oct 2015 07:28:00 GMT', between(1000, 10_000)),
  retryAfter('Retry-After: 7200', 7200, between(1000, 10_000), 1000),
  retryAfter('Retry-After that is no number and no date', 'soon', between(1000, 10_000)),
  retryAfter('Retry-After: -5', -5, between(1000, 10_000)),
  retryAfter('Retry-After: 0', 0, between(1000, 10_000)),
  ...flaps.map(
    ([what, answer]): FaultCase => ({
      point: 11,
      fault: `the status URL answers ${what}, over and over`,
      outcome: 'the job is not given up; bytes equal',
      ehr: {
        polls: 1,
        faults: [
          { on: 'status', to: flapCount, do: typeof answer === 'string' ? { kind: 'reset' } : { kind: 'answer', ...answer } },
        ],
      },
      exit: 0,
      data: 'equal',
      check: ({ polls, requests }) => {
        expect([polls.length, requests.filter(({ route }) => route === 'kickoff').length]).toEqual([flapCount + 2, 1])
        between(1000, 10_000)({ polls } as never)
      },
    }),
  ),
  {
    point: 11,
    fault: 'a status request that is never answered',
    outcome: 'given up after --idle-timeout, asked again; bytes equal',
    ehr: { polls: 1, faults: [{ on: 'status', nth: 1, do: { kind: 'stall', beforeHeaders: true } }] },
    options: { idleTimeoutMs: 1500 },
    exit: 0,
    data: 'equal',
  },
  {
    point: 11,
    fault: 'a transient OperationOutcome with status 400',
    outcome: 'asked again; bytes equal',
    ehr: {
      polls: 1,
      faults: [{ on: 'status', to: 2, do: { kind: 'answer', status: 400, issue: { severity: 'error', code: 'lock-error' } } }],
    },
    exit: 0,
    data: 'equal',
  },
  {
    point: 11,
    fault: 'the status URL answers 503 for longer than --retry-max-time',
    outcome: 'exit 5 with retryable; job kept',
    ehr: { polls: 1, faults: [{ on: 'status', do: { kind: 'answer', status: 503 } }] },
    options: { retryMaxTimeMs: 1500 },
    exit: 5,
    data: 'none',
    check: ({ error }) => expect(error?.retryable).toBe(true),
  },
  {
    point: 11,
    fault: 'the job fails: 422 with an OperationOutcome',
    outcome: 'exit 5 at once, with the words of the server',
    ehr: {
      polls: 1,
      faults: [
        {
          on: 'status',
          do: { kind: 'answer', status: 422, issue: { severity: 'fatal', code: 'invalid', diagnostics: 'the group is gone' } },
        },
      ],
    },
    exit: 5,
    check: ({ error, polls }) => expect([error?.message.includes('the group is gone'), polls.length]).toEqual([true, 1]),
  },
  ...[404, 410].map(
    (status): FaultCase => ({
      point: 11,
      fault: `the status URL stays ${status}`,
      outcome: 'exit 5 after a few tries',
      ehr: { polls: 1, faults: [{ on: 'status', do: { kind: 'answer', status } }] },
      exit: 5,
      data: 'none',
    }),
  ),
  {
    point: 11,
    fault: 'the server is not ready within --wait-max',
    outcome: 'exit 6, job kept',
    ehr: { polls: 1000 },
    options: { waitMaxMs: 1500 },
    exit: 6,
    data: 'none',
  },
  {
    point: 11,
    fault: 'state is told by X-Export-Status and HTTP 200',
    outcome: 'understood, also unasked; bytes equal',
    ehr: {
      polls: 1,
      faults: [
        {
          on: 'status',
          nth: 1,
          do: { kind: 'answer', status: 200, headers: { 'x-export-status': 'in-progress', 'retry-after': '1' } },
        },
        { on: 'manifest', do: { kind: 'headers', set: { 'x-export-status': 'complete' } } },
      ],
    },
    exit: 0,
    data: 'equal',
  },
  {
    point: 11,
    fault: 'the manifest comes as application/fhir+json',
    outcome: 'read; bytes equal',
    ehr: { faults: [{ on: 'manifest', do: { kind: 'headers', set: { 'content-type': 'application/fhir+json' } } }] },
    exit: 0,
    data: 'equal',
  },
  {
    point: 11,
    fault: 'Expires that is no HTTP-date',
    outcome: 'ignored; bytes equal',
    ehr: { faults: [{ on: 'manifest', do: { kind: 'headers', set: { expires: '2026-03-01 12:00:00.1 +0000 UTC m=+3600' } } }] },
    exit: 0,
    data: 'equal',
  },
  {
    point: 11,
    fault: 'the kick-off answers 429 and 503 with Retry-After, then 202',
    outcome: 'waits and asks again; one job',
    ehr: {
      faults: [
        { on: 'kickoff', nth: 1, do: { kind: 'answer', status: 429, headers: { 'retry-after': '1' } } },
        { on: 'kickoff', nth: 2, do: { kind: 'answer', status: 503, headers: { 'retry-after': '1' } } },
      ],
    },
    exit: 0,
    data: 'equal',
  },
  ...refusedKickOffs(),
  {
    point: 11,
    fault: 'the manifest breaks off in the middle',
    outcome: 'asked again; bytes equal',
    ehr: { faults: [{ on: 'manifest', nth: 1, do: { kind: 'truncate', as: 'closed', afterBytes: 100 } }] },
    exit: 0,
    data: 'equal',
  },
  {
    point: 11,
    fault: 'the kick-off takes three seconds (servers that do the work there)',
    outcome: 'waited for; one job',
    ehr: { faults: [{ on: 'kickoff', do: { kind: 'delay', ms: 3000 } }] },
    exit: 0,
    data: 'equal',
    check: ({ requests }) => expect(requests.filter(({ route }) => route === 'kickoff').length).toBe(1),
  },
  {
    point: 20,
    fault: 'a file fails for good',
    outcome: 'no DELETE: the job is there for floe resume',
    ehr: { faults: [{ on: 'file', type: 'Patient', do: { kind: 'answer', status: 400 } }] },
    exit: 6,
    check: ({ requests }) => expect(requests.filter(({ route }) => route === 'delete')).toEqual([]),
  },
  ...[404, 405, 409, 410, 501].map(
    (status): FaultCase => ({
      point: 20,
      fault: `DELETE is answered with ${status}`,
      outcome: 'exit 0; asked once',
      ehr: { faults: [{ on: 'delete', do: { kind: 'answer', status } }] },
      exit: 0,
      data: 'equal',
      jobKept: true,
      check: ({ requests }) => expect(requests.filter(({ route }) => route === 'delete').length).toBe(1),
    }),
  ),
  {
    point: 20,
    fault: 'no fault at all',
    outcome: 'DELETE comes after the last byte of the last file',
    exit: 0,
    data: 'equal',
    check: ({ requests }) => {
      const last = requests.filter(({ route }) => route === 'file').every(({ finished, status }) => finished && status === 200)
      expect([requests.at(-1)?.route, last]).toEqual(['delete', true])
    },
  },
]

function refusedKickOffs(): FaultCase[] {
  const answers: [string, { status: number; issue?: { severity: 'error'; diagnostics: string }; body?: string }, number][] = [
    ['403 with an OperationOutcome', { status: 403, issue: { severity: 'error', diagnostics: 'not for you' } }, 4],
    [
      '400 in HTML',
      { status: 400, body: '<html><body><h1>Bad</h1>at com.example.Servlet.doGet(Servlet.java:42)</body></html>' },
      4,
    ],
    ['200 without the address of a job', { status: 200, body: 'hello' }, 4],
    ['401', { status: 401 }, 3],
  ]
  return [
    ...answers.map(
      ([what, answer, exit]): FaultCase => ({
        point: 11,
        fault: `the kick-off is answered with ${what}`,
        outcome: `exit ${exit}; the server's words, but no HTML and no stack trace`,
        ehr: { faults: [{ on: 'kickoff', do: { kind: 'answer', ...answer } }] },
        exit,
        data: 'none',
        check: ({ error }) => {
          expect(error?.message).not.toMatch(/<|Servlet/)
          if (answer.issue !== undefined) expect(error?.message).toContain('not for you')
        },
      }),
    ),
    {
      point: 11,
      fault: 'Content-Location is relative',
      outcome: 'resolved; bytes equal',
      ehr: { faults: [{ on: 'kickoff', do: { kind: 'readdress', header: 'content-location', to: 'relative' } }] },
      exit: 0,
      data: 'equal',
    },
  ]
}
