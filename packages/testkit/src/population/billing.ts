import { type Chart, isStay, type Scene } from './chart.ts'
import { DAY, date, dateTime, type Minutes, YEAR } from './clock.ts'
import { coding, concept, hl7, money, period, quote, systems } from './json.ts'
import type { Payer } from './world.ts'

const relationship = hl7('subscriber-relationship', 'self', 'Self')

const planTypes: Readonly<Record<Payer['kind'], string>> = {
  commercial: concept(
    `${coding('https://nahdo.org/sopt', '512', 'Commercial Managed Care - PPO')},${coding(systems.act, 'PPO', 'preferred provider organization policy')}`,
    'PPO',
  ),
  medicare: concept(
    `${coding('https://nahdo.org/sopt', '121', 'Medicare FFS')},${coding(systems.act, 'RETIRE', 'retiree health program')}`,
    'Medicare',
  ),
  medicaid: concept(
    `${coding('https://nahdo.org/sopt', '2', 'MEDICAID')},${coding(systems.act, 'SUBPOL', 'subsidized health program')}`,
    'Medicaid',
  ),
}

export function writeCoverage(chart: Chart): void {
  const { person, coverageId, recorder } = chart
  const random = person.random.fork(61)
  const { payer } = person
  const member = random.digits(9)
  const since = person.since - Math.floor(random.next() * 2 * YEAR)
  const over = chart.death !== undefined && chart.death < chart.until
  recorder.write(
    'Coverage',
    'coverage',
    coverageId,
    `"identifier":[{"type":${hl7('v2-0203', 'MB', 'Member Number')},"system":"http://payer.example.org/member","value":"${member}"}],"status":"${over ? 'cancelled' : 'active'}","type":${planTypes[payer.kind]},"subscriberId":"${member}","beneficiary":${chart.patient},"relationship":${relationship},"period":${period(date(since), over && chart.death !== undefined ? date(chart.death) : undefined)},"payor":[${payer.relative}],"class":[{"type":${hl7('coverage-class', 'group', 'Group')},"value":"G${random.digits(4)}","name":${quote(payer.plan)}},{"type":${hl7('coverage-class', 'plan', 'Plan')},"value":"${payer.kind}","name":${quote(payer.plan)}}]`,
    person.since,
  )
}

const claimTypes = {
  professional: hl7('claim-type', 'professional', 'Professional'),
  institutional: hl7('claim-type', 'institutional', 'Institutional'),
}

const normal = hl7('processpriority', 'normal', 'Normal')
const principal = hl7('ex-diagnosistype', 'principal', 'Principal Diagnosis')
const careRole = hl7('claimcareteamrole', 'primary', 'Primary provider')
const adjudicated = {
  submitted: hl7('adjudication', 'submitted'),
  eligible: hl7('adjudication', 'eligible'),
  copay: hl7('adjudication', 'copay'),
  benefit: hl7('adjudication', 'benefit'),
}

interface Bill {
  readonly claimId: string
  readonly created: Minutes
  readonly items: readonly { cpt: string; text: string; price: number }[]
  readonly total: number
  readonly type: string
  /** From `type` to `use` and `patient`, as in Claim and in its explanation. */
  readonly head: string
  readonly care: string
  readonly diagnosis: string
}

function billOf(scene: Scene): Bill {
  const { chart, visit, random, code, reasons, doctor, when } = scene
  const stay = isStay(visit)
  const nights = stay ? Math.max(1, Math.round((visit.end - visit.at) / DAY)) : 1
  const visitItem = { cpt: code.cpt, text: code.display, price: code.price * nights * (0.9 + 0.2 * random.next()) }
  const items = [visitItem, ...scene.charges.filter(({ price }) => price > 0).slice(0, 4)]
  const type = stay || visit.kind === 'emergency' ? claimTypes.institutional : claimTypes.professional
  const diagnosis = reasons
    .slice(0, 3)
    .map(
      (reason, i) =>
        `{"sequence":${i + 1},"diagnosisCodeableConcept":${concept(coding(systems.icd10, reason.icd10, reason.display))}${i === 0 ? `,"type":[${principal}]` : ''}}`,
    )
  return {
    claimId: random.uuid(),
    created: visit.end + random.between(1, 9) * DAY,
    items,
    total: items.reduce((sum, { price }) => sum + Math.round(price * 100) / 100, 0),
    type,
    head: `"type":${type},"use":"claim","patient":${chart.patient},"billablePeriod":${period(when, dateTime(visit.end))}`,
    care: `"careTeam":[{"sequence":1,"provider":${doctor.relative},"responsible":true,"role":${careRole}}]`,
    diagnosis: diagnosis.length === 0 ? '' : `"diagnosis":[${diagnosis.join(',')}],`,
  }
}

