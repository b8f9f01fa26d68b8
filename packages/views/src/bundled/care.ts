import type { ViewDefinition } from '../view-definition.ts'
import { column, concept, define, key, lastUpdated, period, quantity, reference } from './define.ts'

const patientId = reference('patient_id', 'subject', 'Patient')
const encounterId = reference('encounter_id', 'encounter', 'Encounter')
const position = column('position', '%rowIndex', 'integer', 'Place in the list, from 0')

const documentReference: ViewDefinition = define(
  'document_reference',
  'DocumentReference',
  'One row for each document, with its first attachment.',
  [
    {
      column: [
        key,
        patientId,
        reference('encounter_id', 'context.encounter.first()', 'Encounter', 'Key of the first encounter'),
        column('status', 'status', 'code', 'current, superseded, entered-in-error'),
        column('doc_status', 'docStatus', 'code', 'preliminary, final, amended, entered-in-error'),
        ...concept('type', 'type', 'Type'),
        column('category_code', 'category.first().coding.first().code', 'code', 'First category'),
        column('date', 'date', 'instant', 'When the reference was made'),
        reference('author_id', 'author.first()', 'Practitioner', 'Key of the first author, when a Practitioner'),
        reference('custodian_id', 'custodian', 'Organization', 'Key of the organization that keeps the document'),
        ...period('context', 'context.period', 'Period of what is documented'),
        column('content_type', 'content.first().attachment.contentType', 'code', 'Media type of the first attachment'),
        column('url', 'content.first().attachment.url', 'url', 'Address of the first attachment'),
        column('title', 'content.first().attachment.title', 'string', 'Title of the first attachment'),
        column('size', 'content.first().attachment.size', 'unsignedInt', 'Bytes of the first attachment'),
        column('format_code', 'content.first().format.code', 'code', 'Format of the first attachment'),
        lastUpdated,
      ],
    },
  ],
)

const careTeamParticipant: ViewDefinition = define(
  'care_team_participant',
  'CareTeam',
  'One row for each participant of a care team; a team without participants has one row.',
  [
    {
      column: [
        column('care_team_id', 'getResourceKey()', 'string', 'Key of the CareTeam'),
        patientId,
        encounterId,
        column('status', 'status', 'code', 'proposed, active, suspended, inactive'),
        column('name', 'name', 'string', 'Name of the team'),
        ...period('period', 'period', 'Period of the team'),
      ],
    },
    {
      forEachOrNull: 'participant',
      column: [
        position,
        ...concept('role', 'role.first()', 'First role'),
        reference('practitioner_id', 'member', 'Practitioner'),
        reference('practitioner_role_id', 'member', 'PractitionerRole'),
        reference('organization_id', 'member', 'Organization'),
        column('member_display', 'member.display', 'string', 'Name as written'),
      ],
    },
  ],
)

const carePlan: ViewDefinition = define('care_plan', 'CarePlan', 'One row for each care plan.', [
  {
    column: [
      key,
      patientId,
      encounterId,
      column('status', 'status', 'code', 'draft, active, on-hold, revoked, completed …'),
      column('intent', 'intent', 'code', 'proposal, plan, order, option'),
      ...concept('category', 'category.first()', 'First category'),
      column('title', 'title', 'string', 'Title'),
      column('description', 'description', 'string', 'Description'),
      ...period('period', 'period', 'Period'),
      column('created', 'created', 'dateTime', 'When it was made'),
      reference('care_team_id', 'careTeam.first()', 'CareTeam', 'Key of the first care team'),
      reference('condition_id', 'addresses.first()', 'Condition', 'Key of the first condition'),
      lastUpdated,
    ],
  },
])

const carePlanActivity: ViewDefinition = define('care_plan_activity', 'CarePlan', 'One row for each activity of a care plan.', [
  { column: [column('care_plan_id', 'getResourceKey()', 'string', 'Key of the CarePlan'), patientId] },
  {
    forEach: 'activity',
    column: [
      position,
      column('status', 'detail.status', 'code', 'not-started, scheduled, in-progress, completed …'),
      column('kind', 'detail.kind', 'code', 'Kind of resource'),
      ...concept('code', 'detail.code', 'Activity'),
      column('description', 'detail.description', 'string', 'Description'),
      reference('location_id', 'detail.location', 'Location'),
    ],
  },
])

const goal: ViewDefinition = define('goal', 'Goal', 'One row for each goal, with its first target.', [
  {
    column: [
      key,
      patientId,
      column('lifecycle_status', 'lifecycleStatus', 'code', 'proposed, active, on-hold, completed, cancelled …'),
      column('achievement_status_code', 'achievementStatus.coding.first().code', 'code', 'in-progress, achieved, not-achieved …'),
      column('category_code', 'category.first().coding.first().code', 'code', 'First category'),
      column('priority_code', 'priority.coding.first().code', 'code', 'Priority'),
      ...concept('description', 'description', 'Goal'),
      column('start_date', 'start.ofType(date)', 'date', 'When it starts'),
      column('target_measure_code', 'target.first().measure.coding.first().code', 'code', 'First target: what is measured'),
      ...quantity('target', 'target.first().detail.ofType(Quantity)', 'First target: value to reach'),
      column('target_due_date', 'target.first().due.ofType(date)', 'date', 'First target: when'),
      column('status_date', 'statusDate', 'date', 'When the status was set'),
      lastUpdated,
    ],
  },
])

