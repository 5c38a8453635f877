"""Linear heads on the sentence encoder: severity, hazard, service, category. Prints and writes what they reach.

    python heads.py data/calls.jsonl data/vectors.npz ../sense-heads.json data/heads-report.md

Strength of the regularisation, temperature and threshold are chosen on the dev side, whose sayings and voices the
weights measured there never saw. The weights written are then trained on both sides with the same settings.
"""

import json
import sys
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from embed import load, text_of

HEADS = {"severity": "severity", "hazard": "issue", "service": "service", "category": "category"}
LABELS = {
    "severity": ["routine", "unclear", "emergency", "spam"],
    "hazard": ["gas", "carbon_monoxide", "electrical", "danger", "water", "sewage", "no_heat", "no_cooling", "it_outage",
               "it_trouble", "maintenance", "minor_repair", "quote", "scheduling", "inquiry", "non_service", "sales_pitch",
               "robocall", "unknown"],
    "service": ["plumbing", "hvac", "electrical", "it", "general", "unknown"],
    "category": ["server", "ups", "workstation", "crash", "patch", "license", "vpn", "connectivity", "dns", "firewall",
                 "email", "phishing", "password", "locked", "mfa", "rdp", "backup", "malware", "breach", "m365", "printer",
                 "new_device"],
}
STRENGTHS = [0.003, 0.01, 0.03]
# The parts of a vector of length 1 are small; the solver stops too early on them as they are.
SCALE = 20.0
FALSE_WAKES_MAX = 0.08


def main(calls_file: Path, vectors_file: Path, target: Path, report_file: Path) -> None:
    vectors = load(vectors_file)
    calls = [json.loads(line) for line in calls_file.open(encoding="utf-8")]
    calls = [call for call in calls if text_of(call) in vectors]
    x = np.stack([vectors[text_of(call)] for call in calls]).astype(np.float32)
    heads, report, thresholds = {}, [f"{len(calls)} calls, {sum(c['split'] == 'dev' for c in calls)} of them dev", ""], {}
    report += ["| head | calls (dev) | right, clean | right, 10-30 % WER | calibration error | temperature |", "|---|---|---|---|---|---|"]
    extra: list[str] = []
    for name, field in HEADS.items():
        head, line, more = one_head(name, field, calls, x)
        heads[name] = head
        report.append(line)
        extra += more.pop("lines")
        thresholds |= more
    target.write_text(json.dumps({"encoder": "all-MiniLM-L6-v2", "dim": x.shape[1], "heads": heads, "thresholds": thresholds}), encoding="utf-8")
    report_file.write_text("\n".join(report + [""] + extra) + "\n", encoding="utf-8")
    print(report_file.read_text(encoding="utf-8"))


def one_head(name: str, field: str, calls: list[dict], x: np.ndarray) -> tuple[dict, str, dict]:
    labels = LABELS[name]
    rows = np.array([number for number, call in enumerate(calls) if call[field] in labels])
    y = np.array([labels.index(calls[row][field]) for row in rows])
    dev = np.array([calls[row]["split"] == "dev" for row in rows])
    noisy = np.array([calls[row]["wer"] > 0 for row in rows])
    weight = weights_of([calls[row]["id"] for row in rows], y)
    best = max(STRENGTHS, key=lambda c: dev_score(fit(x[rows][~dev], y[~dev], weight[~dev], c, len(labels)), x[rows][dev], y[dev], weight[dev]))
    model = fit(x[rows][~dev], y[~dev], weight[~dev], best, len(labels))
    odds = odds_of(model, x[rows][dev])
    temperature = temperature_of(odds, y[dev], weight[dev])
    chance = softmax(odds / temperature)
    right = chance.argmax(1) == y[dev]
    clean, heard = right[~noisy[dev]].mean(), right[noisy[dev]].mean()
    line = f"| {name} | {dev.sum()} | {clean:.1%} | {heard:.1%} | {calibration_error(chance, y[dev]):.3f} | {temperature:.2f} |"
    more = severity_figures(chance, y[dev], noisy[dev]) if name == "severity" else {"lines": worst_of(name, chance, y[dev], labels)}
    final = fit(x[rows], y, weight, best, len(labels))
    head = {"labels": labels, "weights": [[round(float(w), 4) for w in row] for row in final[0]],
            "bias": [round(float(b), 4) for b in final[1]], "temperature": round(float(temperature), 4)}
    print(f"{name}: strength {best}", flush=True)
    return head, line, more


