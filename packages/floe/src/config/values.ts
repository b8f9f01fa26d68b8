import { existsSync } from 'node:fs'
import { usageError } from '../errors.ts'
import { nearest } from './nearest.ts'
import { envOf, flagOf, type OptionSpec, placeholderOf } from './option.ts'

export type Value = string | number | boolean | readonly string[]

/** Where a value came from; `at` is the flag, the variable or the file. */
export interface Origin {
  readonly from: 'flag' | 'environment' | 'file' | 'default'
  readonly at: string
}

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const sizeUnits: Readonly<Record<string, number>> = {
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
}

/** `1h30m`, `300s`, `500ms`, or a number of seconds, in milliseconds; undefined where the text is none of these. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase()
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed) * 1000
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(trimmed)) return undefined
  let sum = 0
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    sum += Number(amount) * (durationUnits[unit ?? ''] ?? 0)
  }
  return sum
}

/** `32MB`, `1GiB`, or a number of bytes; undefined where the text is none of these. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/.exec(text.trim().toLowerCase())
  const unit = sizeUnits[match?.[2] === '' ? 'b' : (match?.[2] ?? '?')]
  return match === null || unit === undefined ? undefined : Math.round(Number(match[1]) * unit)
}

function nameAt(spec: OptionSpec, origin: Origin): string {
  if (origin.from === 'flag') return flagOf(spec)
  return origin.from === 'environment' ? envOf(spec) : `"${spec.key}" in ${origin.at}`
}

function refuse(spec: OptionSpec, given: unknown, allowed: string, origin: Origin, hint?: string): never {
  const shown = typeof given === 'string' ? given : JSON.stringify(given)
  const what = spec.type === 'secret' ? '' : `: ${shown === '' ? 'nothing' : shown} is not allowed`
  throw usageError(`${nameAt(spec, origin)}${what}${what === '' ? ' ' : '; '}takes ${allowed}`, hint)
}

function booleanOf(spec: OptionSpec, raw: unknown, origin: Origin): boolean {
  if (typeof raw === 'boolean') return raw
  const text = String(raw).toLowerCase()
  if (['true', '1', 'yes', 'on'].includes(text)) return true
  if (['false', '0', 'no', 'off', ''].includes(text)) return false
  return refuse(spec, raw, 'true or false', origin)
}

function numberOf(spec: OptionSpec, raw: unknown, origin: Origin): number {
  const text = String(raw).trim()
  if (spec.type === 'duration') {
    return parseDuration(text) ?? refuse(spec, raw, 'a duration such as 90s, 5m, 1h or 30d', origin)
  }
  if (spec.type === 'size') return parseSize(text) ?? refuse(spec, raw, 'a size such as 500kB, 32MB or 1GiB', origin)
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = spec
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    return refuse(
      spec,
      raw,
      spec.max === undefined ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`,
      origin,
    )
  }
  return value
}

function listOf(spec: OptionSpec, raw: unknown, origin: Origin): readonly string[] {
  const items = (Array.isArray(raw) ? raw : [raw]).flatMap((item) => {
    if (typeof item !== 'string') return refuse(spec, raw, 'text, or a list of texts', origin)
    if (spec.type === 'list') return item.split(',')
    return origin.from === 'environment' ? item.split('\n') : [item]
  })
  const values = items.map((item) => item.trim()).filter((item) => item !== '')
  return values.length === 0 ? refuse(spec, '', placeholderOf(spec), origin) : values
}

/**
 * A secret's reference. The environment may hold the secret itself: the reference is then that variable.
 * On the command line and in a file a literal is refused, for there it is kept and seen.
 */
function referenceOf(spec: OptionSpec, raw: unknown, origin: Origin): string {
  if (typeof raw === 'string' && /^(env|file):./s.test(raw)) return raw
  if (origin.from === 'environment') return `env:${envOf(spec)}`
  // Other exporters take the path of a file with the secret.
  if (typeof raw === 'string' && raw !== '' && existsSync(raw)) return `file:${raw}`
  return refuse(
    spec,
    raw,
    'a reference, env:NAME or file:PATH, and not the secret itself',
    origin,
    `${flagOf(spec)} env:${envOf(spec)}`,
  )
}

/**
 * The value that `raw` (a flag's text, a variable, a JSON value) has for an option; a usage error names option, value and what is
 * allowed.
 */
export function parseValue(spec: OptionSpec, raw: unknown, origin: Origin): Value {
  switch (spec.type) {
    case 'flag':
      return booleanOf(spec, raw, origin)
    case 'integer':
    case 'duration':
    case 'size':
      return numberOf(spec, raw, origin)
    case 'list':
    case 'repeat':
      return listOf(spec, raw, origin)
    case 'secret':
      return referenceOf(spec, raw, origin)
    case 'flag-or-text':
      return raw === true || raw === '' ? true : String(raw)
    case 'url':
      if (typeof raw !== 'string' || !URL.canParse(raw) || !/^https?:/i.test(raw)) {
        return refuse(spec, raw, 'an address that begins with https:// or http://', origin)
      }
      return raw
    case 'choice': {
      const choices = spec.choices ?? []
      if (typeof raw === 'string' && choices.includes(raw)) return raw
      const near = nearest(String(raw), choices)
      return refuse(spec, raw, choices.join(', '), origin, near === undefined ? undefined : `${flagOf(spec)} ${near}`)
    }
    default:
      return typeof raw === 'string' && raw !== '' ? raw : refuse(spec, raw, placeholderOf(spec), origin)
  }
}
