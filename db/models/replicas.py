"""Who runs: several processes may serve one database."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base


class Lease(Base):
    """What one process holds until a time of the database's clock: the lead, or only that it lives."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[str] = mapped_column(String(32))
    until_at: Mapped[datetime]
