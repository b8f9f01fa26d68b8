import type { ViewColumn, ViewDefinition } from '../view-definition.ts'
import { column, concept, define, key, lastUpdated, period, quantity, reference } from './define.ts'

const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category'
const ofCategory = (code: string) => `category.coding.where(system = '${CATEGORY}' and code = '${code}').exists()`

const identity: readonly ViewColumn[] = [
  key,
  reference('patient_id', 'subject', 'Patient'),
  reference('encounter_id', 'encounter', 'Encounter'),
  column('status', 'status', 'code', 'registered, preliminary, final, amended …'),
]
const when: readonly ViewColumn[] = [
  column('effective_date_time', 'effective.ofType(dateTime)', 'dateTime', 'Clinically relevant time, when given as a date'),
  ...period('effective', 'effective.ofType(Period)', 'Clinically relevant time, when given as a period'),
  column('issued', 'issued', 'instant', 'When this version was made available'),
]
const value: readonly ViewColumn[] = [
  ...quantity('value_quantity', 'value.ofType(Quantity)', 'Value, when a quantity'),
  column('value_quantity_comparator', 'value.ofType(Quantity).comparator', 'code', '<, <=, >=, > where the value is a bound'),
  ...concept('value_concept', 'value.ofType(CodeableConcept)', 'Value, when a concept'),
  column('value_string', 'value.ofType(string)', 'string', 'Value, when text'),
  column('value_boolean', 'value.ofType(boolean)', 'boolean', 'Value, when a boolean'),
  column('value_integer', 'value.ofType(integer)', 'integer', 'Value, when an integer'),
  column('value_date_time', 'value.ofType(dateTime)', 'dateTime', 'Value, when a date'),
  column('data_absent_reason_code', 'dataAbsentReason.coding.first().code', 'code', 'Why there is no value'),
]

const observation: ViewDefinition = define(
  'observation',
  'Observation',
  'One row for each observation of any category; components are in observation_component.',
  [
    {
      column: [
        ...identity,
        column('category_code', 'category.first().coding.first().code', 'code', 'First category'),
        ...concept('code', 'code', 'Observation'),
        ...when,
        ...value,
        column('interpretation_code', 'interpretation.first().coding.first().code', 'code', 'First interpretation'),
        reference('specimen_id', 'specimen', 'Specimen'),
        lastUpdated,
      ],
    },
  ],
)

const observationComponent: ViewDefinition = define(
  'observation_component',
  'Observation',
  'One row for each component of an observation.',
  [
    {
      column: [
        column('observation_id', 'getResourceKey()', 'string', 'Key of the Observation'),
        ...identity.slice(1),
        column('effective_date_time', 'effective.ofType(dateTime)', 'dateTime', 'Clinically relevant time, when given as a date'),
      ],
    },
    {
      forEach: 'component',
      column: [
        column('position', '%rowIndex', 'integer', 'Place in the list, from 0'),
        ...concept('code', 'code', 'Component'),
        ...quantity('value_quantity', 'value.ofType(Quantity)', 'Value, when a quantity'),
        ...concept('value_concept', 'value.ofType(CodeableConcept)', 'Value, when a concept'),
        column('value_string', 'value.ofType(string)', 'string', 'Value, when text'),
        column('value_integer', 'value.ofType(integer)', 'integer', 'Value, when an integer'),
        column('data_absent_reason_code', 'dataAbsentReason.coding.first().code', 'code', 'Why there is no value'),
      ],
    },
  ],
)

const observationLab: ViewDefinition = define(
  'observation_lab',
  'Observation',
  'One row for each laboratory result, with its reference range.',
  [
    {
      column: [
        ...identity,
        ...concept('code', 'code', 'Test'),
        ...when,
        ...value,
        column(
          'interpretation_code',
          'interpretation.first().coding.first().code',
          'code',
          'First interpretation, such as H, L, N',
        ),
        column('reference_low', 'referenceRange.first().low.value', 'decimal', 'Low end of the first reference range'),
        column('reference_high', 'referenceRange.first().high.value', 'decimal', 'High end of the first reference range'),
        column('reference_text', 'referenceRange.first().text', 'string', 'First reference range as text'),
        reference('specimen_id', 'specimen', 'Specimen'),
        lastUpdated,
      ],
    },
  ],
  [ofCategory('laboratory')],
)

const observationVitals: ViewDefinition = define(
  'observation_vitals',
  'Observation',
  'One row for each measured vital sign: components (blood pressure) become rows of their own.',
  [
    { column: [...identity, ...when] },
    {
      unionAll: [
        {
          column: [
            ...concept('panel', 'code', 'The observation'),
            ...concept('code', 'code', 'What was measured'),
            ...quantity('value', 'value.ofType(Quantity)', 'Measured'),
          ],
        },
        {
          forEach: 'component',
          column: [
            ...concept('panel', '%resource.code', 'The observation'),
            ...concept('code', 'code', 'What was measured'),
            ...quantity('value', 'value.ofType(Quantity)', 'Measured'),
          ],
        },
      ],
    },
  ],
  [ofCategory('vital-signs')],
)

const bloodPressure = (name: string, code: string, what: string): ViewColumn[] =>
  quantity(
    name,
    `component.where(code.coding.where(system = 'http://loinc.org' and code = '${code}').exists()).first().value.ofType(Quantity)`,
    what,
  )

const observationBloodPressure: ViewDefinition = define(
  'observation_blood_pressure',
  'Observation',
  'One row for each blood pressure, systolic and diastolic beside one another.',
  [
    {
      column: [
        ...identity,
        ...when,
        ...bloodPressure('systolic', '8480-6', 'Systolic'),
        ...bloodPressure('diastolic', '8462-4', 'Diastolic'),
      ],
    },
  ],
  [`code.coding.where(system = 'http://loinc.org' and (code = '85354-9' or code = '55284-4')).exists()`],
)

const observationSocialHistory: ViewDefinition = define(
  'observation_social_history',
  'Observation',
  'One row for each social history observation, such as smoking status.',
  [{ column: [...identity, ...concept('code', 'code', 'Question'), ...when, ...value, lastUpdated] }],
  [ofCategory('social-history')],
)

/** Views of Observation. */
export const observationViews: readonly ViewDefinition[] = [
  observation,
  observationComponent,
  observationLab,
  observationVitals,
  observationBloodPressure,
  observationSocialHistory,
]
