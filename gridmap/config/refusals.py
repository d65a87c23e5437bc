"""Columns that gridmap keeps for nobody, by name: in settings and in files alike.

No identity number, ethnicity, religion, politics or degree of attention of a person, no plate, no bank card,
no record of where a person or a device was. A name is refused by what it says; what it holds is looked at by
`gridmap.exchange.columns`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmap.config.spec import ColumnSpec

IDENTITY = "identity numbers"
PLATES = "plates"
BANK = "bank cards and accounts"
MOVEMENT = "movement records of people or devices"


@dataclass(frozen=True, slots=True)
class Words:
    """How a thing that is refused is called.

    Parameters
    ----------
    parts : tuple of str
        Chinese: anywhere in the name.
    phrases : tuple of str
        English or pinyin: whole words, anywhere in the name.
    whole : tuple of str
        English or pinyin words that mean this only where they are the whole name: a ``party_size`` is no
        politics.
    """

    parts: tuple[str, ...]
    phrases: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()


REFUSED: dict[str, Words] = {
    IDENTITY: Words(
        (
            *("身份证", "身份證", "公民身份", "身份号", "身份代码", "证件号", "证件编号", "证件代码", "护照"),
            *(
                "社保号",
                "社保卡",
                "社会保障号",
                "医保号",
                "医保卡号",
                "驾驶证号",
                "驾照号",
                "军官证号",
                "士兵证号",
            ),
        ),
        (
            *("id card", "idcard", "identity number", "identity no", "identity card", "id number", "idno"),
            *("id no", "identification number", "identification no", "national id", "citizen id"),
            *("personal id", "passport", "ssn", "social security number", "resident id", "resident number"),
            *("driver license", "driving licence", "drivers license", "driving license"),
            *("sfz", "sfzh", "sfzhm", "shenfenzheng", "shenfenzhenghao", "zjhm", "zjh", "gmsfhm", "huzhao"),
        ),
    ),
    "ethnicity": Words(
        ("民族", "族别", "族裔", "种族"),
        ("ethnicity", "ethnic", "ethnic group", "minzu"),
        ("nationality", "race"),
    ),
    "religion": Words(
        ("宗教", "信仰", "教派", "信教"),
        ("religion", "religions", "religious", "religious belief", "zongjiao", "xinyang"),
        ("faith", "belief", "beliefs"),
    ),
    "politics": Words(
        (
            *("政治面貌", "政治身份", "政治倾向", "政治表现", "党派", "党员", "党籍", "入党", "党组织关系"),
            *("党支部", "团员", "政治成分", "政审"),
        ),
        (
            *("politics", "political status", "political affiliation", "political view", "political views"),
            *(
                "political party",
                "political opinion",
                "party member",
                "party membership",
                "party affiliation",
            ),
            *("zzmm", "zhengzhimianmao", "dangpai", "dangyuan"),
        ),
        ("political", "party"),
    ),
    "degree of attention": Words(
        (
            *(
                "关注程度",
                "关注等级",
                "关注级别",
                "关注度",
                "关注对象",
                "关注类别",
                "关注类型",
                "重点人",
                "重点关注",
            ),
            *(
                "重点对象",
                "管控等级",
                "管控级别",
                "管控对象",
                "稳控",
                "涉稳",
                "布控",
                "涉恐",
                "前科",
                "嫌疑",
                "上访",
            ),
            *("信访", "信用分", "信用等级", "诚信积分", "人员风险", "风险人员", "人员等级", "积分评定"),
        ),
        (
            *("degree of attention", "attention level", "attention degree", "watch level", "watchlist"),
            *("watch list", "person of interest", "guanzhu", "guanzhuchengdu", "guanzhudu", "zhongdianren"),
            *("credit score", "social credit", "criminal record", "risk person", "person risk"),
        ),
        ("attention",),
    ),
    PLATES: Words(
        ("车牌", "牌照", "号牌", "车架号", "机动车登记"),
        (
            *("plate number", "plate numbers", "plate no", "license plate", "licence plate", "number plate"),
            *("car plate", "vehicle plate", "plate id", "registration plate", "vehicle registration"),
            *("chepai", "chepaihao", "cphm", "hphm"),
        ),
        ("plate", "plates", "vin", "cph"),
    ),
    BANK: Words(
        ("银行卡", "银行账", "银行帐", "开户账", "一卡通号", "卡号"),
        ("bank account", "bank card", "card number", "account number", "iban", "yinhangka", "yhkh", "yhzh"),
    ),
    MOVEMENT: Words(
        (
            *(
                "轨迹",
                "行踪",
                "踪迹",
                "行动路线",
                "出行记录",
                "活动记录",
                "移动记录",
                "打卡",
                "考勤",
                "签到时间",
            ),
            *(
                "手机定位",
                "人员定位",
                "实时定位",
                "实时位置",
                "定位时间",
                "定位记录",
                "设备号",
                "设备id",
                "设备标识",
            ),
            *("终端号", "终端id", "手机串号", "串号", "基站", "最后出现", "最后位置", "最近位置", "最近出现"),
            *("最后在线", "到访记录", "出入记录", "出入境记录", "通行记录", "入境时间", "出境时间"),
        ),
        (
            *("imei", "imsi", "iccid", "meid", "msisdn", "device id", "deviceid", "device identifier"),
            *("mac address", "macaddress", "mac addr", "macaddr", "wifi mac", "bluetooth mac", "android id"),
            *("trajectory", "trajectories", "gps track", "gps time", "gpstime", "fix time", "last seen"),
            *("lastseen", "last location", "last position", "last known location", "location history"),
            *(
                "movement record",
                "movement records",
                "movements",
                "check in time",
                "checkin time",
                "punch time",
            ),
            *("cell id", "cellid", "cell tower", "base station id", "guiji", "xingzong", "daka"),
            *("tracker id", "phone location", "whereabouts", "whereabout"),
        ),
        ("mac", "checkin", "idfa", "gaid"),
    ),
}

# Names of places and things that hold such a word and say nothing about a person.
HARMLESS = (
    *(
        "民族乡",
        "民族苏木",
        "民族镇",
        "民族团结",
        "民族学校",
        "民族小学",
        "民族中学",
        "民族路",
        "宗教场所",
        "宗教活动场所",
    ),
    *(
        "党支部活动室",
        "党员活动室",
        "党员活动中心",
        "党员服务",
        "井号牌",
        "门号牌",
        "门牌照片",
        "号牌匾",
        "信访办",
        "信访局",
    ),
    *(
        "信访接待",
        "基站铁塔",
        "通信基站",
        "移动基站",
        "5g基站",
        "4g基站",
        "ethnic township",
        "religious site",
    ),
)


def refused_columns(names: Iterable[str]) -> dict[str, str]:
    """Return the names that are refused, with the reason of each."""
    return {name: reason for name in names if (reason := refusal_of(name)) is not None}


def refusal_of(name: str) -> str | None:
    """Return why a column of this name is refused, or None."""
    folded = unicodedata.normalize("NFKC", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)).casefold()
    words = " ".join(["", *re.findall(r"[^\W_]+", folded), ""])
    squeezed = words.replace(" ", "")
    for harmless in HARMLESS:
        words = words.replace(f" {harmless} ", " ")
        squeezed = squeezed.replace(harmless.replace(" ", ""), "")
    for reason, called in REFUSED.items():
        if any(part in squeezed for part in called.parts):
            return reason
        if any(f" {phrase} " in words or squeezed == phrase.replace(" ", "") for phrase in called.phrases):
            return reason
        if squeezed in called.whole:
            return reason
    return None


def refuse_kind_columns(columns: Mapping[str, ColumnSpec]) -> None:
    """Refuse a kind that declares what gridmap keeps for nobody.

    Parameters
    ----------
    columns : mapping of str to ColumnSpec
        The declared columns; their titles are looked at, too.

    Raises
    ------
    ValueError
        With the column and the reason, for the error of the settings.
    """
    for name, column in columns.items():
        said = [name] if column.title is None else [name, *column.title.every]
        for text in said:
            reason = refusal_of(text)
            if reason is not None:
                msg = f"the column {name} is refused ({reason}): gridmap keeps no such data of anybody"
                raise ValueError(msg)
