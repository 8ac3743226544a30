"""What a reader should know of a federation: who took part, and what travelled."""

from collections.abc import Sequence

MEBI = 1 << 20


def federation_facts(rounds: Sequence[dict]) -> dict:
    """Rounds, bytes and sites left out, for summary.json; empty without rounds.

    Args:
        rounds: lines of rounds.jsonl.
    """
    if not rounds:
        return {}
    every = [row["bytes_to_sites"] + row["bytes_from_sites"] for row in rounds]
    return {
        "rounds": len(rounds),
        "images": dict(sorted((s, n) for row in rounds for s, n in row["images"].items())),
        "bytes_a_round": round(sum(every) / len(every)),
        "bytes": sum(every),
        "left_out": [
            {"round": row["round"], "site": site, "reason": reason}
            for row in rounds
            for site, reason in row["left_out"].items()
        ],
    }


def federation_sentence(rounds: Sequence[dict]) -> str:
    """The same in a line; empty without rounds."""
    if not rounds:
        return ""
    facts = federation_facts(rounds)
    whose = ", ".join(f"{site} {count}" for site, count in facts["images"].items())
    return (
        f"{facts['rounds']} rounds of {len(facts['images'])} sites (training images: {whose}); "
        f"{facts['bytes_a_round'] / MEBI:.1f} MiB of weights a round, to the sites and back, "
        f"{facts['bytes'] / MEBI:.1f} MiB in all"
    )
