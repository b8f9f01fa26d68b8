import type { ViewColumn, ViewDefinition } from '../view-definition.ts'
import { column, concept, define, key, lastUpdated, period, quantity, reference } from './define.ts'

const medication: readonly ViewColumn[] = [
  ...concept('medication', 'medication.ofType(CodeableConcept)', 'Medication'),
  reference('medication_id', 'medication.ofType(Reference)', 'Medication', 'Key of the Medication, when given by reference'),
]
const patientId = reference('patient_id', 'subject', 'Patient')

const medicationRequest: ViewDefinition = define(
  'medication_request',
  'MedicationRequest',
  'One row for each order or prescription.',
  [
    {
      column: [
        key,
        patientId,
        reference('encounter_id', 'encounter', 'Encounter'),
        column('status', 'status', 'code', 'active, on-hold, cancelled, completed …'),
        column('intent', 'intent', 'code', 'proposal, plan, order …'),
        column(
          'category_code',
          'category.first().coding.first().code',
          'code',
          'First category: inpatient, outpatient, community, discharge',
        ),
        column('priority', 'priority', 'code', 'routine, urgent, asap, stat'),
        ...medication,
        column('authored_on', 'authoredOn', 'dateTime', 'When it was written'),
        reference('requester_id', 'requester', 'Practitioner', 'Key of the requester, when a Practitioner'),
        column('reason_code', 'reasonCode.first().coding.first().code', 'code', 'First reason'),
        reference('reason_condition_id', 'reasonReference.first()', 'Condition', 'Key of the first reason, when a Condition'),
        column('dosage_text', 'dosageInstruction.first().text', 'string', 'First dosage as text'),
        column('dosage_as_needed', 'dosageInstruction.first().asNeeded.ofType(boolean)', 'boolean', 'First dosage: as needed'),
        column('dosage_route_code', 'dosageInstruction.first().route.coding.first().code', 'code', 'First dosage: route'),
        ...quantity('dose', 'dosageInstruction.first().doseAndRate.first().dose.ofType(Quantity)', 'First dosage: dose'),
        column(
          'dosage_frequency',
          'dosageInstruction.first().timing.repeat.frequency',
          'positiveInt',
          'First dosage: times in each period',
        ),
        column(
          'dosage_period',
          'dosageInstruction.first().timing.repeat.period',
          'decimal',
          'First dosage: length of the period',
        ),
        column(
          'dosage_period_unit',
          'dosageInstruction.first().timing.repeat.periodUnit',
          'code',
          'First dosage: unit of the period',
        ),
        ...quantity('dispense_quantity', 'dispenseRequest.quantity', 'Amount of each dispense'),
        column('refills', 'dispenseRequest.numberOfRepeatsAllowed', 'unsignedInt', 'Number of refills'),
        lastUpdated,
      ],
    },
  ],
)

const medicationAdministration: ViewDefinition = define(
  'medication_administration',
  'MedicationAdministration',
  'One row for each dose that was given.',
  [
    {
      column: [
        key,
        patientId,
        reference('encounter_id', 'context', 'Encounter'),
        column('status', 'status', 'code', 'in-progress, not-done, completed …'),
        ...medication,
        column('effective_date_time', 'effective.ofType(dateTime)', 'dateTime', 'When, when given as a date'),
        ...period('effective', 'effective.ofType(Period)', 'When, when given as a period'),
        reference('medication_request_id', 'request', 'MedicationRequest'),
        column('route_code', 'dosage.route.coding.first().code', 'code', 'Route'),
        ...quantity('dose', 'dosage.dose', 'Dose'),
        lastUpdated,
      ],
    },
  ],
)

const medicationDispense: ViewDefinition = define('medication_dispense', 'MedicationDispense', 'One row for each dispense.', [
  {
    column: [
      key,
      patientId,
      reference('encounter_id', 'context', 'Encounter'),
      column('status', 'status', 'code', 'preparation, in-progress, completed …'),
      ...medication,
      reference(
        'medication_request_id',
        'authorizingPrescription.first()',
        'MedicationRequest',
        'Key of the first authorizing prescription',
      ),
      ...quantity('quantity', 'quantity', 'Amount'),
      ...quantity('days_supply', 'daysSupply', 'Days of supply'),
      column('when_prepared', 'whenPrepared', 'dateTime', 'When it was packaged'),
      column('when_handed_over', 'whenHandedOver', 'dateTime', 'When it was given out'),
      lastUpdated,
    ],
  },
])

const medicationStatement: ViewDefinition = define(
  'medication_statement',
  'MedicationStatement',
  'One row for each statement that a medication is or was taken.',
  [
    {
      column: [
        key,
        patientId,
        reference('encounter_id', 'context', 'Encounter'),
        column('status', 'status', 'code', 'active, completed, intended, stopped …'),
        ...medication,
        column('effective_date_time', 'effective.ofType(dateTime)', 'dateTime', 'When, when given as a date'),
        ...period('effective', 'effective.ofType(Period)', 'When, when given as a period'),
        column('date_asserted', 'dateAsserted', 'dateTime', 'When it was said'),
        column('dosage_text', 'dosage.first().text', 'string', 'First dosage as text'),
        lastUpdated,
      ],
    },
  ],
)

/** Views of medication resources. */
export const medicationViews: readonly ViewDefinition[] = [
  medicationRequest,
  medicationAdministration,
  medicationDispense,
  medicationStatement,
]
