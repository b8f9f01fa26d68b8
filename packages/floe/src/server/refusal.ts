export type IssueType =
  | 'invalid'
  | 'required'
  | 'value'
  | 'not-supported'
  | 'not-found'
  | 'login'
  | 'forbidden'
  | 'expired'
  | 'security'
  | 'throttled'
  | 'too-long'
  | 'conflict'
  | 'transient'
  | 'processing'
  | 'exception'
  | 'informational'

/** A request that is not done; becomes the status and an OperationOutcome. Never holds an id or a token. */
export class Refusal extends Error {
  readonly status: number
  readonly issue: IssueType
  readonly headers: Readonly<Record<string, string>>
  readonly expression: string | undefined

  constructor(
    status: number,
    issue: IssueType,
    message: string,
    { headers = {}, expression }: { headers?: Readonly<Record<string, string>>; expression?: string } = {},
  ) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.issue = issue
    this.headers = headers
    this.expression = expression
  }
}

export interface Outcome {
  readonly resourceType: 'OperationOutcome'
  readonly issue: readonly {
    readonly severity: 'fatal' | 'error' | 'warning' | 'information'
    readonly code: IssueType
    readonly diagnostics: string
    readonly expression?: readonly string[]
  }[]
}

export function outcome(
  code: IssueType,
  diagnostics: string,
  severity: Outcome['issue'][number]['severity'] = 'error',
  expression?: string,
): Outcome {
  const place = expression === undefined ? {} : { expression: [expression] }
  return { resourceType: 'OperationOutcome', issue: [{ severity, code, diagnostics, ...place }] }
}

export function outcomeOf({ issue, message, expression }: Refusal): Outcome {
  return outcome(issue, message, 'error', expression)
}

/** The same for what is not there, what was deleted, and what belongs to somebody else. */
export function notFound(what: string): Refusal {
  return new Refusal(404, 'not-found', `There is no such ${what}.`)
}

export function insufficientScope(message: string): Refusal {
  return new Refusal(403, 'forbidden', message, { headers: { 'WWW-Authenticate': 'Bearer error="insufficient_scope"' } })
}

export function badParameter(name: string, message: string): Refusal {
  return new Refusal(400, 'invalid', message, { expression: name })
}

/** A name that a caller gave, as it may be repeated to the caller. */
export function safe(name: string): string {
  return name.replace(/[^\w.:$-]/g, '').slice(0, 64)
}

/** What is left of the body is not read, so nothing else can come on this connection. */
export function tooLong(): Refusal {
  return new Refusal(413, 'too-long', 'The body is too long.', { headers: { Connection: 'close' } })
}
