"""Labelled calls, made from the sayings in sayings/ and the training side of the evaluation.

A *saying* is one way to name a problem, written by hand, with choices in brackets. A *call* is a saying in the mouth of
a voice (voices.py), perhaps with a scope, a second problem, an answer to the agent's question, a name and an address,
perhaps heard badly (noise.py). The same seed gives the same calls.

    python corpus.py data/calls.jsonl        # {"id", "split", "turns", "severity", "issue", "service", "category", "tone", ...}

The split is by saying *and* by voice: a saying or a voice of the dev side never occurs on the training side.
"""

import json
import random
import re
import sys
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path

import noise
import voices

HERE = Path(__file__).parent
CASES = HERE.parent / "eval" / "cases.tsv"
SEED = 20261121
DEV_EVERY = 6

IT_SEVERITY = {"one": "routine", "open": "unclear", "all": "emergency"}
CASE_SEVERITY = {"emergency": "emergency", "routine": "routine", "ask": "unclear", "spam": "spam"}
CASE_ISSUE = {
    "gas": "gas", "co": "carbon_monoxide", "elec": "electrical", "elecx": "electrical", "dang": "danger", "water": "water",
    "heat": "no_heat", "cool": "no_cooling", "mspe": "it_outage", "mspr": "it_trouble", "b-m": "it_outage",
    "b-n": "it_trouble", "c-m": "it_outage", "c-n": "it_trouble", "d-m": "it_outage", "d-n": "it_trouble",
}

# How many calls are made from one saying of a file.
COPIES = {
    "it_a.txt": 4, "it_b.txt": 4, "it_c.txt": 4, "it_more.txt": 5, "things.txt": 4, "trades_emergency.txt": 7,
    "trades_more.txt": 4, "trades_other.txt": 5, "spam.txt": 8, "spanish.txt": 4, "spanish_more.txt": 4, "cases": 2,
}


@dataclass(frozen=True)
class Saying:
    """`scope` is one, open or all for IT, "thing" for a bare word, else None; a label that is None is not trained on."""

    id: str
    text: str
    severity: str | None
    issue: str | None
    service: str | None
    category: str | None = None
    scope: str | None = None
    spanish: bool = False
    turns: tuple[str, ...] = ()


@dataclass
class Call:
    id: str
    split: str
    turns: list[str]
    asked: list[str]
    severity: str | None
    issue: str | None
    service: str | None
    category: str | None
    tone: str
    spanish: bool = False
    name: str | None = None
    address: str | None = None
    wer: float = 0.0
    voice: str = field(default="")


def main(target: Path) -> None:
    calls = all_calls()
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8") as out:
        for call in calls:
            out.write(json.dumps(asdict(call), ensure_ascii=False) + "\n")
    dev = sum(call.split == "dev" for call in calls)
    print(f"{target}: {len(calls)} calls, {dev} of them dev")


def all_calls(copies: float = 1.0, seed: int = SEED) -> list[Call]:
    """`copies` scales how many calls each saying gives."""
    slots = read_slots()
    everything = read_everything()
    confusions = {
        spanish: noise.Confusions(w for s in everything if s.spanish == spanish for w in re.findall(r"[\w']+", plain(s.text)))
        for spanish in (False, True)
    }
    by_split = {split: [s for s in everything if split_of(s.id) == split] for split in ("train", "dev")}
    calls = []
    for saying in everything:
        source = saying.id.split(":")[0]
        for number in range(max(1, round(COPIES[source] * copies))):
            rng = random.Random(f"{seed}:{saying.id}:{number}")
            calls.append(make_call(saying, rng, slots, by_split[split_of(saying.id)], confusions[saying.spanish]))
    return calls


def make_call(saying: Saying, rng: random.Random, slots: dict, neighbours: list[Saying], confusions: noise.Confusions) -> Call:
    split = split_of(saying.id)
    said = voices.speak(saying, rng, lambda text: expand(text, rng, slots), neighbours, split)
    wer = rng.choice([0.0, 0.0, 0.0, 0.1, 0.2, 0.3])
    turns = [confusions.mishear(turn, wer, rng) for turn in said.turns] if wer else said.turns
    turns = [voices.written(turn, rng) for turn in turns]
    return Call(
        saying.id, split, turns, said.asked, said.severity, said.issue, said.service, said.category, said.tone,
        saying.spanish, said.name if wer == 0 else None, said.address if wer == 0 else None, wer, said.voice,
    )


