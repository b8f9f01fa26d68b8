import { type SqlQueryLibrary, sqlQueryLibrary } from './library.ts'

/** A bundled mart: SQL over gold tables, with what its columns mean. */
export interface Mart {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly dependsOn: readonly string[]
  readonly columns: Readonly<Record<string, string>>
  readonly sql: string
}

const source = 'Source of the patient: ids are unique within a source only'
/** The number of patients: two sources may have equal ids. A row without a patient is nobody's. */
const patients = (of = ''): string =>
  `count(distinct case when ${of}patient_id is not null then (${of}_source, ${of}patient_id) end)`

const patientDemographics: Mart = {
  name: 'patient_demographics',
  title: 'Patient demographics',
  description: 'One row for each patient, with the span of their encounters.',
  dependsOn: ['patient', 'encounter'],
  columns: {
    patient_id: 'Key of the patient',
    birth_date: 'Date of birth, as precise as it is known',
    gender: 'Administrative gender',
    birth_sex: 'US Core birth sex',
    race_code: 'US Core race: first OMB category',
    race_display: 'US Core race: display',
    ethnicity_code: 'US Core ethnicity: OMB category',
    ethnicity_display: 'US Core ethnicity: display',
    language: 'First language of communication',
    marital_status_code: 'Marital status',
    city: 'City of the first address',
    state: 'State of the first address',
    postal_code: 'Postal code of the first address',
    is_deceased: 'Whether the patient is known to have died',
    encounters: 'Number of encounters',
    first_encounter: 'Day of the first encounter',
    last_encounter: 'Day of the last encounter',
    age_at_last_encounter: 'Full years of age on that day; null when the day of birth is not known',
    _source: source,
  },
  sql: `with visits as (
  select _source, patient_id, count(*) as encounters, min(substr(period_start, 1, 10)) as first_encounter,
    max(substr(period_start, 1, 10)) as last_encounter
  from encounter
  group by _source, patient_id)
select p.id as patient_id, p.birth_date, p.gender, p.birth_sex, p.race_code, p.race_display, p.ethnicity_code,
  p.ethnicity_display, p."language", p.marital_status_code, p.city, p.state, p.postal_code,
  coalesce(p.deceased, p.deceased_date_time is not null) as is_deceased,
  coalesce(v.encounters, 0) as encounters, v.first_encounter, v.last_encounter,
  date_sub('year', try_cast(p.birth_date as date), try_cast(v.last_encounter as date)) as age_at_last_encounter, p._source
from patient p
left join visits v on v._source = p._source and v.patient_id = p.id`,
}

const encounterCounts: Mart = {
  name: 'encounter_counts',
  title: 'Encounter counts',
  description: 'One row for each month and class of encounters.',
  dependsOn: ['encounter'],
  columns: {
    month: 'Year and month in which they began; null when not known',
    class_code: 'Class (ambulatory, inpatient, emergency …)',
    encounters: 'Number of encounters',
    patients: 'Number of patients who had them',
  },
  sql: `select case when length(period_start) >= 7 then substr(period_start, 1, 7) end as month, class_code,
  count(*) as encounters, ${patients()} as patients
from encounter
group by 1, 2`,
}

const lastEncounter: Mart = {
  name: 'last_encounter',
  title: 'Last encounter',
  description: 'One row for each patient with an encounter: the latest one.',
  dependsOn: ['encounter'],
  columns: {
    patient_id: 'Key of the patient',
    encounter_id: 'Key of the encounter',
    period_start: 'Its start',
    period_end: 'Its end',
    status: 'Its status',
    class_code: 'Its class',
    type_code: 'Its first type',
    type_display: 'Display of its first type',
    service_provider_id: 'Key of the organization responsible',
    encounters: 'Number of encounters of the patient',
    _source: source,
  },
  sql: `select patient_id, id as encounter_id, period_start, period_end, status, class_code, type_code, type_display,
  service_provider_id, count(*) over (partition by _source, patient_id) as encounters, _source
from encounter
where patient_id is not null
qualify row_number() over (
  partition by _source, patient_id
  order by coalesce(try_cast(period_start as timestamptz), try_cast(substr(period_start, 1, 10) as timestamptz)) desc nulls last,
    period_start desc nulls last, id) = 1`,
}

