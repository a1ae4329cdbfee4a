"""What others find in gate-bench: Great Expectations, pandera, pointblank, and the checks of OHDSI's DQD.

``python -m benchmarks.gatebench_peers [--level middle] [--seed 1 ...] [--size standard]`` in an environment that has
them beside Hilum. Each judges the same CSV files, already gathered into one table per subject with the mappings' field
names, numbers and times read, so that nothing is lost to reading. The first three run the checks that an ordinary user
of theirs writes for such tables (missing, in a set, in a range, of a form, taken once, one before the other, known
elsewhere); the last runs the generic checks that DQD's catalogue has for persons, specimens, measurements and
conditions (required, of its type, known elsewhere, from 1950 until tomorrow, not before birth), written as row checks.
A row that fails any check is stopped. Scored by the scorer that scores Hilum.
"""

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from hilum.gatebench import data_set, scoring, truth
from hilum.gatebench.data_set import Wanted
from hilum.gatebench.dialect import SITES, TITLES, headers
from hilum.gatebench.entry import TABLES
from hilum.gatebench.scoring import Answer, Score

Tables = dict[str, pd.DataFrame]
Failing = Iterable[tuple[str, str, str]]
"""Table, row's name, column."""

NUMBERS = {
    "donors": ("height_cm", "weight_kg"),
    "diagnoses": ("nodes_examined", "nodes_positive"),
    "tubes": ("volume_ul",),
    "aliquots": ("volume_ul", "storage_c", "centrifuge_g", "centrifuge_min", "centrifuge_c", "freeze_thaw_cycles"),
    "extracts": ("volume_ul", "concentration", "amount_ug", "a260_a280", "rin", "storage_c"),
    "tissues": ("weight_mg", "storage_c", "freeze_thaw_cycles"),
    "storage": ("storage_c",),
    "results": ("value", "reference_low", "reference_high"),
    "manifest": ("limit_low_c", "limit_high_c"),
}
NOT_NULL = {
    "donors": ("donor_id", "name", "sex", "national_id", "birth_on"),
    "consents": ("donor_id", "form_version", "status", "scope", "consented_on"),
    "encounters": ("encounter_id", "donor_id", "class", "started_at"),
    "diagnoses": ("condition_id", "donor_id", "diagnosis", "icd10", "diagnosed_on"),
    "tubes": ("specimen_id", "donor_id", "specimen_type", "tube", "collected_at", "received_at", "volume_ul"),
    "aliquots": ("specimen_id", "parent_id", "donor_id", "specimen_type", "collected_at", "centrifuged_at", "frozen_at",
                 "volume_ul", "location", "storage_c", "barcode_2d"),
    "extracts": ("specimen_id", "parent_id", "donor_id", "concentration", "volume_ul", "amount_ug"),
    "steps": ("preparation_id", "specimen_id", "step", "started_at", "ended_at", "operator", "device"),
    "results": ("observation_id", "donor_id", "analyte", "value", "unit", "observed_at"),
    "manifest": ("transport_id", "specimen_id", "sender", "receiver", "dispatched_at", "received_at", "logger"),
    "custody": ("custody_id", "specimen_id", "action", "happened_at", "performed_by", "to_party"),
    "requests": ("custody_id", "specimen_id", "action", "happened_at", "performed_by", "from_party", "to_party"),
    "tissues": ("specimen_id", "donor_id", "specimen_type", "collected_at", "location", "storage_c", "barcode_2d"),
    "storage": ("specimen_id", "location", "storage_c", "stored_at"),
}  # fmt: skip
RANGES = {
    ("donors", "height_cm"): (100, 220), ("donors", "weight_kg"): (25, 200), ("diagnoses", "nodes_examined"): (0, 100),
    ("diagnoses", "nodes_positive"): (0, 100), ("tubes", "volume_ul"): (500, 100_000),
    ("aliquots", "volume_ul"): (50, 5_000), ("aliquots", "storage_c"): (-200, -60),
    ("aliquots", "centrifuge_g"): (500, 3_500), ("aliquots", "freeze_thaw_cycles"): (0, 3),
    ("extracts", "storage_c"): (-200, -60), ("extracts", "concentration"): (1, 2_000),
    ("extracts", "a260_a280"): (1.5, 2.3), ("extracts", "rin"): (1, 10), ("tissues", "storage_c"): (-200, 30),
    ("tissues", "weight_mg"): (1, 5_000), ("tissues", "freeze_thaw_cycles"): (0, 3), ("results", "value"): (0, 3_000),
}  # fmt: skip
FORMS = {
    ("donors", "national_id"): r"\d{17}[\dX]", ("donors", "phone"): r"1\d{10}",
    ("donors", "donor_id"): r"[A-D]\d{8}", ("diagnoses", "icd10"): r"[A-Z]\d\d(\.\d{1,2})?",
    ("diagnoses", "icdo_site"): r"C\d\d\.\d", ("diagnoses", "icdo_histology"): r"\d{4}/\d",
    ("tubes", "specimen_id"): r"X[A-D]\d{4}-\d{6}-[ESUR]",
    ("tissues", "specimen_id"): r"Z[A-D]\d{4}-\d{6}-[TF]\d",
    ("aliquots", "specimen_id"): r"X[A-D]\d{4}-\d{6}-[ESU]-[PBWU]\d",
    ("aliquots", "parent_id"): r"X[A-D]\d{4}-\d{6}-[ESU]",
    ("extracts", "parent_id"): r"[XZ][A-D]\d{4}-\d{6}-([ESU]-W\d|R|T\d)",
    ("tissues", "location"): r"[TP]\d\d-R\d\d-B\d\d-[A-I]\d",
    ("aliquots", "location"): r"F\d\d-R\d\d-B\d\d-[A-I]\d", ("aliquots", "barcode_2d"): r"FB\d{10}",
}  # fmt: skip
SETS = {
    ("donors", "sex"): "男 女 男性 女性 M F",
    ("consents", "status"): "已同意 同意",
    ("tubes", "specimen_type"): "全血 外周血 静脉血 尿液 晨尿",
    ("aliquots", "specimen_type"): "血浆 Plasma 血清 Serum 白膜层 白细胞层 尿液 晨尿",
    ("tissues", "specimen_type"): "新鲜冷冻组织 冻存组织 冰冻组织 石蜡包埋组织 石蜡块 FFPE 石蜡组织",
    ("extracts", "specimen_type"): "DNA RNA",
    ("steps", "step"): "离心 分装 包埋 冻存",
    ("custody", "action"): "采集 移交 接收",
    ("requests", "action"): "出库 发放",
    ("results", "unit"): "g/L 克/升 g/l 10^9/L ×10^9/L 10*9/L U/L IU/L μmol/L umol/L 微摩尔/升 µmol/L mmol/L 毫摩尔/升 "
    "mmol/l ng/mL ng/ml μg/L",
    ("diagnoses", "pathologic_m"): "M0 M1",
}
"""Words seen in last month's files, separated by blanks: what an ordinary user lists."""
UNIQUE = (("donors", "donor_id"), ("donors", "national_id"), ("tubes", "specimen_id"), ("aliquots", "specimen_id"),
          ("aliquots", "location"), ("aliquots", "barcode_2d"), ("tissues", "specimen_id"), ("tissues", "location"),
          ("tissues", "barcode_2d"), ("results", "observation_id"))  # fmt: skip
