"""The options of tfmedgan-evaluate, and what is wrong of them without looking at an image."""

from dataclasses import dataclass
from pathlib import Path

from tfmedgan.cli import places
from tfmedgan.cli.options import MOST_IMAGES, Printing, argument, option, refuse, switch
from tfmedgan.cli.resolve import folder_name
from tfmedgan.config import DEFAULT_FEATURES
from tfmedgan.errors import require

TRUST = ("audit", "members", "non_members", "by")
PAIRED = ("psnr", "ssim")  # of --pairs, without --metrics
FEATURES = ("features", "scaling", "protocol")
OF_AN_EXPORT = {"cache", "copy_check.json", "closest_pairs.png"}  # what its check for copies leaves


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions(Printing):
    """What `tfmedgan-evaluate --help` lists."""

    subject: str = argument("Run directory, or a folder of images.", metavar="RUN|FOLDER")
    against: str | None = option(
        "Real images, as for --data; a FOLDER needs them, a RUN has its own."
    )
    metrics: str | None = option("Names with commas between: kid,fid,recall,inception_score.")
    features: str | None = option(
        "multiscale (the default), random, inception, classifier, radiomics, or a file: Keras "
        "model, SavedModel or ONNX."
    )
    scaling: str | None = option(
        "What the file's network takes: bytes, unit, signed, imagenet or clip."
    )
    protocol: str | None = option(
        "Which published network the file holds: clip (for CMMD) or dinov2 (for FD-DINOv2)."
    )
    num: int | None = option("How many generated images; default: 1000, or all of a FOLDER.")
    pairs: bool = switch("--pairs", "PSNR and SSIM of FOLDER and --against, file by file name.")
    copies: bool | None = option(
        "Look for copies of training images; the default.", "--copies/--no-copies"
    )
    audit: bool = switch("--audit", "Attack the membership of training images, beside a control.")
    members: str | None = option("With --audit of a FOLDER: what its generator was trained on.")
    non_members: str | None = option("The same: real images that it never saw.")
    by: str | None = option("Also for each value of this column of the data: sex, site.")
    compare: Path | None = option("rows.jsonl of the same protocol; adds the difference.")
    out: Path | None = option(
        "Where; default: RUN/evaluation, or evaluation/FOLDER; of --pairs nowhere."
    )
    seed: int = option("Of the generated images and of all subsets.", default=0)

    @property
    def is_run(self) -> bool:
        return (Path(self.subject) / "config.json").is_file()

    @property
    def extractor(self) -> str:
        return self.features or DEFAULT_FEATURES

    @property
    def folder(self) -> Path | None:
        """Where rows and report are written; those of pairs nowhere without --out."""
        if self.out or self.pairs:
            return self.out
        subject = Path(self.subject)
        return subject / "evaluation" if self.is_run else Path("evaluation", folder_name(subject))


def check_folder(folder: Path) -> None:
    """Refuse a folder that cannot be written to, or that holds anything but an evaluation."""
    from tfmedgan.evaluation.rows import read_rows

    places.check_directory("--out", folder)
    entries = [entry.name for entry in folder.iterdir()] if folder.exists() else []
    names = {name for name in entries if not name.startswith(".")}  # or left by a killed process
    if "rows.jsonl" in names:
        read_rows(folder / "rows.jsonl")
        return
    require(
        names <= OF_AN_EXPORT,
        f"--out {folder}: holds other files, and no earlier evaluation; choose a new folder",
    )


def checked(options: EvaluateOptions) -> tuple[str, ...]:
    """The names of metrics; everything that can be wrong without looking at an image."""
    from tfmedgan.evaluation.comparison import refuse_pairs
    from tfmedgan.evaluation.features import check_name, name_of
    from tfmedgan.evaluation.metrics import METRICS, select
    from tfmedgan.evaluation.own_names import estimates_asked

    subject, num, seed = options.subject, options.num, options.seed
    require(Path(subject).is_dir(), f"{subject}: no such run directory or folder of images")
    require(
        num is None or 10 <= num <= MOST_IMAGES, f"--num {num}: must be from 10 to {MOST_IMAGES:,}"
    )
    require(0 <= seed < 2**31, f"--seed {seed}: must be in [0, 2^31)")
    names = tuple(name.strip() for name in options.metrics.split(",")) if options.metrics else ()
    require(all(names), f"--metrics {options.metrics}: an empty name; give e.g. --metrics kid,fid")
    check_name(options.extractor, options.scaling, options.protocol)
    names = names or (PAIRED if options.pairs else defaults_of(options.protocol))
    chosen = select(estimates_asked(names, name_of(options.extractor, options.protocol)))
    if options.pairs:
        _check_pairs(options)
    else:
        refuse_pairs(chosen)
        _check_audit(options)
        require(
            options.is_run or options.against or options.non_members,
            f"{subject}: is no run directory; add --against SOURCE",
        )
    networks = any(METRICS[name].needs in ("features", "probabilities") for name in chosen)
    trust = options.audit or options.by
    if not networks and not trust and (options.pairs or options.copies is False):
        refuse(options, f"{', '.join(chosen)} look at pixels alone", *FEATURES)
    return names


def defaults_of(protocol: str | None) -> tuple[str, ...]:
    """The metrics without --metrics; CMMD is one on the features that it is defined on."""
    from tfmedgan.evaluation.metrics import select

    return (*select(), "cmmd") if protocol == "clip" else ()


def _check_pairs(options: EvaluateOptions) -> None:
    require(not options.is_run, f"--pairs: {options.subject} is a run; give a folder of images")
    require(
        options.against is not None, "--pairs: add --against SOURCE, with files of the same names"
    )
    refuse(options, "--pairs measures every pair, and no copies", "num", "copies", *TRUST)


def _check_audit(options: EvaluateOptions) -> None:
    if not options.audit:
        refuse(options, "they say whom --audit attacks; add --audit", "members", "non_members")
    elif options.is_run:
        refuse(options, "a RUN knows its members", "members", "non_members")
    else:
        require(
            bool(options.members and options.non_members),
            f"--audit: {options.subject} is no run; add --members DIR, what its generator was "
            "trained on, and --non-members DIR, real images that it never saw",
        )