const serviceRequest: ViewDefinition = define('service_request', 'ServiceRequest', 'One row for each order of a service.', [
  {
    column: [
      key,
      patientId,
      encounterId,
      column('status', 'status', 'code', 'draft, active, on-hold, revoked, completed …'),
      column('intent', 'intent', 'code', 'proposal, plan, directive, order …'),
      column('category_code', 'category.first().coding.first().code', 'code', 'First category'),
      column('priority', 'priority', 'code', 'routine, urgent, asap, stat'),
      ...concept('code', 'code', 'Service'),
      column('occurrence_date_time', 'occurrence.ofType(dateTime)', 'dateTime', 'When, when given as a date'),
      ...period('occurrence', 'occurrence.ofType(Period)', 'When, when given as a period'),
      column('authored_on', 'authoredOn', 'dateTime', 'When it was signed'),
      reference('requester_id', 'requester', 'Practitioner', 'Key of the requester, when a Practitioner'),
      reference('performer_id', 'performer.first()', 'Practitioner', 'Key of the first performer, when a Practitioner'),
      column('reason_code', 'reasonCode.first().coding.first().code', 'code', 'First reason'),
      reference('reason_condition_id', 'reasonReference.first()', 'Condition', 'Key of the first reason, when a Condition'),
      reference('specimen_id', 'specimen.first()', 'Specimen', 'Key of the first specimen'),
      lastUpdated,
    ],
  },
])

const specimen: ViewDefinition = define('specimen', 'Specimen', 'One row for each specimen.', [
  {
    column: [
      key,
      patientId,
      column('accession_identifier', 'accessionIdentifier.value', 'string', 'Identifier given by the laboratory'),
      column('status', 'status', 'code', 'available, unavailable, unsatisfactory, entered-in-error'),
      ...concept('type', 'type', 'Type'),
      column('received_time', 'receivedTime', 'dateTime', 'When the laboratory received it'),
      column('collected_date_time', 'collection.collected.ofType(dateTime)', 'dateTime', 'When, when given as a date'),
      ...period('collected', 'collection.collected.ofType(Period)', 'When, when given as a period'),
      column('body_site_code', 'collection.bodySite.coding.first().code', 'code', 'Body site'),
      reference('parent_id', 'parent.first()', 'Specimen', 'Key of the first specimen that this one is from'),
      lastUpdated,
    ],
  },
])

const familyMemberHistory: ViewDefinition = define(
  'family_member_history',
  'FamilyMemberHistory',
  'One row for each condition of a family member; a member without conditions has one row.',
  [
    {
      column: [
        column('family_member_history_id', 'getResourceKey()', 'string', 'Key of the FamilyMemberHistory'),
        reference('patient_id', 'patient', 'Patient'),
        column('status', 'status', 'code', 'partial, completed, entered-in-error, health-unknown'),
        ...concept('relationship', 'relationship', 'Relationship to the patient'),
        column('sex_code', 'sex.coding.first().code', 'code', 'Sex'),
        column('deceased', 'deceased.ofType(boolean)', 'boolean', 'Whether the member has died'),
      ],
    },
    {
      forEachOrNull: 'condition',
      column: [
        ...concept('condition', 'code', 'Condition'),
        column('contributed_to_death', 'contributedToDeath', 'boolean', 'Whether it contributed to death'),
        column('onset_age_value', 'onset.ofType(Age).value', 'decimal', 'Age at onset'),
      ],
    },
  ],
)

const questionnaireResponseItem: ViewDefinition = define(
  'questionnaire_response_item',
  'QuestionnaireResponse',
  'One row for each answer of each item of a questionnaire response, however deep; an item without answer has one row.',
  [
    {
      column: [
        column('questionnaire_response_id', 'getResourceKey()', 'string', 'Key of the QuestionnaireResponse'),
        column('questionnaire', 'questionnaire', 'canonical', 'The questionnaire'),
        patientId,
        encounterId,
        column('status', 'status', 'code', 'in-progress, completed, amended …'),
        column('authored', 'authored', 'dateTime', 'When it was answered'),
      ],
    },
    {
      repeat: ['item', 'answer.item'],
      column: [
        column('item', '%rowIndex', 'integer', 'Place of the item in the response, from 0'),
        column('link_id', 'linkId', 'string', 'Link to the question'),
        column('text', 'text', 'string', 'The question as shown'),
      ],
      select: [
        {
          forEachOrNull: 'answer',
          column: [
            column('answer', '%rowIndex', 'integer', 'Place of the answer in the item, from 0'),
            column('value_boolean', 'value.ofType(boolean)', 'boolean', 'Answer, when a boolean'),
            column('value_decimal', 'value.ofType(decimal)', 'decimal', 'Answer, when a decimal'),
            column('value_integer', 'value.ofType(integer)', 'integer', 'Answer, when an integer'),
            column('value_date', 'value.ofType(date)', 'date', 'Answer, when a date'),
            column('value_date_time', 'value.ofType(dateTime)', 'dateTime', 'Answer, when a dateTime'),
            column('value_string', 'value.ofType(string)', 'string', 'Answer, when text'),
            column('value_code', 'value.ofType(Coding).code', 'code', 'Answer, when a coding: code'),
            column('value_system', 'value.ofType(Coding).system', 'uri', 'Answer, when a coding: code system'),
            column('value_display', 'value.ofType(Coding).display', 'string', 'Answer, when a coding: display'),
            column('value_quantity', 'value.ofType(Quantity).value', 'decimal', 'Answer, when a quantity: value'),
            column('value_quantity_code', 'value.ofType(Quantity).code', 'code', 'Answer, when a quantity: code of the unit'),
          ],
        },
      ],
    },
  ],
)

/** Views of documents, plans, orders, specimens and questionnaires. */
export const careViews: readonly ViewDefinition[] = [
  documentReference,
  careTeamParticipant,
  carePlan,
  carePlanActivity,
  goal,
  serviceRequest,
  specimen,
  familyMemberHistory,
  questionnaireResponseItem,
]
