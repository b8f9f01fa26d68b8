import type { ViewColumn, ViewDefinition } from '../view-definition.ts'
import { column, concept, define, key, lastUpdated, period, reference } from './define.ts'

const patientId = reference('patient_id', 'patient', 'Patient')
const money = (name: string, path: string, what: string): ViewColumn[] => [
  column(`${name}_value`, `${path}.value`, 'decimal', `${what}: amount`),
  column(`${name}_currency`, `${path}.currency`, 'code', `${what}: currency`),
]
const claimed: readonly ViewColumn[] = [
  key,
  patientId,
  column('status', 'status', 'code', 'active, cancelled, draft, entered-in-error'),
  ...concept('type', 'type', 'Type'),
  column('use', 'use', 'code', 'claim, preauthorization, predetermination'),
  ...period('billable', 'billablePeriod', 'Billable period'),
  column('created', 'created', 'dateTime', 'When it was made'),
  reference('provider_id', 'provider', 'Practitioner', 'Key of the provider, when a Practitioner'),
  reference('provider_organization_id', 'provider', 'Organization', 'Key of the provider, when an Organization'),
  reference('insurer_id', 'insurer', 'Organization', 'Key of the insurer'),
  reference('coverage_id', 'insurance.first().coverage', 'Coverage', 'Key of the first coverage'),
]
const item: readonly ViewColumn[] = [
  column('sequence', 'sequence', 'positiveInt', 'Number of the item'),
  ...concept('product_or_service', 'productOrService', 'Product or service'),
  column('category_code', 'category.coding.first().code', 'code', 'Benefit category'),
  column('serviced_date', 'serviced.ofType(date)', 'date', 'When, when given as a date'),
  ...period('serviced', 'serviced.ofType(Period)', 'When, when given as a period'),
  column('quantity', 'quantity.value', 'decimal', 'Quantity'),
  ...money('unit_price', 'unitPrice', 'Price of one'),
  ...money('net', 'net', 'Total of the item'),
  reference('encounter_id', 'encounter.first()', 'Encounter', 'Key of the first encounter'),
]
const diagnosis: readonly ViewColumn[] = [
  column('sequence', 'sequence', 'positiveInt', 'Number of the diagnosis'),
  ...concept('diagnosis', 'diagnosis.ofType(CodeableConcept)', 'Diagnosis, when a concept'),
  reference('condition_id', 'diagnosis.ofType(Reference)', 'Condition', 'Key of the Condition, when a reference'),
  column('type_code', 'type.first().coding.first().code', 'code', 'First type (admitting, principal …)'),
  column('on_admission_code', 'onAdmission.coding.first().code', 'code', 'Whether present on admission'),
]

const coverage: ViewDefinition = define('coverage', 'Coverage', 'One row for each insurance coverage.', [
  {
    column: [
      key,
      reference('patient_id', 'beneficiary', 'Patient', 'Key of the Patient who is covered'),
      column('status', 'status', 'code', 'active, cancelled, draft, entered-in-error'),
      ...concept('type', 'type', 'Type'),
      column('subscriber_id', 'subscriberId', 'string', 'Id given to the subscriber'),
      column('relationship_code', 'relationship.coding.first().code', 'code', 'Relationship to the subscriber'),
      ...period('period', 'period', 'Period'),
      reference('payor_id', 'payor.first()', 'Organization', 'Key of the first payor, when an Organization'),
      column('payor_display', 'payor.first().display', 'string', 'Name of the first payor as written'),
      column('group_number', `class.where(type.coding.where(code = 'group').exists()).value.first()`, 'string', 'Group'),
      column('plan', `class.where(type.coding.where(code = 'plan').exists()).value.first()`, 'string', 'Plan'),
      lastUpdated,
    ],
  },
])

const claim: ViewDefinition = define('claim', 'Claim', 'One row for each claim.', [
  {
    column: [
      ...claimed,
      column('priority_code', 'priority.coding.first().code', 'code', 'Priority'),
      ...money('total', 'total', 'Total'),
      lastUpdated,
    ],
  },
])

const claimId = column('claim_id', 'getResourceKey()', 'string', 'Key of the Claim')
const claimItem: ViewDefinition = define('claim_item', 'Claim', 'One row for each item of a claim.', [
  { column: [claimId, patientId] },
  { forEach: 'item', column: item },
])
const claimDiagnosis: ViewDefinition = define('claim_diagnosis', 'Claim', 'One row for each diagnosis of a claim.', [
  { column: [claimId, patientId] },
  { forEach: 'diagnosis', column: diagnosis },
])

const explanationOfBenefit: ViewDefinition = define(
  'explanation_of_benefit',
  'ExplanationOfBenefit',
  'One row for each explanation of benefit, with its payment and what was submitted.',
  [
    {
      column: [
        ...claimed,
        reference('claim_id', 'claim', 'Claim'),
        column('outcome', 'outcome', 'code', 'queued, complete, error, partial'),
        column('disposition', 'disposition', 'string', 'Disposition'),
        ...money('submitted', `total.where(category.coding.where(code = 'submitted').exists()).first().amount`, 'Submitted'),
        ...money('payment', 'payment.amount', 'Paid'),
        lastUpdated,
      ],
    },
  ],
)

const benefitId = column('explanation_of_benefit_id', 'getResourceKey()', 'string', 'Key of the ExplanationOfBenefit')
const explanationOfBenefitItem: ViewDefinition = define(
  'explanation_of_benefit_item',
  'ExplanationOfBenefit',
  'One row for each item of an explanation of benefit.',
  [{ column: [benefitId, patientId] }, { forEach: 'item', column: item }],
)
const explanationOfBenefitDiagnosis: ViewDefinition = define(
  'explanation_of_benefit_diagnosis',
  'ExplanationOfBenefit',
  'One row for each diagnosis of an explanation of benefit.',
  [{ column: [benefitId, patientId] }, { forEach: 'diagnosis', column: diagnosis }],
)

/** Views of coverages, claims and benefits. */
export const financialViews: readonly ViewDefinition[] = [
  coverage,
  claim,
  claimItem,
  claimDiagnosis,
  explanationOfBenefit,
  explanationOfBenefitItem,
  explanationOfBenefitDiagnosis,
]
