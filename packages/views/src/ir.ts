import type { Scalar, Shape } from './shape.ts'

/**
 * A typed expression over one row, as plain data. Rules that hold for every expression, and that every printer and the evaluator
 * keep: an absent value is null; a list never holds null, and a null list is an empty list; an operation on null is null unless
 * its comment says otherwise.
 */
export type Expr =
  | { readonly op: 'null'; readonly shape: Shape }
  /** `value` of an integer that no double holds is text, with the shape `long`. */
  | { readonly op: 'literal'; readonly value: string | number | boolean; readonly shape: Scalar }
  | { readonly op: 'column'; readonly name: string }
  | { readonly op: 'item'; readonly name: string }
  | { readonly op: 'field'; readonly base: Expr; readonly name: string }
  /** `body` may be null: follow with `compact`, or `flatten` where it is a list. `index` counts from 0. */
  | { readonly op: 'map' | 'filter'; readonly list: Expr; readonly item: string; readonly index?: string; readonly body: Expr }
  | { readonly op: 'case'; readonly when: Expr; readonly result: Expr; readonly otherwise?: Expr }
  | { readonly op: 'struct'; readonly fields: readonly (readonly [string, Expr])[] }
  /** All nodes below `list` in pre-order: `children` is a list in terms of `item`. */
  | {
      readonly op: 'repeat'
      readonly list: Expr
      readonly item: string
      readonly children: Expr
      /** Set where nodes are JSON text: the steps of each path, when all are plain names. */
      readonly json?: { readonly steps?: readonly (readonly string[])[] }
    }
  | {
      readonly op: 'call'
      readonly fn: Fn
      readonly args: readonly Expr[]
      /** A constant of the call: a message, a resource type. */
      readonly text?: string
      readonly shape?: Shape
    }

/** What can be called; `?` marks an argument that may be left out. */
export type Fn = ListFn | LogicFn | NumberFn | TextFn | TimeFn | 'referenceKey' | 'parse' | 'json' | 'raise' | 'unmarked'

export type ListFn =
  /** [x], or the empty list for null */
  | 'listOf'
  | 'compact'
  /** of a list of lists, in which null lists may stand */
  | 'flatten'
  | 'concat'
  /** the item at an index from 0, null outside */
  | 'at'
  | 'last'
  /** 0 for null */
  | 'len'
  /** (list, skip, take?) */
  | 'slice'
  /** the first of equal items stays, in order */
  | 'distinct'
  /** false for an item that is not there */
  | 'has'
  /** '' for the empty list */
  | 'joinText'
  /** the only item; more than one raises `text` */
  | 'single'
  /** equal in order and number; null when either is empty */
  | 'listEq'
  /** for an empty list the list of one null: only where rows are made */
  | 'orNull'

export type LogicFn = 'isNull' | 'and' | 'or' | 'not' | 'coalesce' | 'eq' | 'lt' | 'le' | 'gt' | 'ge'

export type NumberFn =
  /** integers; null outside of 32 bits */
  | 'addInt'
  | 'subInt'
  | 'mulInt'
  /** decimals: exact to 18 places */
  | 'add'
  | 'sub'
  /** decimals: rounded to 15 significant digits; div by zero is null */
  | 'mul'
  | 'div'
  /** toward zero; by zero is null; integers */
  | 'intDiv'
  | 'modInt'
  | 'modulo'
  | 'truncDiv'
  | 'neg'
  | 'toDouble'
  /** a decimal kept as text, without the mark that tells it from a string */
  | 'digits'

export type TextFn =
  | 'startsWith'
  | 'endsWith'
  | 'contains'
  /** partial match of a regular expression */
  | 'matches'
  | 'replace'
  /** (text, start from 0, length?): null when start lies outside */
  | 'substring'
  | 'indexOf'
  | 'length'
  | 'upper'
  | 'lower'
  | 'trim'
  | 'concatText'
  | 'toText'

export type TimeFn =
  /** -1, 0, 1, or null where precision or zone leaves it open; `text` names the types of both */
  | 'compareDate'
  | 'compareTime'
  /** text that is equal for equal times of one precision */
  | 'dateKey'
  | 'timeKey'
  /** of text; `text` is the FHIR type; (value, digits?) */
  | 'lowBoundary'
  | 'highBoundary'

/** One pass of the row pipeline: a row for each item of `list` (a null item where the list is one of `orNull`). */
export interface Unnest {
  readonly list: Expr
  readonly item: string
  /** The name of the column that counts the items from 0, when one asks for it. */
  readonly index?: string
}

/** A column of a plan. */
export interface PlanColumn {
  readonly name: string
  readonly expr: Expr
  readonly shape: Shape
  /** The FHIR type of a value, or of an item where `collection`. */
  readonly type: string
  readonly collection: boolean
}

/** A view as relational steps: the resources for which all of `where` hold, unnested step by step, projected to `columns`. */
export interface Plan {
  readonly resource: string
  readonly where: readonly Expr[]
  readonly steps: readonly Unnest[]
  readonly columns: readonly PlanColumn[]
}
