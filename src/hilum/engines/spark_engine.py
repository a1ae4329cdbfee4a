"""Rules over more rows than one machine holds, with Spark (optional: ``pip install 'hilum[spark]'``)."""

from collections.abc import Iterable, Sequence

from hilum.engines import query
from hilum.engines.engine import Counts, Violation, read
from hilum.engines.sql import ROW, SPARK, Printer
from hilum.errors import BadInputError
from hilum.quality.compiled import Checked
from hilum.quality.rule import Rule

try:
    from pyspark.sql import DataFrame, SparkSession
except ModuleNotFoundError:  # pragma: no cover - an optional dependency
    DataFrame = SparkSession = None

BATCH = 50
"""Rules per query: keeps the generated Java within what the JVM will compile."""

_VIEW = "hilum_records"


class SparkEngine:
    """Takes a table as a Spark frame with the columns of :mod:`hilum.quality.row` that the rules read and ``#row``."""

    name = "spark"

    def __init__(self, session: "SparkSession") -> None:
        if SparkSession is None:  # pragma: no cover - an optional dependency
            raise BadInputError("engine_missing", engine=self.name, package="hilum[spark]")
        self._session = session
        self._printer = Printer(SPARK)

    def counts(self, rules: Sequence[Rule | Checked], table: "DataFrame") -> list[Counts]:
        """One :class:`Counts` per rule, in their order."""
        table.createOrReplaceTempView(_VIEW)
        return query.counts(self._run, self._printer, read(rules), _VIEW, BATCH)

    def violations(self, rules: Sequence[Rule | Checked], table: "DataFrame") -> list[Violation]:
        """Every row and rule that did not pass, by row and then by rule."""
        table.createOrReplaceTempView(_VIEW)
        return query.violations(self._run, self._printer, read(rules), _VIEW, BATCH, ROW)

    def _run(self, sql: str) -> Iterable[Sequence[object]]:
        return [tuple(row) for row in self._session.sql(sql).collect()]
