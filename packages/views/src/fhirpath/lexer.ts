import type { Span } from '../errors.ts'
import { ViewError } from '../errors.ts'

export type TokenKind =
  | 'identifier'
  | 'string'
  | 'integer'
  | 'decimal'
  | 'date'
  | 'dateTime'
  | 'time'
  | 'external'
  | 'symbol'
  | 'end'

/** `text` is the value: unescaped for strings and delimited identifiers, without `@`, `T` and `%`. */
export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly span: Span
  /** A delimited identifier is never a keyword. */
  readonly delimited?: boolean
}

const SPACE = /(?:[ \t\r\n\u00a0]|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/)+/y
// No text fits two of them but the dates (longest first) and the numbers; the frequent ones are tried first.
const RULES: readonly (readonly [TokenKind, RegExp])[] = [
  ['identifier', /([A-Za-z_][A-Za-z0-9_]*)/y],
  ['symbol', /(\$(?:this|index|total)|<=|>=|!=|!~|[-+*/|&=~<>.,()[\]{}])/y],
  ['string', /'((?:[^'\\]|\\[\s\S])*)'/y],
  ['dateTime', /@(\d{4}(?:-\d{2}(?:-\d{2})?)?T(?:\d{2}(?::\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:Z|[+-]\d{2}:\d{2})?)?)/y],
  ['date', /@(\d{4}(?:-\d{2}(?:-\d{2})?)?)/y],
  ['time', /@T(\d{2}(?::\d{2}(?::\d{2}(?:\.\d+)?)?)?)/y],
  ['decimal', /(\d+\.\d+)/y],
  ['integer', /(\d+)/y],
]
const DELIMITED = /[`"]((?:[^`"\\]|\\[\s\S])*)[`"]/y
const EXTERNAL = /%(?:([A-Za-z_][A-Za-z0-9_-]*)|`((?:[^`\\]|\\[\s\S])*)`|'((?:[^'\\]|\\[\s\S])*)')/y
const ESCAPES: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', f: '\f' }

/** The tokens of a FHIRPath expression, the last of kind `end`. */
export function tokenize(expression: string): Token[] {
  const tokens: Token[] = []
  let at = skip(expression, 0)
  while (at < expression.length) {
    const token = next(expression, at)
    tokens.push(token)
    at = skip(expression, token.span.end)
  }
  tokens.push({ kind: 'end', text: '', span: { start: expression.length, end: expression.length + 1 } })
  return tokens
}

function skip(expression: string, at: number): number {
  SPACE.lastIndex = at
  return SPACE.test(expression) ? SPACE.lastIndex : at
}

function next(expression: string, start: number): Token {
  for (const [kind, rule] of RULES) {
    rule.lastIndex = start
    const text = rule.exec(expression)?.[1]
    if (text === undefined) continue
    const span = { start, end: rule.lastIndex }
    return { kind, text: kind === 'string' ? unescaped(text, expression, span) : text, span }
  }
  return quoted(expression, start) ?? refuse(expression, start)
}

function quoted(expression: string, start: number): Token | undefined {
  DELIMITED.lastIndex = start
  const delimited = DELIMITED.exec(expression)
  if (delimited) {
    const span = { start, end: DELIMITED.lastIndex }
    return { kind: 'identifier', text: unescaped(delimited[1] ?? '', expression, span), span, delimited: true }
  }
  EXTERNAL.lastIndex = start
  const external = EXTERNAL.exec(expression)
  if (!external) return undefined
  return { kind: 'external', text: external[1] ?? external[2] ?? external[3] ?? '', span: { start, end: EXTERNAL.lastIndex } }
}

function unescaped(text: string, expression: string, span: Span): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|[\s\S])/g, (_, escaped: string) => {
    if (escaped.length === 5) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
    const known = ESCAPES[escaped] ?? (/[`'"\\/]/.test(escaped) ? escaped : undefined)
    if (known === undefined) throw new ViewError(`unknown escape \\${escaped}`, { expression, span })
    return known
  })
}

function refuse(expression: string, start: number): never {
  const character = expression.slice(start, start + 1)
  const span = { start, end: start + 1 }
  if (character === "'" || character === '`') throw new ViewError('text without an end quote', { expression, span })
  if (character === '@') throw new ViewError('not a date, dateTime or time literal', { expression, span })
  throw new ViewError(`unexpected character ${JSON.stringify(character)}`, { expression, span })
}