const conditionSummary: Mart = {
  name: 'condition_summary',
  title: 'Condition summary',
  description: 'One row for each code of conditions.',
  dependsOn: ['condition'],
  columns: {
    code: 'Code of the first coding',
    system: 'Its code system',
    display: 'The most frequent display, else text',
    conditions: 'Number of conditions',
    patients: 'Number of patients who have them',
    active: 'Conditions whose clinical status is active, recurrence or relapse',
    first_onset: 'Day of the first onset',
    last_onset: 'Day of the last onset',
  },
  sql: `with conditions as (
  select *, coalesce(code_display, code_text) as label, substr(coalesce(onset_date_time, onset_start), 1, 10) as onset
  from "condition"),
labels as (
  select code_code, code_system, label
  from conditions
  group by 1, 2, 3
  qualify row_number() over (partition by code_code, code_system order by count(label) desc, label) = 1)
select c.code_code as code, c.code_system as system, any_value(l.label) as display,
  count(*) as conditions, ${patients('c.')} as patients,
  count(*) filter (where c.clinical_status in ('active', 'recurrence', 'relapse')) as active,
  min(c.onset) as first_onset, max(c.onset) as last_onset
from conditions c
join labels l on l.code_code is not distinct from c.code_code and l.code_system is not distinct from c.code_system
group by 1, 2`,
}

const labSummary: Mart = {
  name: 'lab_summary',
  title: 'Laboratory summary',
  description: 'One row for each laboratory test and unit.',
  dependsOn: ['observation_lab'],
  columns: {
    code: 'Code of the first coding',
    system: 'Its code system',
    display: 'The alphabetically first display',
    unit: 'Unit of the values; null for results that are no quantity',
    results: 'Number of results',
    patients: 'Number of patients who have them',
    values: 'Results with a number',
    minimum: 'Least value',
    quarter: 'First quartile',
    median: 'Median',
    three_quarters: 'Third quartile',
    maximum: 'Greatest value',
    first_result: 'Day of the first result',
    last_result: 'Day of the last result',
  },
  sql: `select code_code as code, code_system as system, min(coalesce(code_display, code_text)) as display,
  coalesce(value_quantity_code, value_quantity_unit) as unit,
  count(*) as results, ${patients()} as patients, count(value_quantity_value) as "values",
  min(value_quantity_value) as minimum, quantile_cont(value_quantity_value, 0.25) as quarter,
  median(value_quantity_value) as median, quantile_cont(value_quantity_value, 0.75) as three_quarters,
  max(value_quantity_value) as maximum,
  min(substr(coalesce(effective_date_time, effective_start), 1, 10)) as first_result,
  max(substr(coalesce(effective_date_time, effective_start), 1, 10)) as last_result
from observation_lab
where status is distinct from 'entered-in-error' and status is distinct from 'cancelled'
group by 1, 2, 4`,
}

const medicationSummary: Mart = {
  name: 'medication_summary',
  title: 'Medication summary',
  description: 'One row for each code of requested medications; codes of referenced Medication resources count, too.',
  dependsOn: ['medication_request', 'medication'],
  columns: {
    code: 'Code of the first coding',
    system: 'Its code system',
    display: 'The alphabetically first display, else text',
    requests: 'Number of requests',
    patients: 'Number of patients who have them',
    active: 'Requests whose status is active',
    first_request: 'Day of the first request',
    last_request: 'Day of the last request',
  },
  sql: `with requests as (
  select r._source, r.patient_id, r.status, substr(r.authored_on, 1, 10) as day,
    coalesce(r.medication_code, m.code_code) as code, coalesce(r.medication_system, m.code_system) as system,
    coalesce(r.medication_display, r.medication_text, m.code_display, m.code_text) as label
  from medication_request r
  left join medication m on m._source = r._source and m.id = r.medication_id
  where r.status is distinct from 'entered-in-error')
select code, system, min(label) as display, count(*) as requests, ${patients()} as patients,
  count(*) filter (where status = 'active') as active, min(day) as first_request, max(day) as last_request
from requests
group by 1, 2`,
}

/** The marts that floe brings along. */
export const marts: readonly Mart[] = [
  patientDemographics,
  encounterCounts,
  lastEncounter,
  conditionSummary,
  labSummary,
  medicationSummary,
]

/** The same as Libraries of the SQLQuery profile. */
export const bundledMarts: readonly SqlQueryLibrary[] = marts.map((mart) => sqlQueryLibrary(mart))