BEFORE = (
    ("tubes", "collected_at", "received_at"), ("aliquots", "collected_at", "received_at"),
    ("aliquots", "received_at", "centrifuged_at"), ("aliquots", "centrifuged_at", "frozen_at"),
    ("aliquots", "frozen_at", "stored_at"), ("tissues", "collected_at", "received_at"),
    ("tissues", "collected_at", "frozen_at"), ("tissues", "collected_at", "fixed_at"),
    ("steps", "started_at", "ended_at"),
    ("manifest", "dispatched_at", "received_at"), ("consents", "consented_on", "expires_on"),
    ("results", "reference_low", "reference_high"), ("diagnoses", "nodes_positive", "nodes_examined"),
    ("tubes", "consent.consented_on", "collected_at"), ("tubes", "collected_at", "consent.expires_on"),
    ("tubes", "donor.birth_on", "collected_at"), ("aliquots", "volume_ul", "parent.volume_ul"),
)  # fmt: skip
KNOWN = (
    ("consents", "donor_id", "donors"), ("diagnoses", "donor_id", "donors"), ("results", "donor_id", "donors"),
    ("tubes", "donor_id", "consents"), ("tissues", "donor_id", "consents"), ("aliquots", "donor_id", "donors"),
    ("aliquots", "parent_id", "tubes"), ("extracts", "parent_id", "tubes tissues aliquots"),
    ("steps", "specimen_id", "tubes tissues"), ("manifest", "specimen_id", "tubes"),
)  # fmt: skip
"""Table, column, and the tables in one of which what it names must stand."""


def known(tables: Tables, column: str, elsewhere: str) -> set[str]:
    """The donors or specimens that stand in these tables."""
    key = "donor_id" if column == "donor_id" else "specimen_id"
    return {one for table in elsewhere.split() for one in tables[table][key].dropna()}


