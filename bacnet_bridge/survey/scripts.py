"""Words that are not written in letters → the English ones that the tables know. Pure.

Korean, Chinese and Japanese have no gaps between words: `R상전압` is the letter, *phase* and *voltage*. The longest
term counts where several begin alike: `전력량` is an energy, `전력` a power.
"""

import re
import unicodedata
from typing import Final

_KOREAN: Final = """
    선간전압=line to line voltage 상전압=phase voltage 상전류=phase current 전압=voltage 전류=current 중성선=neutral
    유효전력량=active energy 무효전력량=reactive energy 피상전력량=apparent energy 전력량계=electric meter
    유효전력=active power 무효전력=reactive power 피상전력=apparent power 전력량=energy 전력=power 역률=power factor
    주파수=frequency 누설전류=leakage current 영상전류=residual current 고조파=harmonic 왜형률=thd 불평형=unbalance
    최대=maximum 최소=minimum 평균=average 수요전력=demand power 디맨드=demand 피크=peak 합계=total 총=total 정격=rated
    금월=this month 전월=last month 당월=this month 금일=today 전일=yesterday 순방향=import 역방향=export 수전=import
    역송=export 발전량=generated 태양광=solar 인버터=inverter 사용량=consumption 적산=cumulative 순시=instantaneous
    통신=communication 상태=status 운전=running 가동=running 정지=stop 정상=normal 이상=abnormal 고장=fault 경보=alarm
    트립=trip 설정=setpoint 명령=command 기동=start 제어=control 공급=supply 환수=return 회수=return 출구=leaving
    입구=entering 급기=supply 환기=return 외기=outside 배기=exhaust 온도=temperature 습도=humidity 압력=pressure
    유량=flow 수위=level 차압=differential pressure 밸브=valve 댐퍼=damper 팬=fan 펌프=pump 냉동기=chiller
    열량계=heat meter 열량=heat 지역난방=district heating 난방=heating 냉수=chilled water 온수=hot water 시수=city water
    급수=water 상수도=city water 가스=gas 스팀=steam 증기=steam 상=phase
"""
_HAN: Final = """
    線間電圧=line to line voltage 線間電壓=line to line voltage 线电压=line to line voltage 相電圧=phase voltage
    相电压=phase voltage 電圧=voltage 電壓=voltage 电压=voltage 電流=current 电流=current 有効電力量=active energy
    無効電力量=reactive energy 有功电能=active energy 无功电能=reactive energy 有功電能=active energy
    有功功率=active power 有功功率总=total active power 总有功功率=total active power 无功功率=reactive power
    总无功功率=total reactive power 视在功率=apparent power 总视在功率=total apparent power 有功電力=active power
    有効電力=active power 無効電力=reactive power 皮相電力=apparent power 電力量計=electric meter 電力量=energy
    電力=power 功率因数=power factor 功率因數=power factor 力率=power factor 频率=frequency 頻率=frequency
    周波数=frequency 漏电流=leakage current 漏洩電流=leakage current 零相電流=residual current 中性線=neutral
    中性线=neutral 零线=neutral 谐波=harmonic 高調波=harmonic 不平衡=unbalance 需量=demand 最大=maximum 最小=minimum
    平均=average 合计=total 合計=total 正向=import 反向=export 買電=import 売電=export 通讯=communication
    通信=communication 正常=normal 故障=fault 異常=abnormal 异常=abnormal 設定=setpoint 设定=setpoint 温度=temperature
    溫度=temperature 湿度=humidity 压力=pressure 圧力=pressure 流量=flow 相=phase
"""
_TERMS: Final = dict(pair.split("=", 1) for pair in re.findall(r"[^\s=]+=[^=]+?(?=\s+[^\s=]+=|\s*$)", _KOREAN + _HAN))
_FOUND: Final = re.compile("|".join(sorted(map(re.escape, _TERMS), key=len, reverse=True)))


_CYRILLIC: Final = str.maketrans(
    dict(zip("абвгдеёзийклмнопрстуфыэіґ", "abvgdeeziyklmnoprstufyeig", strict=True))
    | {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu", "я": "ya"}
    | {"ї": "yi", "є": "ye"}
)
_CYRILLIC_WORD: Final = re.compile(r"[Ѐ-ӿ]+")
_LOOK_ALIKE: Final = {"а": "a", "в": "b", "с": "c"}
"""Phases А, В, С."""
_GREEK: Final = str.maketrans(
    dict(zip("αβγδεζηικλμνξοπρσςτυφω", "avgdeziiklmnxoprsstyfo", strict=True)) | {"θ": "th", "χ": "ch", "ψ": "ps"}
)
_GREEK_WORD: Final = re.compile(r"[Ͱ-Ͽἀ-῿]{3,}")
"""One letter is a formula's: φ, Σ."""


def in_letters(text: str) -> str:
    """The text with the terms that are known in English, gaps around them, and Cyrillic and Greek words in Latin."""
    if text.isascii():
        return text
    text = _FOUND.sub(lambda match: f" {_TERMS[match[0]]} ", text)
    text = _CYRILLIC_WORD.sub(lambda match: _from_cyrillic(match[0].lower()), text)
    return _GREEK_WORD.sub(lambda match: _from_greek(match[0].lower()), text)


def _from_cyrillic(word: str) -> str:
    return _LOOK_ALIKE.get(word) or word.translate(_CYRILLIC)


def _from_greek(word: str) -> str:
    plain = "".join(each for each in unicodedata.normalize("NFD", word) if not unicodedata.combining(each))
    return plain.replace("ευ", "ev").replace("αυ", "av").translate(_GREEK)
