import type { Span } from '../errors.ts'
import { ViewError } from '../errors.ts'
import type { Ast } from '../fhirpath/ast.ts'
import type { Expr } from '../ir.ts'
import type { Shape } from '../shape.ts'
import type { Constant, Path } from '../view-definition.ts'
import type { Usage } from './usage.ts'
import type { Value } from './value.ts'

/** What stays the same while a whole view is lowered. */
export interface Context {
  readonly resource: string
  readonly constants: ReadonlyMap<string, Constant>
  /** The table's shape; undefined for resources in memory, and while the usage of a view is recorded. */
  readonly schema: Shape | undefined
  readonly usage: Usage
  /** JSON text holds decimals as marked strings: values that are taken whole lose the marks again. */
  readonly marked: boolean
  /** Usage of the nodes of each repeat, and of the paths that lead from node to node. */
  readonly repeats: Map<string, { readonly node: Usage; readonly steps: Usage }>
  /** Names of index columns and parameters that are really read. */
  readonly used: Set<string>
  readonly names: { next: number }
  /** Injected so that functions can lower their arguments without an import cycle. */
  readonly lower: (ast: Ast, scope: Scope) => Value
}

/** The name of no index: that of a single value is 0. */
export const ONLY = ''

/** Where an expression stands. */
export interface Scope {
  readonly context: Context
  /** The expression, for errors. */
  readonly source: Path
  /** How run-time errors name the place: `column birth_date`, `where[0]`. */
  readonly label: string
  /** `$this`, and what a path begins from. */
  readonly focus: Value
  readonly root: Value
  /** `$index` */
  readonly index?: { readonly name: string }
  readonly rowIndex: { readonly name: string } | undefined
  /** Inside of repeat an unknown path is empty. */
  readonly lenient?: boolean
}

export function refuse(scope: Scope, span: Span, reason: string, hint?: string): never {
  throw new ViewError(reason, { path: scope.source.path, expression: scope.source.text, span, hint })
}

export const fresh = ({ context }: Scope, prefix: string): string => `${prefix}${++context.names.next}`
export const item = (name: string): Expr => ({ op: 'item', name })

/** The scope inside of an iteration over `focus`; a single value stands at index 0. */
export function inside(scope: Scope, focus: Value, index: string = ONLY): Scope {
  return { ...scope, focus, index: { name: index } }
}
