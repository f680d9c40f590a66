"""Hard cases 21 to 23: one cart changed by several devices at once."""

from __future__ import annotations

from tests.stage import Stage


async def test_hard_case_21_adds_of_two_devices_count_both(stage: Stage) -> None:
    phone, laptop = await stage.device("phone"), await stage.device("laptop")
    phone.disconnect()
    await phone.add("book", 1, at="20:00")
    await laptop.add("book", 2, at="20:10")
    await phone.reconnect(at="20:20")
    assert await phone.cart() == await laptop.cart() == {"book": 3}


async def test_hard_case_22_a_removal_leaves_an_add_that_it_did_not_see(stage: Stage) -> None:
    phone, laptop = await stage.device("phone"), await stage.device("laptop")
    await laptop.add("book", 2, at="20:00")
    assert await laptop.cart() == {"book": 2}
    phone.disconnect()
    await phone.add("book", 1, at="20:10")
    await laptop.remove("book", at="20:20")
    await phone.reconnect(at="20:30")
    assert await phone.cart() == await laptop.cart() == {"book": 1}


async def test_hard_case_23_of_two_concurrent_sets_the_later_act_wins(stage: Stage) -> None:
    phone, laptop = await stage.device("phone"), await stage.device("laptop")
    phone.disconnect()
    await phone.set("book", 3, at="20:00")
    await laptop.set("book", 2, at="20:10")
    await phone.reconnect(at="20:20")
    assert await phone.cart() == await laptop.cart() == {"book": 2}
