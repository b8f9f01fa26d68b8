import type { Span } from '../errors.ts'

/** A FHIRPath expression as it is written; every node knows its place. */
export type Ast = AstNode & { readonly span: Span }

export type LiteralType = 'string' | 'integer' | 'decimal' | 'boolean' | 'date' | 'dateTime' | 'time' | 'quantity'

/** `text` is a literal's value without quotes, `@` and `T`; of a decimal its digits as written. */
export type AstNode =
  | { readonly kind: 'literal'; readonly type: LiteralType; readonly text: string; readonly unit?: string }
  | { readonly kind: 'empty' }
  | { readonly kind: 'this' | 'index' }
  | { readonly kind: 'external'; readonly name: string }
  | { readonly kind: 'member'; readonly target: Ast | undefined; readonly name: string }
  | { readonly kind: 'call'; readonly target: Ast | undefined; readonly name: string; readonly args: readonly Ast[] }
  | { readonly kind: 'indexer'; readonly target: Ast; readonly index: Ast }
  | { readonly kind: 'unary'; readonly operator: '+' | '-'; readonly operand: Ast }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Ast; readonly right: Ast }
  | {
      readonly kind: 'type'
      readonly operator: 'is' | 'as'
      readonly operand: Ast
      readonly type: string
      readonly typeSpan: Span
    }
