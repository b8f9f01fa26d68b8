/** Which requirement of the specifications is proven by which test of the server; `docs/conformance.md` is made from this. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './sources.ts'

/** What a Bulk Data server, its authorization server and `$import` SHALL do; the numbers are used in the names of tests. */
export const requirements: readonly (readonly [string, string])[] = [
  ['S-3', 'status and files are protected like the kick-off'],
  ['S-5', 'only data that the client is authorised for'],
  ['S-9', 'kick-off endpoints: system, Patient, Group'],
  ['S-10', 'kick-off by GET, and by POST with Parameters'],
  ['S-15', '202 with an absolute Content-Location'],
  ['S-16', 'a failed kick-off: 4xx or 5xx with an OperationOutcome'],
  ['S-19', '_outputFormat and its three spellings of NDJSON'],
  ['S-20', '_since: what changed after it'],
  ['S-24', '_type'],
  ['S-27', 'patient: nothing of other patients'],
  ['S-28', 'includeAssociatedData: Provenance, all or the latest'],
  ['S-29', 'Provenance of compartment resources goes along'],
  ['S-30', '_typeFilter: one type only, alternatives, other types untouched'],
  ['S-31', 'organizeOutputBy: header blocks'],
  ['S-37', 'status while it runs: 202'],
  ['S-41', 'a failed job: 4xx or 5xx with an OperationOutcome'],
  ['S-43', 'partial success: 200, and error is filled'],
  ['S-44', 'complete: 200, application/json, the manifest'],
  ['S-46', 'listed files can be reached'],
  ['S-49', 'transactionTime: nothing is lost in a chain of _since'],
  ['S-50', 'request: the whole kick-off URL'],
  ['S-51', 'requiresAccessToken is a boolean and true to what the server does'],
  ['S-52', 'output is an array'],
  ['S-53', 'items have type and absolute url, one type a file'],
  ['S-56', 'deleted: Bundles of DELETE entries'],
  ['S-57', 'error: OperationOutcome files'],
  ['S-58', 'organised output: outputOrganizedBy, no item type, headers'],
  ['S-62', 'files: 200, application/fhir+ndjson'],
  ['S-63', 'files: errors are 4xx or 5xx'],
  ['S-64', 'files without token are refused'],
  ['S-66', 'identity or gzip, said in Content-Encoding'],
  ['S-67', 'the newest version of each resource only'],
  ['S-70', 'each line is a resource of the declared type'],
  ['S-72', 'DELETE: 202'],
  ['S-74', 'then 404 with an OperationOutcome'],
  ['S-75', 'a failed DELETE has an OperationOutcome'],
  ['S-76', 'the CapabilityStatement states the operations'],
  ['A-13', 'discovery as application/json, absolute URLs'],
  ['A-14', 'discovery: grant types, algorithms, capabilities'],
  ['A-16', 'JWKS by address and by value'],
  ['A-17', 'RS384 and ES384; never none or HS'],
  ['A-18', 'iss, sub, aud, exp, nbf and signature'],
  ['A-19', 'a jti is good once'],
  ['A-20', 'the client is known and is iss'],
  ['A-21', 'exp at most five minutes ahead'],
  ['A-22', 'choice of the key: jku, kid, exactly one'],
  ['A-23', 'no JWKS is kept longer than its Cache-Control'],
  ['A-24', 'failed authentication is invalid_client'],
  ['A-25', 'other errors as RFC 6749, 400, no-store'],
  ['A-26', 'granted scopes lie within the registered ones'],
  ['A-27', 'answer: access_token, token_type, expires_in, scope'],
  ['A-28', 'tokens live 300 seconds at most'],
  ['A-30', 'expiry and scope are checked with every request'],
  ['I-1', '$import: Parameters or manifest'],
  ['I-3', 'inputFormat'],
  ['I-4', 'the line is stored as sent'],
  ['I-5', 'inputs: url, type, etag'],
  ['I-6', 'gzip is told by the bytes'],
  ['I-7', 'mode'],
  ['I-8', 'what is refused at kick-off'],
  ['I-9', 'the allow-list, empty by default; redirects, addresses, names'],
  ['I-10', '202 with Content-Location; bound to the client'],
  ['I-11', 'status and DELETE'],
  ['I-12', 'result: output in order, error per input'],
  ['I-13', 'accepted and refused lines add up'],
  ['I-14', 'a commit per job: nothing half-loaded is visible'],
  ['I-15', 'rules of lines; duplicates'],
  ['I-16', 'ids and versions are kept; deletions are applied'],
  ['I-17', 'outcome files'],
  ['I-19', 'imports are audited'],
]

/** Where tests of the server are. */
const testFiles = [
  'packages/floe/src/server/auth/token.test.ts',
  'packages/floe/src/server/export/export.test.ts',
  'packages/floe/src/server/access.test.ts',
  'packages/floe/src/server/import/import.test.ts',
  'packages/floe/src/server/import/allow.test.ts',
  'packages/lake/src/provider/provider.test.ts',
]

/** Files with a test that is named by the requirement. */
export function proofs(): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const file of testFiles) {
    const text = readFileSync(join(root, file), 'utf8')
    for (const [id] of requirements)
      if (new RegExp(`['"\`\\s(]${id}[:,'"]`).test(text)) found.set(id, [...(found.get(id) ?? []), file])
  }
  return found
}

export function conformancePage(): string {
  const proven = proofs()
  const rows = requirements.map(([id, text]) => {
    const files = (proven.get(id) ?? []).map((file) => `[${file.split('/').at(-1)}](../${file})`)
    return `| ${id} | ${text} | ${files.join(', ')} |`
  })
  return [
    '# Conformance of the server',
    '',
    'Generated by `node scripts/conformance.ts`; do not edit.',
    '',
    'Reference. What a FHIR Bulk Data server (S), its authorization server for SMART Backend Services (A) and `$import` (I) SHALL do, and the tests that are named by it.',
    'TLS (S-1, A-32) is the business of the proxy in front; what floe does not offer (partial manifests with links, separate export status, cohorts, submissions) has no row.',
    '',
    '| number | requirement | tests |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

if (import.meta.main) writeFileSync(join(root, 'docs/conformance.md'), conformancePage())
