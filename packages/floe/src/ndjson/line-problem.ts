import { lineText } from '@floe/client/ndjson'
import { resourceTypes } from '@floe/views/fhir'

/** Why a line is no FHIR resource, in the words of the quarantine; undefined where it is one. Says nothing of its content. */
export function lineProblem(bytes: Buffer, typeOfFile: string | undefined): string | undefined {
  let value: unknown
  try {
    value = JSON.parse(lineText(bytes))
  } catch {
    return 'json: the line is no JSON'
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'json: the line is no object'
  const { resourceType, id } = value as { resourceType?: unknown; id?: unknown }
  if (typeof resourceType !== 'string') return 'type: resourceType is missing'
  if (!resourceTypes.has(resourceType)) return 'type: resourceType is none of FHIR R4'
  if (typeOfFile !== undefined && resourceType !== typeOfFile) return `type: ${resourceType} in a file of ${typeOfFile}`
  if (id === undefined) return 'id: the resource has no id'
  return typeof id === 'string' && /^[A-Za-z0-9.-]{1,64}$/.test(id) ? undefined : 'id: not of the form [A-Za-z0-9.-]{1,64}'
}

/** The R4 type that stands as a word in a file's name. */
export function typeOfFile(name: string): string | undefined {
  return name.split(/[^A-Za-z]+/).find((word) => resourceTypes.has(word))
}
