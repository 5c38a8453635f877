//! What was measured, as JSON and as text.

use serde::Serialize;
use triage::eval::{AttackReport, Breach, Calibration, Matrix, Miss, Row, Run, Score, Split, score_of};

use super::sets::Set;

/// Everything that a run found out.
pub(super) struct Measured<'a> {
    pub(super) sets: &'a [Set],
    /// Name, and whether it is installed.
    pub(super) stages: Vec<(&'static str, bool)>,
    pub(super) rows: Vec<Row>,
    /// Heard clean, with every installed stage.
    pub(super) runs: Vec<Run<'a>>,
    /// The headline is of held calls only.
    pub(super) headline_held: bool,
    pub(super) attacked: Option<AttackReport>,
    /// What we said and must not say.
    pub(super) effects: Vec<Breach>,
}

#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) version: &'static str,
    pub(super) file: String,
    /// Which calls the headline counts.
    pub(super) headline: &'static str,
    #[serde(flatten)]
    pub(super) rates: Rates,
    pub(super) misses: Vec<MissReport>,
    pub(super) service_misses: Vec<MissReport>,
    pub(super) category_misses: Vec<MissReport>,
    pub(super) stages: Vec<StageReport>,
    pub(super) rows: Vec<RowReport>,
    pub(super) confusion: Confusion,
    pub(super) calibration: Curve,
    pub(super) attacks: Option<Attacks>,
}

#[derive(Debug, Serialize)]
pub(super) struct Rates {
    pub(super) cases: usize,
    pub(super) emergencies: usize,
    pub(super) emergency_recall: f64,
    pub(super) emergency_asked_rate: f64,
    pub(super) false_wake_rate: f64,
    pub(super) spam_error_rate: f64,
    pub(super) spam_recall: f64,
    pub(super) emergencies_called_spam: usize,
    pub(super) category_top1: Option<f64>,
}

#[derive(Debug, Serialize)]
pub(super) struct StageReport {
    pub(super) name: &'static str,
    pub(super) installed: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct RowReport {
    pub(super) stage: String,
    pub(super) condition: String,
    pub(super) group: String,
    #[serde(flatten)]
    pub(super) rates: Rates,
}

#[derive(Debug, Serialize)]
pub(super) struct MissReport {
    pub(super) set: String,
    pub(super) line: usize,
    pub(super) id: String,
    pub(super) split: String,
    pub(super) expected: String,
    pub(super) got: String,
    pub(super) service: String,
    pub(super) category: Option<&'static str>,
    pub(super) category_got: Option<&'static str>,
    pub(super) turns: Vec<String>,
    pub(super) reasoning: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Confusion {
    pub(super) labels: Vec<String>,
    pub(super) outcomes: Vec<String>,
    pub(super) counts: Vec<Vec<usize>>,
}

#[derive(Debug, Serialize)]
pub(super) struct Curve {
    pub(super) error: f64,
    pub(super) bins: Vec<Bin>,
}

#[derive(Debug, Serialize)]
pub(super) struct Bin {
    pub(super) cases: usize,
    pub(super) confidence: f64,
    pub(super) right: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct Attacks {
    #[serde(flatten)]
    pub(super) rates: Rates,
    pub(super) emergency_recall_obedient: f64,
    pub(super) forbidden_effects: Vec<Effect>,
    pub(super) misses: Vec<MissReport>,
}

#[derive(Debug, Serialize)]
pub(super) struct Effect {
    pub(super) id: String,
    pub(super) what: String,
}

impl Rates {
    fn of(score: &Score) -> Self {
        Self {
            cases: score.cases,
            emergencies: score.emergencies,
            emergency_recall: score.emergency_recall,
            emergency_asked_rate: score.emergency_asked_rate,
            false_wake_rate: score.false_wake_rate,
            spam_error_rate: score.spam_error_rate,
            spam_recall: score.spam_recall,
            emergencies_called_spam: score.emergencies_called_spam,
            category_top1: score.category_top1,
        }
    }

    /// The cells of a row of the table.
    pub(super) fn cells(&self) -> [String; 8] {
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        [
            self.cases.to_string(),
            percent(self.emergency_recall),
            percent(self.emergency_asked_rate),
            percent(self.false_wake_rate),
            percent(self.spam_error_rate),
            percent(self.spam_recall),
            self.emergencies_called_spam.to_string(),
            self.category_top1.map_or("–".to_owned(), percent),
        ]
    }
}

/// The columns of the table.
pub(super) const COLUMNS: [&str; 8] = [
    "calls",
    "em. recall",
    "em. asked",
    "false wakes",
    "real as spam",
    "spam found",
    "em. as spam",
    "category",
];

impl Report {
    pub(super) fn new(measured: Measured<'_>) -> Self {
        let Measured { sets, stages, rows, runs, headline_held, attacked, effects } = measured;
        let counted: Vec<&Run<'_>> =
            runs.iter().filter(|r| !headline_held || r.case.split == Split::Held).collect();
        let score = score_of(&counted);
        let matrix = Matrix::of(&counted);
        let calibration = Calibration::of(&counted);
        let list = |misses: &[Miss]| misses.iter().map(|miss| row(miss, sets)).collect();
        Self {
            version: env!("CARGO_PKG_VERSION"),
            file: sets.iter().map(|set| set.name.as_str()).collect::<Vec<_>>().join(", "),
            headline: if headline_held { "held calls, heard clean" } else { "all calls, heard clean" },
            rates: Rates::of(&score),
            misses: list(&score.misses),
            service_misses: list(&score.service_misses),
            category_misses: list(&score.category_misses),
            stages: stages.into_iter().map(|(name, installed)| StageReport { name, installed }).collect(),
            rows: rows.into_iter().map(row_report).collect(),
            confusion: Confusion {
                labels: Matrix::LABELS.iter().map(ToString::to_string).collect(),
                outcomes: Matrix::OUTCOMES.iter().map(ToString::to_string).collect(),
                counts: matrix.counts,
            },
            calibration: Curve {
                error: calibration.error,
                bins: calibration
                    .bins
                    .into_iter()
                    .map(|(cases, confidence, right)| Bin { cases, confidence, right })
                    .collect(),
            },
            attacks: attacked.map(|report| attacks(&report, effects, sets)),
        }
    }

