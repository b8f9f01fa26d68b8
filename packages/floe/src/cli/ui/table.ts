import stringWidth from 'string-width'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
}

export interface TableOptions {
  /** Cells are cut so that a line is at most this wide. */
  readonly width?: number
  readonly indent?: string
}

const gap = '  '
/** Narrowest that a column is cut to. */
const narrowest = 6

/** The text cut to `width` columns of the terminal, with `…` where something is missing. */
export function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  let kept = ''
  let used = 0
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const wide = stringWidth(segment)
    if (used + wide > width - 1) break
    kept += segment
    used += wide
  }
  return width > 0 ? `${kept}…` : ''
}

/** Control characters and line breaks as something that stays on its line. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (char) => (char === '\n' ? '⏎' : char === '\t' ? ' ' : '·'))
}

export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)))
  return align === 'right' ? space + text : text + space
}

/** Widths of the columns: as wide as their content, the widest cut first when the line would be too long. */
export function fitWidths(natural: readonly number[], width: number): number[] {
  const widths = [...natural]
  const room = width - gap.length * (widths.length - 1)
  let over = widths.reduce((sum, one) => sum + one, 0) - room
  while (over > 0) {
    const widest = Math.max(...widths)
    if (widest <= narrowest) break
    const next = Math.max(narrowest, ...widths.filter((one) => one < widest))
    const hit = widths.flatMap((one, index) => (one === widest ? [index] : []))
    const less = Math.max(1, Math.min(widest - next, Math.ceil(over / hit.length)))
    for (const index of hit) {
      if (over <= 0) break
      widths[index] = widest - less
      over -= less
    }
  }
  return widths
}

/** A line of cells at these widths, cut where they are wider, without spaces at its end. */
export function tableLine(cells: readonly string[], columns: readonly Column[], widths: readonly number[], indent = ''): string {
  const padded = columns.map((column, index) => {
    const width = widths[index] ?? 0
    return pad(cut(cells[index] ?? '', width), width, column.align)
  })
  return (indent + padded.join(gap)).trimEnd()
}

/** Widths that the cells need, titles included. */
export function naturalWidths(columns: readonly Column[], rows: Iterable<readonly string[]>): number[] {
  const widths = columns.map((column) => stringWidth(column.title))
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, stringWidth(cell))
  }
  return widths
}

/** Title line and rows, aligned. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], options: TableOptions = {}): string[] {
  const { width = Number.POSITIVE_INFINITY, indent = '' } = options
  const widths = fitWidths(naturalWidths(columns, rows), width - indent.length)
  const titles = columns.map((column) => column.title)
  return [titles, ...rows].map((row) => tableLine(row, columns, widths, indent))
}
