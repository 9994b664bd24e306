"""What changed between two stores."""

from dataclasses import dataclass

from faq.entry import Store


@dataclass(frozen=True, slots=True)
class Difference:
    """Ids of entries, each sorted."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.removed or self.changed)


def difference(old: Store, new: Store) -> Difference:
    """What an editor did on the way from the old store to the new one."""
    before, after = old.entries, new.entries
    return Difference(
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        changed=tuple(sorted(entry for entry in before.keys() & after.keys() if before[entry] != after[entry])),
    )
