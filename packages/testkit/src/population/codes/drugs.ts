/** A drug as it is prescribed. Display names are RxNorm's. */
export interface Drug {
  readonly rxnorm: string
  readonly display: string
  /** Text for the label. */
  readonly sig: string
  /** Times a period; 0 is as needed. */
  readonly perDay: number
  readonly dose: string
  readonly unit: string
  /** Units dispensed at a time. */
  readonly quantity: number
  readonly daysSupply: number
}

type Row = readonly [
  rxnorm: string,
  display: string,
  sig: string,
  perDay: number,
  dose: string,
  unit: string,
  quantity: number,
  days: number,
]

// biome-ignore format: beside the row that it takes apart
const drug = ([rxnorm, display, sig, perDay, dose, unit, quantity, daysSupply]: Row): Drug => ({
  rxnorm,
  display,
  sig,
  perDay,
  dose,
  unit,
  quantity,
  daysSupply,
})

// biome-ignore format: a list of keys
export type DrugKey = 'lisinopril10' | 'lisinopril20' | 'losartan50' | 'amlodipine25' | 'amlodipine5'
  | 'hydrochlorothiazide25' | 'metformin500' | 'metforminEr500' | 'insulinGlargine' | 'atorvastatin20' | 'atorvastatin40'
  | 'simvastatin20' | 'rosuvastatin10' | 'albuterol' | 'fluticasone' | 'fluticasoneSalmeterol' | 'aspirin81'
  | 'clopidogrel75' | 'metoprolol100' | 'nitroglycerin' | 'furosemide40' | 'carvedilol25' | 'warfarin5' | 'apixaban5'
  | 'sertraline100' | 'fluoxetine20' | 'escitalopram10' | 'levothyroxine75' | 'naproxen220' | 'acetaminophen325'
  | 'ibuprofen200' | 'omeprazole20' | 'loratadine10' | 'alendronate10' | 'methylphenidate20' | 'amoxicillin500'
  | 'amoxicillinClavulanate' | 'penicillinV' | 'nitrofurantoin' | 'oseltamivir75' | 'prednisone20' | 'hydrocortisone'
  | 'cephalexin500' | 'doxycycline100' | 'oxycodoneAcetaminophen' | 'ferrousSulfate'

