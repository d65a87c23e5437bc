"""What gridmap keeps for nobody: refused by name, by what it holds, and together; and nothing harmless is."""

from __future__ import annotations

import datetime as dt
import random
from typing import ClassVar

import numpy as np
import pytest
import shapely

from gridmap.config import default_spec
from gridmap.errors import InputError
from gridmap.exchange.checksums import CHECKS, WEIGHTS, holds_resident_id, luhn, recognised, sampled
from gridmap.exchange.columns import refused_columns, refused_in
from gridmap.exchange.format import RawTable
from gridmap.exchange.headers import Headers, match_headers
from gridmap.exchange.options import ReadOptions

SPEC = default_spec()
DICE = random.Random(3)  # noqa: S311 - made-up numbers, the same in every run


def resident_id() -> str:
    """Return a number of nobody: 150000 is a region, and no number is given out there."""
    day = dt.date(1940, 1, 1) + dt.timedelta(days=DICE.randrange(25_000))
    first = f"150000{day:%Y%m%d}{DICE.randrange(900, 999)}"
    return first + CHECKS[sum(int(d) * w for d, w in zip(first, WEIGHTS, strict=True)) % 11]


def old_id() -> str:
    day = dt.date(1940, 1, 1) + dt.timedelta(days=DICE.randrange(20_000))
    return f"150000{day:%y%m%d}{DICE.randrange(900, 999)}"


def with_luhn(first: str) -> str:
    return next(first + str(last) for last in range(10) if luhn(first + str(last)))


def table(columns: dict[str, object], geometry: object = None) -> RawTable:
    length = len(next(iter(columns.values())))
    return RawTable(columns, geometry, None, np.arange(length))


def matched(cells: dict[str, object], **said: object) -> Headers:
    return match_headers(table(cells), kind="household", spec=SPEC, options=ReadOptions(**said), name="f.csv")


BY_NAME = {
    "identity numbers": "身份证 户主身份证号码 公民身份号码 证件号码 护照号 id_card ID-Card-No idCard "
    "ｉｄ＿ｃａｒｄ sfzh passport_no",
    "ethnicity": "民族 族别 ETHNICITY ethnic_group minzu nationality",
    "religion": "宗教信仰 religion Religious-Belief",
    "politics": "政治面貌 党派 是否党员 入党时间 political_status party",
    "degree of attention": "关注程度 关_注_程_度 重点人员类别 管控级别 attention_level "
    "degree-of-attention watchlist",
    "plates": "车牌 车牌号码 plate plate_number LicensePlate license-plate-no chepaihao",
    "bank cards and accounts": "银行卡号 开户账号 bank_account",
    "movement records of people or devices": "轨迹 人员轨迹 IMEI imsi mac_address MAC deviceId 设备号 "
    "打卡时间 手机定位 基站编号 "
    "last_seen 行踪 gps_time 最后出现时间 trajectory",
}


@pytest.mark.parametrize(
    ("reason", "name"), [(why, name) for why, names in BY_NAME.items() for name in names.split()]
)
def test_a_column_is_refused_by_its_name(reason, name):
    assert refused_columns([name]) == {name: reason}


@pytest.mark.parametrize(
    "name",
    [
        *(
            "partying",
            "party_size",
            "trace",
            "identifier",
            "idle",
            "编号",
            "关系",
            "race_course",
            "track",
            "track_id",
        ),
        *(
            "民族乡名称",
            "宗教场所",
            "党员活动室",
            "通信基站",
            "手机号",
            "设备数量",
            "定位精度",
            "belief_area_name",
        ),
        *(
            "political_boundary",
            "name_plate_text",
            "needs_attention_to_road",
            "machine",
            "macro",
            "位置",
            "时间",
        ),
        *(
            "template",
            "户主",
            "contact",
            "stronghold",
            "persons",
            "status",
            "valid_from",
            "gacha",
            "border_hash",
        ),
    ],
)
def test_a_harmless_name_is_not_refused(name):
    assert refused_columns([name]) == {}


