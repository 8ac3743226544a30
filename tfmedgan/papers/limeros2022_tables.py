"""limeros2022's comparisons: one place, three sites together, and each site alone."""

from dataclasses import replace

from tfmedgan.downstream.config import CLASSICAL, OVERSAMPLED, REAL, added, alone
from tfmedgan.papers.limeros2022_sites import SITES
from tfmedgan.papers.reported import DOWNSTREAM_NOTE, Scale, Table, TableRow, tabulate

MEASURED = ("fid", "kid", "precision", "recall")
AT_64 = {"r1_weight": 0.0512, "latent_dim": 128, "mapping_layers": 4}  # γ as its authors scale it
AT_32 = AT_64 | {"r1_weight": 0.0128, "path_length_weight": 0.0}
CLASSES = (
    ("benign", "malignant"),
    ("benign", "melanoma"),
    ("No_findings", "Covid-19"),
    ("normal", "pneumonia"),
)
SMOKE = Scale(
    source="phantom:chest:48:0", fractions=(0.6, 0.1, 0.3), sizes={256: 32}, width=1 / 64,
    batch_size=4, epochs=1 / 100, local_steps=4, fakes=64, projected=4, seeds=2,
    model=AT_32 | {"latent_dim": 8, "mapping_layers": 2, "epoch_images": 48},
    classifier="small-cnn", classifier_size=32, classifier_epochs=2,
)  # fmt: skip
SMALL = Scale(
    source="manifest:covid-xray3", fractions=(0.6, 0.0, 0.4), sizes={256: 32}, batch_size=16,
    local_steps=50, fakes=500, seeds=1, model=AT_32 | {"channel_base": 1024, "channel_max": 64},
    classifier="small-cnn", classifier_size=32, classifier_epochs=30,
)  # fmt: skip
SCALES = {"smoke": SMOKE, "small": SMALL, "paper": Scale(seeds=3)}
SCALES_CLASSIFIER = SCALES | {"small": replace(SMALL, fractions=(0.6, 0.1, 0.3))}
TRAINED = {"central": "unconditional", "federated": "federated"} | {
    f"{site} alone": f"alone-{site}" for site in SITES
}
EQUAL = (
    "Every row shows as many images to its networks: the three sites together as many as one "
    "place, and a site alone as many as all three. Patients are dealt out to the sites, as even "
    "as they can be. "
)
AUTHENTIC = (
    "Cosine distance of a real image's pixels to those of the nearest image that the generator can "
    "make, its projection; the document does not say of which features its distance is. A "
    "difference above zero says that the generator comes nearer to images that it learned from."
)

tabulate(
    Table(
        "limeros2022/quality",
        "One place, three sites together, each site alone",
        "synthesis",
        tuple(TableRow(label, f"limeros2022/{preset}") for label, preset in TRAINED.items()),
        MEASURED,
        SCALES,
        "central",
        compared=("kid", "fid"),
        question="Do sites that share no images get as good a generator?",
        note=EQUAL,
    ),
    Table(
        "limeros2022/sites",
        "The same, beside the images of each site",
        "synthesis",
        tuple(
            TableRow(f"{label}, beside {site}", f"limeros2022/{preset}", site=site)
            for label, preset in TRAINED.items()
            for site in SITES
        ),
        MEASURED,
        SCALES,
        question="Does each hospital get images like its own?",
        note=EQUAL + "Each site's own images held out are the reference, so that there are few.",
    ),
    Table(
        "limeros2022/authenticity",
        "How near the generators come to images they learned from, and to others",
        "authenticity",
        tuple(TableRow(label, f"limeros2022/{preset}") for label, preset in TRAINED.items()),
        ("projection_training", "projection_held_out", "projection_gap"),
        SCALES,
        "central",
        compared=("projection_held_out", "projection_gap"),
        question="Are generated images copies of what was learned?",
        note=AUTHENTIC,
    ),
    Table(
        "limeros2022/classifier",
        "A classifier on real images, and with synthetic ones",
        "downstream",
        tuple(
            TableRow(arm)
            for arm in (
                REAL, CLASSICAL, OVERSAMPLED,
                *(of(name) for name in ("central", "federated") for of in (added, alone)),
            )
        ),
        ("accuracy", "balanced_accuracy", "auroc", "auprc", "recall", "f1"),
        SCALES_CLASSIFIER,
        baseline="real",
        compared=("auroc", "balanced_accuracy"),
        classes=CLASSES,
        question="Do generated images help a classifier?",
        note=f"{DOWNSTREAM_NOTE} The document's classifier, an EfficientNet-B2, is not one of this "
        "toolkit's; the place of it is taken by a DenseNet-161 or a smaller network.",
        classifier="densenet161",
        generators=(
            ("central", "limeros2022/conditional"),
            ("federated", "limeros2022/federated-conditional"),
        ),
    ),
)  # fmt: skip
