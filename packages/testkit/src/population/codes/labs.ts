/** One measured quantity. `mean` and `deviation` are of healthy adults; `lab-values.ts` bends them for the sick. */
export interface Analyte {
  readonly key: string
  readonly loinc: string
  readonly display: string
  readonly unit: string
  /** Digits after the point: a result is written with all of them, `1.10` stays `1.10`. */
  readonly digits: number
  readonly low?: number
  readonly high?: number
  readonly mean: number
  readonly deviation: number
}

type Row = readonly [
  key: string,
  loinc: string,
  display: string,
  unit: string,
  digits: number,
  low: number | null,
  high: number | null,
  mean: number,
  deviation: number,
]

const analyte = ([key, loinc, display, unit, digits, low, high, mean, deviation]: Row): Analyte => ({
  key,
  loinc,
  display,
  unit,
  digits,
  mean,
  deviation,
  ...(low === null ? {} : { low }),
  ...(high === null ? {} : { high }),
})

export type PanelKey =
  | 'metabolic'
  | 'lipid'
  | 'cbc'
  | 'a1c'
  | 'thyroid'
  | 'urineAlbumin'
  | 'coagulation'
  | 'bnp'
  | 'vitaminD'
  | 'liver'
  | 'urinalysis'
  | 'troponin'

export interface Panel {
  readonly key: PanelKey
  readonly loinc: string
  readonly display: string
  readonly cpt: string
  readonly price: number
  /** Specimen: SNOMED code and display. */
  readonly specimen: readonly [string, string]
  readonly analytes: readonly Analyte[]
}

const serum: readonly [string, string] = ['119364003', 'Serum specimen (specimen)']
const blood: readonly [string, string] = ['119297000', 'Blood specimen (specimen)']
const urine: readonly [string, string] = ['122575003', 'Urine specimen (specimen)']

const panel = (
  key: PanelKey,
  loinc: string,
  display: string,
  cpt: string,
  price: number,
  specimen: readonly [string, string],
  rows: readonly Row[],
): Panel => ({
  key,
  loinc,
  display,
  cpt,
  price,
  specimen,
  analytes: rows.map(analyte),
})

