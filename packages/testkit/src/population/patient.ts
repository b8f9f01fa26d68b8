import type { Chart } from './chart.ts'
import { calendarDay, DAY, date, dateTime, type Minutes } from './clock.ts'
import { streets } from './codes/names.ts'
import { coding, concept, hl7, quote, systems, terminology, usCore } from './json.ts'
import { ageAt, type Person } from './person.ts'
import { phone } from './world.ts'

const OMB = 'urn:oid:2.16.840.1.113883.6.238'

const omb = (url: string, code: string, display: string): string =>
  `{"extension":[{"url":"ombCategory","valueCoding":{"system":"${OMB}","code":"${code}","display":"${display}"}},{"url":"text","valueString":"${display}"}],"url":"${url}"}`

const races: Readonly<Record<Person['heritage'], readonly (readonly [code: string, display: string])[]>> = {
  anglo: [['2106-3', 'White']],
  european: [['2106-3', 'White']],
  hispanic: [
    ['2106-3', 'White'],
    ['2131-1', 'Other Race'],
    ['2054-5', 'Black or African American'],
    ['1002-5', 'American Indian or Alaska Native'],
  ],
  black: [['2054-5', 'Black or African American']],
  asian: [
    ['2028-9', 'Asian'],
    ['2028-9', 'Asian'],
    ['2076-8', 'Native Hawaiian or Other Pacific Islander'],
  ],
}

const languages: Readonly<Record<Person['heritage'], readonly (readonly [code: string, display: string])[]>> = {
  anglo: [['en', 'English']],
  european: [
    ['en', 'English'],
    ['pt', 'Portuguese'],
    ['pl', 'Polish'],
    ['ru', 'Russian'],
  ],
  hispanic: [
    ['es', 'Spanish'],
    ['en', 'English'],
  ],
  black: [
    ['en', 'English'],
    ['ht', 'Haitian'],
    ['fr', 'French'],
  ],
  asian: [
    ['en', 'English'],
    ['vi', 'Vietnamese'],
    ['zh', 'Chinese'],
    ['km', 'Central Khmer'],
  ],
}

/** What differs between a patient's versions. */
export interface PatientState {
  readonly phone: string
  readonly street: string
  /** Only in a second export: paths that no patient of the first one has. */
  readonly suffix?: string
  readonly contact?: {
    readonly name: string
    readonly relation: readonly [code: string, display: string]
    readonly phone: string
  }
}

export function firstState({ person }: Chart): PatientState {
  const random = person.random.fork(41)
  return { phone: person.phone, street: `${random.between(1, 980)} ${random.pick(streets)}` }
}

/** The state after a move, a new telephone, or a relative noted down. */
export function laterState({ person }: Chart, state: PatientState): PatientState {
  const random = person.random.fork(42)
  const moved = random.chance(0.4) ? { street: `${random.between(1, 980)} ${random.pick(streets)}`, phone: phone(random) } : {}
  const relation = random.pick([
    ['N', 'Next-of-Kin'],
    ['C', 'Emergency Contact'],
  ] as const)
  const relative = {
    name: `${random.pick(['Alex', 'Renée', 'José', 'Kim', 'Zoë'])} ${person.family}`,
    relation,
    phone: phone(random),
  }
  return { ...state, ...moved, contact: relative, ...(random.chance(0.4) ? { suffix: random.pick(['Jr.', 'III', 'PhD']) } : {}) }
}

const mothers = 'http://hl7.org/fhir/StructureDefinition/humanname-mothers-family'
const middle = '{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/iso21090-EN-qualifier","valueCode":"MID"}]}'

function names(person: Person, state: PatientState): string {
  const given = person.given.map(quote).join(',')
  const second = person.given.length > 1 ? `,"_given":[null,${middle}]` : ''
  const parts = person.family.split(' ')
  const family =
    parts.length > 1 && person.heritage === 'hispanic'
      ? `,"_family":{"extension":[{"url":"${mothers}","valueString":${quote(parts[1] ?? '')}}]}`
      : ''
  const suffix = state.suffix === undefined ? '' : `,"suffix":["${state.suffix}"]`
  const nick = person.random.fork(43)
  const text = nick.chance(0.06)
    ? `,"text":${quote(`${person.given[0]} "${(person.given[0] ?? '').slice(0, 3)}" ${person.family}`)}`
    : ''
  const list = [`{"use":"official"${text},"family":${quote(person.family)}${family},"given":[${given}]${second}${suffix}}`]
  if (person.maiden !== undefined) list.push(`{"use":"maiden","family":${quote(person.maiden)},"given":[${given}]}`)
  if (person.native !== undefined) {
    const { family: native, given: first } = person.native
    list.push(`{"use":"usual","text":${quote(native + first)},"family":${quote(native)},"given":[${quote(first)}]}`)
  }
  return `"name":[${list.join(',')}]`
}

/** Most birth dates are days; a few records know the month or the year only. Some carry the time of birth. */
function birth(person: Person): string {
  const random = person.random.fork(44)
  const full = date(person.birth)
  const dice = random.next()
  if (dice < 0.02) return `"birthDate":"${full.slice(0, 4)}"`
  if (dice < 0.04) return `"birthDate":"${full.slice(0, 7)}"`
  if (dice > 0.8)
    return `"birthDate":"${full}","_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueDateTime":"${dateTime(person.birth)}"}]}`
  return `"birthDate":"${full}"`
}

