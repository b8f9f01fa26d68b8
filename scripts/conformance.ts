/** Which requirement of the specifications is proven by which test of the server; `docs/conformance.md` is made from this. */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './sources.ts'

/**
 * What a Bulk Data server (S), its authorization server (A, C.3) and `$import` (I) SHALL do, and more that is tested: number, how
 * strongly it is asked for, in short. The numbers are used in the names of tests.
 */
export const requirements: readonly (readonly [string, string, string])[] = [
  ['S-3', 'SHALL', 'status and files are protected like the kick-off'],
  ['S-4', 'MAY', 'status and files are for the client that began the job'],
  ['S-5', 'SHALL', 'only data that the client is authorised for'],
  ['S-6', 'SHOULD / SHALL', 'Groups that a client may not read are refused; clients can be bound to Groups'],
  ['S-9', 'SHALL', 'kick-off endpoints: system, Patient, Group'],
  ['S-10', 'SHALL', 'kick-off by GET, and by POST with Parameters'],
  ['S-11', 'SHALL', 'POST with Parameters, as v4 asks for it'],
  ['S-14', 'SHALL', 'repeated parameters and lists with commas mean the same'],
  ['S-15', 'SHALL', '202 with an absolute Content-Location'],
  ['S-16', 'SHALL', 'a failed kick-off: 4xx or 5xx with an OperationOutcome'],
  ['S-17', 'SHOULD', 'too many exports at once: 429 with Retry-After'],
  ['S-18', 'SHALL if supported', 'separate-export-status is not offered, and not promised'],
  ['S-19', 'SHALL', '_outputFormat and its three spellings of NDJSON'],
  ['S-20', 'SHALL (v2+)', '_since: what changed after it'],
  ['S-23', 'MAY', '_until'],
  ['S-24', 'SHALL if supported', '_type'],
  ['S-25', 'SHOULD', 'types that are not there, or not at this level, are refused'],
  ['S-26', 'SHOULD', '_elements: mandatory ones stay, SUBSETTED is added'],
  ['S-27', 'SHALL NOT', 'patient: nothing of other patients'],
  ['S-28', 'SHALL if supported', 'includeAssociatedData: Provenance, all or the latest'],
  ['S-29', 'SHALL', 'Provenance of compartment resources goes along'],
  ['S-30', 'SHALL if supported', '_typeFilter: one type only, alternatives, other types untouched'],
  ['S-31', 'SHALL if supported', 'organizeOutputBy: header blocks'],
  ['S-32', 'MAY', 'allowPartialManifests is taken'],
  ['S-33', 'SHALL if supported (v4)', 'file sizes are not for the client to choose: refused'],
  ['S-34', 'SHOULD', 'the compartment decides what belongs to a patient'],
  ['S-35', 'SHALL', 'Binary does not come at patient level'],
  ['S-36', 'SHOULD', 'Groups are read and listed'],
  ['S-37', 'SHALL', 'status while it runs: 202'],
  ['S-40', 'SHOULD', 'too many status requests: 429 with Retry-After'],
  ['S-41', 'SHALL', 'a failed job: 4xx or 5xx with an OperationOutcome'],
  ['S-43', 'SHALL', 'partial success: 200, and error is filled'],
  ['S-44', 'SHALL', 'complete: 200, application/json, the manifest'],
  ['S-45', 'SHOULD (v1 MAY)', 'Expires, and what is past it is gone'],
  ['S-46', 'SHALL', 'listed files can be reached'],
  ['S-47', 'SHALL NOT', 'a manifest that was given out does not change'],
  ['S-48', 'SHALL', 'no manifest before all its files are there'],
  ['S-49', 'SHALL', 'transactionTime: nothing is lost in a chain of _since'],
  ['S-50', 'SHALL (v1–v3)', 'request: the whole kick-off URL'],
  ['S-51', 'SHALL', 'requiresAccessToken is a boolean and true to what the server does'],
  ['S-52', 'SHALL', 'output is an array'],
  ['S-53', 'SHALL', 'items have type and absolute url, one type a file'],
  ['S-56', 'SHOULD / SHALL', 'deleted: Bundles of DELETE entries'],
  ['S-57', 'SHALL', 'error: OperationOutcome files'],
  ['S-58', 'SHALL if organised', 'organised output: outputOrganizedBy, no item type, headers'],
  ['S-60', 'MAY/SHALL', 'no link: the manifest has one page'],
  ['S-62', 'SHALL', 'files: 200, application/fhir+ndjson'],
  ['S-63', 'SHALL', 'files: errors are 4xx or 5xx'],
  ['S-64', 'SHALL', 'files without token are refused'],
  ['S-65', 'SHALL', 'signed addresses: usable by themselves, for a time'],
  ['S-66', 'SHALL', 'identity or gzip, said in Content-Encoding'],
  ['S-67', 'SHALL', 'the newest version of each resource only'],
  ['S-70', 'SHALL (FHIR)', 'each line is a resource of the declared type'],
  ['S-71', 'floe', 'files: Range, If-Range, ETag, HEAD'],
  ['S-72', 'SHALL', 'DELETE: 202'],
  ['S-74', 'SHALL (v2+)', 'then 404 with an OperationOutcome'],
  ['S-75', 'SHALL', 'a failed DELETE has an OperationOutcome'],
  ['S-76', 'SHALL (v3+; v2 SHOULD)', 'the CapabilityStatement states the operations'],
  ['S-77', 'SHOULD', 'the CapabilityStatement instantiates bulk-data'],
  ['S-80', 'SHALL', '$bulk-publish: static manifest, ETag, files that never change'],
  ['S-A2', 'SHALL (profile)', 'audit of an export: disclosure, source and recipient, one patient in each event of a patient'],
  ['S-A3', 'SHALL (profile)', 'audit of an import: from the client to the server'],
  ['S-A4', 'note', 'audit of a search: the client is the source'],
  ['S-A5', 'SHALL (profile)', 'audit of a token: its assertion, and the application'],
  ['S-A6', 'SHALL (profile)', 'audit of a query: the request as base64'],
  ['S-A7', 'floe', 'audit: which events, and what never stands in them'],
  ['A-13', 'SHALL', 'discovery as application/json, absolute URLs'],
  ['A-14', 'SHALL', 'discovery: grant types, algorithms, capabilities'],
  ['A-15', 'conditional', 'discovery lists nothing that is not there; every scope that it lists is granted'],
  ['A-16', 'SHALL', 'JWKS by address and by value'],
  ['A-17', 'SHALL', 'RS384 and ES384; never none or HS'],
  ['A-18', 'SHALL', 'iss, sub, aud, exp, nbf and signature'],
  ['A-19', 'SHALL', 'a jti is good once'],
  ['A-20', 'SHALL', 'the client is known and is iss'],
  ['A-21', 'SHALL', 'exp at most five minutes ahead'],
  ['A-22', 'SHALL', 'choice of the key: jku, kid, exactly one'],
  ['A-23', 'SHALL NOT / SHOULD', 'no JWKS is kept longer than its Cache-Control'],
  ['A-24', 'SHALL', 'failed authentication is invalid_client'],
  ['A-25', 'SHALL', 'other errors as RFC 6749, 400, no-store'],
  ['A-26', 'SHALL', 'granted scopes lie within the registered ones'],
  ['A-27', 'SHALL', 'answer: access_token, token_type, expires_in, scope'],
  ['A-28', 'SHALL / SHOULD NOT', 'tokens live 300 seconds at most'],
  ['A-29', 'SHOULD NOT', 'no refresh tokens'],
  ['A-30', 'SHALL', 'expiry and scope are checked with every request'],
  ['A-31', 'SHOULD', 'an explicit request beyond the scope fails'],
  ['A-34', 'RFC 6750', '401 and 403 with the challenges of RFC 6750'],
  ['C.3', 'rule', 'scopes of version 1 and 2; searches in scopes narrow exports, views and what may be read later'],
  ['I-1', 'floe', '$import: Parameters or manifest'],
  ['I-2', 'floe', 'Prefer is not needed'],
  ['I-3', 'floe', 'inputFormat'],
  ['I-4', 'floe', 'the line is stored as sent'],
  ['I-5', 'floe', 'inputs: url, type, etag'],
  ['I-6', 'floe', 'gzip is told by the bytes'],
  ['I-7', 'floe', 'mode'],
  ['I-8', 'floe', 'what is refused at kick-off'],
  ['I-9', 'floe', 'the allow-list, empty by default; redirects, addresses, names'],
  ['I-10', 'floe', '202 with Content-Location; bound to the client'],
  ['I-11', 'floe', 'status and DELETE'],
  ['I-12', 'floe', 'result: output in order, error per input'],
  ['I-13', 'floe', 'accepted and refused lines add up'],
  ['I-14', 'floe', 'a commit per job: nothing half-loaded is visible'],
  ['I-15', 'floe', 'rules of lines; duplicates'],
  ['I-16', 'floe', 'ids and versions are kept; deletions are applied'],
  ['I-17', 'floe', 'outcome files'],
  ['I-19', 'floe', 'imports are audited'],
]