export const panels: Readonly<Record<PanelKey, Panel>> = {
  metabolic: panel('metabolic', '51990-0', 'Basic metabolic panel - Blood', '80048', 48, serum, [
    ['glucose', '2345-7', 'Glucose [Mass/volume] in Serum or Plasma', 'mg/dL', 0, 70, 99, 90, 8],
    ['bun', '3094-0', 'Urea nitrogen [Mass/volume] in Serum or Plasma', 'mg/dL', 1, 7, 20, 14, 3.4],
    ['creatinine', '2160-0', 'Creatinine [Mass/volume] in Serum or Plasma', 'mg/dL', 2, 0.6, 1.3, 0.9, 0.13],
    [
      'egfr',
      '98979-8',
      'Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum, Plasma or Blood by Creatinine-based formula (CKD-EPI 2021)',
      'mL/min/{1.73_m2}',
      0,
      60,
      null,
      95,
      12,
    ],
    ['sodium', '2951-2', 'Sodium [Moles/volume] in Serum or Plasma', 'mmol/L', 0, 136, 145, 140, 2.2],
    ['potassium', '2823-3', 'Potassium [Moles/volume] in Serum or Plasma', 'mmol/L', 1, 3.5, 5.1, 4.2, 0.34],
    ['chloride', '2075-0', 'Chloride [Moles/volume] in Serum or Plasma', 'mmol/L', 0, 98, 107, 102, 2.4],
    ['bicarbonate', '2028-9', 'Carbon dioxide, total [Moles/volume] in Serum or Plasma', 'mmol/L', 0, 22, 29, 25, 2],
    ['calcium', '17861-6', 'Calcium [Mass/volume] in Serum or Plasma', 'mg/dL', 1, 8.6, 10.3, 9.4, 0.35],
  ]),
  lipid: panel('lipid', '57698-3', 'Lipid panel with direct LDL - Serum or Plasma', '80061', 61, serum, [
    ['cholesterol', '2093-3', 'Cholesterol [Mass/volume] in Serum or Plasma', 'mg/dL', 0, null, 200, 182, 26],
    ['triglycerides', '2571-8', 'Triglyceride [Mass/volume] in Serum or Plasma', 'mg/dL', 0, null, 150, 112, 34],
    ['hdl', '2085-9', 'Cholesterol in HDL [Mass/volume] in Serum or Plasma', 'mg/dL', 0, 40, null, 54, 10],
    ['ldl', '18262-6', 'Cholesterol in LDL [Mass/volume] in Serum or Plasma by Direct assay', 'mg/dL', 1, null, 130, 106, 22],
  ]),
  cbc: panel('cbc', '58410-2', 'CBC panel - Blood by Automated count', '85025', 39, blood, [
    ['wbc', '6690-2', 'Leukocytes [#/volume] in Blood by Automated count', '10*3/uL', 1, 4, 11, 6.9, 1.5],
    ['rbc', '789-8', 'Erythrocytes [#/volume] in Blood by Automated count', '10*6/uL', 2, 4.1, 5.7, 4.8, 0.36],
    ['hemoglobin', '718-7', 'Hemoglobin [Mass/volume] in Blood', 'g/dL', 1, 12, 17.5, 14.2, 1],
    ['hematocrit', '4544-3', 'Hematocrit [Volume Fraction] of Blood by Automated count', '%', 1, 36, 50, 42.4, 2.9],
    ['mcv', '787-2', 'MCV [Entitic mean volume] in Red Blood Cells by Automated count', 'fL', 1, 80, 100, 89.5, 4],
    ['rdw', '788-0', 'Erythrocyte distribution width [Ratio] in Blood by Automated count', '%', 1, 11.5, 14.5, 13.1, 0.8],
    ['platelets', '777-3', 'Platelets [#/volume] in Blood by Automated count', '10*3/uL', 0, 150, 400, 256, 52],
  ]),
  a1c: panel('a1c', '4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood', '83036', 35, blood, [
    ['a1c', '4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood', '%', 1, 4, 5.6, 5.3, 0.25],
  ]),
  thyroid: panel('thyroid', '3016-3', 'Thyrotropin [Units/volume] in Serum or Plasma', '84443', 52, serum, [
    ['tsh', '3016-3', 'Thyrotropin [Units/volume] in Serum or Plasma', 'm[IU]/L', 2, 0.4, 4.5, 1.9, 0.8],
  ]),
  urineAlbumin: panel('urineAlbumin', '14959-1', 'Microalbumin/Creatinine [Mass Ratio] in Urine', '82043', 31, urine, [
    ['urineAlbumin', '14959-1', 'Microalbumin/Creatinine [Mass Ratio] in Urine', 'mg/g', 1, null, 30, 12, 6],
  ]),
  coagulation: panel('coagulation', '6301-6', 'INR in Platelet poor plasma by Coagulation assay', '85610', 22, blood, [
    ['inr', '6301-6', 'INR in Platelet poor plasma by Coagulation assay', '{INR}', 1, 0.9, 1.1, 1, 0.05],
  ]),
  bnp: panel(
    'bnp',
    '33762-6',
    'Natriuretic peptide.B prohormone N-Terminal [Mass/volume] in Serum or Plasma',
    '83880',
    88,
    serum,
    [
      [
        'bnp',
        '33762-6',
        'Natriuretic peptide.B prohormone N-Terminal [Mass/volume] in Serum or Plasma',
        'pg/mL',
        0,
        null,
        125,
        80,
        35,
      ],
    ],
  ),
  vitaminD: panel('vitaminD', '1989-3', '25-Hydroxyvitamin D3 [Mass/volume] in Serum or Plasma', '82306', 71, serum, [
    ['vitaminD', '1989-3', '25-Hydroxyvitamin D3 [Mass/volume] in Serum or Plasma', 'ng/mL', 1, 30, 100, 31, 8],
  ]),
  liver: panel('liver', '24325-3', 'Hepatic function 2000 panel - Serum or Plasma', '80076', 46, serum, [
    ['alt', '1742-6', 'Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma', 'U/L', 0, 7, 56, 24, 9],
    ['ast', '1920-8', 'Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma', 'U/L', 0, 10, 40, 23, 6],
    ['alp', '6768-6', 'Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma', 'U/L', 0, 44, 147, 78, 19],
    ['bilirubin', '1975-2', 'Bilirubin.total [Mass/volume] in Serum or Plasma', 'mg/dL', 1, 0.1, 1.2, 0.6, 0.2],
    ['albumin', '1751-7', 'Albumin [Mass/volume] in Serum or Plasma', 'g/dL', 1, 3.5, 5, 4.3, 0.3],
    ['protein', '2885-2', 'Protein [Mass/volume] in Serum or Plasma', 'g/dL', 1, 6, 8.3, 7.1, 0.4],
  ]),
  urinalysis: panel('urinalysis', '24357-6', 'Urinalysis macro (dipstick) panel - Urine', '81003', 18, urine, [
    ['urineSpecificGravity', '5811-5', 'Specific gravity of Urine by Test strip', '{nominal}', 3, 1.005, 1.03, 1.016, 0.006],
    ['urinePh', '5803-2', 'pH of Urine by Test strip', '[pH]', 1, 5, 8, 6.2, 0.6],
  ]),
  troponin: panel(
    'troponin',
    '89579-7',
    'Troponin I.cardiac [Mass/volume] in Serum or Plasma by High sensitivity method',
    '84484',
    77,
    serum,
    [
      [
        'troponin',
        '89579-7',
        'Troponin I.cardiac [Mass/volume] in Serum or Plasma by High sensitivity method',
        'pg/mL',
        0,
        null,
        18,
        6,
        2.5,
      ],
    ],
  ),
}

/** Answers of the urine strip: LOINC code and display. */
export const dipstick: readonly (readonly [string, string])[] = [
  ['5799-2', 'Leukocyte esterase [Presence] in Urine by Test strip'],
  ['5802-4', 'Nitrite [Presence] in Urine by Test strip'],
]
