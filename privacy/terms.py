"""The standard terms that the program speaks, with their sources, so that no document names one that does not exist.

- Data Privacy Vocabulary, DPV 2.3 of 25 February 2026, a report of the W3C community group of that name: each term was
  looked up in the CSV files of https://github.com/w3c-cg/dpv, folder 2.3, at the commit e377ed58. The prefixes are
  DPV's own; without a version in it, an IRI leads to the newest release, https://w3id.org/dpv/2.3 pins this one.
- ISO/IEC TS 27560:2023, consent record: names of fields as DPV's guide to it gives them
  (https://w3id.org/dpv/guides/consent-27560, 15 February 2026). The guide also names `ConsentTerminated` and
  `eu-gdpr:GDPR`, which DPV 2.3 does not have: `dpv:ConsentRevoked` and `legal-eu:law-GDPR` are the terms.
- Fideslang's data uses (https://github.com/ethyca/fideslang, `default_taxonomy`), for the channels.
- PROV-O, W3C Recommendation of 30 April 2013 (https://www.w3.org/TR/prov-o/), for where a value is from.
- `own:` is ours, for what DPV 2.3 lacks, such as the channel of a marketing message.
"""

from collections.abc import Mapping

from config.identifiers import COUNTRY_CODES

PREFIXES: Mapping[str, str] = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "loc": "https://w3id.org/dpv/loc#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "legal-eu": "https://w3id.org/dpv/legal/eu#",
    "legal-fi": "https://w3id.org/dpv/legal/fi#",
    "justifications": "https://w3id.org/dpv/justifications#",
    "dpv-27560": "https://w3id.org/dpv/schema/dpv-27560#",
    "prov": "http://www.w3.org/ns/prov#",
    "dct": "http://purl.org/dc/terms/",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "own": "urn:rekisteri:terms:",
}

CONSENT_TERMS: Mapping[str, str] = {
    "granted": "dpv:ConsentGiven",
    "refused": "dpv:ConsentRefused",
    "withdrawn": "dpv:ConsentWithdrawn",
    "unknown": "dpv:ConsentUnknown",
}
"""State of a consent → DPV consent status. Only `dpv:ConsentGiven` is one that DPV calls valid for processing."""

RIGHTS: Mapping[str, str] = {
    "information": "eu-gdpr:A13",
    "information_from_others": "eu-gdpr:A14",
    "access": "eu-gdpr:A15",
    "rectification": "eu-gdpr:A16",
    "erasure": "eu-gdpr:A17",
    "restriction": "eu-gdpr:A18",
    "notification": "eu-gdpr:A19",
    "portability": "eu-gdpr:A20",
    "objection": "eu-gdpr:A21",
    "automated_decisions": "eu-gdpr:A22",
    "withdrawal": "eu-gdpr:A7-3",
    "complaint": "eu-gdpr:A77",
}
"""Right of a person, by the word that requests use for it → its article of the GDPR."""

REQUEST_STATUSES = (
    "dpv:RequestInitiated", "dpv:RequestAcknowledged", "dpv:RequestRequiresAction",
    "dpv:RequestRequiredActionPerformed", "dpv:RequestAccepted", "dpv:RequestRejected",
    "dpv:RequestActionDelayed", "dpv:RequestFulfilled",
    "dpv:RequestUnfulfilled",
)  # fmt: skip
"""Statuses of a request, in the order in which a request may come to them."""

ROLES: Mapping[str, tuple[str, ...]] = {
    "controller": ("dpv:DataController",),
    "processor": ("dpv:DataProcessor",),
    "processor+controller": ("dpv:DataProcessor", "dpv:DataController"),
    "joint_controller": ("dpv:JointDataControllers",),
    "recipient": ("dpv:Recipient",),
    "third_party": ("dpv:ThirdParty",),
}
"""Role of a party in the processing register → its terms; a role that is unknown or unassessed has none."""

CHANNEL_DATA: Mapping[str, str] = {"email": "pd:EmailAddress", "sms": "pd:TelephoneNumber"}
"""Channel → the personal data that it needs."""

FIELD_DATA: Mapping[str, str] = {
    "id": "pd:Identifier",
    "name": "pd:Name",
    "first_name": "pd:Name",
    "last_name": "pd:Name",
    "emails": "pd:EmailAddress",
    "phones": "pd:TelephoneNumber",
    "address": "pd:PhysicalAddress",
    "no_show_count": "pd:Reliability",
    "regular_employee": "pd:Preference",
    "discounts": "pd:Transactional",
}
"""Field of a customer → what kind of personal data it is."""

