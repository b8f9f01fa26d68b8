import type { Expr, Fn } from '../ir.ts'
import type { Shape } from '../shape.ts'

/** An argument as SQL; `plain` when it is short and cheap enough to be written twice. */
export interface Arg {
  readonly sql: string
  readonly plain: boolean
  readonly expr: Expr
}

export type Call = Expr & { readonly op: 'call' }
export type Repeat = Expr & { readonly op: 'repeat' }

/** What a template may use beside its arguments. */
export interface Printing {
  readonly dialect: Dialect
  /** A name for a lambda parameter that nothing else has. */
  name(): string
  expr(expr: Expr): string
  /** Uses an argument several times without writing it several times. */
  once(arg: Arg, use: (sql: string) => string): string
  /** Set when conditional references are looked up; `nested` is set to true once a lambda does, which needs the keys as a map. */
  readonly references: { nested: boolean } | undefined
  /** Whether the expression stands inside of a lambda, where no subquery may stand. */
  readonly nested: boolean
}

export type Template = (print: Printing, args: readonly Arg[], call: Call) => string

/** How one engine writes things down. Only `ident` and `text` may put names and values into SQL. */
export interface Dialect {
  ident(name: string): string
  text(value: string): string
  type(shape: Shape): string
  lambda(parameters: readonly string[], body: string): string
  map(list: string, lambda: string): string
  filter(list: string, lambda: string): string
  struct(fields: readonly (readonly [string, string])[]): string
  /** The first item of a list. */
  head(list: string): string
  list(items: readonly string[]): string
  concat(lists: readonly string[]): string
  size(list: string): string
  raise(message: string): string
  /** Indexes of lambdas count from here. */
  readonly firstIndex: number
  double(value: number): string
  /** Whether a text as a whole matches a pattern, given as a literal. */
  fullMatch(sql: string, pattern: string): string
  /** The value of a key in a map, null when there is none. */
  lookUp(map: string, key: string): string
  /** A map of all rows of a relation with the columns `key` and `id`. */
  mapOf(relation: string): string
  readonly calls: Readonly<Record<Fn, Template>>
  repeat(print: Printing, repeat: Repeat): string
}

/** Stands for an argument that is not given. */
export const none: Arg = { sql: 'null', plain: true, expr: { op: 'null', shape: 'string' } }
