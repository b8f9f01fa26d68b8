import { searchParameters } from '@floe/lake'
import { fhirVersion, fhirVersions } from '@floe/views/fhir'
import type { Hono } from 'hono'
import { tokenUrlOf } from './auth/routes.ts'
import { type AppContext, type AppEnv, originOf, type ServerContext } from './context.ts'
import { inCompartment } from './export/compartment.ts'
import { bulk, operationDefinition, operations } from './operation-definitions.ts'
import { notFound } from './refusal.ts'

const started = new Date().toISOString()
const fhirJson = { 'Content-Type': 'application/fhir+json' }

/** `GET /fhir/metadata` and the definitions that it names; both before anybody is asked who they are. */
export function metadataRoutes(app: Hono<AppEnv>, context: ServerContext): void {
  app.get('/fhir/metadata', async (c) => {
    const types = context.provider.types(await context.provider.pin())
    return c.json(capabilityStatement(context, c, types), 200, fhirJson)
  })
  app.get('/fhir/OperationDefinition/:id', (c) => {
    const definition = operationDefinition(c.req.param('id'), `${originOf(context, c)}/fhir`)
    if (definition === undefined) throw notFound('OperationDefinition')
    return c.json(definition, 200, fhirJson)
  })
}

/** What the server can do, and nothing else (no CRUD, no search). */
function capabilityStatement(context: ServerContext, c: AppContext, types: readonly string[]): object {
  const origin = originOf(context, c)
  const listed = [...new Set(['Patient', 'Group', ...types])].filter((type) => type !== 'AuditEvent')
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: started,
    kind: 'instance',
    software: { name: 'floe' },
    implementation: { description: 'floe: FHIR Bulk Data over a lakehouse', url: `${origin}/fhir` },
    fhirVersion: fhirVersions[fhirVersion()],
    format: ['application/fhir+json', 'json'],
    instantiates: [`${bulk}/CapabilityStatement/bulk-data`],
    rest: [
      {
        mode: 'server',
        documentation:
          'Resources that are listed can be exported; their search parameters are those of _typeFilter. There is neither search nor CRUD but where an interaction says so.',
        security: securityOf(tokenUrlOf(context, c)),
        resource: [...listed.map((type) => resourceOf(type, origin, context.settings)), auditEvent],
        operation: operations.flatMap((one) => (one.level === 'system' ? [operationOf(one, origin)] : [])),
      },
    ],
  }
}

function securityOf(tokenUrl: string): object {
  return {
    service: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'SMART-on-FHIR' }] }],
    extension: [
      {
        url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
        extension: [{ url: 'token', valueUri: tokenUrl }],
      },
    ],
  }
}

const auditEvent = {
  type: 'AuditEvent',
  interaction: [{ code: 'search-type' }],
  searchParam: ['date', 'agent', 'action', 'outcome', 'patient'].map((name) => ({
    name,
    type: { date: 'date', patient: 'reference' }[name] ?? 'token',
  })),
}

function resourceOf(type: string, origin: string, { sharedTypes }: ServerContext['settings']): object {
  const own = operations.flatMap((one) => (one.level === type ? [operationOf(one, origin)] : []))
  const levels = inCompartment(type) || sharedTypes.includes(type) ? 'at every level' : 'at system level'
  return {
    type,
    documentation: `Exported ${levels}.`,
    ...(type === 'Group' ? { interaction: [{ code: 'read' }, { code: 'search-type' }] } : {}),
    searchParam: searchParameters(type),
    ...(own.length === 0 ? {} : { operation: own }),
  }
}

function operationOf({ id, name, canonical, parameters }: (typeof operations)[number], origin: string): object {
  const own = `${origin}/fhir/OperationDefinition/${id}`
  const told = parameters.map((one) => one.name).join(', ')
  return { name, definition: canonical ?? own, documentation: `Parameters taken: ${told === '' ? 'none' : told}. See ${own}` }
}
