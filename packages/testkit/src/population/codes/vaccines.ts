export interface Vaccine {
  readonly cvx: string
  readonly display: string
  readonly cpt: string
  readonly manufacturer: string
  readonly dose: string
}

const vaccine = (cvx: string, display: string, cpt: string, manufacturer: string, dose = '0.50'): Vaccine => ({
  cvx,
  display,
  cpt,
  manufacturer,
  dose,
})

// biome-ignore format: a list of keys
export type VaccineKey = 'flu' | 'fluHighDose' | 'covid' | 'covidUpdated' | 'dtap' | 'ipv' | 'hib' | 'hepB' | 'rotavirus'
  | 'pcv' | 'mmr' | 'varicella' | 'hepA' | 'tdap' | 'hpv' | 'meningococcal' | 'td' | 'zoster' | 'pneumococcal'

export const vaccines: Readonly<Record<VaccineKey, Vaccine>> = {
  flu: vaccine('140', 'Influenza, seasonal, injectable, preservative free', '90656', 'Sanofi Pasteur'),
  fluHighDose: vaccine('197', 'Influenza, high-dose, quadrivalent, preservative free', '90662', 'Sanofi Pasteur', '0.70'),
  covid: vaccine('208', 'COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose', '91300', 'Pfizer, Inc', '0.30'),
  covidUpdated: vaccine('309', 'COVID-19, mRNA, LNP-S, PF, tris-sucrose, 30 mcg/0.3 mL', '91320', 'Pfizer, Inc', '0.30'),
  dtap: vaccine('20', 'DTaP', '90700', 'GlaxoSmithKline'),
  ipv: vaccine('10', 'IPV', '90713', 'Sanofi Pasteur'),
  hib: vaccine('49', 'Hib (PRP-OMP)', '90647', 'Merck and Co., Inc.'),
  hepB: vaccine('08', 'Hep B, adolescent or pediatric', '90744', 'Merck and Co., Inc.'),
  rotavirus: vaccine('119', 'rotavirus, monovalent', '90681', 'GlaxoSmithKline', '1.00'),
  pcv: vaccine('133', 'Pneumococcal conjugate PCV 13', '90670', 'Pfizer, Inc'),
  mmr: vaccine('03', 'MMR', '90707', 'Merck and Co., Inc.'),
  varicella: vaccine('21', 'varicella', '90716', 'Merck and Co., Inc.'),
  hepA: vaccine('83', 'Hep A, ped/adol, 2 dose', '90633', 'GlaxoSmithKline'),
  tdap: vaccine('115', 'Tdap', '90715', 'GlaxoSmithKline'),
  hpv: vaccine('165', 'HPV9', '90651', 'Merck and Co., Inc.'),
  meningococcal: vaccine('114', 'meningococcal MCV4P', '90734', 'Sanofi Pasteur'),
  td: vaccine('113', 'Td (adult), 5 Lf tetanus toxoid, preservative free, adsorbed', '90714', 'Sanofi Pasteur'),
  zoster: vaccine('187', 'zoster recombinant', '90750', 'GlaxoSmithKline'),
  pneumococcal: vaccine(
    '216',
    'Pneumococcal conjugate PCV20, polysaccharide CRM197 conjugate, adjuvant, PF',
    '90677',
    'Pfizer, Inc',
  ),
}

/** Ages in months at which children get what (CDC schedule, shortened). */
export const childhoodSchedule: readonly (readonly [months: number, given: readonly VaccineKey[]])[] = [
  [2, ['dtap', 'ipv', 'hib', 'hepB', 'rotavirus', 'pcv']],
  [4, ['dtap', 'ipv', 'hib', 'rotavirus', 'pcv']],
  [6, ['dtap', 'hepB', 'pcv']],
  [9, []],
  [12, ['mmr', 'varicella', 'hepA', 'hib']],
  [15, ['pcv', 'dtap']],
  [18, ['hepA', 'ipv']],
  [24, []],
  [30, []],
  [36, []],
  [48, ['dtap', 'ipv', 'mmr', 'varicella']],
  [132, ['tdap', 'hpv', 'meningococcal']],
  [144, ['hpv']],
  [192, ['meningococcal']],
]
