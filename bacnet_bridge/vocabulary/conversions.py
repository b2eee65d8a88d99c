"""Exact factors between units of one quantity: code → what one of it is, in the family's own unit.

Sources: decimal prefixes, SI brochure. 1 h = 3600 s. 1 BTU (International Table) = 1055.05585262 J, exactly, ISO 31-4
and NIST SP 811, appendix B; a ton of refrigeration = 12 000 BTU/h, ibid. 1 hp (mechanical) = 550 ft·lbf/s with
1 ft = 0.3048 m and 1 lbf = 0.45359237 kg × 9.80665 m/s², all exact. BACnet's horsepower is that one.
Not here is what means more than one thing, as the therm does, or needs more than a factor, as °C to °F does.
"""

from fractions import Fraction
from typing import Final

_BTU: Final = Fraction("1055.05585262")
_TON: Final = 12_000 * _BTU / 3600
_HORSEPOWER: Final = 550 * Fraction("0.3048") * Fraction("0.45359237") * Fraction("9.80665")
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def _powers(**of_ten: int) -> dict[int, Fraction]:
    """Code → power of ten; the codes as `_18`."""
    return {int(code[1:]): Fraction(10) ** power for code, power in of_ten.items()}


def _rates(per_second: int, per_minute: int, per_hour: int, per_day: int, of: Fraction) -> dict[int, Fraction]:
    return {per_second: of, per_minute: of / _MINUTE, per_hour: of / _HOUR, per_day: of / _DAY}


POWER: Final = {
    **_powers(_132=-3, _47=0, _48=3, _49=6, _47924=9),
    **_rates(47858, 47859, 247, 47860, Fraction(1)),
    **_rates(47861, 47862, 47863, 47864, Fraction(1000)),
    **_rates(47865, 47866, 47867, 47868, Fraction(10**6)),
    **_rates(47848, 47849, 50, 47850, _BTU),
    **_rates(47851, 47852, 157, 47853, 1000 * _BTU),
    **_rates(47854, 47855, 47856, 47857, 10**6 * _BTU),
    52: _TON,
    51: _HORSEPOWER,
}
"""In watts."""

ENERGY: Final = {
    **_powers(_16=0, _17=3, _126=6, _47925=9, _47926=12),
    **{code: 3600 * factor for code, factor in _powers(_18=0, _19=3, _146=6, _47927=9).items()},
    20: _BTU,
    147: 1000 * _BTU,
    148: 10**6 * _BTU,
    22: _TON * _HOUR,
}
"""In joules."""

FAMILIES: Final = (
    POWER,
    ENERGY,
    _powers(_8=0, _9=3, _10=6),  # apparent power
    _powers(_11=0, _12=3, _13=6),  # reactive power
    _powers(_242=0, _243=3, _244=6, _203=0, _204=3, _205=6, _47928=9),  # reactive energy
    _powers(_239=0, _240=3, _241=6),  # apparent energy
    _powers(_124=-3, _5=0, _6=3, _7=6),  # voltage
    _powers(_2=-3, _3=0),  # current
    _powers(_145=-3, _4=0, _122=3, _123=6),  # resistance
    _powers(_197=-3, _82=0),  # volume
    _powers(_198=-3, _87=0),  # flow
    _powers(_196=-3, _195=0, _39=3),  # mass
    _powers(_53=0, _133=2, _54=3),  # pressure
    _powers(_134=-3, _55=0),
    _powers(_27=0, _129=3, _130=6),  # frequency
    _powers(_47980=-9, _47979=-6, _159=-3, _73=0),  # time
    _powers(_194=-6, _30=-3, _118=-2, _31=0, _193=3),  # length
)

AMBIGUOUS: Final = {
    21: "a therm is 105480400 J in the USA and 105505585.262 J elsewhere; say `multiplier:`, and `unit:` of the result",
}
"""Units that mean more than one thing, and why they are not converted."""
