/** Where an error lies inside a FHIRPath expression: offsets from its first character, `end` excluded. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** What a {@link ViewError} tells beside its message. */
export interface ViewErrorDetail {
  /** The element of the ViewDefinition, such as `select[1].column[0].path`; empty for the view itself. */
  readonly path?: string | undefined
  readonly expression?: string | undefined
  readonly span?: Span | undefined
  readonly hint?: string | undefined
  readonly cause?: unknown
}

/**
 * A ViewDefinition or FHIRPath expression that cannot be compiled. `message` is one line; {@link ViewError.render} draws the
 * place.
 */
export class ViewError extends Error {
  readonly code = 'view'
  readonly retryable = false
  readonly exitCode = 2
  readonly reason: string
  readonly path: string
  readonly expression: string | undefined
  readonly span: Span | undefined
  readonly hint?: string

  constructor(reason: string, { path = '', expression, span, hint, cause }: ViewErrorDetail = {}) {
    super(path ? `${path}: ${reason}` : reason, { cause })
    this.name = 'ViewError'
    this.reason = reason
    this.path = path
    this.expression = expression
    this.span = span
    if (hint !== undefined) this.hint = hint
  }

  /** The message, and below it the line of the expression with `^` under the place. */
  render(): string {
    const lines = [this.message]
    if (this.expression !== undefined) lines.push(...caret(this.expression, this.span))
    if (this.hint !== undefined) lines.push(this.hint)
    return lines.join('\n')
  }
}

function caret(expression: string, span: Span = { start: 0, end: expression.length }): string[] {
  const begin = expression.lastIndexOf('\n', span.start - 1) + 1
  const stop = expression.indexOf('\n', span.start)
  const line = expression.slice(begin, stop < 0 ? expression.length : stop)
  const width = Math.max(1, Math.min(span.end, begin + line.length) - span.start)
  // A tab before the place is kept, so that the caret stands under it however wide the terminal draws tabs.
  const indent = line.slice(0, span.start - begin).replace(/[^\t]/g, ' ')
  return [`  ${line}`, `  ${indent}${'^'.repeat(width)}`]
}

/** An error that the data cause while a view runs in memory: the SQL of the same view raises the same message. */
export class ViewRunError extends Error {
  readonly code = 'view-run'
  readonly retryable = false
  readonly exitCode = 1

  constructor(message: string) {
    super(message)
    this.name = 'ViewRunError'
  }
}
