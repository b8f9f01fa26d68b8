import { scaled, unscaled } from './decimal.ts'

// Text is counted in code points, as the engines do.

const length = (text: string): number => [...text].length

export const textFunctions: Readonly<Record<string, (text: string, part: string, by: string) => unknown>> = {
  startsWith: (text: string, part: string): boolean => text.startsWith(part),
  endsWith: (text: string, part: string): boolean => text.endsWith(part),
  contains: (text: string, part: string): boolean => text.includes(part),
  matches: (text: string, pattern: string): boolean => expression(pattern).test(text),
  replace: (text: string, part: string, by: string): string => (part === '' ? text : text.replaceAll(part, () => by)),
  indexOf: (text: string, part: string): number => {
    const at = text.indexOf(part)
    return at < 0 ? -1 : length(text.slice(0, at))
  },
  length: (text: string): number => length(text),
  upper: (text: string): string => mapped(text, (it) => it.toUpperCase()),
  lower: (text: string): string => mapped(text, (it) => it.toLowerCase()),
  trim: (text: string): string => text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''),
  concatText: (left: string, right: string): string => left + right,
}

export function substring(text: string, start: number, count?: number): string | null {
  const points = [...text]
  if (start < 0 || start >= points.length) return null
  return points.slice(start, count === undefined ? undefined : start + Math.max(count, 0)).join('')
}

/** Case of single characters only, as the engines do: `ß` has no capital of one character but `ẞ`. */
function mapped(text: string, change: (character: string) => string): string {
  return Array.from(text, (character) => {
    const changed = [...change(character)]
    return changed.length === 1 ? changed[0] : character === 'ß' ? 'ẞ' : character === 'İ' ? 'i' : character
  }).join('')
}

const expressions = new Map<string, RegExp>()

function expression(pattern: string): RegExp {
  const known = expressions.get(pattern)
  if (known) return known
  const flags = pattern.startsWith('(?i)') ? 'is' : 's'
  const made = new RegExp(pattern.replace(/^\(\?i\)/, ''), flags)
  if (expressions.size < 1000) expressions.set(pattern, made)
  return made
}

/** A value as FHIRPath text: decimals without exponent, and with the digits as written where the source keeps them. */
export function toText(value: unknown): string {
  if (value instanceof Number) return String((value as number & { source?: string }).source ?? value)
  if (typeof value !== 'number') return String(value)
  const exact = scaled(String(value))
  return exact === null ? String(value) : unscaled(exact)
}
