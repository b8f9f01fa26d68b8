/** What is done to people. `imaging` makes a radiology report of it. */
export interface ProcedureCode {
  readonly snomed: string
  readonly display: string
  readonly cpt: string
  readonly minutes: number
  readonly price: number
  readonly imaging?: { readonly loinc: string; readonly display: string; readonly normal: string; readonly abnormal: string }
  readonly bodySite?: readonly [string, string]
}

type Row = readonly [snomed: string, display: string, cpt: string, minutes: number, price: number]

const procedure = ([snomed, display, cpt, minutes, price]: Row): ProcedureCode => ({ snomed, display, cpt, minutes, price })

// biome-ignore format: a list of keys
export type ProcedureKey = 'ecg' | 'spirometry' | 'echocardiography' | 'footExam' | 'eyeExam' | 'depressionScreening'
  | 'medicationReconciliation' | 'substanceUse' | 'kneeXray' | 'chestXray' | 'ankleXray' | 'armXray' | 'hipXray' | 'headCt'
  | 'abdomenCt' | 'abdomenUltrasound' | 'mammography' | 'boneDensity' | 'colonoscopy' | 'physicalTherapy' | 'sleepAssessment'
  | 'nebulizer' | 'suture' | 'cast' | 'pci' | 'appendectomy' | 'hipReplacement' | 'cholecystectomy' | 'delivery'
  | 'fundalHeight' | 'fetalHeart'

