"""Which columnar engine runs rules over a whole bank."""

from hilum.engines.duckdb_engine import DuckDBEngine
from hilum.engines.engine import Columns, Engine
from hilum.engines.judge import Judge
from hilum.engines.polars_engine import PolarsEngine
from hilum.errors import BadInputError


def engine_named(name: str) -> Engine[Columns]:
    """The engine of that name. Raises :class:`BadInputError`."""
    known: dict[str, type[PolarsEngine] | type[DuckDBEngine] | type[Judge]] = {
        "polars": PolarsEngine,
        "duckdb": DuckDBEngine,
        "judge": Judge,
    }
    if name not in known:
        raise BadInputError("engine_unknown", engine=name, known=", ".join(known))
    return known[name]()
