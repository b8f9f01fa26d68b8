import type { Span } from '../errors.ts'
import { ViewError } from '../errors.ts'
import { isDate, isTime } from '../temporal.ts'
import type { Ast, AstNode, LiteralType } from './ast.ts'
import type { Token } from './lexer.ts'
import { tokenize } from './lexer.ts'

// Binding power of the infix operators, weakest first: FHIRPath N1 §6.8.
const LEVELS: readonly (readonly string[])[] = [
  ['implies'],
  ['or', 'xor'],
  ['and'],
  ['in', 'contains'],
  ['=', '~', '!=', '!~'],
  ['<', '<=', '>', '>='],
  ['|'],
  ['is', 'as'],
  ['+', '-', '&'],
  ['*', '/', 'div', 'mod'],
]
const POWER: ReadonlyMap<string, number> = new Map(LEVELS.flatMap((operators, level) => operators.map((it) => [it, level + 1])))
const UNARY = LEVELS.length + 1
const KEYWORDS: ReadonlySet<string> = new Set(['and', 'or', 'xor', 'implies', 'div', 'mod', 'true', 'false'])
const MAX_DEPTH = 200
/** Of a chain each step is a level for whoever walks the tree. */
const MAX_TOKENS = 2000
const CALENDAR = /^(year|month|week|day|hour|minute|second|millisecond)s?$/

interface Cursor {
  readonly expression: string
  readonly tokens: readonly Token[]
  at: number
  depth: number
}

/** Parses a FHIRPath expression; throws a {@link ViewError} with the span of the first place that does not fit. */
export function parseFhirPath(expression: string): Ast {
  const cursor: Cursor = { expression, tokens: tokenize(expression), at: 0, depth: 0 }
  const beyond = cursor.tokens[MAX_TOKENS]
  if (beyond !== undefined) fail(cursor, `longer than ${MAX_TOKENS} words`, beyond.span)
  const ast = parse(cursor, 0)
  const rest = peek(cursor)
  if (rest.kind !== 'end') fail(cursor, `unexpected ${describe(rest)}`, rest.span)
  return ast
}

function peek(cursor: Cursor): Token {
  const token = cursor.tokens[cursor.at]
  if (!token) throw new RangeError('read past the end of the expression')
  return token
}

function take(cursor: Cursor): Token {
  const token = peek(cursor)
  if (token.kind !== 'end') cursor.at++
  return token
}

const isSymbol = (token: Token, text: string): boolean => token.kind === 'symbol' && token.text === text
const describe = (token: Token): string => (token.kind === 'end' ? 'end of the expression' : JSON.stringify(token.text))

function fail(cursor: Cursor, reason: string, span: Span): never {
  throw new ViewError(reason, { expression: cursor.expression, span })
}

function expect(cursor: Cursor, text: string): Token {
  const token = take(cursor)
  if (!isSymbol(token, text)) fail(cursor, `expected "${text}", found ${describe(token)}`, token.span)
  return token
}

function node(at: AstNode, start: number, end: number): Ast {
  return { ...at, span: { start, end } }
}

function operatorOf(token: Token): string | undefined {
  const infix = token.kind === 'symbol' || (token.kind === 'identifier' && !token.delimited)
  return infix && POWER.has(token.text) ? token.text : undefined
}

function parse(cursor: Cursor, minimum: number): Ast {
  if (++cursor.depth > MAX_DEPTH) fail(cursor, `nested deeper than ${MAX_DEPTH} levels`, peek(cursor).span)
  let left = prefix(cursor)
  for (;;) {
    const operator = operatorOf(peek(cursor))
    const power = operator === undefined ? 0 : (POWER.get(operator) ?? 0)
    if (operator === undefined || power <= minimum) break
    take(cursor)
    left = operator === 'is' || operator === 'as' ? typeTest(cursor, operator, left) : infix(cursor, operator, left, power)
  }
  cursor.depth--
  return left
}

function infix(cursor: Cursor, operator: string, left: Ast, power: number): Ast {
  const right = parse(cursor, power)
  return node({ kind: 'binary', operator, left, right }, left.span.start, right.span.end)
}

function typeTest(cursor: Cursor, operator: 'is' | 'as', operand: Ast): Ast {
  const { type, span } = typeName(cursor)
  return node({ kind: 'type', operator, operand, type, typeSpan: span }, operand.span.start, span.end)
}

/**
 * A type specifier: `Quantity`, `FHIR.Quantity`, `System.String`; the namespace is dropped, System types become their FHIR names.
 */