export const procedures: Readonly<Record<ProcedureKey, ProcedureCode>> = {
  ecg: procedure(['29303009', 'Electrocardiographic procedure (procedure)', '93000', 10, 92]),
  spirometry: procedure(['127783003', 'Spirometry (procedure)', '94010', 20, 118]),
  echocardiography: procedure(['40701008', 'Echocardiography (procedure)', '93306', 40, 780]),
  footExam: procedure(['401191002', 'Diabetic foot examination (procedure)', '99213', 10, 45]),
  eyeExam: procedure(['36228007', 'Ophthalmic examination and evaluation (procedure)', '92014', 30, 160]),
  depressionScreening: procedure(['171207006', 'Depression screening (procedure)', '96127', 10, 24]),
  medicationReconciliation: procedure(['430193006', 'Medication reconciliation (procedure)', '1111F', 10, 0]),
  substanceUse: procedure(['428211000124100', 'Assessment of substance use (procedure)', '99408', 15, 38]),
  kneeXray: {
    ...procedure(['74016001', 'Plain X-ray of knee region (procedure)', '73562', 15, 130]),
    bodySite: ['72696002', 'Knee region structure (body structure)'],
    imaging: {
      loinc: '24809-6',
      display: 'XR Knee Views W standing',
      normal: 'No fracture or effusion. Joint space preserved.',
      abnormal: 'Medial joint space narrowing with marginal osteophytes, no acute fracture.',
    },
  },
  chestXray: {
    ...procedure(['399208008', 'Plain X-ray of chest (procedure)', '71046', 15, 145]),
    bodySite: ['51185008', 'Thoracic structure (body structure)'],
    imaging: {
      loinc: '36643-5',
      display: 'XR Chest 2 Views',
      normal: 'Lungs are clear. Heart size normal. No pleural effusion.',
      abnormal: 'Patchy opacity in the right lower lobe. No pleural effusion. Heart size within normal limits.',
    },
  },
  ankleXray: {
    ...procedure(['19490002', 'Plain X-ray of ankle region (procedure)', '73610', 15, 125]),
    bodySite: ['344001', 'Ankle region structure (body structure)'],
    imaging: {
      loinc: '24541-5',
      display: 'XR Ankle Views',
      normal: 'Soft tissue swelling, no fracture.',
      abnormal: 'Small avulsion at the tip of the lateral malleolus.',
    },
  },
  armXray: {
    ...procedure(['783544001', 'Plain X-ray of forearm (procedure)', '73090', 15, 125]),
    bodySite: ['14975008', 'Forearm structure (body structure)'],
    imaging: {
      loinc: '24891-4',
      display: 'XR Radius and Ulna Views',
      normal: 'No displaced fracture seen.',
      abnormal: 'Transverse fracture of the distal radius with minimal dorsal angulation.',
    },
  },
  hipXray: {
    ...procedure(['783628002', 'Plain X-ray of hip (procedure)', '73502', 15, 150]),
    bodySite: ['29836001', 'Hip region structure (body structure)'],
    imaging: {
      loinc: '24762-7',
      display: 'XR Hip Views',
      normal: 'No fracture or dislocation.',
      abnormal: 'Displaced fracture of the femoral neck.',
    },
  },
  headCt: {
    ...procedure(['303653007', 'Computed tomography of head (procedure)', '70450', 20, 640]),
    bodySite: ['69536005', 'Head structure (body structure)'],
    imaging: {
      loinc: '30799-1',
      display: 'CT Head WO contrast',
      normal: 'No intracranial hemorrhage, mass effect or midline shift.',
      abnormal: 'Hypodensity in the left middle cerebral artery territory, no hemorrhage.',
    },
  },
  abdomenCt: {
    ...procedure(['169070004', 'Computed tomography of abdomen (procedure)', '74177', 25, 980]),
    bodySite: ['818983003', 'Abdominal structure (body structure)'],
    imaging: {
      loinc: '36813-4',
      display: 'CT Abdomen and Pelvis W contrast IV',
      normal: 'No acute abnormality.',
      abnormal: 'Dilated, thick-walled appendix with surrounding fat stranding.',
    },
  },
  abdomenUltrasound: {
    ...procedure(['45036003', 'Ultrasonography of abdomen (procedure)', '76700', 25, 310]),
    bodySite: ['818983003', 'Abdominal structure (body structure)'],
    imaging: {
      loinc: '24558-9',
      display: 'US Abdomen',
      normal: 'Unremarkable.',
      abnormal: 'Gallstones with gallbladder wall thickening and a positive sonographic Murphy sign.',
    },
  },
  mammography: {
    ...procedure(['24623002', 'Screening mammography (procedure)', '77067', 20, 260]),
    bodySite: ['76752008', 'Breast structure (body structure)'],
    imaging: {
      loinc: '24606-6',
      display: 'MG Breast Screening',
      normal: 'BI-RADS 1: negative.',
      abnormal: 'BI-RADS 2: benign calcifications.',
    },
  },
  boneDensity: {
    ...procedure(['312681000', 'Bone density scan (procedure)', '77080', 20, 190]),
    imaging: {
      loinc: '38263-0',
      display: 'DXA Femur [T-score] Bone density',
      normal: 'Bone mineral density within normal limits.',
      abnormal: 'T-score -2.60 at the femoral neck.',
    },
  },
  colonoscopy: procedure(['73761001', 'Colonoscopy (procedure)', '45378', 45, 1450]),
  physicalTherapy: procedure(['91251008', 'Physical therapy procedure (regime/therapy)', '97110', 45, 110]),
  sleepAssessment: procedure(['103750000', 'Sleep apnea assessment (procedure)', '95806', 30, 340]),
  nebulizer: procedure(['56251003', 'Nebulizer therapy (procedure)', '94640', 20, 55]),
  suture: procedure(['288086009', 'Suture open wound (procedure)', '12001', 25, 285]),
  cast: procedure(['274474001', 'Bone immobilization (procedure)', '29075', 30, 240]),
  pci: procedure(['415070008', 'Percutaneous coronary intervention (procedure)', '92928', 75, 18400]),
  appendectomy: procedure(['80146002', 'Excision of appendix (procedure)', '44970', 60, 9200]),
  hipReplacement: procedure(['52734007', 'Total replacement of hip (procedure)', '27236', 110, 21600]),
  cholecystectomy: procedure(['38102005', 'Cholecystectomy (procedure)', '47562', 80, 11200]),
  delivery: procedure(['177184002', 'Normal delivery procedure (procedure)', '59400', 480, 6800]),
  fundalHeight: procedure(['274804006', 'Evaluation of uterine fundal height (procedure)', '59425', 5, 0]),
  fetalHeart: procedure(['225158009', 'Auscultation of the fetal heart (procedure)', '59425', 5, 0]),
}