@dataclass(frozen=True, slots=True)
class Judge:
    """A peer: its name, and what it answers for a data set."""

    name: str
    judge: Callable[[Tables], Failing]


def read(folder: Path) -> Tables:
    """One frame per subject, rows named ``file:line``, numbers and times read (what cannot be is missing)."""
    found: defaultdict[str, list[pd.DataFrame]] = defaultdict(list)
    for table in TABLES:
        for site in SITES:
            for path in sorted(folder.glob(f"{site.letter}-{TITLES[table]}*.csv")):
                text = path.read_text(encoding=site.encoding, errors="replace")
                frame = _frame(text, path)
                frame = frame.rename(columns={header: name for name, header in headers(table, site).items()})
                if table == "tubes" and site.in_ml:
                    frame["volume_ul"] = pd.to_numeric(frame["volume_ul"], errors="coerce") * 1000
                for name in [one for one in frame.columns if one.endswith(("_at", "_on"))]:
                    usual = site.instant if name.endswith("_at") else site.day
                    frame[name] = pd.to_datetime(frame[name], format=usual, errors="coerce").dt.tz_localize(None)
                found[table].append(frame)
    tables = {table: pd.concat(frames) for table, frames in found.items()}
    tables["results"]["value"] = tables["results"]["value"].str.removeprefix("<")  # below the limit: the limit itself
    for table, names in NUMBERS.items():
        for name in names:
            tables[table][name] = pd.to_numeric(tables[table][name], errors="coerce")
    return _joined(tables)


def _frame(text: str, path: Path) -> pd.DataFrame:
    import io

    frame = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False).replace("", None)
    frame.index = pd.Index([f"{path.name}:{line}" for line in range(2, len(frame) + 2)])
    return frame


def _joined(tables: Tables) -> Tables:
    """Columns of the donor, the consent and the parent beside the specimens, as a user's query would bring them."""
    donors = tables["donors"].drop_duplicates("donor_id").set_index("donor_id")
    consents = tables["consents"].drop_duplicates("donor_id").set_index("donor_id")
    parents = tables["tubes"].drop_duplicates("specimen_id").set_index("specimen_id")
    tubes, aliquots = tables["tubes"], tables["aliquots"]
    tubes["donor.birth_on"] = tubes["donor_id"].map(donors["birth_on"])
    for name in ("consented_on", "expires_on"):
        tubes[f"consent.{name}"] = tubes["donor_id"].map(consents[name])
    aliquots["parent.volume_ul"] = aliquots["parent_id"].map(parents["volume_ul"])
    return tables


# Great Expectations -------------------------------------------------------------------------------------------------


def great_expectations(tables: Tables) -> Failing:
    """The checks as expectations over data frames; the rows each reports as unexpected."""
    import great_expectations as gx
    import great_expectations.expectations as gxe

    context = gx.get_context(mode="ephemeral")
    source = context.data_sources.add_pandas("bench")
    for table, frame in tables.items():
        batch = source.add_dataframe_asset(table).add_batch_definition_whole_dataframe("all").get_batch(
            {"dataframe": frame.assign(row=frame.index)}
        )  # fmt: skip
        suite: list[tuple[str, Any]] = [(n, gxe.ExpectColumnValuesToNotBeNull(column=n)) for n in NOT_NULL[table]]
        suite += [(n, gxe.ExpectColumnValuesToBeBetween(column=n, min_value=a, max_value=b))
                  for (t, n), (a, b) in RANGES.items() if t == table]  # fmt: skip
        suite += [(n, gxe.ExpectColumnValuesToMatchRegex(column=n, regex=f"^(?:{form})$"))
                  for (t, n), form in FORMS.items() if t == table]  # fmt: skip
        suite += [(n, gxe.ExpectColumnValuesToBeInSet(column=n, value_set=words.split()))
                  for (t, n), words in SETS.items() if t == table]  # fmt: skip
        suite += [(n, gxe.ExpectColumnValuesToBeUnique(column=n)) for t, n in UNIQUE if t == table]
        suite += [(n, gxe.ExpectColumnValuesToBeInSet(column=n, value_set=sorted(known(tables, n, others))))
                  for t, n, others in KNOWN if t == table]  # fmt: skip
        suite += [(b, gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A=b, column_B=a, or_equal=True,
                                                                  ignore_row_if="either_value_is_missing"))
                  for t, a, b in BEFORE if t == table]  # fmt: skip
        for name, expectation in suite:
            if (
                table == "results"
                and name == "observation_id"
                and isinstance(expectation, gxe.ExpectColumnValuesToBeUnique)
            ):
                continue  # results that are sent again under their number are corrections
            result = batch.validate(expectation, result_format={
                "result_format": "COMPLETE", "unexpected_index_column_names": ["row"],
            })  # fmt: skip
            for row in result.result.get("unexpected_index_list") or ():
                yield table, row["row"], name


