"""Every topic is read back as it was built, and nothing else is a topic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_service.wire.errors import ForeignTopic, TopicError, UnknownVersion
from firmware_service.wire.topics import (
    CommandTopic,
    ConfigTopic,
    EdStatusTopic,
    HealthTopic,
    ReceiptTopic,
    ScreenPart,
    ScreenTopic,
    TwinTopic,
    UnitStatusTopic,
    ed_status_filter,
    hospital_filters,
    parse,
    receipt_filter,
)

ID = "01KA3Z5V00000000000000000S"
names = st.from_regex(r"[a-z0-9][a-z0-9-]{0,62}", fullmatch=True)
units = names.filter(lambda name: name != "ed")
ulids = st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=26, max_size=26)
topics = st.one_of(
    st.builds(UnitStatusTopic, names, units),
    st.builds(HealthTopic, names, units),
    st.builds(TwinTopic, names, units, names),
    st.builds(ScreenTopic, names, units, ulids, st.sampled_from(ScreenPart)),
    st.builds(ReceiptTopic, names, units, ulids),
    st.builds(CommandTopic, names, units, names, ulids),
    st.builds(ConfigTopic, names, units),
    st.builds(EdStatusTopic, names, names),
)


@given(topics)
def test_a_topic_is_read_back_as_it_was_built(topic: ScreenTopic) -> None:
    assert parse(str(topic)) == topic
    assert parse(str(topic), agency=topic.agency) == topic


def test_the_topics_are_those_of_the_architecture() -> None:
    assert str(UnitStatusTopic("a", "u")) == "stroke/v1/a/u/status/unit"
    assert str(HealthTopic("a", "u")) == "stroke/v1/a/u/status/health"
    assert str(TwinTopic("a", "u", "models")) == "stroke/v1/a/u/twin/models"
    assert str(ScreenTopic("a", "u", ID, ScreenPart.SIGNAL)) == f"stroke/v1/a/u/screen/{ID}/signal"
    assert str(ReceiptTopic("a", "u", ID)) == f"stroke/v1/a/u/screen/{ID}/receipt"
    assert str(CommandTopic("a", "u", "reboot", ID)) == f"stroke/v1/a/u/cmd/reboot/{ID}"
    assert str(ConfigTopic("a", "u")) == "stroke/v1/a/u/config/desired"
    assert str(EdStatusTopic("a", "s")) == "stroke/v1/a/ed/s/status"


@given(st.text(max_size=120))
def test_any_text_is_a_topic_of_ours_or_refused(text: str) -> None:
    try:
        topic = parse(text)
    except (TopicError, UnknownVersion):
        return
    assert str(topic) == text


@given(topics, st.data())
def test_one_changed_character_is_another_topic_or_none(
    topic: ScreenTopic, data: st.DataObject
) -> None:
    text = str(topic)
    at = data.draw(st.integers(0, len(text) - 1))
    other = text[:at] + data.draw(st.characters(codec="utf-8")) + text[at + 1 :]
    try:
        found = parse(other)
    except (TopicError, UnknownVersion):
        return
    assert str(found) == other


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "stroke",
        "stroke/v1",
        "stroke/v1/a",
        "stroke/v1/a/u/status",
        "stroke/v1//u/status/unit",
        "stroke/v1/a//status/unit",
        "stroke/v1/a/u/status/unit/",
        "/stroke/v1/a/u/status/unit",
        "stroke/v1/+/u/status/unit",
        "stroke/v1/a/#",
        f"stroke/v1/a/u/screen/{ID}/+",
        f"stroke/v1/a/u/screen/{ID}/pictures",
        f"stroke/v1/a/u/screen/{ID.lower()}/signal",
        f"stroke/v1/a/ed/screen/{ID}/signal",
        "stroke/v1/A/u/status/unit",
        "stroke/v1/a/u/status/unit\n",
        "stroke/v1/a/u\n/status/unit",
        "stroke/v1/a\x00/u/status/unit",
        "other/v1/a/u/status/unit",
    ],
)
def test_what_is_not_ours_is_refused(bad: str) -> None:
    with pytest.raises(TopicError):
        parse(bad)


def test_another_major_version_is_refused_aloud() -> None:
    with pytest.raises(UnknownVersion, match="update this program"):
        parse("stroke/v2/a/u/status/unit")


def test_names_cannot_smuggle_levels_or_wildcards() -> None:
    for name in ("a/b", "+", "#", "", "a b", "é", "-a", "x" * 64):
        with pytest.raises(TopicError):
            UnitStatusTopic(name, "u")
        with pytest.raises(TopicError):
            UnitStatusTopic("a", name)
        with pytest.raises(TopicError):
            hospital_filters(name)
        with pytest.raises(TopicError):
            receipt_filter("a", name)
        with pytest.raises(TopicError):
            ed_status_filter(name)


def test_a_unit_cannot_pass_for_a_receiver() -> None:
    with pytest.raises(TopicError, match="reserved"):
        UnitStatusTopic("a", "ed")


def test_another_agency_or_unit_is_foreign() -> None:
    with pytest.raises(ForeignTopic):
        parse("stroke/v1/a/u/status/unit", agency="b")
    with pytest.raises(ForeignTopic):
        parse("stroke/v1/a/u/status/unit", agency="a", unit="v")
    with pytest.raises(ForeignTopic):
        parse("stroke/v1/a/ed/s/status", agency="a", unit="s")


def test_filters_match_what_they_are_for() -> None:
    assert receipt_filter("a", "u") == "stroke/v1/a/u/screen/+/receipt"
    assert ed_status_filter("a") == "stroke/v1/a/ed/+/status"
    assert f"stroke/v1/a/+/screen/+/{ScreenPart.REPORT}" in hospital_filters("a")
    assert not any(name.endswith(("#", "receipt")) for name in hospital_filters("a"))