const product = (cpt: string, text: string): string =>
  concept(coding(/^\d{5}$|^[A-Z0-9]{4}F$|^S\d{4}$/.test(cpt) ? systems.cpt : systems.rxnorm, cpt), text)

function writeClaim({ chart, visit, site, location, encounterId }: Scene, bill: Bill): void {
  const { payer } = chart.person
  const items = bill.items.map(({ cpt, text, price }, i) => {
    const amount = money(price)
    return `{"sequence":${i + 1},"careTeamSequence":[1],${bill.diagnosis === '' ? '' : '"diagnosisSequence":[1],'}"productOrService":${product(cpt, text)},"servicedDate":"${date(visit.at)}","quantity":{"value":1},"unitPrice":${amount},"net":${amount}${i === 0 ? `,"encounter":[{"reference":"Encounter/${encounterId}"}]` : ''}}`
  })
  chart.recorder.write(
    'Claim',
    '',
    bill.claimId,
    `"identifier":[{"system":"http://hospital.example.org/claim","value":"${bill.claimId.slice(0, 13)}"}],"status":"active",${bill.head},"created":"${dateTime(bill.created)}","insurer":${payer.relative},"provider":${site.relative},"priority":${normal},"facility":${location.conditional},${bill.care},${bill.diagnosis}"insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/${chart.coverageId}","display":${quote(payer.plan)}}}],"item":[${items.join(',')}],"total":${money(bill.total)}`,
    bill.created,
  )
}

function writeExplanation({ chart, visit, site, random, location, encounterId }: Scene, bill: Bill): void {
  const { payer } = chart.person
  const share = payer.kind === 'medicaid' ? 0 : payer.kind === 'medicare' ? 0.2 : 0.1 + 0.2 * random.next()
  const decided = bill.created + random.between(6, 40) * DAY
  let paid = 0
  const items = bill.items.map(({ cpt, text, price }, i) => {
    const eligible = Math.round(price * 72) / 100
    const own = Math.round(eligible * share * 100) / 100
    paid += eligible - own
    const line = `{"category":${adjudicated.submitted},"amount":${money(price)}},{"category":${adjudicated.eligible},"amount":${money(eligible)}},{"category":${adjudicated.copay},"amount":${money(own)}},{"category":${adjudicated.benefit},"amount":${money(eligible - own)}}`
    return `{"sequence":${i + 1},"careTeamSequence":[1],${bill.diagnosis === '' ? '' : '"diagnosisSequence":[1],'}"productOrService":${product(cpt, text)},"servicedDate":"${date(visit.at)}","locationReference":${location.relative},"quantity":{"value":1},"net":${money(price)}${i === 0 ? `,"encounter":[{"reference":"Encounter/${encounterId}"}]` : ''},"adjudication":[${line}]}`
  })
  chart.recorder.write(
    'ExplanationOfBenefit',
    '',
    random.uuid(),
    `"identifier":[{"system":"http://payer.example.org/eob","value":"EOB${random.digits(10)}"}],"status":"active",${bill.head},"created":"${dateTime(decided)}","insurer":${payer.relative},"provider":${site.conditional},"claim":{"reference":"Claim/${bill.claimId}"},"outcome":"complete","disposition":"Claim settled as per contract.",${bill.care},${bill.diagnosis}"insurance":[{"focal":true,"coverage":{"reference":"Coverage/${chart.coverageId}"}}],"item":[${items.join(',')}],"total":[{"category":${adjudicated.submitted},"amount":${money(bill.total)}},{"category":${adjudicated.benefit},"amount":${money(paid)}}],"payment":{"date":"${date(decided + 5 * DAY)}","amount":${money(paid)}}`,
    decided,
  )
}

/** Bills a finished visit: the claim, and what the payer made of it once that time has come. */
export function writeBill(scene: Scene): void {
  const bill = billOf(scene)
  if (bill.created >= scene.chart.until) return
  writeClaim(scene, bill)
  if (bill.created + 45 * DAY < scene.chart.until) writeExplanation(scene, bill)
}