CHANNELS: Mapping[str, str] = {"email": "own:EmailChannel", "sms": "own:SmsChannel"}

MARKETING_USES: Mapping[str, str] = {
    "email": "marketing.communications.email",
    "sms": "marketing.communications.sms",
}
"""Channel → Fideslang's data use for marketing by it."""

SERVICE_USES: Mapping[str, str] = {
    "email": "essential.service.notifications.email",
    "sms": "essential.service.notifications.sms",
}
"""Channel → Fideslang's data use for messages that belong to the service, such as reminders: no marketing."""

DATA_SOURCES: Mapping[str, str] = {
    "person": "dpv:DataSubjectDataSource",
    "staff": "dpv:DataControllerDataSource",
    "third_party": "dpv:ThirdPartyDataSource",
}
"""From whom data were collected, by the register's words; what is unknown has no term but `dpv:DataSource`."""

CONSENT_BASIS = "eu-gdpr:A6-1-a"
ADEQUACY = "eu-gdpr:A45-3"
ADEQUACY_DECISIONS: Mapping[str, str] = {"CA": "legal-eu:Adequacy-EU-CA"}
"""Country → the adequacy decision for it, where the register has cause to speak of it: 2002/2/EC for Canada."""
GDPR = "legal-eu:law-GDPR"
AUTHORITY = "legal-fi:DPA-FI"
"""The Office of the Data Protection Ombudsman."""

CONSENT_RECORD_PROFILE = "dpv-27560:record-eu-gdpr"

ISO_27560: Mapping[str, tuple[str, ...]] = {
    "header": ("schema_version", "record_id", "pii_principal_id"),
    "processing": (
        "privacy_notice", "language", "purpose", "purpose_type", "lawful_basis", "pii_information", "pii_controllers",
        "collection_method", "processing_method", "storage_locations", "retention_period", "processing_locations",
        "geographic_restrictions", "service", "jurisdiction", "recipient_third_parties", "withdrawal_method",
        "privacy_rights", "codes_of_conduct", "impact_assessment", "authority_party",
    ),
    "pii_information": (
        "pii_type", "pii_attribute_id", "pii_optional", "sensitive_pii_category", "special_pii_category",
    ),
    "parties": (
        "party_id", "party_name", "party_address", "party_contact", "party_type", "party_role", "party_email",
        "party_url", "party_phone",
    ),
    "events": ("event_time", "validity_duration", "entity_id", "event_type", "event_state"),
}  # fmt: skip
"""Fields of a consent record by section."""

ISO_27560_MANDATORY: Mapping[str, tuple[str, ...]] = {
    "header": ISO_27560["header"],
    "processing": (
        "privacy_notice", "language", "purpose", "pii_information", "pii_controllers", "storage_locations",
        "retention_period", "jurisdiction", "recipient_third_parties", "withdrawal_method",
    ),
    "pii_information": ("pii_type",),
    "parties": ("party_id", "party_name", "party_address", "party_contact", "party_type"),
    "events": ISO_27560["events"],
}  # fmt: skip
"""Those of them that no record may lack."""

AGREEMENTS = (
    "dpv:ControllerProcessorAgreement", "dpv:SubProcessorAgreement", "dpv:JointDataControllersAgreement",
    "dpv:DataProcessingAgreement", "dpv:ThirdPartyAgreement", "dpv:ConfidentialityAgreement", "dpv:NDA",
    "dpv:ServiceLevelAgreement", "dpv:LicenseAgreement", "dpv:DistributionAgreement",
)  # fmt: skip
"""Types of an agreement with a party."""

