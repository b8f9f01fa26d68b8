import { calendarDay, DAY, type Minutes, YEAR } from './clock.ts'
import { hospitalDrugs } from './codes/drugs.ts'
import { areaCodes, type City, cities, namePools, streets } from './codes/names.ts'
import { specialties } from './codes/visits.ts'
import { coding, concept, hl7, quote, systems, usCore } from './json.ts'
import { Random, weighted } from './random.ts'
import type { Recorder } from './recorder.ts'

/** References to the same resource in the three forms that servers send, as JSON objects. */
export interface References {
  readonly id: string
  readonly name: string
  readonly relative: string
  readonly absolute: string
  /** `Type?identifier=system|value` */
  readonly conditional: string
}

export interface Site extends References {
  readonly kind: 'clinic' | 'hospital' | 'pharmacy' | 'lab'
  readonly city: City
  /** The first one is where patients arrive. */
  readonly locations: readonly References[]
  readonly staff: readonly References[]
}

export interface Payer extends References {
  readonly plan: string
  readonly kind: 'commercial' | 'medicare' | 'medicaid'
}

/** Everything that patients share. Its size grows slowly with their number, and has a limit. */
export interface World {
  readonly baseUrl: string
  readonly clinics: readonly Site[]
  readonly hospitals: readonly Site[]
  readonly pharmacies: readonly Site[]
  readonly lab: Site
  readonly payers: readonly Payer[]
  /** Medication resources, in the order of `hospitalDrugs`. */
  readonly medications: readonly References[]
}

const clinicNames = [
  'Family Health Center',
  'Primary Care Associates',
  'Community Health',
  'Medical Group',
  'Internal Medicine & Pediatrics',
]

const citiesBySize = weighted(cities.map((city) => [city, city.size] as const))

function references(baseUrl: string, type: string, id: string, identifier: string, name: string): References {
  const display = `"display":${quote(name)}}`
  return {
    id,
    name,
    relative: `{"reference":"${type}/${id}",${display}`,
    absolute: `{"reference":"${baseUrl}/${type}/${id}",${display}`,
    conditional: `{"reference":"${type}?identifier=${identifier}",${display}`,
  }
}

/** A National Provider Identifier: ten digits, the last a Luhn check digit over `80840` and the others. */
export function npi(serial: number): string {
  const nine = `1${String(serial).padStart(8, '0')}`
  let sum = 24
  for (let i = 0; i < 9; i++) {
    const digit = nine.charCodeAt(8 - i) - 48
    const twice = digit * 2
    sum += i % 2 === 0 ? (twice > 9 ? twice - 9 : twice) : digit
  }
  return nine + ((10 - (sum % 10)) % 10)
}

/** One builder for all shared resources: it hands out serial numbers, and writes what it builds. */
interface Builder {
  readonly random: Random
  readonly recorder: Recorder
  readonly baseUrl: string
  readonly since: Minutes
  readonly age: Minutes
  serial: number
}

export const phone = (random: Random): string => `${random.pick(areaCodes)}-555-01${random.between(10, 99)}`

const addressOf = (random: Random, city: City): string =>
  `{"use":"work","line":[${quote(`${random.between(1, 980)} ${random.pick(streets)}`)}],"city":"${city.name}","state":"MA","postalCode":"${city.zip}","country":"US"}`

const madeAt = (builder: Builder): Minutes => builder.since + Math.floor(builder.random.next() * builder.age)

function makeOrganization(builder: Builder, name: string, type: 'prov' | 'pay' | 'ins', city: City): References {
  const { random, baseUrl } = builder
  const id = random.uuid()
  const number = npi(builder.serial++)
  const display = type === 'prov' ? 'Healthcare Provider' : type === 'pay' ? 'Payer' : 'Insurance Company'
  builder.recorder.write(
    'Organization',
    'organization',
    id,
    `"identifier":[{"system":"${systems.npi}","value":"${number}"},{"system":"urn:oid:2.16.840.1.113883.4.4","value":"${random.digits(9)}"}],"active":true,"type":[${hl7('organization-type', type, display)}],"name":${quote(name)},"telecom":[{"system":"phone","value":"${phone(random)}","use":"work"}],"address":[${addressOf(random, city)}]`,
    madeAt(builder),
  )
  return references(baseUrl, 'Organization', id, `${systems.npi}|${number}`, name)
}

