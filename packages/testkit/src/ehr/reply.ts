import type { Issue } from './faults.ts'

/** Which bytes of which file a body is made of. `from`/`to` count the representation that is sent. */
export interface FileBody {
  path: string
  /** How the bytes on disk are compressed, and what is done about it on the way. */
  decode: 'as-stored' | 'gunzip' | 'unzstd'
  gzip: boolean
  from: number
  to: number
}

/** An answer as data, before faults have changed it. */
export interface Reply {
  status: number
  headers: Record<string, string>
  body: string | FileBody | null
}

/** A JSON answer. */
export function json(status: number, value: unknown, headers: Record<string, string> = {}): Reply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) }
}

/** An answer that says what is wrong, as an OperationOutcome. */
export function outcome(status: number, issue: Issue | readonly Issue[], headers: Record<string, string> = {}): Reply {
  return json(status, operationOutcome(issue), { 'content-type': 'application/fhir+json', ...headers })
}

/** A refusal with one issue of severity error. */
export function refusal(status: number, code: string, diagnostics: string, headers: Record<string, string> = {}): Reply {
  return outcome(status, { severity: 'error', code, diagnostics }, headers)
}

/** An OperationOutcome resource. */
export function operationOutcome(issue: Issue | readonly Issue[]): { resourceType: 'OperationOutcome'; issue: unknown[] } {
  const issues: readonly Issue[] = Array.isArray(issue) ? issue : [issue as Issue]
  return {
    resourceType: 'OperationOutcome',
    issue: issues.map(({ severity, code = 'processing', diagnostics }) => ({
      severity,
      code,
      ...(diagnostics === undefined ? {} : { diagnostics }),
    })),
  }
}
