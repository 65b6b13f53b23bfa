"""Keeping house in a bucket: rolling back, forgetting and upkeep do there what they do in a folder."""

import json
from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from flows.cli import main
from flows.settings import Settings
from tests.nights import run
from tests.test_forget import PLANTED, PLANTED_ARTICLE, URL
from tests.test_night import STORY, article
from warehouse.bucket import connect
from warehouse.publish import Warehouse

pytestmark = pytest.mark.slow


@pytest.fixture
def there(bucket_url: str, endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The arguments that name a warehouse in a bucket, after two nights; the first brought the planted article."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    monkeypatch.setenv("AWS_REGION", "")
    file = tmp_path / "settings.toml"
    file.write_text(
        f'endpoint = "{endpoint}"\nregion = "us-east-1"\nhome = "{tmp_path / "home"}"\nkeep_days = 1\nkeep_weekly = false\n'
    )
    dumps = {
        "2026-03-02": [article(1), article(2, text=STORY + " Nobody was hurt."), PLANTED_ARTICLE],
        "2026-03-03": [article(3, date="2026-03-03", text=STORY + " The talks begin on Friday.")],
    }
    for night, articles in dumps.items():
        dump = tmp_path / f"{night}.jsonl"
        dump.write_text("\n".join(articles))
        assert run([dump], bucket_url, night, Settings.load(file))["status"] == "published"
    return ["--warehouse", bucket_url, "--settings", str(file)]


def house_of(there: list[str]) -> Warehouse:
    return Warehouse(there[1], settings=Settings.load(Path(there[3])).store)


def said_in_bucket(there: list[str]) -> set[tuple[str, str]]:
    """Look through every object, Parquet decoded; return (word, key) of what is found."""
    bucket, found = connect(there[1], Settings.load(Path(there[3])).store), set()
    for entry in bucket.list(""):
        data = bucket.read(entry.key)[0]
        if entry.key.endswith(".parquet"):
            data += json.dumps(pq.read_table(BytesIO(data)).to_pylist(), default=str, ensure_ascii=False).encode()
        found |= {(word, entry.key) for word in PLANTED if word.encode() in data}
    return found


def count_articles(there: list[str], capsys: pytest.CaptureFixture[str]) -> int:
    capsys.readouterr()
    assert main(["sql", "SELECT count(*) AS n FROM articles", "--format", "csv", *there]) == 0
    return int(capsys.readouterr().out.split()[-1])


def test_a_bucket_is_kept_like_a_folder(there: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    # Readers see the older night again, and the newer one after that.
    assert count_articles(there, capsys) == 4
    assert main(["rollback", "2026-03-02", *there]) == 0
    assert count_articles(there, capsys) == 3
    assert main(["rollback", "2", *there]) == 0
    assert count_articles(there, capsys) == 4

    # By the policy of these settings an old night goes; its number is never used again.
    assert main(["upkeep", *there]) == 0
    assert [each.number for each in house_of(there).snapshots()] == [2]
    assert count_articles(there, capsys) == 4

    # What is forgotten is in no object, and counted still.
    assert {word for word, _ in said_in_bucket(there)} == set(PLANTED)
    assert main(["forget", "--url", URL, *there]) == 0
    assert said_in_bucket(there) == set()
    assert count_articles(there, capsys) == 4
    assert main(["verify", "--all", *there]) == 0
    assert [each.number for each in house_of(there).snapshots()] == [3]
