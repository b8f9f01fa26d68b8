/** The 146 concrete resource types of FHIR R4 that a `_type` may name. */
export const resourceTypes: ReadonlySet<string> = new Set(
  `Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic Binary
  BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement CarePlan CareTeam CatalogEntry ChargeItem ChargeItemDefinition
  Claim ClaimResponse ClinicalImpression CodeSystem Communication CommunicationRequest CompartmentDefinition Composition ConceptMap
  Condition Consent Contract Coverage CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue Device DeviceDefinition
  DeviceMetric DeviceRequest DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference EffectEvidenceSynthesis Encounter
  Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceVariable ExampleScenario
  ExplanationOfBenefit FamilyMemberHistory Flag Goal GraphDefinition Group GuidanceResponse HealthcareService ImagingStudy Immunization
  ImmunizationEvaluation ImmunizationRecommendation ImplementationGuide InsurancePlan Invoice Library Linkage List Location Measure
  MeasureReport Media Medication MedicationAdministration MedicationDispense MedicationKnowledge MedicationRequest MedicationStatement
  MedicinalProduct MedicinalProductAuthorization MedicinalProductContraindication MedicinalProductIndication MedicinalProductIngredient
  MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged MedicinalProductPharmaceutical
  MedicinalProductUndesirableEffect MessageDefinition MessageHeader MolecularSequence NamingSystem NutritionOrder Observation
  ObservationDefinition OperationDefinition OperationOutcome Organization OrganizationAffiliation Parameters Patient PaymentNotice
  PaymentReconciliation Person PlanDefinition Practitioner PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse
  RelatedPerson RequestGroup ResearchDefinition ResearchElementDefinition ResearchStudy ResearchSubject RiskAssessment
  RiskEvidenceSynthesis Schedule SearchParameter ServiceRequest Slot Specimen SpecimenDefinition StructureDefinition StructureMap
  Subscription Substance SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation SubstanceSourceMaterial
  SubstanceSpecification SupplyDelivery SupplyRequest Task TerminologyCapabilities TestReport TestScript ValueSet VerificationResult
  VisionPrescription`.split(/\s+/),
)

/** A parsed line; only what the EHR looks at is typed. */
export interface Resource {
  resourceType?: unknown
  id?: unknown
  meta?: { lastUpdated?: unknown }
  [element: string]: unknown
}

const patientElements = ['subject', 'patient', 'beneficiary', 'individual', 'for'] as const

/**
 * Id of the patient whose compartment a resource stands in; `null` for resources that belong to nobody (Organization, Location
 * …).
 */
export function patientOf(resource: Resource): string | null {
  if (resource.resourceType === 'Patient') return typeof resource.id === 'string' ? resource.id : null
  for (const element of patientElements) {
    const id = referenceId(resource[element], 'Patient')
    if (id !== null) return id
  }
  if (resource.resourceType === 'Provenance' && Array.isArray(resource.target)) {
    for (const target of resource.target) {
      const id = referenceId(target, 'Patient')
      if (id !== null) return id
    }
  }
  return null
}

function referenceId(value: unknown, type: string): string | null {
  const reference = (value as { reference?: unknown } | null | undefined)?.reference
  if (typeof reference !== 'string') return null
  const found = new RegExp(`(?:^|/)${type}/([A-Za-z0-9.-]{1,64})(?:/_history/.*)?$`).exec(reference)
  return found?.[1] ?? null
}
