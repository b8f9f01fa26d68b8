import { tokenUrlOf } from './auth/routes.ts'
import { type AppContext, originOf, type ServerContext } from './context.ts'

const bulk = 'http://hl7.org/fhir/uv/bulkdata'
const started = new Date().toISOString()

/** `GET /fhir/metadata`: what the server can do, and nothing else (no CRUD, no search). */
export function capabilityStatement(context: ServerContext, c: AppContext, types: readonly string[]): object {
  const origin = originOf(context, c)
  const operation = (name: string, definition: string): object => ({
    name,
    definition: `${bulk}/OperationDefinition/${definition}`,
  })
  const own = (type: string): object => {
    if (type === 'Group') {
      return {
        type,
        interaction: [{ code: 'read' }, { code: 'search-type' }],
        searchParam: [{ name: '_id', type: 'token' }],
        operation: [operation('export', 'group-export')],
      }
    }
    return type === 'Patient' ? { type, operation: [operation('export', 'patient-export')] } : { type, interaction: [] }
  }
  const audit = { type: 'AuditEvent', interaction: [{ code: 'search-type' }] }
  const listed = [...new Set(['Patient', 'Group', ...types])].filter((type) => type !== 'AuditEvent')
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: started,
    kind: 'instance',
    software: { name: 'floe' },
    implementation: { description: 'floe: FHIR Bulk Data over a lakehouse', url: `${origin}/fhir` },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json'],
    instantiates: [`${bulk}/CapabilityStatement/bulk-data`],
    rest: [
      {
        mode: 'server',
        security: {
          service: [
            { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'SMART-on-FHIR' }] },
          ],
          extension: [
            {
              url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
              extension: [{ url: 'token', valueUri: tokenUrlOf(context, c) }],
            },
          ],
        },
        resource: [...listed.map(own), audit],
        operation: [
          operation('export', 'export'),
          operation('bulk-publish', 'bulk-publish'),
          { name: 'import', definition: `${origin}/fhir/OperationDefinition/import` },
          { name: 'sql-run', definition: 'http://hl7.org/fhir/uv/sql-on-fhir/OperationDefinition/sql-run' },
        ],
      },
    ],
  }
}
