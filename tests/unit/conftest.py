"""Property tests run without a clock: how busy the machine is decides no test's outcome."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "without a clock", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("without a clock")
