"""Whether a generator may leave: only after a check for copies of training images."""

import json
from pathlib import Path

from tfmedgan.errors import InputError, JobError, require
from tfmedgan.evaluation.features import Progress
from tfmedgan.files import file_sha256
from tfmedgan.run_directory import RunDirectory

SENTENCES = {
    "passed": "No copies of training images were found: {n_fake} generated images are not nearer "
    "to the {n_training} training images than {compared_with} are.",
    "inconclusive": "The check for copies gave no pass: {verdict}. {n_fake} generated images were "
    "compared with the {n_training} training images, and these among each other.",
    "failed": "Copies of training images were found ({reasons}). It was exported all the same, "
    "with --allow-unchecked.",
    "not checked": "Nobody has looked for copies of training images. It was exported all the "
    "same, with --allow-unchecked.",
}


def permission(
    run: RunDirectory, allow_unchecked: bool = False, progress: Progress | None = None
) -> dict:
    """What the card says of the check; looks for copies now unless a verdict is recorded.

    Args:
        allow_unchecked: go on where the check failed, and without one where there is none.

    Returns:
        "generator_sha256" of what was checked; "state": passed | inconclusive | failed |
        not checked; "sentence"; "verdict": what copy_check.json holds, or None.

    Raises:
        InputError: for a damaged generator that has to be checked.
        JobError: unless `allow_unchecked`, when copies were found or no check is possible.
    """
    digest = file_sha256(run.generator_path)
    verdict = recorded(run.evaluation / "copy_check.json", digest)
    if verdict is None and not allow_unchecked:
        verdict = _check(run, progress)
    if verdict is not None and verdict["passed"] is False and not allow_unchecked:
        raise JobError(_refusal(run, verdict))
    state = _state(verdict)
    sentence = SENTENCES[state].format(**_facts(verdict))
    return {"generator_sha256": digest, "state": state, "sentence": sentence, "verdict": verdict}


def recorded(path: Path, digest: str) -> dict | None:
    """The verdict in a copy_check.json, if there is one on the generator with this digest.

    Raises:
        InputError: for a file that holds no verdict.
    """
    if not path.exists():
        return None
    try:
        verdict = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "is no JSON"
        raise InputError(f"{path}: cannot be read: {reason}; remove it") from error
    complete = isinstance(verdict, dict) and {"passed", "reasons", "verdict"} <= verdict.keys()
    require(complete, f"{path}: is no verdict of a check for copies; remove it")
    return verdict if verdict.get("generator_sha256") == digest else None


def _check(run: RunDirectory, progress: Progress | None) -> dict:
    from tfmedgan.evaluation import assessment, inputs, report
    from tfmedgan.evaluation.cache import FeatureCache
    from tfmedgan.models import sampling

    sampling.load_generator(run.generator_path)  # a damaged one is called so, before all else
    try:
        given = inputs.run_inputs(run.path, progress=progress)
    except InputError as error:
        raise JobError(_impossible(run, str(error))) from error
    cache = FeatureCache(run.evaluation / "cache")
    result = assessment.assess(given, None, cache=cache, progress=progress)
    if result.copies is None:
        raise JobError(_impossible(run, result.refused[0]))
    report.write_copies(result, run.evaluation)
    return result.copies.verdict


def _impossible(run: RunDirectory, reason: str) -> str:
    return (
        f"{run.path}: not exported, since nobody has looked for copies and it is not possible now: "
        f"{reason.rstrip('.')}; tfmedgan-evaluate --against can do it with the data in another "
        "place, --allow-unchecked exports without and says so in the card"
    )


def _state(verdict: dict | None) -> str:
    if verdict is None:
        return "not checked"
    return {True: "passed", None: "inconclusive"}.get(verdict["passed"], "failed")


def _facts(verdict: dict | None) -> dict:
    return {} if verdict is None else verdict | {"reasons": ", ".join(verdict["reasons"])}


def _refusal(run: RunDirectory, verdict: dict) -> str:
    return (
        f"{run.path}: copies of training images were found ({', '.join(verdict['reasons'])}), so "
        f"it is not exported; look at {run.evaluation / 'closest_pairs.png'}; --allow-unchecked "
        "exports it all the same and says so in the card"
    )