TECHNICAL_MEASURES = (
    "dpv:AccessControlMethod", "dpv:ActivityMonitoring", "dpv:Anonymisation", "dpv:AuthenticationProtocols",
    "dpv:AuthorisationProtocols", "dpv:CryptographicKeyManagement", "dpv:DataBackupProtocols", "dpv:DataRedaction",
    "dpv:DataSanitisationTechnique", "dpv:EncryptionAtRest", "dpv:EncryptionInTransfer", "dpv:FileSystemSecurity",
    "dpv:HashMessageAuthenticationCode", "dpv:IntrusionDetectionSystem", "dpv:MultiFactorAuthentication",
    "dpv:NetworkSecurityProtocols", "dpv:OperatingSystemSecurity", "dpv:PasswordAuthentication", "dpv:Pseudonymisation",
    "dpv:VulnerabilityTestingMethods", "dpv:WebSecurityProtocols",
)  # fmt: skip
ORGANISATIONAL_MEASURES = (
    "dpv:AcceptableUsePolicy", "dpv:AuthorisationProcedure", "dpv:CredentialManagement", "dpv:CybersecurityTraining",
    "dpv:DataBreachRecord", "dpv:DataErasurePolicy", "dpv:DataProtectionTraining", "dpv:DataRestorationPolicy",
    "dpv:DataSubjectRightsManagement", "dpv:DisasterRecoveryProcedures", "dpv:IdentityManagementMethod",
    "dpv:IncidentManagementProcedures", "dpv:InformationSecurityPolicy", "dpv:LoggingPolicy",
    "dpv:PermissionManagement", "dpv:PrivacyByDefault", "dpv:ReviewProcedure", "dpv:SecurityAudit", "dpv:StaffTraining",
    "dpv:ThirdPartySecurityProcedures",
    "dpv:PhysicalAccessControlMethod", "dpv:PhysicalDeviceSecurity", "dpv:PhysicalSecureStorage",
    "dpv:PhysicalSurveillance",
)  # fmt: skip
"""Measures of protection of the two kinds that GDPR Art. 32 knows. Locks and guards, which DPV calls physical, are
organisational."""

EXEMPTIONS: Mapping[str, str] = {
    "a": "eu-gdpr:JustificationA14EntityAlreadyInformed",
    "b": "eu-gdpr:JustificationA14DisproportionateEffort",
    "c": "eu-gdpr:JustificationA14LegallyExempted",
    "d": "eu-gdpr:JustificationA14ConfidentialityCompromised",
}
"""Letter of GDPR Art. 14(5) → why a person whose data came from others need not be told of them."""

