"""Rules of size: what one person can hold in the head. Raising one needs a decision record."""

from tests.architecture.source import functions, modules

MODULE_LINES = 400
FUNCTION_LINES = 40


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    long = {m.place: n for m in modules() if (n := m.text.count("\n")) > MODULE_LINES}
    assert not long


def test_no_function_is_longer_than_forty_lines() -> None:
    long = [
        f"{module.at(function)} {function.name}: {size} lines"
        for module in modules()
        for function in functions(module)
        if (size := (function.end_lineno or function.lineno) - function.lineno + 1) > FUNCTION_LINES
    ]
    assert not long