function typeName(cursor: Cursor): { type: string; span: Span } {
  const first = take(cursor)
  if (first.kind !== 'identifier') fail(cursor, `expected a type, found ${describe(first)}`, first.span)
  if (!isSymbol(peek(cursor), '.')) return { type: first.text, span: first.span }
  take(cursor)
  const second = take(cursor)
  if (second.kind !== 'identifier') fail(cursor, `expected a type, found ${describe(second)}`, second.span)
  const span = { start: first.span.start, end: second.span.end }
  return { type: unqualified(first.text, second.text), span }
}

/** The FHIR name of a type given with its namespace. */
export function unqualified(namespace: string, name: string): string {
  return namespace === 'System' && name !== 'Quantity' ? name.charAt(0).toLowerCase() + name.slice(1) : name
}

function prefix(cursor: Cursor): Ast {
  const token = peek(cursor)
  if (isSymbol(token, '-') || isSymbol(token, '+')) {
    take(cursor)
    const operand = parse(cursor, UNARY)
    return node({ kind: 'unary', operator: token.text === '-' ? '-' : '+', operand }, token.span.start, operand.span.end)
  }
  return postfix(cursor, term(cursor))
}

function postfix(cursor: Cursor, start: Ast): Ast {
  let target = start
  for (;;) {
    const token = peek(cursor)
    if (isSymbol(token, '.')) {
      take(cursor)
      target = invocation(cursor, target)
    } else if (isSymbol(token, '[')) {
      take(cursor)
      const index = parse(cursor, 0)
      const end = expect(cursor, ']').span.end
      target = node({ kind: 'indexer', target, index }, target.span.start, end)
    } else return target
  }
}

function invocation(cursor: Cursor, target: Ast | undefined): Ast {
  const token = take(cursor)
  const start = target?.span.start ?? token.span.start
  if (isSymbol(token, '$this')) return node({ kind: 'this' }, start, token.span.end)
  if (isSymbol(token, '$index')) return node({ kind: 'index' }, start, token.span.end)
  if (token.kind !== 'identifier' || (!token.delimited && KEYWORDS.has(token.text))) {
    fail(cursor, `expected an element or a function, found ${describe(token)}`, token.span)
  }
  if (!isSymbol(peek(cursor), '(')) return node({ kind: 'member', target, name: token.text }, token.span.start, token.span.end)
  take(cursor)
  const args: Ast[] = []
  if (!isSymbol(peek(cursor), ')')) {
    do args.push(parse(cursor, 0))
    while (isSymbol(peek(cursor), ',') && take(cursor))
  }
  const end = expect(cursor, ')').span.end
  return node({ kind: 'call', target, name: token.text, args }, token.span.start, end)
}

function term(cursor: Cursor): Ast {
  const token = peek(cursor)
  const { start, end } = token.span
  if (isSymbol(token, '(')) {
    take(cursor)
    const inner = parse(cursor, 0)
    expect(cursor, ')')
    return inner
  }
  if (isSymbol(token, '{')) {
    take(cursor)
    return node({ kind: 'empty' }, start, expect(cursor, '}').span.end)
  }
  if (token.kind === 'external') {
    take(cursor)
    return node({ kind: 'external', name: token.text }, start, end)
  }
  const type = literalType(token)
  if (type === undefined) return invocation(cursor, undefined)
  checkTime(cursor, token)
  take(cursor)
  return type === 'integer' || type === 'decimal'
    ? number(cursor, token, type)
    : node({ kind: 'literal', type, text: token.text }, start, end)
}

function literalType(token: Token): LiteralType | undefined {
  if (token.kind === 'identifier') return !token.delimited && /^(true|false)$/.test(token.text) ? 'boolean' : undefined
  return token.kind === 'symbol' || token.kind === 'external' || token.kind === 'end' ? undefined : token.kind
}

/** The lexer tells dates and times by their form only. */
function checkTime(cursor: Cursor, { kind, text, span }: Token): void {
  const right = kind === 'date' || kind === 'dateTime' ? isDate(text) : kind !== 'time' || isTime(text)
  if (!right) fail(cursor, `there is no such ${kind}: ${text}`, span)
}

function number(cursor: Cursor, { text, span }: Token, type: 'integer' | 'decimal'): Ast {
  const unit = peek(cursor)
  const calendar = unit.kind === 'identifier' && !unit.delimited && CALENDAR.test(unit.text)
  if (unit.kind !== 'string' && !calendar) return node({ kind: 'literal', type, text }, span.start, span.end)
  take(cursor)
  return node({ kind: 'literal', type: 'quantity', text, unit: unit.text }, span.start, unit.span.end)
}