@pytest.mark.parametrize(
    "values",
    [
        [None, "", float("nan"), "a", "b"],
        np.array([None, "", float("nan"), "a", "b"], dtype=object),
    ],
)
def test_a_share_is_taken_of_the_values_that_are_there(values):
    """A column filled for a tenth of its rows is judged by these."""
    assert sampled(values) == ["a", "b"]
    assert sampled(np.array([np.nan, 1.0, np.inf])) == [1.0]
    assert len(sampled(range(3_999))) == 2_000


class TestChecksums:
    @pytest.mark.parametrize("number", ["11010519491231002X", "11010519491231002x", "440524188001010014"])
    def test_the_examples_of_the_standard(self, number):
        """GB 11643-1999 gives them; whoever was born before 1900 is in no file any more."""
        assert holds_resident_id(number) is (number[:6] == "110105")

    def test_a_wrong_digit_is_seen(self):
        number = resident_id()
        assert holds_resident_id(number)
        wrong = number[:-1] + ("1" if number[-1] != "1" else "2")
        assert not holds_resident_id(wrong)

    @pytest.mark.parametrize(
        "written",
        [
            lambda n: n,
            lambda n: n.lower(),
            lambda n: f"{n[:6]} {n[6:14]} {n[14:]}",
            " ".join,
            lambda n: f"其他，证号{n}，已核",
            lambda n: "".join(chr(ord(c) + 0xFEE0) for c in n),
            lambda n: "'" + n,
        ],
    )
    def test_resident_ids_however_they_are_written(self, written):
        cells = [written(resident_id()) for _ in range(6)] + [None, "", "无", "不详"]
        assert recognised(cells) == "identity numbers"

    def test_numbers_are_looked_at_as_texts_are(self):
        whole = [int(one) for one in (resident_id() for _ in range(40)) if one.isdigit()]
        assert recognised(whole) == "identity numbers"
        assert recognised(np.array(whole)) == "identity numbers"
        assert recognised(np.array(whole, dtype=np.float64)) == "identity numbers", "rounded by a spreadsheet"
        assert recognised([float(one) for one in whole]) == "identity numbers"

    def test_two_rows_are_enough_where_both_check(self):
        assert recognised([resident_id(), resident_id()]) == "identity numbers"
        assert recognised([resident_id()]) is None

    def test_old_numbers_passports_cards_devices_and_plates(self):
        assert recognised([old_id() for _ in range(12)]) == "identity numbers"
        assert recognised([f"E{DICE.randrange(10**7, 10**8)}" for _ in range(12)]) == "identity numbers"
        cards = [with_luhn("622202" + f"{DICE.randrange(10**12):012d}") for _ in range(6)]
        assert recognised(cards) == "bank cards and accounts"
        assert recognised([" ".join(one[at : at + 4] for at in range(0, 19, 4)) for one in cards])
        imeis = [with_luhn("86" + f"{DICE.randrange(10**12):012d}") for _ in range(6)]
        assert recognised(imeis) == "movement records of people or devices"
        assert (
            recognised([f"A4:5E:60:{at:02X}:0{at}:FF" for at in range(5)])
            == "movement records of people or devices"
        )
        assert recognised(["蒙A12345", "蒙B·D1234", "皮卡 京AD12345", "无"]) == "plates"

    @pytest.mark.parametrize(
        "cells",
        [
            [f"150223{at:03d}{at % 7:03d}" for at in range(100, 180)],
            [f"1{DICE.randrange(3, 10)}{DICE.randrange(10**9):09d}" for _ in range(80)],
            [f"0471-{DICE.randrange(10**7)}" for _ in range(80)],
            [f"150223102200{at:03d}" for at in range(80)],
            [f"1502231012{v:02d}{at:03d}" for v in (1, 2, 3) for at in range(30)],
            [f"{DICE.randrange(10**17, 10**18)}" for _ in range(80)],
            [f"150223202401{DICE.randrange(1, 29):02d}{at:04d}" for at in range(60)],
            [f"E2024{at:04d}" for at in range(60)],
            [f"H{at:04d}" for at in range(60)],
            [f"新桥{at}号" for at in range(20)],
            np.linspace(0, 1e6, 50),
            np.arange(10**15, 10**15 + 50),
            np.array([True, False] * 5),
            [None] * 5,
            [],
        ],
        ids=lambda cells: str(next(iter(cells), "nothing"))[:18],
    )
    def test_codes_phones_and_figures_are_none_of_these(self, cells):
        assert recognised(cells) is None


