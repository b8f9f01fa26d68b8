/**
 * Names by the heritage that a family brought along. All combinations are invented; several need more than one byte a character.
 */
export interface NamePool {
  readonly female: readonly string[]
  readonly male: readonly string[]
  readonly family: readonly string[]
}

// biome-ignore format: lists of names
const anglo: NamePool = {
  female: ['Mary', 'Emma', 'Olivia', 'Abigail', 'Charlotte', 'Grace', 'Hannah', 'Joan', 'Margaret', 'Nora', 'Ruth', 'Sarah', 'Susan', 'Evelyn', 'Chloë', 'Zoë', 'Renée', 'Harriet', 'Dorothy', 'Alice', 'Lillian', 'Eleanor', 'Beatrice', 'Judith', 'Carol', 'Linda', 'Karen', 'Megan'],
  male: ['James', 'William', 'Liam', 'Noah', 'Henry', 'George', 'Thomas', 'Daniel', 'Samuel', 'Walter', 'Arthur', 'Frank', 'Raymond', 'Peter', 'André', 'Owen', 'Jack', 'Robert', 'Kenneth', 'Dennis', 'Harold', 'Brian', 'Kevin', 'Scott', 'Gregory', 'Patrick', 'Timothy', 'Seán'],
  family: ['Smith', 'Johnson', 'Brown', 'Taylor', 'Anderson', 'Walker', 'Hill', 'Baker', 'Carter', 'Parker', "O'Brien", "O'Connor", 'McCarthy', 'Murphy', 'Sullivan', 'Kelly', 'Whitfield', 'Bradford', 'Alden', 'Winslow', 'Standish', 'Prescott', 'Lowell', 'Endicott', 'Holloway', 'Pemberton-Hughes', 'Fitzgerald', 'Doyle', 'Callahan', 'Hawthorne', 'Ashworth', 'Beaumont', 'D’Arcy', 'Sinclair', 'Thornton', 'Wentworth'],
}

// biome-ignore format: lists of names
const european: NamePool = {
  female: ['Zofia', 'Łucja', 'Jolanta', 'Søs-Marie', 'Ingrid', 'Béatrice', 'Françoise', 'Giulia', 'Inês', 'Conceição', 'Ελένη', 'Ольга', 'Šárka', 'Kateřina', 'Maria', 'Anaïs'],
  male: ['Łukasz', 'Jürgen', 'Søren', 'Björn', 'François', 'Giuseppe', 'João', 'Antônio', 'Γιώργος', 'Дмитрий', 'Jiří', 'Václav', 'Marek', 'Luca', 'Håkon', 'Matthias'],
  family: ['Kowalski', 'Wójcik', 'Dąbrowska', 'Müller', 'Schröder', 'Weiß', 'Sørensen', 'Ångström', 'Lefèvre', 'Béranger', 'Rossi', 'D’Angelo', 'Gonçalves', 'Simões', 'Papadopoulos', 'Иванова', 'Dvořák', 'Růžička', 'Høgh', 'Ferreira', 'de Araújo', 'van der Meer'],
}

// biome-ignore format: lists of names
const hispanic: NamePool = {
  female: ['María', 'Sofía', 'Lucía', 'Inés', 'Valentina', 'Camila', 'Begoña', 'Rocío', 'Noemí', 'Ana', 'Carmen', 'Marisol', 'Yolanda', 'Ximena'],
  male: ['José', 'Andrés', 'Joaquín', 'Martín', 'Ángel', 'Raúl', 'Íñigo', 'Luis', 'Carlos', 'Miguel', 'Tomás', 'Óscar', 'Diego', 'Rubén'],
  family: ['García', 'Rodríguez', 'Martínez', 'Hernández', 'López', 'Pérez', 'Núñez', 'Muñoz', 'Ibáñez', 'Peña', 'Ordóñez', 'Vásquez', 'Ramírez', 'Rivera', 'Santiago', 'Colón', 'Figueroa', 'Quiñones', 'Zúñiga', 'Castañeda', 'Reyes', 'Ortiz'],
}

// biome-ignore format: lists of names
const black: NamePool = {
  female: ['Aaliyah', 'Imani', 'Keisha', 'Ebony', 'Denise', 'Yvonne', 'Nia', 'Latoya', 'Ngozi', 'Adaeze', 'Fatou', 'Marie-Thérèse', 'Tanisha', 'Gloria'],
  male: ['Malik', 'Darius', 'Jamal', 'Isaiah', 'Marcus', 'Terrence', 'Kwame', 'Chidi', 'Ousmane', 'Jean-Baptiste', 'Tyrone', 'Andre', 'Xavier', 'Cedric'],
  family: ['Washington', 'Jefferson', 'Banks', 'Booker', 'Robinson', 'Okafor', 'Adébáyọ̀', 'Nwosu', 'Diallo', 'Étienne', 'Jean-Louis', 'Toussaint', 'Baptiste', 'Mensah', 'Coleman', 'Freeman', 'Gaines'],
}

