"""Letters about accounts: to whoever is invited, and to a confirmed address alone where a password was forgotten."""

from __future__ import annotations

import re

from core.people.invitations import NewInvitation
from tests.core.notify.post import Office

HERE = "https://lodge.example.com"


async def sent(office: Office) -> list[tuple[str, str]]:
    """To whom mail has gone, and the path that it leads to."""
    await office.send()
    found = [(mail, re.search(rf"{HERE}(\S+)", mail.get_content())) for mail in office.mailbox.mails]
    return [(mail["To"], link[1] if link else "") for mail, link in found]


async def test_an_invitation_is_mailed_and_mailed_anew_with_another_link(office: Office) -> None:
    house, platform = office.house, office.lodge.platform
    company = await platform.directory.company(house.company_id)
    assert company is not None
    new = NewInvitation(name="周燕", staff_no="N-1", roles=["clerk"], all_sites=True, email="yan@example.com")
    async with office.lodge.work(house, "admin") as work:
        made = await platform.invitations.invite(work, company, new)
    async with office.lodge.work(house, "admin") as work:
        renewed = await platform.invitations.renew(work, company, made.invitation.id)

    # the first letter's link was succeeded before it went out, so it did not
    assert await sent(office) == [("yan@example.com", renewed.link.removeprefix(HERE))]
    [(payload,)] = set(
        await office.rows("SELECT payload FROM notify_delivery WHERE company_id = $1 AND state = 'sent'")
    )
    assert payload not in renewed.link, "what is stored opens nothing"


async def test_a_link_for_a_password_goes_to_a_confirmed_address_alone(office: Office) -> None:
    platform, clerk, guard = office.lodge.platform, office.house.staff["clerk"], office.house.staff["guard"]
    async with office.lodge.work(office.house, "admin") as work:
        await platform.notify.notices.set_contacts(
            work, guard.membership_id, "guard@example.com", None, [office.house.sites[0].id]
        )
    await office.reach("clerk", "clerk@example.com")
    for login in (guard.login, "nobody", f" {clerk.login.upper()}"):
        await platform.passwords.send(login)

    [(to, path)] = await sent(office)
    assert to == "clerk@example.com" and path.startswith("/password/reset/")
    await platform.passwords.use(path.rpartition("/")[2], "三只猫走过了一座桥头", "192.0.2.1")
    assert await platform.sign_in.memberships(clerk.login, "三只猫走过了一座桥头", "192.0.2.1")
