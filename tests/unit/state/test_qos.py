"""Classes of what an interface sends: what is refused, and the one spelling that hosts show."""

import pytest

from linkhold.foundation.diagnostics import Diagnostics, spell
from linkhold.state.document import read
from linkhold.state.forms import read_record
from linkhold.state.interfaces.qos import Curve, Qos, QosClass, Share


def mistakes(*classes):
    found = Diagnostics()
    read_record(Qos, {"classes": list(classes)}, (), found)
    return [(one.code, spell(one.path)) for one in found]


SHARE = {"m2": 50}


@pytest.mark.parametrize(
    ("classes", "told"),
    [
        ([{"vlan": 7}], [("qos", "classes[0]")]),
        ([{"upper-limit": {"m2": 8}}], [("qos", "classes[0].upper-limit")]),
        ([{"real-time": {"m2": 8}, "upper-limit": {"m2": 8}}], [("qos", "classes[0].upper-limit")]),
        ([{"link-share": {"m1": 0, "d": 9}}], [("qos", "classes[0].link-share")]),
        (
            [{"link-share": {"m2": 0}, "real-time": {}}],
            [("qos", "classes[0].link-share"), ("qos", "classes[0].real-time")],
        ),
        ([{"link-share": SHARE}, {"link-share": SHARE}], [("duplicate", "classes[1]")]),
        ([{"vlan": 7, "link-share": SHARE}, {"vlan": 7, "link-share": SHARE}], [("duplicate", "classes[1]")]),
        ([{"vlan": 0, "link-share": SHARE}], [("value", "classes[0].vlan")]),
        ([{"vlan": 4095, "link-share": SHARE}], [("value", "classes[0].vlan")]),
        ([{"link-share": SHARE, "real-time": {"m2": 2**35}}], [("value", "classes[0].real-time.m2")]),
        ([{"link-share": SHARE, "real-time": {"m2": -1}}], [("value", "classes[0].real-time.m2")]),
    ],
)
def test_what_the_kernel_could_not_do_is_refused_where_it_stands(classes, told):
    assert mistakes(*classes) == told


@pytest.mark.parametrize(
    "classes",
    [
        [],
        [{"link-share": SHARE}],
        [{"vlan": 7, "real-time": {"m1": 8, "d": 10}}],
        [{"vlan": 4094, "link-share": SHARE, "upper-limit": {"m2": 2**35 - 1}, "real-time": {"m2": 8}}],
    ],
)
def test_what_it_can_do_is_not(classes):
    assert mistakes(*classes) == []


def test_nothing_but_the_kernels_interfaces_has_classes():
    with pytest.raises(Exception, match="send nothing themselves"):
        read({"interfaces": [{"name": "b", "type": "ovs-bridge", "qos": {"classes": [{"link-share": SHARE}]}}]})


def test_zeros_are_not_said_and_rates_are_whole_bytes():
    said = QosClass(
        vlan=7,
        link_share=Share(m1=0, d=0, m2=13),
        upper_limit=Curve(m1=0, d=5, m2=1_000_007),
        real_time=Curve(m1=7, m2=0),
    )
    canonical = QosClass(vlan=7, link_share=Share(m2=13), upper_limit=Curve(d=5, m2=1_000_000), real_time=Curve(m1=8))
    assert said.canonical() == canonical
    assert canonical.canonical() == canonical


def test_the_default_class_comes_first_and_is_made_where_none_is_said():
    red, blue = QosClass(vlan=7, link_share=Share(m1=90, d=5, m2=20)), QosClass(vlan=5, link_share=Share(m2=30))
    made = Qos(classes=(red, blue)).canonical()
    assert made.classes == (QosClass(link_share=Share(m2=90)), blue, red)
    assert made.canonical() == made
    given = QosClass(real_time=Curve(m2=8))
    assert Qos(classes=(red, given)).canonical().classes == (given, red)


def test_where_all_have_guarantees_only_the_rest_shares_what_is_left():
    sure = QosClass(vlan=7, real_time=Curve(m2=8000))
    assert Qos(classes=(sure,)).canonical().classes == (QosClass(link_share=Share(m2=1)), sure)


def test_no_classes_need_no_default():
    assert Qos(classes=()).canonical() == Qos(classes=())