// biome-ignore format: one drug a line reads as the table it is
export const drugs: Readonly<Record<DrugKey, Drug>> = {
  lisinopril10: drug(['314076', 'lisinopril 10 MG Oral Tablet', 'Take 1 tablet by mouth once daily', 1, '1', 'TAB', 90, 90]),
  lisinopril20: drug(['314077', 'lisinopril 20 MG Oral Tablet', 'Take 1 tablet by mouth once daily', 1, '1', 'TAB', 90, 90]),
  losartan50: drug(['979492', 'losartan potassium 50 MG Oral Tablet', 'Take 1 tablet by mouth once daily', 1, '1', 'TAB', 90, 90]),
  amlodipine25: drug(['308136', 'amLODIPine 2.5 MG Oral Tablet', 'Take 1 tablet by mouth once daily', 1, '1', 'TAB', 90, 90]),
  amlodipine5: drug(['197361', 'amLODIPine 5 MG Oral Tablet', 'Take 1 tablet by mouth once daily', 1, '1', 'TAB', 90, 90]),
  hydrochlorothiazide25: drug(['310798', 'hydroCHLOROthiazide 25 MG Oral Tablet', 'Take 1 tablet by mouth every morning', 1, '1', 'TAB', 90, 90]),
  metformin500: drug(['861007', 'metformin hydrochloride 500 MG Oral Tablet', 'Take 1 tablet by mouth twice daily with meals', 2, '1', 'TAB', 180, 90]),
  metforminEr500: drug(['860975', '24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet', 'Take 2 tablets by mouth with the evening meal', 1, '2', 'TAB', 180, 90]),
  insulinGlargine: drug(['311041', 'insulin glargine 100 UNT/ML Injectable Solution', 'Inject 20 units under the skin at bedtime', 1, '20', '[iU]', 10, 50]),
  atorvastatin20: drug(['617310', 'atorvastatin 20 MG Oral Tablet', 'Take 1 tablet by mouth at bedtime', 1, '1', 'TAB', 90, 90]),
  atorvastatin40: drug(['617311', 'atorvastatin 40 MG Oral Tablet', 'Take 1 tablet by mouth at bedtime', 1, '1', 'TAB', 90, 90]),
  simvastatin20: drug(['312961', 'simvastatin 20 MG Oral Tablet', 'Take 1 tablet by mouth at bedtime', 1, '1', 'TAB', 90, 90]),
  rosuvastatin10: drug(['859747', 'rosuvastatin calcium 10 MG Oral Tablet', 'Take 1 tablet by mouth once daily', 1, '1', 'TAB', 90, 90]),
  albuterol: drug(['745752', 'NDA021457 200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler [ProAir]', 'Inhale 2 puffs every 4 hours as needed for wheezing', 0, '2', '{puff}', 1, 60]),
  fluticasone: drug(['895996', '120 ACTUAT fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler [Flovent]', 'Inhale 2 puffs twice daily, rinse mouth', 2, '2', '{puff}', 1, 30]),
  fluticasoneSalmeterol: drug(['896209', '60 ACTUAT fluticasone propionate 0.25 MG/ACTUAT / salmeterol 0.05 MG/ACTUAT Dry Powder Inhaler', 'Inhale 1 puff twice daily', 2, '1', '{puff}', 1, 30]),
  aspirin81: drug(['243670', 'aspirin 81 MG Oral Tablet', 'Take 1 tablet by mouth once daily', 1, '1', 'TAB', 90, 90]),
  clopidogrel75: drug(['309362', 'clopidogrel 75 MG Oral Tablet', 'Take 1 tablet by mouth once daily', 1, '1', 'TAB', 90, 90]),
  metoprolol100: drug(['866412', '24 HR metoprolol succinate 100 MG Extended Release Oral Tablet', 'Take 1 tablet by mouth once daily', 1, '1', 'TAB', 90, 90]),
  nitroglycerin: drug(['705129', 'nitroglycerin 0.4 MG/ACTUAT Mucosal Spray', 'One spray under the tongue for chest pain, call 911 if it lasts', 0, '1', '{spray}', 1, 180]),
  furosemide40: drug(['313988', 'furosemide 40 MG Oral Tablet', 'Take 1 tablet by mouth every morning', 1, '1', 'TAB', 90, 90]),
  carvedilol25: drug(['200033', 'carvedilol 25 MG Oral Tablet', 'Take 1 tablet by mouth twice daily with food', 2, '1', 'TAB', 180, 90]),
  warfarin5: drug(['855332', 'warfarin sodium 5 MG Oral Tablet', 'Take 1 tablet by mouth each evening as directed', 1, '1', 'TAB', 30, 30]),
  apixaban5: drug(['1364445', 'apixaban 5 MG Oral Tablet', 'Take 1 tablet by mouth twice daily', 2, '1', 'TAB', 60, 30]),
  sertraline100: drug(['312938', 'sertraline 100 MG Oral Tablet', 'Take 1 tablet by mouth once daily', 1, '1', 'TAB', 90, 90]),
  fluoxetine20: drug(['310385', 'FLUoxetine 20 MG Oral Capsule', 'Take 1 capsule by mouth every morning', 1, '1', 'CAP', 90, 90]),
  escitalopram10: drug(['349332', 'escitalopram 10 MG Oral Tablet', 'Take 1 tablet by mouth once daily', 1, '1', 'TAB', 90, 90]),
  levothyroxine75: drug(['966222', 'levothyroxine sodium 0.075 MG Oral Tablet', 'Take 1 tablet by mouth on an empty stomach', 1, '1', 'TAB', 90, 90]),
  naproxen220: drug(['849574', 'naproxen sodium 220 MG Oral Tablet', 'Take 1 tablet by mouth twice daily with food as needed', 0, '1', 'TAB', 40, 20]),
  acetaminophen325: drug(['313782', 'acetaminophen 325 MG Oral Tablet', 'Take 2 tablets by mouth every 6 hours as needed for pain', 0, '2', 'TAB', 60, 8]),
  ibuprofen200: drug(['310965', 'ibuprofen 200 MG Oral Tablet', 'Take 2 tablets by mouth every 6 hours as needed with food', 0, '2', 'TAB', 60, 8]),
  omeprazole20: drug(['198051', 'omeprazole 20 MG Delayed Release Oral Capsule', 'Take 1 capsule by mouth before breakfast', 1, '1', 'CAP', 90, 90]),
  loratadine10: drug(['311372', 'loratadine 10 MG Oral Tablet', 'Take 1 tablet by mouth once daily in season', 1, '1', 'TAB', 30, 30]),
  alendronate10: drug(['904419', 'alendronic acid 10 MG Oral Tablet', 'Take 1 tablet by mouth before breakfast, stay upright', 1, '1', 'TAB', 90, 90]),
  methylphenidate20: drug(['1091392', 'methylphenidate hydrochloride 20 MG Oral Tablet', 'Take 1 tablet by mouth twice daily', 2, '1', 'TAB', 60, 30]),
  amoxicillin500: drug(['308192', 'amoxicillin 500 MG Oral Tablet', 'Take 1 tablet by mouth three times daily for 10 days', 3, '1', 'TAB', 30, 10]),
  amoxicillinClavulanate: drug(['562251', 'amoxicillin 250 MG / clavulanate 125 MG Oral Tablet', 'Take 1 tablet by mouth three times daily for 7 days', 3, '1', 'TAB', 21, 7]),
  penicillinV: drug(['834061', 'penicillin V potassium 250 MG Oral Tablet', 'Take 1 tablet by mouth four times daily for 10 days', 4, '1', 'TAB', 40, 10]),
  nitrofurantoin: drug(['1648755', 'nitrofurantoin, macrocrystals 25 MG / nitrofurantoin, monohydrate 75 MG Oral Capsule', 'Take 1 capsule by mouth twice daily for 5 days', 2, '1', 'CAP', 10, 5]),
  oseltamivir75: drug(['261315', 'oseltamivir 75 MG Oral Capsule', 'Take 1 capsule by mouth twice daily for 5 days', 2, '1', 'CAP', 10, 5]),
  prednisone20: drug(['312615', 'predniSONE 20 MG Oral Tablet', 'Take 2 tablets by mouth once daily for 5 days', 1, '2', 'TAB', 10, 5]),
  hydrocortisone: drug(['106258', 'hydrocortisone 10 MG/ML Topical Cream', 'Apply a thin layer twice daily', 2, '1', '{application}', 1, 14]),
  cephalexin500: drug(['309114', 'cephalexin 500 MG Oral Capsule', 'Take 1 capsule by mouth four times daily for 7 days', 4, '1', 'CAP', 28, 7]),
  doxycycline100: drug(['1649987', 'doxycycline hyclate 100 MG', 'Take 1 tablet by mouth twice daily for 7 days', 2, '1', 'TAB', 14, 7]),
  oxycodoneAcetaminophen: drug(['1049221', 'acetaminophen 325 MG / oxyCODONE hydrochloride 5 MG Oral Tablet', 'Take 1 tablet by mouth every 6 hours as needed for severe pain', 0, '1', 'TAB', 20, 5]),
  ferrousSulfate: drug(['310325', 'ferrous sulfate 325 MG Oral Tablet', 'Take 1 tablet by mouth once daily', 1, '1', 'TAB', 90, 90]),
}