function makeLocation(
  builder: Builder,
  owner: References,
  name: string,
  role: readonly [string, string],
  city: City,
): References {
  const { random, baseUrl } = builder
  const id = random.uuid()
  const number = `LOC-${builder.serial++}`
  const latitude = (city.latitude + random.normal(0, 0.01)).toFixed(5)
  const longitude = (city.longitude + random.normal(0, 0.01)).toFixed(5)
  builder.recorder.write(
    'Location',
    'location',
    id,
    `"identifier":[{"system":"${systems.facility}","value":"${number}"}],"status":"active","name":${quote(name)},"mode":"instance","type":[${hl7('v3-RoleCode', role[0], role[1])}],"telecom":[{"system":"phone","value":"${phone(random)}","use":"work"}],"address":${addressOf(random, city)},"position":{"longitude":${longitude},"latitude":${latitude}},"managingOrganization":${owner.relative}`,
    madeAt(builder),
  )
  return references(baseUrl, 'Location', id, `${systems.facility}|${number}`, name)
}

/** Whoever is no physician; codes of v2 table 0360 but for pharmacists, who are `RPH` there. */
const credentials: Readonly<Record<string, string>> = { Pharmacist: 'PharmD', 'Family Nurse Practitioner': 'NP' }

function makePractitioner(
  builder: Builder,
  site: References,
  specialty: readonly [string, string],
  location: References,
): References {
  const { random, recorder, baseUrl } = builder
  const id = random.uuid()
  const number = npi(builder.serial++)
  const pool = namePools[random.pick(['anglo', 'anglo', 'european', 'hispanic', 'black', 'asian'] as const)]
  const female = random.chance(0.52)
  const given = random.pick(female ? pool.female : pool.male)
  const family = random.pick(pool.family)
  const credential = credentials[specialty[1]] ?? 'MD'
  const name = credential === 'MD' ? `Dr. ${given} ${family}` : `${given} ${family}, ${credential}`
  const mail = `${number}@direct.example.org`
  recorder.write(
    'Practitioner',
    'practitioner',
    id,
    `"identifier":[{"system":"${systems.npi}","value":"${number}"}],"active":true,"name":[{"use":"official","family":${quote(family)},"given":[${quote(given)}],${credential === 'MD' ? '"prefix":["Dr."],' : ''}"suffix":["${credential}"]}],"telecom":[{"extension":[{"url":"${usCore('direct')}","valueBoolean":true}],"system":"email","value":"${mail}","use":"work"}],"gender":"${female ? 'female' : 'male'}","qualification":[{"code":${hl7('v2-0360', credential === 'PharmD' ? 'RPH' : credential)},"period":{"start":"${random.between(1985, 2018)}"}}]`,
    madeAt(builder),
  )
  const nucc = concept(coding(systems.nucc, specialty[0], specialty[1]), specialty[1])
  recorder.write(
    'PractitionerRole',
    'practitionerrole',
    random.uuid(),
    `"active":true,"period":{"start":"${random.between(2005, 2019)}-0${random.between(1, 9)}"},"practitioner":${references(baseUrl, 'Practitioner', id, '', name).relative},"organization":${site.relative},"code":[${specialty[1] === 'Pharmacist' ? hl7('practitioner-role', 'pharmacist', 'Pharmacist') : hl7('practitioner-role', 'doctor', 'Doctor')}],"specialty":[${nucc}],"location":[${location.conditional}],"telecom":[{"system":"phone","value":"${phone(random)}","use":"work"}]`,
    madeAt(builder),
  )
  return references(baseUrl, 'Practitioner', id, `${systems.npi}|${number}`, name)
}

const hospitalRooms: readonly (readonly [string, string, string])[] = [
  ['Emergency Department', 'ER', 'Emergency room'],
  ['Medical Ward 4 West', 'HU', 'Hospital unit'],
  ['Surgical Ward 5 East', 'HU', 'Hospital unit'],
  ['Maternity', 'OBGYN', 'Obstetrics and gynecology clinic'],
  ['Intensive Care Unit', 'ICU', 'Intensive care unit'],
]

