"""Whether the settings and the processing register fit: each source needs a party, a brand and an entry."""

from config.register import ProcessingRegister
from config.sections import ACTIVITIES
from config.settings import Settings, Source, setting_of


def require_agreement(settings: Settings, register: ProcessingRegister) -> None:
    """Raise `ConfigError` for the first source whose records could not be given an origin."""
    for source in settings.sources():
        _require(source, register)


def _require(source: Source, register: ProcessingRegister) -> None:
    files = source.platform == "files"
    register.require_source_party(source.party, setting_of(source, "processor") if files else "processing.register")
    register.require_brand(source.brand, setting_of(source, "brand"))
    register.origin(source.party, ACTIVITIES[source.platform], "customer")
    if source.consent_grantee not in (None, "controller"):
        register.require_party(str(source.consent_grantee), setting_of(source, "consent_grantee"))