/** Drugs given in hospital: these are Medication resources, ordered by reference. */
export const hospitalDrugs: readonly {
  readonly rxnorm: string
  readonly display: string
  readonly dose: string
  readonly unit: string
  readonly form: readonly [string, string]
}[] = [
  {
    rxnorm: '854235',
    display: '0.4 ML enoxaparin sodium 100 MG/ML Prefilled Syringe',
    dose: '40',
    unit: 'mg',
    form: ['385219001', 'Conventional release solution for injection (dose form)'],
  },
  {
    rxnorm: '1659149',
    display: 'piperacillin 4000 MG / tazobactam 500 MG Injection',
    dose: '4.50',
    unit: 'g',
    form: ['385223009', 'Powder for conventional release solution for injection (dose form)'],
  },
  {
    rxnorm: '1807510',
    display: '150 ML vancomycin 5 MG/ML Injection',
    dose: '750',
    unit: 'mg',
    form: ['385219001', 'Conventional release solution for injection (dose form)'],
  },
  {
    rxnorm: '1719286',
    display: '10 ML furosemide 10 MG/ML Injection',
    dose: '40',
    unit: 'mg',
    form: ['385219001', 'Conventional release solution for injection (dose form)'],
  },
  {
    rxnorm: '1740467',
    display: '2 ML ondansetron 2 MG/ML Injection',
    dose: '4.0',
    unit: 'mg',
    form: ['385219001', 'Conventional release solution for injection (dose form)'],
  },
  {
    rxnorm: '1728805',
    display: '2 ML morphine sulfate 1 MG/ML Injection',
    dose: '2.0',
    unit: 'mg',
    form: ['385219001', 'Conventional release solution for injection (dose form)'],
  },
  {
    rxnorm: '313002',
    display: 'sodium chloride 9 MG/ML Injectable Solution',
    dose: '1000',
    unit: 'mL',
    form: ['385219001', 'Conventional release solution for injection (dose form)'],
  },
  {
    rxnorm: '198440',
    display: 'acetaminophen 500 MG Oral Tablet',
    dose: '1',
    unit: 'TAB',
    form: ['421026006', 'Conventional release oral tablet (dose form)'],
  },
]