// biome-ignore format: lists of names
const asian: NamePool = {
  female: ['Mei', 'Lan', 'Thị Hương', 'Yuki', 'Priya', 'Ananya', 'Ji-woo', 'Min-seo', 'Xiu', 'Sophea', 'Divya', 'Hana', 'Ngọc', 'Sunita'],
  male: ['Wei', 'Minh', 'Hiroshi', 'Arjun', 'Rahul', 'Min-jun', 'Seo-jun', 'Jian', 'Văn Đức', 'Sokha', 'Vikram', 'Kenji', 'Quốc', 'Sanjay'],
  family: ['Nguyễn', 'Trần', 'Phạm', 'Chen', 'Wang', 'Liu', 'Kim', 'Park', 'Patel', 'Sharma', 'Krishnamurthy', 'Tanaka', 'Yoshida', 'Sok', 'Đặng', 'Huỳnh', 'Singh'],
}

export type Heritage = 'anglo' | 'european' | 'hispanic' | 'black' | 'asian'

export const namePools: Readonly<Record<Heritage, NamePool>> = { anglo, european, hispanic, black, asian }

/**
 * Names in the script of their country, written beside the Latin ones; the last family name lies outside the Basic Multilingual
 * Plane.
 */
export const nativeNames: readonly { family: string; given: string }[] = [
  { family: '王', given: '小明' },
  { family: '李', given: '秀英' },
  { family: '김', given: '민준' },
  { family: '佐藤', given: '花子' },
  { family: 'पटेल', given: 'अनन्या' },
  { family: 'الحسن', given: 'ليلى' },
  { family: '𠮷田', given: '健' },
]

export const streets: readonly string[] = [
  'Elm St',
  'Washington St',
  'Highland Ave',
  'Beacon St',
  'Maple Rd',
  'Cabot St',
  'Harbor View Dr',
  'Old Post Rd',
  'St. Joseph’s Ln',
  'Chestnut Hill Ave',
  'Blue Hill Ave',
  'Tremont St',
  'Pleasant St',
  'Mill Pond Way',
  'Commonwealth Ave',
  'River Rd',
  'Orchard Ct',
  'Massasoit Trl',
  'Peña Plaza',
  'Quincy Shore Dr',
]

export interface City {
  readonly name: string
  readonly county: string
  readonly zip: string
  readonly latitude: number
  readonly longitude: number
  /** Thousands of inhabitants: how often somebody lives there. */
  readonly size: number
}

export const cities: readonly City[] = [
  { name: 'Boston', county: 'Suffolk', zip: '02118', latitude: 42.3389, longitude: -71.0727, size: 650 },
  { name: 'Worcester', county: 'Worcester', zip: '01602', latitude: 42.2626, longitude: -71.8023, size: 206 },
  { name: 'Springfield', county: 'Hampden', zip: '01103', latitude: 42.1015, longitude: -72.5898, size: 155 },
  { name: 'Cambridge', county: 'Middlesex', zip: '02139', latitude: 42.3647, longitude: -71.1042, size: 118 },
  { name: 'Lowell', county: 'Middlesex', zip: '01850', latitude: 42.6389, longitude: -71.3217, size: 115 },
  { name: 'Brockton', county: 'Plymouth', zip: '02301', latitude: 42.0834, longitude: -71.0184, size: 105 },
  { name: 'New Bedford', county: 'Bristol', zip: '02740', latitude: 41.6362, longitude: -70.9342, size: 101 },
  { name: 'Quincy', county: 'Norfolk', zip: '02169', latitude: 42.2529, longitude: -71.0023, size: 101 },
  { name: 'Lynn', county: 'Essex', zip: '01902', latitude: 42.4668, longitude: -70.9495, size: 101 },
  { name: 'Framingham', county: 'Middlesex', zip: '01702', latitude: 42.2793, longitude: -71.4162, size: 72 },
  { name: 'Haverhill', county: 'Essex', zip: '01830', latitude: 42.7762, longitude: -71.0773, size: 67 },
  { name: 'Plymouth', county: 'Plymouth', zip: '02360', latitude: 41.9584, longitude: -70.6673, size: 61 },
  { name: 'Taunton', county: 'Bristol', zip: '02780', latitude: 41.9001, longitude: -71.0898, size: 59 },
  { name: 'Pittsfield', county: 'Berkshire', zip: '01201', latitude: 42.4501, longitude: -73.2454, size: 43 },
  { name: 'Barnstable', county: 'Barnstable', zip: '02601', latitude: 41.6525, longitude: -70.2881, size: 48 },
  { name: 'Amherst', county: 'Hampshire', zip: '01002', latitude: 42.3732, longitude: -72.5199, size: 39 },
  { name: 'Gloucester', county: 'Essex', zip: '01930', latitude: 42.6159, longitude: -70.662, size: 30 },
  { name: 'Great Barrington', county: 'Berkshire', zip: '01230', latitude: 42.1959, longitude: -73.3621, size: 7 },
]

/** Area codes; the numbers behind them are 555-01xx, which is reserved for fiction. */
export const areaCodes: readonly string[] = ['617', '508', '413', '781', '978', '857', '774', '339']