function makeSite(builder: Builder, kind: Site['kind'], name: string, city: City, staffSize: number): Site {
  const organization = makeOrganization(builder, name, 'prov', city)
  const rooms: readonly (readonly [string, string, string])[] =
    kind === 'hospital'
      ? hospitalRooms
      : [[name, kind === 'pharmacy' ? 'OUTPHARM' : 'OF', kind === 'pharmacy' ? 'Outpatient pharmacy' : 'Outpatient facility']]
  const locations = rooms.map(([room, code, display]) =>
    makeLocation(builder, organization, kind === 'hospital' ? `${name}, ${room}` : room, [code, display], city),
  )
  const known = specialties[kind]
  const staff: References[] = []
  for (let i = 0; i < staffSize; i++) {
    const specialty = known[i % known.length]
    const location = locations[i % locations.length]
    if (specialty !== undefined && location !== undefined)
      staff.push(makePractitioner(builder, organization, specialty, location))
  }
  return { ...organization, kind, city, locations, staff }
}

function makePayers(builder: Builder, city: City): Payer[] {
  const known: readonly (readonly [string, Payer['kind'], string])[] = [
    ['Medicare', 'medicare', 'Medicare Part A and B'],
    ['MassHealth', 'medicaid', 'MassHealth Standard'],
    ['Bay Colony Health Plan', 'commercial', 'Colony PPO Gold'],
    ['Harbor Mutual Insurance', 'commercial', 'Harbor HMO Silver'],
    ['Berkshire Benefit Trust', 'commercial', 'Trust Choice Plus'],
  ]
  return known.map(([name, kind, plan]) => ({ ...makeOrganization(builder, name, 'pay', city), kind, plan }))
}

function makeMedications({ random, recorder, baseUrl, since, age }: Builder): References[] {
  return hospitalDrugs.map(({ rxnorm, display, form }) => {
    const id = random.uuid()
    recorder.write(
      'Medication',
      'medication',
      id,
      `"identifier":[{"system":"http://hospital.example.org/formulary","value":"${rxnorm}"}],"code":${concept(coding(systems.rxnorm, rxnorm, display), display)},"status":"active","form":${concept(coding(systems.snomed, form[0], form[1]))}`,
      since + Math.floor(random.next() * age),
    )
    return references(baseUrl, 'Medication', id, `http://hospital.example.org/formulary|${rxnorm}`, display)
  })
}

/** Builds and writes organizations, locations, practitioners and medications for so many patients. */
export function makeWorld(options: {
  patients: number
  seed: number
  baseUrl: string
  recorder: Recorder
  asOf: Minutes
}): World {
  const { patients, seed, baseUrl, recorder, asOf } = options
  const random = new Random(seed, 0x3021d)
  const age = YEAR + DAY * (calendarDay(asOf).month + 1)
  const builder: Builder = {
    random,
    recorder,
    baseUrl,
    since: asOf - age,
    age: age - 2 * DAY,
    serial: random.between(100_000, 900_000),
  }
  const capital = cities[0] as City
  const clinicCount = Math.min(120, 3 + Math.floor(patients / 150))
  const hospitalCount = Math.min(12, 1 + Math.floor(patients / 2000))
  const hospitals = Array.from({ length: hospitalCount }, (_, i) => {
    const city = cities[i % cities.length] as City
    return makeSite(builder, 'hospital', `${city.name} General Hospital`, city, 10)
  })
  const clinics = Array.from({ length: clinicCount }, (_, i) => {
    const city = random.draw(citiesBySize)
    return makeSite(builder, 'clinic', `${city.name} ${clinicNames[i % clinicNames.length]}`, city, 5)
  })
  const pharmacies = Array.from({ length: 1 + Math.floor(clinicCount / 4) }, () => {
    const city = random.draw(citiesBySize)
    return makeSite(builder, 'pharmacy', `Mayflower Pharmacy ${city.name}`, city, 1)
  })
  const lab = makeSite(builder, 'lab', 'Charles River Reference Laboratory', capital, 1)
  return {
    baseUrl,
    clinics,
    hospitals,
    pharmacies,
    lab,
    payers: makePayers(builder, capital),
    medications: makeMedications(builder),
  }
}
