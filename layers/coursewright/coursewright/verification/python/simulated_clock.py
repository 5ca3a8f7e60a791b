"""Replaces the wall clock and the local time zone with ones that can be set.

The replacements are part of the image and read the real clock until it is set, so that code under
test finds the same functions in every run. Sleeping advances every clock and takes no time: a real
pause would use no fuel, so only a guard could end it.

Loaded as text into the sandbox image.
"""

import datetime
import logging
import time
from collections.abc import Callable
from typing import Any

from coursewright.verification.python.builtin_function import BuiltinFunction, replace_attribute

_time, _time_ns, _gmtime, _mktime = time.time, time.time_ns, time.gmtime, time.mktime
_asctime, _strftime = time.asctime, time.strftime
_monotonic, _monotonic_ns = time.monotonic, time.monotonic_ns
_perf_counter, _perf_counter_ns = time.perf_counter, time.perf_counter_ns
MAX_SLEPT_SECONDS = 60.0
_date, _datetime = datetime.date, datetime.datetime
_date_from = vars(_date)["fromtimestamp"]
_datetime_from = vars(_datetime)["fromtimestamp"]
_timestamp = vars(_datetime)["timestamp"]
_astimezone = vars(_datetime)["astimezone"]


class _Setting:
    """How many seconds the clocks and the local time are ahead of their real values."""

    ahead = 0
    slept = 0.0
    zone = 0
    zone_name = "UTC"


def set_clock(moment: int, zone_minutes: int) -> None:
    """Set the clock to a moment, as a POSIX timestamp; zero keeps the real time."""
    _Setting.ahead = moment - int(_time()) if moment else 0
    _Setting.zone = zone_minutes * 60
    sign, minutes = "-" if zone_minutes < 0 else "+", abs(zone_minutes)
    _Setting.zone_name = f"{sign}{minutes // 60:02}{minutes % 60:02}" if zone_minutes else "UTC"
    time.timezone = time.altzone = -_Setting.zone
    time.tzname = (_Setting.zone_name, _Setting.zone_name)


def _now() -> float:
    return _time() + _Setting.ahead + _Setting.slept


def _now_ns() -> int:
    return _time_ns() + _Setting.ahead * 10**9 + int(_Setting.slept * 10**9)


def _simulated_sleep(seconds: float) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    _Setting.slept += seconds
    while _Setting.slept > MAX_SLEPT_SECONDS:
        pass  # uses up the fuel, as code that never ends does


def _seconds_counter(read: Callable[[], float]) -> Callable[[], float]:
    return lambda: read() + _Setting.slept


def _nanoseconds_counter(read: Callable[[], int]) -> Callable[[], int]:
    return lambda: read() + int(_Setting.slept * 10**9)


def _simulated_gmtime(seconds: float | None = None) -> time.struct_time:
    return _gmtime(_now() if seconds is None else seconds)


def _localtime(seconds: float | None = None) -> time.struct_time:
    parts = _gmtime((_now() if seconds is None else seconds) + _Setting.zone)
    zone = {"tm_zone": _Setting.zone_name, "tm_gmtoff": _Setting.zone}
    return time.struct_time(tuple(parts), zone)


def _simulated_mktime(parts: Any) -> float:
    return _mktime(parts) - _Setting.zone


def _simulated_asctime(parts: Any = None) -> str:
    return _asctime(_localtime() if parts is None else parts)


def _ctime(seconds: float | None = None) -> str:
    return _asctime(_localtime(seconds))


def _simulated_strftime(layout: str, parts: Any = None) -> str:
    return _strftime(layout, _localtime() if parts is None else parts)


def _local_zone() -> datetime.timezone:
    return datetime.timezone(datetime.timedelta(seconds=_Setting.zone), _Setting.zone_name)


def _date_from_timestamp(cls: Any, seconds: float) -> Any:
    return _date_from.__get__(None, cls)(seconds + _Setting.zone)


def _datetime_from_timestamp(cls: Any, timestamp: float, tz: Any = None) -> Any:
    convert = _datetime_from.__get__(None, cls)
    return convert(timestamp + _Setting.zone) if tz is None else convert(timestamp, tz)


def _today(cls: Any) -> Any:
    return cls.fromtimestamp(_now())


def _datetime_now(cls: Any, tz: Any = None) -> Any:
    return _datetime_from_timestamp(cls, _now(), tz)


def _utcnow(cls: Any) -> Any:
    return _datetime_from.__get__(None, cls)(_now())


def _simulated_timestamp(self: Any) -> Any:
    return _timestamp(self) - (_Setting.zone if self.utcoffset() is None else 0)


def _simulated_astimezone(self: Any, tz: Any = None) -> Any:
    aware = self.replace(tzinfo=_local_zone()) if self.utcoffset() is None else self
    return _astimezone(aware, _local_zone() if tz is None else tz)


def _install() -> None:
    functions: dict[str, Callable[..., Any]] = {
        "time": _now,
        "time_ns": _now_ns,
        "gmtime": _simulated_gmtime,
        "localtime": _localtime,
        "mktime": _simulated_mktime,
        "asctime": _simulated_asctime,
        "ctime": _ctime,
        "strftime": _simulated_strftime,
        "sleep": _simulated_sleep,
        "monotonic": _seconds_counter(_monotonic),
        "monotonic_ns": _nanoseconds_counter(_monotonic_ns),
        "perf_counter": _seconds_counter(_perf_counter),
        "perf_counter_ns": _nanoseconds_counter(_perf_counter_ns),
    }
    for name, function in functions.items():
        setattr(time, name, BuiltinFunction(getattr(time, name), function))
    replace_attribute(_date, "fromtimestamp", classmethod(_date_from_timestamp))
    replace_attribute(_date, "today", classmethod(_today))
    replace_attribute(_datetime, "fromtimestamp", classmethod(_datetime_from_timestamp))
    replace_attribute(_datetime, "now", classmethod(_datetime_now))
    replace_attribute(_datetime, "utcnow", classmethod(_utcnow))
    replace_attribute(_datetime, "timestamp", _simulated_timestamp)
    replace_attribute(_datetime, "astimezone", _simulated_astimezone)
    logging.Formatter.converter = time.localtime


_install()
