"""The tables of a bank, once for SQLite and PostgreSQL. Seen by ``stores`` only.

Order and numbers (``n``, ``seq``) are given by the one writer, not by the database, so that both give the same.
Payloads are JSON text. Columns a scan needs come before the wide ones. An index stands where a query needs it.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

SCHEMA_VERSION = 3

_TEXT: TypeEngine[str] = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_COUNT: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")

METADATA = MetaData()


def _text(name: str, *, nullable: bool = False, primary_key: bool = False) -> "Column[str]":
    return Column(name, _TEXT, nullable=nullable, primary_key=primary_key)


def _where_set(column: "Column[str]") -> dict[str, object]:
    """A partial index skips rows without a value; both databases know that ``=`` and ``IN`` imply one."""
    return {"sqlite_where": column.is_not(None), "postgresql_where": column.is_not(None)}


META = Table("meta", METADATA, _text("name", primary_key=True), _text("value"))

SOURCES = Table(
    "sources",
    METADATA,
    _text("id", primary_key=True),
    _text("digest"),
    _text("name"),
    _text("format"),
    Column("size", _COUNT, nullable=False),
    _text("received_at"),
    _text("state"),
    Column("items_done", _COUNT, nullable=False),
    _text("parent"),
)

PROBLEMS = Table(
    "problems",
    METADATA,
    Column("n", _COUNT, primary_key=True, autoincrement=False),
    _text("source"),
    _text("reason"),
    _text("stood_in"),
    _text("place"),
    Column("line", _COUNT, nullable=False),
    _text("values"),
    Column("fatal", Boolean, nullable=False),
    Index("problems_source", "source"),
)

RECORDS = Table(
    "records",
    METADATA,
    Column("n", _COUNT, primary_key=True, autoincrement=False),
    _text("id"),
    _text("state"),
    _text("kind"),
    _text("source"),
    _text("donor", nullable=True),
    _text("key"),
    Column("judgement", _COUNT),
    Column("total", Double),
    Column("authenticity", Double),
    Column("accuracy", Double),
    Column("completeness", Double),
    Column("consistency", Double),
    Column("timeliness", Double),
    Column("line", _COUNT, nullable=False),
    _text("place"),
    _text("digest"),
    _text("received_at"),
    _text("corrects"),
    _text("fields"),
    _text("unreadable", nullable=True),
    _text("extra", nullable=True),
    Index("records_id", "id", unique=True),
    Index("records_state", "state", "kind"),
    Index("records_source", "source"),
    Index("records_key", "key"),
)
Index("records_donor", RECORDS.c.donor, **_where_set(RECORDS.c.donor))  # type: ignore[arg-type]

_MOVING = {"state", "judgement", "total", "authenticity", "accuracy", "completeness", "consistency", "timeliness"}
RECORD_CONTENT = tuple(column.name for column in RECORDS.columns if column.name not in _MOVING)
"""Columns of a record that never change; the database itself refuses."""

JUDGEMENTS = Table(
    "judgements",
    METADATA,
    Column("n", _COUNT, primary_key=True, autoincrement=False),
    Column("record", _COUNT, ForeignKey("records.n"), nullable=False),
    _text("at"),
    _text("actor"),
    _text("body"),
)

FINDINGS = Table(
    "findings",
    METADATA,
    _text("rule", primary_key=True),
    Column("judgement", _COUNT, ForeignKey("judgements.n"), primary_key=True, autoincrement=False),
    _text("outcome", primary_key=True),
    Column("record", _COUNT, nullable=False),
    sqlite_with_rowid=False,
)

EVENTS = Table(
    "events",
    METADATA,
    Column("seq", _COUNT, primary_key=True, autoincrement=False),
    _text("id"),
    _text("kind"),
    _text("fact"),
    _text("key"),
    _text("donor", nullable=True),
    _text("parent", nullable=True),
    _text("at", nullable=True),
    Column("offset_days", _COUNT),
    _text("recorded_at"),
    Column("record", _COUNT, ForeignKey("records.n"), nullable=False),
    _text("fields", nullable=True),
    Index("events_key", "key"),
)
"""``fields`` is NULL when they are those of the record, which never change: nothing is written twice."""

Index("events_donor", EVENTS.c.donor, EVENTS.c.fact, **_where_set(EVENTS.c.donor))  # type: ignore[arg-type]
Index("events_parent", EVENTS.c.parent, **_where_set(EVENTS.c.parent))  # type: ignore[arg-type]

FACTS = Table(
    "facts",
    METADATA,
    Column("seq", _COUNT, primary_key=True, autoincrement=False),
    _text("key"),
    _text("kind"),
    _text("parent", nullable=True),
    _text("alias", nullable=True),
    _text("position", nullable=True),
    _text("barcode", nullable=True),
    Column("amount_ug", Double),
    Column("volume_ul", Double),
    Column("weight_mg", Double),
    Index("facts_key", "key", "kind", unique=True),
)
"""Which event speaks for each fact now, and what facts are looked up by; the rest is in the event and its record.