# pandera ------------------------------------------------------------------------------------------------------------


def pandera(tables: Tables) -> Failing:
    """The same as schemas, validated lazily; the rows of the failure cases."""
    import pandera.pandas as pa

    for table, frame in tables.items():
        columns = {}
        for name in frame.columns:
            checks = [pa.Check.in_range(*found)] if (found := RANGES.get((table, name))) else []
            checks += [pa.Check.str_matches(f"^(?:{form})$")] if (form := FORMS.get((table, name))) else []
            checks += [pa.Check.isin(words.split())] if (words := SETS.get((table, name))) else []
            checks += [pa.Check.isin(known(tables, name, o)) for t, n, o in KNOWN if (t, n) == (table, name)]
            unique = (table, name) in UNIQUE and table != "results"
            columns[name] = pa.Column(checks=checks, nullable=name not in NOT_NULL[table], unique=unique)
        wide = [
            pa.Check(_ordered(first, second), ignore_na=True, name=second)
            for of, first, second in BEFORE if of == table
        ]  # fmt: skip
        try:
            pa.DataFrameSchema(columns, checks=wide).validate(frame, lazy=True)
        except pa.errors.SchemaErrors as found_wrong:
            cases = found_wrong.failure_cases
            for row, column, check in zip(cases["index"], cases["column"], cases["check"], strict=True):
                if isinstance(row, str):
                    yield table, row, str(column if column in frame.columns else check)


def _ordered(first: str, second: str) -> Callable[[pd.DataFrame], Any]:
    return lambda frame: ~(frame[first] > frame[second])


# pointblank ---------------------------------------------------------------------------------------------------------


def pointblank(tables: Tables) -> Failing:
    """The same as validation steps; the rows of each step's extract."""
    import pointblank as pb

    for table, frame in tables.items():
        plan, columns = pb.Validate(frame.assign(row=frame.index).reset_index(drop=True)), []
        for name in NOT_NULL[table]:
            plan = plan.col_vals_not_null(columns=name)
            columns.append(name)
        for name, (low, high) in [(n, found) for (t, n), found in RANGES.items() if t == table]:
            plan = plan.col_vals_between(columns=name, left=low, right=high, na_pass=True)
            columns.append(name)
        for name, form in [(n, found) for (t, n), found in FORMS.items() if t == table]:
            plan = plan.col_vals_regex(columns=name, pattern=f"^(?:{form})$", na_pass=True)
            columns.append(name)
        allowed = [(n, words.split()) for (t, n), words in SETS.items() if t == table]
        allowed += [(n, sorted(known(tables, n, others))) for t, n, others in KNOWN if t == table]
        for name, values in allowed:
            plan = plan.col_vals_in_set(columns=name, set=values, pre=_without_missing(name))
            columns.append(name)
        for name in [n for t, n in UNIQUE if t == table and table != "results"]:
            plan = plan.rows_distinct(columns_subset=name, pre=_without_missing(name))
            columns.append(name)
        for first, second in [(a, b) for t, a, b in BEFORE if t == table]:
            plan = plan.col_vals_le(columns=first, value=pb.col(second), na_pass=True)
            columns.append(second)
        judged = plan.interrogate(extract_limit=len(frame) + 1)
        for number, name in enumerate(columns, 1):
            extract = judged.get_data_extracts(i=number, frame=True)
            if extract is not None:
                yield from ((table, str(row), name) for row in _named(extract, frame, name))


def _named(extract: pd.DataFrame, frame: pd.DataFrame, name: str) -> Iterable[object]:
    """The rows of an extract by name; one of doubles holds their values only."""
    rows: Iterable[object] = extract["row"] if "row" in extract else frame.index[frame[name].isin(extract[name])]
    return rows


