export interface Allergen {
  readonly system: 'snomed' | 'rxnorm'
  readonly code: string
  readonly display: string
  readonly category: 'food' | 'medication' | 'environment'
  readonly weight: number
}

const allergen = (
  system: Allergen['system'],
  code: string,
  display: string,
  category: Allergen['category'],
  weight: number,
): Allergen => ({ system, code, display, category, weight })

export const allergens: readonly Allergen[] = [
  allergen('rxnorm', '7984', 'penicillin V', 'medication', 10),
  allergen('rxnorm', '10831', 'sulfamethoxazole / trimethoprim', 'medication', 5),
  allergen('rxnorm', '1191', 'aspirin', 'medication', 3),
  allergen('rxnorm', '5640', 'ibuprofen', 'medication', 3),
  allergen('rxnorm', '29046', 'lisinopril', 'medication', 2),
  allergen('snomed', '762952008', 'Peanut (substance)', 'food', 4),
  allergen('snomed', '735029006', 'Shellfish (substance)', 'food', 5),
  allergen('snomed', '102263004', 'Eggs (edible) (substance)', 'food', 2),
  allergen('snomed', '3718001', "Cow's milk (substance)", 'food', 2),
  allergen('snomed', '442571000124108', 'Tree nut (substance)', 'food', 3),
  allergen('snomed', '256277009', 'Grass pollen (substance)', 'environment', 6),
  allergen('snomed', '260147004', 'House dust mite (organism)', 'environment', 5),
  allergen('snomed', '264287008', 'Animal dander (substance)', 'environment', 5),
  allergen('snomed', '288328004', 'Bee venom (substance)', 'environment', 1),
  allergen('snomed', '111088007', 'Latex (substance)', 'environment', 2),
]

/** Reactions: SNOMED code, display, severity. */
export const reactions: readonly (readonly [string, string, 'mild' | 'moderate' | 'severe'])[] = [
  ['247472004', 'Wheal (finding)', 'mild'],
  ['271807003', 'Eruption of skin (disorder)', 'mild'],
  ['418363000', 'Itching of skin (finding)', 'mild'],
  ['267036007', 'Dyspnea (finding)', 'moderate'],
  ['422587007', 'Nausea (finding)', 'moderate'],
  ['402387002', 'Allergic angioedema (disorder)', 'moderate'],
  ['39579001', 'Anaphylaxis (disorder)', 'severe'],
]
