// Made by scripts/generate-fhir.ts from the HL7 FHIR 4.3.0 definitions (CC0). Do not edit.
export const fhirVersion = '4.3.0'
export const resources: string = 'Account ActivityDefinition AdministrableProductDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic Binary BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement CarePlan CareTeam CatalogEntry ChargeItem ChargeItemDefinition Citation Claim ClaimResponse ClinicalImpression ClinicalUseDefinition CodeSystem Communication CommunicationRequest CompartmentDefinition Composition ConceptMap Condition Consent Contract Coverage CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue Device DeviceDefinition DeviceMetric DeviceRequest DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference Encounter Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceReport EvidenceVariable ExampleScenario ExplanationOfBenefit FamilyMemberHistory Flag Goal GraphDefinition Group GuidanceResponse HealthcareService ImagingStudy Immunization ImmunizationEvaluation ImmunizationRecommendation ImplementationGuide Ingredient InsurancePlan Invoice Library Linkage List Location ManufacturedItemDefinition Measure MeasureReport Media Medication MedicationAdministration MedicationDispense MedicationKnowledge MedicationRequest MedicationStatement MedicinalProductDefinition MessageDefinition MessageHeader MolecularSequence NamingSystem NutritionOrder NutritionProduct Observation ObservationDefinition OperationDefinition OperationOutcome Organization OrganizationAffiliation PackagedProductDefinition Parameters Patient PaymentNotice PaymentReconciliation Person PlanDefinition Practitioner PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse RegulatedAuthorization RelatedPerson RequestGroup ResearchDefinition ResearchElementDefinition ResearchStudy ResearchSubject RiskAssessment Schedule SearchParameter ServiceRequest Slot Specimen SpecimenDefinition StructureDefinition StructureMap Subscription SubscriptionStatus SubscriptionTopic Substance SubstanceDefinition SupplyDelivery SupplyRequest Task TerminologyCapabilities TestReport TestScript ValueSet VerificationResult VisionPrescription'
export const primitives: string = 'base64Binary:Element boolean:Element canonical:uri code:string date:Element dateTime:Element decimal:Element id:string instant:Element integer:Element markdown:string oid:uri positiveInt:integer string:Element time:Element unsignedInt:integer uri:Element url:uri uuid:uri xhtml:Element'
export const patientPaths: string = `
Account subject
AdverseEvent subject
AllergyIntolerance patient recorder asserter
Appointment participant.actor
AppointmentResponse actor
AuditEvent agent.who entity.what
Basic subject author
BodyStructure patient
CarePlan subject activity.detail.performer
CareTeam subject participant.member
ChargeItem subject
Claim patient payee.party
ClaimResponse patient
ClinicalImpression subject
ClinicalUseDefinition subject
Communication subject sender recipient
CommunicationRequest subject sender recipient requester
Composition subject author attester.party
Condition subject asserter
Consent patient
Contract subject
Coverage beneficiary policyHolder subscriber payor
CoverageEligibilityRequest patient
CoverageEligibilityResponse patient
DetectedIssue patient
Device patient
DeviceRequest subject performer
DeviceUseStatement subject
DiagnosticReport subject
DocumentManifest subject author recipient
DocumentReference subject author
Encounter subject
EnrollmentRequest candidate
EpisodeOfCare patient
ExplanationOfBenefit patient payee.party
FamilyMemberHistory patient
Flag subject
Goal subject
Group member.entity
GuidanceResponse subject
ImagingStudy subject
Immunization patient
ImmunizationEvaluation patient
ImmunizationRecommendation patient
Invoice subject recipient
List subject source
MeasureReport subject
Media subject
MedicationAdministration subject performer.actor
MedicationDispense subject receiver
MedicationRequest subject
MedicationStatement subject
MolecularSequence patient
NutritionOrder patient
Observation subject performer
Person link.target
Procedure subject performer.actor
Provenance target
QuestionnaireResponse subject author
RegulatedAuthorization subject
RelatedPerson patient
RequestGroup subject action.participant
ResearchSubject individual
RiskAssessment subject
Schedule actor
ServiceRequest subject performer
Specimen subject
SupplyDelivery patient
SupplyRequest deliverTo
Task for
VisionPrescription patient
`
export const types: string = `
Account rDomainResource identifier*Identifier status!code type?CodeableConcept name?string subject*Reference servicePeriod?Period coverage*@ owner?Reference description?string guarantor*@ partOf?Reference
Account.coverage cBackboneElement coverage!Reference priority?positiveInt
Account.guarantor cBackboneElement party!Reference onHold?boolean period?Period
ActivityDefinition rDomainResource url?uri identifier*Identifier version?string name?string title?string subtitle?string status!code experimental?boolean subject[x]?CodeableConcept|Reference|canonical date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown usage?string copyright?markdown approvalDate?date lastReviewDate?date effectivePeriod?Period topic*CodeableConcept author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail relatedArtifact*RelatedArtifact library*canonical kind?code profile?canonical code?CodeableConcept intent?code priority?code doNotPerform?boolean timing[x]?Timing|dateTime|Age|Period|Range|Duration location?Reference participant*@ product[x]?Reference|CodeableConcept quantity?Quantity dosage*Dosage bodySite*CodeableConcept specimenRequirement*Reference observationRequirement*Reference observationResultRequirement*Reference transform?canonical dynamicValue*@
ActivityDefinition.participant cBackboneElement type!code role?CodeableConcept
ActivityDefinition.dynamicValue cBackboneElement path!string expression!Expression
Address cElement use?code type?code text?string line*string city?string district?string state?string postalCode?string country?string period?Period
AdministrableProductDefinition rDomainResource identifier*Identifier status!code formOf*Reference administrableDoseForm?CodeableConcept unitOfPresentation?CodeableConcept producedFrom*Reference ingredient*CodeableConcept device?Reference property*@ routeOfAdministration+@
AdministrableProductDefinition.property cBackboneElement type!CodeableConcept value[x]?CodeableConcept|Quantity|date|boolean|Attachment status?CodeableConcept
AdministrableProductDefinition.routeOfAdministration cBackboneElement code!CodeableConcept firstDose?Quantity maxSingleDose?Quantity maxDosePerDay?Quantity maxDosePerTreatmentPeriod?Ratio maxTreatmentPeriod?Duration targetSpecies*@
AdministrableProductDefinition.routeOfAdministration.targetSpecies cBackboneElement code!CodeableConcept withdrawalPeriod*@
AdministrableProductDefinition.routeOfAdministration.targetSpecies.withdrawalPeriod cBackboneElement tissue!CodeableConcept value!Quantity supportingInformation?string
AdverseEvent rDomainResource identifier?Identifier actuality!code category*CodeableConcept event?CodeableConcept subject!Reference encounter?Reference date?dateTime detected?dateTime recordedDate?dateTime resultingCondition*Reference location?Reference seriousness?CodeableConcept severity?CodeableConcept outcome?CodeableConcept recorder?Reference contributor*Reference suspectEntity*@ subjectMedicalHistory*Reference referenceDocument*Reference study*Reference
AdverseEvent.suspectEntity cBackboneElement instance!Reference causality*@
AdverseEvent.suspectEntity.causality cBackboneElement assessment?CodeableConcept productRelatedness?string author?Reference method?CodeableConcept
Age cElement value?decimal comparator?code unit?string system?uri code?code
AllergyIntolerance rDomainResource identifier*Identifier clinicalStatus?CodeableConcept verificationStatus?CodeableConcept type?code category*code criticality?code code?CodeableConcept patient!Reference encounter?Reference onset[x]?dateTime|Age|Period|Range|string recordedDate?dateTime recorder?Reference asserter?Reference lastOccurrence?dateTime note*Annotation reaction*@
AllergyIntolerance.reaction cBackboneElement substance?CodeableConcept manifestation+CodeableConcept description?string onset?dateTime severity?code exposureRoute?CodeableConcept note*Annotation
Annotation cElement author[x]?Reference|string time?dateTime text!markdown
Appointment rDomainResource identifier*Identifier status!code cancelationReason?CodeableConcept serviceCategory*CodeableConcept serviceType*CodeableConcept specialty*CodeableConcept appointmentType?CodeableConcept reasonCode*CodeableConcept reasonReference*Reference priority?unsignedInt description?string supportingInformation*Reference start?instant end?instant minutesDuration?positiveInt slot*Reference created?dateTime comment?string patientInstruction?string basedOn*Reference participant+@ requestedPeriod*Period
Appointment.participant cBackboneElement type*CodeableConcept actor?Reference required?code status!code period?Period
AppointmentResponse rDomainResource identifier*Identifier appointment!Reference start?instant end?instant participantType*CodeableConcept actor?Reference participantStatus!code comment?string
Attachment cElement contentType?code language?code data?base64Binary url?url size?unsignedInt hash?base64Binary title?string creation?dateTime
AuditEvent rDomainResource type!Coding subtype*Coding action?code period?Period recorded!instant outcome?code outcomeDesc?string purposeOfEvent*CodeableConcept agent+@ source!@ entity*@
AuditEvent.agent cBackboneElement type?CodeableConcept role*CodeableConcept who?Reference altId?string name?string requestor!boolean location?Reference policy*uri media?Coding network?@ purposeOfUse*CodeableConcept
AuditEvent.agent.network cBackboneElement address?string type?code
AuditEvent.source cBackboneElement site?string observer!Reference type*Coding
AuditEvent.entity cBackboneElement what?Reference type?Coding role?Coding lifecycle?Coding securityLabel*Coding name?string description?string query?base64Binary detail*@
AuditEvent.entity.detail cBackboneElement type!string value[x]!string|base64Binary
Basic rDomainResource identifier*Identifier code!CodeableConcept subject?Reference created?date author?Reference
Binary rResource contentType!code securityContext?Reference data?base64Binary
BiologicallyDerivedProduct rDomainResource identifier*Identifier productCategory?code productCode?CodeableConcept status?code request*Reference quantity?integer parent*Reference collection?@ processing*@ manipulation?@ storage*@
BiologicallyDerivedProduct.collection cBackboneElement collector?Reference source?Reference collected[x]?dateTime|Period
BiologicallyDerivedProduct.processing cBackboneElement description?string procedure?CodeableConcept additive?Reference time[x]?dateTime|Period
BiologicallyDerivedProduct.manipulation cBackboneElement description?string time[x]?dateTime|Period
BiologicallyDerivedProduct.storage cBackboneElement description?string temperature?decimal scale?code duration?Period
BodyStructure rDomainResource identifier*Identifier active?boolean morphology?CodeableConcept location?CodeableConcept locationQualifier*CodeableConcept description?string image*Attachment patient!Reference
Bundle rResource identifier?Identifier type!code timestamp?instant total?unsignedInt link*@ entry*@ signature?Signature
Bundle.link cBackboneElement relation!string url!uri
Bundle.entry cBackboneElement link*Bundle.link fullUrl?uri resource?Resource search?@ request?@ response?@
Bundle.entry.search cBackboneElement mode?code score?decimal
Bundle.entry.request cBackboneElement method!code url!uri ifNoneMatch?string ifModifiedSince?instant ifMatch?string ifNoneExist?string
Bundle.entry.response cBackboneElement status!string location?uri etag?string lastModified?instant outcome?Resource
CapabilityStatement rDomainResource url?uri version?string name?string title?string status!code experimental?boolean date!dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown kind!code instantiates*canonical imports*canonical software?@ implementation?@ fhirVersion!code format+code patchFormat*code implementationGuide*canonical rest*@ messaging*@ document*@
CapabilityStatement.software cBackboneElement name!string version?string releaseDate?dateTime
CapabilityStatement.implementation cBackboneElement description!string url?url custodian?Reference
CapabilityStatement.rest cBackboneElement mode!code documentation?markdown security?@ resource*@ interaction*@ searchParam*CapabilityStatement.rest.resource.searchParam operation*CapabilityStatement.rest.resource.operation compartment*canonical
CapabilityStatement.rest.security cBackboneElement cors?boolean service*CodeableConcept description?markdown
CapabilityStatement.rest.resource cBackboneElement type!code profile?canonical supportedProfile*canonical documentation?markdown interaction*@ versioning?code readHistory?boolean updateCreate?boolean conditionalCreate?boolean conditionalRead?code conditionalUpdate?boolean conditionalDelete?code referencePolicy*code searchInclude*string searchRevInclude*string searchParam*@ operation*@
CapabilityStatement.rest.resource.interaction cBackboneElement code!code documentation?markdown
CapabilityStatement.rest.resource.searchParam cBackboneElement name!string definition?canonical type!code documentation?markdown
CapabilityStatement.rest.resource.operation cBackboneElement name!string definition!canonical documentation?markdown
CapabilityStatement.rest.interaction cBackboneElement code!code documentation?markdown
CapabilityStatement.messaging cBackboneElement endpoint*@ reliableCache?unsignedInt documentation?markdown supportedMessage*@
CapabilityStatement.messaging.endpoint cBackboneElement protocol!Coding address!url
CapabilityStatement.messaging.supportedMessage cBackboneElement mode!code definition!canonical
CapabilityStatement.document cBackboneElement mode!code documentation?markdown profile!canonical
CarePlan rDomainResource identifier*Identifier instantiatesCanonical*canonical instantiatesUri*uri basedOn*Reference replaces*Reference partOf*Reference status!code intent!code category*CodeableConcept title?string description?string subject!Reference encounter?Reference period?Period created?dateTime author?Reference contributor*Reference careTeam*Reference addresses*Reference supportingInfo*Reference goal*Reference activity*@ note*Annotation
CarePlan.activity cBackboneElement outcomeCodeableConcept*CodeableConcept outcomeReference*Reference progress*Annotation reference?Reference detail?@
CarePlan.activity.detail cBackboneElement kind?code instantiatesCanonical*canonical instantiatesUri*uri code?CodeableConcept reasonCode*CodeableConcept reasonReference*Reference goal*Reference status!code statusReason?CodeableConcept doNotPerform?boolean scheduled[x]?Timing|Period|string location?Reference performer*Reference product[x]?CodeableConcept|Reference dailyAmount?Quantity quantity?Quantity description?string
CareTeam rDomainResource identifier*Identifier status?code category*CodeableConcept name?string subject?Reference encounter?Reference period?Period participant*@ reasonCode*CodeableConcept reasonReference*Reference managingOrganization*Reference telecom*ContactPoint note*Annotation
CareTeam.participant cBackboneElement role*CodeableConcept member?Reference onBehalfOf?Reference period?Period
CatalogEntry rDomainResource identifier*Identifier type?CodeableConcept orderable!boolean referencedItem!Reference additionalIdentifier*Identifier classification*CodeableConcept status?code validityPeriod?Period validTo?dateTime lastUpdated?dateTime additionalCharacteristic*CodeableConcept additionalClassification*CodeableConcept relatedEntry*@
CatalogEntry.relatedEntry cBackboneElement relationtype!code item!Reference
ChargeItem rDomainResource identifier*Identifier definitionUri*uri definitionCanonical*canonical status!code partOf*Reference code!CodeableConcept subject!Reference context?Reference occurrence[x]?dateTime|Period|Timing performer*@ performingOrganization?Reference requestingOrganization?Reference costCenter?Reference quantity?Quantity bodysite*CodeableConcept factorOverride?decimal priceOverride?Money overrideReason?string enterer?Reference enteredDate?dateTime reason*CodeableConcept service*Reference product[x]?Reference|CodeableConcept account*Reference note*Annotation supportingInformation*Reference
ChargeItem.performer cBackboneElement function?CodeableConcept actor!Reference
ChargeItemDefinition rDomainResource url!uri identifier*Identifier version?string title?string derivedFromUri*uri partOf*canonical replaces*canonical status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept copyright?markdown approvalDate?date lastReviewDate?date effectivePeriod?Period code?CodeableConcept instance*Reference applicability*@ propertyGroup*@
ChargeItemDefinition.applicability cBackboneElement description?string language?string expression?string
ChargeItemDefinition.propertyGroup cBackboneElement applicability*ChargeItemDefinition.applicability priceComponent*@
ChargeItemDefinition.propertyGroup.priceComponent cBackboneElement type!code code?CodeableConcept factor?decimal amount?Money
Citation rDomainResource url?uri identifier*Identifier version?string name?string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown approvalDate?date lastReviewDate?date effectivePeriod?Period author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail summary*@ classification*@ note*Annotation currentState*CodeableConcept statusDate*@ relatesTo*@ citedArtifact?@
Citation.summary cBackboneElement style?CodeableConcept text!markdown
Citation.classification cBackboneElement type?CodeableConcept classifier*CodeableConcept
Citation.statusDate cBackboneElement activity!CodeableConcept actual?boolean period!Period
Citation.relatesTo cBackboneElement relationshipType!CodeableConcept targetClassifier*CodeableConcept target[x]!uri|Identifier|Reference|Attachment
Citation.citedArtifact cBackboneElement identifier*Identifier relatedIdentifier*Identifier dateAccessed?dateTime version?@ currentState*CodeableConcept statusDate*@ title*@ abstract*@ part?@ relatesTo*@ publicationForm*@ webLocation*@ classification*@ contributorship?@ note*Annotation
Citation.citedArtifact.version cBackboneElement value!string baseCitation?Reference
Citation.citedArtifact.statusDate cBackboneElement activity!CodeableConcept actual?boolean period!Period
Citation.citedArtifact.title cBackboneElement type*CodeableConcept language?CodeableConcept text!markdown
Citation.citedArtifact.abstract cBackboneElement type?CodeableConcept language?CodeableConcept text!markdown copyright?markdown
Citation.citedArtifact.part cBackboneElement type?CodeableConcept value?string baseCitation?Reference
Citation.citedArtifact.relatesTo cBackboneElement relationshipType!CodeableConcept targetClassifier*CodeableConcept target[x]!uri|Identifier|Reference|Attachment
Citation.citedArtifact.publicationForm cBackboneElement publishedIn?@ periodicRelease?@ articleDate?dateTime lastRevisionDate?dateTime language*CodeableConcept accessionNumber?string pageString?string firstPage?string lastPage?string pageCount?string copyright?markdown
Citation.citedArtifact.publicationForm.publishedIn cBackboneElement type?CodeableConcept identifier*Identifier title?string publisher?Reference publisherLocation?string
Citation.citedArtifact.publicationForm.periodicRelease cBackboneElement citedMedium?CodeableConcept volume?string issue?string dateOfPublication?@
Citation.citedArtifact.publicationForm.periodicRelease.dateOfPublication cBackboneElement date?date year?string month?string day?string season?string text?string
Citation.citedArtifact.webLocation cBackboneElement type?CodeableConcept url?uri
Citation.citedArtifact.classification cBackboneElement type?CodeableConcept classifier*CodeableConcept whoClassified?@
Citation.citedArtifact.classification.whoClassified cBackboneElement person?Reference organization?Reference publisher?Reference classifierCopyright?string freeToShare?boolean
Citation.citedArtifact.contributorship cBackboneElement complete?boolean entry*@ summary*@
Citation.citedArtifact.contributorship.entry cBackboneElement name?HumanName initials?string collectiveName?string identifier*Identifier affiliationInfo*@ address*Address telecom*ContactPoint contributionType*CodeableConcept role?CodeableConcept contributionInstance*@ correspondingContact?boolean listOrder?positiveInt
Citation.citedArtifact.contributorship.entry.affiliationInfo cBackboneElement affiliation?string role?string identifier*Identifier
Citation.citedArtifact.contributorship.entry.contributionInstance cBackboneElement type!CodeableConcept time?dateTime
Citation.citedArtifact.contributorship.summary cBackboneElement type?CodeableConcept style?CodeableConcept source?CodeableConcept value!markdown
Claim rDomainResource identifier*Identifier status!code type!CodeableConcept subType?CodeableConcept use!code patient!Reference billablePeriod?Period created!dateTime enterer?Reference insurer?Reference provider!Reference priority!CodeableConcept fundsReserve?CodeableConcept related*@ prescription?Reference originalPrescription?Reference payee?@ referral?Reference facility?Reference careTeam*@ supportingInfo*@ diagnosis*@ procedure*@ insurance+@ accident?@ item*@ total?Money
Claim.related cBackboneElement claim?Reference relationship?CodeableConcept reference?Identifier
Claim.payee cBackboneElement type!CodeableConcept party?Reference
Claim.careTeam cBackboneElement sequence!positiveInt provider!Reference responsible?boolean role?CodeableConcept qualification?CodeableConcept
Claim.supportingInfo cBackboneElement sequence!positiveInt category!CodeableConcept code?CodeableConcept timing[x]?date|Period value[x]?boolean|string|Quantity|Attachment|Reference reason?CodeableConcept
Claim.diagnosis cBackboneElement sequence!positiveInt diagnosis[x]!CodeableConcept|Reference type*CodeableConcept onAdmission?CodeableConcept packageCode?CodeableConcept
Claim.procedure cBackboneElement sequence!positiveInt type*CodeableConcept date?dateTime procedure[x]!CodeableConcept|Reference udi*Reference
Claim.insurance cBackboneElement sequence!positiveInt focal!boolean identifier?Identifier coverage!Reference businessArrangement?string preAuthRef*string claimResponse?Reference
Claim.accident cBackboneElement date!date type?CodeableConcept location[x]?Address|Reference
Claim.item cBackboneElement sequence!positiveInt careTeamSequence*positiveInt diagnosisSequence*positiveInt procedureSequence*positiveInt informationSequence*positiveInt revenue?CodeableConcept category?CodeableConcept productOrService!CodeableConcept modifier*CodeableConcept programCode*CodeableConcept serviced[x]?date|Period location[x]?CodeableConcept|Address|Reference quantity?Quantity unitPrice?Money factor?decimal net?Money udi*Reference bodySite?CodeableConcept subSite*CodeableConcept encounter*Reference detail*@
Claim.item.detail cBackboneElement sequence!positiveInt revenue?CodeableConcept category?CodeableConcept productOrService!CodeableConcept modifier*CodeableConcept programCode*CodeableConcept quantity?Quantity unitPrice?Money factor?decimal net?Money udi*Reference subDetail*@
Claim.item.detail.subDetail cBackboneElement sequence!positiveInt revenue?CodeableConcept category?CodeableConcept productOrService!CodeableConcept modifier*CodeableConcept programCode*CodeableConcept quantity?Quantity unitPrice?Money factor?decimal net?Money udi*Reference
ClaimResponse rDomainResource identifier*Identifier status!code type!CodeableConcept subType?CodeableConcept use!code patient!Reference created!dateTime insurer!Reference requestor?Reference request?Reference outcome!code disposition?string preAuthRef?string preAuthPeriod?Period payeeType?CodeableConcept item*@ addItem*@ adjudication*ClaimResponse.item.adjudication total*@ payment?@ fundsReserve?CodeableConcept formCode?CodeableConcept form?Attachment processNote*@ communicationRequest*Reference insurance*@ error*@
ClaimResponse.item cBackboneElement itemSequence!positiveInt noteNumber*positiveInt adjudication+@ detail*@
ClaimResponse.item.adjudication cBackboneElement category!CodeableConcept reason?CodeableConcept amount?Money value?decimal
ClaimResponse.item.detail cBackboneElement detailSequence!positiveInt noteNumber*positiveInt adjudication+ClaimResponse.item.adjudication subDetail*@
ClaimResponse.item.detail.subDetail cBackboneElement subDetailSequence!positiveInt noteNumber*positiveInt adjudication*ClaimResponse.item.adjudication
ClaimResponse.addItem cBackboneElement itemSequence*positiveInt detailSequence*positiveInt subdetailSequence*positiveInt provider*Reference productOrService!CodeableConcept modifier*CodeableConcept programCode*CodeableConcept serviced[x]?date|Period location[x]?CodeableConcept|Address|Reference quantity?Quantity unitPrice?Money factor?decimal net?Money bodySite?CodeableConcept subSite*CodeableConcept noteNumber*positiveInt adjudication+ClaimResponse.item.adjudication detail*@
ClaimResponse.addItem.detail cBackboneElement productOrService!CodeableConcept modifier*CodeableConcept quantity?Quantity unitPrice?Money factor?decimal net?Money noteNumber*positiveInt adjudication+ClaimResponse.item.adjudication subDetail*@
ClaimResponse.addItem.detail.subDetail cBackboneElement productOrService!CodeableConcept modifier*CodeableConcept quantity?Quantity unitPrice?Money factor?decimal net?Money noteNumber*positiveInt adjudication+ClaimResponse.item.adjudication
ClaimResponse.total cBackboneElement category!CodeableConcept amount!Money
ClaimResponse.payment cBackboneElement type!CodeableConcept adjustment?Money adjustmentReason?CodeableConcept date?date amount!Money identifier?Identifier
ClaimResponse.processNote cBackboneElement number?positiveInt type?code text!string language?CodeableConcept
ClaimResponse.insurance cBackboneElement sequence!positiveInt focal!boolean coverage!Reference businessArrangement?string claimResponse?Reference
ClaimResponse.error cBackboneElement itemSequence?positiveInt detailSequence?positiveInt subDetailSequence?positiveInt code!CodeableConcept
ClinicalImpression rDomainResource identifier*Identifier status!code statusReason?CodeableConcept code?CodeableConcept description?string subject!Reference encounter?Reference effective[x]?dateTime|Period date?dateTime assessor?Reference previous?Reference problem*Reference investigation*@ protocol*uri summary?string finding*@ prognosisCodeableConcept*CodeableConcept prognosisReference*Reference supportingInfo*Reference note*Annotation
ClinicalImpression.investigation cBackboneElement code!CodeableConcept item*Reference
ClinicalImpression.finding cBackboneElement itemCodeableConcept?CodeableConcept itemReference?Reference basis?string
ClinicalUseDefinition rDomainResource identifier*Identifier type!code category*CodeableConcept subject*Reference status?CodeableConcept contraindication?@ indication?@ interaction?@ population*Reference undesirableEffect?@ warning?@
ClinicalUseDefinition.contraindication cBackboneElement diseaseSymptomProcedure?CodeableReference diseaseStatus?CodeableReference comorbidity*CodeableReference indication*Reference otherTherapy*@
ClinicalUseDefinition.contraindication.otherTherapy cBackboneElement relationshipType!CodeableConcept therapy!CodeableReference
ClinicalUseDefinition.indication cBackboneElement diseaseSymptomProcedure?CodeableReference diseaseStatus?CodeableReference comorbidity*CodeableReference intendedEffect?CodeableReference duration[x]?Range|string undesirableEffect*Reference otherTherapy*ClinicalUseDefinition.contraindication.otherTherapy
ClinicalUseDefinition.interaction cBackboneElement interactant*@ type?CodeableConcept effect?CodeableReference incidence?CodeableConcept management*CodeableConcept
ClinicalUseDefinition.interaction.interactant cBackboneElement item[x]!Reference|CodeableConcept
ClinicalUseDefinition.undesirableEffect cBackboneElement symptomConditionEffect?CodeableReference classification?CodeableConcept frequencyOfOccurrence?CodeableConcept
ClinicalUseDefinition.warning cBackboneElement description?markdown code?CodeableConcept
CodeSystem rDomainResource url?uri identifier*Identifier version?string name?string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown caseSensitive?boolean valueSet?canonical hierarchyMeaning?code compositional?boolean versionNeeded?boolean content!code supplements?canonical count?unsignedInt filter*@ property*@ concept*@
CodeSystem.filter cBackboneElement code!code description?string operator+code value!string
CodeSystem.property cBackboneElement code!code uri?uri description?string type!code
CodeSystem.concept cBackboneElement code!code display?string definition?string designation*@ property*@ concept*CodeSystem.concept
CodeSystem.concept.designation cBackboneElement language?code use?Coding value!string
CodeSystem.concept.property cBackboneElement code!code value[x]!code|Coding|string|integer|boolean|dateTime|decimal
CodeableConcept cElement coding*Coding text?string
CodeableReference cElement concept?CodeableConcept reference?Reference
Coding cElement system?uri version?string code?code display?string userSelected?boolean
Communication rDomainResource identifier*Identifier instantiatesCanonical*canonical instantiatesUri*uri basedOn*Reference partOf*Reference inResponseTo*Reference status!code statusReason?CodeableConcept category*CodeableConcept priority?code medium*CodeableConcept subject?Reference topic?CodeableConcept about*Reference encounter?Reference sent?dateTime received?dateTime recipient*Reference sender?Reference reasonCode*CodeableConcept reasonReference*Reference payload*@ note*Annotation
Communication.payload cBackboneElement content[x]!string|Attachment|Reference
CommunicationRequest rDomainResource identifier*Identifier basedOn*Reference replaces*Reference groupIdentifier?Identifier status!code statusReason?CodeableConcept category*CodeableConcept priority?code doNotPerform?boolean medium*CodeableConcept subject?Reference about*Reference encounter?Reference payload*@ occurrence[x]?dateTime|Period authoredOn?dateTime requester?Reference recipient*Reference sender?Reference reasonCode*CodeableConcept reasonReference*Reference note*Annotation
CommunicationRequest.payload cBackboneElement content[x]!string|Attachment|Reference
CompartmentDefinition rDomainResource url!uri version?string name!string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext purpose?markdown code!code search!boolean resource*@
CompartmentDefinition.resource cBackboneElement code!code param*string documentation?string
Composition rDomainResource identifier?Identifier status!code type!CodeableConcept category*CodeableConcept subject?Reference encounter?Reference date!dateTime author+Reference title!string confidentiality?code attester*@ custodian?Reference relatesTo*@ event*@ section*@
Composition.attester cBackboneElement mode!code time?dateTime party?Reference
Composition.relatesTo cBackboneElement code!code target[x]!Identifier|Reference
Composition.event cBackboneElement code*CodeableConcept period?Period detail*Reference
Composition.section cBackboneElement title?string code?CodeableConcept author*Reference focus?Reference text?Narrative mode?code orderedBy?CodeableConcept entry*Reference emptyReason?CodeableConcept section*Composition.section
ConceptMap rDomainResource url?uri identifier?Identifier version?string name?string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown source[x]?uri|canonical target[x]?uri|canonical group*@
ConceptMap.group cBackboneElement source?uri sourceVersion?string target?uri targetVersion?string element+@ unmapped?@
ConceptMap.group.element cBackboneElement code?code display?string target*@
ConceptMap.group.element.target cBackboneElement code?code display?string equivalence!code comment?string dependsOn*@ product*ConceptMap.group.element.target.dependsOn
ConceptMap.group.element.target.dependsOn cBackboneElement property!uri system?canonical value!string display?string
ConceptMap.group.unmapped cBackboneElement mode!code code?code display?string url?canonical
Condition rDomainResource identifier*Identifier clinicalStatus?CodeableConcept verificationStatus?CodeableConcept category*CodeableConcept severity?CodeableConcept code?CodeableConcept bodySite*CodeableConcept subject!Reference encounter?Reference onset[x]?dateTime|Age|Period|Range|string abatement[x]?dateTime|Age|Period|Range|string recordedDate?dateTime recorder?Reference asserter?Reference stage*@ evidence*@ note*Annotation
Condition.stage cBackboneElement summary?CodeableConcept assessment*Reference type?CodeableConcept
Condition.evidence cBackboneElement code*CodeableConcept detail*Reference
Consent rDomainResource identifier*Identifier status!code scope!CodeableConcept category+CodeableConcept patient?Reference dateTime?dateTime performer*Reference organization*Reference source[x]?Attachment|Reference policy*@ policyRule?CodeableConcept verification*@ provision?@
Consent.policy cBackboneElement authority?uri uri?uri
Consent.verification cBackboneElement verified!boolean verifiedWith?Reference verificationDate?dateTime
Consent.provision cBackboneElement type?code period?Period actor*@ action*CodeableConcept securityLabel*Coding purpose*Coding class*Coding code*CodeableConcept dataPeriod?Period data*@ provision*Consent.provision
Consent.provision.actor cBackboneElement role!CodeableConcept reference!Reference
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
Contract.term.action cBackboneElement doNotPerform?boolean type!CodeableConcept subject*@ intent!CodeableConcept linkId*string status!CodeableConcept context?Reference contextLinkId*string occurrence[x]?dateTime|Period|Timing requester*Reference requesterLinkId*string performerType*CodeableConcept performerRole?CodeableConcept performer?Reference performerLinkId*string reasonCode*CodeableConcept reasonReference*Reference reason*string reasonLinkId*string note*Annotation securityLabelNumber*unsignedInt
Contract.term.action.subject cBackboneElement reference+Reference role?CodeableConcept
Contract.signer cBackboneElement type!Coding party!Reference signature+Signature
Contract.friendly cBackboneElement content[x]!Attachment|Reference
Contract.legal cBackboneElement content[x]!Attachment|Reference
Contract.rule cBackboneElement content[x]!Attachment|Reference
Contributor cElement type!code name!string contact*ContactDetail
Count cElement value?decimal comparator?code unit?string system?uri code?code
Coverage rDomainResource identifier*Identifier status!code type?CodeableConcept policyHolder?Reference subscriber?Reference subscriberId?string beneficiary!Reference dependent?string relationship?CodeableConcept period?Period payor+Reference class*@ order?positiveInt network?string costToBeneficiary*@ subrogation?boolean contract*Reference
Coverage.class cBackboneElement type!CodeableConcept value!string name?string
Coverage.costToBeneficiary cBackboneElement type?CodeableConcept value[x]!Quantity|Money exception*@
Coverage.costToBeneficiary.exception cBackboneElement type!CodeableConcept period?Period
CoverageEligibilityRequest rDomainResource identifier*Identifier status!code priority?CodeableConcept purpose+code patient!Reference serviced[x]?date|Period created!dateTime enterer?Reference provider?Reference insurer!Reference facility?Reference supportingInfo*@ insurance*@ item*@
CoverageEligibilityRequest.supportingInfo cBackboneElement sequence!positiveInt information!Reference appliesToAll?boolean
CoverageEligibilityRequest.insurance cBackboneElement focal?boolean coverage!Reference businessArrangement?string
CoverageEligibilityRequest.item cBackboneElement supportingInfoSequence*positiveInt category?CodeableConcept productOrService?CodeableConcept modifier*CodeableConcept provider?Reference quantity?Quantity unitPrice?Money facility?Reference diagnosis*@ detail*Reference
CoverageEligibilityRequest.item.diagnosis cBackboneElement diagnosis[x]?CodeableConcept|Reference
CoverageEligibilityResponse rDomainResource identifier*Identifier status!code purpose+code patient!Reference serviced[x]?date|Period created!dateTime requestor?Reference request!Reference outcome!code disposition?string insurer!Reference insurance*@ preAuthRef?string form?CodeableConcept error*@
CoverageEligibilityResponse.insurance cBackboneElement coverage!Reference inforce?boolean benefitPeriod?Period item*@
CoverageEligibilityResponse.insurance.item cBackboneElement category?CodeableConcept productOrService?CodeableConcept modifier*CodeableConcept provider?Reference excluded?boolean name?string description?string network?CodeableConcept unit?CodeableConcept term?CodeableConcept benefit*@ authorizationRequired?boolean authorizationSupporting*CodeableConcept authorizationUrl?uri
CoverageEligibilityResponse.insurance.item.benefit cBackboneElement type!CodeableConcept allowed[x]?unsignedInt|string|Money used[x]?unsignedInt|string|Money
CoverageEligibilityResponse.error cBackboneElement code!CodeableConcept
DataRequirement cElement type!code profile*canonical subject[x]?CodeableConcept|Reference mustSupport*string codeFilter*@ dateFilter*@ limit?positiveInt sort*@
DataRequirement.codeFilter cElement path?string searchParam?string valueSet?canonical code*Coding
DataRequirement.dateFilter cElement path?string searchParam?string value[x]?dateTime|Period|Duration
DataRequirement.sort cElement path!string direction!code
DetectedIssue rDomainResource identifier*Identifier status!code code?CodeableConcept severity?code patient?Reference identified[x]?dateTime|Period author?Reference implicated*Reference evidence*@ detail?string reference?uri mitigation*@
DetectedIssue.evidence cBackboneElement code*CodeableConcept detail*Reference
DetectedIssue.mitigation cBackboneElement action!CodeableConcept date?dateTime author?Reference
Device rDomainResource identifier*Identifier definition?Reference udiCarrier*@ status?code statusReason*CodeableConcept distinctIdentifier?string manufacturer?string manufactureDate?dateTime expirationDate?dateTime lotNumber?string serialNumber?string deviceName*@ modelNumber?string partNumber?string type?CodeableConcept specialization*@ version*@ property*@ patient?Reference owner?Reference contact*ContactPoint location?Reference url?uri note*Annotation safety*CodeableConcept parent?Reference
Device.udiCarrier cBackboneElement deviceIdentifier?string issuer?uri jurisdiction?uri carrierAIDC?base64Binary carrierHRF?string entryType?code
Device.deviceName cBackboneElement name!string type!code
Device.specialization cBackboneElement systemType!CodeableConcept version?string
Device.version cBackboneElement type?CodeableConcept component?Identifier value!string
Device.property cBackboneElement type!CodeableConcept valueQuantity*Quantity valueCode*CodeableConcept
DeviceDefinition rDomainResource identifier*Identifier udiDeviceIdentifier*@ manufacturer[x]?string|Reference deviceName*@ modelNumber?string type?CodeableConcept specialization*@ version*string safety*CodeableConcept shelfLifeStorage*ProductShelfLife physicalCharacteristics?ProdCharacteristic languageCode*CodeableConcept capability*@ property*@ owner?Reference contact*ContactPoint url?uri onlineInformation?uri note*Annotation quantity?Quantity parentDevice?Reference material*@
DeviceDefinition.udiDeviceIdentifier cBackboneElement deviceIdentifier!string issuer!uri jurisdiction!uri
DeviceDefinition.deviceName cBackboneElement name!string type!code
DeviceDefinition.specialization cBackboneElement systemType!string version?string
DeviceDefinition.capability cBackboneElement type!CodeableConcept description*CodeableConcept
DeviceDefinition.property cBackboneElement type!CodeableConcept valueQuantity*Quantity valueCode*CodeableConcept
DeviceDefinition.material cBackboneElement substance!CodeableConcept alternate?boolean allergenicIndicator?boolean
DeviceMetric rDomainResource identifier*Identifier type!CodeableConcept unit?CodeableConcept source?Reference parent?Reference operationalStatus?code color?code category!code measurementPeriod?Timing calibration*@
DeviceMetric.calibration cBackboneElement type?code state?code time?instant
DeviceRequest rDomainResource identifier*Identifier instantiatesCanonical*canonical instantiatesUri*uri basedOn*Reference priorRequest*Reference groupIdentifier?Identifier status?code intent!code priority?code code[x]!Reference|CodeableConcept parameter*@ subject!Reference encounter?Reference occurrence[x]?dateTime|Period|Timing authoredOn?dateTime requester?Reference performerType?CodeableConcept performer?Reference reasonCode*CodeableConcept reasonReference*Reference insurance*Reference supportingInfo*Reference note*Annotation relevantHistory*Reference
DeviceRequest.parameter cBackboneElement code?CodeableConcept value[x]?CodeableConcept|Quantity|Range|boolean
DeviceUseStatement rDomainResource identifier*Identifier basedOn*Reference status!code subject!Reference derivedFrom*Reference timing[x]?Timing|Period|dateTime recordedOn?dateTime source?Reference device!Reference reasonCode*CodeableConcept reasonReference*Reference bodySite?CodeableConcept note*Annotation
DiagnosticReport rDomainResource identifier*Identifier basedOn*Reference status!code category*CodeableConcept code!CodeableConcept subject?Reference encounter?Reference effective[x]?dateTime|Period issued?instant performer*Reference resultsInterpreter*Reference specimen*Reference result*Reference imagingStudy*Reference media*@ conclusion?string conclusionCode*CodeableConcept presentedForm*Attachment
DiagnosticReport.media cBackboneElement comment?string link!Reference
Distance cElement value?decimal comparator?code unit?string system?uri code?code
DocumentManifest rDomainResource masterIdentifier?Identifier identifier*Identifier status!code type?CodeableConcept subject?Reference created?dateTime author*Reference recipient*Reference source?uri description?string content+Reference related*@
DocumentManifest.related cBackboneElement identifier?Identifier ref?Reference
DocumentReference rDomainResource masterIdentifier?Identifier identifier*Identifier status!code docStatus?code type?CodeableConcept category*CodeableConcept subject?Reference date?instant author*Reference authenticator?Reference custodian?Reference relatesTo*@ description?string securityLabel*CodeableConcept content+@ context?@
DocumentReference.relatesTo cBackboneElement code!code target!Reference
DocumentReference.content cBackboneElement attachment!Attachment format?Coding
DocumentReference.context cBackboneElement encounter*Reference event*CodeableConcept period?Period facilityType?CodeableConcept practiceSetting?CodeableConcept sourcePatientInfo?Reference related*Reference
Dosage cBackboneElement sequence?integer text?string additionalInstruction*CodeableConcept patientInstruction?string timing?Timing asNeeded[x]?boolean|CodeableConcept site?CodeableConcept route?CodeableConcept method?CodeableConcept doseAndRate*@ maxDosePerPeriod?Ratio maxDosePerAdministration?Quantity maxDosePerLifetime?Quantity
Dosage.doseAndRate cElement type?CodeableConcept dose[x]?Range|Quantity rate[x]?Ratio|Range|Quantity
Duration cElement value?decimal comparator?code unit?string system?uri code?code
ElementDefinition cBackboneElement path!string representation*code sliceName?string sliceIsConstraining?boolean label?string code*Coding slicing?@ short?string definition?markdown comment?markdown requirements?markdown alias*string min?unsignedInt max?string base?@ contentReference?uri type*@ defaultValue[x]?base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|markdown|oid|positiveInt|string|time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment|CodeableConcept|CodeableReference|Coding|ContactPoint|Count|Distance|Duration|HumanName|Identifier|Money|Period|Quantity|Range|Ratio|RatioRange|Reference|SampledData|Signature|Timing|ContactDetail|Contributor|DataRequirement|Expression|ParameterDefinition|RelatedArtifact|TriggerDefinition|UsageContext|Dosage meaningWhenMissing?markdown orderMeaning?string fixed[x]?base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|markdown|oid|positiveInt|string|time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment|CodeableConcept|CodeableReference|Coding|ContactPoint|Count|Distance|Duration|HumanName|Identifier|Money|Period|Quantity|Range|Ratio|RatioRange|Reference|SampledData|Signature|Timing|ContactDetail|Contributor|DataRequirement|Expression|ParameterDefinition|RelatedArtifact|TriggerDefinition|UsageContext|Dosage pattern[x]?base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|markdown|oid|positiveInt|string|time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment|CodeableConcept|CodeableReference|Coding|ContactPoint|Count|Distance|Duration|HumanName|Identifier|Money|Period|Quantity|Range|Ratio|RatioRange|Reference|SampledData|Signature|Timing|ContactDetail|Contributor|DataRequirement|Expression|ParameterDefinition|RelatedArtifact|TriggerDefinition|UsageContext|Dosage example*@ minValue[x]?date|dateTime|instant|time|decimal|integer|positiveInt|unsignedInt|Quantity maxValue[x]?date|dateTime|instant|time|decimal|integer|positiveInt|unsignedInt|Quantity maxLength?integer condition*id constraint*@ mustSupport?boolean isModifier?boolean isModifierReason?string isSummary?boolean binding?@ mapping*@
ElementDefinition.slicing cElement discriminator*@ description?string ordered?boolean rules!code
ElementDefinition.slicing.discriminator cElement type!code path!string
ElementDefinition.base cElement path!string min!unsignedInt max!string
ElementDefinition.type cElement code!uri profile*canonical targetProfile*canonical aggregation*code versioning?code
ElementDefinition.example cElement label!string value[x]!base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|markdown|oid|positiveInt|string|time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment|CodeableConcept|CodeableReference|Coding|ContactPoint|Count|Distance|Duration|HumanName|Identifier|Money|Period|Quantity|Range|Ratio|RatioRange|Reference|SampledData|Signature|Timing|ContactDetail|Contributor|DataRequirement|Expression|ParameterDefinition|RelatedArtifact|TriggerDefinition|UsageContext|Dosage
ElementDefinition.constraint cElement key!id requirements?string severity!code human!string expression?string xpath?string source?canonical
ElementDefinition.binding cElement strength!code description?string valueSet?canonical
ElementDefinition.mapping cElement identity!id language?code map!string comment?string
Encounter rDomainResource identifier*Identifier status!code statusHistory*@ class!Coding classHistory*@ type*CodeableConcept serviceType?CodeableConcept priority?CodeableConcept subject?Reference episodeOfCare*Reference basedOn*Reference participant*@ appointment*Reference period?Period length?Duration reasonCode*CodeableConcept reasonReference*Reference diagnosis*@ account*Reference hospitalization?@ location*@ serviceProvider?Reference partOf?Reference
Encounter.statusHistory cBackboneElement status!code period!Period
Encounter.classHistory cBackboneElement class!Coding period!Period
Encounter.participant cBackboneElement type*CodeableConcept period?Period individual?Reference
Encounter.diagnosis cBackboneElement condition!Reference use?CodeableConcept rank?positiveInt
Encounter.hospitalization cBackboneElement preAdmissionIdentifier?Identifier origin?Reference admitSource?CodeableConcept reAdmission?CodeableConcept dietPreference*CodeableConcept specialCourtesy*CodeableConcept specialArrangement*CodeableConcept destination?Reference dischargeDisposition?CodeableConcept
Encounter.location cBackboneElement location!Reference status?code physicalType?CodeableConcept period?Period
Endpoint rDomainResource identifier*Identifier status!code connectionType!Coding name?string managingOrganization?Reference contact*ContactPoint period?Period payloadType+CodeableConcept payloadMimeType*code address!url header*string
EnrollmentRequest rDomainResource identifier*Identifier status?code created?dateTime insurer?Reference provider?Reference candidate?Reference coverage?Reference
EnrollmentResponse rDomainResource identifier*Identifier status?code request?Reference outcome?code disposition?string created?dateTime organization?Reference requestProvider?Reference
EpisodeOfCare rDomainResource identifier*Identifier status!code statusHistory*@ type*CodeableConcept diagnosis*@ patient!Reference managingOrganization?Reference period?Period referralRequest*Reference careManager?Reference team*Reference account*Reference
EpisodeOfCare.statusHistory cBackboneElement status!code period!Period
EpisodeOfCare.diagnosis cBackboneElement condition!Reference role?CodeableConcept rank?positiveInt
EventDefinition rDomainResource url?uri identifier*Identifier version?string name?string title?string subtitle?string status!code experimental?boolean subject[x]?CodeableConcept|Reference date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown usage?string copyright?markdown approvalDate?date lastReviewDate?date effectivePeriod?Period topic*CodeableConcept author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail relatedArtifact*RelatedArtifact trigger+TriggerDefinition
Evidence rDomainResource url?uri identifier*Identifier version?string title?string citeAs[x]?Reference|markdown status!code date?dateTime useContext*UsageContext approvalDate?date lastReviewDate?date publisher?string contact*ContactDetail author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail relatedArtifact*RelatedArtifact description?markdown assertion?markdown note*Annotation variableDefinition+@ synthesisType?CodeableConcept studyType?CodeableConcept statistic*@ certainty*@
Evidence.variableDefinition cBackboneElement description?markdown note*Annotation variableRole!CodeableConcept observed?Reference intended?Reference directnessMatch?CodeableConcept
Evidence.statistic cBackboneElement description?string note*Annotation statisticType?CodeableConcept category?CodeableConcept quantity?Quantity numberOfEvents?unsignedInt numberAffected?unsignedInt sampleSize?@ attributeEstimate*@ modelCharacteristic*@
Evidence.statistic.sampleSize cBackboneElement description?string note*Annotation numberOfStudies?unsignedInt numberOfParticipants?unsignedInt knownDataCount?unsignedInt
Evidence.statistic.attributeEstimate cBackboneElement description?string note*Annotation type?CodeableConcept quantity?Quantity level?decimal range?Range attributeEstimate*Evidence.statistic.attributeEstimate
Evidence.statistic.modelCharacteristic cBackboneElement code!CodeableConcept value?Quantity variable*@ attributeEstimate*Evidence.statistic.attributeEstimate
Evidence.statistic.modelCharacteristic.variable cBackboneElement variableDefinition!Reference handling?code valueCategory*CodeableConcept valueQuantity*Quantity valueRange*Range
Evidence.certainty cBackboneElement description?string note*Annotation type?CodeableConcept rating?CodeableConcept rater?string subcomponent*Evidence.certainty
EvidenceReport rDomainResource url?uri status!code useContext*UsageContext identifier*Identifier relatedIdentifier*Identifier citeAs[x]?Reference|markdown type?CodeableConcept note*Annotation relatedArtifact*RelatedArtifact subject!@ publisher?string contact*ContactDetail author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail relatesTo*@ section*@
EvidenceReport.subject cBackboneElement characteristic*@ note*Annotation
EvidenceReport.subject.characteristic cBackboneElement code!CodeableConcept value[x]!Reference|CodeableConcept|boolean|Quantity|Range exclude?boolean period?Period
EvidenceReport.relatesTo cBackboneElement code!code target[x]!Identifier|Reference
EvidenceReport.section cBackboneElement title?string focus?CodeableConcept focusReference?Reference author*Reference text?Narrative mode?code orderedBy?CodeableConcept entryClassifier*CodeableConcept entryReference*Reference entryQuantity*Quantity emptyReason?CodeableConcept section*EvidenceReport.section
EvidenceVariable rDomainResource url?uri identifier*Identifier version?string name?string title?string shortTitle?string subtitle?string status!code date?dateTime description?markdown note*Annotation useContext*UsageContext publisher?string contact*ContactDetail author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail relatedArtifact*RelatedArtifact actual?boolean characteristicCombination?code characteristic*@ handling?code category*@
EvidenceVariable.characteristic cBackboneElement description?string definition[x]!Reference|canonical|CodeableConcept|Expression method?CodeableConcept device?Reference exclude?boolean timeFromStart?@ groupMeasure?code
EvidenceVariable.characteristic.timeFromStart cBackboneElement description?string quantity?Quantity range?Range note*Annotation
EvidenceVariable.category cBackboneElement name?string value[x]?CodeableConcept|Quantity|Range
ExampleScenario rDomainResource url?uri identifier*Identifier version?string name?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail useContext*UsageContext jurisdiction*CodeableConcept copyright?markdown purpose?markdown actor*@ instance*@ process*@ workflow*canonical
ExampleScenario.actor cBackboneElement actorId!string type!code name?string description?markdown
ExampleScenario.instance cBackboneElement resourceId!string resourceType!code name?string description?markdown version*@ containedInstance*@
ExampleScenario.instance.version cBackboneElement versionId!string description!markdown
ExampleScenario.instance.containedInstance cBackboneElement resourceId!string versionId?string
ExampleScenario.process cBackboneElement title!string description?markdown preConditions?markdown postConditions?markdown step*@
ExampleScenario.process.step cBackboneElement process*ExampleScenario.process pause?boolean operation?@ alternative*@
ExampleScenario.process.step.operation cBackboneElement number!string type?string name?string initiator?string receiver?string description?markdown initiatorActive?boolean receiverActive?boolean request?ExampleScenario.instance.containedInstance response?ExampleScenario.instance.containedInstance
ExampleScenario.process.step.alternative cBackboneElement title!string description?markdown step*ExampleScenario.process.step
ExplanationOfBenefit rDomainResource identifier*Identifier status!code type!CodeableConcept subType?CodeableConcept use!code patient!Reference billablePeriod?Period created!dateTime enterer?Reference insurer!Reference provider!Reference priority?CodeableConcept fundsReserveRequested?CodeableConcept fundsReserve?CodeableConcept related*@ prescription?Reference originalPrescription?Reference payee?@ referral?Reference facility?Reference claim?Reference claimResponse?Reference outcome!code disposition?string preAuthRef*string preAuthRefPeriod*Period careTeam*@ supportingInfo*@ diagnosis*@ procedure*@ precedence?positiveInt insurance+@ accident?@ item*@ addItem*@ adjudication*ExplanationOfBenefit.item.adjudication total*@ payment?@ formCode?CodeableConcept form?Attachment processNote*@ benefitPeriod?Period benefitBalance*@
ExplanationOfBenefit.related cBackboneElement claim?Reference relationship?CodeableConcept reference?Identifier
ExplanationOfBenefit.payee cBackboneElement type?CodeableConcept party?Reference
ExplanationOfBenefit.careTeam cBackboneElement sequence!positiveInt provider!Reference responsible?boolean role?CodeableConcept qualification?CodeableConcept
ExplanationOfBenefit.supportingInfo cBackboneElement sequence!positiveInt category!CodeableConcept code?CodeableConcept timing[x]?date|Period value[x]?boolean|string|Quantity|Attachment|Reference reason?Coding
ExplanationOfBenefit.diagnosis cBackboneElement sequence!positiveInt diagnosis[x]!CodeableConcept|Reference type*CodeableConcept onAdmission?CodeableConcept packageCode?CodeableConcept
ExplanationOfBenefit.procedure cBackboneElement sequence!positiveInt type*CodeableConcept date?dateTime procedure[x]!CodeableConcept|Reference udi*Reference
ExplanationOfBenefit.insurance cBackboneElement focal!boolean coverage!Reference preAuthRef*string
ExplanationOfBenefit.accident cBackboneElement date?date type?CodeableConcept location[x]?Address|Reference
ExplanationOfBenefit.item cBackboneElement sequence!positiveInt careTeamSequence*positiveInt diagnosisSequence*positiveInt procedureSequence*positiveInt informationSequence*positiveInt revenue?CodeableConcept category?CodeableConcept productOrService!CodeableConcept modifier*CodeableConcept programCode*CodeableConcept serviced[x]?date|Period location[x]?CodeableConcept|Address|Reference quantity?Quantity unitPrice?Money factor?decimal net?Money udi*Reference bodySite?CodeableConcept subSite*CodeableConcept encounter*Reference noteNumber*positiveInt adjudication*@ detail*@
ExplanationOfBenefit.item.adjudication cBackboneElement category!CodeableConcept reason?CodeableConcept amount?Money value?decimal
ExplanationOfBenefit.item.detail cBackboneElement sequence!positiveInt revenue?CodeableConcept category?CodeableConcept productOrService!CodeableConcept modifier*CodeableConcept programCode*CodeableConcept quantity?Quantity unitPrice?Money factor?decimal net?Money udi*Reference noteNumber*positiveInt adjudication*ExplanationOfBenefit.item.adjudication subDetail*@
ExplanationOfBenefit.item.detail.subDetail cBackboneElement sequence!positiveInt revenue?CodeableConcept category?CodeableConcept productOrService!CodeableConcept modifier*CodeableConcept programCode*CodeableConcept quantity?Quantity unitPrice?Money factor?decimal net?Money udi*Reference noteNumber*positiveInt adjudication*ExplanationOfBenefit.item.adjudication
ExplanationOfBenefit.addItem cBackboneElement itemSequence*positiveInt detailSequence*positiveInt subDetailSequence*positiveInt provider*Reference productOrService!CodeableConcept modifier*CodeableConcept programCode*CodeableConcept serviced[x]?date|Period location[x]?CodeableConcept|Address|Reference quantity?Quantity unitPrice?Money factor?decimal net?Money bodySite?CodeableConcept subSite*CodeableConcept noteNumber*positiveInt adjudication*ExplanationOfBenefit.item.adjudication detail*@
ExplanationOfBenefit.addItem.detail cBackboneElement productOrService!CodeableConcept modifier*CodeableConcept quantity?Quantity unitPrice?Money factor?decimal net?Money noteNumber*positiveInt adjudication*ExplanationOfBenefit.item.adjudication subDetail*@
ExplanationOfBenefit.addItem.detail.subDetail cBackboneElement productOrService!CodeableConcept modifier*CodeableConcept quantity?Quantity unitPrice?Money factor?decimal net?Money noteNumber*positiveInt adjudication*ExplanationOfBenefit.item.adjudication
ExplanationOfBenefit.total cBackboneElement category!CodeableConcept amount!Money
ExplanationOfBenefit.payment cBackboneElement type?CodeableConcept adjustment?Money adjustmentReason?CodeableConcept date?date amount?Money identifier?Identifier
ExplanationOfBenefit.processNote cBackboneElement number?positiveInt type?code text?string language?CodeableConcept
ExplanationOfBenefit.benefitBalance cBackboneElement category!CodeableConcept excluded?boolean name?string description?string network?CodeableConcept unit?CodeableConcept term?CodeableConcept financial*@
ExplanationOfBenefit.benefitBalance.financial cBackboneElement type!CodeableConcept allowed[x]?unsignedInt|string|Money used[x]?unsignedInt|Money
Expression cElement description?string name?id language!code expression?string reference?uri
Extension cElement url!uri value[x]?base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|markdown|oid|positiveInt|string|time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment|CodeableConcept|CodeableReference|Coding|ContactPoint|Count|Distance|Duration|HumanName|Identifier|Money|Period|Quantity|Range|Ratio|RatioRange|Reference|SampledData|Signature|Timing|ContactDetail|Contributor|DataRequirement|Expression|ParameterDefinition|RelatedArtifact|TriggerDefinition|UsageContext|Dosage
FamilyMemberHistory rDomainResource identifier*Identifier instantiatesCanonical*canonical instantiatesUri*uri status!code dataAbsentReason?CodeableConcept patient!Reference date?dateTime name?string relationship!CodeableConcept sex?CodeableConcept born[x]?Period|date|string age[x]?Age|Range|string estimatedAge?boolean deceased[x]?boolean|Age|Range|date|string reasonCode*CodeableConcept reasonReference*Reference note*Annotation condition*@
FamilyMemberHistory.condition cBackboneElement code!CodeableConcept outcome?CodeableConcept contributedToDeath?boolean onset[x]?Age|Range|Period|string note*Annotation
Flag rDomainResource identifier*Identifier status!code category*CodeableConcept code!CodeableConcept subject!Reference period?Period encounter?Reference author?Reference
Goal rDomainResource identifier*Identifier lifecycleStatus!code achievementStatus?CodeableConcept category*CodeableConcept priority?CodeableConcept description!CodeableConcept subject!Reference start[x]?date|CodeableConcept target*@ statusDate?date statusReason?string expressedBy?Reference addresses*Reference note*Annotation outcomeCode*CodeableConcept outcomeReference*Reference
Goal.target cBackboneElement measure?CodeableConcept detail[x]?Quantity|Range|CodeableConcept|string|boolean|integer|Ratio due[x]?date|Duration
GraphDefinition rDomainResource url?uri version?string name!string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown start!code profile?canonical link*@
GraphDefinition.link cBackboneElement path?string sliceName?string min?integer max?string description?string target*@
GraphDefinition.link.target cBackboneElement type!code params?string profile?canonical compartment*@ link*GraphDefinition.link
GraphDefinition.link.target.compartment cBackboneElement use!code code!code rule!code expression?string description?string
Group rDomainResource identifier*Identifier active?boolean type!code actual!boolean code?CodeableConcept name?string quantity?unsignedInt managingEntity?Reference characteristic*@ member*@
Group.characteristic cBackboneElement code!CodeableConcept value[x]!CodeableConcept|boolean|Quantity|Range|Reference exclude!boolean period?Period
Group.member cBackboneElement entity!Reference period?Period inactive?boolean
GuidanceResponse rDomainResource requestIdentifier?Identifier identifier*Identifier module[x]!uri|canonical|CodeableConcept status!code subject?Reference encounter?Reference occurrenceDateTime?dateTime performer?Reference reasonCode*CodeableConcept reasonReference*Reference note*Annotation evaluationMessage*Reference outputParameters?Reference result?Reference dataRequirement*DataRequirement
HealthcareService rDomainResource identifier*Identifier active?boolean providedBy?Reference category*CodeableConcept type*CodeableConcept specialty*CodeableConcept location*Reference name?string comment?string extraDetails?markdown photo?Attachment telecom*ContactPoint coverageArea*Reference serviceProvisionCode*CodeableConcept eligibility*@ program*CodeableConcept characteristic*CodeableConcept communication*CodeableConcept referralMethod*CodeableConcept appointmentRequired?boolean availableTime*@ notAvailable*@ availabilityExceptions?string endpoint*Reference
HealthcareService.eligibility cBackboneElement code?CodeableConcept comment?markdown
HealthcareService.availableTime cBackboneElement daysOfWeek*code allDay?boolean availableStartTime?time availableEndTime?time
HealthcareService.notAvailable cBackboneElement description!string during?Period
HumanName cElement use?code text?string family?string given*string prefix*string suffix*string period?Period
Identifier cElement use?code type?CodeableConcept system?uri value?string period?Period assigner?Reference
ImagingStudy rDomainResource identifier*Identifier status!code modality*Coding subject!Reference encounter?Reference started?dateTime basedOn*Reference referrer?Reference interpreter*Reference endpoint*Reference numberOfSeries?unsignedInt numberOfInstances?unsignedInt procedureReference?Reference procedureCode*CodeableConcept location?Reference reasonCode*CodeableConcept reasonReference*Reference note*Annotation description?string series*@
ImagingStudy.series cBackboneElement uid!id number?unsignedInt modality!Coding description?string numberOfInstances?unsignedInt endpoint*Reference bodySite?Coding laterality?Coding specimen*Reference started?dateTime performer*@ instance*@
ImagingStudy.series.performer cBackboneElement function?CodeableConcept actor!Reference
ImagingStudy.series.instance cBackboneElement uid!id sopClass!Coding number?unsignedInt title?string
Immunization rDomainResource identifier*Identifier status!code statusReason?CodeableConcept vaccineCode!CodeableConcept patient!Reference encounter?Reference occurrence[x]!dateTime|string recorded?dateTime primarySource?boolean reportOrigin?CodeableConcept location?Reference manufacturer?Reference lotNumber?string expirationDate?date site?CodeableConcept route?CodeableConcept doseQuantity?Quantity performer*@ note*Annotation reasonCode*CodeableConcept reasonReference*Reference isSubpotent?boolean subpotentReason*CodeableConcept education*@ programEligibility*CodeableConcept fundingSource?CodeableConcept reaction*@ protocolApplied*@
Immunization.performer cBackboneElement function?CodeableConcept actor!Reference
Immunization.education cBackboneElement documentType?string reference?uri publicationDate?dateTime presentationDate?dateTime
Immunization.reaction cBackboneElement date?dateTime detail?Reference reported?boolean
Immunization.protocolApplied cBackboneElement series?string authority?Reference targetDisease*CodeableConcept doseNumber[x]!positiveInt|string seriesDoses[x]?positiveInt|string
ImmunizationEvaluation rDomainResource identifier*Identifier status!code patient!Reference date?dateTime authority?Reference targetDisease!CodeableConcept immunizationEvent!Reference doseStatus!CodeableConcept doseStatusReason*CodeableConcept description?string series?string doseNumber[x]?positiveInt|string seriesDoses[x]?positiveInt|string
ImmunizationRecommendation rDomainResource identifier*Identifier patient!Reference date!dateTime authority?Reference recommendation+@
ImmunizationRecommendation.recommendation cBackboneElement vaccineCode*CodeableConcept targetDisease?CodeableConcept contraindicatedVaccineCode*CodeableConcept forecastStatus!CodeableConcept forecastReason*CodeableConcept dateCriterion*@ description?string series?string doseNumber[x]?positiveInt|string seriesDoses[x]?positiveInt|string supportingImmunization*Reference supportingPatientInformation*Reference
ImmunizationRecommendation.recommendation.dateCriterion cBackboneElement code!CodeableConcept value!dateTime
ImplementationGuide rDomainResource url!uri version?string name!string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept copyright?markdown packageId!id license?code fhirVersion+code dependsOn*@ global*@ definition?@ manifest?@
ImplementationGuide.dependsOn cBackboneElement uri!canonical packageId?id version?string
ImplementationGuide.global cBackboneElement type!code profile!canonical
ImplementationGuide.definition cBackboneElement grouping*@ resource+@ page?@ parameter*@ template*@
ImplementationGuide.definition.grouping cBackboneElement name!string description?string
ImplementationGuide.definition.resource cBackboneElement reference!Reference fhirVersion*code name?string description?string example[x]?boolean|canonical groupingId?id
ImplementationGuide.definition.page cBackboneElement name[x]!url|Reference title!string generation!code page*ImplementationGuide.definition.page
ImplementationGuide.definition.parameter cBackboneElement code!code value!string
ImplementationGuide.definition.template cBackboneElement code!code source!string scope?string
ImplementationGuide.manifest cBackboneElement rendering?url resource+@ page*@ image*string other*string
ImplementationGuide.manifest.resource cBackboneElement reference!Reference example[x]?boolean|canonical relativePath?url
ImplementationGuide.manifest.page cBackboneElement name!string title?string anchor*string
Ingredient rDomainResource identifier?Identifier status!code for*Reference role!CodeableConcept function*CodeableConcept allergenicIndicator?boolean manufacturer*@ substance!@
Ingredient.manufacturer cBackboneElement role?code manufacturer!Reference
Ingredient.substance cBackboneElement code!CodeableReference strength*@
Ingredient.substance.strength cBackboneElement presentation[x]?Ratio|RatioRange textPresentation?string concentration[x]?Ratio|RatioRange textConcentration?string measurementPoint?string country*CodeableConcept referenceStrength*@
Ingredient.substance.strength.referenceStrength cBackboneElement substance?CodeableReference strength[x]!Ratio|RatioRange measurementPoint?string country*CodeableConcept
InsurancePlan rDomainResource identifier*Identifier status?code type*CodeableConcept name?string alias*string period?Period ownedBy?Reference administeredBy?Reference coverageArea*Reference contact*@ endpoint*Reference network*Reference coverage*@ plan*@
InsurancePlan.contact cBackboneElement purpose?CodeableConcept name?HumanName telecom*ContactPoint address?Address
InsurancePlan.coverage cBackboneElement type!CodeableConcept network*Reference benefit+@
InsurancePlan.coverage.benefit cBackboneElement type!CodeableConcept requirement?string limit*@
InsurancePlan.coverage.benefit.limit cBackboneElement value?Quantity code?CodeableConcept
InsurancePlan.plan cBackboneElement identifier*Identifier type?CodeableConcept coverageArea*Reference network*Reference generalCost*@ specificCost*@
InsurancePlan.plan.generalCost cBackboneElement type?CodeableConcept groupSize?positiveInt cost?Money comment?string
InsurancePlan.plan.specificCost cBackboneElement category!CodeableConcept benefit*@
InsurancePlan.plan.specificCost.benefit cBackboneElement type!CodeableConcept cost*@
InsurancePlan.plan.specificCost.benefit.cost cBackboneElement type!CodeableConcept applicability?CodeableConcept qualifiers*CodeableConcept value?Quantity
Invoice rDomainResource identifier*Identifier status!code cancelledReason?string type?CodeableConcept subject?Reference recipient?Reference date?dateTime participant*@ issuer?Reference account?Reference lineItem*@ totalPriceComponent*Invoice.lineItem.priceComponent totalNet?Money totalGross?Money paymentTerms?markdown note*Annotation
Invoice.participant cBackboneElement role?CodeableConcept actor!Reference
Invoice.lineItem cBackboneElement sequence?positiveInt chargeItem[x]!Reference|CodeableConcept priceComponent*@
Invoice.lineItem.priceComponent cBackboneElement type!code code?CodeableConcept factor?decimal amount?Money
Library rDomainResource url?uri identifier*Identifier version?string name?string title?string subtitle?string status!code experimental?boolean type!CodeableConcept subject[x]?CodeableConcept|Reference date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown usage?string copyright?markdown approvalDate?date lastReviewDate?date effectivePeriod?Period topic*CodeableConcept author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail relatedArtifact*RelatedArtifact parameter*ParameterDefinition dataRequirement*DataRequirement content*Attachment
Linkage rDomainResource active?boolean author?Reference item+@
Linkage.item cBackboneElement type!code resource!Reference
List rDomainResource identifier*Identifier status!code mode!code title?string code?CodeableConcept subject?Reference encounter?Reference date?dateTime source?Reference orderedBy?CodeableConcept note*Annotation entry*@ emptyReason?CodeableConcept
List.entry cBackboneElement flag?CodeableConcept deleted?boolean date?dateTime item!Reference
Location rDomainResource identifier*Identifier status?code operationalStatus?Coding name?string alias*string description?string mode?code type*CodeableConcept telecom*ContactPoint address?Address physicalType?CodeableConcept position?@ managingOrganization?Reference partOf?Reference hoursOfOperation*@ availabilityExceptions?string endpoint*Reference
Location.position cBackboneElement longitude!decimal latitude!decimal altitude?decimal
Location.hoursOfOperation cBackboneElement daysOfWeek*code allDay?boolean openingTime?time closingTime?time
ManufacturedItemDefinition rDomainResource identifier*Identifier status!code manufacturedDoseForm!CodeableConcept unitOfPresentation?CodeableConcept manufacturer*Reference ingredient*CodeableConcept property*@
ManufacturedItemDefinition.property cBackboneElement type!CodeableConcept value[x]?CodeableConcept|Quantity|date|boolean|Attachment
MarketingStatus cBackboneElement country?CodeableConcept jurisdiction?CodeableConcept status!CodeableConcept dateRange?Period restoreDate?dateTime
Measure rDomainResource url?uri identifier*Identifier version?string name?string title?string subtitle?string status!code experimental?boolean subject[x]?CodeableConcept|Reference date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown usage?string copyright?markdown approvalDate?date lastReviewDate?date effectivePeriod?Period topic*CodeableConcept author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail relatedArtifact*RelatedArtifact library*canonical disclaimer?markdown scoring?CodeableConcept compositeScoring?CodeableConcept type*CodeableConcept riskAdjustment?string rateAggregation?string rationale?markdown clinicalRecommendationStatement?markdown improvementNotation?CodeableConcept definition*markdown guidance?markdown group*@ supplementalData*@
Measure.group cBackboneElement code?CodeableConcept description?string population*@ stratifier*@
Measure.group.population cBackboneElement code?CodeableConcept description?string criteria!Expression
Measure.group.stratifier cBackboneElement code?CodeableConcept description?string criteria?Expression component*@
Measure.group.stratifier.component cBackboneElement code?CodeableConcept description?string criteria!Expression
Measure.supplementalData cBackboneElement code?CodeableConcept usage*CodeableConcept description?string criteria!Expression
MeasureReport rDomainResource identifier*Identifier status!code type!code measure!canonical subject?Reference date?dateTime reporter?Reference period!Period improvementNotation?CodeableConcept group*@ evaluatedResource*Reference
MeasureReport.group cBackboneElement code?CodeableConcept population*@ measureScore?Quantity stratifier*@
MeasureReport.group.population cBackboneElement code?CodeableConcept count?integer subjectResults?Reference
MeasureReport.group.stratifier cBackboneElement code*CodeableConcept stratum*@
MeasureReport.group.stratifier.stratum cBackboneElement value?CodeableConcept component*@ population*@ measureScore?Quantity
MeasureReport.group.stratifier.stratum.component cBackboneElement code!CodeableConcept value!CodeableConcept
MeasureReport.group.stratifier.stratum.population cBackboneElement code?CodeableConcept count?integer subjectResults?Reference
Media rDomainResource identifier*Identifier basedOn*Reference partOf*Reference status!code type?CodeableConcept modality?CodeableConcept view?CodeableConcept subject?Reference encounter?Reference created[x]?dateTime|Period issued?instant operator?Reference reasonCode*CodeableConcept bodySite?CodeableConcept deviceName?string device?Reference height?positiveInt width?positiveInt frames?positiveInt duration?decimal content!Attachment note*Annotation
Medication rDomainResource identifier*Identifier code?CodeableConcept status?code manufacturer?Reference form?CodeableConcept amount?Ratio ingredient*@ batch?@
Medication.ingredient cBackboneElement item[x]!CodeableConcept|Reference isActive?boolean strength?Ratio
Medication.batch cBackboneElement lotNumber?string expirationDate?dateTime
MedicationAdministration rDomainResource identifier*Identifier instantiates*uri partOf*Reference status!code statusReason*CodeableConcept category?CodeableConcept medication[x]!CodeableConcept|Reference subject!Reference context?Reference supportingInformation*Reference effective[x]!dateTime|Period performer*@ reasonCode*CodeableConcept reasonReference*Reference request?Reference device*Reference note*Annotation dosage?@ eventHistory*Reference
MedicationAdministration.performer cBackboneElement function?CodeableConcept actor!Reference
MedicationAdministration.dosage cBackboneElement text?string site?CodeableConcept route?CodeableConcept method?CodeableConcept dose?Quantity rate[x]?Ratio|Quantity
MedicationDispense rDomainResource identifier*Identifier partOf*Reference status!code statusReason[x]?CodeableConcept|Reference category?CodeableConcept medication[x]!CodeableConcept|Reference subject?Reference context?Reference supportingInformation*Reference performer*@ location?Reference authorizingPrescription*Reference type?CodeableConcept quantity?Quantity daysSupply?Quantity whenPrepared?dateTime whenHandedOver?dateTime destination?Reference receiver*Reference note*Annotation dosageInstruction*Dosage substitution?@ detectedIssue*Reference eventHistory*Reference
MedicationDispense.performer cBackboneElement function?CodeableConcept actor!Reference
MedicationDispense.substitution cBackboneElement wasSubstituted!boolean type?CodeableConcept reason*CodeableConcept responsibleParty*Reference
MedicationKnowledge rDomainResource code?CodeableConcept status?code manufacturer?Reference doseForm?CodeableConcept amount?Quantity synonym*string relatedMedicationKnowledge*@ associatedMedication*Reference productType*CodeableConcept monograph*@ ingredient*@ preparationInstruction?markdown intendedRoute*CodeableConcept cost*@ monitoringProgram*@ administrationGuidelines*@ medicineClassification*@ packaging?@ drugCharacteristic*@ contraindication*Reference regulatory*@ kinetics*@
MedicationKnowledge.relatedMedicationKnowledge cBackboneElement type!CodeableConcept reference+Reference
MedicationKnowledge.monograph cBackboneElement type?CodeableConcept source?Reference
MedicationKnowledge.ingredient cBackboneElement item[x]!CodeableConcept|Reference isActive?boolean strength?Ratio
MedicationKnowledge.cost cBackboneElement type!CodeableConcept source?string cost!Money
MedicationKnowledge.monitoringProgram cBackboneElement type?CodeableConcept name?string
MedicationKnowledge.administrationGuidelines cBackboneElement dosage*@ indication[x]?CodeableConcept|Reference patientCharacteristics*@
MedicationKnowledge.administrationGuidelines.dosage cBackboneElement type!CodeableConcept dosage+Dosage
MedicationKnowledge.administrationGuidelines.patientCharacteristics cBackboneElement characteristic[x]!CodeableConcept|Quantity value*string
MedicationKnowledge.medicineClassification cBackboneElement type!CodeableConcept classification*CodeableConcept
MedicationKnowledge.packaging cBackboneElement type?CodeableConcept quantity?Quantity
MedicationKnowledge.drugCharacteristic cBackboneElement type?CodeableConcept value[x]?CodeableConcept|string|Quantity|base64Binary
MedicationKnowledge.regulatory cBackboneElement regulatoryAuthority!Reference substitution*@ schedule*@ maxDispense?@
MedicationKnowledge.regulatory.substitution cBackboneElement type!CodeableConcept allowed!boolean
MedicationKnowledge.regulatory.schedule cBackboneElement schedule!CodeableConcept
MedicationKnowledge.regulatory.maxDispense cBackboneElement quantity!Quantity period?Duration
MedicationKnowledge.kinetics cBackboneElement areaUnderCurve*Quantity lethalDose50*Quantity halfLifePeriod?Duration
MedicationRequest rDomainResource identifier*Identifier status!code statusReason?CodeableConcept intent!code category*CodeableConcept priority?code doNotPerform?boolean reported[x]?boolean|Reference medication[x]!CodeableConcept|Reference subject!Reference encounter?Reference supportingInformation*Reference authoredOn?dateTime requester?Reference performer?Reference performerType?CodeableConcept recorder?Reference reasonCode*CodeableConcept reasonReference*Reference instantiatesCanonical*canonical instantiatesUri*uri basedOn*Reference groupIdentifier?Identifier courseOfTherapyType?CodeableConcept insurance*Reference note*Annotation dosageInstruction*Dosage dispenseRequest?@ substitution?@ priorPrescription?Reference detectedIssue*Reference eventHistory*Reference
MedicationRequest.dispenseRequest cBackboneElement initialFill?@ dispenseInterval?Duration validityPeriod?Period numberOfRepeatsAllowed?unsignedInt quantity?Quantity expectedSupplyDuration?Duration performer?Reference
MedicationRequest.dispenseRequest.initialFill cBackboneElement quantity?Quantity duration?Duration
MedicationRequest.substitution cBackboneElement allowed[x]!boolean|CodeableConcept reason?CodeableConcept
MedicationStatement rDomainResource identifier*Identifier basedOn*Reference partOf*Reference status!code statusReason*CodeableConcept category?CodeableConcept medication[x]!CodeableConcept|Reference subject!Reference context?Reference effective[x]?dateTime|Period dateAsserted?dateTime informationSource?Reference derivedFrom*Reference reasonCode*CodeableConcept reasonReference*Reference note*Annotation dosage*Dosage
MedicinalProductDefinition rDomainResource identifier*Identifier type?CodeableConcept domain?CodeableConcept version?string status?CodeableConcept statusDate?dateTime description?markdown combinedPharmaceuticalDoseForm?CodeableConcept route*CodeableConcept indication?markdown legalStatusOfSupply?CodeableConcept additionalMonitoringIndicator?CodeableConcept specialMeasures*CodeableConcept pediatricUseIndicator?CodeableConcept classification*CodeableConcept marketingStatus*MarketingStatus packagedMedicinalProduct*CodeableConcept ingredient*CodeableConcept impurity*CodeableReference attachedDocument*Reference masterFile*Reference contact*@ clinicalTrial*Reference code*Coding name+@ crossReference*@ operation*@ characteristic*@
MedicinalProductDefinition.contact cBackboneElement type?CodeableConcept contact!Reference
MedicinalProductDefinition.name cBackboneElement productName!string type?CodeableConcept namePart*@ countryLanguage*@
MedicinalProductDefinition.name.namePart cBackboneElement part!string type!CodeableConcept
MedicinalProductDefinition.name.countryLanguage cBackboneElement country!CodeableConcept jurisdiction?CodeableConcept language!CodeableConcept
MedicinalProductDefinition.crossReference cBackboneElement product!CodeableReference type?CodeableConcept
MedicinalProductDefinition.operation cBackboneElement type?CodeableReference effectiveDate?Period organization*Reference confidentialityIndicator?CodeableConcept
MedicinalProductDefinition.characteristic cBackboneElement type!CodeableConcept value[x]?CodeableConcept|Quantity|date|boolean|Attachment
MessageDefinition rDomainResource url?uri identifier*Identifier version?string name?string title?string replaces*canonical status!code experimental?boolean date!dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown base?canonical parent*canonical event[x]!Coding|uri category?code focus*@ responseRequired?code allowedResponse*@ graph*canonical
MessageDefinition.focus cBackboneElement code!code profile?canonical min!unsignedInt max?string
MessageDefinition.allowedResponse cBackboneElement message!canonical situation?markdown
MessageHeader rDomainResource event[x]!Coding|uri destination*@ sender?Reference enterer?Reference author?Reference source!@ responsible?Reference reason?CodeableConcept response?@ focus*Reference definition?canonical
MessageHeader.destination cBackboneElement name?string target?Reference endpoint!url receiver?Reference
MessageHeader.source cBackboneElement name?string software?string version?string contact?ContactPoint endpoint!url
MessageHeader.response cBackboneElement identifier!id code!code details?Reference
Meta cElement versionId?id lastUpdated?instant source?uri profile*canonical security*Coding tag*Coding
MolecularSequence rDomainResource identifier*Identifier type?code coordinateSystem!integer patient?Reference specimen?Reference device?Reference performer?Reference quantity?Quantity referenceSeq?@ variant*@ observedSeq?string quality*@ readCoverage?integer repository*@ pointer*Reference structureVariant*@
MolecularSequence.referenceSeq cBackboneElement chromosome?CodeableConcept genomeBuild?string orientation?code referenceSeqId?CodeableConcept referenceSeqPointer?Reference referenceSeqString?string strand?code windowStart?integer windowEnd?integer
MolecularSequence.variant cBackboneElement start?integer end?integer observedAllele?string referenceAllele?string cigar?string variantPointer?Reference
MolecularSequence.quality cBackboneElement type!code standardSequence?CodeableConcept start?integer end?integer score?Quantity method?CodeableConcept truthTP?decimal queryTP?decimal truthFN?decimal queryFP?decimal gtFP?decimal precision?decimal recall?decimal fScore?decimal roc?@
MolecularSequence.quality.roc cBackboneElement score*integer numTP*integer numFP*integer numFN*integer precision*decimal sensitivity*decimal fMeasure*decimal
MolecularSequence.repository cBackboneElement type!code url?uri name?string datasetId?string variantsetId?string readsetId?string
MolecularSequence.structureVariant cBackboneElement variantType?CodeableConcept exact?boolean length?integer outer?@ inner?@
MolecularSequence.structureVariant.outer cBackboneElement start?integer end?integer
MolecularSequence.structureVariant.inner cBackboneElement start?integer end?integer
Money cElement value?decimal currency?code
NamingSystem rDomainResource name!string status!code kind!code date!dateTime publisher?string contact*ContactDetail responsible?string type?CodeableConcept description?markdown useContext*UsageContext jurisdiction*CodeableConcept usage?string uniqueId+@
NamingSystem.uniqueId cBackboneElement type!code value!string preferred?boolean comment?string period?Period
Narrative cElement status!code div!xhtml
NutritionOrder rDomainResource identifier*Identifier instantiatesCanonical*canonical instantiatesUri*uri instantiates*uri status!code intent!code patient!Reference encounter?Reference dateTime!dateTime orderer?Reference allergyIntolerance*Reference foodPreferenceModifier*CodeableConcept excludeFoodModifier*CodeableConcept oralDiet?@ supplement*@ enteralFormula?@ note*Annotation
NutritionOrder.oralDiet cBackboneElement type*CodeableConcept schedule*Timing nutrient*@ texture*@ fluidConsistencyType*CodeableConcept instruction?string
NutritionOrder.oralDiet.nutrient cBackboneElement modifier?CodeableConcept amount?Quantity
NutritionOrder.oralDiet.texture cBackboneElement modifier?CodeableConcept foodType?CodeableConcept
NutritionOrder.supplement cBackboneElement type?CodeableConcept productName?string schedule*Timing quantity?Quantity instruction?string
NutritionOrder.enteralFormula cBackboneElement baseFormulaType?CodeableConcept baseFormulaProductName?string additiveType?CodeableConcept additiveProductName?string caloricDensity?Quantity routeofAdministration?CodeableConcept administration*@ maxVolumeToDeliver?Quantity administrationInstruction?string
NutritionOrder.enteralFormula.administration cBackboneElement schedule?Timing quantity?Quantity rate[x]?Quantity|Ratio
NutritionProduct rDomainResource status!code category*CodeableConcept code?CodeableConcept manufacturer*Reference nutrient*@ ingredient*@ knownAllergen*CodeableReference productCharacteristic*@ instance?@ note*Annotation
NutritionProduct.nutrient cBackboneElement item?CodeableReference amount*Ratio
NutritionProduct.ingredient cBackboneElement item!CodeableReference amount*Ratio
NutritionProduct.productCharacteristic cBackboneElement type!CodeableConcept value[x]!CodeableConcept|string|Quantity|base64Binary|Attachment|boolean
NutritionProduct.instance cBackboneElement quantity?Quantity identifier*Identifier lotNumber?string expiry?dateTime useBy?dateTime
Observation rDomainResource identifier*Identifier basedOn*Reference partOf*Reference status!code category*CodeableConcept code!CodeableConcept subject?Reference focus*Reference encounter?Reference effective[x]?dateTime|Period|Timing|instant issued?instant performer*Reference value[x]?Quantity|CodeableConcept|string|boolean|integer|Range|Ratio|SampledData|time|dateTime|Period dataAbsentReason?CodeableConcept interpretation*CodeableConcept note*Annotation bodySite?CodeableConcept method?CodeableConcept specimen?Reference device?Reference referenceRange*@ hasMember*Reference derivedFrom*Reference component*@
Observation.referenceRange cBackboneElement low?Quantity high?Quantity type?CodeableConcept appliesTo*CodeableConcept age?Range text?string
Observation.component cBackboneElement code!CodeableConcept value[x]?Quantity|CodeableConcept|string|boolean|integer|Range|Ratio|SampledData|time|dateTime|Period dataAbsentReason?CodeableConcept interpretation*CodeableConcept referenceRange*Observation.referenceRange
ObservationDefinition rDomainResource category*CodeableConcept code!CodeableConcept identifier*Identifier permittedDataType*code multipleResultsAllowed?boolean method?CodeableConcept preferredReportName?string quantitativeDetails?@ qualifiedInterval*@ validCodedValueSet?Reference normalCodedValueSet?Reference abnormalCodedValueSet?Reference criticalCodedValueSet?Reference
ObservationDefinition.quantitativeDetails cBackboneElement customaryUnit?CodeableConcept unit?CodeableConcept conversionFactor?decimal decimalPrecision?integer
ObservationDefinition.qualifiedInterval cBackboneElement category?code range?Range context?CodeableConcept appliesTo*CodeableConcept gender?code age?Range gestationalAge?Range condition?string
OperationDefinition rDomainResource url?uri version?string name!string title?string status!code kind!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown affectsState?boolean code!code comment?markdown base?canonical resource*code system!boolean type!boolean instance!boolean inputProfile?canonical outputProfile?canonical parameter*@ overload*@
OperationDefinition.parameter cBackboneElement name!code use!code min!integer max!string documentation?string type?code targetProfile*canonical searchType?code binding?@ referencedFrom*@ part*OperationDefinition.parameter
OperationDefinition.parameter.binding cBackboneElement strength!code valueSet!canonical
OperationDefinition.parameter.referencedFrom cBackboneElement source!string sourceId?string
OperationDefinition.overload cBackboneElement parameterName*string comment?string
OperationOutcome rDomainResource issue+@
OperationOutcome.issue cBackboneElement severity!code code!code details?CodeableConcept diagnostics?string location*string expression*string
Organization rDomainResource identifier*Identifier active?boolean type*CodeableConcept name?string alias*string telecom*ContactPoint address*Address partOf?Reference contact*@ endpoint*Reference
Organization.contact cBackboneElement purpose?CodeableConcept name?HumanName telecom*ContactPoint address?Address
OrganizationAffiliation rDomainResource identifier*Identifier active?boolean period?Period organization?Reference participatingOrganization?Reference network*Reference code*CodeableConcept specialty*CodeableConcept location*Reference healthcareService*Reference telecom*ContactPoint endpoint*Reference
PackagedProductDefinition rDomainResource identifier*Identifier name?string type?CodeableConcept packageFor*Reference status?CodeableConcept statusDate?dateTime containedItemQuantity*Quantity description?markdown legalStatusOfSupply*@ marketingStatus*MarketingStatus characteristic*CodeableConcept copackagedIndicator?boolean manufacturer*Reference package?@
PackagedProductDefinition.legalStatusOfSupply cBackboneElement code?CodeableConcept jurisdiction?CodeableConcept
PackagedProductDefinition.package cBackboneElement identifier*Identifier type?CodeableConcept quantity?integer material*CodeableConcept alternateMaterial*CodeableConcept shelfLifeStorage*@ manufacturer*Reference property*@ containedItem*@ package*PackagedProductDefinition.package
PackagedProductDefinition.package.shelfLifeStorage cBackboneElement type?CodeableConcept period[x]?Duration|string specialPrecautionsForStorage*CodeableConcept
PackagedProductDefinition.package.property cBackboneElement type!CodeableConcept value[x]?CodeableConcept|Quantity|date|boolean|Attachment
PackagedProductDefinition.package.containedItem cBackboneElement item!CodeableReference amount?Quantity
ParameterDefinition cElement name?code use!code min?integer max?string documentation?string type!code profile?canonical
Parameters rResource parameter*@
Parameters.parameter cBackboneElement name!string value[x]?base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|markdown|oid|positiveInt|string|time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment|CodeableConcept|Coding|ContactPoint|Count|Distance|Duration|HumanName|Identifier|Money|Period|Quantity|Range|Ratio|Reference|SampledData|Signature|Timing|ContactDetail|Contributor|DataRequirement|Expression|ParameterDefinition|RelatedArtifact|TriggerDefinition|UsageContext|Dosage|Meta resource?Resource part*Parameters.parameter
Patient rDomainResource identifier*Identifier active?boolean name*HumanName telecom*ContactPoint gender?code birthDate?date deceased[x]?boolean|dateTime address*Address maritalStatus?CodeableConcept multipleBirth[x]?boolean|integer photo*Attachment contact*@ communication*@ generalPractitioner*Reference managingOrganization?Reference link*@
Patient.contact cBackboneElement relationship*CodeableConcept name?HumanName telecom*ContactPoint address?Address gender?code organization?Reference period?Period
Patient.communication cBackboneElement language!CodeableConcept preferred?boolean
Patient.link cBackboneElement other!Reference type!code
PaymentNotice rDomainResource identifier*Identifier status!code request?Reference response?Reference created!dateTime provider?Reference payment!Reference paymentDate?date payee?Reference recipient!Reference amount!Money paymentStatus?CodeableConcept
PaymentReconciliation rDomainResource identifier*Identifier status!code period?Period created!dateTime paymentIssuer?Reference request?Reference requestor?Reference outcome?code disposition?string paymentDate!date paymentAmount!Money paymentIdentifier?Identifier detail*@ formCode?CodeableConcept processNote*@
PaymentReconciliation.detail cBackboneElement identifier?Identifier predecessor?Identifier type!CodeableConcept request?Reference submitter?Reference response?Reference date?date responsible?Reference payee?Reference amount?Money
PaymentReconciliation.processNote cBackboneElement type?code text?string
Period cElement start?dateTime end?dateTime
Person rDomainResource identifier*Identifier name*HumanName telecom*ContactPoint gender?code birthDate?date address*Address photo?Attachment managingOrganization?Reference active?boolean link*@
Person.link cBackboneElement target!Reference assurance?code
PlanDefinition rDomainResource url?uri identifier*Identifier version?string name?string title?string subtitle?string type?CodeableConcept status!code experimental?boolean subject[x]?CodeableConcept|Reference|canonical date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown usage?string copyright?markdown approvalDate?date lastReviewDate?date effectivePeriod?Period topic*CodeableConcept author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail relatedArtifact*RelatedArtifact library*canonical goal*@ action*@
PlanDefinition.goal cBackboneElement category?CodeableConcept description!CodeableConcept priority?CodeableConcept start?CodeableConcept addresses*CodeableConcept documentation*RelatedArtifact target*@
PlanDefinition.goal.target cBackboneElement measure?CodeableConcept detail[x]?Quantity|Range|CodeableConcept due?Duration
PlanDefinition.action cBackboneElement prefix?string title?string description?string textEquivalent?string priority?code code*CodeableConcept reason*CodeableConcept documentation*RelatedArtifact goalId*id subject[x]?CodeableConcept|Reference|canonical trigger*TriggerDefinition condition*@ input*DataRequirement output*DataRequirement relatedAction*@ timing[x]?dateTime|Age|Period|Duration|Range|Timing participant*@ type?CodeableConcept groupingBehavior?code selectionBehavior?code requiredBehavior?code precheckBehavior?code cardinalityBehavior?code definition[x]?canonical|uri transform?canonical dynamicValue*@ action*PlanDefinition.action
PlanDefinition.action.condition cBackboneElement kind!code expression?Expression
PlanDefinition.action.relatedAction cBackboneElement actionId!id relationship!code offset[x]?Duration|Range
PlanDefinition.action.participant cBackboneElement type!code role?CodeableConcept
PlanDefinition.action.dynamicValue cBackboneElement path?string expression?Expression
Population cBackboneElement age[x]?Range|CodeableConcept gender?CodeableConcept race?CodeableConcept physiologicalCondition?CodeableConcept
Practitioner rDomainResource identifier*Identifier active?boolean name*HumanName telecom*ContactPoint address*Address gender?code birthDate?date photo*Attachment qualification*@ communication*CodeableConcept
Practitioner.qualification cBackboneElement identifier*Identifier code!CodeableConcept period?Period issuer?Reference
PractitionerRole rDomainResource identifier*Identifier active?boolean period?Period practitioner?Reference organization?Reference code*CodeableConcept specialty*CodeableConcept location*Reference healthcareService*Reference telecom*ContactPoint availableTime*@ notAvailable*@ availabilityExceptions?string endpoint*Reference
PractitionerRole.availableTime cBackboneElement daysOfWeek*code allDay?boolean availableStartTime?time availableEndTime?time
PractitionerRole.notAvailable cBackboneElement description!string during?Period
Procedure rDomainResource identifier*Identifier instantiatesCanonical*canonical instantiatesUri*uri basedOn*Reference partOf*Reference status!code statusReason?CodeableConcept category?CodeableConcept code?CodeableConcept subject!Reference encounter?Reference performed[x]?dateTime|Period|string|Age|Range recorder?Reference asserter?Reference performer*@ location?Reference reasonCode*CodeableConcept reasonReference*Reference bodySite*CodeableConcept outcome?CodeableConcept report*Reference complication*CodeableConcept complicationDetail*Reference followUp*CodeableConcept note*Annotation focalDevice*@ usedReference*Reference usedCode*CodeableConcept
Procedure.performer cBackboneElement function?CodeableConcept actor!Reference onBehalfOf?Reference
Procedure.focalDevice cBackboneElement action?CodeableConcept manipulated!Reference
ProdCharacteristic cBackboneElement height?Quantity width?Quantity depth?Quantity weight?Quantity nominalVolume?Quantity externalDiameter?Quantity shape?string color*string imprint*string image*Attachment scoring?CodeableConcept
ProductShelfLife cBackboneElement identifier?Identifier type!CodeableConcept period!Quantity specialPrecautionsForStorage*CodeableConcept
Provenance rDomainResource target+Reference occurred[x]?Period|dateTime recorded!instant policy*uri location?Reference reason*CodeableConcept activity?CodeableConcept agent+@ entity*@ signature*Signature
Provenance.agent cBackboneElement type?CodeableConcept role*CodeableConcept who!Reference onBehalfOf?Reference
Provenance.entity cBackboneElement role!code what!Reference agent*Provenance.agent
Quantity cElement value?decimal comparator?code unit?string system?uri code?code
Questionnaire rDomainResource url?uri identifier*Identifier version?string name?string title?string derivedFrom*canonical status!code experimental?boolean subjectType*code date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown approvalDate?date lastReviewDate?date effectivePeriod?Period code*Coding item*@
Questionnaire.item cBackboneElement linkId!string definition?uri code*Coding prefix?string text?string type!code enableWhen*@ enableBehavior?code required?boolean repeats?boolean readOnly?boolean maxLength?integer answerValueSet?canonical answerOption*@ initial*@ item*Questionnaire.item
Questionnaire.item.enableWhen cBackboneElement question!string operator!code answer[x]!boolean|decimal|integer|date|dateTime|time|string|Coding|Quantity|Reference
Questionnaire.item.answerOption cBackboneElement value[x]!integer|date|time|string|Coding|Reference initialSelected?boolean
Questionnaire.item.initial cBackboneElement value[x]!boolean|decimal|integer|date|dateTime|time|string|uri|Attachment|Coding|Quantity|Reference
QuestionnaireResponse rDomainResource identifier?Identifier basedOn*Reference partOf*Reference questionnaire?canonical status!code subject?Reference encounter?Reference authored?dateTime author?Reference source?Reference item*@
QuestionnaireResponse.item cBackboneElement linkId!string definition?uri text?string answer*@ item*QuestionnaireResponse.item
QuestionnaireResponse.item.answer cBackboneElement value[x]?boolean|decimal|integer|date|dateTime|time|string|uri|Attachment|Coding|Quantity|Reference item*QuestionnaireResponse.item
Range cElement low?Quantity high?Quantity
Ratio cElement numerator?Quantity denominator?Quantity
RatioRange cElement lowNumerator?Quantity highNumerator?Quantity denominator?Quantity
Reference cElement reference?string type?uri identifier?Identifier display?string
RegulatedAuthorization rDomainResource identifier*Identifier subject*Reference type?CodeableConcept description?markdown region*CodeableConcept status?CodeableConcept statusDate?dateTime validityPeriod?Period indication?CodeableReference intendedUse?CodeableConcept basis*CodeableConcept holder?Reference regulator?Reference case?@
RegulatedAuthorization.case cBackboneElement identifier?Identifier type?CodeableConcept status?CodeableConcept date[x]?Period|dateTime application*RegulatedAuthorization.case
RelatedArtifact cElement type!code label?string display?string citation?markdown url?url document?Attachment resource?canonical
RelatedPerson rDomainResource identifier*Identifier active?boolean patient!Reference relationship*CodeableConcept name*HumanName telecom*ContactPoint gender?code birthDate?date address*Address photo*Attachment period?Period communication*@
RelatedPerson.communication cBackboneElement language!CodeableConcept preferred?boolean
RequestGroup rDomainResource identifier*Identifier instantiatesCanonical*canonical instantiatesUri*uri basedOn*Reference replaces*Reference groupIdentifier?Identifier status!code intent!code priority?code code?CodeableConcept subject?Reference encounter?Reference authoredOn?dateTime author?Reference reasonCode*CodeableConcept reasonReference*Reference note*Annotation action*@
RequestGroup.action cBackboneElement prefix?string title?string description?string textEquivalent?string priority?code code*CodeableConcept documentation*RelatedArtifact condition*@ relatedAction*@ timing[x]?dateTime|Age|Period|Duration|Range|Timing participant*Reference type?CodeableConcept groupingBehavior?code selectionBehavior?code requiredBehavior?code precheckBehavior?code cardinalityBehavior?code resource?Reference action*RequestGroup.action
RequestGroup.action.condition cBackboneElement kind!code expression?Expression
RequestGroup.action.relatedAction cBackboneElement actionId!id relationship!code offset[x]?Duration|Range
ResearchDefinition rDomainResource url?uri identifier*Identifier version?string name?string title?string shortTitle?string subtitle?string status!code experimental?boolean subject[x]?CodeableConcept|Reference date?dateTime publisher?string contact*ContactDetail description?markdown comment*string useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown usage?string copyright?markdown approvalDate?date lastReviewDate?date effectivePeriod?Period topic*CodeableConcept author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail relatedArtifact*RelatedArtifact library*canonical population!Reference exposure?Reference exposureAlternative?Reference outcome?Reference
ResearchElementDefinition rDomainResource url?uri identifier*Identifier version?string name?string title?string shortTitle?string subtitle?string status!code experimental?boolean subject[x]?CodeableConcept|Reference date?dateTime publisher?string contact*ContactDetail description?markdown comment*string useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown usage?string copyright?markdown approvalDate?date lastReviewDate?date effectivePeriod?Period topic*CodeableConcept author*ContactDetail editor*ContactDetail reviewer*ContactDetail endorser*ContactDetail relatedArtifact*RelatedArtifact library*canonical type!code variableType?code characteristic+@
ResearchElementDefinition.characteristic cBackboneElement definition[x]!CodeableConcept|canonical|Expression|DataRequirement usageContext*UsageContext exclude?boolean unitOfMeasure?CodeableConcept studyEffectiveDescription?string studyEffective[x]?dateTime|Period|Duration|Timing studyEffectiveTimeFromStart?Duration studyEffectiveGroupMeasure?code participantEffectiveDescription?string participantEffective[x]?dateTime|Period|Duration|Timing participantEffectiveTimeFromStart?Duration participantEffectiveGroupMeasure?code
ResearchStudy rDomainResource identifier*Identifier title?string protocol*Reference partOf*Reference status!code primaryPurposeType?CodeableConcept phase?CodeableConcept category*CodeableConcept focus*CodeableConcept condition*CodeableConcept contact*ContactDetail relatedArtifact*RelatedArtifact keyword*CodeableConcept location*CodeableConcept description?markdown enrollment*Reference period?Period sponsor?Reference principalInvestigator?Reference site*Reference reasonStopped?CodeableConcept note*Annotation arm*@ objective*@
ResearchStudy.arm cBackboneElement name!string type?CodeableConcept description?string
ResearchStudy.objective cBackboneElement name?string type?CodeableConcept
ResearchSubject rDomainResource identifier*Identifier status!code period?Period study!Reference individual!Reference assignedArm?string actualArm?string consent?Reference
RiskAssessment rDomainResource identifier*Identifier basedOn?Reference parent?Reference status!code method?CodeableConcept code?CodeableConcept subject!Reference encounter?Reference occurrence[x]?dateTime|Period condition?Reference performer?Reference reasonCode*CodeableConcept reasonReference*Reference basis*Reference prediction*@ mitigation?string note*Annotation
RiskAssessment.prediction cBackboneElement outcome?CodeableConcept probability[x]?decimal|Range qualitativeRisk?CodeableConcept relativeRisk?decimal when[x]?Period|Range rationale?string
SampledData cElement origin!Quantity period!decimal factor?decimal lowerLimit?decimal upperLimit?decimal dimensions!positiveInt data?string
Schedule rDomainResource identifier*Identifier active?boolean serviceCategory*CodeableConcept serviceType*CodeableConcept specialty*CodeableConcept actor+Reference planningHorizon?Period comment?string
SearchParameter rDomainResource url!uri version?string name!string derivedFrom?canonical status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description!markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown code!code base+code type!code expression?string xpath?string xpathUsage?code target*code multipleOr?boolean multipleAnd?boolean comparator*code modifier*code chain*string component*@
SearchParameter.component cBackboneElement definition!canonical expression!string
ServiceRequest rDomainResource identifier*Identifier instantiatesCanonical*canonical instantiatesUri*uri basedOn*Reference replaces*Reference requisition?Identifier status!code intent!code category*CodeableConcept priority?code doNotPerform?boolean code?CodeableConcept orderDetail*CodeableConcept quantity[x]?Quantity|Ratio|Range subject!Reference encounter?Reference occurrence[x]?dateTime|Period|Timing asNeeded[x]?boolean|CodeableConcept authoredOn?dateTime requester?Reference performerType?CodeableConcept performer*Reference locationCode*CodeableConcept locationReference*Reference reasonCode*CodeableConcept reasonReference*Reference insurance*Reference supportingInfo*Reference specimen*Reference bodySite*CodeableConcept note*Annotation patientInstruction?string relevantHistory*Reference
Signature cElement type+Coding when!instant who!Reference onBehalfOf?Reference targetFormat?code sigFormat?code data?base64Binary
Slot rDomainResource identifier*Identifier serviceCategory*CodeableConcept serviceType*CodeableConcept specialty*CodeableConcept appointmentType?CodeableConcept schedule!Reference status!code start!instant end!instant overbooked?boolean comment?string
Specimen rDomainResource identifier*Identifier accessionIdentifier?Identifier status?code type?CodeableConcept subject?Reference receivedTime?dateTime parent*Reference request*Reference collection?@ processing*@ container*@ condition*CodeableConcept note*Annotation
Specimen.collection cBackboneElement collector?Reference collected[x]?dateTime|Period duration?Duration quantity?Quantity method?CodeableConcept bodySite?CodeableConcept fastingStatus[x]?CodeableConcept|Duration
Specimen.processing cBackboneElement description?string procedure?CodeableConcept additive*Reference time[x]?dateTime|Period
Specimen.container cBackboneElement identifier*Identifier description?string type?CodeableConcept capacity?Quantity specimenQuantity?Quantity additive[x]?CodeableConcept|Reference
SpecimenDefinition rDomainResource identifier?Identifier typeCollected?CodeableConcept patientPreparation*CodeableConcept timeAspect?string collection*CodeableConcept typeTested*@
SpecimenDefinition.typeTested cBackboneElement isDerived?boolean type?CodeableConcept preference!code container?@ requirement?string retentionTime?Duration rejectionCriterion*CodeableConcept handling*@
SpecimenDefinition.typeTested.container cBackboneElement material?CodeableConcept type?CodeableConcept cap?CodeableConcept description?string capacity?Quantity minimumVolume[x]?Quantity|string additive*@ preparation?string
SpecimenDefinition.typeTested.container.additive cBackboneElement additive[x]!CodeableConcept|Reference
SpecimenDefinition.typeTested.handling cBackboneElement temperatureQualifier?CodeableConcept temperatureRange?Range maxDuration?Duration instruction?string
StructureDefinition rDomainResource url!uri identifier*Identifier version?string name!string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown keyword*Coding fhirVersion?code mapping*@ kind!code abstract!boolean context*@ contextInvariant*string type!uri baseDefinition?canonical derivation?code snapshot?@ differential?@
StructureDefinition.mapping cBackboneElement identity!id uri?uri name?string comment?string
StructureDefinition.context cBackboneElement type!code expression!string
StructureDefinition.snapshot cBackboneElement element+ElementDefinition
StructureDefinition.differential cBackboneElement element+ElementDefinition
StructureMap rDomainResource url!uri identifier*Identifier version?string name!string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown structure*@ import*canonical group+@
StructureMap.structure cBackboneElement url!canonical mode!code alias?string documentation?string
StructureMap.group cBackboneElement name!id extends?id typeMode!code documentation?string input+@ rule+@
StructureMap.group.input cBackboneElement name!id type?string mode!code documentation?string
StructureMap.group.rule cBackboneElement name!id source+@ target*@ rule*StructureMap.group.rule dependent*@ documentation?string
StructureMap.group.rule.source cBackboneElement context!id min?integer max?string type?string defaultValue[x]?base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|markdown|oid|positiveInt|string|time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment|CodeableConcept|Coding|ContactPoint|Count|Distance|Duration|HumanName|Identifier|Money|Period|Quantity|Range|Ratio|Reference|SampledData|Signature|Timing|ContactDetail|Contributor|DataRequirement|Expression|ParameterDefinition|RelatedArtifact|TriggerDefinition|UsageContext|Dosage|Meta element?string listMode?code variable?id condition?string check?string logMessage?string
StructureMap.group.rule.target cBackboneElement context?id contextType?code element?string variable?id listMode*code listRuleId?id transform?code parameter*@
StructureMap.group.rule.target.parameter cBackboneElement value[x]!id|string|boolean|integer|decimal
StructureMap.group.rule.dependent cBackboneElement name!id variable+string
Subscription rDomainResource status!code contact*ContactPoint end?instant reason!string criteria!string error?string channel!@
Subscription.channel cBackboneElement type!code endpoint?url payload?code header*string
SubscriptionStatus rDomainResource status?code type!code eventsSinceSubscriptionStart?string notificationEvent*@ subscription!Reference topic?canonical error*CodeableConcept
SubscriptionStatus.notificationEvent cBackboneElement eventNumber!string timestamp?instant focus?Reference additionalContext*Reference
SubscriptionTopic rDomainResource url!uri identifier*Identifier version?string title?string derivedFrom*canonical status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown approvalDate?date lastReviewDate?date effectivePeriod?Period resourceTrigger*@ eventTrigger*@ canFilterBy*@ notificationShape*@
SubscriptionTopic.resourceTrigger cBackboneElement description?markdown resource!uri supportedInteraction*code queryCriteria?@ fhirPathCriteria?string
SubscriptionTopic.resourceTrigger.queryCriteria cBackboneElement previous?string resultForCreate?code current?string resultForDelete?code requireBoth?boolean
SubscriptionTopic.eventTrigger cBackboneElement description?markdown event!CodeableConcept resource!uri
SubscriptionTopic.canFilterBy cBackboneElement description?markdown resource?uri filterParameter!string filterDefinition?uri modifier*code
SubscriptionTopic.notificationShape cBackboneElement resource!uri include*string revInclude*string
Substance rDomainResource identifier*Identifier status?code category*CodeableConcept code!CodeableConcept description?string instance*@ ingredient*@
Substance.instance cBackboneElement identifier?Identifier expiry?dateTime quantity?Quantity
Substance.ingredient cBackboneElement quantity?Ratio substance[x]!CodeableConcept|Reference
SubstanceDefinition rDomainResource identifier*Identifier version?string status?CodeableConcept classification*CodeableConcept domain?CodeableConcept grade*CodeableConcept description?markdown informationSource*Reference note*Annotation manufacturer*Reference supplier*Reference moiety*@ property*@ molecularWeight*@ structure?@ code*@ name*@ relationship*@ sourceMaterial?@
SubstanceDefinition.moiety cBackboneElement role?CodeableConcept identifier?Identifier name?string stereochemistry?CodeableConcept opticalActivity?CodeableConcept molecularFormula?string amount[x]?Quantity|string measurementType?CodeableConcept
SubstanceDefinition.property cBackboneElement type!CodeableConcept value[x]?CodeableConcept|Quantity|date|boolean|Attachment
SubstanceDefinition.molecularWeight cBackboneElement method?CodeableConcept type?CodeableConcept amount!Quantity
SubstanceDefinition.structure cBackboneElement stereochemistry?CodeableConcept opticalActivity?CodeableConcept molecularFormula?string molecularFormulaByMoiety?string molecularWeight?SubstanceDefinition.molecularWeight technique*CodeableConcept sourceDocument*Reference representation*@
SubstanceDefinition.structure.representation cBackboneElement type?CodeableConcept representation?string format?CodeableConcept document?Reference
SubstanceDefinition.code cBackboneElement code?CodeableConcept status?CodeableConcept statusDate?dateTime note*Annotation source*Reference
SubstanceDefinition.name cBackboneElement name!string type?CodeableConcept status?CodeableConcept preferred?boolean language*CodeableConcept domain*CodeableConcept jurisdiction*CodeableConcept synonym*SubstanceDefinition.name translation*SubstanceDefinition.name official*@ source*Reference
SubstanceDefinition.name.official cBackboneElement authority?CodeableConcept status?CodeableConcept date?dateTime
SubstanceDefinition.relationship cBackboneElement substanceDefinition[x]?Reference|CodeableConcept type!CodeableConcept isDefining?boolean amount[x]?Quantity|Ratio|string ratioHighLimitAmount?Ratio comparator?CodeableConcept source*Reference
SubstanceDefinition.sourceMaterial cBackboneElement type?CodeableConcept genus?CodeableConcept species?CodeableConcept part?CodeableConcept countryOfOrigin*CodeableConcept
SupplyDelivery rDomainResource identifier*Identifier basedOn*Reference partOf*Reference status?code patient?Reference type?CodeableConcept suppliedItem?@ occurrence[x]?dateTime|Period|Timing supplier?Reference destination?Reference receiver*Reference
SupplyDelivery.suppliedItem cBackboneElement quantity?Quantity item[x]?CodeableConcept|Reference
SupplyRequest rDomainResource identifier*Identifier status?code category?CodeableConcept priority?code item[x]!CodeableConcept|Reference quantity!Quantity parameter*@ occurrence[x]?dateTime|Period|Timing authoredOn?dateTime requester?Reference supplier*Reference reasonCode*CodeableConcept reasonReference*Reference deliverFrom?Reference deliverTo?Reference
SupplyRequest.parameter cBackboneElement code?CodeableConcept value[x]?CodeableConcept|Quantity|Range|boolean
Task rDomainResource identifier*Identifier instantiatesCanonical?canonical instantiatesUri?uri basedOn*Reference groupIdentifier?Identifier partOf*Reference status!code statusReason?CodeableConcept businessStatus?CodeableConcept intent!code priority?code code?CodeableConcept description?string focus?Reference for?Reference encounter?Reference executionPeriod?Period authoredOn?dateTime lastModified?dateTime requester?Reference performerType*CodeableConcept owner?Reference location?Reference reasonCode?CodeableConcept reasonReference?Reference insurance*Reference note*Annotation relevantHistory*Reference restriction?@ input*@ output*@
Task.restriction cBackboneElement repetitions?positiveInt period?Period recipient*Reference
Task.input cBackboneElement type!CodeableConcept value[x]!base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|markdown|oid|positiveInt|string|time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment|CodeableConcept|Coding|ContactPoint|Count|Distance|Duration|HumanName|Identifier|Money|Period|Quantity|Range|Ratio|Reference|SampledData|Signature|Timing|ContactDetail|Contributor|DataRequirement|Expression|ParameterDefinition|RelatedArtifact|TriggerDefinition|UsageContext|Dosage|Meta
Task.output cBackboneElement type!CodeableConcept value[x]!base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|markdown|oid|positiveInt|string|time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment|CodeableConcept|Coding|ContactPoint|Count|Distance|Duration|HumanName|Identifier|Money|Period|Quantity|Range|Ratio|Reference|SampledData|Signature|Timing|ContactDetail|Contributor|DataRequirement|Expression|ParameterDefinition|RelatedArtifact|TriggerDefinition|UsageContext|Dosage|Meta
TerminologyCapabilities rDomainResource url?uri version?string name?string title?string status!code experimental?boolean date!dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown kind!code software?@ implementation?@ lockedDate?boolean codeSystem*@ expansion?@ codeSearch?code validateCode?@ translation?@ closure?@
TerminologyCapabilities.software cBackboneElement name!string version?string
TerminologyCapabilities.implementation cBackboneElement description!string url?url
TerminologyCapabilities.codeSystem cBackboneElement uri?canonical version*@ subsumption?boolean
TerminologyCapabilities.codeSystem.version cBackboneElement code?string isDefault?boolean compositional?boolean language*code filter*@ property*code
TerminologyCapabilities.codeSystem.version.filter cBackboneElement code!code op+code
TerminologyCapabilities.expansion cBackboneElement hierarchical?boolean paging?boolean incomplete?boolean parameter*@ textFilter?markdown
TerminologyCapabilities.expansion.parameter cBackboneElement name!code documentation?string
TerminologyCapabilities.validateCode cBackboneElement translations!boolean
TerminologyCapabilities.translation cBackboneElement needsMap!boolean
TerminologyCapabilities.closure cBackboneElement translation?boolean
TestReport rDomainResource identifier?Identifier name?string status!code testScript!Reference result!code score?decimal tester?string issued?dateTime participant*@ setup?@ test*@ teardown?@
TestReport.participant cBackboneElement type!code uri!uri display?string
TestReport.setup cBackboneElement action+@
TestReport.setup.action cBackboneElement operation?@ assert?@
TestReport.setup.action.operation cBackboneElement result!code message?markdown detail?uri
TestReport.setup.action.assert cBackboneElement result!code message?markdown detail?string
TestReport.test cBackboneElement name?string description?string action+@
TestReport.test.action cBackboneElement operation?TestReport.setup.action.operation assert?TestReport.setup.action.assert
TestReport.teardown cBackboneElement action+@
TestReport.teardown.action cBackboneElement operation!TestReport.setup.action.operation
TestScript rDomainResource url!uri identifier?Identifier version?string name!string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept purpose?markdown copyright?markdown origin*@ destination*@ metadata?@ fixture*@ profile*Reference variable*@ setup?@ test*@ teardown?@
TestScript.origin cBackboneElement index!integer profile!Coding
TestScript.destination cBackboneElement index!integer profile!Coding
TestScript.metadata cBackboneElement link*@ capability+@
TestScript.metadata.link cBackboneElement url!uri description?string
TestScript.metadata.capability cBackboneElement required!boolean validated!boolean description?string origin*integer destination?integer link*uri capabilities!canonical
TestScript.fixture cBackboneElement autocreate!boolean autodelete!boolean resource?Reference
TestScript.variable cBackboneElement name!string defaultValue?string description?string expression?string headerField?string hint?string path?string sourceId?id
TestScript.setup cBackboneElement action+@
TestScript.setup.action cBackboneElement operation?@ assert?@
TestScript.setup.action.operation cBackboneElement type?Coding resource?code label?string description?string accept?code contentType?code destination?integer encodeRequestUrl!boolean method?code origin?integer params?string requestHeader*@ requestId?id responseId?id sourceId?id targetId?id url?string
TestScript.setup.action.operation.requestHeader cBackboneElement field!string value!string
TestScript.setup.action.assert cBackboneElement label?string description?string direction?code compareToSourceId?string compareToSourceExpression?string compareToSourcePath?string contentType?code expression?string headerField?string minimumId?string navigationLinks?boolean operator?code path?string requestMethod?code requestURL?string resource?code response?code responseCode?string sourceId?id validateProfileId?id value?string warningOnly!boolean
TestScript.test cBackboneElement name?string description?string action+@
TestScript.test.action cBackboneElement operation?TestScript.setup.action.operation assert?TestScript.setup.action.assert
TestScript.teardown cBackboneElement action+@
TestScript.teardown.action cBackboneElement operation!TestScript.setup.action.operation
Timing cBackboneElement event*dateTime repeat?@ code?CodeableConcept
Timing.repeat cElement bounds[x]?Duration|Range|Period count?positiveInt countMax?positiveInt duration?decimal durationMax?decimal durationUnit?code frequency?positiveInt frequencyMax?positiveInt period?decimal periodMax?decimal periodUnit?code dayOfWeek*code timeOfDay*time when*code offset?unsignedInt
TriggerDefinition cElement type!code name?string timing[x]?Timing|Reference|date|dateTime data*DataRequirement condition?Expression
UsageContext cElement code!Coding value[x]!CodeableConcept|Quantity|Range|Reference
ValueSet rDomainResource url?uri identifier*Identifier version?string name?string title?string status!code experimental?boolean date?dateTime publisher?string contact*ContactDetail description?markdown useContext*UsageContext jurisdiction*CodeableConcept immutable?boolean purpose?markdown copyright?markdown compose?@ expansion?@
ValueSet.compose cBackboneElement lockedDate?date inactive?boolean include+@ exclude*ValueSet.compose.include
ValueSet.compose.include cBackboneElement system?uri version?string concept*@ filter*@ valueSet*canonical
ValueSet.compose.include.concept cBackboneElement code!code display?string designation*@
ValueSet.compose.include.concept.designation cBackboneElement language?code use?Coding value!string
ValueSet.compose.include.filter cBackboneElement property!code op!code value!string
ValueSet.expansion cBackboneElement identifier?uri timestamp!dateTime total?integer offset?integer parameter*@ contains*@
ValueSet.expansion.parameter cBackboneElement name!string value[x]?string|boolean|integer|decimal|uri|code|dateTime
ValueSet.expansion.contains cBackboneElement system?uri abstract?boolean inactive?boolean version?string code?code display?string designation*ValueSet.compose.include.concept.designation contains*ValueSet.expansion.contains
VerificationResult rDomainResource target*Reference targetLocation*string need?CodeableConcept status!code statusDate?dateTime validationType?CodeableConcept validationProcess*CodeableConcept frequency?Timing lastPerformed?dateTime nextScheduled?date failureAction?CodeableConcept primarySource*@ attestation?@ validator*@
VerificationResult.primarySource cBackboneElement who?Reference type*CodeableConcept communicationMethod*CodeableConcept validationStatus?CodeableConcept validationDate?dateTime canPushUpdates?CodeableConcept pushTypeAvailable*CodeableConcept
VerificationResult.attestation cBackboneElement who?Reference onBehalfOf?Reference communicationMethod?CodeableConcept date?date sourceIdentityCertificate?string proxyIdentityCertificate?string proxySignature?Signature sourceSignature?Signature
VerificationResult.validator cBackboneElement organization!Reference identityCertificate?string attestationSignature?Signature
VisionPrescription rDomainResource identifier*Identifier status!code created!dateTime patient!Reference encounter?Reference dateWritten!dateTime prescriber!Reference lensSpecification+@
VisionPrescription.lensSpecification cBackboneElement product!CodeableConcept eye!code sphere?decimal cylinder?decimal axis?integer prism*@ add?decimal power?decimal backCurve?decimal diameter?decimal duration?Quantity color?string brand?string note*Annotation
VisionPrescription.lensSpecification.prism cBackboneElement amount!decimal base!code
`