In every index the kind comes last: were it first, a planner without statistics would walk a whole kind to find one.
"""

for _column in ("parent", "alias", "position", "barcode"):
    Index(f"facts_{_column}", FACTS.c[_column], FACTS.c.kind, **_where_set(FACTS.c[_column]))  # type: ignore[arg-type]

AWAITS = Table(
    "awaits",
    METADATA,
    _text("kind", primary_key=True),
    _text("key", primary_key=True),
    _text("record", primary_key=True),
    Index("awaits_record", "record"),
    sqlite_with_rowid=False,
)

PLACES = Table(
    "places",
    METADATA,
    _text("record", primary_key=True),
    _text("position"),
    _text("key"),
    Index("places_position", "position"),
    sqlite_with_rowid=False,
)
"""Where held specimens stand: no facts yet, but their places are taken."""

WAIVERS = Table(
    "waivers",
    METADATA,
    _text("record", primary_key=True),
    _text("rule", primary_key=True),
    _text("reason"),
    _text("requested_by"),
    _text("requested_at"),
    _text("approved_by"),
    _text("approved_at"),
    _text("expires_on"),
    Column("withdrawn", Boolean, nullable=False),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("n", _COUNT, primary_key=True, autoincrement=False),
    _text("at"),
    _text("actor"),
    _text("operation"),
    _text("subject"),
    _text("outcome"),
    _text("before"),
    _text("after"),
    _text("reason"),
    _text("batch"),
    Index("audit_subject", "subject"),
    Index("audit_batch", "batch"),
)

SOPS = Table(
    "sops",
    METADATA,
    _text("id", primary_key=True),
    Column("version", _COUNT, primary_key=True, autoincrement=False),
    _text("state"),
    _text("digest"),
    _text("added_at"),
    _text("added_by"),
    _text("body"),
)

PROCESS = Table(
    "process",
    METADATA,
    _text("specimen", primary_key=True),
    _text("sop", primary_key=True),
    Column("version", _COUNT, nullable=False),
    _text("verdict"),
    _text("pending_until", nullable=True),
    _text("at"),
    _text("outcomes"),
    Index("process_verdict", "verdict"),
    Index("process_at", "at"),
    sqlite_with_rowid=False,
)
"""How specimens stand to SOPs: a read model, made again from the facts at will."""

Index("process_pending", PROCESS.c.pending_until, **_where_set(PROCESS.c.pending_until))  # type: ignore[arg-type]

ORGANIZATIONS = Table(
    "organizations",
    METADATA,
    _text("id", primary_key=True),
    _text("name"),
    _text("state"),
    _text("at"),
)

ACCOUNTS = Table(
    "accounts",
    METADATA,
    _text("name", primary_key=True),
    _text("kind"),
    _text("organization"),
    _text("roles"),
    _text("state"),
    _text("secret"),
    _text("subject", nullable=True),
    Column("failures", _COUNT, nullable=False),
    _text("locked_until"),
    _text("created_at"),
    _text("created_by"),
)
"""``secret`` is a password's Argon2 hash or empty; ``subject`` is how an identity provider names the account."""

