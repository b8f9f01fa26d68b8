import type { ViewDefinition } from '../view-definition.ts'
import { coding, column, concept, define, key, lastUpdated, period, quantity, reference } from './define.ts'

const encounterId = column('encounter_id', 'getResourceKey()', 'string', 'Key of the Encounter')
const position = column('position', '%rowIndex', 'integer', 'Place in the list, from 0')

const encounter: ViewDefinition = define('encounter', 'Encounter', 'One row for each encounter.', [
  {
    column: [
      key,
      reference('patient_id', 'subject', 'Patient'),
      column('status', 'status', 'code', 'planned, arrived, in-progress, finished …'),
      ...coding('class', 'class', 'Class (ambulatory, inpatient, emergency …)'),
      ...concept('type', 'type.first()', 'First type'),
      ...concept('reason', 'reasonCode.first()', 'First reason'),
      ...period('period', 'period', 'Period'),
      ...quantity('length', 'length', 'Length'),
      reference('service_provider_id', 'serviceProvider', 'Organization', 'Key of the organization responsible'),
      reference(
        'practitioner_id',
        'participant.individual.first()',
        'Practitioner',
        'Key of the first participant, when a Practitioner',
      ),
      reference('location_id', 'location.first().location', 'Location', 'Key of the first location'),
      reference('part_of_id', 'partOf', 'Encounter', 'Key of the encounter that this one is part of'),
      column('admit_source_code', 'hospitalization.admitSource.coding.first().code', 'code', 'Admission source'),
      column(
        'discharge_disposition_code',
        'hospitalization.dischargeDisposition.coding.first().code',
        'code',
        'Discharge disposition',
      ),
      lastUpdated,
    ],
  },
])

const encounterParticipant: ViewDefinition = define(
  'encounter_participant',
  'Encounter',
  'One row for each participant of an encounter.',
  [
    { column: [encounterId, reference('patient_id', 'subject', 'Patient')] },
    {
      forEach: 'participant',
      column: [
        position,
        ...concept('type', 'type.first()', 'First role'),
        reference('practitioner_id', 'individual', 'Practitioner'),
        reference('practitioner_role_id', 'individual', 'PractitionerRole'),
        column('individual_display', 'individual.display', 'string', 'Name as written'),
        ...period('period', 'period', 'Period of taking part'),
      ],
    },
  ],
)

const encounterLocation: ViewDefinition = define(
  'encounter_location',
  'Encounter',
  'One row for each location of an encounter.',
  [
    { column: [encounterId, reference('patient_id', 'subject', 'Patient')] },
    {
      forEach: 'location',
      column: [
        position,
        reference('location_id', 'location', 'Location'),
        column('location_display', 'location.display', 'string', 'Name as written'),
        column('status', 'status', 'code', 'planned, active, reserved, completed'),
        column('physical_type_code', 'physicalType.coding.first().code', 'code', 'Physical type (bed, ward …)'),
        ...period('period', 'period', 'Period at the location'),
      ],
    },
  ],
)

const encounterDiagnosis: ViewDefinition = define(
  'encounter_diagnosis',
  'Encounter',
  'One row for each diagnosis of an encounter.',
  [
    { column: [encounterId, reference('patient_id', 'subject', 'Patient')] },
    {
      forEach: 'diagnosis',
      column: [
        position,
        reference('condition_id', 'condition', 'Condition'),
        reference('procedure_id', 'condition', 'Procedure'),
        ...concept('use', 'use', 'Role of the diagnosis'),
        column('rank', 'rank', 'positiveInt', 'Rank within its role'),
      ],
    },
  ],
)

/** Views of Encounter. */
export const encounterViews: readonly ViewDefinition[] = [encounter, encounterParticipant, encounterLocation, encounterDiagnosis]