def _without_missing(name: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda frame: frame[frame[name].notna()]


# DataQualityDashboard -----------------------------------------------------------------------------------------------

_REQUIRED = {
    "donors": ("donor_id", "sex", "birth_on"), "tubes": ("specimen_id", "donor_id", "specimen_type", "collected_at"),
    "aliquots": ("specimen_id", "donor_id", "specimen_type", "collected_at"),
    "extracts": ("specimen_id", "donor_id", "specimen_type", "created_on"),
    "tissues": ("specimen_id", "donor_id", "specimen_type", "collected_at"),
    "results": ("observation_id", "donor_id", "analyte", "observed_at"),
    "diagnoses": ("condition_id", "donor_id", "icd10", "diagnosed_on"),
    "encounters": ("encounter_id", "donor_id", "started_at"),
}  # fmt: skip
_DATED = {"tubes": "collected_at", "tissues": "collected_at", "aliquots": "collected_at", "extracts": "created_on",
          "results": "observed_at", "diagnoses": "diagnosed_on", "encounters": "started_at"}  # fmt: skip


def dashboard(tables: Tables) -> Failing:
    """isRequired, cdmDatatype, isPrimaryKey, isForeignKey, isStandardValidConcept, plausible dates and values."""
    births = tables["donors"].drop_duplicates("donor_id").set_index("donor_id")["birth_on"]
    tomorrow = pd.Timestamp("2026-03-10")
    for table, required in _REQUIRED.items():
        frame = tables[table]
        for name in required:
            yield from _rows(table, name, frame[frame[name].isna()])
        key = required[0]
        if table != "results":
            yield from _rows(table, key, frame[frame[key].notna() & frame[key].duplicated(keep=False)])
        if table == "donors":
            odd = (frame["birth_on"] < "1900-01-01") | (frame["birth_on"] > tomorrow)
            yield from _rows(table, "birth_on", frame[odd])
            continue
        yield from _rows(table, "donor_id", frame[~frame["donor_id"].isin(births.index)])
        at = frame[_DATED[table]]
        born = frame["donor_id"].map(births)
        yield from _rows(table, _DATED[table], frame[(at < "1950-01-01") | (at > tomorrow) | (at < born)])
    for (table, name), words in SETS.items():
        if name in ("specimen_type", "unit", "sex"):
            frame = tables[table]
            yield from _rows(table, name, frame[frame[name].notna() & ~frame[name].isin(words.split())])


def _rows(table: str, column: str, failing: pd.DataFrame) -> Failing:
    return ((table, str(row), column) for row in failing.index)


JUDGES = (
    Judge("Great Expectations", great_expectations), Judge("pandera", pandera), Judge("pointblank", pointblank),
    Judge("DQD checks", dashboard),
)  # fmt: skip


def main() -> None:
    """Judge, score and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--level", default="middle")
    parser.add_argument("--size", default="standard")
    parser.add_argument("--seed", type=int, action="append", default=None)
    given = parser.parse_args()
    scores: defaultdict[str, list[Score]] = defaultdict(list)
    for seed in given.seed or [1]:
        with tempfile.TemporaryDirectory() as folder:
            made = data_set.write(Path(folder) / "set", Wanted(seed, given.size, given.level), {})
            ledger = truth.read_ledger(made.truth / truth.LEDGER)
            records = truth.read_records(made.truth / truth.RECORDS)
            for judge in JUDGES:
                answers: defaultdict[str, Answer] = defaultdict(Answer)
                for _, row, column in judge.judge(read(made.data)):
                    answers[row].add(scoring.STOP, column)
                scores[judge.name].append(scoring.score(ledger, records, answers))
    _table({name: scoring.pooled(found) for name, found in scores.items()})


def _table(scores: dict[str, Score]) -> None:
    print("| class | planted | " + " | ".join(scores) + " |\n|---|" + "---|" * (len(scores) + 1))
    first = next(iter(scores.values()))
    for index, one in enumerate(first.classes):
        shares = " | ".join(f"{whole.classes[index].recall.share or 0:.2f}" for whole in scores.values())
        print(f"| {one.code}{'' if one.target else ' *'} | {one.n} | {shares} |")
    rows = {
        "recall (targets)": [f"{whole.recall.share:.3f}" for whole in scores.values()],
        "classes at 0.95": [str(_reached(whole)) for whole in scores.values()],
        "false blocks": [_blocks(whole) for whole in scores.values()],
        "first fix right": [f"{whole.top1.share:.2f}" for whole in scores.values()],
        "right field named": [f"{whole.named.share:.2f}" for whole in scores.values()],
    }  # fmt: skip
    for name, found in rows.items():
        print(f"| {name} | | " + " | ".join(found) + " |")


def _reached(whole: Score) -> int:
    return sum((one.recall.share or 0) >= 0.95 for one in whole.classes if one.target)


def _blocks(whole: Score) -> str:
    return f"{whole.blocked.share:.3%} ({whole.blocked.successes} of {whole.blocked.n})"


if __name__ == "__main__":
    main()
