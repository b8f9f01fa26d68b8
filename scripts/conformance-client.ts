/** Which requirement on a Bulk Data client is proven by which test; `docs/conformance-client.md` is made from this. */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { requirementRows } from './conformance.ts'
import { root } from './sources.ts'

/** `floe`: what the specification leaves open and floe holds itself to. */
export type Level = 'SHALL' | 'SHALL NOT' | 'SHOULD' | 'SHOULD NOT' | 'MAY' | 'floe'

/** What a client of the Bulk Data IG v1 to v4 does; the numbers are used in the names of tests. */
export const clientRequirements: readonly (readonly [number: string, level: Level, text: string])[] = [
  ['C-1', 'SHALL', 'TLS 1.2 or later on every exchange'],
  ['C-3', 'SHALL', 'GET for v1 to v3, POST with Parameters for v4'],
  ['C-4', 'floe', 'the method is told by the CapabilityStatement, by `patient`, or by the user'],
  ['C-5', 'SHOULD', '`Accept: application/fhir+json` at kick-off'],
  ['C-6', 'SHOULD', '`Prefer: respond-async` at kick-off'],
  ['C-8', 'MAY', '`Prefer: handling=lenient`'],
  ['C-11', 'SHALL', '`patient` by POST only, and never at system level'],
  ['C-13', 'SHALL NOT', 'no comma lists for v4: parameters are repeated'],
  ['C-14', 'SHALL NOT', '`_typeFilter`: one type, no parameters that shape the result'],
  ['C-15', 'SHOULD', 'correct when the server ignores `_typeFilter`'],
  ['C-16', 'SHOULD', 'the CapabilityStatement is looked at for search parameters'],
  ['C-17', 'SHOULD', 'clinical dates by `_typeFilter`, not by `_since` and `_until`'],
  ['C-18', 'SHALL', '`_since` and `_until` are instants; their plus is encoded'],
  ['C-19', 'floe', 'the next `_since` is the last `transactionTime`; new members of a Group get their history'],
  ['C-20', 'SHOULD', 'what both requests of that pattern bring counts once'],
  ['C-21', 'SHOULD', 'sent again without a parameter that the refusal names, where asked for, and said'],
  ['C-22', 'SHALL', '202 and Content-Location, relative too'],
  ['C-23', 'SHALL', 'a refusal is shown: OperationOutcome, or any other text'],
  ['C-24', 'SHOULD', 'kick-off answered with 429: wait for Retry-After, ask again'],
  ['C-26', 'SHOULD', 'exponential backoff between polls'],
  ['C-27', 'SHOULD', 'Retry-After in seconds and as a date'],
  ['C-28', 'SHOULD', '`Accept: application/json` when polling'],
  ['C-30', 'SHOULD', 'a poll answered with 429: slower'],
  ['C-31', 'SHOULD', 'an OperationOutcome with a transient code means: ask again'],
  ['C-32', 'SHALL', 'X-Export-Status is read'],
  ['C-34', 'SHALL', 'next links are followed'],
  ['C-36', 'SHALL', 'the token goes with status requests'],
  ['C-37', 'SHALL', 'a manifest needs transactionTime and output; `request` and `error` may be absent'],
  ['C-38', 'floe', 'messages of `error` and `outcome`, each file once'],
  ['C-39', 'SHALL', 'unknown keys and extensions are ignored'],
  ['C-40', 'SHALL', '200 with errors is partial success; severity decides'],
  ['C-41', 'SHALL', '`deleted` is applied'],
  ['C-42', 'SHALL', 'organised output: header lines are no data, blocks may continue in another file'],
  ['C-44', 'SHALL', 'several files of a type; contained resources'],
  ['C-45', 'SHALL', 'references relative or absolute on the base'],
  ['C-47', 'floe', 'SUBSETTED resources overwrite no whole ones'],
  ['C-48', 'SHALL', 'a token where requiresAccessToken is true'],
  ['C-49', 'SHALL NOT', 'no token where it is false'],
  ['C-50', 'SHOULD', 'Accept-Encoding with gzip'],
  ['C-51', 'SHALL', 'identity and gzip are accepted'],
  ['C-52', 'MAY', 'Accept on files'],
  ['C-54', 'SHOULD NOT', 'no token to another server that a reference names'],
  ['C-55', 'floe', 'redirects are followed, five at most; to another origin without the token'],
  ['C-56', 'SHALL', 'attachments by absolute address, with the token rule of the manifest'],
  ['C-57', 'MAY', 'DELETE after the last file is verified'],
  ['C-58', 'floe', 'DELETE always, unless asked not to; 404, 405, 409, 410 and 501 are fine'],
  ['C-59', 'SHALL', '`$bulk-publish` (v4 ballot): page by page, output in order, then deleted'],
  ['C-60', 'SHOULD', 'If-None-Match with the last ETag; 304'],
  ['C-61', 'SHALL', 'next links; `#pending` and `#closed`'],
  ['C-62', 'SHOULD', 'the interval is that of updateCadence; backoff within it'],
  ['C-63', 'SHALL', 'no token where requiresAccessToken is false; identity and gzip'],
  ['C-64', 'SHALL', '`$bulk-submit` (v4 ballot): submitter, id, status or manifest, its FHIR base, each address once'],
  ['C-65', 'SHALL NOT', 'nothing is sent after completed or stopped'],
  ['C-66', 'SHALL', 'the scope system/bulk-submit'],
  ['C-67', 'SHOULD', 'a manifest is corrected by one that takes its place'],
  ['C-68', 'SHALL', 'cohort Groups: name, type, member filters, made asynchronously, with the scope for it'],
]

/** Files with a test that is named by the requirement. */
export function clientProofs(): Map<string, string[]> {
  const files = globSync(['packages/*/src/**/*.test.ts', 'e2e/*.test.ts', 'conformance/**/*.test.ts'], { cwd: root }).toSorted()
  const texts = files.map((file) => [file, readFileSync(join(root, file), 'utf8')] as const)
  const found = new Map<string, string[]>()
  for (const [id] of clientRequirements) {
    // In a string of one line: the name of a test, or of one of its cases.
    const named = new RegExp(`['"\`][^'"\`\\n]*\\b${id}\\b(?!\\d)`)
    const own = texts.filter(([, text]) => named.test(text))
    if (own.length > 0)
      found.set(
        id,
        own.map(([file]) => file),
      )
  }
  return found
}

export function clientConformancePage(): string {
  const proven = clientProofs()
  const rows = requirementRows(clientRequirements, proven)
  return [
    '# Conformance of the client',
    '',
    'Generated by `node scripts/conformance-client.ts`; do not edit.',
    '',
    'Reference. What a client of the FHIR Bulk Data IG v1 to v4 does, how strongly the specification asks for it (`floe`: it does not), and the tests that are named by it.',
    'Numbers that are missing are things a client MAY do and that need no proof (C-2, C-7, C-9, C-10, C-12, C-25, C-29, C-33, C-35, C-43, C-46, C-53).',
    'C-59 to C-68 are methods of the SDK (`published`, `submission`, `createCohort`), without a command; the ballot of v4 may still change them.',
    '',
    '| number | level | requirement | tests |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

if (import.meta.main) writeFileSync(join(root, 'docs/conformance-client.md'), clientConformancePage())