Index("accounts_subject", ACCOUNTS.c.subject, unique=True, **_where_set(ACCOUNTS.c.subject))  # type: ignore[arg-type]

TOKENS = Table(
    "tokens",
    METADATA,
    _text("id", primary_key=True),
    _text("account"),
    _text("label"),
    _text("digest"),
    _text("scopes"),
    _text("created_at"),
    _text("created_by"),
    _text("expires_at"),
    _text("ended_at"),
    _text("used_at"),
    Index("tokens_digest", "digest", unique=True),
    Index("tokens_account", "account"),
)
"""What programs show; only the SHA-256 of a token is kept."""

SESSIONS = Table(
    "sessions",
    METADATA,
    _text("id", primary_key=True),
    _text("account"),
    _text("digest"),
    _text("via"),
    _text("began_at"),
    _text("expires_at"),
    _text("ended_at"),
    _text("ended_by"),
    Index("sessions_digest", "digest", unique=True),
    Index("sessions_account", "account"),
)

NOTICES = Table(
    "notices",
    METADATA,
    _text("id", primary_key=True),
    _text("rule"),
    _text("subject"),
    _text("severity"),
    _text("raised_at"),
    _text("since"),
    _text("closed_at"),
    _text("reason"),
    _text("body"),
    Index("notices_subject", "subject"),
    Index("notices_raised", "raised_at"),
)
"""What should have happened and did not, or went on too long: raised when a deadline passes, closed when it is made
good. ``since`` is the instant the thing itself dates from, ``reason`` why it was closed."""

ADDED_IN = {2: (SOPS, PROCESS), 3: (ORGANIZATIONS, ACCOUNTS, TOKENS, SESSIONS, NOTICES)}
"""Schema version -> the tables it added to the one before."""

APPEND_ONLY = (EVENTS, JUDGEMENTS, FINDINGS, AUDIT)
"""Tables in which the database refuses every change of a row."""


def guards(dialect: str) -> list[str]:
    """Statements that make the database itself refuse to rewrite history. ``dialect``: sqlite or postgresql."""
    return _sqlite_guards() if dialect == "sqlite" else _postgresql_guards()


def _sqlite_guards() -> list[str]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'append-only: history is not rewritten'); END"
    made = [
        f"CREATE TRIGGER {table.name}_keep_{deed.lower()} BEFORE {deed} ON {table.name} {refuse}"
        for table in APPEND_ONLY
        for deed in ("UPDATE", "DELETE")
    ]
    content = ", ".join(f'"{name}"' for name in RECORD_CONTENT)
    made.append(f"CREATE TRIGGER records_keep_update BEFORE UPDATE OF {content} ON records {refuse}")
    return [*made, f"CREATE TRIGGER records_keep_delete BEFORE DELETE ON records {refuse}"]


def _postgresql_guards() -> list[str]:
    made = [
        "CREATE OR REPLACE FUNCTION hilum_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'append-only: history is not rewritten'; END $$"
    ]
    run = "EXECUTE FUNCTION hilum_append_only()"
    for table in (*APPEND_ONLY, RECORDS):
        made.append(
            f"CREATE TRIGGER {table.name}_keep_rows BEFORE DELETE OR TRUNCATE ON {table.name} FOR EACH STATEMENT {run}"
        )
    made += [
        f"CREATE TRIGGER {table.name}_keep_update BEFORE UPDATE ON {table.name} FOR EACH ROW {run}"
        for table in APPEND_ONLY
    ]
    content = ", ".join(f'"{name}"' for name in RECORD_CONTENT)
    return [*made, f"CREATE TRIGGER records_keep_update BEFORE UPDATE OF {content} ON records FOR EACH ROW {run}"]
