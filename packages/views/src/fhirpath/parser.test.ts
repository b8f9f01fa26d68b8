import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ViewError } from '../errors.ts'
import type { Ast } from './ast.ts'
import { parseFhirPath } from './parser.ts'

/** The tree in few words: operators before their operands. */
function show(ast: Ast): string {
  switch (ast.kind) {
    case 'literal':
      return ast.unit === undefined ? `${ast.type}:${ast.text}` : `${ast.type}:${ast.text}'${ast.unit}'`
    case 'member':
      return ast.target ? `${show(ast.target)}.${ast.name}` : ast.name
    case 'call':
      return `${ast.target ? `${show(ast.target)}.` : ''}${ast.name}(${ast.args.map(show).join(', ')})`
    case 'indexer':
      return `${show(ast.target)}[${show(ast.index)}]`
    case 'unary':
      return `(${ast.operator} ${show(ast.operand)})`
    case 'binary':
      return `(${ast.operator} ${show(ast.left)} ${show(ast.right)})`
    case 'type':
      return `(${ast.operator} ${show(ast.operand)} ${ast.type})`
    case 'external':
      return `%${ast.name}`
    default:
      return ast.kind
  }
}

describe('parseFhirPath', () => {
  test.each([
    ['name.given.first()', 'name.given.first()'],
    ['a or b and c', '(or a (and b c))'],
    ['a implies b or c xor d', '(implies a (xor (or b c) d))'],
    ['1 + 2 * 3 - 4', '(- (+ integer:1 (* integer:2 integer:3)) integer:4)'],
    ['a = b | c', '(= a (| b c))'],
    ['a & b + c', '(+ (& a b) c)'],
    ['a < b = c', '(= (< a b) c)'],
    ["x in ('a' | 'b')", '(in x (| string:a string:b))'],
    ['-1.5.abs()', '(- decimal:1.5.abs())'],
    ['value is Quantity and a', '(and (is value Quantity) a)'],
    ['value as System.String', '(as value string)'],
    ['value is FHIR.Quantity', '(is value Quantity)'],
    ['item[%index - 1].text', 'item[(- %index integer:1)].text'],
    ["%`a b` = %'c d'", '(= %a b %c d)'],
    ['`div`.is.contains', 'div.is.contains'],
    ['contains', 'contains'],
    ["'it\\'s \\u00e9\\n'", "string:it's é\n"],
    ['@2015-02-04T14:34:28+09:00', 'dateTime:2015-02-04T14:34:28+09:00'],
    ['@2015T', 'dateTime:2015T'],
    ['@2015-02', 'date:2015-02'],
    ['@T14:34', 'time:14:34'],
    ["4 'mg' = 2 days", "(= quantity:4'mg' quantity:2'days')"],
    ['{} // nothing', 'empty'],
    ['a /* b */ . c', 'a.c'],
    ['$this.where($index > 0)', 'this.where((> index integer:0))'],
    ['iif(a, b, c)', 'iif(a, b, c)'],
    ['true and false', '(and boolean:true boolean:false)'],
  ])('%s', (expression, expected) => {
    expect(show(parseFhirPath(expression))).toBe(expected)
  })

  test.each([
    ['', 0, 'expected an element or a function, found end of the expression'],
    ['@@', 0, 'not a date, dateTime or time literal'],
    ["'open", 0, 'text without an end quote'],
    ["'\\q'", 0, 'unknown escape \\q'],
    ['a.', 2, 'expected an element or a function, found end of the expression'],
    ['a b', 2, 'unexpected "b"'],
    ['f(a', 3, 'expected ")", found end of the expression'],
    ['a[1', 3, 'expected "]", found end of the expression'],
    ['a.and', 2, 'expected an element or a function, found "and"'],
    ['a is 3', 5, 'expected a type, found "3"'],
    ['a # b', 2, 'unexpected character "#"'],
    ['('.repeat(300), 200, 'nested deeper than 200 levels'],
  ])('refuses %s', (expression, start, reason) => {
    const error = refusal(expression)
    expect([error.span?.start, error.reason]).toEqual([start, reason])
  })

  test('the caret stands under the place, on its line', () => {
    expect(refusal('name\n\t.where(use = ??)').render()).toBe(
      ['unexpected character "?"', '  \t.where(use = ??)', '  \t             ^'].join('\n'),
    )
  })

  test('whatever the text is, it parses or is refused with a span inside of it', () => {
    const pieces = [
      'name',
      '.',
      '(',
      ')',
      '[',
      ']',
      "'a'",
      '1',
      '1.5',
      '@2020',
      '%x',
      '+',
      '-',
      ' and ',
      '|',
      '=',
      '$this',
      '{}',
      ' is ',
      '`q`',
      '\\',
      "'",
      '@T1',
      '\n',
    ]
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 })), { maxLength: 12 }), (parts) => {
        const expression = parts.join('')
        try {
          parseFhirPath(expression)
        } catch (error) {
          if (!(error instanceof ViewError)) throw error
          const { start = -1, end = -1 } = error.span ?? {}
          expect(start >= 0 && start < end && end <= expression.length + 1).toBe(true)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

function refusal(expression: string): ViewError {
  try {
    parseFhirPath(expression)
  } catch (error) {
    if (error instanceof ViewError) return error
  }
  throw new Error(`${expression} was not refused`)
}

test('a chain of thousands of steps is refused, one of hundreds is not', () => {
  expect(() => parseFhirPath('a.'.repeat(3000).concat('b'))).toThrow('longer than 2000 words')
  expect(parseFhirPath('a.'.repeat(900).concat('b'))).toBeDefined()
})