/** What SHALL be done where it is offered, and is not, or is done by somebody else; and why. */
export const left: readonly (readonly [string, string])[] = [
  ['S-1', 'TLS is the business of the proxy in front'],
  ['S-69', 'attachments are handed on as they were loaded: what their addresses lead to stays at their server'],
  ['S-82', 'one manifest for each state of the lake, without a chain of pages'],
  ['S-83', 'Groups come by loading or importing, not by member-filter'],
  ['S-84', '$bulk-submit is not offered'],
  ['S-85', '$bulk-submit is not offered'],
  ['S-86', '$bulk-submit is not offered'],
  ['A-32', 'TLS is the business of the proxy in front'],
  ['A-33', 'introspection is not offered'],
  ['I-18', 'aliases of the drafts are not offered'],
]

/** Where tests of the server are. */
const testFiles = [
  ...globSync('packages/floe/src/server/**/*.test.ts', { cwd: root }),
  'packages/lake/src/provider/provider.test.ts',
].toSorted()

/** Files with a test that is named by the requirement. */
export function proofs(): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const file of testFiles) {
    const text = readFileSync(join(root, file), 'utf8')
    for (const [id] of requirements)
      if (new RegExp(`['"\`\\s(]${id.replace('.', '[.]')}[:,'"]`).test(text)) found.set(id, [...(found.get(id) ?? []), file])
  }
  return found
}

