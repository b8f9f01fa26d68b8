import type { ViewColumn, ViewDefinition, ViewSelect } from '../view-definition.ts'

/** A column of the Shareable profile: its type is always told. */
export const column = (name: string, path: string, type: string, description?: string): ViewColumn => ({
  name,
  path,
  type,
  ...(description !== undefined && { description }),
})

/** The first coding of a CodeableConcept and its text, as four columns. */
export const concept = (name: string, path: string, what: string): ViewColumn[] => [
  column(`${name}_code`, `${path}.coding.first().code`, 'code', `${what}: code of the first coding`),
  column(`${name}_system`, `${path}.coding.first().system`, 'uri', `${what}: code system of the first coding`),
  column(`${name}_display`, `${path}.coding.first().display`, 'string', `${what}: display of the first coding`),
  column(`${name}_text`, `${path}.text`, 'string', `${what}: text`),
]

/** A Coding as three columns. */
export const coding = (name: string, path: string, what: string): ViewColumn[] => [
  column(`${name}_code`, `${path}.code`, 'code', `${what}: code`),
  column(`${name}_system`, `${path}.system`, 'uri', `${what}: code system`),
  column(`${name}_display`, `${path}.display`, 'string', `${what}: display`),
]

/** A Quantity as value and unit. */
export const quantity = (name: string, path: string, what: string): ViewColumn[] => [
  column(`${name}_value`, `${path}.value`, 'decimal', `${what}: value`),
  column(`${name}_unit`, `${path}.unit`, 'string', `${what}: unit as written`),
  column(`${name}_code`, `${path}.code`, 'code', `${what}: code of the unit, mostly UCUM`),
]

/** Both ends of a Period. */
export const period = (name: string, path: string, what: string): ViewColumn[] => [
  column(`${name}_start`, `${path}.start`, 'dateTime', `${what}: start`),
  column(`${name}_end`, `${path}.end`, 'dateTime', `${what}: end`),
]

/** The key of a referenced resource; empty when the reference is to another type, or leads nowhere. */
export const reference = (name: string, path: string, type: string, description?: string): ViewColumn =>
  column(name, `${path}.getReferenceKey(${type})`, 'string', description ?? `Key of the ${type}`)

/** The key of the resource. */
export const key: ViewColumn = column('id', 'getResourceKey()', 'string', 'Key of the resource')
export const lastUpdated: ViewColumn = column(
  'last_updated',
  'meta.lastUpdated',
  'instant',
  'When the server last changed the resource',
)

/** A view of the Shareable profile over R4. */
export function define(
  name: string,
  resource: string,
  description: string,
  select: readonly ViewSelect[],
  where: readonly string[] = [],
): ViewDefinition {
  return {
    resourceType: 'https://sql-on-fhir.org/ig/StructureDefinition/ViewDefinition',
    url: `https://floe.dev/ViewDefinition/${name}`,
    name,
    title: name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' '),
    description,
    status: 'active',
    fhirVersion: ['4.0.1'],
    resource,
    ...(where.length && { where: where.map((path) => ({ path })) }),
    select,
  }
}
