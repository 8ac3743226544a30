"""What reports call the estimates that no metric of the registry gives."""

from tfmedgan.evaluation.audit.attacks import ATTACKS

AUTHPCT = "authpct"
AUDITED = "membership"  # begins the estimates of an audit

TITLES = {
    AUTHPCT: "AuthPct",
    "kid_contribution": "KID contribution",
    **{f"{AUDITED}_{name}": f"{attack.title}, AUC" for name, attack in ATTACKS.items()},
    **{f"{AUDITED}_{n}_control": f"{a.title}, AUC of the control" for n, a in ATTACKS.items()},
    **{f"{AUDITED}_{n}_difference": f"{a.title}, less its control" for n, a in ATTACKS.items()},
}
