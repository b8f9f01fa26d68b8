import type { ViewColumn, ViewDefinition } from '../view-definition.ts'
import { column, concept, define, key, lastUpdated, period, reference } from './define.ts'

const telecom = (system: string, what: string): ViewColumn =>
  column(system, `telecom.where(system = '${system}').value.first()`, 'string', what)
const address = (path: string): ViewColumn[] => [
  column('address_line', `${path}.line.first()`, 'string', 'First line of the address'),
  column('city', `${path}.city`, 'string', 'City'),
  column('state', `${path}.state`, 'string', 'State'),
  column('postal_code', `${path}.postalCode`, 'string', 'Postal code'),
  column('country', `${path}.country`, 'string', 'Country'),
]
const npi = column(
  'npi',
  `identifier.where(system = 'http://hl7.org/fhir/sid/us-npi').value.first()`,
  'string',
  'US National Provider Identifier',
)

const organization: ViewDefinition = define('organization', 'Organization', 'One row for each organization.', [
  {
    column: [
      key,
      column('active', 'active', 'boolean', 'Whether the record is in use'),
      npi,
      ...concept('type', 'type.first()', 'First type'),
      column('name', 'name', 'string', 'Name'),
      telecom('phone', 'First telephone number'),
      ...address('address.first()'),
      reference('part_of_id', 'partOf', 'Organization', 'Key of the organization that this one is part of'),
      lastUpdated,
    ],
  },
])

const location: ViewDefinition = define('location', 'Location', 'One row for each location.', [
  {
    column: [
      key,
      column('status', 'status', 'code', 'active, suspended, inactive'),
      column('name', 'name', 'string', 'Name'),
      column('mode', 'mode', 'code', 'instance or kind'),
      ...concept('type', 'type.first()', 'First type'),
      column('physical_type_code', 'physicalType.coding.first().code', 'code', 'Physical type (building, ward, bed …)'),
      telecom('phone', 'First telephone number'),
      ...address('address'),
      column('latitude', 'position.latitude', 'decimal', 'Latitude'),
      column('longitude', 'position.longitude', 'decimal', 'Longitude'),
      reference('managing_organization_id', 'managingOrganization', 'Organization'),
      reference('part_of_id', 'partOf', 'Location', 'Key of the location that this one is part of'),
      lastUpdated,
    ],
  },
])

const practitioner: ViewDefinition = define('practitioner', 'Practitioner', 'One row for each practitioner.', [
  {
    column: [
      key,
      column('active', 'active', 'boolean', 'Whether the record is in use'),
      npi,
      column('family_name', 'name.first().family', 'string', 'Family name of the first name'),
      column('given_name', 'name.first().given.first()', 'string', 'First given name of the first name'),
      column('prefix', 'name.first().prefix.first()', 'string', 'First prefix of the first name'),
      column('gender', 'gender', 'code', 'Administrative gender'),
      column('qualification_code', 'qualification.first().code.coding.first().code', 'code', 'First qualification'),
      telecom('phone', 'First telephone number'),
      telecom('email', 'First e-mail address'),
      ...address('address.first()'),
      lastUpdated,
    ],
  },
])

const practitionerRole: ViewDefinition = define(
  'practitioner_role',
  'PractitionerRole',
  'One row for each role of a practitioner at an organization.',
  [
    {
      column: [
        key,
        column('active', 'active', 'boolean', 'Whether the role is in use'),
        reference('practitioner_id', 'practitioner', 'Practitioner'),
        reference('organization_id', 'organization', 'Organization'),
        reference('location_id', 'location.first()', 'Location', 'Key of the first location'),
        ...concept('code', 'code.first()', 'First role'),
        ...concept('specialty', 'specialty.first()', 'First specialty'),
        ...period('period', 'period', 'Period of the role'),
        lastUpdated,
      ],
    },
  ],
)

const medication: ViewDefinition = define('medication', 'Medication', 'One row for each medication that others refer to.', [
  {
    column: [
      key,
      column('status', 'status', 'code', 'active, inactive, entered-in-error'),
      ...concept('code', 'code', 'Medication'),
      column('form_code', 'form.coding.first().code', 'code', 'Form'),
      column('lot_number', 'batch.lotNumber', 'string', 'Lot number'),
      column('expiration_date', 'batch.expirationDate', 'dateTime', 'When the batch expires'),
      lastUpdated,
    ],
  },
])

const device: ViewDefinition = define('device', 'Device', 'One row for each device, with its patient where it has one.', [
  {
    column: [
      key,
      reference('patient_id', 'patient', 'Patient'),
      column('status', 'status', 'code', 'active, inactive, entered-in-error, unknown'),
      ...concept('type', 'type', 'Type'),
      column('udi_device_identifier', 'udiCarrier.first().deviceIdentifier', 'string', 'Device identifier of the first UDI'),
      column('udi_carrier', 'udiCarrier.first().carrierHRF', 'string', 'The first UDI as read by people'),
      column('device_name', 'deviceName.first().name', 'string', 'First name'),
      column('manufacturer', 'manufacturer', 'string', 'Manufacturer'),
      column('model_number', 'modelNumber', 'string', 'Model number'),
      column('serial_number', 'serialNumber', 'string', 'Serial number'),
      column('lot_number', 'lotNumber', 'string', 'Lot number'),
      column('manufacture_date', 'manufactureDate', 'dateTime', 'When it was made'),
      column('expiration_date', 'expirationDate', 'dateTime', 'When it expires'),
      lastUpdated,
    ],
  },
])

/** Views of organizations, places, people who care, medications and devices. */
export const administrationViews: readonly ViewDefinition[] = [
  organization,
  location,
  practitioner,
  practitionerRole,
  medication,
  device,
]
