"""Every sport's pages in places where they were once cut, covered or collapsed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from venue import Venue
from watching import Opener

from scoreboard.app import running
from scoreboard.settings import Settings

SIZES = [(1920, 1080), (1280, 720), (390, 844)]
PAIR = [
    {"id": "smash", "name": "Smash Sisters", "short": "Smash"},
    {"id": "net", "name": "Net Gains of the Northern Breakwater", "short": "Net Gains"},
]
MATCH = [{"id": "m1", "name": "Final", "entrants": ["smash", "net"]}]
CUT = """() => {
  const seen = (one) => one.offsetParent && one.textContent.trim();
  return [...document.querySelectorAll("group-table tbody :is(td, th.name > .entrant)")]
    .filter(seen)
    .filter((one) => {
      const {left, right} = one.getBoundingClientRect();
      const table = one.closest("group-table").getBoundingClientRect();
      return right > table.right || left < table.left || one.scrollWidth > one.clientWidth + 1;
    })
    .map((one) => one.textContent);
}"""
BROKEN = """() => [...document.querySelectorAll("group-table tbody .entrant")].flatMap((one) => {
  const range = document.createRange();
  const lines = ({index, 0: word}) => {
    range.setStart(one.firstChild, index);
    range.setEnd(one.firstChild, index + word.length);
    return new Set([...range.getClientRects()].map(({top}) => Math.round(top))).size;
  };
  const words = [...one.textContent.matchAll(/\\S+/g)];
  return words.filter((word) => lines(word) > 1).map(([word]) => word);
})"""
ON_PAPER = """() => {
  const right = (selector) => document.querySelector(selector).getBoundingClientRect().right;
  return {
    sheet: right("#paper") <= innerWidth + 1,
    table: right("#table") <= right("#paper"),
    look: document.querySelector("#paper").className,
  };
}"""


@pytest_asyncio.fixture(scope="module")
async def venue(shared_settings: Settings) -> AsyncIterator[Venue]:
    """Competitions whose tables are wide, or whose figures are long."""
    async with running(shared_settings) as server:
        made = Venue(server)
        shared: dict[str, Any] = {"entrants": PAIR, "contests": MATCH}
        await made.define(shared | {"slug": "tennis", "name": "Doubles", "sport": "tennis"})
        await made.define(shared | {"slug": "climb", "name": "Climb", "sport": "points"})
        hundred = {"groups": [{"id": "a", "name": "League", "entrants": ["smash", "net"]}]}
        league = shared | hundred | {"contests": [MATCH[0] | {"group": "a"}]}
        await made.define(league | {"slug": "league", "name": "League", "sport": "periods"})
        for n, who in enumerate(("smash", "net")):
            data = {"entrant": who, "points": 38_929 + n}
            await made.say("climb", "points.scored", f"run-{n}", data, "m1")
        basket = {"team": "net", "period": 1, "points": 3, "clock_ms": 1000}
        for n in range(40):
            await made.say("league", "periods.score", f"p{n}", basket | {"sequence": n}, "m1")
        await made.say("league", "periods.ended", "over", {}, "m1")
        yield made
        await made.client.aclose()


LONG = [
    {"id": "smash", "name": "Lars Zimmermann"},
    {"id": "net", "name": "Maximiliana Grabowska"},
]
"""Names with words of ten or eleven letters, as there are some in any field."""


@pytest_asyncio.fixture(scope="module")
async def long_names(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Venue]:
    """Competitions with many columns, narrow and wide ones."""
    settings = Settings(data=str(tmp_path_factory.mktemp("long")), private_port=0, public_port=0)
    async with running(settings) as server:
        made = Venue(server)
        points = [{"id": f"p{n}", "name": f"Station {n}"} for n in range(16)]
        group = {"groups": [{"id": "a", "name": "League", "entrants": ["smash", "net"]}]}
        shared: dict[str, Any] = {"entrants": LONG, "contests": MATCH}
        await made.define(shared | {"slug": "tennis", "name": "Doubles", "sport": "tennis"})
        league = shared | group | {"contests": [MATCH[0] | {"group": "a"}]}
        await made.define(league | {"slug": "league", "name": "League", "sport": "periods"})
        race = {"slug": "stations", "name": "Race", "sport": "race", "params": {"points": points}}
        await made.define(shared | race | group)
        for n in range(16):
            read = {"entrant": "smash", "reader": f"p{n}", "at": 3_600_000 + n * 600_000}
            await made.say("stations", "race.read", f"read-{n}", read, "m1")
        yield made
        await made.client.aclose()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", ["tennis", "climb", "climb/contests/m1", "league"])
async def test_no_figure_of_a_table_is_cut_or_outside_it(
    venue: Venue, opened: Opener, path: str, size: tuple[int, int]
) -> None:
    url = f"{venue.server.public_url}/c/{path}"
    async with opened(url, width=size[0], height=size[1]) as watched:
        await watched.shows("group-table .entrant", "Smash Sisters")
        assert await watched.page.evaluate(CUT) == []
        table = await watched.page.locator("group-table").first.bounding_box()
        assert table is not None
        assert table["width"] > min(size[0] / 2, 300)
        assert await watched.overflow_px() == 0
        assert watched.complaints == []


@pytest.mark.parametrize("size", [*SIZES, (844, 390)])
@pytest.mark.parametrize("path", ["tennis", "league", "stations"])
async def test_no_word_of_a_name_is_broken(
    long_names: Venue, opened: Opener, path: str, size: tuple[int, int]
) -> None:
    url = f"{long_names.server.public_url}/c/{path}"
    async with opened(url, width=size[0], height=size[1]) as watched:
        await watched.shows("group-table .entrant", "Zimmermann")
        assert await watched.page.evaluate(BROKEN) == []
        assert await watched.overflow_px() == 0


async def test_a_phone_has_the_buttons_of_a_board_beside_each_other(
    venue: Venue, opened: Opener
) -> None:
    phone = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
    async with opened(f"{venue.server.public_url}/c/league", alone=True, **phone) as watched:
        await watched.shows("group-table .entrant", "Smash Sisters")
        boxes = [
            await one.bounding_box() for one in await watched.page.locator(".tools button").all()
        ]
        assert len({box["y"] for box in boxes if box}) == 1
        assert await watched.overflow_px() == 0


@pytest.mark.parametrize(("width", "look"), [(1280, "paper a4"), (390, "paper a4")])
async def test_the_preview_of_a_sheet_is_whole_on_every_screen(
    venue: Venue, opened: Opener, width: int, look: str
) -> None:
    async with opened(f"{venue.server.public_url}/c/league/print", width=width) as watched:
        await watched.page.locator("#table tbody tr").first.wait_for()
        expected = {"sheet": True, "table": True, "look": look}
        assert await watched.page.evaluate(ON_PAPER) == expected


async def test_a_table_too_wide_for_a_sheet_is_printed_across_it(
    venue: Venue, opened: Opener
) -> None:
    points = [{"id": f"p{n}", "name": f"Split number {n}"} for n in range(16)]
    race = {"slug": "race", "name": "Race", "sport": "race", "params": {"points": points}}
    await venue.define(race | {"entrants": PAIR, "contests": [{"id": "m1"}]})
    for n in range(16):
        read = {"entrant": "smash", "reader": f"p{n}", "at": 3_600_000 + n * 600_000}
        await venue.say("race", "race.read", f"read-{n}", read, "m1")
    async with opened(f"{venue.server.public_url}/c/race/print", width=390) as watched:
        await watched.page.locator("#table tbody tr").first.wait_for()
        said = await watched.page.evaluate(ON_PAPER)
        assert said["sheet"]
        assert said["table"]
        assert said["look"].startswith("paper a4-wide")


async def test_a_pad_names_both_sides_in_full_or_both_short(venue: Venue, opened: Opener) -> None:
    headers = {"Authorization": f"Bearer {venue.server.admin_key}"}
    for slug in ("tennis", "league", "climb"):
        url = f"{venue.server.private_url}/pad/{slug}/m1"
        async with opened(url, extra_http_headers=headers, width=390, height=844) as watched:
            await watched.shows(".total .who", "Net Gains")
            names = await watched.page.locator(".total .who").all_text_contents()
            assert names == ["Smash", "Net Gains"]
            boxes = [await one.bounding_box() for one in await watched.page.locator(".who").all()]
            assert all(box and box["width"] > box["height"] for box in boxes)


async def test_alliances_stand_in_the_contests_order_and_a_field_has_the_contests_name(
    venue: Venue, opened: Opener
) -> None:
    four = [{"id": one, "name": one.title()} for one in ("gear", "cog", "bolt", "axle")]
    robots: dict[str, Any] = {"slug": "robots", "name": "Robots", "sport": "rounds"}
    robots |= {"params": {"side_size": 2}, "entrants": four}
    ids = [one["id"] for one in four]
    final = {"id": "final", "name": "Final"}
    await venue.define(robots | {"contests": [{"id": "q1", "entrants": ids}, final]})
    score = {"side": "blue", "points": 7}
    await venue.say("robots", "rounds.scored", "s1", score, "q1")
    async with opened(f"{venue.server.public_url}/c/robots") as watched:
        live = watched.page.locator("contest-list[data-which=live] .side .entrant")
        await live.first.wait_for()
        assert await live.all_text_contents() == ["Gear, Cog", "Bolt, Axle"]
        following = watched.page.locator("contest-list[data-which=next] .side .entrant")
        assert await following.all_text_contents() == ["Final"]
    headers = {"Authorization": f"Bearer {venue.server.admin_key}"}
    url = f"{venue.server.private_url}/c/robots/announcer"
    async with opened(url, extra_http_headers=headers) as watched:
        await watched.shows(".who", "Bolt, Axle")
        assert await watched.page.locator(".who .score").all_text_contents() == ["0", "7"]


async def test_figures_are_written_as_their_columns_have_it(venue: Venue, opened: Opener) -> None:
    round_ = [{"id": "r1", "name": "Round", "entrants": ["smash", "net"]}]
    golf: dict[str, Any] = {"slug": "golf", "name": "Open", "sport": "golf"}
    golf |= {"params": {"pars": [4, 3, 5]}, "entrants": PAIR, "contests": round_}
    await venue.define(golf)
    for who, strokes in (("smash", 5), ("net", 3)):
        holed = {"entrant": who, "hole": 1, "strokes": strokes}
        await venue.say("golf", "golf.holed", who, holed, "r1")
    async with opened(f"{venue.server.public_url}/c/golf") as watched:
        main = watched.page.locator("group-table td.main")
        await main.nth(1).wait_for()
        assert await main.all_text_contents() == ["\u22121", "+1"]


async def test_a_match_of_golf_is_told_hole_by_hole(venue: Venue, opened: Opener) -> None:
    match: dict[str, Any] = {"slug": "links", "name": "Links", "sport": "golf"}
    params = {"play": "match", "pars": [4, 3, 5]}
    await venue.define(match | {"params": params, "entrants": PAIR, "contests": MATCH})
    for who, strokes in (("smash", 4), ("net", 5)):
        holed = {"entrant": who, "hole": 1, "strokes": strokes}
        await venue.say("links", "golf.holed", who, holed, "m1")
    async with opened(f"{venue.server.public_url}/c/links/contests/m1") as watched:
        await watched.shows(".match-side:first-child .match-score", "1")
        rows = watched.page.locator("figures-table tbody tr")
        await rows.nth(3).wait_for()
        texts = [" ".join((await row.inner_text()).split()) for row in await rows.all()]
        assert texts[0] == "Par 4"
        assert texts[1].startswith("Smash Sisters \u2713 4")
        assert texts[2] == "Net Gains of the Northern Breakwater 5"
        assert texts[3] == "Stood 1 up"
        assert watched.complaints == []


async def test_a_wall_writes_few_rows_larger_and_leaves_out_what_nobody_could_scroll_to(
    venue: Venue, opened: Opener
) -> None:
    points = [{"id": f"p{n}", "name": f"Station {n}"} for n in range(16)]
    race = {"slug": "stations", "name": "Race", "sport": "race", "params": {"points": points}}
    await venue.define(race | {"entrants": PAIR, "contests": [{"id": "m1"}]})
    for n in range(16):
        read = {"entrant": "smash", "reader": f"p{n}", "at": 3_600_000 + n * 600_000}
        await venue.say("stations", "race.read", f"station-{n}", read, "m1")
    for slug in ("league", "stations"):
        url = f"{venue.server.public_url}/c/{slug}"
        sizes = []
        for how in ("", "?fit=pages"):
            async with opened(url + how, width=1920, height=1080) as watched:
                await watched.shows("group-table .entrant", "Smash Sisters")
                if how:
                    await watched.page.locator(".groups[style*='--u']").wait_for()
                sizes.append(await watched.page.evaluate(LETTERS))
                assert await watched.page.locator("group-table td.main").first.is_visible()
        assert sizes[1]["px"] > sizes[0]["px"]
        assert sizes[1]["inside"]


LETTERS = """() => {
  const table = document.querySelector("group-table");
  const px = parseFloat(getComputedStyle(table.querySelector(".entrant")).fontSize);
  return {px, inside: table.scrollWidth <= table.clientWidth + 1};
}"""


async def test_a_pad_shows_the_points_of_a_set_that_has_no_games(
    venue: Venue, opened: Opener
) -> None:
    table: dict[str, Any] = {"slug": "table", "name": "Table tennis", "sport": "tennis"}
    table |= {"params": {"set": {"by": "points", "to": 11}}, "entrants": PAIR, "contests": MATCH}
    await venue.define(table)
    for number in (1, 2, 3):
        point = {"number": number, "winner": "net"}
        await venue.say("table", "tennis.point", f"point-{number}", point, "m1")
    headers = {"Authorization": f"Bearer {venue.server.admin_key}"}
    url = f"{venue.server.private_url}/pad/table/m1"
    async with opened(url, extra_http_headers=headers) as watched:
        await watched.shows(".total:has-text('Net Gains') .figure", "3")


@pytest.mark.parametrize("size", SIZES[:2])
async def test_a_wall_turns_the_pages_of_long_groups_beside_each_other(
    venue: Venue, opened: Opener, size: tuple[int, int]
) -> None:
    names = ["Lars Zimmermann of the Northern Breakwater", "Ada Ito"]
    field = [{"id": f"n{n}", "name": f"{names[n % 2]} {n}"} for n in range(44)]
    halves = {"a": field[:26], "b": field[26:]}
    groups = [
        {"id": id_, "name": f"Half {id_}", "entrants": [one["id"] for one in half]}
        for id_, half in halves.items()
    ]
    slug = f"halves-{size[0]}"
    made = {"slug": slug, "name": "Halves", "sport": "football", "entrants": field}
    await venue.define(made | {"groups": groups})
    url = f"{venue.server.public_url}/c/{slug}?fit=pages&every=2"
    async with opened(url, width=size[0], height=size[1]) as watched:
        await watched.shows(".strip .pages", "1 / ")
        seen: set[str] = set()
        heads = set()
        while len(seen) < len(field):
            shown, whole, head = await watched.page.evaluate(WHOLE)
            assert whole
            seen |= set(shown)
            heads.add(head)
            await watched.page.wait_for_function(
                "(before) => document.querySelector('.strip .pages').textContent !== before",
                arg=await watched.page.locator(".strip .pages").text_content(),
            )
        assert len(heads) == 1


WHOLE = """() => {
  const rows = [...document.querySelectorAll("group-table tbody tr")];
  const end = document.querySelector(".strip").getBoundingClientRect().top;
  const whole = rows.every((row) => row.getBoundingClientRect().bottom <= end);
  const head = getComputedStyle(document.querySelector("group-table caption")).fontSize;
  return [rows.map((row) => row.querySelector(".entrant").textContent), whole, head];
}"""
"""Who is on a wall, whether all of them are above its strip, and how large a heading is."""


BESIDE = """() => [...document.querySelectorAll("group-table tbody tr")].every((row) => {
  const [moved, name] = [row.querySelector(".moved"), row.querySelector("a.entrant")];
  const [one, other] = [moved, name].map((each) => each.getBoundingClientRect());
  return one.right <= other.left + 1;
})"""


async def test_on_a_phone_the_arrow_of_a_rank_with_two_digits_lies_over_no_name(
    venue: Venue, opened: Opener
) -> None:
    entrants = [{"id": f"t{n}", "name": f"Table {n}"} for n in range(1, 13)]
    quiz: dict[str, Any] = {"slug": "dozen", "name": "Dozen", "sport": "points"}
    await venue.define(quiz | {"entrants": entrants})
    for n in range(1, 13):
        data = {"entrant": f"t{n}", "points": 20 - n}
        await venue.say("dozen", "points.scored", f"dozen-{n}", data, None)
    async with opened(f"{venue.server.public_url}/c/dozen", width=390, height=844) as watched:
        await watched.is_in_state("live")
        data = {"entrant": "t12", "points": 30}
        await venue.say("dozen", "points.scored", "dozen-up", data, None)
        await watched.shows("tbody tr[data-changed] .moved", "\u25bc")
        assert await watched.page.evaluate(BESIDE)


async def test_a_card_of_a_field_tells_who_is_in_front(venue: Venue, opened: Opener) -> None:
    drivers = [{"id": one, "name": one.title()} for one in ("kai", "mia", "lou", "zoe", "ben")]
    ids = [one["id"] for one in drivers]
    rounds = [
        {"id": id_, "name": name, "entrants": ids} for id_, name in (("r1", "One"), ("r2", "Two"))
    ]
    season = {"slug": "karts", "name": "Karts", "sport": "season", "params": {"points": [25, 18]}}
    await venue.define(season | {"entrants": drivers, "contests": rounds})
    for contest, who, place in (("r1", "kai", 1), ("r1", "mia", 2), ("r2", "mia", 1)):
        result = {"entrant": who, "place": place}
        await venue.say("karts", "season.result", f"{contest}-{who}", result, contest)
    await venue.say("karts", "season.final", "r1-final", {}, "r1")
    async with opened(f"{venue.server.public_url}/c/karts", width=390, height=844) as watched:
        await watched.shows("contest-list[data-which=live] .card", "In front: Mia")
        await watched.shows("contest-list[data-which=latest] .card", "First: Kai")
        assert await watched.overflow_px() == 0
        assert watched.complaints == []
