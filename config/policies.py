"""`policies`: what only the association can decide."""

from config.base import Strict


class Policy(Strict):
    """A statement of the association; empty while it has made none."""

    de: str = ""
    en: str = ""


class Policies(Strict):
    own_count: Policy = Policy()
    own_notices: Policy = Policy()
    controller: Policy = Policy()
    id_document: Policy = Policy()
    refunds: Policy = Policy()
    liability: Policy = Policy()
    provider: Policy = Policy()
    can_block: Policy = Policy()
    plain_card: Policy = Policy()
    representatives: Policy = Policy()
    former_members: Policy = Policy()
    other_channel: Policy = Policy()
    measures: Policy = Policy()
    retention: Policy = Policy()
