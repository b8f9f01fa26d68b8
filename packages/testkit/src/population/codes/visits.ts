export type VisitKind =
  | 'wellness'
  | 'wellChild'
  | 'followup'
  | 'office'
  | 'virtual'
  | 'urgent'
  | 'emergency'
  | 'inpatient'
  | 'shot'
  | 'prenatal'
  | 'delivery'

/** How a kind of visit is coded and billed. */
export interface VisitCode {
  /** v3-ActCode of Encounter.class. */
  readonly act: readonly [code: string, display: string]
  readonly snomed: string
  readonly display: string
  readonly cpt: string
  readonly price: number
  readonly minutes: readonly [low: number, high: number]
  readonly site: 'clinic' | 'hospital' | 'pharmacy'
  readonly service: readonly [code: string, display: string]
}

const AMB = ['AMB', 'ambulatory'] as const
const IMP = ['IMP', 'inpatient encounter'] as const

type Row = readonly [
  act: VisitCode['act'],
  snomed: string,
  display: string,
  cpt: string,
  price: number,
  low: number,
  high: number,
  site: VisitCode['site'],
  service: VisitCode['service'],
]

const kind = ([act, snomed, display, cpt, price, low, high, site, service]: Row): VisitCode => {
  return { act, snomed, display, cpt, price, minutes: [low, high], site, service }
}

const general = ['124', 'General Practice'] as const

// biome-ignore format: one kind a line
export const visitCodes: Readonly<Record<VisitKind, VisitCode>> = {
  wellness: kind([AMB, '162673000', 'General examination of patient (procedure)', '99396', 212, 25, 45, 'clinic', general]),
  wellChild: kind([AMB, '410620009', 'Well child visit (procedure)', '99392', 178, 20, 35, 'clinic', ['12', 'Paediatrics']]),
  followup: kind([AMB, '390906007', 'Follow-up encounter (procedure)', '99214', 166, 15, 30, 'clinic', general]),
  office: kind([AMB, '185347001', 'Encounter for problem (procedure)', '99213', 128, 15, 25, 'clinic', general]),
  virtual: kind([['VR', 'virtual'], '448337001', 'Telemedicine consultation with patient (procedure)', '99442', 84, 10, 25, 'clinic', general]),
  urgent: kind([AMB, '702927004', 'Urgent care clinic (environment)', 'S9083', 195, 25, 70, 'clinic', ['14', 'Emergency Medical']]),
  emergency: kind([['EMER', 'emergency'], '50849002', 'Emergency room admission (procedure)', '99284', 1240, 90, 420, 'hospital', ['14', 'Emergency Medical']]),
  inpatient: kind([IMP, '32485007', 'Hospital admission (procedure)', '99223', 2900, 1440, 8640, 'hospital', ['117', 'Medical']]),
  shot: kind([AMB, '33879002', 'Administration of vaccine to produce active immunity (procedure)', '90471', 27, 10, 15, 'pharmacy', ['57', 'Immunization']]),
  prenatal: kind([AMB, '424619006', 'Prenatal visit (regime/therapy)', '59425', 145, 20, 35, 'clinic', ['186', 'Obstetrics']]),
  delivery: kind([IMP, '183460006', 'Obstetric emergency hospital admission (procedure)', '59400', 3400, 1500, 4300, 'hospital', ['186', 'Obstetrics']]),
}

/** NUCC provider taxonomy of those who work at a site. */
export const specialties: Readonly<
  Record<'clinic' | 'hospital' | 'pharmacy' | 'lab', readonly (readonly [code: string, display: string])[]>
> = {
  clinic: [
    ['207Q00000X', 'Family Medicine Physician'],
    ['207R00000X', 'Internal Medicine Physician'],
    ['208000000X', 'Pediatrics Physician'],
    ['363LF0000X', 'Family Nurse Practitioner'],
    ['207V00000X', 'Obstetrics & Gynecology Physician'],
  ],
  hospital: [
    ['207P00000X', 'Emergency Medicine Physician'],
    ['208M00000X', 'Hospitalist Physician'],
    ['207RC0000X', 'Cardiovascular Disease Physician'],
    ['207RP1001X', 'Pulmonary Disease Physician'],
    ['208600000X', 'Surgery Physician'],
    ['2085R0202X', 'Diagnostic Radiology Physician'],
    ['207V00000X', 'Obstetrics & Gynecology Physician'],
  ],
  pharmacy: [['183500000X', 'Pharmacist']],
  lab: [['207ZP0102X', 'Anatomic Pathology & Clinical Pathology Physician']],
}
