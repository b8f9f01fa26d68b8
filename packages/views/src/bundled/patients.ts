import type { ViewDefinition } from '../view-definition.ts'
import { column, concept, define, key, lastUpdated, period, reference } from './define.ts'

const US_CORE = 'http://hl7.org/fhir/us/core/StructureDefinition'
const omb = (name: string, path: string) =>
  `extension('${US_CORE}/us-core-${name}').extension('ombCategory').value.ofType(Coding)${path}.first()`
const label = (name: string) => `extension('${US_CORE}/us-core-${name}').extension('text').value.ofType(string).first()`
const identifierType = (code: string) =>
  `identifier.where(type.coding.where(system = 'http://terminology.hl7.org/CodeSystem/v2-0203' and code = '${code}').exists()).value.first()`

const patient: ViewDefinition = define(
  'patient',
  'Patient',
  'One row for each patient: demographics with the US Core extensions, first name, first address.',
  [
    {
      column: [
        key,
        column('active', 'active', 'boolean', 'Whether the record is in use'),
        column('mrn', identifierType('MR'), 'string', 'First medical record number (identifier of type MR)'),
        column('family_name', 'name.first().family', 'string', 'Family name of the first name'),
        column('given_name', 'name.first().given.first()', 'string', 'First given name of the first name'),
        column('birth_date', 'birthDate', 'date', 'Date of birth, as precise as it is known'),
        column('gender', 'gender', 'code', 'Administrative gender'),
        column('birth_sex', `extension('${US_CORE}/us-core-birthsex').value.ofType(code).first()`, 'code', 'US Core birth sex'),
        column('race_code', omb('race', '.code'), 'code', 'US Core race: first OMB category'),
        column('race_display', omb('race', '.display'), 'string', 'US Core race: display of the first OMB category'),
        column('race_text', label('race'), 'string', 'US Core race: text'),
        column('ethnicity_code', omb('ethnicity', '.code'), 'code', 'US Core ethnicity: OMB category'),
        column('ethnicity_display', omb('ethnicity', '.display'), 'string', 'US Core ethnicity: display'),
        column('ethnicity_text', label('ethnicity'), 'string', 'US Core ethnicity: text'),
        column(
          'deceased',
          'deceased.ofType(boolean)',
          'boolean',
          'Whether the patient is known to have died; see also deceased_date_time',
        ),
        column('deceased_date_time', 'deceased.ofType(dateTime)', 'dateTime', 'When the patient died'),
        ...concept('marital_status', 'maritalStatus', 'Marital status').filter(({ name }) => !name.endsWith('system')),
        column('language', 'communication.first().language.coding.first().code', 'code', 'First language of communication'),
        column('phone', `telecom.where(system = 'phone').value.first()`, 'string', 'First telephone number'),
        column('email', `telecom.where(system = 'email').value.first()`, 'string', 'First e-mail address'),
        column('address_line', 'address.first().line.first()', 'string', 'First line of the first address'),
        column('city', 'address.first().city', 'string', 'City of the first address'),
        column('state', 'address.first().state', 'string', 'State of the first address'),
        column('postal_code', 'address.first().postalCode', 'string', 'Postal code of the first address'),
        column('country', 'address.first().country', 'string', 'Country of the first address'),
        reference(
          'general_practitioner_id',
          'generalPractitioner.first()',
          'Practitioner',
          'Key of the first general practitioner',
        ),
        reference('managing_organization_id', 'managingOrganization', 'Organization'),
        lastUpdated,
      ],
    },
  ],
)

const patientId = column('patient_id', 'getResourceKey()', 'string', 'Key of the Patient')

const patientIdentifier: ViewDefinition = define('patient_identifier', 'Patient', 'One row for each identifier of a patient.', [
  { column: [patientId] },
  {
    forEach: 'identifier',
    column: [
      column('position', '%rowIndex', 'integer', 'Place in the list, from 0'),
      column('use', 'use', 'code', 'Use: usual, official, secondary …'),
      column('type_code', 'type.coding.first().code', 'code', 'Type, such as MR, SS, DL'),
      column('type_display', 'type.coding.first().display', 'string', 'Display of the type'),
      column('system', 'system', 'uri', 'Namespace of the value'),
      column('value', 'value', 'string', 'The identifier'),
      ...period('period', 'period', 'Validity'),
      reference('assigner_id', 'assigner', 'Organization', 'Key of the assigning organization'),
    ],
  },
])

const patientAddress: ViewDefinition = define('patient_address', 'Patient', 'One row for each address of a patient.', [
  { column: [patientId] },
  {
    forEach: 'address',
    column: [
      column('position', '%rowIndex', 'integer', 'Place in the list, from 0'),
      column('use', 'use', 'code', 'Use: home, work, temp, old, billing'),
      column('type', 'type', 'code', 'Type: postal, physical, both'),
      column('line_1', 'line[0]', 'string', 'First line'),
      column('line_2', 'line[1]', 'string', 'Second line'),
      column('city', 'city', 'string', 'City'),
      column('district', 'district', 'string', 'District or county'),
      column('state', 'state', 'string', 'State'),
      column('postal_code', 'postalCode', 'string', 'Postal code'),
      column('country', 'country', 'string', 'Country'),
      ...period('period', 'period', 'Validity'),
    ],
  },
])

const patientTelecom: ViewDefinition = define('patient_telecom', 'Patient', 'One row for each contact point of a patient.', [
  { column: [patientId] },
  {
    forEach: 'telecom',
    column: [
      column('position', '%rowIndex', 'integer', 'Place in the list, from 0'),
      column('system', 'system', 'code', 'phone, fax, email, sms …'),
      column('value', 'value', 'string', 'Number or address'),
      column('use', 'use', 'code', 'home, work, mobile …'),
      column('rank', 'rank', 'positiveInt', 'Preference, 1 is highest'),
      ...period('period', 'period', 'Validity'),
    ],
  },
])

const patientName: ViewDefinition = define('patient_name', 'Patient', 'One row for each name of a patient.', [
  { column: [patientId] },
  {
    forEach: 'name',
    column: [
      column('position', '%rowIndex', 'integer', 'Place in the list, from 0'),
      column('use', 'use', 'code', 'usual, official, maiden …'),
      column('family', 'family', 'string', 'Family name'),
      column('given_1', 'given[0]', 'string', 'First given name'),
      column('given_2', 'given[1]', 'string', 'Second given name'),
      column('prefix', 'prefix.first()', 'string', 'First prefix'),
      column('suffix', 'suffix.first()', 'string', 'First suffix'),
      column('text', 'text', 'string', 'The name as one text'),
      ...period('period', 'period', 'Validity'),
    ],
  },
])

/** Views of Patient. */
export const patientViews: readonly ViewDefinition[] = [patient, patientIdentifier, patientName, patientAddress, patientTelecom]
