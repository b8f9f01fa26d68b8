import type { ViewDefinition } from '../view-definition.ts'
import { coding, column, concept, define, key, lastUpdated, period, reference } from './define.ts'

const patientId = (path: string) => reference('patient_id', path, 'Patient')
const encounterId = (path = 'encounter') => reference('encounter_id', path, 'Encounter')
const position = column('position', '%rowIndex', 'integer', 'Place in the list, from 0')

const condition: ViewDefinition = define('condition', 'Condition', 'One row for each condition: problem, diagnosis or concern.', [
  {
    column: [
      key,
      patientId('subject'),
      encounterId(),
      column(
        'clinical_status',
        'clinicalStatus.coding.first().code',
        'code',
        'active, recurrence, relapse, inactive, remission, resolved',
      ),
      column(
        'verification_status',
        'verificationStatus.coding.first().code',
        'code',
        'unconfirmed, provisional, differential, confirmed, refuted …',
      ),
      column('category_code', 'category.first().coding.first().code', 'code', 'First category, such as problem-list-item'),
      column('severity_code', 'severity.coding.first().code', 'code', 'Severity'),
      ...concept('code', 'code', 'Condition'),
      column('body_site_code', 'bodySite.first().coding.first().code', 'code', 'First body site'),
      column('onset_date_time', 'onset.ofType(dateTime)', 'dateTime', 'Onset, when given as a date'),
      ...period('onset', 'onset.ofType(Period)', 'Onset, when given as a period'),
      column('onset_age_value', 'onset.ofType(Age).value', 'decimal', 'Onset, when given as an age'),
      column('onset_text', 'onset.ofType(string)', 'string', 'Onset, when given as text'),
      column('abatement_date_time', 'abatement.ofType(dateTime)', 'dateTime', 'Abatement, when given as a date'),
      column('recorded_date', 'recordedDate', 'dateTime', 'When the condition was recorded'),
      reference('recorder_id', 'recorder', 'Practitioner', 'Key of the recording practitioner'),
      reference('asserter_id', 'asserter', 'Practitioner', 'Key of the asserting practitioner'),
      lastUpdated,
    ],
  },
])

const conditionCoding: ViewDefinition = define('condition_coding', 'Condition', 'One row for each coding of a condition.', [
  { column: [column('condition_id', 'getResourceKey()', 'string', 'Key of the Condition'), patientId('subject'), encounterId()] },
  {
    forEach: 'code.coding',
    column: [
      position,
      ...coding('code', '$this', 'Condition').map((it) => ({ ...it, path: it.path.replace('$this.', '') })),
      column('user_selected', 'userSelected', 'boolean', 'Chosen by the user'),
    ],
  },
])

const procedure: ViewDefinition = define('procedure', 'Procedure', 'One row for each procedure.', [
  {
    column: [
      key,
      patientId('subject'),
      encounterId(),
      column('status', 'status', 'code', 'preparation, in-progress, completed …'),
      column('category_code', 'category.coding.first().code', 'code', 'Category'),
      ...concept('code', 'code', 'Procedure'),
      column('performed_date_time', 'performed.ofType(dateTime)', 'dateTime', 'When, when given as a date'),
      ...period('performed', 'performed.ofType(Period)', 'When, when given as a period'),
      column('reason_code', 'reasonCode.first().coding.first().code', 'code', 'First reason'),
      reference('reason_condition_id', 'reasonReference.first()', 'Condition', 'Key of the first reason, when a Condition'),
      column('body_site_code', 'bodySite.first().coding.first().code', 'code', 'First body site'),
      column('outcome_code', 'outcome.coding.first().code', 'code', 'Outcome'),
      reference('performer_id', 'performer.first().actor', 'Practitioner', 'Key of the first performer, when a Practitioner'),
      reference('location_id', 'location', 'Location'),
      lastUpdated,
    ],
  },
])

const allergyIntolerance: ViewDefinition = define(
  'allergy_intolerance',
  'AllergyIntolerance',
  'One row for each allergy or intolerance.',
  [
    {
      column: [
        key,
        patientId('patient'),
        encounterId(),
        column('clinical_status', 'clinicalStatus.coding.first().code', 'code', 'active, inactive, resolved'),
        column('verification_status', 'verificationStatus.coding.first().code', 'code', 'unconfirmed, confirmed, refuted …'),
        column('type', 'type', 'code', 'allergy or intolerance'),
        column('category', 'category.first()', 'code', 'First category: food, medication, environment, biologic'),
        column('criticality', 'criticality', 'code', 'low, high, unable-to-assess'),
        ...concept('code', 'code', 'Substance or absence of allergy'),
        column('onset_date_time', 'onset.ofType(dateTime)', 'dateTime', 'Onset, when given as a date'),
        column('recorded_date', 'recordedDate', 'dateTime', 'When the allergy was recorded'),
        column('last_occurrence', 'lastOccurrence', 'dateTime', 'Last reaction'),
        lastUpdated,
      ],
    },
  ],
)

