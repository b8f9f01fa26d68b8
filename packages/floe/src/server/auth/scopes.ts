import { resourceTypes } from '@floe/views/fhir'

/** One `system/…` scope (SMART App Launch 2.2, scopes v1 and v2). */
export interface Scope {
  /** A resource type, or `*`. */
  readonly type: string
  /** Of `cruds`, in that order. */
  readonly letters: string
  /** Search parameters that narrow it, without `?`. */
  readonly query: string | undefined
  /** It was written in the form of version 1. */
  readonly v1: boolean
}

const form = /^system\/(\*|[A-Z][A-Za-z]*)\.(read|write|\*|(?=[cruds])c?r?u?d?s?)(?:\?(\S+))?$/
const v1Letters: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' }

/** The scopes of a text that floe knows; others are left out. */
export function parseScopes(text: string): Scope[] {
  return text.split(/\s+/).flatMap((word) => {
    const [, type = '', permission = '', query] = form.exec(word) ?? []
    if (type === '' || (type !== '*' && !resourceTypes.has(type))) return []
    const letters = v1Letters[permission]
    return [{ type, letters: letters ?? permission, query, v1: letters !== undefined && query === undefined }]
  })
}

/** A scope as text, in version 1 where it was asked for like that and can be said so. */
function scopeText({ type, letters, query, v1 }: Scope): string {
  const old = Object.entries(v1Letters).find(([, each]) => each === letters)?.[0]
  return `system/${type}.${v1 && old !== undefined ? old : letters}${query === undefined ? '' : `?${query}`}`
}

/** What is granted of what is asked for: the part that the client is registered for. Empty: nothing. */
export function grant(asked: string | undefined, registered: string): string {
  const own = parseScopes(registered)
  if (asked === undefined || asked.trim() === '') return own.map(scopeText).join(' ')
  const granted = parseScopes(asked).flatMap((scope) => own.flatMap((mine) => common(scope, mine) ?? []))
  return [...new Set(granted.map(scopeText))].join(' ')
}

function common(a: Scope, b: Scope): Scope | undefined {
  const type = a.type === '*' ? b.type : b.type === '*' || b.type === a.type ? a.type : undefined
  const letters = [...'cruds'].filter((letter) => a.letters.includes(letter) && b.letters.includes(letter)).join('')
  if (type === undefined || letters === '') return undefined
  const queries = [...new Set([a.query, b.query].filter((query) => query !== undefined))]
  const query = queries.length === 0 ? undefined : queries.join('&')
  return { type, letters, query, v1: a.v1 && query === undefined }
}

/** What scopes allow on a type: nothing, everything, or what meets one of some searches. */
export type Allowed = { readonly ok: false } | { readonly ok: true; readonly queries: readonly string[] | undefined }

/** Whether scopes give all these permissions (`rs`) on a type. A search that narrows a scope narrows what may be read. */
export function allowed(scopes: readonly Scope[], type: string, permissions: string): Allowed {
  const fitting = scopes.filter(
    (scope) => (scope.type === '*' || scope.type === type) && [...permissions].every((letter) => scope.letters.includes(letter)),
  )
  if (fitting.length === 0) return { ok: false }
  const queries = fitting.flatMap(({ query }) => (query === undefined ? [] : [query]))
  return { ok: true, queries: queries.length < fitting.length ? undefined : queries }
}
