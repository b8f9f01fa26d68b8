import stringWidth from 'string-width'
import { cut, pad } from './table.ts'

export interface Bar {
  readonly label: string
  readonly value: number
  /** What stands after the bar; the value where absent. */
  readonly text?: string
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A bar of `value / max` of `width` columns, exact to an eighth of a column. */
export function bar(value: number, max: number, width: number): string {
  const parts = max <= 0 ? 0 : Math.round(Math.min(1, value / max) * width * 8)
  return '█'.repeat(Math.floor(parts / 8)) + (eighths[parts % 8] ?? '')
}

/** A progress bar of fixed width between two marks. */
export function gauge(value: number, max: number, width: number): string {
  return `▏${pad(bar(value, max, width), width)}▏`
}

/** Labels, bars and numbers, a line each under a title. */
export function barChart(title: string, bars: readonly Bar[], { width }: { width: number }): string[] {
  const labels = Math.min(Math.max(0, ...bars.map((one) => stringWidth(one.label))), Math.max(10, Math.floor(width / 2)))
  const texts = bars.map((one) => one.text ?? String(one.value))
  const longest = Math.max(0, ...texts.map((text) => stringWidth(text)))
  const room = Math.max(4, width - labels - longest - 5)
  const max = Math.max(0, ...bars.map((one) => one.value))
  const lines = bars.map((one, index) => {
    const label = pad(cut(one.label, labels), labels)
    return `${label} ▏${bar(one.value, max, room)}  ${texts[index]}`
  })
  return [cut(title, width), ...lines]
}

/** Two blocks of lines next to each other; one under the other where the width does not allow it. */
export function sideBySide(left: readonly string[], right: readonly string[], width: number): string[] {
  const leftWidth = Math.max(0, ...left.map((line) => stringWidth(line)))
  const rightWidth = Math.max(0, ...right.map((line) => stringWidth(line)))
  if (leftWidth + rightWidth + 4 > width) return [...left, '', ...right]
  const lines = Array.from({ length: Math.max(left.length, right.length) }, (_, index) => {
    return `${pad(left[index] ?? '', leftWidth)}    ${right[index] ?? ''}`.trimEnd()
  })
  return lines
}