const allergyReaction: ViewDefinition = define(
  'allergy_reaction',
  'AllergyIntolerance',
  'One row for each manifestation of each reaction of an allergy.',
  [
    {
      column: [
        column('allergy_intolerance_id', 'getResourceKey()', 'string', 'Key of the AllergyIntolerance'),
        patientId('patient'),
      ],
    },
    {
      forEach: 'reaction',
      column: [
        column('reaction', '%rowIndex', 'integer', 'Place of the reaction in the list, from 0'),
        column('substance_code', 'substance.coding.first().code', 'code', 'Substance of this reaction'),
        column('severity', 'severity', 'code', 'mild, moderate, severe'),
        column('onset', 'onset', 'dateTime', 'When it showed'),
      ],
      select: [
        {
          forEachOrNull: 'manifestation',
          column: concept('manifestation', '$this', 'Manifestation').map((it) => ({
            ...it,
            path: it.path.replace('$this.', ''),
          })),
        },
      ],
    },
  ],
)

const immunization: ViewDefinition = define('immunization', 'Immunization', 'One row for each immunization.', [
  {
    column: [
      key,
      patientId('patient'),
      encounterId(),
      column('status', 'status', 'code', 'completed, entered-in-error, not-done'),
      column('status_reason_code', 'statusReason.coding.first().code', 'code', 'Why it was not done'),
      ...concept('vaccine', 'vaccineCode', 'Vaccine'),
      column('occurrence_date_time', 'occurrence.ofType(dateTime)', 'dateTime', 'When, when given as a date'),
      column('occurrence_text', 'occurrence.ofType(string)', 'string', 'When, when given as text'),
      column('primary_source', 'primarySource', 'boolean', 'Whether the data come from who gave it'),
      column('lot_number', 'lotNumber', 'string', 'Lot number'),
      column(
        'dose_number',
        'protocolApplied.first().doseNumber.ofType(positiveInt)',
        'positiveInt',
        'Dose number within the first series',
      ),
      reference('performer_id', 'performer.first().actor', 'Practitioner', 'Key of the first performer, when a Practitioner'),
      reference('location_id', 'location', 'Location'),
      lastUpdated,
    ],
  },
])

const diagnosticReport: ViewDefinition = define('diagnostic_report', 'DiagnosticReport', 'One row for each diagnostic report.', [
  {
    column: [
      key,
      patientId('subject'),
      encounterId(),
      column('status', 'status', 'code', 'registered, partial, preliminary, final …'),
      column('category_code', 'category.first().coding.first().code', 'code', 'First category'),
      ...concept('code', 'code', 'Report'),
      column('effective_date_time', 'effective.ofType(dateTime)', 'dateTime', 'Clinically relevant time, when given as a date'),
      ...period('effective', 'effective.ofType(Period)', 'Clinically relevant time, when given as a period'),
      column('issued', 'issued', 'instant', 'When this version was issued'),
      column('conclusion', 'conclusion', 'string', 'Conclusion as text'),
      column('conclusion_code', 'conclusionCode.first().coding.first().code', 'code', 'First coded conclusion'),
      reference('performer_id', 'performer.first()', 'Practitioner', 'Key of the first performer, when a Practitioner'),
      lastUpdated,
    ],
  },
])

const diagnosticReportResult: ViewDefinition = define(
  'diagnostic_report_result',
  'DiagnosticReport',
  'One row for each observation of a diagnostic report.',
  [
    {
      column: [
        column('diagnostic_report_id', 'getResourceKey()', 'string', 'Key of the DiagnosticReport'),
        patientId('subject'),
        encounterId(),
      ],
    },
    {
      forEach: 'result',
      column: [
        position,
        column('observation_id', 'getReferenceKey(Observation)', 'string', 'Key of the Observation'),
        column('observation_display', 'display', 'string', 'Name as written'),
      ],
    },
  ],
)

/** Views of conditions, procedures, allergies, immunizations and reports. */
export const clinicalViews: readonly ViewDefinition[] = [
  condition,
  conditionCoding,
  procedure,
  allergyIntolerance,
  allergyReaction,
  immunization,
  diagnosticReport,
  diagnosticReportResult,
]
