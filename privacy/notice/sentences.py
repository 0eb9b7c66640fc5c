"""What a finding of the notice check says: its kind → what does not agree, and what can be done. Pure."""

from collections.abc import Mapping

SENTENCES: Mapping[str, tuple[str, str]] = {
    "notice_missing": (
        "No version of the notice is in force today.",
        "Add the published notice to the register as [notices.VERSION], with valid_from.",
    ),
    "text_missing": (
        "The text of the notice {version} is not kept, or is neither Finnish nor English, so nobody can hold it "
        "against the data.",
        "Save the published text beside the register and name it in `file` of the notice.",
    ),
    "roles_stated_twice": (
        "The notice calls {name} the handler for the controller, and elsewhere the controller of the same data.",
        "Find out which it is, write it into role_assessed of {about}, and say it once in the next notice.",
    ),
    "role_differs": (
        "The notice states {name} as {stated}; you found {assessed}.",
        "Say in the next notice what you found, and then write it into role_stated of {about}.",
    ),
    "party_unverified": (
        "The notice names {name} and gives it no task.",
        "If it handles data, declare its part in the register; if not, take it out of both.",
    ),
    "contact_missing": (
        "There is no contact person for requests (Art. 13(1)(a)).",
        "Write name, e-mail and phone into `contact` of the register, and name them in the notice.",
    ),
    "basis_missing": (
        "A legal basis is not stated (Art. 13(1)(c)).",
        "State it in legal_basis of the register and in the notice.",
    ),
    "mechanism_old": (
        "Standard clauses are to carry the data of {name}, and no contract under Decision (EU) 2021/914 is named: "
        "those under older clauses have been void since 27 December 2022.",
        "Look for the contract and name it in `instrument`, or write into mechanism_assessed what does carry them.",
    ),
    "mechanism_differs": (
        "The notice states {stated} for the data of {name}; you found {assessed}.",
        "Say in the next notice what you found, and then write it into mechanism_stated of {about}.",
    ),
    "retention_undefined": (
        "There is no retention period for {about} ({what}), and so none that a notice could tell (Art. 13(2)(a)).",
        "Set it with `rekisteri retention set {about}`, and tell it in the next notice.",
    ),
    "agreement_missing": (
        "No agreement with {name} is written down, though it handles data for the controller (Art. 28(3)).",
        "Find the contract and write it down: `rekisteri agreement add`.",
    ),
    "measures_missing": (
        "No measure of protection is written down, though the notice promises them (Art. 32).",
        "Write down what protects the data: `rekisteri measure add`.",
    ),
    "residue": (
        "These words are left over from somebody else's notice ({plain}).",
        "Take them out of the next notice.",
    ),
    "source_without_connector": (
        "The notice names a source from which nothing comes ({plain}).",
        "Take it out of the next notice, or read that source under a party of its own.",
    ),
    "rights_omitted": (
        "The notice says nothing of a right that people have: {about} (Art. 13(2)).",
        "Name it in the next notice. It can be used all the same.",
    ),
    "storage_not_named": (
        "The copy at {name} lies in {country}, which the notice does not name (Art. 13(1)(f)){beside}.",
        "Find out where it lies and what carries it there, and name the country in the next notice.",
    ),
    "storage_not_covered": (
        "The copy at {name} lies in {country}, which the decision {instrument} does not cover.",
        "Find out what carries the data there, and write it into the transfer of {about}.",
    ),
    "field_not_listed": (
        "The registry holds data that the notice does not list: {plain}.",
        "List it in the next notice, or stop reading it.",
    ),
    "field_never_collected": (
        "The notice lists data of which the registry holds none: {plain}.",
        "Leave it out of the next notice unless it is to come.",
    ),
    "profiling_contradiction": (
        "The notice says that there is no profiling, and elsewhere: “{other}”",
        "Say which classifying there is, by whose rules, and that no decision about a person comes of it.",
    ),
    "health_not_named": (
        "The notice lists free text, which may tell of somebody's health, and says nothing of that (Art. 9).",
        "Say in the next notice what such text is for, and ask people to leave health out of it, or switch notes off.",
    ),
    "places_contradiction": (
        "The notice says that the data lie in the controller's own systems; other parties hold copies.",
        "Name both in the next notice: the register here, the copies there.",
    ),
    "partner_without_recipient": (
        "The notice lets partners get data for their marketing, and none is approved.",
        "Take it out of the next notice, or approve them one by one: `rekisteri recipient approve`.",
    ),
    "recipient_not_named": (
        "Somebody is approved to get data as a {about}, and the notice does not say so (Art. 13(1)(e)).",
        "Name them in the next notice before anything leaves, or revoke the approval.",
    ),
}