/** The rows of a conformance table: each requirement with the tests that prove it. */
export function requirementRows(
  requirements: readonly (readonly [id: string, level: string, text: string])[],
  proven: ReadonlyMap<string, readonly string[]>,
): string[] {
  return requirements.map(([id, level, text]) => {
    const files = (proven.get(id) ?? []).map((file) => `[${file.split('/').at(-1)}](../${file})`)
    return `| ${id} | ${level} | ${text} | ${files.join(', ')} |`
  })
}

export function conformancePage(): string {
  const proven = proofs()
  const rows = requirementRows(requirements, proven)
  return [
    '# Conformance of the server',
    '',
    'Generated by `node scripts/conformance.ts`; do not edit.',
    '',
    'Reference. What a FHIR Bulk Data server (S), its authorization server for SMART Backend Services (A) and `$import` (I) SHALL do, and the tests that are named by it.',
    'Beside what they SHALL do it holds what else is tested; `floe`: the specifications do not ask for it.',
    '',
    '| number | level | requirement | tests |',
    '|---|---|---|---|',
    ...rows,
    '',
    'Not proven here, and why:',
    '',
    '| number | reason |',
    '|---|---|',
    ...left.map(([id, reason]) => `| ${id} | ${reason} |`),
    '',
  ].join('\n')
}

if (import.meta.main) writeFileSync(join(root, 'docs/conformance.md'), conformancePage())
