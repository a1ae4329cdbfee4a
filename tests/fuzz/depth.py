"""How far a fuzz test looks: as far as it says, and at least as far as the profile when that is the long one."""

from hypothesis import settings

LONG = "long"
_SEEDS = 20


def look(examples: int) -> settings:
    """Settings of a test that looks at so many examples; ``HYPOTHESIS_PROFILE=long`` looks at the profile's number."""
    if settings.get_current_profile_name() == LONG:
        return settings(max_examples=max(examples, settings.default.max_examples if settings.default else 0))
    return settings(max_examples=examples)


def seeds(count: int) -> range:
    """Seeds of a test that changes bytes at random; twenty times as many under the long profile."""
    return range(count * _SEEDS if settings.get_current_profile_name() == LONG else count)
