/** Search parameters of type date of R4 (4.0.1), and US Core's asserted-date; a line per resource type. */
const table: string = `
Account period
ActivityDefinition date effective
AdverseEvent date
AllergyIntolerance date last-date onset
Appointment date
AuditEvent date
Basic created
Bundle timestamp
CapabilityStatement date
CarePlan activity-date date
CareTeam date
ChargeItem entered-date occurrence
ChargeItemDefinition date effective
Claim created
ClaimResponse created payment-date
ClinicalImpression date
CodeSystem date
Communication received sent
CommunicationRequest authored occurrence
CompartmentDefinition date
Composition date period
ConceptMap date
Condition abatement-date asserted-date onset-date recorded-date
Consent date period
Contract issued
CoverageEligibilityRequest created
CoverageEligibilityResponse created
DetectedIssue identified
DeviceRequest authored-on event-date
DiagnosticReport date issued
DocumentManifest created
DocumentReference date period
EffectEvidenceSynthesis date effective
Encounter date location-period
EpisodeOfCare date
EventDefinition date effective
Evidence date effective
EvidenceVariable date effective
ExampleScenario date
ExplanationOfBenefit created
FamilyMemberHistory date
Flag date
Goal start-date target-date
GraphDefinition date
ImagingStudy started
Immunization date reaction-date
ImmunizationEvaluation date
ImmunizationRecommendation date
ImplementationGuide date
Invoice date
Library date effective
List date
Measure date effective
MeasureReport date period
Media created
Medication expiration-date
MedicationAdministration effective-time
MedicationDispense whenhandedover whenprepared
MedicationRequest authoredon date
MedicationStatement effective
MessageDefinition date
NamingSystem date period
NutritionOrder datetime
Observation date value-date
OperationDefinition date
OrganizationAffiliation date
Patient birthdate death-date
PaymentNotice created
PaymentReconciliation created
Person birthdate
PlanDefinition date effective
PractitionerRole date
Procedure date
Provenance recorded when
Questionnaire date effective
QuestionnaireResponse authored
RelatedPerson birthdate
RequestGroup authored
ResearchDefinition date effective
ResearchElementDefinition date effective
ResearchStudy date
ResearchSubject date
RiskAssessment date
RiskEvidenceSynthesis date effective
Schedule date
SearchParameter date
ServiceRequest authored occurrence
Slot start
Specimen collected
StructureDefinition date
StructureMap date
Substance expiry
SupplyRequest date
Task authored-on modified period
TerminologyCapabilities date
TestReport issued
TestScript date
ValueSet date
VisionPrescription datewritten
`

const byType: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  table
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([type = '', ...names]) => [type, new Set(names)]),
)
const none: ReadonlySet<string> = new Set()

/** The date parameters of a resource type, `_lastUpdated` apart. */
export const dateParameters = (type: string): ReadonlySet<string> => byType.get(type) ?? none
