"""Experts: who may look at cases, through which lens, in which languages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.cases import Reviewer
from core.domain import Lens
from core.store.pool import Connection


def _reviewer(row: dict[str, Any]) -> Reviewer:
    lenses = tuple(Lens(name) for name in row["lenses"])
    return Reviewer(
        row["id"], row["slack_user"], row["name"], lenses, tuple(row["languages"]), row["lead"], row["on_call"]
    )


def put(
    db: Connection,
    slack_user: str,
    name: str,
    lenses: Sequence[Lens],
    languages: Sequence[str],
    *,
    lead: bool = False,
    on_call: bool = False,
    team: str = "",
) -> Reviewer:
    """Add an expert, or change the one with this user id."""
    row = db.execute(
        """INSERT INTO reviewer (slack_team, slack_user, name, lenses, languages, lead, on_call)
           VALUES (%s, %s, %s, %s, %s, %s, %s)
           ON CONFLICT (slack_team, slack_user) DO UPDATE SET name = excluded.name, lenses = excluded.lenses,
               languages = excluded.languages, lead = excluded.lead, on_call = excluded.on_call, active = true
           RETURNING *""",
        (team, slack_user, name, [lens.value for lens in lenses], list(languages), lead, on_call),
    ).fetchone()
    assert row is not None
    return _reviewer(row)


def remove(db: Connection, slack_user: str) -> bool:
    """This person decides nothing any more; what was decided stays. Returns whether there was one."""
    row = db.execute(
        "UPDATE reviewer SET active = false, on_call = false WHERE slack_user = %s AND active RETURNING id",
        (slack_user,),
    ).fetchone()
    return row is not None


def by_user(db: Connection, slack_user: str) -> Reviewer | None:
    """The active expert with this user id."""
    row = db.execute("SELECT * FROM reviewer WHERE slack_user = %s AND active", (slack_user,)).fetchone()
    return _reviewer(row) if row else None


def everyone(db: Connection) -> list[Reviewer]:
    """All active experts, leads first."""
    rows = db.execute("SELECT * FROM reviewer WHERE active ORDER BY lead DESC, name").fetchall()
    return [_reviewer(row) for row in rows]


def on_call(db: Connection, slack_user: str, wanted: bool) -> bool:
    """Go on call or off it. Returns whether there is such an expert."""
    row = db.execute(
        "UPDATE reviewer SET on_call = %s WHERE slack_user = %s AND active RETURNING id", (wanted, slack_user)
    ).fetchone()
    return row is not None


def anyone_on_call(db: Connection) -> bool:
    """Whether somebody is there to decide."""
    row = db.execute("SELECT 1 FROM reviewer WHERE active AND on_call LIMIT 1").fetchone()
    return row is not None