def weights_of(ids: list[str], y: np.ndarray) -> np.ndarray:
    """Every saying counts the same however many calls it gave; classes are balanced half-way (square root)."""
    counts = {saying: 0 for saying in ids}
    for saying in ids:
        counts[saying] += 1
    weight = np.array([1 / counts[saying] for saying in ids])
    mass = np.bincount(y, weight)
    weight = weight / np.sqrt(mass[y])
    return weight / weight.mean()


def fit(x, y, weight, strength: float, classes: int) -> tuple[np.ndarray, np.ndarray]:
    model = LogisticRegression(C=strength, max_iter=300, tol=1e-5)
    model.fit(x * SCALE, y, sample_weight=weight)
    rows, bias = np.zeros((classes, x.shape[1])), np.full(classes, -20.0)
    rows[model.classes_], bias[model.classes_] = model.coef_ * SCALE, model.intercept_
    return rows, bias


def odds_of(model, x):
    return x @ model[0].T + model[1]


def softmax(odds):
    odds = np.exp(odds - odds.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def loss_of(chance, y, weight) -> float:
    return float(-(np.log(chance[np.arange(len(y)), y] + 1e-9) * weight).sum() / weight.sum())


def dev_score(model, x, y, weight) -> float:
    """Likelihood at the best temperature: what the decision lives on, more than the count of right answers."""
    odds = odds_of(model, x)
    return -loss_of(softmax(odds / temperature_of(odds, y, weight)), y, weight)


def temperature_of(odds, y, weight) -> float:
    found = minimize_scalar(lambda t: loss_of(softmax(odds / np.exp(t)), y, weight), bounds=(-2.5, 2.5), method="bounded")
    return float(np.exp(found.x))


def calibration_error(chance, y, bins: int = 10) -> float:
    """Mean distance between how sure it is and how often it is right, over ten bins."""
    sure, right = chance.max(1), chance.argmax(1) == y
    box = np.minimum((sure * bins).astype(int), bins - 1)
    return float(sum(abs(sure[box == b].mean() - right[box == b].mean()) * (box == b).mean() for b in range(bins) if (box == b).any()))


def severity_figures(chance, y, noisy) -> dict:
    """The threshold that wakes for at most 8 % of clean routine calls, and what it finds."""
    routine, emergency, spam = (LABELS["severity"].index(label) for label in ("routine", "emergency", "spam"))
    wake = chance[:, emergency]
    threshold = float(np.quantile(wake[(y == routine) & ~noisy], 1 - FALSE_WAKES_MAX))
    lines = ["| severity, emergency at or above " + f"{threshold:.2f} | clean | 10-30 % WER |", "|---|---|---|"]

    def both(what: str, value) -> None:
        lines.append(f"| {what} | {value(~noisy):.1%} | {value(noisy):.1%} |")

    both("emergencies found", lambda part: (wake[part & (y == emergency)] >= threshold).mean())
    both("emergencies found or at least doubted (unclear above routine)",
         lambda part: ((wake >= threshold) | (chance[:, 1] > chance[:, routine]))[part & (y == emergency)].mean())
    both("routine calls woken for", lambda part: (wake[part & (y == routine)] >= threshold).mean())
    both("emergencies called spam", lambda part: (chance[part & (y == emergency)].argmax(1) == spam).mean())
    both("real callers called spam", lambda part: (chance[part & (y != spam)].argmax(1) == spam).mean())
    both("spam found", lambda part: (chance[part & (y == spam)].argmax(1) == spam).mean())
    return {"emergency": round(threshold, 4), "lines": lines + [""]}


def worst_of(name: str, chance, y, labels) -> list[str]:
    best = chance.argmax(1)
    per = [(float((best[y == k] == k).mean()), label) for k, label in enumerate(labels) if (y == k).any()]
    worst = ", ".join(f"{label} {share:.0%}" for share, label in sorted(per)[:6])
    return [f"Weakest of {name}: {worst}.", ""]


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:5]))