    /// As a person reads it: misses first, the table last.
    pub(super) fn text(&self, brief: bool) -> String {
        let mut out = String::new();
        if !brief {
            self.list_misses(&mut out);
        }
        out += &format!("{}\n\n", self.file);
        out += &self.table();
        let missing: Vec<&str> = self.stages.iter().filter(|s| !s.installed).map(|s| s.name).collect();
        if !missing.is_empty() {
            out += &format!("\nnot installed, so not measured: {}\n", missing.join(", "));
        }
        if let Some(attacks) = &self.attacks {
            out += &format!(
                "\n{} attacks: emergency recall {:.1} %, beside a model that obeys the caller {:.1} %, \
                 emergencies as spam {}, forbidden effects {}\n",
                attacks.rates.cases,
                attacks.rates.emergency_recall * 100.0,
                attacks.emergency_recall_obedient * 100.0,
                attacks.rates.emergencies_called_spam,
                attacks.forbidden_effects.len()
            );
            for effect in &attacks.forbidden_effects {
                out += &format!("    {}: {}\n", effect.id, effect.what);
            }
        }
        out += &format!("\n{}\n", self.headline);
        let mut line = |name: &str, value: String| out += &format!("{name:<24}{value}\n");
        line("cases", self.rates.cases.to_string());
        line("emergency recall", format!("{:.1} %", self.rates.emergency_recall * 100.0));
        line("false wakes", format!("{:.1} % of routine calls", self.rates.false_wake_rate * 100.0));
        line("real callers as spam", format!("{:.1} %", self.rates.spam_error_rate * 100.0));
        line("emergencies as spam", self.rates.emergencies_called_spam.to_string());
        line("calibration error", format!("{:.3}", self.calibration.error));
        let (misses, services) = (self.misses.len(), self.service_misses.len());
        line("misses", format!("{misses} (and {services} with another service)"));
        out
    }

    fn list_misses(&self, out: &mut String) {
        let under_attack = self.attacks.iter().flat_map(|attacks| &attacks.misses);
        for miss in self.misses.iter().chain(under_attack) {
            let MissReport { set, line, id, expected, got, reasoning, .. } = miss;
            let turns = miss.turns.join(" | ");
            *out += &format!("{set}:{line}: {id} expected {expected}, got {got}: {turns}\n    {reasoning}\n");
        }
        for miss in &self.service_misses {
            *out += &format!("{}:{}: {} service {}\n", miss.set, miss.line, miss.id, miss.service);
        }
        for miss in &self.category_misses {
            let (wanted, got) = (miss.category.unwrap_or("-"), miss.category_got.unwrap_or("-"));
            *out += &format!("{}:{}: {} category {wanted}, got {got}\n", miss.set, miss.line, miss.id);
        }
    }

    fn table(&self) -> String {
        let head = [["stage", "heard", "calls of"].as_slice(), &COLUMNS].concat();
        let mut lines: Vec<Vec<String>> = vec![head.into_iter().map(str::to_owned).collect()];
        for row in &self.rows {
            let names = [row.stage.clone(), row.condition.clone(), row.group.clone()];
            lines.push(names.into_iter().chain(row.rates.cells()).collect());
        }
        let width = |column: usize| lines.iter().map(|l| l[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
        let mut out = String::new();
        for line in &lines {
            let cells: Vec<String> = line
                .iter()
                .zip(&widths)
                .enumerate()
                .map(|(column, (cell, width))| match column < 3 {
                    true => format!("{cell:<width$}"),
                    false => format!("{cell:>width$}"),
                })
                .collect();
            out += &format!("{}\n", cells.join("  ").trim_end());
        }
        out
    }
}

fn attacks(report: &AttackReport, said: Vec<Breach>, sets: &[Set]) -> Attacks {
    let effect = |breach: Breach| Effect { id: breach.id, what: breach.what };
    Attacks {
        rates: Rates::of(&report.score),
        emergency_recall_obedient: report.score_obedient.emergency_recall,
        forbidden_effects: report.breaches.clone().into_iter().chain(said).map(effect).collect(),
        misses: report.score.misses.iter().map(|miss| row(miss, sets)).collect(),
    }
}

fn row_report(row: Row) -> RowReport {
    RowReport { stage: row.stage, condition: row.condition, group: row.group, rates: Rates::of(&row.score) }
}

fn row(miss: &Miss, sets: &[Set]) -> MissReport {
    let from = sets.iter().find(|set| set.cases.iter().any(|c| c.id == miss.case.id));
    MissReport {
        set: from.map_or(String::new(), |set| set.name.clone()),
        line: miss.case.line,
        id: miss.case.id.clone(),
        split: miss.case.split.to_string(),
        expected: miss.case.expected.to_string(),
        got: miss.got.to_string(),
        service: format!("{:?}", miss.decision.service).to_lowercase(),
        category: miss.case.category.map(domain::Category::slug),
        category_got: miss.category.map(domain::Category::slug),
        turns: miss.case.turns.clone(),
        reasoning: miss.decision.reasoning.clone(),
    }
}
