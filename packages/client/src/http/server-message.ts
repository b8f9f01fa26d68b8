import { type HttpResponse, readText } from './http.ts'
import type { Redactor } from './redact.ts'

/** What an answer's body says, in the server's words. */
export interface ServerMessage {
  /** At most 300 clean characters; null for an empty body and for HTML. */
  text: string | null
  /** Codes of the issues of an OperationOutcome; empty when it is none. */
  issueCodes: readonly string[]
  /** Worst severity of an OperationOutcome. */
  severity: 'fatal' | 'error' | 'warning' | 'information' | null
}

const bodyLimit = 256 * 1024

/**
 * Reads an error answer: OperationOutcome, OAuth error, or text. Never fails but for `interrupted`: a body that breaks off is no
 * message.
 */
export async function readServerMessage(
  response: HttpResponse,
  redactor: Redactor,
  signal: AbortSignal | undefined,
): Promise<ServerMessage> {
  let body = ''
  try {
    body = await readText(response, bodyLimit, signal)
  } catch (cause) {
    if (signal?.aborted) throw cause
  }
  return serverMessage(body, redactor)
}

/** The message of a body that is at hand already. */
export function serverMessage(body: string, redactor: Redactor): ServerMessage {
  const json = parseJson(body)
  if (json === undefined) return { text: redactor.clean(body), issueCodes: [], severity: null }
  if (isOperationOutcome(json)) {
    const issues = outcomeIssues(json)
    return {
      text: redactor.clean(issues.map(({ text }) => text).find((text) => text !== null) ?? issues[0]?.code),
      issueCodes: issues.flatMap(({ code }) => (code === null ? [] : [code])),
      severity: worst(issues.map(({ severity }) => severity)),
    }
  }
  // OAuth, gateways, RFC 9457 (`title`, `detail`), Azure (`error` with a message of its own).
  const { error, error_description: description, message, title, detail }: Record<string, unknown> = json
  const inner = isRecord(error) ? [error.code, error.message] : [error]
  const text = [...inner, description, message, title, detail].filter((part) => typeof part === 'string').join(': ')
  return { text: redactor.clean(text), issueCodes: [], severity: null }
}

/** What a 401 or 403 says in its header where its body says nothing (RFC 6750 §3). */
export function challengeText(response: Pick<HttpResponse, 'header'>, redactor: Redactor): string | null {
  const header = response.header('www-authenticate') ?? ''
  const [, said] = /\berror_description="([^"]*)"/i.exec(header) ?? /\berror="([^"]*)"/i.exec(header) ?? []
  return redactor.clean(said)
}

export type Severity = 'fatal' | 'error' | 'warning' | 'information'

export interface OutcomeIssue {
  severity: Severity
  code: string | null
  /** As the server wrote it: not cleaned yet. */
  text: string | null
  expressions: readonly string[]
}

/** The issues of an OperationOutcome; an unknown severity counts as `error`. */
export function outcomeIssues(outcome: Record<string, unknown>): OutcomeIssue[] {
  const issues = Array.isArray(outcome.issue) ? outcome.issue : []
  return issues.filter(isRecord).map((issue) => {
    const details = isRecord(issue.details) ? issue.details : {}
    const display = Array.isArray(details.coding) ? details.coding.filter(isRecord)[0]?.display : undefined
    const text = [issue.diagnostics, details.text, display].find((part) => typeof part === 'string' && part.trim() !== '')
    const expressions = [issue.expression, issue.location].flat().filter((part) => typeof part === 'string')
    return {
      severity: severities.find((known) => known === issue.severity) ?? 'error',
      code: typeof issue.code === 'string' ? issue.code : null,
      text: typeof text === 'string' ? text : null,
      expressions,
    }
  })
}

const severities = ['fatal', 'error', 'warning', 'information'] as const

function worst(all: readonly Severity[]): Severity | null {
  return severities.find((severity) => all.includes(severity)) ?? null
}

export function isOperationOutcome(json: unknown): json is Record<string, unknown> {
  return isRecord(json) && json.resourceType === 'OperationOutcome'
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An object of JSON, or undefined. */
export function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}