function deceased(chart: Chart, asOf: Minutes): string {
  const { death, person } = chart
  if (death === undefined || death >= asOf) return person.random.fork(45).chance(0.5) ? '"deceasedBoolean":false,' : ''
  return person.random.fork(45).chance(0.12) ? '"deceasedBoolean":true,' : `"deceasedDateTime":"${dateTime(death)}",`
}

function extensions(person: Person): string {
  const random = person.random.fork(46)
  const race = random.pick(races[person.heritage])
  const ethnicity = person.hispanic
    ? (['2135-2', 'Hispanic or Latino'] as const)
    : (['2186-5', 'Not Hispanic or Latino'] as const)
  const sex = person.female ? 'F' : 'M'
  return `"extension":[${omb(usCore('race'), race[0], race[1])},${omb(usCore('ethnicity'), ethnicity[0], ethnicity[1])},{"url":"${usCore('birthsex')}","valueCode":"${sex}"},{"url":"${usCore('sex')}","valueCoding":${coding(systems.snomed, person.female ? '248152002' : '248153007', person.female ? 'Female (finding)' : 'Male (finding)')}}]`
}

function address(person: Person, state: PatientState): string {
  const { city } = person
  const random = person.random.fork(47)
  const latitude = (city.latitude + random.normal(0, 0.03)).toFixed(6)
  const longitude = (city.longitude + random.normal(0, 0.03)).toFixed(6)
  return `"address":[{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/geolocation","extension":[{"url":"latitude","valueDecimal":${latitude}},{"url":"longitude","valueDecimal":${longitude}}]}],"use":"home","line":[${quote(state.street)}${random.chance(0.25) ? `,"Apt ${random.between(1, 40)}"` : ''}],"city":"${city.name}","district":"${city.county}","state":"MA","postalCode":"${city.zip}","country":"US","period":{"start":"${random.between(2001, 2019)}${random.chance(0.5) ? `-0${random.between(1, 9)}` : ''}"}}]`
}

const mrType = hl7('v2-0203', 'MR', 'Medical record number')
const ssType = hl7('v2-0203', 'SS', 'Social Security number')

function identifiers(person: Person): string {
  const random = person.random.fork(48)
  const ssn = random.chance(0.7)
    ? `,{"type":${ssType},"system":"http://hl7.org/fhir/sid/us-ssn","value":"999-${random.digits(2)}-${random.digits(4)}"}`
    : ''
  return `"identifier":[{"use":"usual","type":${mrType},"system":"${systems.mrn}","value":"${person.mrn}","assigner":{"display":${quote(person.hospital.name)}}}${ssn}]`
}

function social(person: Person, at: Minutes): { marital: string; communication: string } {
  const random = person.random.fork(49)
  const age = ageAt(person, at)
  const [code, display] =
    age < 20
      ? (['S', 'Never Married'] as const)
      : random.pick([
          ['M', 'Married'],
          ['M', 'Married'],
          ['S', 'Never Married'],
          ['D', 'Divorced'],
          age > 65 ? ['W', 'Widowed'] : ['T', 'Domestic partner'],
        ] as const)
  const language = random.pick(languages[person.heritage])
  return {
    marital: `"maritalStatus":${concept(coding(terminology('v3-MaritalStatus'), code, display), display)},"multipleBirthBoolean":${random.chance(0.03)}`,
    communication: `"communication":[{"language":${concept(coding('urn:ietf:bcp:47', language[0], language[1]), language[1])},"preferred":true}]`,
  }
}

/** The body of the Patient, as of a time. */
export function patientBody(chart: Chart, state: PatientState, asOf: Minutes): string {
  const { person } = chart
  const mail = person.random.fork(50).chance(0.6) ? `,{"system":"email","value":"${person.mrn.toLowerCase()}@example.org"}` : ''
  const telecom = `"telecom":[{"system":"phone","value":"${state.phone}","use":"${calendarDay(person.birth).year > 1960 ? 'mobile' : 'home'}","rank":1}${mail}]`
  const contact =
    state.contact === undefined
      ? ''
      : `"contact":[{"relationship":[${hl7('v2-0131', state.contact.relation[0], state.contact.relation[1])}],"name":{"text":${quote(state.contact.name)}},"telecom":[{"system":"phone","value":"${state.contact.phone}"}]}],`
  const { marital, communication } = social(person, asOf)
  return `${extensions(person)},${identifiers(person)},"active":true,${names(person, state)},${telecom},"gender":"${person.female ? 'female' : 'male'}",${birth(person)},${deceased(chart, asOf)}${address(person, state)},${marital},${contact}${communication},"generalPractitioner":[${person.pcp.relative}],"managingOrganization":${person.clinic.relative}`
}

export function writePatient(chart: Chart, asOf: Minutes): void {
  const { person, recorder } = chart
  const touched =
    chart.death !== undefined && chart.death < asOf
      ? chart.death
      : person.since + Math.floor((asOf - person.since) * person.random.fork(51).next())
  recorder.write('Patient', 'patient', person.id, patientBody(chart, firstState(chart), asOf), Math.min(touched, asOf - DAY))
}
