import { typeFilterParameters } from './type-filter.ts'

const bulkData = 'http://hl7.org/fhir/uv/bulkdata'

/** The CapabilityStatement: which exports there are, and how to get in. */
export function capabilityStatement({ fhirUrl, tokenUrl, types, secured }: Endpoints & { types: readonly string[] }): unknown {
  const operation = (name: string) => ({ name: 'export', definition: `${bulkData}/OperationDefinition/${name}|3.0.0` })
  const security = {
    service: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'SMART-on-FHIR' }] }],
    extension: [
      {
        url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
        extension: [{ url: 'token', valueUri: tokenUrl }],
      },
    ],
  }
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: '2026-01-01',
    kind: 'instance',
    software: { name: 'floe testkit EHR' },
    implementation: { description: 'A mock EHR over an export folder', url: fhirUrl },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json'],
    instantiates: [`${bulkData}/CapabilityStatement/bulk-data`],
    rest: [
      {
        mode: 'server',
        ...(secured ? { security } : {}),
        documentation: `_typeFilter takes ${typeFilterParameters.join(', ')}`,
        operation: [operation('export')],
        resource: [...new Set(['Group', 'Patient', ...types])].map((type) => ({
          type,
          interaction: [{ code: 'read' }, { code: 'search-type' }],
          ...(type === 'Group' ? { operation: [operation('group-export')] } : {}),
          ...(type === 'Patient' ? { operation: [operation('patient-export')] } : {}),
        })),
      },
    ],
  }
}

/** The SMART configuration of a server for Backend Services. */
export function smartConfiguration({ tokenUrl }: Pick<Endpoints, 'tokenUrl'>): unknown {
  return {
    token_endpoint: tokenUrl,
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_basic', 'client_secret_post'],
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    scopes_supported: ['system/*.rs', 'system/*.read'],
    code_challenge_methods_supported: ['S256'],
    capabilities: ['client-confidential-asymmetric', 'permission-v1', 'permission-v2'],
  }
}

interface Endpoints {
  fhirUrl: string
  tokenUrl: string
  secured: boolean
}