def split_of(saying_id: str) -> str:
    return "dev" if zlib.crc32(saying_id.encode()) % DEV_EVERY == 0 else "train"


def read_everything() -> list[Saying]:
    files = [HERE / "sayings" / name for name in COPIES if name != "cases"]
    written = [saying for file in files if file.name != "things.txt" for saying in read_sayings(file)]
    return written + read_things(HERE / "sayings" / "things.txt") + read_cases()


def read_things(file: Path) -> list[Saying]:
    """One saying for every thing; the sentence around it, and how bad it is, come from voices.py."""
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    pairs = [(category, thing.strip()) for category, _, things in (line.partition(":") for line in lines) for thing in things.split("|")]
    return [Saying(f"{file.name}:{category}:{thing}", thing, None, None, "it", category, "thing") for category, thing in pairs]


def read_sayings(file: Path) -> list[Saying]:
    sayings, block = [], None
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("@ "):
            block = block_labels(line[2:].split(), where=f"{file.name}:{number}")
        elif line.strip() and not line.startswith("#"):
            sayings.append(Saying(f"{file.name}:{line}", line, spanish=file.name.startswith("spanish"), **block))
    return sayings


def block_labels(words: list[str], where: str) -> dict:
    """`@ CATEGORY SCOPE`, `@ it:CATEGORY SCOPE` or `@ ISSUE SEVERITY SERVICE`."""
    if words[-1] in IT_SEVERITY and len(words) == 2:
        category, scope = words[0].removeprefix("it:"), words[1]
        issue = "it_outage" if scope == "all" else "it_trouble"
        return dict(severity=IT_SEVERITY[scope], issue=issue, service="it", scope=scope,
                    category=None if category == "-" else category)
    if len(words) != 3:
        raise ValueError(f"{where}: a block line is '@ category scope' or '@ issue severity service', not {words}")
    issue, severity, service = words
    nothing_known = issue == "-" and severity != "routine"
    if issue == "-":
        issue = "unknown" if nothing_known else None
    if service == "-":
        service = "unknown" if nothing_known or severity == "spam" else None
    return dict(severity=severity, issue=issue, service=service)


def read_cases() -> list[Saying]:
    sayings = []
    for line in CASES.read_text(encoding="utf-8").splitlines():
        columns = line.split("\t")
        if line.startswith("#") or len(columns) < 6:
            continue
        name, profile, _, expected, service, words = columns[:6]
        issue = CASE_ISSUE.get(name.rsplit("-", 1)[0])
        service = service if service in ("plumbing", "hvac", "electrical", "it") else None
        turns = tuple(turn.strip() for turn in words.split("|"))
        sayings.append(Saying(f"cases:{name}", turns[0], CASE_SEVERITY.get(expected), issue,
                              service or ("it" if profile == "msp" and expected in ("emergency", "routine", "ask") else None),
                              spanish=name.startswith("es-"), turns=turns))
    return sayings


def read_slots() -> dict[str, list[str]]:
    lines = (HERE / "sayings" / "slots.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(":", 1) for line in lines if line and not line.startswith("#"))
    return {name: words.strip().split("|") for name, words in pairs}


def expand(text: str, rng: random.Random, slots: dict[str, list[str]]) -> str:
    """One of the ways to say it: brackets chosen from the innermost out, then slots."""
    while (found := re.search(r"\[([^\[\]]*)\]", text)) is not None:
        text = text[: found.start()] + rng.choice(found.group(1).split("|")) + text[found.end() :]
    text = re.sub(r"<(\w+)>", lambda slot: rng.choice(slots[slot.group(1)]), text)
    return re.sub(r"\s+", " ", text).strip()


def plain(text: str) -> str:
    return re.sub(r"<\w+>|[\[\]|]", " ", text)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
