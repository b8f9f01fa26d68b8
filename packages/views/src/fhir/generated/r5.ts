// Made by scripts/generate-fhir.ts from the HL7 FHIR 5.0.0 definitions (CC0). Do not edit.
export const fhirVersion = '5.0.0'
export const resources: string = 'Account ActivityDefinition ActorDefinition AdministrableProductDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse ArtifactAssessment AuditEvent Basic Binary BiologicallyDerivedProduct BiologicallyDerivedProductDispense BodyStructure Bundle CapabilityStatement CarePlan CareTeam ChargeItem ChargeItemDefinition Citation Claim ClaimResponse ClinicalImpression ClinicalUseDefinition CodeSystem Communication CommunicationRequest CompartmentDefinition Composition ConceptMap Condition ConditionDefinition Consent Contract Coverage CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue Device DeviceAssociation DeviceDefinition DeviceDispense DeviceMetric DeviceRequest DeviceUsage DiagnosticReport DocumentReference Encounter EncounterHistory Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceReport EvidenceVariable ExampleScenario ExplanationOfBenefit FamilyMemberHistory Flag FormularyItem GenomicStudy Goal GraphDefinition Group GuidanceResponse HealthcareService ImagingSelection ImagingStudy Immunization ImmunizationEvaluation ImmunizationRecommendation ImplementationGuide Ingredient InsurancePlan InventoryItem InventoryReport Invoice Library Linkage List Location ManufacturedItemDefinition Measure MeasureReport Medication MedicationAdministration MedicationDispense MedicationKnowledge MedicationRequest MedicationStatement MedicinalProductDefinition MessageDefinition MessageHeader MolecularSequence NamingSystem NutritionIntake NutritionOrder NutritionProduct Observation ObservationDefinition OperationDefinition OperationOutcome Organization OrganizationAffiliation PackagedProductDefinition Parameters Patient PaymentNotice PaymentReconciliation Permission Person PlanDefinition Practitioner PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse RegulatedAuthorization RelatedPerson RequestOrchestration Requirements ResearchStudy ResearchSubject RiskAssessment Schedule SearchParameter ServiceRequest Slot Specimen SpecimenDefinition StructureDefinition StructureMap Subscription SubscriptionStatus SubscriptionTopic Substance SubstanceDefinition SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation SubstanceSourceMaterial SupplyDelivery SupplyRequest Task TerminologyCapabilities TestPlan TestReport TestScript Transport ValueSet VerificationResult VisionPrescription'
export const primitives: string = 'base64Binary:Element boolean:Element canonical:uri code:string date:Element dateTime:Element decimal:Element id:string instant:Element integer:Element integer64:Element markdown:string oid:uri positiveInt:integer string:Element time:Element unsignedInt:integer uri:Element url:uri uuid:uri xhtml:Element'
export const patientPaths: string = `
Account subject
AdverseEvent subject
AllergyIntolerance patient participant.actor
Appointment participant.actor subject
AppointmentResponse actor
AuditEvent patient
Basic subject author
BiologicallyDerivedProductDispense patient
BodyStructure patient
CarePlan subject
CareTeam subject participant.member
ChargeItem subject
Claim patient payee.party
ClaimResponse patient
ClinicalImpression subject
ClinicalUseDefinition subject
Communication subject sender recipient
CommunicationRequest subject informationProvider recipient requester
Composition subject author attester.party
Condition subject participant.actor
Consent subject
Contract subject
Coverage beneficiary policyHolder subscriber paymentBy.party
CoverageEligibilityRequest patient
CoverageEligibilityResponse patient
DetectedIssue subject
DeviceAssociation subject operation.operator
DeviceDispense subject
DeviceRequest subject performer.reference
DeviceUsage patient
DiagnosticReport subject
DocumentReference subject author
Encounter subject
EncounterHistory subject
EnrollmentRequest candidate
EpisodeOfCare patient
ExplanationOfBenefit patient payee.party
FamilyMemberHistory patient
Flag subject
GenomicStudy subject
Goal subject
Group member.entity
GuidanceResponse subject
ImagingSelection subject
ImagingStudy subject
Immunization patient
ImmunizationEvaluation patient
ImmunizationRecommendation patient
InventoryItem instance.subject
Invoice subject recipient
List subject source
MeasureReport subject
MedicationAdministration subject
MedicationDispense subject receiver
MedicationRequest subject
MedicationStatement subject
MolecularSequence subject
NutritionIntake subject reported
NutritionOrder subject
Observation subject performer
Person link.target
Procedure subject performer.actor
Provenance patient
QuestionnaireResponse subject author
RegulatedAuthorization subject
RelatedPerson patient
RequestOrchestration subject action.participant.actor.ofType(Reference) action.participant.actor.ofType(canonical)
ResearchSubject subject
RiskAssessment subject
Schedule actor
ServiceRequest subject performer
Specimen subject
SupplyDelivery patient
SupplyRequest deliverFor deliverTo
Task for focus
VisionPrescription patient
`
export const types: string = `
Account rDomainResource identifier*Identifier status!code billingStatus?CodeableConcept type?CodeableConcept name?string subject*Reference servicePeriod?Period coverage*@ owner?Reference description?markdown guarantor*@ diagnosis*@ procedure*@ relatedAccount*@ currency?CodeableConcept balance*@ calculatedAt?instant
Account.coverage cBackboneElement coverage!Reference priority?positiveInt
Account.guarantor cBackboneElement party!Reference onHold?boolean period?Period
Account.diagnosis cBackboneElement sequence?positiveInt condition!CodeableReference dateOfDiagnosis?dateTime type*CodeableConcept onAdmission?boolean packageCode*CodeableConcept
Account.procedure cBackboneElement sequence?positiveInt code!CodeableReference dateOfService?dateTime type*CodeableConcept packageCode*CodeableConcept device*Reference
Account.relatedAccount cBackboneElement relationship?CodeableConcept account!Reference
Account.balance cBackboneElement aggregate?CodeableConcept term?CodeableConcept estimate?boolean amount!Money
ActivityDefinition rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string subtitle?string status!code experimental?boolean subject[x]?CodeableConcept|Reference|canonical date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown usage?markdown copyright?markdown copyrightLabel?string approvalDate?date lastReviewDate?date effectivePeriod?Period topic*CodeableConcept author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail relatedArtifact*RelatedArtifact library*canonical kind?code profile?canonical code?CodeableConcept intent?code priority?code doNotPerform?boolean timing[x]?Timing|Age|Range|Duration asNeeded[x]?boolean|CodeableConcept location?CodeableReference participant*@ product[x]?Reference|CodeableConcept quantity?Quantity dosage*Dosage bodySite*CodeableConcept specimenRequirement*canonical observationRequirement*canonical observationResultRequirement*canonical transform?canonical dynamicValue*@
ActivityDefinition.participant cBackboneElement type?code typeCanonical?canonical typeReference?Reference role?CodeableConcept function?CodeableConcept
ActivityDefinition.dynamicValue cBackboneElement path!string expression!Expression
ActorDefinition rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string type!code documentation?markdown reference*url capabilities?canonical derivedFrom*canonical
Address cElement use?code type?code text?string line*string city?string district?string state?string postalCode?string country?string period?Period
AdministrableProductDefinition rDomainResource identifier*Identifier status!code formOf*Reference administrableDoseForm?CodeableConcept unitOfPresentation?CodeableConcept producedFrom*Reference ingredient*CodeableConcept device?Reference description?markdown property*@ routeOfAdministration+@
AdministrableProductDefinition.property cBackboneElement type!CodeableConcept value[x]?CodeableConcept|Quantity|date|boolean|markdown|Attachment|Reference status?CodeableConcept
AdministrableProductDefinition.routeOfAdministration cBackboneElement code!CodeableConcept firstDose?Quantity maxSingleDose?Quantity maxDosePerDay?Quantity maxDosePerTreatmentPeriod?Ratio maxTreatmentPeriod?Duration targetSpecies*@
AdministrableProductDefinition.routeOfAdministration.targetSpecies cBackboneElement code!CodeableConcept withdrawalPeriod*@
AdministrableProductDefinition.routeOfAdministration.targetSpecies.withdrawalPeriod cBackboneElement tissue!CodeableConcept value!Quantity supportingInformation?string
AdverseEvent rDomainResource identifier*Identifier status!code actuality!code category*CodeableConcept code?CodeableConcept subject!Reference encounter?Reference occurrence[x]?dateTime|Period|Timing detected?dateTime recordedDate?dateTime resultingEffect*Reference location?Reference seriousness?CodeableConcept outcome*CodeableConcept recorder?Reference participant*@ study*Reference expectedInResearchStudy?boolean suspectEntity*@ contributingFactor*@ preventiveAction*@ mitigatingAction*@ supportingInfo*@ note*Annotation
AdverseEvent.participant cBackboneElement function?CodeableConcept actor!Reference
AdverseEvent.suspectEntity cBackboneElement instance[x]!CodeableConcept|Reference causality?@
AdverseEvent.suspectEntity.causality cBackboneElement assessmentMethod?CodeableConcept entityRelatedness?CodeableConcept author?Reference
AdverseEvent.contributingFactor cBackboneElement item[x]!Reference|CodeableConcept
AdverseEvent.preventiveAction cBackboneElement item[x]!Reference|CodeableConcept
AdverseEvent.mitigatingAction cBackboneElement item[x]!Reference|CodeableConcept
AdverseEvent.supportingInfo cBackboneElement item[x]!Reference|CodeableConcept
Age cElement value?decimal comparator?code unit?string system?uri code?code
AllergyIntolerance rDomainResource identifier*Identifier clinicalStatus?CodeableConcept verificationStatus?CodeableConcept type?CodeableConcept category*code criticality?code code?CodeableConcept patient!Reference encounter?Reference onset[x]?dateTime|Age|Period|Range|string recordedDate?dateTime participant*@ lastOccurrence?dateTime note*Annotation reaction*@
AllergyIntolerance.participant cBackboneElement function?CodeableConcept actor!Reference
AllergyIntolerance.reaction cBackboneElement substance?CodeableConcept manifestation+CodeableReference description?string onset?dateTime severity?code exposureRoute?CodeableConcept note*Annotation
Annotation cElement author[x]?Reference|string time?dateTime text!markdown
Appointment rDomainResource identifier*Identifier status!code cancellationReason?CodeableConcept class*CodeableConcept serviceCategory*CodeableConcept serviceType*CodeableReference specialty*CodeableConcept appointmentType?CodeableConcept reason*CodeableReference priority?CodeableConcept description?string replaces*Reference virtualService*VirtualServiceDetail supportingInformation*Reference previousAppointment?Reference originatingAppointment?Reference start?instant end?instant minutesDuration?positiveInt requestedPeriod*Period slot*Reference account*Reference created?dateTime cancellationDate?dateTime note*Annotation patientInstruction*CodeableReference basedOn*Reference subject?Reference participant+@ recurrenceId?positiveInt occurrenceChanged?boolean recurrenceTemplate*@
Appointment.participant cBackboneElement type*CodeableConcept period?Period actor?Reference required?boolean status!code
Appointment.recurrenceTemplate cBackboneElement timezone?CodeableConcept recurrenceType!CodeableConcept lastOccurrenceDate?date occurrenceCount?positiveInt occurrenceDate*date weeklyTemplate?@ monthlyTemplate?@ yearlyTemplate?@ excludingDate*date excludingRecurrenceId*positiveInt
Appointment.recurrenceTemplate.weeklyTemplate cBackboneElement monday?boolean tuesday?boolean wednesday?boolean thursday?boolean friday?boolean saturday?boolean sunday?boolean weekInterval?positiveInt
Appointment.recurrenceTemplate.monthlyTemplate cBackboneElement dayOfMonth?positiveInt nthWeekOfMonth?Coding dayOfWeek?Coding monthInterval!positiveInt
Appointment.recurrenceTemplate.yearlyTemplate cBackboneElement yearInterval!positiveInt
AppointmentResponse rDomainResource identifier*Identifier appointment!Reference proposedNewTime?boolean start?instant end?instant participantType*CodeableConcept actor?Reference participantStatus!code comment?markdown recurring?boolean occurrenceDate?date recurrenceId?positiveInt
ArtifactAssessment rDomainResource identifier*Identifier title?string citeAs[x]?Reference|markdown date?dateTime copyright?markdown approvalDate?date lastReviewDate?date artifact[x]!Reference|canonical|uri content*@ workflowStatus?code disposition?code
ArtifactAssessment.content cBackboneElement informationType?code summary?markdown type?CodeableConcept classifier*CodeableConcept quantity?Quantity author?Reference path*uri relatedArtifact*RelatedArtifact freeToShare?boolean component*ArtifactAssessment.content
Attachment cElement contentType?code language?code data?base64Binary url?url size?integer64 hash?base64Binary title?string creation?dateTime height?positiveInt width?positiveInt frames?positiveInt duration?decimal pages?positiveInt
AuditEvent rDomainResource category*CodeableConcept code!CodeableConcept action?code severity?code occurred[x]?Period|dateTime recorded!instant outcome?@ authorization*CodeableConcept basedOn*Reference patient?Reference encounter?Reference agent+@ source!@ entity*@
AuditEvent.outcome cBackboneElement code!Coding detail*CodeableConcept
AuditEvent.agent cBackboneElement type?CodeableConcept role*CodeableConcept who!Reference requestor?boolean location?Reference policy*uri network[x]?Reference|uri|string authorization*CodeableConcept
AuditEvent.source cBackboneElement site?Reference observer!Reference type*CodeableConcept
AuditEvent.entity cBackboneElement what?Reference role?CodeableConcept securityLabel*CodeableConcept query?base64Binary detail*@ agent*AuditEvent.agent
AuditEvent.entity.detail cBackboneElement type!CodeableConcept value[x]!Quantity|CodeableConcept|string|boolean|integer|Range|Ratio|time|dateTime|Period|base64Binary
Availability cElement availableTime*@ notAvailableTime*@
Availability.availableTime cElement daysOfWeek*code allDay?boolean availableStartTime?time availableEndTime?time
Availability.notAvailableTime cElement description?string during?Period
Basic rDomainResource identifier*Identifier code!CodeableConcept subject?Reference created?dateTime author?Reference
Binary rResource contentType!code securityContext?Reference data?base64Binary
BiologicallyDerivedProduct rDomainResource productCategory?Coding productCode?CodeableConcept parent*Reference request*Reference identifier*Identifier biologicalSourceEvent?Identifier processingFacility*Reference division?string productStatus?Coding expirationDate?dateTime collection?@ storageTempRequirements?Range property*@
BiologicallyDerivedProduct.collection cBackboneElement collector?Reference source?Reference collected[x]?dateTime|Period
BiologicallyDerivedProduct.property cBackboneElement type!CodeableConcept value[x]!boolean|integer|CodeableConcept|Period|Quantity|Range|Ratio|string|Attachment
BiologicallyDerivedProductDispense rDomainResource identifier*Identifier basedOn*Reference partOf*Reference status!code originRelationshipType?CodeableConcept product!Reference patient!Reference matchStatus?CodeableConcept performer*@ location?Reference quantity?Quantity preparedDate?dateTime whenHandedOver?dateTime destination?Reference note*Annotation usageInstruction?string
BiologicallyDerivedProductDispense.performer cBackboneElement function?CodeableConcept actor!Reference
BodyStructure rDomainResource identifier*Identifier active?boolean morphology?CodeableConcept includedStructure+@ excludedStructure*BodyStructure.includedStructure description?markdown image*Attachment patient!Reference
BodyStructure.includedStructure cBackboneElement structure!CodeableConcept laterality?CodeableConcept bodyLandmarkOrientation*@ spatialReference*Reference qualifier*CodeableConcept
BodyStructure.includedStructure.bodyLandmarkOrientation cBackboneElement landmarkDescription*CodeableConcept clockFacePosition*CodeableConcept distanceFromLandmark*@ surfaceOrientation*CodeableConcept
BodyStructure.includedStructure.bodyLandmarkOrientation.distanceFromLandmark cBackboneElement device*CodeableReference value*Quantity
Bundle rResource identifier?Identifier type!code timestamp?instant total?unsignedInt link*@ entry*@ signature?Signature issues?Resource
Bundle.link cBackboneElement relation!code url!uri
Bundle.entry cBackboneElement link*Bundle.link fullUrl?uri resource?Resource search?@ request?@ response?@
Bundle.entry.search cBackboneElement mode?code score?decimal
Bundle.entry.request cBackboneElement method!code url!uri ifNoneMatch?string ifModifiedSince?instant ifMatch?string ifNoneExist?string
Bundle.entry.response cBackboneElement status!string location?uri etag?string lastModified?instant outcome?Resource
CapabilityStatement rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string status!code experimental?boolean date!dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string kind!code instantiates*canonical imports*canonical software?@ implementation?@ fhirVersion!code format+code patchFormat*code acceptLanguage*code implementationGuide*canonical rest*@ messaging*@ document*@
CapabilityStatement.software cBackboneElement name!string version?string releaseDate?dateTime
CapabilityStatement.implementation cBackboneElement description!markdown url?url custodian?Reference
CapabilityStatement.rest cBackboneElement mode!code documentation?markdown security?@ resource*@ interaction*@ searchParam*CapabilityStatement.rest.resource.searchParam operation*CapabilityStatement.rest.resource.operation compartment*canonical
CapabilityStatement.rest.security cBackboneElement cors?boolean service*CodeableConcept description?markdown
CapabilityStatement.rest.resource cBackboneElement type!code profile?canonical supportedProfile*canonical documentation?markdown interaction*@ versioning?code readHistory?boolean updateCreate?boolean conditionalCreate?boolean conditionalRead?code conditionalUpdate?boolean conditionalPatch?boolean conditionalDelete?code referencePolicy*code searchInclude*string searchRevInclude*string searchParam*@ operation*@
CapabilityStatement.rest.resource.interaction cBackboneElement code!code documentation?markdown
CapabilityStatement.rest.resource.searchParam cBackboneElement name!string definition?canonical type!code documentation?markdown
CapabilityStatement.rest.resource.operation cBackboneElement name!string definition!canonical documentation?markdown
CapabilityStatement.rest.interaction cBackboneElement code!code documentation?markdown
CapabilityStatement.messaging cBackboneElement endpoint*@ reliableCache?unsignedInt documentation?markdown supportedMessage*@
CapabilityStatement.messaging.endpoint cBackboneElement protocol!Coding address!url
CapabilityStatement.messaging.supportedMessage cBackboneElement mode!code definition!canonical
CapabilityStatement.document cBackboneElement mode!code documentation?markdown profile!canonical
CarePlan rDomainResource identifier*Identifier instantiatesCanonical*canonical instantiatesUri*uri basedOn*Reference replaces*Reference partOf*Reference status!code intent!code category*CodeableConcept title?string description?string subject!Reference encounter?Reference period?Period created?dateTime custodian?Reference contributor*Reference careTeam*Reference addresses*CodeableReference supportingInfo*Reference goal*Reference activity*@ note*Annotation
CarePlan.activity cBackboneElement performedActivity*CodeableReference progress*Annotation plannedActivityReference?Reference
CareTeam rDomainResource identifier*Identifier status?code category*CodeableConcept name?string subject?Reference period?Period participant*@ reason*CodeableReference managingOrganization*Reference telecom*ContactPoint note*Annotation
CareTeam.participant cBackboneElement role?CodeableConcept member?Reference onBehalfOf?Reference coverage[x]?Period|Timing
ChargeItem rDomainResource identifier*Identifier definitionUri*uri definitionCanonical*canonical status!code partOf*Reference code!CodeableConcept subject!Reference encounter?Reference occurrence[x]?dateTime|Period|Timing performer*@ performingOrganization?Reference requestingOrganization?Reference costCenter?Reference quantity?Quantity bodysite*CodeableConcept unitPriceComponent?MonetaryComponent totalPriceComponent?MonetaryComponent overrideReason?CodeableConcept enterer?Reference enteredDate?dateTime reason*CodeableConcept service*CodeableReference product*CodeableReference account*Reference note*Annotation supportingInformation*Reference
ChargeItem.performer cBackboneElement function?CodeableConcept actor!Reference
ChargeItemDefinition rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string derivedFromUri*uri partOf*canonical replaces*canonical status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string approvalDate?date lastReviewDate?date code?CodeableConcept instance*Reference applicability*@ propertyGroup*@
ChargeItemDefinition.applicability cBackboneElement condition?Expression effectivePeriod?Period relatedArtifact?RelatedArtifact
ChargeItemDefinition.propertyGroup cBackboneElement applicability*ChargeItemDefinition.applicability priceComponent*MonetaryComponent
Citation rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string approvalDate?date lastReviewDate?date effectivePeriod?Period author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail summary*@ classification*@ note*Annotation currentState*CodeableConcept statusDate*@ relatedArtifact*RelatedArtifact citedArtifact?@
Citation.summary cBackboneElement style?CodeableConcept text!markdown
Citation.classification cBackboneElement type?CodeableConcept classifier*CodeableConcept
Citation.statusDate cBackboneElement activity!CodeableConcept actual?boolean period!Period
Citation.citedArtifact cBackboneElement identifier*Identifier relatedIdentifier*Identifier dateAccessed?dateTime version?@ currentState*CodeableConcept statusDate*@ title*@ abstract*@ part?@ relatesTo*@ publicationForm*@ webLocation*@ classification*@ contributorship?@ note*Annotation
Citation.citedArtifact.version cBackboneElement value!string baseCitation?Reference
Citation.citedArtifact.statusDate cBackboneElement activity!CodeableConcept actual?boolean period!Period
Citation.citedArtifact.title cBackboneElement type*CodeableConcept language?CodeableConcept text!markdown
Citation.citedArtifact.abstract cBackboneElement type?CodeableConcept language?CodeableConcept text!markdown copyright?markdown
Citation.citedArtifact.part cBackboneElement type?CodeableConcept value?string baseCitation?Reference
Citation.citedArtifact.relatesTo cBackboneElement type!code classifier*CodeableConcept label?string display?string citation?markdown document?Attachment resource?canonical resourceReference?Reference
Citation.citedArtifact.publicationForm cBackboneElement publishedIn?@ citedMedium?CodeableConcept volume?string issue?string articleDate?dateTime publicationDateText?string publicationDateSeason?string lastRevisionDate?dateTime language*CodeableConcept accessionNumber?string pageString?string firstPage?string lastPage?string pageCount?string copyright?markdown
Citation.citedArtifact.publicationForm.publishedIn cBackboneElement type?CodeableConcept identifier*Identifier title?string publisher?Reference publisherLocation?string
Citation.citedArtifact.webLocation cBackboneElement classifier*CodeableConcept url?uri
Citation.citedArtifact.classification cBackboneElement type?CodeableConcept classifier*CodeableConcept artifactAssessment*Reference
Citation.citedArtifact.contributorship cBackboneElement complete?boolean entry*@ summary*@
Citation.citedArtifact.contributorship.entry cBackboneElement contributor!Reference forenameInitials?string affiliation*Reference contributionType*CodeableConcept role?CodeableConcept contributionInstance*@ correspondingContact?boolean rankingOrder?positiveInt
Citation.citedArtifact.contributorship.entry.contributionInstance cBackboneElement type!CodeableConcept time?dateTime
Citation.citedArtifact.contributorship.summary cBackboneElement type?CodeableConcept style?CodeableConcept source?CodeableConcept value!markdown
Claim rDomainResource identifier*Identifier traceNumber*Identifier status!code type!CodeableConcept subType?CodeableConcept use!code patient!Reference billablePeriod?Period created!dateTime enterer?Reference insurer?Reference provider?Reference priority?CodeableConcept fundsReserve?CodeableConcept related*@ prescription?Reference originalPrescription?Reference payee?@ referral?Reference encounter*Reference facility?Reference diagnosisRelatedGroup?CodeableConcept event*@ careTeam*@ supportingInfo*@ diagnosis*@ procedure*@ insurance*@ accident?@ patientPaid?Money item*@ total?Money
Claim.related cBackboneElement claim?Reference relationship?CodeableConcept reference?Identifier
Claim.payee cBackboneElement type!CodeableConcept party?Reference
Claim.event cBackboneElement type!CodeableConcept when[x]!dateTime|Period
Claim.careTeam cBackboneElement sequence!positiveInt provider!Reference responsible?boolean role?CodeableConcept specialty?CodeableConcept
Claim.supportingInfo cBackboneElement sequence!positiveInt category!CodeableConcept code?CodeableConcept timing[x]?date|Period value[x]?boolean|string|Quantity|Attachment|Reference|Identifier reason?CodeableConcept
Claim.diagnosis cBackboneElement sequence!positiveInt diagnosis[x]!CodeableConcept|Reference type*CodeableConcept onAdmission?CodeableConcept
Claim.procedure cBackboneElement sequence!positiveInt type*CodeableConcept date?dateTime procedure[x]!CodeableConcept|Reference udi*Reference
Claim.insurance cBackboneElement sequence!positiveInt focal!boolean identifier?Identifier coverage!Reference businessArrangement?string preAuthRef*string claimResponse?Reference
Claim.accident cBackboneElement date!date type?CodeableConcept location[x]?Address|Reference
Claim.item cBackboneElement sequence!positiveInt traceNumber*Identifier careTeamSequence*positiveInt diagnosisSequence*positiveInt procedureSequence*positiveInt informationSequence*positiveInt revenue?CodeableConcept category?CodeableConcept productOrService?CodeableConcept productOrServiceEnd?CodeableConcept request*Reference modifier*CodeableConcept programCode*CodeableConcept serviced[x]?date|Period location[x]?CodeableConcept|Address|Reference patientPaid?Money quantity?Quantity unitPrice?Money factor?decimal tax?Money net?Money udi*Reference bodySite*@ encounter*Reference detail*@
Claim.item.bodySite cBackboneElement site+CodeableReference subSite*CodeableConcept
Claim.item.detail cBackboneElement sequence!positiveInt traceNumber*Identifier revenue?CodeableConcept category?CodeableConcept productOrService?CodeableConcept productOrServiceEnd?CodeableConcept modifier*CodeableConcept programCode*CodeableConcept patientPaid?Money quantity?Quantity unitPrice?Money factor?decimal tax?Money net?Money udi*Reference subDetail*@
Claim.item.detail.subDetail cBackboneElement sequence!positiveInt traceNumber*Identifier revenue?CodeableConcept category?CodeableConcept productOrService?CodeableConcept productOrServiceEnd?CodeableConcept modifier*CodeableConcept programCode*CodeableConcept patientPaid?Money quantity?Quantity unitPrice?Money factor?decimal tax?Money net?Money udi*Reference
ClaimResponse rDomainResource identifier*Identifier traceNumber*Identifier status!code type!CodeableConcept subType?CodeableConcept use!code patient!Reference created!dateTime insurer?Reference requestor?Reference request?Reference outcome!code decision?CodeableConcept disposition?string preAuthRef?string preAuthPeriod?Period event*@ payeeType?CodeableConcept encounter*Reference diagnosisRelatedGroup?CodeableConcept item*@ addItem*@ adjudication*ClaimResponse.item.adjudication total*@ payment?@ fundsReserve?CodeableConcept formCode?CodeableConcept form?Attachment processNote*@ communicationRequest*Reference insurance*@ error*@
ClaimResponse.event cBackboneElement type!CodeableConcept when[x]!dateTime|Period
ClaimResponse.item cBackboneElement itemSequence!positiveInt traceNumber*Identifier noteNumber*positiveInt reviewOutcome?@ adjudication*@ detail*@
ClaimResponse.item.reviewOutcome cBackboneElement decision?CodeableConcept reason*CodeableConcept preAuthRef?string preAuthPeriod?Period
ClaimResponse.item.adjudication cBackboneElement category!CodeableConcept reason?CodeableConcept amount?Money quantity?Quantity
ClaimResponse.item.detail cBackboneElement detailSequence!positiveInt traceNumber*Identifier noteNumber*positiveInt reviewOutcome?ClaimResponse.item.reviewOutcome adjudication*ClaimResponse.item.adjudication subDetail*@
ClaimResponse.item.detail.subDetail cBackboneElement subDetailSequence!positiveInt traceNumber*Identifier noteNumber*positiveInt reviewOutcome?ClaimResponse.item.reviewOutcome adjudication*ClaimResponse.item.adjudication
ClaimResponse.addItem cBackboneElement itemSequence*positiveInt detailSequence*positiveInt subdetailSequence*positiveInt traceNumber*Identifier provider*Reference revenue?CodeableConcept productOrService?CodeableConcept productOrServiceEnd?CodeableConcept request*Reference modifier*CodeableConcept programCode*CodeableConcept serviced[x]?date|Period location[x]?CodeableConcept|Address|Reference quantity?Quantity unitPrice?Money factor?decimal tax?Money net?Money bodySite*@ noteNumber*positiveInt reviewOutcome?ClaimResponse.item.reviewOutcome adjudication*ClaimResponse.item.adjudication detail*@
ClaimResponse.addItem.bodySite cBackboneElement site+CodeableReference subSite*CodeableConcept
ClaimResponse.addItem.detail cBackboneElement traceNumber*Identifier revenue?CodeableConcept productOrService?CodeableConcept productOrServiceEnd?CodeableConcept modifier*CodeableConcept quantity?Quantity unitPrice?Money factor?decimal tax?Money net?Money noteNumber*positiveInt reviewOutcome?ClaimResponse.item.reviewOutcome adjudication*ClaimResponse.item.adjudication subDetail*@
ClaimResponse.addItem.detail.subDetail cBackboneElement traceNumber*Identifier revenue?CodeableConcept productOrService?CodeableConcept productOrServiceEnd?CodeableConcept modifier*CodeableConcept quantity?Quantity unitPrice?Money factor?decimal tax?Money net?Money noteNumber*positiveInt reviewOutcome?ClaimResponse.item.reviewOutcome adjudication*ClaimResponse.item.adjudication
ClaimResponse.total cBackboneElement category!CodeableConcept amount!Money
ClaimResponse.payment cBackboneElement type!CodeableConcept adjustment?Money adjustmentReason?CodeableConcept date?date amount!Money identifier?Identifier
ClaimResponse.processNote cBackboneElement number?positiveInt type?CodeableConcept text!string language?CodeableConcept
ClaimResponse.insurance cBackboneElement sequence!positiveInt focal!boolean coverage!Reference businessArrangement?string claimResponse?Reference
ClaimResponse.error cBackboneElement itemSequence?positiveInt detailSequence?positiveInt subDetailSequence?positiveInt code!CodeableConcept expression*string
ClinicalImpression rDomainResource identifier*Identifier status!code statusReason?CodeableConcept description?string subject!Reference encounter?Reference effective[x]?dateTime|Period date?dateTime performer?Reference previous?Reference problem*Reference changePattern?CodeableConcept protocol*uri summary?string finding*@ prognosisCodeableConcept*CodeableConcept prognosisReference*Reference supportingInfo*Reference note*Annotation
ClinicalImpression.finding cBackboneElement item?CodeableReference basis?string
ClinicalUseDefinition rDomainResource identifier*Identifier type!code category*CodeableConcept subject*Reference status?CodeableConcept contraindication?@ indication?@ interaction?@ population*Reference library*canonical undesirableEffect?@ warning?@
ClinicalUseDefinition.contraindication cBackboneElement diseaseSymptomProcedure?CodeableReference diseaseStatus?CodeableReference comorbidity*CodeableReference indication*Reference applicability?Expression otherTherapy*@
ClinicalUseDefinition.contraindication.otherTherapy cBackboneElement relationshipType!CodeableConcept treatment!CodeableReference
ClinicalUseDefinition.indication cBackboneElement diseaseSymptomProcedure?CodeableReference diseaseStatus?CodeableReference comorbidity*CodeableReference intendedEffect?CodeableReference duration[x]?Range|string undesirableEffect*Reference applicability?Expression otherTherapy*ClinicalUseDefinition.contraindication.otherTherapy
ClinicalUseDefinition.interaction cBackboneElement interactant*@ type?CodeableConcept effect?CodeableReference incidence?CodeableConcept management*CodeableConcept
ClinicalUseDefinition.interaction.interactant cBackboneElement item[x]!Reference|CodeableConcept
ClinicalUseDefinition.undesirableEffect cBackboneElement symptomConditionEffect?CodeableReference classification?CodeableConcept frequencyOfOccurrence?CodeableConcept
ClinicalUseDefinition.warning cBackboneElement description?markdown code?CodeableConcept
CodeSystem rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string approvalDate?date lastReviewDate?date effectivePeriod?Period topic*CodeableConcept author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail relatedArtifact*RelatedArtifact caseSensitive?boolean valueSet?canonical hierarchyMeaning?code compositional?boolean versionNeeded?boolean content!code supplements?canonical count?unsignedInt filter*@ property*@ concept*@
CodeSystem.filter cBackboneElement code!code description?string operator+code value!string
CodeSystem.property cBackboneElement code!code uri?uri description?string type!code
CodeSystem.concept cBackboneElement code!code display?string definition?string designation*@ property*@ concept*CodeSystem.concept
CodeSystem.concept.designation cBackboneElement language?code use?Coding additionalUse*Coding value!string
CodeSystem.concept.property cBackboneElement code!code value[x]!code|Coding|string|integer|boolean|dateTime|decimal
CodeableConcept cElement coding*Coding text?string
CodeableReference cElement concept?CodeableConcept reference?Reference
Coding cElement system?uri version?string code?code display?string userSelected?boolean
Communication rDomainResource identifier*Identifier instantiatesCanonical*canonical instantiatesUri*uri basedOn*Reference partOf*Reference inResponseTo*Reference status!code statusReason?CodeableConcept category*CodeableConcept priority?code medium*CodeableConcept subject?Reference topic?CodeableConcept about*Reference encounter?Reference sent?dateTime received?dateTime recipient*Reference sender?Reference reason*CodeableReference payload*@ note*Annotation
Communication.payload cBackboneElement content[x]!Attachment|Reference|CodeableConcept
CommunicationRequest rDomainResource identifier*Identifier basedOn*Reference replaces*Reference groupIdentifier?Identifier status!code statusReason?CodeableConcept intent!code category*CodeableConcept priority?code doNotPerform?boolean medium*CodeableConcept subject?Reference about*Reference encounter?Reference payload*@ occurrence[x]?dateTime|Period authoredOn?dateTime requester?Reference recipient*Reference informationProvider*Reference reason*CodeableReference note*Annotation
CommunicationRequest.payload cBackboneElement content[x]!Attachment|Reference|CodeableConcept
CompartmentDefinition rDomainResource url!uri version?string versionAlgorithm[x]?string|Coding name!string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext purpose?markdown code!code search!boolean resource*@
CompartmentDefinition.resource cBackboneElement code!code param*string documentation?string startParam?uri endParam?uri
Composition rDomainResource url?uri identifier*Identifier version?string status!code type!CodeableConcept category*CodeableConcept subject*Reference encounter?Reference date!dateTime useContext*UsageContext author+Reference name?string title!string note*Annotation attester*@ custodian?Reference relatesTo*RelatedArtifact event*@ section*@
Composition.attester cBackboneElement mode!CodeableConcept time?dateTime party?Reference
Composition.event cBackboneElement period?Period detail*CodeableReference
Composition.section cBackboneElement title?string code?CodeableConcept author*Reference focus?Reference text?Narrative orderedBy?CodeableConcept entry*Reference emptyReason?CodeableConcept section*Composition.section
ConceptMap rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string approvalDate?date lastReviewDate?date effectivePeriod?Period topic*CodeableConcept author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail relatedArtifact*RelatedArtifact property*@ additionalAttribute*@ sourceScope[x]?uri|canonical targetScope[x]?uri|canonical group*@
ConceptMap.property cBackboneElement code!code uri?uri description?string type!code system?canonical
ConceptMap.additionalAttribute cBackboneElement code!code uri?uri description?string type!code
ConceptMap.group cBackboneElement source?canonical target?canonical element+@ unmapped?@
ConceptMap.group.element cBackboneElement code?code display?string valueSet?canonical noMap?boolean target*@
ConceptMap.group.element.target cBackboneElement code?code display?string valueSet?canonical relationship!code comment?string property*@ dependsOn*@ product*ConceptMap.group.element.target.dependsOn
ConceptMap.group.element.target.property cBackboneElement code!code value[x]!Coding|string|integer|boolean|dateTime|decimal|code
ConceptMap.group.element.target.dependsOn cBackboneElement attribute!code value[x]?code|Coding|string|boolean|Quantity valueSet?canonical
ConceptMap.group.unmapped cBackboneElement mode!code code?code display?string valueSet?canonical relationship?code otherMap?canonical
Condition rDomainResource identifier*Identifier clinicalStatus!CodeableConcept verificationStatus?CodeableConcept category*CodeableConcept severity?CodeableConcept code?CodeableConcept bodySite*CodeableConcept subject!Reference encounter?Reference onset[x]?dateTime|Age|Period|Range|string abatement[x]?dateTime|Age|Period|Range|string recordedDate?dateTime participant*@ stage*@ evidence*CodeableReference note*Annotation
Condition.participant cBackboneElement function?CodeableConcept actor!Reference
Condition.stage cBackboneElement summary?CodeableConcept assessment*Reference type?CodeableConcept
ConditionDefinition rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string subtitle?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept code!CodeableConcept severity?CodeableConcept bodySite?CodeableConcept stage?CodeableConcept hasSeverity?boolean hasBodySite?boolean hasStage?boolean definition*uri observation*@ medication*@ precondition*@ team*Reference questionnaire*@ plan*@
ConditionDefinition.observation cBackboneElement category?CodeableConcept code?CodeableConcept
ConditionDefinition.medication cBackboneElement category?CodeableConcept code?CodeableConcept
ConditionDefinition.precondition cBackboneElement type!code code!CodeableConcept value[x]?CodeableConcept|Quantity
ConditionDefinition.questionnaire cBackboneElement purpose!code reference!Reference
ConditionDefinition.plan cBackboneElement role?CodeableConcept reference!Reference
Consent rDomainResource identifier*Identifier status!code category*CodeableConcept subject?Reference date?date period?Period grantor*Reference grantee*Reference manager*Reference controller*Reference sourceAttachment*Attachment sourceReference*Reference regulatoryBasis*CodeableConcept policyBasis?@ policyText*Reference verification*@ decision?code provision*@
Consent.policyBasis cBackboneElement reference?Reference url?url
Consent.verification cBackboneElement verified!boolean verificationType?CodeableConcept verifiedBy?Reference verifiedWith?Reference verificationDate*dateTime
Consent.provision cBackboneElement period?Period actor*@ action*CodeableConcept securityLabel*Coding purpose*Coding documentType*Coding resourceType*Coding code*CodeableConcept dataPeriod?Period data*@ expression?Expression provision*Consent.provision
Consent.provision.actor cBackboneElement role?CodeableConcept reference?Reference
Consent.provision.data cBackboneElement meaning!code reference!Reference
ContactDetail cElement name?string telecom*ContactPoint
ContactPoint cElement system?code value?string use?code rank?positiveInt period?Period
Contract rDomainResource identifier*Identifier url?uri version?string status?code legalState?CodeableConcept instantiatesCanonical?Reference instantiatesUri?uri contentDerivative?CodeableConcept issued?dateTime applies?Period expirationType?CodeableConcept subject*Reference authority*Reference domain*Reference site*Reference name?string title?string subtitle?string alias*string author?Reference scope?CodeableConcept topic[x]?CodeableConcept|Reference type?CodeableConcept subType*CodeableConcept contentDefinition?@ term*@ supportingInfo*Reference relevantHistory*Reference signer*@ friendly*@ legal*@ rule*@ legallyBinding[x]?Attachment|Reference
Contract.contentDefinition cBackboneElement type!CodeableConcept subType?CodeableConcept publisher?Reference publicationDate?dateTime publicationStatus!code copyright?markdown
Contract.term cBackboneElement identifier?Identifier issued?dateTime applies?Period topic[x]?CodeableConcept|Reference type?CodeableConcept subType?CodeableConcept text?string securityLabel*@ offer!@ asset*@ action*@ group*Contract.term
Contract.term.securityLabel cBackboneElement number*unsignedInt classification!Coding category*Coding control*Coding
Contract.term.offer cBackboneElement identifier*Identifier party*@ topic?Reference type?CodeableConcept decision?CodeableConcept decisionMode*CodeableConcept answer*@ text?string linkId*string securityLabelNumber*unsignedInt
Contract.term.offer.party cBackboneElement reference+Reference role!CodeableConcept
Contract.term.offer.answer cBackboneElement value[x]!boolean|decimal|integer|date|dateTime|time|string|uri|Attachment|Coding|Quantity|Reference
Contract.term.asset cBackboneElement scope?CodeableConcept type*CodeableConcept typeReference*Reference subtype*CodeableConcept relationship?Coding context*@ condition?string periodType*CodeableConcept period*Period usePeriod*Period text?string linkId*string answer*Contract.term.offer.answer securityLabelNumber*unsignedInt valuedItem*@
Contract.term.asset.context cBackboneElement reference?Reference code*CodeableConcept text?string
Contract.term.asset.valuedItem cBackboneElement entity[x]?CodeableConcept|Reference identifier?Identifier effectiveTime?dateTime quantity?Quantity unitPrice?Money factor?decimal points?decimal net?Money payment?string paymentDate?dateTime responsible?Reference recipient?Reference linkId*string securityLabelNumber*unsignedInt
Contract.term.action cBackboneElement doNotPerform?boolean type!CodeableConcept subject*@ intent!CodeableConcept linkId*string status!CodeableConcept context?Reference contextLinkId*string occurrence[x]?dateTime|Period|Timing requester*Reference requesterLinkId*string performerType*CodeableConcept performerRole?CodeableConcept performer?Reference performerLinkId*string reason*CodeableReference reasonLinkId*string note*Annotation securityLabelNumber*unsignedInt
Contract.term.action.subject cBackboneElement reference+Reference role?CodeableConcept
Contract.signer cBackboneElement type!Coding party!Reference signature+Signature
Contract.friendly cBackboneElement content[x]!Attachment|Reference
Contract.legal cBackboneElement content[x]!Attachment|Reference
Contract.rule cBackboneElement content[x]!Attachment|Reference
Contributor cElement type!code name!string contact*ContactDetail
Count cElement value?decimal comparator?code unit?string system?uri code?code
Coverage rDomainResource identifier*Identifier status!code kind!code paymentBy*@ type?CodeableConcept policyHolder?Reference subscriber?Reference subscriberId*Identifier beneficiary!Reference dependent?string relationship?CodeableConcept period?Period insurer?Reference class*@ order?positiveInt network?string costToBeneficiary*@ subrogation?boolean contract*Reference insurancePlan?Reference
Coverage.paymentBy cBackboneElement party!Reference responsibility?string
Coverage.class cBackboneElement type!CodeableConcept value!Identifier name?string
Coverage.costToBeneficiary cBackboneElement type?CodeableConcept category?CodeableConcept network?CodeableConcept unit?CodeableConcept term?CodeableConcept value[x]?Quantity|Money exception*@
Coverage.costToBeneficiary.exception cBackboneElement type!CodeableConcept period?Period
CoverageEligibilityRequest rDomainResource identifier*Identifier status!code priority?CodeableConcept purpose+code patient!Reference event*@ serviced[x]?date|Period created!dateTime enterer?Reference provider?Reference insurer!Reference facility?Reference supportingInfo*@ insurance*@ item*@
CoverageEligibilityRequest.event cBackboneElement type!CodeableConcept when[x]!dateTime|Period
CoverageEligibilityRequest.supportingInfo cBackboneElement sequence!positiveInt information!Reference appliesToAll?boolean
CoverageEligibilityRequest.insurance cBackboneElement focal?boolean coverage!Reference businessArrangement?string
CoverageEligibilityRequest.item cBackboneElement supportingInfoSequence*positiveInt category?CodeableConcept productOrService?CodeableConcept modifier*CodeableConcept provider?Reference quantity?Quantity unitPrice?Money facility?Reference diagnosis*@ detail*Reference
CoverageEligibilityRequest.item.diagnosis cBackboneElement diagnosis[x]?CodeableConcept|Reference
CoverageEligibilityResponse rDomainResource identifier*Identifier status!code purpose+code patient!Reference event*@ serviced[x]?date|Period created!dateTime requestor?Reference request!Reference outcome!code disposition?string insurer!Reference insurance*@ preAuthRef?string form?CodeableConcept error*@
CoverageEligibilityResponse.event cBackboneElement type!CodeableConcept when[x]!dateTime|Period
CoverageEligibilityResponse.insurance cBackboneElement coverage!Reference inforce?boolean benefitPeriod?Period item*@
CoverageEligibilityResponse.insurance.item cBackboneElement category?CodeableConcept productOrService?CodeableConcept modifier*CodeableConcept provider?Reference excluded?boolean name?string description?string network?CodeableConcept unit?CodeableConcept term?CodeableConcept benefit*@ authorizationRequired?boolean authorizationSupporting*CodeableConcept authorizationUrl?uri
CoverageEligibilityResponse.insurance.item.benefit cBackboneElement type!CodeableConcept allowed[x]?unsignedInt|string|Money used[x]?unsignedInt|string|Money
CoverageEligibilityResponse.error cBackboneElement code!CodeableConcept expression*string
DataRequirement cElement type!code profile*canonical subject[x]?CodeableConcept|Reference mustSupport*string codeFilter*@ dateFilter*@ valueFilter*@ limit?positiveInt sort*@
DataRequirement.codeFilter cElement path?string searchParam?string valueSet?canonical code*Coding
DataRequirement.dateFilter cElement path?string searchParam?string value[x]?dateTime|Period|Duration
DataRequirement.valueFilter cElement path?string searchParam?string comparator?code value[x]?dateTime|Period|Duration
DataRequirement.sort cElement path!string direction!code
DetectedIssue rDomainResource identifier*Identifier status!code category*CodeableConcept code?CodeableConcept severity?code subject?Reference encounter?Reference identified[x]?dateTime|Period author?Reference implicated*Reference evidence*@ detail?markdown reference?uri mitigation*@
DetectedIssue.evidence cBackboneElement code*CodeableConcept detail*Reference
DetectedIssue.mitigation cBackboneElement action!CodeableConcept date?dateTime author?Reference note*Annotation
Device rDomainResource identifier*Identifier displayName?string definition?CodeableReference udiCarrier*@ status?code availabilityStatus?CodeableConcept biologicalSourceEvent?Identifier manufacturer?string manufactureDate?dateTime expirationDate?dateTime lotNumber?string serialNumber?string name*@ modelNumber?string partNumber?string category*CodeableConcept type*CodeableConcept version*@ conformsTo*@ property*@ mode?CodeableConcept cycle?Count duration?Duration owner?Reference contact*ContactPoint location?Reference url?uri endpoint*Reference gateway*CodeableReference note*Annotation safety*CodeableConcept parent?Reference
Device.udiCarrier cBackboneElement deviceIdentifier!string issuer!uri jurisdiction?uri carrierAIDC?base64Binary carrierHRF?string entryType?code
Device.name cBackboneElement value!string type!code display?boolean
Device.version cBackboneElement type?CodeableConcept component?Identifier installDate?dateTime value!string
Device.conformsTo cBackboneElement category?CodeableConcept specification!CodeableConcept version?string
Device.property cBackboneElement type!CodeableConcept value[x]!Quantity|CodeableConcept|string|boolean|integer|Range|Attachment
DeviceAssociation rDomainResource identifier*Identifier device!Reference category*CodeableConcept status!CodeableConcept statusReason*CodeableConcept subject?Reference bodyStructure?Reference period?Period operation*@
DeviceAssociation.operation cBackboneElement status!CodeableConcept operator*Reference period?Period
DeviceDefinition rDomainResource description?markdown identifier*Identifier udiDeviceIdentifier*@ regulatoryIdentifier*@ partNumber?string manufacturer?Reference deviceName*@ modelNumber?string classification*@ conformsTo*@ hasPart*@ packaging*@ version*@ safety*CodeableConcept shelfLifeStorage*ProductShelfLife languageCode*CodeableConcept property*@ owner?Reference contact*ContactPoint link*@ note*Annotation material*@ productionIdentifierInUDI*code guideline?@ correctiveAction?@ chargeItem*@
DeviceDefinition.udiDeviceIdentifier cBackboneElement deviceIdentifier!string issuer!uri jurisdiction!uri marketDistribution*@
DeviceDefinition.udiDeviceIdentifier.marketDistribution cBackboneElement marketPeriod!Period subJurisdiction!uri
DeviceDefinition.regulatoryIdentifier cBackboneElement type!code deviceIdentifier!string issuer!uri jurisdiction!uri
DeviceDefinition.deviceName cBackboneElement name!string type!code
DeviceDefinition.classification cBackboneElement type!CodeableConcept justification*RelatedArtifact
DeviceDefinition.conformsTo cBackboneElement category?CodeableConcept specification!CodeableConcept version*string source*RelatedArtifact
DeviceDefinition.hasPart cBackboneElement reference!Reference count?integer
DeviceDefinition.packaging cBackboneElement identifier?Identifier type?CodeableConcept count?integer distributor*@ udiDeviceIdentifier*DeviceDefinition.udiDeviceIdentifier packaging*DeviceDefinition.packaging
DeviceDefinition.packaging.distributor cBackboneElement name?string organizationReference*Reference
DeviceDefinition.version cBackboneElement type?CodeableConcept component?Identifier value!string
DeviceDefinition.property cBackboneElement type!CodeableConcept value[x]!Quantity|CodeableConcept|string|boolean|integer|Range|Attachment
DeviceDefinition.link cBackboneElement relation!Coding relatedDevice!CodeableReference
DeviceDefinition.material cBackboneElement substance!CodeableConcept alternate?boolean allergenicIndicator?boolean
DeviceDefinition.guideline cBackboneElement useContext*UsageContext usageInstruction?markdown relatedArtifact*RelatedArtifact indication*CodeableConcept contraindication*CodeableConcept warning*CodeableConcept intendedUse?string
DeviceDefinition.correctiveAction cBackboneElement recall!boolean scope?code period!Period
DeviceDefinition.chargeItem cBackboneElement chargeItemCode!CodeableReference count!Quantity effectivePeriod?Period useContext*UsageContext
DeviceDispense rDomainResource identifier*Identifier basedOn*Reference partOf*Reference status!code statusReason?CodeableReference category*CodeableConcept device!CodeableReference subject!Reference receiver?Reference encounter?Reference supportingInformation*Reference performer*@ location?Reference type?CodeableConcept quantity?Quantity preparedDate?dateTime whenHandedOver?dateTime destination?Reference note*Annotation usageInstruction?markdown eventHistory*Reference
DeviceDispense.performer cBackboneElement function?CodeableConcept actor!Reference
DeviceMetric rDomainResource identifier*Identifier type!CodeableConcept unit?CodeableConcept device!Reference operationalStatus?code color?code category!code measurementFrequency?Quantity calibration*@
DeviceMetric.calibration cBackboneElement type?code state?code time?instant
DeviceRequest rDomainResource identifier*Identifier instantiatesCanonical*canonical instantiatesUri*uri basedOn*Reference replaces*Reference groupIdentifier?Identifier status?code intent!code priority?code doNotPerform?boolean code!CodeableReference quantity?integer parameter*@ subject!Reference encounter?Reference occurrence[x]?dateTime|Period|Timing authoredOn?dateTime requester?Reference performer?CodeableReference reason*CodeableReference asNeeded?boolean asNeededFor?CodeableConcept insurance*Reference supportingInfo*Reference note*Annotation relevantHistory*Reference
DeviceRequest.parameter cBackboneElement code?CodeableConcept value[x]?CodeableConcept|Quantity|Range|boolean
DeviceUsage rDomainResource identifier*Identifier basedOn*Reference status!code category*CodeableConcept patient!Reference derivedFrom*Reference context?Reference timing[x]?Timing|Period|dateTime dateAsserted?dateTime usageStatus?CodeableConcept usageReason*CodeableConcept adherence?@ informationSource?Reference device!CodeableReference reason*CodeableReference bodySite?CodeableReference note*Annotation
DeviceUsage.adherence cBackboneElement code!CodeableConcept reason+CodeableConcept
DiagnosticReport rDomainResource identifier*Identifier basedOn*Reference status!code category*CodeableConcept code!CodeableConcept subject?Reference encounter?Reference effective[x]?dateTime|Period issued?instant performer*Reference resultsInterpreter*Reference specimen*Reference result*Reference note*Annotation study*Reference supportingInfo*@ media*@ composition?Reference conclusion?markdown conclusionCode*CodeableConcept presentedForm*Attachment
DiagnosticReport.supportingInfo cBackboneElement type!CodeableConcept reference!Reference
DiagnosticReport.media cBackboneElement comment?string link!Reference
Distance cElement value?decimal comparator?code unit?string system?uri code?code
DocumentReference rDomainResource identifier*Identifier version?string basedOn*Reference status!code docStatus?code modality*CodeableConcept type?CodeableConcept category*CodeableConcept subject?Reference context*Reference event*CodeableReference bodySite*CodeableReference facilityType?CodeableConcept practiceSetting?CodeableConcept period?Period date?instant author*Reference attester*@ custodian?Reference relatesTo*@ description?markdown securityLabel*CodeableConcept content+@
DocumentReference.attester cBackboneElement mode!CodeableConcept time?dateTime party?Reference
DocumentReference.relatesTo cBackboneElement code!CodeableConcept target!Reference
DocumentReference.content cBackboneElement attachment!Attachment profile*@
DocumentReference.content.profile cBackboneElement value[x]!Coding|uri|canonical
Dosage cBackboneElement sequence?integer text?string additionalInstruction*CodeableConcept patientInstruction?string timing?Timing asNeeded?boolean asNeededFor*CodeableConcept site?CodeableConcept route?CodeableConcept method?CodeableConcept doseAndRate*@ maxDosePerPeriod*Ratio maxDosePerAdministration?Quantity maxDosePerLifetime?Quantity
Dosage.doseAndRate cElement type?CodeableConcept dose[x]?Range|Quantity rate[x]?Ratio|Range|Quantity
Duration cElement value?decimal comparator?code unit?string system?uri code?code
ElementDefinition cBackboneElement path!string representation*code sliceName?string sliceIsConstraining?boolean label?string code*Coding slicing?@ short?string definition?markdown comment?markdown requirements?markdown alias*string min?unsignedInt max?string base?@ contentReference?uri type*@ defaultValue[x]?base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|integer64|markdown|oid|positiveInt|string|time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment|CodeableConcept|CodeableReference|Coding|ContactPoint|Count|Distance|Duration|HumanName|Identifier|Money|Period|Quantity|Range|Ratio|RatioRange|Reference|SampledData|Signature|Timing|ContactDetail|DataRequirement|Expression|ParameterDefinition|RelatedArtifact|TriggerDefinition|UsageContext|Availability|ExtendedContactDetail|Dosage|Meta meaningWhenMissing?markdown orderMeaning?string fixed[x]?base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|integer64|markdown|oid|positiveInt|string|time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment|CodeableConcept|CodeableReference|Coding|ContactPoint|Count|Distance|Duration|HumanName|Identifier|Money|Period|Quantity|Range|Ratio|RatioRange|Reference|SampledData|Signature|Timing|ContactDetail|DataRequirement|Expression|ParameterDefinition|RelatedArtifact|TriggerDefinition|UsageContext|Availability|ExtendedContactDetail|Dosage|Meta pattern[x]?base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|integer64|markdown|oid|positiveInt|string|time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment|CodeableConcept|CodeableReference|Coding|ContactPoint|Count|Distance|Duration|HumanName|Identifier|Money|Period|Quantity|Range|Ratio|RatioRange|Reference|SampledData|Signature|Timing|ContactDetail|DataRequirement|Expression|ParameterDefinition|RelatedArtifact|TriggerDefinition|UsageContext|Availability|ExtendedContactDetail|Dosage|Meta example*@ minValue[x]?date|dateTime|instant|time|decimal|integer|integer64|positiveInt|unsignedInt|Quantity maxValue[x]?date|dateTime|instant|time|decimal|integer|integer64|positiveInt|unsignedInt|Quantity maxLength?integer condition*id constraint*@ mustHaveValue?boolean valueAlternatives*canonical mustSupport?boolean isModifier?boolean isModifierReason?string isSummary?boolean binding?@ mapping*@
ElementDefinition.slicing cElement discriminator*@ description?string ordered?boolean rules!code
ElementDefinition.slicing.discriminator cElement type!code path!string
ElementDefinition.base cElement path!string min!unsignedInt max!string
ElementDefinition.type cElement code!uri profile*canonical targetProfile*canonical aggregation*code versioning?code
ElementDefinition.example cElement label!string value[x]!base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|integer64|markdown|oid|positiveInt|string|time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment|CodeableConcept|CodeableReference|Coding|ContactPoint|Count|Distance|Duration|HumanName|Identifier|Money|Period|Quantity|Range|Ratio|RatioRange|Reference|SampledData|Signature|Timing|ContactDetail|DataRequirement|Expression|ParameterDefinition|RelatedArtifact|TriggerDefinition|UsageContext|Availability|ExtendedContactDetail|Dosage|Meta
ElementDefinition.constraint cElement key!id requirements?markdown severity!code suppress?boolean human!string expression?string source?canonical
ElementDefinition.binding cElement strength!code description?markdown valueSet?canonical additional*@
ElementDefinition.binding.additional cElement purpose!code valueSet!canonical documentation?markdown shortDoco?string usage*UsageContext any?boolean
ElementDefinition.mapping cElement identity!id language?code map!string comment?markdown
Encounter rDomainResource identifier*Identifier status!code class*CodeableConcept priority?CodeableConcept type*CodeableConcept serviceType*CodeableReference subject?Reference subjectStatus?CodeableConcept episodeOfCare*Reference basedOn*Reference careTeam*Reference partOf?Reference serviceProvider?Reference participant*@ appointment*Reference virtualService*VirtualServiceDetail actualPeriod?Period plannedStartDate?dateTime plannedEndDate?dateTime length?Duration reason*@ diagnosis*@ account*Reference dietPreference*CodeableConcept specialArrangement*CodeableConcept specialCourtesy*CodeableConcept admission?@ location*@
Encounter.participant cBackboneElement type*CodeableConcept period?Period actor?Reference
Encounter.reason cBackboneElement use*CodeableConcept value*CodeableReference
Encounter.diagnosis cBackboneElement condition*CodeableReference use*CodeableConcept
Encounter.admission cBackboneElement preAdmissionIdentifier?Identifier origin?Reference admitSource?CodeableConcept reAdmission?CodeableConcept destination?Reference dischargeDisposition?CodeableConcept
Encounter.location cBackboneElement location!Reference status?code form?CodeableConcept period?Period
EncounterHistory rDomainResource encounter?Reference identifier*Identifier status!code class!CodeableConcept type*CodeableConcept serviceType*CodeableReference subject?Reference subjectStatus?CodeableConcept actualPeriod?Period plannedStartDate?dateTime plannedEndDate?dateTime length?Duration location*@
EncounterHistory.location cBackboneElement location!Reference form?CodeableConcept
Endpoint rDomainResource identifier*Identifier status!code connectionType+CodeableConcept name?string description?string environmentType*CodeableConcept managingOrganization?Reference contact*ContactPoint period?Period payload*@ address!url header*string
Endpoint.payload cBackboneElement type*CodeableConcept mimeType*code
EnrollmentRequest rDomainResource identifier*Identifier status?code created?dateTime insurer?Reference provider?Reference candidate?Reference coverage?Reference
EnrollmentResponse rDomainResource identifier*Identifier status?code request?Reference outcome?code disposition?string created?dateTime organization?Reference requestProvider?Reference
EpisodeOfCare rDomainResource identifier*Identifier status!code statusHistory*@ type*CodeableConcept reason*@ diagnosis*@ patient!Reference managingOrganization?Reference period?Period referralRequest*Reference careManager?Reference careTeam*Reference account*Reference
EpisodeOfCare.statusHistory cBackboneElement status!code period!Period
EpisodeOfCare.reason cBackboneElement use?CodeableConcept value*CodeableReference
EpisodeOfCare.diagnosis cBackboneElement condition*CodeableReference use?CodeableConcept
EventDefinition rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string subtitle?string status!code experimental?boolean subject[x]?CodeableConcept|Reference date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown usage?markdown copyright?markdown copyrightLabel?string approvalDate?date lastReviewDate?date effectivePeriod?Period topic*CodeableConcept author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail relatedArtifact*RelatedArtifact trigger+TriggerDefinition
Evidence rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string citeAs[x]?Reference|markdown status!code experimental?boolean date?dateTime approvalDate?date lastReviewDate?date publisher?string contact*ContactDetail author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail useContext*UsageContext purpose?markdown copyright?markdown copyrightLabel?string relatedArtifact*RelatedArtifact description?markdown assertion?markdown note*Annotation variableDefinition+@ synthesisType?CodeableConcept studyDesign*CodeableConcept statistic*@ certainty*@
Evidence.variableDefinition cBackboneElement description?markdown note*Annotation variableRole!CodeableConcept observed?Reference intended?Reference directnessMatch?CodeableConcept
Evidence.statistic cBackboneElement description?markdown note*Annotation statisticType?CodeableConcept category?CodeableConcept quantity?Quantity numberOfEvents?unsignedInt numberAffected?unsignedInt sampleSize?@ attributeEstimate*@ modelCharacteristic*@
Evidence.statistic.sampleSize cBackboneElement description?markdown note*Annotation numberOfStudies?unsignedInt numberOfParticipants?unsignedInt knownDataCount?unsignedInt
Evidence.statistic.attributeEstimate cBackboneElement description?markdown note*Annotation type?CodeableConcept quantity?Quantity level?decimal range?Range attributeEstimate*Evidence.statistic.attributeEstimate
Evidence.statistic.modelCharacteristic cBackboneElement code!CodeableConcept value?Quantity variable*@ attributeEstimate*Evidence.statistic.attributeEstimate
Evidence.statistic.modelCharacteristic.variable cBackboneElement variableDefinition!Reference handling?code valueCategory*CodeableConcept valueQuantity*Quantity valueRange*Range
Evidence.certainty cBackboneElement description?markdown note*Annotation type?CodeableConcept rating?CodeableConcept rater?string subcomponent*Evidence.certainty
EvidenceReport rDomainResource url?uri status!code useContext*UsageContext identifier*Identifier relatedIdentifier*Identifier citeAs[x]?Reference|markdown type?CodeableConcept note*Annotation relatedArtifact*RelatedArtifact subject!@ publisher?string contact*ContactDetail author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail relatesTo*@ section*@
EvidenceReport.subject cBackboneElement characteristic*@ note*Annotation
EvidenceReport.subject.characteristic cBackboneElement code!CodeableConcept value[x]!Reference|CodeableConcept|boolean|Quantity|Range exclude?boolean period?Period
EvidenceReport.relatesTo cBackboneElement code!code target!@
EvidenceReport.relatesTo.target cBackboneElement url?uri identifier?Identifier display?markdown resource?Reference
EvidenceReport.section cBackboneElement title?string focus?CodeableConcept focusReference?Reference author*Reference text?Narrative mode?code orderedBy?CodeableConcept entryClassifier*CodeableConcept entryReference*Reference entryQuantity*Quantity emptyReason?CodeableConcept section*EvidenceReport.section
EvidenceVariable rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string shortTitle?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown note*Annotation useContext*UsageContext purpose?markdown copyright?markdown copyrightLabel?string approvalDate?date lastReviewDate?date effectivePeriod?Period author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail relatedArtifact*RelatedArtifact actual?boolean characteristic*@ handling?code category*@
EvidenceVariable.characteristic cBackboneElement linkId?id description?markdown note*Annotation exclude?boolean definitionReference?Reference definitionCanonical?canonical definitionCodeableConcept?CodeableConcept definitionExpression?Expression definitionId?id definitionByTypeAndValue?@ definitionByCombination?@ instances[x]?Quantity|Range duration[x]?Quantity|Range timeFromEvent*@
EvidenceVariable.characteristic.definitionByTypeAndValue cBackboneElement type!CodeableConcept method*CodeableConcept device?Reference value[x]!CodeableConcept|boolean|Quantity|Range|Reference|id offset?CodeableConcept
EvidenceVariable.characteristic.definitionByCombination cBackboneElement code!code threshold?positiveInt characteristic+EvidenceVariable.characteristic
EvidenceVariable.characteristic.timeFromEvent cBackboneElement description?markdown note*Annotation event[x]?CodeableConcept|Reference|dateTime|id quantity?Quantity range?Range
EvidenceVariable.category cBackboneElement name?string value[x]?CodeableConcept|Quantity|Range
ExampleScenario rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string actor*@ instance*@ process*@
ExampleScenario.actor cBackboneElement key!string type!code title!string description?markdown
ExampleScenario.instance cBackboneElement key!string structureType!Coding structureVersion?string structureProfile[x]?canonical|uri title!string description?markdown content?Reference version*@ containedInstance*@
ExampleScenario.instance.version cBackboneElement key!string title!string description?markdown content?Reference
ExampleScenario.instance.containedInstance cBackboneElement instanceReference!string versionReference?string
ExampleScenario.process cBackboneElement title!string description?markdown preConditions?markdown postConditions?markdown step*@
ExampleScenario.process.step cBackboneElement number?string process?ExampleScenario.process workflow?canonical operation?@ alternative*@ pause?boolean
ExampleScenario.process.step.operation cBackboneElement type?Coding title!string initiator?string receiver?string description?markdown initiatorActive?boolean receiverActive?boolean request?ExampleScenario.instance.containedInstance response?ExampleScenario.instance.containedInstance
ExampleScenario.process.step.alternative cBackboneElement title!string description?markdown step*ExampleScenario.process.step
ExplanationOfBenefit rDomainResource identifier*Identifier traceNumber*Identifier status!code type!CodeableConcept subType?CodeableConcept use!code patient!Reference billablePeriod?Period created!dateTime enterer?Reference insurer?Reference provider?Reference priority?CodeableConcept fundsReserveRequested?CodeableConcept fundsReserve?CodeableConcept related*@ prescription?Reference originalPrescription?Reference event*@ payee?@ referral?Reference encounter*Reference facility?Reference claim?Reference claimResponse?Reference outcome!code decision?CodeableConcept disposition?string preAuthRef*string preAuthRefPeriod*Period diagnosisRelatedGroup?CodeableConcept careTeam*@ supportingInfo*@ diagnosis*@ procedure*@ precedence?positiveInt insurance*@ accident?@ patientPaid?Money item*@ addItem*@ adjudication*ExplanationOfBenefit.item.adjudication total*@ payment?@ formCode?CodeableConcept form?Attachment processNote*@ benefitPeriod?Period benefitBalance*@
ExplanationOfBenefit.related cBackboneElement claim?Reference relationship?CodeableConcept reference?Identifier
ExplanationOfBenefit.event cBackboneElement type!CodeableConcept when[x]!dateTime|Period
ExplanationOfBenefit.payee cBackboneElement type?CodeableConcept party?Reference
ExplanationOfBenefit.careTeam cBackboneElement sequence!positiveInt provider!Reference responsible?boolean role?CodeableConcept specialty?CodeableConcept
ExplanationOfBenefit.supportingInfo cBackboneElement sequence!positiveInt category!CodeableConcept code?CodeableConcept timing[x]?date|Period value[x]?boolean|string|Quantity|Attachment|Reference|Identifier reason?Coding
ExplanationOfBenefit.diagnosis cBackboneElement sequence!positiveInt diagnosis[x]!CodeableConcept|Reference type*CodeableConcept onAdmission?CodeableConcept
ExplanationOfBenefit.procedure cBackboneElement sequence!positiveInt type*CodeableConcept date?dateTime procedure[x]!CodeableConcept|Reference udi*Reference
ExplanationOfBenefit.insurance cBackboneElement focal!boolean coverage!Reference preAuthRef*string
ExplanationOfBenefit.accident cBackboneElement date?date type?CodeableConcept location[x]?Address|Reference
ExplanationOfBenefit.item cBackboneElement sequence!positiveInt careTeamSequence*positiveInt diagnosisSequence*positiveInt procedureSequence*positiveInt informationSequence*positiveInt traceNumber*Identifier revenue?CodeableConcept category?CodeableConcept productOrService?CodeableConcept productOrServiceEnd?CodeableConcept request*Reference modifier*CodeableConcept programCode*CodeableConcept serviced[x]?date|Period location[x]?CodeableConcept|Address|Reference patientPaid?Money quantity?Quantity unitPrice?Money factor?decimal tax?Money net?Money udi*Reference bodySite*@ encounter*Reference noteNumber*positiveInt reviewOutcome?@ adjudication*@ detail*@
ExplanationOfBenefit.item.bodySite cBackboneElement site+CodeableReference subSite*CodeableConcept
ExplanationOfBenefit.item.reviewOutcome cBackboneElement decision?CodeableConcept reason*CodeableConcept preAuthRef?string preAuthPeriod?Period
ExplanationOfBenefit.item.adjudication cBackboneElement category!CodeableConcept reason?CodeableConcept amount?Money quantity?Quantity
ExplanationOfBenefit.item.detail cBackboneElement sequence!positiveInt traceNumber*Identifier revenue?CodeableConcept category?CodeableConcept productOrService?CodeableConcept productOrServiceEnd?CodeableConcept modifier*CodeableConcept programCode*CodeableConcept patientPaid?Money quantity?Quantity unitPrice?Money factor?decimal tax?Money net?Money udi*Reference noteNumber*positiveInt reviewOutcome?ExplanationOfBenefit.item.reviewOutcome adjudication*ExplanationOfBenefit.item.adjudication subDetail*@
ExplanationOfBenefit.item.detail.subDetail cBackboneElement sequence!positiveInt traceNumber*Identifier revenue?CodeableConcept category?CodeableConcept productOrService?CodeableConcept productOrServiceEnd?CodeableConcept modifier*CodeableConcept programCode*CodeableConcept patientPaid?Money quantity?Quantity unitPrice?Money factor?decimal tax?Money net?Money udi*Reference noteNumber*positiveInt reviewOutcome?ExplanationOfBenefit.item.reviewOutcome adjudication*ExplanationOfBenefit.item.adjudication
ExplanationOfBenefit.addItem cBackboneElement itemSequence*positiveInt detailSequence*positiveInt subDetailSequence*positiveInt traceNumber*Identifier provider*Reference revenue?CodeableConcept productOrService?CodeableConcept productOrServiceEnd?CodeableConcept request*Reference modifier*CodeableConcept programCode*CodeableConcept serviced[x]?date|Period location[x]?CodeableConcept|Address|Reference patientPaid?Money quantity?Quantity unitPrice?Money factor?decimal tax?Money net?Money bodySite*@ noteNumber*positiveInt reviewOutcome?ExplanationOfBenefit.item.reviewOutcome adjudication*ExplanationOfBenefit.item.adjudication detail*@
ExplanationOfBenefit.addItem.bodySite cBackboneElement site+CodeableReference subSite*CodeableConcept
ExplanationOfBenefit.addItem.detail cBackboneElement traceNumber*Identifier revenue?CodeableConcept productOrService?CodeableConcept productOrServiceEnd?CodeableConcept modifier*CodeableConcept patientPaid?Money quantity?Quantity unitPrice?Money factor?decimal tax?Money net?Money noteNumber*positiveInt reviewOutcome?ExplanationOfBenefit.item.reviewOutcome adjudication*ExplanationOfBenefit.item.adjudication subDetail*@
ExplanationOfBenefit.addItem.detail.subDetail cBackboneElement traceNumber*Identifier revenue?CodeableConcept productOrService?CodeableConcept productOrServiceEnd?CodeableConcept modifier*CodeableConcept patientPaid?Money quantity?Quantity unitPrice?Money factor?decimal tax?Money net?Money noteNumber*positiveInt reviewOutcome?ExplanationOfBenefit.item.reviewOutcome adjudication*ExplanationOfBenefit.item.adjudication
ExplanationOfBenefit.total cBackboneElement category!CodeableConcept amount!Money
ExplanationOfBenefit.payment cBackboneElement type?CodeableConcept adjustment?Money adjustmentReason?CodeableConcept date?date amount?Money identifier?Identifier
ExplanationOfBenefit.processNote cBackboneElement number?positiveInt type?CodeableConcept text?string language?CodeableConcept
ExplanationOfBenefit.benefitBalance cBackboneElement category!CodeableConcept excluded?boolean name?string description?string network?CodeableConcept unit?CodeableConcept term?CodeableConcept financial*@
ExplanationOfBenefit.benefitBalance.financial cBackboneElement type!CodeableConcept allowed[x]?unsignedInt|string|Money used[x]?unsignedInt|Money
Expression cElement description?string name?code language?code expression?string reference?uri
ExtendedContactDetail cElement purpose?CodeableConcept name*HumanName telecom*ContactPoint address?Address organization?Reference period?Period
Extension cElement url!uri value[x]?base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|integer64|markdown|oid|positiveInt|string|time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment|CodeableConcept|CodeableReference|Coding|ContactPoint|Count|Distance|Duration|HumanName|Identifier|Money|Period|Quantity|Range|Ratio|RatioRange|Reference|SampledData|Signature|Timing|ContactDetail|DataRequirement|Expression|ParameterDefinition|RelatedArtifact|TriggerDefinition|UsageContext|Availability|ExtendedContactDetail|Dosage|Meta
FamilyMemberHistory rDomainResource identifier*Identifier instantiatesCanonical*canonical instantiatesUri*uri status!code dataAbsentReason?CodeableConcept patient!Reference date?dateTime participant*@ name?string relationship!CodeableConcept sex?CodeableConcept born[x]?Period|date|string age[x]?Age|Range|string estimatedAge?boolean deceased[x]?boolean|Age|Range|date|string reason*CodeableReference note*Annotation condition*@ procedure*@
FamilyMemberHistory.participant cBackboneElement function?CodeableConcept actor!Reference
FamilyMemberHistory.condition cBackboneElement code!CodeableConcept outcome?CodeableConcept contributedToDeath?boolean onset[x]?Age|Range|Period|string note*Annotation
FamilyMemberHistory.procedure cBackboneElement code!CodeableConcept outcome?CodeableConcept contributedToDeath?boolean performed[x]?Age|Range|Period|string|dateTime note*Annotation
Flag rDomainResource identifier*Identifier status!code category*CodeableConcept code!CodeableConcept subject!Reference period?Period encounter?Reference author?Reference
FormularyItem rDomainResource identifier*Identifier code?CodeableConcept status?code
GenomicStudy rDomainResource identifier*Identifier status!code type*CodeableConcept subject!Reference encounter?Reference startDate?dateTime basedOn*Reference referrer?Reference interpreter*Reference reason*CodeableReference instantiatesCanonical?canonical instantiatesUri?uri note*Annotation description?markdown analysis*@
GenomicStudy.analysis cBackboneElement identifier*Identifier methodType*CodeableConcept changeType*CodeableConcept genomeBuild?CodeableConcept instantiatesCanonical?canonical instantiatesUri?uri title?string focus*Reference specimen*Reference date?dateTime note*Annotation protocolPerformed?Reference regionsStudied*Reference regionsCalled*Reference input*@ output*@ performer*@ device*@
GenomicStudy.analysis.input cBackboneElement file?Reference type?CodeableConcept generatedBy[x]?Identifier|Reference
GenomicStudy.analysis.output cBackboneElement file?Reference type?CodeableConcept
GenomicStudy.analysis.performer cBackboneElement actor?Reference role?CodeableConcept
GenomicStudy.analysis.device cBackboneElement device?Reference function?CodeableConcept
Goal rDomainResource identifier*Identifier lifecycleStatus!code achievementStatus?CodeableConcept category*CodeableConcept continuous?boolean priority?CodeableConcept description!CodeableConcept subject!Reference start[x]?date|CodeableConcept target*@ statusDate?date statusReason?string source?Reference addresses*Reference note*Annotation outcome*CodeableReference
Goal.target cBackboneElement measure?CodeableConcept detail[x]?Quantity|Range|CodeableConcept|string|boolean|integer|Ratio due[x]?date|Duration
GraphDefinition rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name!string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string start?id node*@ link*@
GraphDefinition.node cBackboneElement nodeId!id description?string type!code profile?canonical
GraphDefinition.link cBackboneElement description?string min?integer max?string sourceId!id path?string sliceName?string targetId!id params?string compartment*@
GraphDefinition.link.compartment cBackboneElement use!code rule!code code!code expression?string description?string
Group rDomainResource identifier*Identifier active?boolean type!code membership!code code?CodeableConcept name?string description?markdown quantity?unsignedInt managingEntity?Reference characteristic*@ member*@
Group.characteristic cBackboneElement code!CodeableConcept value[x]!CodeableConcept|boolean|Quantity|Range|Reference exclude!boolean period?Period
Group.member cBackboneElement entity!Reference period?Period inactive?boolean
GuidanceResponse rDomainResource requestIdentifier?Identifier identifier*Identifier module[x]!uri|canonical|CodeableConcept status!code subject?Reference encounter?Reference occurrenceDateTime?dateTime performer?Reference reason*CodeableReference note*Annotation evaluationMessage?Reference outputParameters?Reference result*Reference dataRequirement*DataRequirement
HealthcareService rDomainResource identifier*Identifier active?boolean providedBy?Reference offeredIn*Reference category*CodeableConcept type*CodeableConcept specialty*CodeableConcept location*Reference name?string comment?markdown extraDetails?markdown photo?Attachment contact*ExtendedContactDetail coverageArea*Reference serviceProvisionCode*CodeableConcept eligibility*@ program*CodeableConcept characteristic*CodeableConcept communication*CodeableConcept referralMethod*CodeableConcept appointmentRequired?boolean availability*Availability endpoint*Reference
HealthcareService.eligibility cBackboneElement code?CodeableConcept comment?markdown
HumanName cElement use?code text?string family?string given*string prefix*string suffix*string period?Period
Identifier cElement use?code type?CodeableConcept system?uri value?string period?Period assigner?Reference
ImagingSelection rDomainResource identifier*Identifier status!code subject?Reference issued?instant performer*@ basedOn*Reference category*CodeableConcept code!CodeableConcept studyUid?id derivedFrom*Reference endpoint*Reference seriesUid?id seriesNumber?unsignedInt frameOfReferenceUid?id bodySite?CodeableReference focus*Reference instance*@
ImagingSelection.performer cBackboneElement function?CodeableConcept actor?Reference
ImagingSelection.instance cBackboneElement uid!id number?unsignedInt sopClass?Coding subset*string imageRegion2D*@ imageRegion3D*@
ImagingSelection.instance.imageRegion2D cBackboneElement regionType!code coordinate+decimal
ImagingSelection.instance.imageRegion3D cBackboneElement regionType!code coordinate+decimal
ImagingStudy rDomainResource identifier*Identifier status!code modality*CodeableConcept subject!Reference encounter?Reference started?dateTime basedOn*Reference partOf*Reference referrer?Reference endpoint*Reference numberOfSeries?unsignedInt numberOfInstances?unsignedInt procedure*CodeableReference location?Reference reason*CodeableReference note*Annotation description?string series*@
ImagingStudy.series cBackboneElement uid!id number?unsignedInt modality!CodeableConcept description?string numberOfInstances?unsignedInt endpoint*Reference bodySite?CodeableReference laterality?CodeableConcept specimen*Reference started?dateTime performer*@ instance*@
ImagingStudy.series.performer cBackboneElement function?CodeableConcept actor!Reference
ImagingStudy.series.instance cBackboneElement uid!id sopClass!Coding number?unsignedInt title?string
Immunization rDomainResource identifier*Identifier basedOn*Reference status!code statusReason?CodeableConcept vaccineCode!CodeableConcept administeredProduct?CodeableReference manufacturer?CodeableReference lotNumber?string expirationDate?date patient!Reference encounter?Reference supportingInformation*Reference occurrence[x]!dateTime|string primarySource?boolean informationSource?CodeableReference location?Reference site?CodeableConcept route?CodeableConcept doseQuantity?Quantity performer*@ note*Annotation reason*CodeableReference isSubpotent?boolean subpotentReason*CodeableConcept programEligibility*@ fundingSource?CodeableConcept reaction*@ protocolApplied*@
Immunization.performer cBackboneElement function?CodeableConcept actor!Reference
Immunization.programEligibility cBackboneElement program!CodeableConcept programStatus!CodeableConcept
Immunization.reaction cBackboneElement date?dateTime manifestation?CodeableReference reported?boolean
Immunization.protocolApplied cBackboneElement series?string authority?Reference targetDisease*CodeableConcept doseNumber!string seriesDoses?string
ImmunizationEvaluation rDomainResource identifier*Identifier status!code patient!Reference date?dateTime authority?Reference targetDisease!CodeableConcept immunizationEvent!Reference doseStatus!CodeableConcept doseStatusReason*CodeableConcept description?markdown series?string doseNumber?string seriesDoses?string
ImmunizationRecommendation rDomainResource identifier*Identifier patient!Reference date!dateTime authority?Reference recommendation+@
ImmunizationRecommendation.recommendation cBackboneElement vaccineCode*CodeableConcept targetDisease*CodeableConcept contraindicatedVaccineCode*CodeableConcept forecastStatus!CodeableConcept forecastReason*CodeableConcept dateCriterion*@ description?markdown series?string doseNumber?string seriesDoses?string supportingImmunization*Reference supportingPatientInformation*Reference
ImmunizationRecommendation.recommendation.dateCriterion cBackboneElement code!CodeableConcept value!dateTime
ImplementationGuide rDomainResource url!uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name!string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string packageId!id license?code fhirVersion+code dependsOn*@ global*@ definition?@ manifest?@
ImplementationGuide.dependsOn cBackboneElement uri!canonical packageId?id version?string reason?markdown
ImplementationGuide.global cBackboneElement type!code profile!canonical
ImplementationGuide.definition cBackboneElement grouping*@ resource*@ page?@ parameter*@ template*@
ImplementationGuide.definition.grouping cBackboneElement name!string description?markdown
ImplementationGuide.definition.resource cBackboneElement reference!Reference fhirVersion*code name?string description?markdown isExample?boolean profile*canonical groupingId?id
ImplementationGuide.definition.page cBackboneElement source[x]?url|string|markdown name!url title!string generation!code page*ImplementationGuide.definition.page
ImplementationGuide.definition.parameter cBackboneElement code!Coding value!string
ImplementationGuide.definition.template cBackboneElement code!code source!string scope?string
ImplementationGuide.manifest cBackboneElement rendering?url resource+@ page*@ image*string other*string
ImplementationGuide.manifest.resource cBackboneElement reference!Reference isExample?boolean profile*canonical relativePath?url
ImplementationGuide.manifest.page cBackboneElement name!string title?string anchor*string
Ingredient rDomainResource identifier?Identifier status!code for*Reference role!CodeableConcept function*CodeableConcept group?CodeableConcept allergenicIndicator?boolean comment?markdown manufacturer*@ substance!@
Ingredient.manufacturer cBackboneElement role?code manufacturer!Reference
Ingredient.substance cBackboneElement code!CodeableReference strength*@
Ingredient.substance.strength cBackboneElement presentation[x]?Ratio|RatioRange|CodeableConcept|Quantity textPresentation?string concentration[x]?Ratio|RatioRange|CodeableConcept|Quantity textConcentration?string basis?CodeableConcept measurementPoint?string country*CodeableConcept referenceStrength*@
Ingredient.substance.strength.referenceStrength cBackboneElement substance!CodeableReference strength[x]!Ratio|RatioRange|Quantity measurementPoint?string country*CodeableConcept
InsurancePlan rDomainResource identifier*Identifier status?code type*CodeableConcept name?string alias*string period?Period ownedBy?Reference administeredBy?Reference coverageArea*Reference contact*ExtendedContactDetail endpoint*Reference network*Reference coverage*@ plan*@
InsurancePlan.coverage cBackboneElement type!CodeableConcept network*Reference benefit+@
InsurancePlan.coverage.benefit cBackboneElement type!CodeableConcept requirement?string limit*@
InsurancePlan.coverage.benefit.limit cBackboneElement value?Quantity code?CodeableConcept
InsurancePlan.plan cBackboneElement identifier*Identifier type?CodeableConcept coverageArea*Reference network*Reference generalCost*@ specificCost*@
InsurancePlan.plan.generalCost cBackboneElement type?CodeableConcept groupSize?positiveInt cost?Money comment?string
InsurancePlan.plan.specificCost cBackboneElement category!CodeableConcept benefit*@
InsurancePlan.plan.specificCost.benefit cBackboneElement type!CodeableConcept cost*@
InsurancePlan.plan.specificCost.benefit.cost cBackboneElement type!CodeableConcept applicability?CodeableConcept qualifiers*CodeableConcept value?Quantity
InventoryItem rDomainResource identifier*Identifier status!code category*CodeableConcept code*CodeableConcept name*@ responsibleOrganization*@ description?@ inventoryStatus*CodeableConcept baseUnit?CodeableConcept netContent?Quantity association*@ characteristic*@ instance?@ productReference?Reference
InventoryItem.name cBackboneElement nameType!Coding language!code name!string
InventoryItem.responsibleOrganization cBackboneElement role!CodeableConcept organization!Reference
InventoryItem.description cBackboneElement language?code description?string
InventoryItem.association cBackboneElement associationType!CodeableConcept relatedItem!Reference quantity!Ratio
InventoryItem.characteristic cBackboneElement characteristicType!CodeableConcept value[x]!string|integer|decimal|boolean|url|dateTime|Quantity|Range|Ratio|Annotation|Address|Duration|CodeableConcept
InventoryItem.instance cBackboneElement identifier*Identifier lotNumber?string expiry?dateTime subject?Reference location?Reference
InventoryReport rDomainResource identifier*Identifier status!code countType!code operationType?CodeableConcept operationTypeReason?CodeableConcept reportedDateTime!dateTime reporter?Reference reportingPeriod?Period inventoryListing*@ note*Annotation
InventoryReport.inventoryListing cBackboneElement location?Reference itemStatus?CodeableConcept countingDateTime?dateTime item*@
InventoryReport.inventoryListing.item cBackboneElement category?CodeableConcept quantity!Quantity item!CodeableReference
Invoice rDomainResource identifier*Identifier status!code cancelledReason?string type?CodeableConcept subject?Reference recipient?Reference date?dateTime creation?dateTime period[x]?date|Period participant*@ issuer?Reference account?Reference lineItem*@ totalPriceComponent*MonetaryComponent totalNet?Money totalGross?Money paymentTerms?markdown note*Annotation
Invoice.participant cBackboneElement role?CodeableConcept actor!Reference
Invoice.lineItem cBackboneElement sequence?positiveInt serviced[x]?date|Period chargeItem[x]!Reference|CodeableConcept priceComponent*MonetaryComponent
Library rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string subtitle?string status!code experimental?boolean type!CodeableConcept subject[x]?CodeableConcept|Reference date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown usage?markdown copyright?markdown copyrightLabel?string approvalDate?date lastReviewDate?date effectivePeriod?Period topic*CodeableConcept author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail relatedArtifact*RelatedArtifact parameter*ParameterDefinition dataRequirement*DataRequirement content*Attachment
Linkage rDomainResource active?boolean author?Reference item+@
Linkage.item cBackboneElement type!code resource!Reference
List rDomainResource identifier*Identifier status!code mode!code title?string code?CodeableConcept subject*Reference encounter?Reference date?dateTime source?Reference orderedBy?CodeableConcept note*Annotation entry*@ emptyReason?CodeableConcept
List.entry cBackboneElement flag?CodeableConcept deleted?boolean date?dateTime item!Reference
Location rDomainResource identifier*Identifier status?code operationalStatus?Coding name?string alias*string description?markdown mode?code type*CodeableConcept contact*ExtendedContactDetail address?Address form?CodeableConcept position?@ managingOrganization?Reference partOf?Reference characteristic*CodeableConcept hoursOfOperation*Availability virtualService*VirtualServiceDetail endpoint*Reference
Location.position cBackboneElement longitude!decimal latitude!decimal altitude?decimal
ManufacturedItemDefinition rDomainResource identifier*Identifier status!code name?string manufacturedDoseForm!CodeableConcept unitOfPresentation?CodeableConcept manufacturer*Reference marketingStatus*MarketingStatus ingredient*CodeableConcept property*@ component*@
ManufacturedItemDefinition.property cBackboneElement type!CodeableConcept value[x]?CodeableConcept|Quantity|date|boolean|markdown|Attachment|Reference
ManufacturedItemDefinition.component cBackboneElement type!CodeableConcept function*CodeableConcept amount*Quantity constituent*@ property*ManufacturedItemDefinition.property component*ManufacturedItemDefinition.component
ManufacturedItemDefinition.component.constituent cBackboneElement amount*Quantity location*CodeableConcept function*CodeableConcept hasIngredient*CodeableReference
MarketingStatus cBackboneElement country?CodeableConcept jurisdiction?CodeableConcept status!CodeableConcept dateRange?Period restoreDate?dateTime
Measure rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string subtitle?string status!code experimental?boolean subject[x]?CodeableConcept|Reference basis?code date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown usage?markdown copyright?markdown copyrightLabel?string approvalDate?date lastReviewDate?date effectivePeriod?Period topic*CodeableConcept author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail relatedArtifact*RelatedArtifact library*canonical disclaimer?markdown scoring?CodeableConcept scoringUnit?CodeableConcept compositeScoring?CodeableConcept type*CodeableConcept riskAdjustment?markdown rateAggregation?markdown rationale?markdown clinicalRecommendationStatement?markdown improvementNotation?CodeableConcept term*@ guidance?markdown group*@ supplementalData*@
Measure.term cBackboneElement code?CodeableConcept definition?markdown
Measure.group cBackboneElement linkId?string code?CodeableConcept description?markdown type*CodeableConcept subject[x]?CodeableConcept|Reference basis?code scoring?CodeableConcept scoringUnit?CodeableConcept rateAggregation?markdown improvementNotation?CodeableConcept library*canonical population*@ stratifier*@
Measure.group.population cBackboneElement linkId?string code?CodeableConcept description?markdown criteria?Expression groupDefinition?Reference inputPopulationId?string aggregateMethod?CodeableConcept
Measure.group.stratifier cBackboneElement linkId?string code?CodeableConcept description?markdown criteria?Expression groupDefinition?Reference component*@
Measure.group.stratifier.component cBackboneElement linkId?string code?CodeableConcept description?markdown criteria?Expression groupDefinition?Reference
Measure.supplementalData cBackboneElement linkId?string code?CodeableConcept usage*CodeableConcept description?markdown criteria!Expression
MeasureReport rDomainResource identifier*Identifier status!code type!code dataUpdateType?code measure?canonical subject?Reference date?dateTime reporter?Reference reportingVendor?Reference location?Reference period!Period inputParameters?Reference scoring?CodeableConcept improvementNotation?CodeableConcept group*@ supplementalData*Reference evaluatedResource*Reference
MeasureReport.group cBackboneElement linkId?string code?CodeableConcept subject?Reference population*@ measureScore[x]?Quantity|dateTime|CodeableConcept|Period|Range|Duration stratifier*@
MeasureReport.group.population cBackboneElement linkId?string code?CodeableConcept count?integer subjectResults?Reference subjectReport*Reference subjects?Reference
MeasureReport.group.stratifier cBackboneElement linkId?string code?CodeableConcept stratum*@
MeasureReport.group.stratifier.stratum cBackboneElement value[x]?CodeableConcept|boolean|Quantity|Range|Reference component*@ population*@ measureScore[x]?Quantity|dateTime|CodeableConcept|Period|Range|Duration
MeasureReport.group.stratifier.stratum.component cBackboneElement linkId?string code!CodeableConcept value[x]!CodeableConcept|boolean|Quantity|Range|Reference
MeasureReport.group.stratifier.stratum.population cBackboneElement linkId?string code?CodeableConcept count?integer subjectResults?Reference subjectReport*Reference subjects?Reference
Medication rDomainResource identifier*Identifier code?CodeableConcept status?code marketingAuthorizationHolder?Reference doseForm?CodeableConcept totalVolume?Quantity ingredient*@ batch?@ definition?Reference
Medication.ingredient cBackboneElement item!CodeableReference isActive?boolean strength[x]?Ratio|CodeableConcept|Quantity
Medication.batch cBackboneElement lotNumber?string expirationDate?dateTime
MedicationAdministration rDomainResource identifier*Identifier basedOn*Reference partOf*Reference status!code statusReason*CodeableConcept category*CodeableConcept medication!CodeableReference subject!Reference encounter?Reference supportingInformation*Reference occurence[x]!dateTime|Period|Timing recorded?dateTime isSubPotent?boolean subPotentReason*CodeableConcept performer*@ reason*CodeableReference request?Reference device*CodeableReference note*Annotation dosage?@ eventHistory*Reference
MedicationAdministration.performer cBackboneElement function?CodeableConcept actor!CodeableReference
MedicationAdministration.dosage cBackboneElement text?string site?CodeableConcept route?CodeableConcept method?CodeableConcept dose?Quantity rate[x]?Ratio|Quantity
MedicationDispense rDomainResource identifier*Identifier basedOn*Reference partOf*Reference status!code notPerformedReason?CodeableReference statusChanged?dateTime category*CodeableConcept medication!CodeableReference subject!Reference encounter?Reference supportingInformation*Reference performer*@ location?Reference authorizingPrescription*Reference type?CodeableConcept quantity?Quantity daysSupply?Quantity recorded?dateTime whenPrepared?dateTime whenHandedOver?dateTime destination?Reference receiver*Reference note*Annotation renderedDosageInstruction?markdown dosageInstruction*Dosage substitution?@ eventHistory*Reference
MedicationDispense.performer cBackboneElement function?CodeableConcept actor!Reference
MedicationDispense.substitution cBackboneElement wasSubstituted!boolean type?CodeableConcept reason*CodeableConcept responsibleParty?Reference
MedicationKnowledge rDomainResource identifier*Identifier code?CodeableConcept status?code author?Reference intendedJurisdiction*CodeableConcept name*string relatedMedicationKnowledge*@ associatedMedication*Reference productType*CodeableConcept monograph*@ preparationInstruction?markdown cost*@ monitoringProgram*@ indicationGuideline*@ medicineClassification*@ packaging*@ clinicalUseIssue*Reference storageGuideline*@ regulatory*@ definitional?@
MedicationKnowledge.relatedMedicationKnowledge cBackboneElement type!CodeableConcept reference+Reference
MedicationKnowledge.monograph cBackboneElement type?CodeableConcept source?Reference
MedicationKnowledge.cost cBackboneElement effectiveDate*Period type!CodeableConcept source?string cost[x]!Money|CodeableConcept
MedicationKnowledge.monitoringProgram cBackboneElement type?CodeableConcept name?string
MedicationKnowledge.indicationGuideline cBackboneElement indication*CodeableReference dosingGuideline*@
MedicationKnowledge.indicationGuideline.dosingGuideline cBackboneElement treatmentIntent?CodeableConcept dosage*@ administrationTreatment?CodeableConcept patientCharacteristic*@
MedicationKnowledge.indicationGuideline.dosingGuideline.dosage cBackboneElement type!CodeableConcept dosage+Dosage
MedicationKnowledge.indicationGuideline.dosingGuideline.patientCharacteristic cBackboneElement type!CodeableConcept value[x]?CodeableConcept|Quantity|Range
MedicationKnowledge.medicineClassification cBackboneElement type!CodeableConcept source[x]?string|uri classification*CodeableConcept
MedicationKnowledge.packaging cBackboneElement cost*MedicationKnowledge.cost packagedProduct?Reference
MedicationKnowledge.storageGuideline cBackboneElement reference?uri note*Annotation stabilityDuration?Duration environmentalSetting*@
MedicationKnowledge.storageGuideline.environmentalSetting cBackboneElement type!CodeableConcept value[x]!Quantity|Range|CodeableConcept
MedicationKnowledge.regulatory cBackboneElement regulatoryAuthority!Reference substitution*@ schedule*CodeableConcept maxDispense?@
MedicationKnowledge.regulatory.substitution cBackboneElement type!CodeableConcept allowed!boolean
MedicationKnowledge.regulatory.maxDispense cBackboneElement quantity!Quantity period?Duration
MedicationKnowledge.definitional cBackboneElement definition*Reference doseForm?CodeableConcept intendedRoute*CodeableConcept ingredient*@ drugCharacteristic*@
MedicationKnowledge.definitional.ingredient cBackboneElement item!CodeableReference type?CodeableConcept strength[x]?Ratio|CodeableConcept|Quantity
MedicationKnowledge.definitional.drugCharacteristic cBackboneElement type?CodeableConcept value[x]?CodeableConcept|string|Quantity|base64Binary|Attachment
MedicationRequest rDomainResource identifier*Identifier basedOn*Reference priorPrescription?Reference groupIdentifier?Identifier status!code statusReason?CodeableConcept statusChanged?dateTime intent!code category*CodeableConcept priority?code doNotPerform?boolean medication!CodeableReference subject!Reference informationSource*Reference encounter?Reference supportingInformation*Reference authoredOn?dateTime requester?Reference reported?boolean performerType?CodeableConcept performer*Reference device*CodeableReference recorder?Reference reason*CodeableReference courseOfTherapyType?CodeableConcept insurance*Reference note*Annotation renderedDosageInstruction?markdown effectiveDosePeriod?Period dosageInstruction*Dosage dispenseRequest?@ substitution?@ eventHistory*Reference
MedicationRequest.dispenseRequest cBackboneElement initialFill?@ dispenseInterval?Duration validityPeriod?Period numberOfRepeatsAllowed?unsignedInt quantity?Quantity expectedSupplyDuration?Duration dispenser?Reference dispenserInstruction*Annotation doseAdministrationAid?CodeableConcept
MedicationRequest.dispenseRequest.initialFill cBackboneElement quantity?Quantity duration?Duration
MedicationRequest.substitution cBackboneElement allowed[x]!boolean|CodeableConcept reason?CodeableConcept
MedicationStatement rDomainResource identifier*Identifier partOf*Reference status!code category*CodeableConcept medication!CodeableReference subject!Reference encounter?Reference effective[x]?dateTime|Period|Timing dateAsserted?dateTime informationSource*Reference derivedFrom*Reference reason*CodeableReference note*Annotation relatedClinicalInformation*Reference renderedDosageInstruction?markdown dosage*Dosage adherence?@
MedicationStatement.adherence cBackboneElement code!CodeableConcept reason?CodeableConcept
MedicinalProductDefinition rDomainResource identifier*Identifier type?CodeableConcept domain?CodeableConcept version?string status?CodeableConcept statusDate?dateTime description?markdown combinedPharmaceuticalDoseForm?CodeableConcept route*CodeableConcept indication?markdown legalStatusOfSupply?CodeableConcept additionalMonitoringIndicator?CodeableConcept specialMeasures*CodeableConcept pediatricUseIndicator?CodeableConcept classification*CodeableConcept marketingStatus*MarketingStatus packagedMedicinalProduct*CodeableConcept comprisedOf*Reference ingredient*CodeableConcept impurity*CodeableReference attachedDocument*Reference masterFile*Reference contact*@ clinicalTrial*Reference code*Coding name+@ crossReference*@ operation*@ characteristic*@
MedicinalProductDefinition.contact cBackboneElement type?CodeableConcept contact!Reference
MedicinalProductDefinition.name cBackboneElement productName!string type?CodeableConcept part*@ usage*@
MedicinalProductDefinition.name.part cBackboneElement part!string type!CodeableConcept
MedicinalProductDefinition.name.usage cBackboneElement country!CodeableConcept jurisdiction?CodeableConcept language!CodeableConcept
MedicinalProductDefinition.crossReference cBackboneElement product!CodeableReference type?CodeableConcept
MedicinalProductDefinition.operation cBackboneElement type?CodeableReference effectiveDate?Period organization*Reference confidentialityIndicator?CodeableConcept
MedicinalProductDefinition.characteristic cBackboneElement type!CodeableConcept value[x]?CodeableConcept|markdown|Quantity|integer|date|boolean|Attachment
MessageDefinition rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string replaces*canonical status!code experimental?boolean date!dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string base?canonical parent*canonical event[x]!Coding|uri category?code focus*@ responseRequired?code allowedResponse*@ graph?canonical
MessageDefinition.focus cBackboneElement code!code profile?canonical min!unsignedInt max?string
MessageDefinition.allowedResponse cBackboneElement message!canonical situation?markdown
MessageHeader rDomainResource event[x]!Coding|canonical destination*@ sender?Reference author?Reference source!@ responsible?Reference reason?CodeableConcept response?@ focus*Reference definition?canonical
MessageHeader.destination cBackboneElement endpoint[x]?url|Reference name?string target?Reference receiver?Reference
MessageHeader.source cBackboneElement endpoint[x]?url|Reference name?string software?string version?string contact?ContactPoint
MessageHeader.response cBackboneElement identifier!Identifier code!code details?Reference
Meta cElement versionId?id lastUpdated?instant source?uri profile*canonical security*Coding tag*Coding
MolecularSequence rDomainResource identifier*Identifier type?code subject?Reference focus*Reference specimen?Reference device?Reference performer?Reference literal?string formatted*Attachment relative*@
MolecularSequence.relative cBackboneElement coordinateSystem!CodeableConcept ordinalPosition?integer sequenceRange?Range startingSequence?@ edit*@
MolecularSequence.relative.startingSequence cBackboneElement genomeAssembly?CodeableConcept chromosome?CodeableConcept sequence[x]?CodeableConcept|string|Reference windowStart?integer windowEnd?integer orientation?code strand?code
MolecularSequence.relative.edit cBackboneElement start?integer end?integer replacementSequence?string replacedSequence?string
MonetaryComponent cElement type!code code?CodeableConcept factor?decimal amount?Money
Money cElement value?decimal currency?code
NamingSystem rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name!string title?string status!code kind!code experimental?boolean date!dateTime publisher?string contact*ContactDetail responsible?string type?CodeableConcept description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string approvalDate?date lastReviewDate?date effectivePeriod?Period topic*CodeableConcept author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail relatedArtifact*RelatedArtifact usage?string uniqueId+@
NamingSystem.uniqueId cBackboneElement type!code value!string preferred?boolean comment?string period?Period authoritative?boolean
Narrative cElement status!code div!xhtml
NutritionIntake rDomainResource identifier*Identifier instantiatesCanonical*canonical instantiatesUri*uri basedOn*Reference partOf*Reference status!code statusReason*CodeableConcept code?CodeableConcept subject!Reference encounter?Reference occurrence[x]?dateTime|Period recorded?dateTime reported[x]?boolean|Reference consumedItem+@ ingredientLabel*@ performer*@ location?Reference derivedFrom*Reference reason*CodeableReference note*Annotation
NutritionIntake.consumedItem cBackboneElement type!CodeableConcept nutritionProduct!CodeableReference schedule?Timing amount?Quantity rate?Quantity notConsumed?boolean notConsumedReason?CodeableConcept
NutritionIntake.ingredientLabel cBackboneElement nutrient!CodeableReference amount!Quantity
NutritionIntake.performer cBackboneElement function?CodeableConcept actor!Reference
NutritionOrder rDomainResource identifier*Identifier instantiatesCanonical*canonical instantiatesUri*uri instantiates*uri basedOn*Reference groupIdentifier?Identifier status!code intent!code priority?code subject!Reference encounter?Reference supportingInformation*Reference dateTime!dateTime orderer?Reference performer*CodeableReference allergyIntolerance*Reference foodPreferenceModifier*CodeableConcept excludeFoodModifier*CodeableConcept outsideFoodAllowed?boolean oralDiet?@ supplement*@ enteralFormula?@ note*Annotation
NutritionOrder.oralDiet cBackboneElement type*CodeableConcept schedule?@ nutrient*@ texture*@ fluidConsistencyType*CodeableConcept instruction?string
NutritionOrder.oralDiet.schedule cBackboneElement timing*Timing asNeeded?boolean asNeededFor?CodeableConcept
NutritionOrder.oralDiet.nutrient cBackboneElement modifier?CodeableConcept amount?Quantity
NutritionOrder.oralDiet.texture cBackboneElement modifier?CodeableConcept foodType?CodeableConcept
NutritionOrder.supplement cBackboneElement type?CodeableReference productName?string schedule?@ quantity?Quantity instruction?string
NutritionOrder.supplement.schedule cBackboneElement timing*Timing asNeeded?boolean asNeededFor?CodeableConcept
NutritionOrder.enteralFormula cBackboneElement baseFormulaType?CodeableReference baseFormulaProductName?string deliveryDevice*CodeableReference additive*@ caloricDensity?Quantity routeOfAdministration?CodeableConcept administration*@ maxVolumeToDeliver?Quantity administrationInstruction?markdown
NutritionOrder.enteralFormula.additive cBackboneElement type?CodeableReference productName?string quantity?Quantity
NutritionOrder.enteralFormula.administration cBackboneElement schedule?@ quantity?Quantity rate[x]?Quantity|Ratio
NutritionOrder.enteralFormula.administration.schedule cBackboneElement timing*Timing asNeeded?boolean asNeededFor?CodeableConcept
NutritionProduct rDomainResource code?CodeableConcept status!code category*CodeableConcept manufacturer*Reference nutrient*@ ingredient*@ knownAllergen*CodeableReference characteristic*@ instance*@ note*Annotation
NutritionProduct.nutrient cBackboneElement item?CodeableReference amount*Ratio
NutritionProduct.ingredient cBackboneElement item!CodeableReference amount*Ratio
NutritionProduct.characteristic cBackboneElement type!CodeableConcept value[x]!CodeableConcept|string|Quantity|base64Binary|Attachment|boolean
NutritionProduct.instance cBackboneElement quantity?Quantity identifier*Identifier name?string lotNumber?string expiry?dateTime useBy?dateTime biologicalSourceEvent?Identifier
Observation rDomainResource identifier*Identifier instantiates[x]?canonical|Reference basedOn*Reference triggeredBy*@ partOf*Reference status!code category*CodeableConcept code!CodeableConcept subject?Reference focus*Reference encounter?Reference effective[x]?dateTime|Period|Timing|instant issued?instant performer*Reference value[x]?Quantity|CodeableConcept|string|boolean|integer|Range|Ratio|SampledData|time|dateTime|Period|Attachment|Reference dataAbsentReason?CodeableConcept interpretation*CodeableConcept note*Annotation bodySite?CodeableConcept bodyStructure?Reference method?CodeableConcept specimen?Reference device?Reference referenceRange*@ hasMember*Reference derivedFrom*Reference component*@
Observation.triggeredBy cBackboneElement observation!Reference type!code reason?string
Observation.referenceRange cBackboneElement low?Quantity high?Quantity normalValue?CodeableConcept type?CodeableConcept appliesTo*CodeableConcept age?Range text?markdown
Observation.component cBackboneElement code!CodeableConcept value[x]?Quantity|CodeableConcept|string|boolean|integer|Range|Ratio|SampledData|time|dateTime|Period|Attachment|Reference dataAbsentReason?CodeableConcept interpretation*CodeableConcept referenceRange*Observation.referenceRange
ObservationDefinition rDomainResource url?uri identifier?Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string approvalDate?date lastReviewDate?date effectivePeriod?Period derivedFromCanonical*canonical derivedFromUri*uri subject*CodeableConcept performerType?CodeableConcept category*CodeableConcept code!CodeableConcept permittedDataType*code multipleResultsAllowed?boolean bodySite?CodeableConcept method?CodeableConcept specimen*Reference device*Reference preferredReportName?string permittedUnit*Coding qualifiedValue*@ hasMember*Reference component*@
ObservationDefinition.qualifiedValue cBackboneElement context?CodeableConcept appliesTo*CodeableConcept gender?code age?Range gestationalAge?Range condition?string rangeCategory?code range?Range validCodedValueSet?canonical normalCodedValueSet?canonical abnormalCodedValueSet?canonical criticalCodedValueSet?canonical
ObservationDefinition.component cBackboneElement code!CodeableConcept permittedDataType*code permittedUnit*Coding qualifiedValue*ObservationDefinition.qualifiedValue
OperationDefinition rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name!string title?string status!code kind!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string affectsState?boolean code!code comment?markdown base?canonical resource*code system!boolean type!boolean instance!boolean inputProfile?canonical outputProfile?canonical parameter*@ overload*@
OperationDefinition.parameter cBackboneElement name!code use!code scope*code min!integer max!string documentation?markdown type?code allowedType*code targetProfile*canonical searchType?code binding?@ referencedFrom*@ part*OperationDefinition.parameter
OperationDefinition.parameter.binding cBackboneElement strength!code valueSet!canonical
OperationDefinition.parameter.referencedFrom cBackboneElement source!string sourceId?string
OperationDefinition.overload cBackboneElement parameterName*string comment?string
OperationOutcome rDomainResource issue+@
OperationOutcome.issue cBackboneElement severity!code code!code details?CodeableConcept diagnostics?string location*string expression*string
Organization rDomainResource identifier*Identifier active?boolean type*CodeableConcept name?string alias*string description?markdown contact*ExtendedContactDetail partOf?Reference endpoint*Reference qualification*@
Organization.qualification cBackboneElement identifier*Identifier code!CodeableConcept period?Period issuer?Reference
OrganizationAffiliation rDomainResource identifier*Identifier active?boolean period?Period organization?Reference participatingOrganization?Reference network*Reference code*CodeableConcept specialty*CodeableConcept location*Reference healthcareService*Reference contact*ExtendedContactDetail endpoint*Reference
PackagedProductDefinition rDomainResource identifier*Identifier name?string type?CodeableConcept packageFor*Reference status?CodeableConcept statusDate?dateTime containedItemQuantity*Quantity description?markdown legalStatusOfSupply*@ marketingStatus*MarketingStatus copackagedIndicator?boolean manufacturer*Reference attachedDocument*Reference packaging?@ characteristic*PackagedProductDefinition.packaging.property
PackagedProductDefinition.legalStatusOfSupply cBackboneElement code?CodeableConcept jurisdiction?CodeableConcept
PackagedProductDefinition.packaging cBackboneElement identifier*Identifier type?CodeableConcept componentPart?boolean quantity?integer material*CodeableConcept alternateMaterial*CodeableConcept shelfLifeStorage*ProductShelfLife manufacturer*Reference property*@ containedItem*@ packaging*PackagedProductDefinition.packaging
PackagedProductDefinition.packaging.property cBackboneElement type!CodeableConcept value[x]?CodeableConcept|Quantity|date|boolean|Attachment
PackagedProductDefinition.packaging.containedItem cBackboneElement item!CodeableReference amount?Quantity
ParameterDefinition cElement name?code use!code min?integer max?string documentation?string type!code profile?canonical
Parameters rResource parameter*@
Parameters.parameter cBackboneElement name!string value[x]?base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|integer64|markdown|oid|positiveInt|string|time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment|CodeableConcept|CodeableReference|Coding|ContactPoint|Count|Distance|Duration|HumanName|Identifier|Money|Period|Quantity|Range|Ratio|RatioRange|Reference|SampledData|Signature|Timing|ContactDetail|DataRequirement|Expression|ParameterDefinition|RelatedArtifact|TriggerDefinition|UsageContext|Availability|ExtendedContactDetail|Dosage|Meta resource?Resource part*Parameters.parameter
Patient rDomainResource identifier*Identifier active?boolean name*HumanName telecom*ContactPoint gender?code birthDate?date deceased[x]?boolean|dateTime address*Address maritalStatus?CodeableConcept multipleBirth[x]?boolean|integer photo*Attachment contact*@ communication*@ generalPractitioner*Reference managingOrganization?Reference link*@
Patient.contact cBackboneElement relationship*CodeableConcept name?HumanName telecom*ContactPoint address?Address gender?code organization?Reference period?Period
Patient.communication cBackboneElement language!CodeableConcept preferred?boolean
Patient.link cBackboneElement other!Reference type!code
PaymentNotice rDomainResource identifier*Identifier status!code request?Reference response?Reference created!dateTime reporter?Reference payment?Reference paymentDate?date payee?Reference recipient!Reference amount!Money paymentStatus?CodeableConcept
PaymentReconciliation rDomainResource identifier*Identifier type!CodeableConcept status!code kind?CodeableConcept period?Period created!dateTime enterer?Reference issuerType?CodeableConcept paymentIssuer?Reference request?Reference requestor?Reference outcome?code disposition?string date!date location?Reference method?CodeableConcept cardBrand?string accountNumber?string expirationDate?date processor?string referenceNumber?string authorization?string tenderedAmount?Money returnedAmount?Money amount!Money paymentIdentifier?Identifier allocation*@ formCode?CodeableConcept processNote*@
PaymentReconciliation.allocation cBackboneElement identifier?Identifier predecessor?Identifier target?Reference targetItem[x]?string|Identifier|positiveInt encounter?Reference account?Reference type?CodeableConcept submitter?Reference response?Reference date?date responsible?Reference payee?Reference amount?Money
PaymentReconciliation.processNote cBackboneElement type?code text?string
Period cElement start?dateTime end?dateTime
Permission rDomainResource status!code asserter?Reference date*dateTime validity?Period justification?@ combining!code rule*@
Permission.justification cBackboneElement basis*CodeableConcept evidence*Reference
Permission.rule cBackboneElement type?code data*@ activity*@ limit*CodeableConcept
Permission.rule.data cBackboneElement resource*@ security*Coding period*Period expression?Expression
Permission.rule.data.resource cBackboneElement meaning!code reference!Reference
Permission.rule.activity cBackboneElement actor*Reference action*CodeableConcept purpose*CodeableConcept
Person rDomainResource identifier*Identifier active?boolean name*HumanName telecom*ContactPoint gender?code birthDate?date deceased[x]?boolean|dateTime address*Address maritalStatus?CodeableConcept photo*Attachment communication*@ managingOrganization?Reference link*@
Person.communication cBackboneElement language!CodeableConcept preferred?boolean
Person.link cBackboneElement target!Reference assurance?code
PlanDefinition rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string subtitle?string type?CodeableConcept status!code experimental?boolean subject[x]?CodeableConcept|Reference|canonical date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown usage?markdown copyright?markdown copyrightLabel?string approvalDate?date lastReviewDate?date effectivePeriod?Period topic*CodeableConcept author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail relatedArtifact*RelatedArtifact library*canonical goal*@ actor*@ action*@ asNeeded[x]?boolean|CodeableConcept
PlanDefinition.goal cBackboneElement category?CodeableConcept description!CodeableConcept priority?CodeableConcept start?CodeableConcept addresses*CodeableConcept documentation*RelatedArtifact target*@
PlanDefinition.goal.target cBackboneElement measure?CodeableConcept detail[x]?Quantity|Range|CodeableConcept|string|boolean|integer|Ratio due?Duration
PlanDefinition.actor cBackboneElement title?string description?markdown option+@
PlanDefinition.actor.option cBackboneElement type?code typeCanonical?canonical typeReference?Reference role?CodeableConcept
PlanDefinition.action cBackboneElement linkId?string prefix?string title?string description?markdown textEquivalent?markdown priority?code code?CodeableConcept reason*CodeableConcept documentation*RelatedArtifact goalId*id subject[x]?CodeableConcept|Reference|canonical trigger*TriggerDefinition condition*@ input*@ output*@ relatedAction*@ timing[x]?Age|Duration|Range|Timing location?CodeableReference participant*@ type?CodeableConcept groupingBehavior?code selectionBehavior?code requiredBehavior?code precheckBehavior?code cardinalityBehavior?code definition[x]?canonical|uri transform?canonical dynamicValue*@ action*PlanDefinition.action
PlanDefinition.action.condition cBackboneElement kind!code expression?Expression
PlanDefinition.action.input cBackboneElement title?string requirement?DataRequirement relatedData?id
PlanDefinition.action.output cBackboneElement title?string requirement?DataRequirement relatedData?string
PlanDefinition.action.relatedAction cBackboneElement targetId!id relationship!code endRelationship?code offset[x]?Duration|Range
PlanDefinition.action.participant cBackboneElement actorId?string type?code typeCanonical?canonical typeReference?Reference role?CodeableConcept function?CodeableConcept
PlanDefinition.action.dynamicValue cBackboneElement path?string expression?Expression
Practitioner rDomainResource identifier*Identifier active?boolean name*HumanName telecom*ContactPoint gender?code birthDate?date deceased[x]?boolean|dateTime address*Address photo*Attachment qualification*@ communication*@
Practitioner.qualification cBackboneElement identifier*Identifier code!CodeableConcept period?Period issuer?Reference
Practitioner.communication cBackboneElement language!CodeableConcept preferred?boolean
PractitionerRole rDomainResource identifier*Identifier active?boolean period?Period practitioner?Reference organization?Reference code*CodeableConcept specialty*CodeableConcept location*Reference healthcareService*Reference contact*ExtendedContactDetail characteristic*CodeableConcept communication*CodeableConcept availability*Availability endpoint*Reference
Procedure rDomainResource identifier*Identifier instantiatesCanonical*canonical instantiatesUri*uri basedOn*Reference partOf*Reference status!code statusReason?CodeableConcept category*CodeableConcept code?CodeableConcept subject!Reference focus?Reference encounter?Reference occurrence[x]?dateTime|Period|string|Age|Range|Timing recorded?dateTime recorder?Reference reported[x]?boolean|Reference performer*@ location?Reference reason*CodeableReference bodySite*CodeableConcept outcome?CodeableConcept report*Reference complication*CodeableReference followUp*CodeableConcept note*Annotation focalDevice*@ used*CodeableReference supportingInfo*Reference
Procedure.performer cBackboneElement function?CodeableConcept actor!Reference onBehalfOf?Reference period?Period
Procedure.focalDevice cBackboneElement action?CodeableConcept manipulated!Reference
ProductShelfLife cBackboneElement type?CodeableConcept period[x]?Duration|string specialPrecautionsForStorage*CodeableConcept
Provenance rDomainResource target+Reference occurred[x]?Period|dateTime recorded?instant policy*uri location?Reference authorization*CodeableReference activity?CodeableConcept basedOn*Reference patient?Reference encounter?Reference agent+@ entity*@ signature*Signature
Provenance.agent cBackboneElement type?CodeableConcept role*CodeableConcept who!Reference onBehalfOf?Reference
Provenance.entity cBackboneElement role!code what!Reference agent*Provenance.agent
Quantity cElement value?decimal comparator?code unit?string system?uri code?code
Questionnaire rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string derivedFrom*canonical status!code experimental?boolean subjectType*code date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string approvalDate?date lastReviewDate?date effectivePeriod?Period code*Coding item*@
Questionnaire.item cBackboneElement linkId!string definition?uri code*Coding prefix?string text?string type!code enableWhen*@ enableBehavior?code disabledDisplay?code required?boolean repeats?boolean readOnly?boolean maxLength?integer answerConstraint?code answerValueSet?canonical answerOption*@ initial*@ item*Questionnaire.item
Questionnaire.item.enableWhen cBackboneElement question!string operator!code answer[x]!boolean|decimal|integer|date|dateTime|time|string|Coding|Quantity|Reference
Questionnaire.item.answerOption cBackboneElement value[x]!integer|date|time|string|Coding|Reference initialSelected?boolean
Questionnaire.item.initial cBackboneElement value[x]!boolean|decimal|integer|date|dateTime|time|string|uri|Attachment|Coding|Quantity|Reference
QuestionnaireResponse rDomainResource identifier*Identifier basedOn*Reference partOf*Reference questionnaire!canonical status!code subject?Reference encounter?Reference authored?dateTime author?Reference source?Reference item*@
QuestionnaireResponse.item cBackboneElement linkId!string definition?uri text?string answer*@ item*QuestionnaireResponse.item
QuestionnaireResponse.item.answer cBackboneElement value[x]!boolean|decimal|integer|date|dateTime|time|string|uri|Attachment|Coding|Quantity|Reference item*QuestionnaireResponse.item
Range cElement low?Quantity high?Quantity
Ratio cElement numerator?Quantity denominator?Quantity
RatioRange cElement lowNumerator?Quantity highNumerator?Quantity denominator?Quantity
Reference cElement reference?string type?uri identifier?Identifier display?string
RegulatedAuthorization rDomainResource identifier*Identifier subject*Reference type?CodeableConcept description?markdown region*CodeableConcept status?CodeableConcept statusDate?dateTime validityPeriod?Period indication*CodeableReference intendedUse?CodeableConcept basis*CodeableConcept holder?Reference regulator?Reference attachedDocument*Reference case?@
RegulatedAuthorization.case cBackboneElement identifier?Identifier type?CodeableConcept status?CodeableConcept date[x]?Period|dateTime application*RegulatedAuthorization.case
RelatedArtifact cElement type!code classifier*CodeableConcept label?string display?string citation?markdown document?Attachment resource?canonical resourceReference?Reference publicationStatus?code publicationDate?date
RelatedPerson rDomainResource identifier*Identifier active?boolean patient!Reference relationship*CodeableConcept name*HumanName telecom*ContactPoint gender?code birthDate?date address*Address photo*Attachment period?Period communication*@
RelatedPerson.communication cBackboneElement language!CodeableConcept preferred?boolean
RequestOrchestration rDomainResource identifier*Identifier instantiatesCanonical*canonical instantiatesUri*uri basedOn*Reference replaces*Reference groupIdentifier?Identifier status!code intent!code priority?code code?CodeableConcept subject?Reference encounter?Reference authoredOn?dateTime author?Reference reason*CodeableReference goal*Reference note*Annotation action*@
RequestOrchestration.action cBackboneElement linkId?string prefix?string title?string description?markdown textEquivalent?markdown priority?code code*CodeableConcept documentation*RelatedArtifact goal*Reference condition*@ input*@ output*@ relatedAction*@ timing[x]?dateTime|Age|Period|Duration|Range|Timing location?CodeableReference participant*@ type?CodeableConcept groupingBehavior?code selectionBehavior?code requiredBehavior?code precheckBehavior?code cardinalityBehavior?code resource?Reference definition[x]?canonical|uri transform?canonical dynamicValue*@ action*RequestOrchestration.action
RequestOrchestration.action.condition cBackboneElement kind!code expression?Expression
RequestOrchestration.action.input cBackboneElement title?string requirement?DataRequirement relatedData?id
RequestOrchestration.action.output cBackboneElement title?string requirement?DataRequirement relatedData?string
RequestOrchestration.action.relatedAction cBackboneElement targetId!id relationship!code endRelationship?code offset[x]?Duration|Range
RequestOrchestration.action.participant cBackboneElement type?code typeCanonical?canonical typeReference?Reference role?CodeableConcept function?CodeableConcept actor[x]?canonical|Reference
RequestOrchestration.action.dynamicValue cBackboneElement path?string expression?Expression
Requirements rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string derivedFrom*canonical reference*url actor*canonical statement*@
Requirements.statement cBackboneElement key!id label?string conformance*code conditionality?boolean requirement!markdown derivedFrom?string parent?string satisfiedBy*url reference*url source*Reference
ResearchStudy rDomainResource url?uri identifier*Identifier version?string name?string title?string label*@ protocol*Reference partOf*Reference relatedArtifact*RelatedArtifact date?dateTime status!code primaryPurposeType?CodeableConcept phase?CodeableConcept studyDesign*CodeableConcept focus*CodeableReference condition*CodeableConcept keyword*CodeableConcept region*CodeableConcept descriptionSummary?markdown description?markdown period?Period site*Reference note*Annotation classifier*CodeableConcept associatedParty*@ progressStatus*@ whyStopped?CodeableConcept recruitment?@ comparisonGroup*@ objective*@ outcomeMeasure*@ result*Reference
ResearchStudy.label cBackboneElement type?CodeableConcept value?string
ResearchStudy.associatedParty cBackboneElement name?string role!CodeableConcept period*Period classifier*CodeableConcept party?Reference
ResearchStudy.progressStatus cBackboneElement state!CodeableConcept actual?boolean period?Period
ResearchStudy.recruitment cBackboneElement targetNumber?unsignedInt actualNumber?unsignedInt eligibility?Reference actualGroup?Reference
ResearchStudy.comparisonGroup cBackboneElement linkId?id name!string type?CodeableConcept description?markdown intendedExposure*Reference observedGroup?Reference
ResearchStudy.objective cBackboneElement name?string type?CodeableConcept description?markdown
ResearchStudy.outcomeMeasure cBackboneElement name?string type*CodeableConcept description?markdown reference?Reference
ResearchSubject rDomainResource identifier*Identifier status!code progress*@ period?Period study!Reference subject!Reference assignedComparisonGroup?id actualComparisonGroup?id consent*Reference
ResearchSubject.progress cBackboneElement type?CodeableConcept subjectState?CodeableConcept milestone?CodeableConcept reason?CodeableConcept startDate?dateTime endDate?dateTime
RiskAssessment rDomainResource identifier*Identifier basedOn?Reference parent?Reference status!code method?CodeableConcept code?CodeableConcept subject!Reference encounter?Reference occurrence[x]?dateTime|Period condition?Reference performer?Reference reason*CodeableReference basis*Reference prediction*@ mitigation?string note*Annotation
RiskAssessment.prediction cBackboneElement outcome?CodeableConcept probability[x]?decimal|Range qualitativeRisk?CodeableConcept relativeRisk?decimal when[x]?Period|Range rationale?string
SampledData cElement origin!Quantity interval?decimal intervalUnit!code factor?decimal lowerLimit?decimal upperLimit?decimal dimensions!positiveInt codeMap?canonical offsets?string data?string
Schedule rDomainResource identifier*Identifier active?boolean serviceCategory*CodeableConcept serviceType*CodeableReference specialty*CodeableConcept name?string actor+Reference planningHorizon?Period comment?markdown
SearchParameter rDomainResource url!uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name!string title?string derivedFrom?canonical status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description!markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string code!code base+code type!code expression?string processingMode?code constraint?string target*code multipleOr?boolean multipleAnd?boolean comparator*code modifier*code chain*string component*@
SearchParameter.component cBackboneElement definition!canonical expression!string
ServiceRequest rDomainResource identifier*Identifier instantiatesCanonical*canonical instantiatesUri*uri basedOn*Reference replaces*Reference requisition?Identifier status!code intent!code category*CodeableConcept priority?code doNotPerform?boolean code?CodeableReference orderDetail*@ quantity[x]?Quantity|Ratio|Range subject!Reference focus*Reference encounter?Reference occurrence[x]?dateTime|Period|Timing asNeeded[x]?boolean|CodeableConcept authoredOn?dateTime requester?Reference performerType?CodeableConcept performer*Reference location*CodeableReference reason*CodeableReference insurance*Reference supportingInfo*CodeableReference specimen*Reference bodySite*CodeableConcept bodyStructure?Reference note*Annotation patientInstruction*@ relevantHistory*Reference
ServiceRequest.orderDetail cBackboneElement parameterFocus?CodeableReference parameter+@
ServiceRequest.orderDetail.parameter cBackboneElement code!CodeableConcept value[x]!Quantity|Ratio|Range|boolean|CodeableConcept|string|Period
ServiceRequest.patientInstruction cBackboneElement instruction[x]?markdown|Reference
Signature cElement type*Coding when?instant who?Reference onBehalfOf?Reference targetFormat?code sigFormat?code data?base64Binary
Slot rDomainResource identifier*Identifier serviceCategory*CodeableConcept serviceType*CodeableReference specialty*CodeableConcept appointmentType*CodeableConcept schedule!Reference status!code start!instant end!instant overbooked?boolean comment?string
Specimen rDomainResource identifier*Identifier accessionIdentifier?Identifier status?code type?CodeableConcept subject?Reference receivedTime?dateTime parent*Reference request*Reference combined?code role*CodeableConcept feature*@ collection?@ processing*@ container*@ condition*CodeableConcept note*Annotation
Specimen.feature cBackboneElement type!CodeableConcept description!string
Specimen.collection cBackboneElement collector?Reference collected[x]?dateTime|Period duration?Duration quantity?Quantity method?CodeableConcept device?CodeableReference procedure?Reference bodySite?CodeableReference fastingStatus[x]?CodeableConcept|Duration
Specimen.processing cBackboneElement description?string method?CodeableConcept additive*Reference time[x]?dateTime|Period
Specimen.container cBackboneElement device!Reference location?Reference specimenQuantity?Quantity
SpecimenDefinition rDomainResource url?uri identifier?Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string derivedFromCanonical*canonical derivedFromUri*uri status!code experimental?boolean subject[x]?CodeableConcept|Reference date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string approvalDate?date lastReviewDate?date effectivePeriod?Period typeCollected?CodeableConcept patientPreparation*CodeableConcept timeAspect?string collection*CodeableConcept typeTested*@
SpecimenDefinition.typeTested cBackboneElement isDerived?boolean type?CodeableConcept preference!code container?@ requirement?markdown retentionTime?Duration singleUse?boolean rejectionCriterion*CodeableConcept handling*@ testingDestination*CodeableConcept
SpecimenDefinition.typeTested.container cBackboneElement material?CodeableConcept type?CodeableConcept cap?CodeableConcept description?markdown capacity?Quantity minimumVolume[x]?Quantity|string additive*@ preparation?markdown
SpecimenDefinition.typeTested.container.additive cBackboneElement additive[x]!CodeableConcept|Reference
SpecimenDefinition.typeTested.handling cBackboneElement temperatureQualifier?CodeableConcept temperatureRange?Range maxDuration?Duration instruction?markdown
StructureDefinition rDomainResource url!uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name!string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string keyword*Coding fhirVersion?code mapping*@ kind!code abstract!boolean context*@ contextInvariant*string type!uri baseDefinition?canonical derivation?code snapshot?@ differential?@
StructureDefinition.mapping cBackboneElement identity!id uri?uri name?string comment?string
StructureDefinition.context cBackboneElement type!code expression!string
StructureDefinition.snapshot cBackboneElement element+ElementDefinition
StructureDefinition.differential cBackboneElement element+ElementDefinition
StructureMap rDomainResource url!uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name!string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string structure*@ import*canonical const*@ group+@
StructureMap.structure cBackboneElement url!canonical mode!code alias?string documentation?string
StructureMap.const cBackboneElement name?id value?string
StructureMap.group cBackboneElement name!id extends?id typeMode?code documentation?string input+@ rule*@
StructureMap.group.input cBackboneElement name!id type?string mode!code documentation?string
StructureMap.group.rule cBackboneElement name?id source+@ target*@ rule*StructureMap.group.rule dependent*@ documentation?string
StructureMap.group.rule.source cBackboneElement context!id min?integer max?string type?string defaultValue?string element?string listMode?code variable?id condition?string check?string logMessage?string
StructureMap.group.rule.target cBackboneElement context?string element?string variable?id listMode*code listRuleId?id transform?code parameter*@
StructureMap.group.rule.target.parameter cBackboneElement value[x]!id|string|boolean|integer|decimal|date|time|dateTime
StructureMap.group.rule.dependent cBackboneElement name!id parameter+StructureMap.group.rule.target.parameter
Subscription rDomainResource identifier*Identifier name?string status!code topic!canonical contact*ContactPoint end?instant managingEntity?Reference reason?string filterBy*@ channelType!Coding endpoint?url parameter*@ heartbeatPeriod?unsignedInt timeout?unsignedInt contentType?code content?code maxCount?positiveInt
Subscription.filterBy cBackboneElement resourceType?uri filterParameter!string comparator?code modifier?code value!string
Subscription.parameter cBackboneElement name!string value!string
SubscriptionStatus rDomainResource status?code type!code eventsSinceSubscriptionStart?integer64 notificationEvent*@ subscription!Reference topic?canonical error*CodeableConcept
SubscriptionStatus.notificationEvent cBackboneElement eventNumber!integer64 timestamp?instant focus?Reference additionalContext*Reference
SubscriptionTopic rDomainResource url!uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string derivedFrom*canonical status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string approvalDate?date lastReviewDate?date effectivePeriod?Period resourceTrigger*@ eventTrigger*@ canFilterBy*@ notificationShape*@
SubscriptionTopic.resourceTrigger cBackboneElement description?markdown resource!uri supportedInteraction*code queryCriteria?@ fhirPathCriteria?string
SubscriptionTopic.resourceTrigger.queryCriteria cBackboneElement previous?string resultForCreate?code current?string resultForDelete?code requireBoth?boolean
SubscriptionTopic.eventTrigger cBackboneElement description?markdown event!CodeableConcept resource!uri
SubscriptionTopic.canFilterBy cBackboneElement description?markdown resource?uri filterParameter!string filterDefinition?uri comparator*code modifier*code
SubscriptionTopic.notificationShape cBackboneElement resource!uri include*string revInclude*string
Substance rDomainResource identifier*Identifier instance!boolean status?code category*CodeableConcept code!CodeableReference description?markdown expiry?dateTime quantity?Quantity ingredient*@
Substance.ingredient cBackboneElement quantity?Ratio substance[x]!CodeableConcept|Reference
SubstanceDefinition rDomainResource identifier*Identifier version?string status?CodeableConcept classification*CodeableConcept domain?CodeableConcept grade*CodeableConcept description?markdown informationSource*Reference note*Annotation manufacturer*Reference supplier*Reference moiety*@ characterization*@ property*@ referenceInformation?Reference molecularWeight*@ structure?@ code*@ name*@ relationship*@ nucleicAcid?Reference polymer?Reference protein?Reference sourceMaterial?@
SubstanceDefinition.moiety cBackboneElement role?CodeableConcept identifier?Identifier name?string stereochemistry?CodeableConcept opticalActivity?CodeableConcept molecularFormula?string amount[x]?Quantity|string measurementType?CodeableConcept
SubstanceDefinition.characterization cBackboneElement technique?CodeableConcept form?CodeableConcept description?markdown file*Attachment
SubstanceDefinition.property cBackboneElement type!CodeableConcept value[x]?CodeableConcept|Quantity|date|boolean|Attachment
SubstanceDefinition.molecularWeight cBackboneElement method?CodeableConcept type?CodeableConcept amount!Quantity
SubstanceDefinition.structure cBackboneElement stereochemistry?CodeableConcept opticalActivity?CodeableConcept molecularFormula?string molecularFormulaByMoiety?string molecularWeight?SubstanceDefinition.molecularWeight technique*CodeableConcept sourceDocument*Reference representation*@
SubstanceDefinition.structure.representation cBackboneElement type?CodeableConcept representation?string format?CodeableConcept document?Reference
SubstanceDefinition.code cBackboneElement code?CodeableConcept status?CodeableConcept statusDate?dateTime note*Annotation source*Reference
SubstanceDefinition.name cBackboneElement name!string type?CodeableConcept status?CodeableConcept preferred?boolean language*CodeableConcept domain*CodeableConcept jurisdiction*CodeableConcept synonym*SubstanceDefinition.name translation*SubstanceDefinition.name official*@ source*Reference
SubstanceDefinition.name.official cBackboneElement authority?CodeableConcept status?CodeableConcept date?dateTime
SubstanceDefinition.relationship cBackboneElement substanceDefinition[x]?Reference|CodeableConcept type!CodeableConcept isDefining?boolean amount[x]?Quantity|Ratio|string ratioHighLimitAmount?Ratio comparator?CodeableConcept source*Reference
SubstanceDefinition.sourceMaterial cBackboneElement type?CodeableConcept genus?CodeableConcept species?CodeableConcept part?CodeableConcept countryOfOrigin*CodeableConcept
SubstanceNucleicAcid rDomainResource sequenceType?CodeableConcept numberOfSubunits?integer areaOfHybridisation?string oligoNucleotideType?CodeableConcept subunit*@
SubstanceNucleicAcid.subunit cBackboneElement subunit?integer sequence?string length?integer sequenceAttachment?Attachment fivePrime?CodeableConcept threePrime?CodeableConcept linkage*@ sugar*@
SubstanceNucleicAcid.subunit.linkage cBackboneElement connectivity?string identifier?Identifier name?string residueSite?string
SubstanceNucleicAcid.subunit.sugar cBackboneElement identifier?Identifier name?string residueSite?string
SubstancePolymer rDomainResource identifier?Identifier class?CodeableConcept geometry?CodeableConcept copolymerConnectivity*CodeableConcept modification?string monomerSet*@ repeat*@
SubstancePolymer.monomerSet cBackboneElement ratioType?CodeableConcept startingMaterial*@
SubstancePolymer.monomerSet.startingMaterial cBackboneElement code?CodeableConcept category?CodeableConcept isDefining?boolean amount?Quantity
SubstancePolymer.repeat cBackboneElement averageMolecularFormula?string repeatUnitAmountType?CodeableConcept repeatUnit*@
SubstancePolymer.repeat.repeatUnit cBackboneElement unit?string orientation?CodeableConcept amount?integer degreeOfPolymerisation*@ structuralRepresentation*@
SubstancePolymer.repeat.repeatUnit.degreeOfPolymerisation cBackboneElement type?CodeableConcept average?integer low?integer high?integer
SubstancePolymer.repeat.repeatUnit.structuralRepresentation cBackboneElement type?CodeableConcept representation?string format?CodeableConcept attachment?Attachment
SubstanceProtein rDomainResource sequenceType?CodeableConcept numberOfSubunits?integer disulfideLinkage*string subunit*@
SubstanceProtein.subunit cBackboneElement subunit?integer sequence?string length?integer sequenceAttachment?Attachment nTerminalModificationId?Identifier nTerminalModification?string cTerminalModificationId?Identifier cTerminalModification?string
SubstanceReferenceInformation rDomainResource comment?string gene*@ geneElement*@ target*@
SubstanceReferenceInformation.gene cBackboneElement geneSequenceOrigin?CodeableConcept gene?CodeableConcept source*Reference
SubstanceReferenceInformation.geneElement cBackboneElement type?CodeableConcept element?Identifier source*Reference
SubstanceReferenceInformation.target cBackboneElement target?Identifier type?CodeableConcept interaction?CodeableConcept organism?CodeableConcept organismType?CodeableConcept amount[x]?Quantity|Range|string amountType?CodeableConcept source*Reference
SubstanceSourceMaterial rDomainResource sourceMaterialClass?CodeableConcept sourceMaterialType?CodeableConcept sourceMaterialState?CodeableConcept organismId?Identifier organismName?string parentSubstanceId*Identifier parentSubstanceName*string countryOfOrigin*CodeableConcept geographicalLocation*string developmentStage?CodeableConcept fractionDescription*@ organism?@ partDescription*@
SubstanceSourceMaterial.fractionDescription cBackboneElement fraction?string materialType?CodeableConcept
SubstanceSourceMaterial.organism cBackboneElement family?CodeableConcept genus?CodeableConcept species?CodeableConcept intraspecificType?CodeableConcept intraspecificDescription?string author*@ hybrid?@ organismGeneral?@
SubstanceSourceMaterial.organism.author cBackboneElement authorType?CodeableConcept authorDescription?string
SubstanceSourceMaterial.organism.hybrid cBackboneElement maternalOrganismId?string maternalOrganismName?string paternalOrganismId?string paternalOrganismName?string hybridType?CodeableConcept
SubstanceSourceMaterial.organism.organismGeneral cBackboneElement kingdom?CodeableConcept phylum?CodeableConcept class?CodeableConcept order?CodeableConcept
SubstanceSourceMaterial.partDescription cBackboneElement part?CodeableConcept partLocation?CodeableConcept
SupplyDelivery rDomainResource identifier*Identifier basedOn*Reference partOf*Reference status?code patient?Reference type?CodeableConcept suppliedItem*@ occurrence[x]?dateTime|Period|Timing supplier?Reference destination?Reference receiver*Reference
SupplyDelivery.suppliedItem cBackboneElement quantity?Quantity item[x]?CodeableConcept|Reference
SupplyRequest rDomainResource identifier*Identifier status?code basedOn*Reference category?CodeableConcept priority?code deliverFor?Reference item!CodeableReference quantity!Quantity parameter*@ occurrence[x]?dateTime|Period|Timing authoredOn?dateTime requester?Reference supplier*Reference reason*CodeableReference deliverFrom?Reference deliverTo?Reference
SupplyRequest.parameter cBackboneElement code?CodeableConcept value[x]?CodeableConcept|Quantity|Range|boolean
Task rDomainResource identifier*Identifier instantiatesCanonical?canonical instantiatesUri?uri basedOn*Reference groupIdentifier?Identifier partOf*Reference status!code statusReason?CodeableReference businessStatus?CodeableConcept intent!code priority?code doNotPerform?boolean code?CodeableConcept description?string focus?Reference for?Reference encounter?Reference requestedPeriod?Period executionPeriod?Period authoredOn?dateTime lastModified?dateTime requester?Reference requestedPerformer*CodeableReference owner?Reference performer*@ location?Reference reason*CodeableReference insurance*Reference note*Annotation relevantHistory*Reference restriction?@ input*@ output*@
Task.performer cBackboneElement function?CodeableConcept actor!Reference
Task.restriction cBackboneElement repetitions?positiveInt period?Period recipient*Reference
Task.input cBackboneElement type!CodeableConcept value[x]!base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|integer64|markdown|oid|positiveInt|string|time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment|CodeableConcept|CodeableReference|Coding|ContactPoint|Count|Distance|Duration|HumanName|Identifier|Money|Period|Quantity|Range|Ratio|RatioRange|Reference|SampledData|Signature|Timing|ContactDetail|DataRequirement|Expression|ParameterDefinition|RelatedArtifact|TriggerDefinition|UsageContext|Availability|ExtendedContactDetail|Dosage|Meta
Task.output cBackboneElement type!CodeableConcept value[x]!base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|integer64|markdown|oid|positiveInt|string|time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment|CodeableConcept|CodeableReference|Coding|ContactPoint|Count|Distance|Duration|HumanName|Identifier|Money|Period|Quantity|Range|Ratio|RatioRange|Reference|SampledData|Signature|Timing|ContactDetail|DataRequirement|Expression|ParameterDefinition|RelatedArtifact|TriggerDefinition|UsageContext|Availability|ExtendedContactDetail|Dosage|Meta
TerminologyCapabilities rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string status!code experimental?boolean date!dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string kind!code software?@ implementation?@ lockedDate?boolean codeSystem*@ expansion?@ codeSearch?code validateCode?@ translation?@ closure?@
TerminologyCapabilities.software cBackboneElement name!string version?string
TerminologyCapabilities.implementation cBackboneElement description!string url?url
TerminologyCapabilities.codeSystem cBackboneElement uri?canonical version*@ content!code subsumption?boolean
TerminologyCapabilities.codeSystem.version cBackboneElement code?string isDefault?boolean compositional?boolean language*code filter*@ property*code
TerminologyCapabilities.codeSystem.version.filter cBackboneElement code!code op+code
TerminologyCapabilities.expansion cBackboneElement hierarchical?boolean paging?boolean incomplete?boolean parameter*@ textFilter?markdown
TerminologyCapabilities.expansion.parameter cBackboneElement name!code documentation?string
TerminologyCapabilities.validateCode cBackboneElement translations!boolean
TerminologyCapabilities.translation cBackboneElement needsMap!boolean
TerminologyCapabilities.closure cBackboneElement translation?boolean
TestPlan rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string category*CodeableConcept scope*Reference testTools?markdown dependency*@ exitCriteria?markdown testCase*@
TestPlan.dependency cBackboneElement description?markdown predecessor?Reference
TestPlan.testCase cBackboneElement sequence?integer scope*Reference dependency*@ testRun*@ testData*@ assertion*@
TestPlan.testCase.dependency cBackboneElement description?markdown predecessor?Reference
TestPlan.testCase.testRun cBackboneElement narrative?markdown script?@
TestPlan.testCase.testRun.script cBackboneElement language?CodeableConcept source[x]?string|Reference
TestPlan.testCase.testData cBackboneElement type!Coding content?Reference source[x]?string|Reference
TestPlan.testCase.assertion cBackboneElement type*CodeableConcept object*CodeableReference result*CodeableReference
TestReport rDomainResource identifier?Identifier name?string status!code testScript!canonical result!code score?decimal tester?string issued?dateTime participant*@ setup?@ test*@ teardown?@
TestReport.participant cBackboneElement type!code uri!uri display?string
TestReport.setup cBackboneElement action+@
TestReport.setup.action cBackboneElement operation?@ assert?@
TestReport.setup.action.operation cBackboneElement result!code message?markdown detail?uri
TestReport.setup.action.assert cBackboneElement result!code message?markdown detail?string requirement*@
TestReport.setup.action.assert.requirement cBackboneElement link[x]?uri|canonical
TestReport.test cBackboneElement name?string description?string action+@
TestReport.test.action cBackboneElement operation?TestReport.setup.action.operation assert?TestReport.setup.action.assert
TestReport.teardown cBackboneElement action+@
TestReport.teardown.action cBackboneElement operation!TestReport.setup.action.operation
TestScript rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name!string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown copyrightLabel?string origin*@ destination*@ metadata?@ scope*@ fixture*@ profile*canonical variable*@ setup?@ test*@ teardown?@
TestScript.origin cBackboneElement index!integer profile!Coding url?url
TestScript.destination cBackboneElement index!integer profile!Coding url?url
TestScript.metadata cBackboneElement link*@ capability+@
TestScript.metadata.link cBackboneElement url!uri description?string
TestScript.metadata.capability cBackboneElement required!boolean validated!boolean description?string origin*integer destination?integer link*uri capabilities!canonical
TestScript.scope cBackboneElement artifact!canonical conformance?CodeableConcept phase?CodeableConcept
TestScript.fixture cBackboneElement autocreate!boolean autodelete!boolean resource?Reference
TestScript.variable cBackboneElement name!string defaultValue?string description?string expression?string headerField?string hint?string path?string sourceId?id
TestScript.setup cBackboneElement action+@
TestScript.setup.action cBackboneElement operation?@ assert?@
TestScript.setup.action.operation cBackboneElement type?Coding resource?uri label?string description?string accept?code contentType?code destination?integer encodeRequestUrl!boolean method?code origin?integer params?string requestHeader*@ requestId?id responseId?id sourceId?id targetId?id url?string
TestScript.setup.action.operation.requestHeader cBackboneElement field!string value!string
TestScript.setup.action.assert cBackboneElement label?string description?string direction?code compareToSourceId?string compareToSourceExpression?string compareToSourcePath?string contentType?code defaultManualCompletion?code expression?string headerField?string minimumId?string navigationLinks?boolean operator?code path?string requestMethod?code requestURL?string resource?uri response?code responseCode?string sourceId?id stopTestOnFail!boolean validateProfileId?id value?string warningOnly!boolean requirement*@
TestScript.setup.action.assert.requirement cBackboneElement link[x]?uri|canonical
TestScript.test cBackboneElement name?string description?string action+@
TestScript.test.action cBackboneElement operation?TestScript.setup.action.operation assert?TestScript.setup.action.assert
TestScript.teardown cBackboneElement action+@
TestScript.teardown.action cBackboneElement operation!TestScript.setup.action.operation
Timing cBackboneElement event*dateTime repeat?@ code?CodeableConcept
Timing.repeat cElement bounds[x]?Duration|Range|Period count?positiveInt countMax?positiveInt duration?decimal durationMax?decimal durationUnit?code frequency?positiveInt frequencyMax?positiveInt period?decimal periodMax?decimal periodUnit?code dayOfWeek*code timeOfDay*time when*code offset?unsignedInt
Transport rDomainResource identifier*Identifier instantiatesCanonical?canonical instantiatesUri?uri basedOn*Reference groupIdentifier?Identifier partOf*Reference status?code statusReason?CodeableConcept intent!code priority?code code?CodeableConcept description?string focus?Reference for?Reference encounter?Reference completionTime?dateTime authoredOn?dateTime lastModified?dateTime requester?Reference performerType*CodeableConcept owner?Reference location?Reference insurance*Reference note*Annotation relevantHistory*Reference restriction?@ input*@ output*@ requestedLocation!Reference currentLocation!Reference reason?CodeableReference history?Reference
Transport.restriction cBackboneElement repetitions?positiveInt period?Period recipient*Reference
Transport.input cBackboneElement type!CodeableConcept value[x]!base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|integer64|markdown|oid|positiveInt|string|time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment|CodeableConcept|CodeableReference|Coding|ContactPoint|Count|Distance|Duration|HumanName|Identifier|Money|Period|Quantity|Range|Ratio|RatioRange|Reference|SampledData|Signature|Timing|ContactDetail|DataRequirement|Expression|ParameterDefinition|RelatedArtifact|TriggerDefinition|UsageContext|Availability|ExtendedContactDetail|Dosage|Meta
Transport.output cBackboneElement type!CodeableConcept value[x]!base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|integer64|markdown|oid|positiveInt|string|time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment|CodeableConcept|CodeableReference|Coding|ContactPoint|Count|Distance|Duration|HumanName|Identifier|Money|Period|Quantity|Range|Ratio|RatioRange|Reference|SampledData|Signature|Timing|ContactDetail|DataRequirement|Expression|ParameterDefinition|RelatedArtifact|TriggerDefinition|UsageContext|Availability|ExtendedContactDetail|Dosage|Meta
TriggerDefinition cElement type!code name?string code?CodeableConcept subscriptionTopic?canonical timing[x]?Timing|Reference|date|dateTime data*DataRequirement condition?Expression
UsageContext cElement code!Coding value[x]!CodeableConcept|Quantity|Range|Reference
ValueSet rDomainResource url?uri identifier*Identifier version?string versionAlgorithm[x]?string|Coding name?string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept immutable?boolean purpose?markdown copyright?markdown copyrightLabel?string approvalDate?date lastReviewDate?date effectivePeriod?Period topic*CodeableConcept author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail relatedArtifact*RelatedArtifact compose?@ expansion?@ scope?@
ValueSet.compose cBackboneElement lockedDate?date inactive?boolean include+@ exclude*ValueSet.compose.include property*string
ValueSet.compose.include cBackboneElement system?uri version?string concept*@ filter*@ valueSet*canonical copyright?string
ValueSet.compose.include.concept cBackboneElement code!code display?string designation*@
ValueSet.compose.include.concept.designation cBackboneElement language?code use?Coding additionalUse*Coding value!string
ValueSet.compose.include.filter cBackboneElement property!code op!code value!string
ValueSet.expansion cBackboneElement identifier?uri next?uri timestamp!dateTime total?integer offset?integer parameter*@ property*@ contains*@
ValueSet.expansion.parameter cBackboneElement name!string value[x]?string|boolean|integer|decimal|uri|code|dateTime
ValueSet.expansion.property cBackboneElement code!code uri?uri
ValueSet.expansion.contains cBackboneElement system?uri abstract?boolean inactive?boolean version?string code?code display?string designation*ValueSet.compose.include.concept.designation property*@ contains*ValueSet.expansion.contains
ValueSet.expansion.contains.property cBackboneElement code!code value[x]!code|Coding|string|integer|boolean|dateTime|decimal subProperty*@
ValueSet.expansion.contains.property.subProperty cBackboneElement code!code value[x]!code|Coding|string|integer|boolean|dateTime|decimal
ValueSet.scope cBackboneElement inclusionCriteria?string exclusionCriteria?string
VerificationResult rDomainResource target*Reference targetLocation*string need?CodeableConcept status!code statusDate?dateTime validationType?CodeableConcept validationProcess*CodeableConcept frequency?Timing lastPerformed?dateTime nextScheduled?date failureAction?CodeableConcept primarySource*@ attestation?@ validator*@
VerificationResult.primarySource cBackboneElement who?Reference type*CodeableConcept communicationMethod*CodeableConcept validationStatus?CodeableConcept validationDate?dateTime canPushUpdates?CodeableConcept pushTypeAvailable*CodeableConcept
VerificationResult.attestation cBackboneElement who?Reference onBehalfOf?Reference communicationMethod?CodeableConcept date?date sourceIdentityCertificate?string proxyIdentityCertificate?string proxySignature?Signature sourceSignature?Signature
VerificationResult.validator cBackboneElement organization!Reference identityCertificate?string attestationSignature?Signature
VirtualServiceDetail cElement channelType?Coding address[x]?url|string|ContactPoint|ExtendedContactDetail additionalInfo*url maxParticipants?positiveInt sessionKey?string
VisionPrescription rDomainResource identifier*Identifier status!code created!dateTime patient!Reference encounter?Reference dateWritten!dateTime prescriber!Reference lensSpecification+@
VisionPrescription.lensSpecification cBackboneElement product!CodeableConcept eye!code sphere?decimal cylinder?decimal axis?integer prism*@ add?decimal power?decimal backCurve?decimal diameter?decimal duration?Quantity color?string brand?string note*Annotation
VisionPrescription.lensSpecification.prism cBackboneElement amount!decimal base!code
`
