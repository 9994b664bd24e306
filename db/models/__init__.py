"""The schema: a page for each group of tables."""

from db.models.audit import AuditEvent, AuditHead, AuditSegment
from db.models.base import Base
from db.models.dialogue import Attempt, Chat, Fault, Group, HandledUpdate, Question
from db.models.members import (
    Card,
    Finding,
    IncidentList,
    Letter,
    LetterRequest,
    Link,
    Member,
    Suppression,
    Throttle,
    Tick,
)
from db.models.outbox import Delivery

__all__ = [
    "Attempt",
    "AuditEvent",
    "AuditHead",
    "AuditSegment",
    "Base",
    "Card",
    "Chat",
    "Delivery",
    "Fault",
    "Finding",
    "Group",
    "HandledUpdate",
    "IncidentList",
    "Letter",
    "LetterRequest",
    "Link",
    "Member",
    "Question",
    "Suppression",
    "Throttle",
    "Tick",
]
