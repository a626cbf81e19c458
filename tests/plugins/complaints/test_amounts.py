"""A guard handles complaints and is not told what was paid for them (AZ-1, CMP-4)."""

from __future__ import annotations

from tests.plugins.complaints.conftest import Office

STEP = {"kind": "note", "text": "夜间到场，已安静"}


async def test_a_guard_handles_a_complaint_without_being_told_of_its_compensation(office: Office) -> None:
    ticket = await office.take_in()
    await office.propose(ticket, 12_345)
    here, page = f"{office.api}/{ticket.id}", f"/s/{office.site.slug}/tickets/{ticket.id}"

    for role, fen, shown in (("guard", None, "¥ ****"), ("clerk", 12_345, "¥ 123.45")):
        client = await office.web.api(office.house, role)
        answer = await client.get(here)
        assert int(answer.headers["content-length"]) == len(answer.content)
        assert [each["amount_fen"] for each in answer.json()["compensations"]] == [fen]
        sent = [await client.post(f"{here}/steps", json=STEP, headers={"idempotency-key": role}) for _ in range(2)]
        assert [each.json()["compensations"][0]["amount_fen"] for each in sent] == [fen, fen]
        read = (await (await office.web.console(office.house, role)).get(page)).text
        assert shown in read and ("123.45" in read) == (role == "clerk")
