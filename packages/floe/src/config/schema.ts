import { type OptionSpec, placeholderOf } from './option.ts'
import { configurable } from './options.ts'

function typeOf(spec: OptionSpec): Record<string, unknown> {
  switch (spec.type) {
    case 'flag':
      return { type: 'boolean' }
    case 'integer':
      return { type: 'integer', minimum: spec.min ?? 0, ...(spec.max === undefined ? {} : { maximum: spec.max }) }
    case 'duration':
    case 'size':
      return { type: ['string', 'number'] }
    case 'list':
    case 'repeat':
      return { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] }
    case 'choice':
      return { enum: spec.choices }
    case 'secret':
      return { type: 'string', pattern: '^(env|file):.' }
    default:
      return { type: 'string' }
  }
}

/** The JSON schema of `floe.config.json`. */
export function configSchema(): Record<string, unknown> {
  const properties: Record<string, unknown> = { $schema: { type: 'string' } }
  for (const spec of configurable()) {
    if (spec.key === 'config') continue
    const shown = placeholderOf(spec)
    properties[spec.key] = {
      ...typeOf(spec),
      description: shown === '' || spec.choices !== undefined ? spec.help : `${spec.help} (${shown})`,
      ...(spec.default === undefined ? {} : { default: defaultOf(spec, spec.default) }),
    }
  }
  const ofSource = Object.keys(properties).filter((key) => !['$schema', 'lake', 'source'].includes(key))
  const references = Object.fromEntries(ofSource.map((key) => [key, { $ref: `#/properties/${key}` }]))
  const section = { type: 'object', additionalProperties: false, properties: references }
  properties.sources = {
    type: 'object',
    description: 'a section of options for each source, for floe etl --all-sources; its name is the source',
    additionalProperties: section,
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'floe.config.json',
    type: 'object',
    additionalProperties: false,
    properties,
  }
}

function defaultOf(spec: OptionSpec, text: string): unknown {
  if (spec.type === 'flag') return text === 'true'
  return spec.type === 'integer' ? Number(text) : text
}
