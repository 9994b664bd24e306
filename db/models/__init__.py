"""The schema: a page for each group of tables."""

from db.models.audit import AuditEvent, AuditHead, AuditSegment
from db.models.base import Base
from db.models.desk import Approval, Draft, Notice, ShownAnswer, StaffRole, Subscription, Ticket, TicketMessage
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
from db.models.replicas import Lease

__all__ = [
    "Approval",
    "Attempt",
    "AuditEvent",
    "AuditHead",
    "AuditSegment",
    "Base",
    "Card",
    "Chat",
    "Delivery",
    "Draft",
    "Fault",
    "Finding",
    "Group",
    "HandledUpdate",
    "IncidentList",
    "Lease",
    "Letter",
    "LetterRequest",
    "Link",
    "Member",
    "Notice",
    "Question",
    "ShownAnswer",
    "StaffRole",
    "Subscription",
    "Suppression",
    "Throttle",
    "Tick",
    "Ticket",
    "TicketMessage",
]