class TestMovements:
    TIMES = ("2026-11-22 10:00:00", "2026-11-22 10:05:00", "2026-11-22 10:10:00", "2026-11-22T10:15:00")

    def columns(self, **more: object) -> dict[str, object]:
        return {"id": list("abcd"), "lon": ["1"] * 4, "lat": ["1"] * 4, **more}

    @pytest.mark.parametrize(
        ("subject", "values", "time"),
        [
            ("tid", ["1"] * 4, "recorded"),
            ("巡逻员", ["甲", "甲", "乙", "乙"], "时间"),
            ("项圈编号", np.array([7, 7, 7, 7]), "ts"),
            ("note", ["13800001111"] * 4, "note2"),
            ("deviceName", ["x"] * 4, "when"),
        ],
    )
    def test_who_was_where_when_is_refused_whatever_it_is_called(self, subject, values, time):
        found = refused_in(table(self.columns(**{subject: values, time: list(self.TIMES)})), placed=True)
        assert found == dict.fromkeys([subject, time], "movement records of people or devices")

    def test_seconds_since_1970_are_a_time(self):
        seconds = np.array([1.79e9, 1.79e9 + 60, 1.79e9 + 120, 1.79e9 + 180])
        assert "timestamp" in refused_in(table(self.columns(user=["u"] * 4, timestamp=seconds)), placed=True)

    def test_a_register_is_no_movement(self):
        once = self.columns(户主=list("abcd"), 时间=list(self.TIMES))
        assert refused_in(table(once), placed=True) == {}
        changed = self.columns(手机=["13800001111"] * 4, 更新时间=list(self.TIMES))
        assert refused_in(table(changed), placed=True) == {}
        days = self.columns(户主=["a"] * 4, 时间=["2026-11-22"] * 4)
        assert refused_in(table(days), placed=True) == {}
        midnight = self.columns(户主=["a"] * 4, 时间=["2026-11-22T00:00:00"] * 4)
        assert refused_in(table(midnight), placed=True) == {}

    def test_lines_of_somebody_are_movements_also_one_by_one(self):
        lines = np.array([shapely.LineString([(0, 0), (1, at)]) for at in range(4)], dtype=object)
        columns = {"id": list("abcd"), "user": list("abcd"), "start": list(self.TIMES)}
        assert set(refused_in(table(columns, lines), placed=True)) == {"user", "start"}

    def test_without_positions_nobody_was_anywhere(self):
        assert refused_in(table({"user": ["u"] * 4, "time": list(self.TIMES)}), placed=False) == {}


class TestInAFile:
    COLUMNS: ClassVar = {
        "id": ["1", "2"],
        "民族": ["x", "y"],
        "备注": ["a", "b"],
        "lon": ["1", "1"],
        "lat": ["1", "1"],
    }

    def test_each_header_is_named_with_its_reason(self):
        columns = {**self.COLUMNS, "备注": [resident_id(), resident_id()]}
        with pytest.raises(InputError) as caught:
            matched(columns)
        assert caught.value.code == "GM204"
        message = str(caught.value)
        assert "民族 (ethnicity)" in message
        assert "备注 (identity numbers)" in message
        assert "--drop-refused" in message
        assert columns["备注"][0] not in message

    def test_the_rest_comes_in_where_that_was_asked_for(self):
        found = matched(self.COLUMNS, drop_refused=True)
        assert found.refused == {"民族": "ethnicity"}
        assert "民族" not in {*found.columns, *found.left_out}

    def test_a_caller_may_leave_it_out_himself_but_not_rename_it(self):
        assert matched(self.COLUMNS, columns={"民族": ""}).refused == {"民族": "ethnicity"}
        with pytest.raises(InputError, match="GM204"):
            matched(self.COLUMNS, columns={"民族": "status"})

    def test_a_refused_column_is_no_id(self):
        with pytest.raises(InputError, match="GM210"):
            matched({"身份证号": ["1"], "lon": ["1"], "lat": ["1"]}, drop_refused=True, id_column="身份证号")
