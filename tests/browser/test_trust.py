"""A device is walked through trusting this installation's authority."""

from msgspec.structs import replace
from watching import Opener

from scoreboard.app import running
from scoreboard.settings import Settings


async def test_a_page_leads_from_the_plain_door_to_the_secure_one(
    settings: Settings, opened: Opener
) -> None:
    wanted = replace(settings, tls=True, private_tls_port=0, public_tls_port=0)
    async with running(wanted) as server, opened(server.public_url + "/trust") as watched:
        secure = server.urls["public-tls"]
        await watched.shows("#door", f"Open {secure}/")
        await watched.shows("#fingerprint", server.app.nearby.fingerprint)
        await watched.page.get_by_role("button", name="Android").press("Enter")
        await watched.shows(".how:visible", "Install anyway")
        async with watched.page.expect_download() as download:
            await watched.page.get_by_role("link", name="Download").click()
        assert (await download.value).suggested_filename == "scoreboard.crt"
        assert watched.complaints == []
        async with opened(secure + "/trust", alone=True, ignore_https_errors=True) as inside:
            await inside.shows("#without", "secure already")
            assert await inside.page.evaluate("isSecureContext")
            assert inside.complaints == []


async def test_a_server_without_a_secure_door_says_so(settings: Settings, opened: Opener) -> None:
    async with running(settings) as server, opened(server.public_url + "/trust") as watched:
        await watched.shows("#without", "no secure door")
        assert watched.complaints == []
