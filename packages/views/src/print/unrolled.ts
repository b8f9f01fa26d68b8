import type { Printing, Repeat } from './dialect.ts'

// A depth that clinical forms and code systems hardly reach; deeper data raise an error instead of losing rows.
const DEPTH = 12
const MESSAGE = 'repeat: nested too deep'

/** The nodes of a repeat, level in level: each level is written once, whatever the number of paths. */
export function unrolled({ dialect, ...print }: Printing, { list, item, children }: Repeat): string {
  const name = dialect.ident(item)
  const inner: Printing = { dialect, ...print, nested: true }
  const level = (depth: number, nodes: string): string => {
    const below = inner.expr(children)
    const deeper = depth < DEPTH ? level(depth + 1, below) : tooDeep(below)
    const lists = [dialect.list([name]), deeper]
    const body = dialect.concat(lists)
    return `flatten(${dialect.map(nodes, dialect.lambda([name], body))})`
  }
  const tooDeep = (nodes: string): string =>
    `case when ${dialect.size(nodes)} > 0 then ${dialect.raise(dialect.text(MESSAGE))} end`
  return level(0, print.expr(list))
}
