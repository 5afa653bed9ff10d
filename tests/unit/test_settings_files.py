"""The settings of brokers that the program ships are ones that it takes."""

from pathlib import Path

from scoreboard.settings import load

BROKERS = Path(__file__).parents[2] / "config" / "brokers.toml"


def test_the_example_of_brokers_is_taken() -> None:
    assert [one.name for one in load(BROKERS, {}).egress.broker] == ["public"]


def test_what_it_comments_out_is_taken_too(tmp_path: Path) -> None:
    lines = BROKERS.read_text("utf-8").splitlines()
    uncommented = [
        line.removeprefix("# ")
        for line in lines
        if not line.startswith("#") or " = " in line or line.startswith("# [[")
    ]
    whole = tmp_path / "brokers.toml"
    whole.write_text("\n".join(uncommented))
    settings = load(whole, {})
    names = [one.name for one in settings.egress.broker]
    assert names == ["public", "officials", "warehouse"]
    assert [one.kind for one in settings.sources.broker] == ["nats", "kafka"]