_DPV = """
    Consent ConsentControl ConsentExpired ConsentGiven ConsentInvalidated ConsentNotice ConsentRecord ConsentRefused
    ConsentRequestDeferred ConsentRequested ConsentRevoked ConsentStatus ConsentStatusInvalidForProcessing
    ConsentStatusValidForProcessing ConsentUnknown ConsentWithdrawn ExplicitlyExpressedConsent ExpressedConsent
    ImpliedConsent RenewedConsentGiven WithdrawConsent
    LegitimateInterestNotObjected LegitimateInterestObjected
    RequestAccepted RequestAcknowledged RequestActionDelayed RequestFulfilled RequestInitiated RequestRejected
    RequestRequiredActionPerformed RequestRequiresAction RequestStatus RequestUnfulfilled RightExerciseActivity
    RightExerciseNotice RightExerciseRecord RightFulfilmentNotice RightNonFulfilmentNotice DataSubjectRight
    Authority DataController DataExporter DataImporter DataProcessor DataProtectionAuthority
    DataSubject DataSubProcessor Entity JointDataControllers LegalEntity NaturalPerson Organisation Recipient
    ThirdCountry ThirdParty
    ControllerProcessorAgreement SubProcessorAgreement
    CrossBorderTransfer DataTransferImpactAssessment DataTransferLegalBasis DataTransferRecord SafeguardForDataTransfer
    Transfer
    EndlessDuration IndeterminateDuration StorageCondition StorageDeletion StorageDuration StorageLocation
    TemporalDuration UntilEventDuration UntilTimeDuration
    DataControllerDataSource DataSource DataSubjectDataSource ThirdPartyDataSource
    Analyse Collect Observe Profiling Record Restrict Store Use
    CommunicationForCustomerCare CommunicationManagement CustomerCare CustomerClaimsManagement
    CustomerRelationshipManagement DirectMarketing EnforceAccessControl LegalCompliance Marketing PaymentManagement
    Purpose RecordManagement RightsFulfilment ServiceMonitoring ServicePersonalisation ServiceProvision
    ServiceUsageAnalytics
    DerivedPersonalData PersonalData SensitivePersonalData SpecialCategoryPersonalData Optional Required
    NoticeLatest PrivacyNotice Process Processing Service
    ActivityOngoing Customer DataProcessingRecord Employee LegitimateInterestAssessment
    hasAddress hasApplicableLaw hasAuthority hasConsentControl hasConsentStatus hasContact hasCountry hasDataController
    hasDataExporter hasDataImporter hasDataProcessor hasDataSource hasDataSubject hasDuration hasEntity hasIdentifier
    hasIndicationMethod hasJointDataControllers hasJurisdiction hasJustification hasLegalBasis hasLocation hasName
    hasNecessity hasNotice hasOrganisationalMeasure hasPersonalData hasProcess hasProcessing hasPurpose hasRecipient
    hasRecipientDataController hasRecipientThirdParty hasRecordOfActivity hasRequestStatus hasRight hasScope hasService
    hasActivityStatus hasAssessment hasDataProtectionOfficer hasLegalMeasure hasRepresentative hasTechnicalMeasure
    hasStatus hasStorageCondition hasThirdCountry isAfter isBefore isExercisedAt isIndicatedAtTime isIndicatedBy
"""
_PD = """
    Communication EducationTraining EmailAddress Health Identifier Interest Name PhysicalAddress Preference Reliability
    ServiceConsumptionBehaviour TelephoneNumber Transactional
"""
_GDPR = """
    A6-1-a A6-1-b A6-1-c A6-1-d A6-1-e A6-1-f A6-1-f-controller A7-3 A9-2-a A9-2-h
    A13 A14 A15 A16 A17 A18 A19 A20 A21 A22 A77
    A45-3 A46-2-a A46-2-b A46-2-c A46-2-d A46-2-e A46-2-f A46-3-a A46-3-b
    A49-1-a A49-1-b A49-1-c A49-1-d A49-1-e A49-1-f A49-1-g
    AdequacyDecision SCCByCommission StandardContractualClauses SupplementaryMeasure
    RightsRecipientsNotice SARNotice IndirectDataCollectionNotice DataBreachRegister
    JustificationA12Complexity JustificationA12HighVolume JustificationA12IdentityFailure
    JustificationA12IdentityRequired JustificationA12ManifestlyExcessive JustificationA12ManifestlyUnfounded
    JustificationA17LegalClaims JustificationA17LegallyRequired
"""
_OWN = """
    EmailChannel SmsChannel MarketResearch OpinionResearch PersonalDirectory Genealogy
    hasBrand hasChannel hasDataUse hasEvidence hasGrantee hasIncompleteField hasNoticeVersion hasObservation
    isHeldBy isRecordedAt
    NotInUse hasAssessedMechanism hasAssessedRole hasConsentRecords hasCount hasDigest hasDirection hasDocument hasField
    hasInstrument hasKind hasLastRetrieval hasModule hasOriginCountry hasReason hasReviewDate hasRule hasSource
    hasStatedMechanism hasStatedRole hasTrigger hasValue hasVerification isFirstSeenAt
    isStatedBy
"""
_PROV = """
    Activity Agent Entity
    endedAtTime generatedAtTime hadPrimarySource invalidatedAtTime specializationOf startedAtTime wasAssociatedWith
    wasAttributedTo wasDerivedFrom wasGeneratedBy wasRevisionOf
"""


def _with(prefix: str, names: str) -> frozenset[str]:
    return frozenset(f"{prefix}:{name}" for name in names.split())


TERMS: frozenset[str] = (
    _with("dpv", _DPV)
    | {*AGREEMENTS, *TECHNICAL_MEASURES, *ORGANISATIONAL_MEASURES, *EXEMPTIONS.values()}
    | _with("pd", _PD)
    | _with("eu-gdpr", _GDPR)
    | _with("legal-eu", "Adequacy-EU-CA law-GDPR")
    | _with("legal-fi", "DPA-FI")
    | _with("justifications", "IdentityVerificationFailure")
    | _with("loc", "CA-BC EEA EU")
    | _with("dpv-27560", "record record-eu-gdpr receipt receipt-eu-gdpr")
    | _with("own", _OWN)
    | _with("prov", _PROV)
)
"""Every term that may be written, countries (`loc:FI`) apart: see `is_known`."""


def is_known(term: str) -> bool:
    """Whether a term is in the vendored list, or a country: DPV has `loc:` and the code of each in ISO 3166-1."""
    prefix, _, name = term.partition(":")
    return term in TERMS or (prefix == "loc" and name in COUNTRY_CODES)


def iri(term: str) -> str:
    """The full IRI of a term such as `dpv:ConsentGiven`. Raises `KeyError` for a prefix that is none of ours."""
    prefix, _, name = term.partition(":")
    return PREFIXES[prefix] + name
