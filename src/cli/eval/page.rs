//! The figures as one page that needs nothing else: no script, no font, no picture from elsewhere.

use super::report::{COLUMNS, Confusion, Curve, Report, RowReport};

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;color:#1c2733;background:#fff;max-width:1080px;\
margin:2rem auto;padding:0 1rem}h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2.2rem 0 .6rem}\
p{margin:.3rem 0;color:#4a5866}table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:14px}\
th,td{padding:.28rem .6rem;text-align:right;border-bottom:1px solid #dde3e9;white-space:nowrap}\
th{font-weight:600;color:#4a5866;vertical-align:bottom}td.l,th.l{text-align:left}tr.head td{background:#f3f6f8;\
font-weight:600;text-align:left}.big{display:flex;flex-wrap:wrap;gap:1rem;margin:1.2rem 0}.big div{border:1px solid #dde3e9;\
border-radius:6px;padding:.6rem 1rem;min-width:8.5rem}.big b{display:block;font-size:1.5rem}.big span{color:#4a5866;font-size:13px}\
.bad{color:#b3261e}.ok{color:#1b6e3c}.pair{display:flex;flex-wrap:wrap;gap:3rem}ul{padding-left:1.2rem;font-size:14px}\
.scroll{overflow-x:auto}small{color:#4a5866}";

/// Rates that the issue asks of held calls: recall, false wakes, real callers as spam.
const GOALS: [(&str, f64, bool); 3] =
    [("emergency recall", 0.99, true), ("false wakes", 0.08, false), ("real callers as spam", 0.02, false)];

/// The page.
pub(super) fn render(report: &Report) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>NightDesk triage, measured</title><style>{STYLE}</style></head><body>\n\
         <h1>NightDesk triage, measured</h1>\n<p>Version {}. Sets: {}. The figures below are of {}.</p>\n{}{}{}\
         <div class=\"pair\"><section>{}</section><section>{}</section></div>\n{}</body></html>\n",
        escape(report.version),
        escape(&report.file),
        escape(report.headline),
        headline(report),
        table(report),
        attacks(report),
        matrix(&report.confusion),
        curve(&report.calibration),
        misses(report),
    )
}

fn headline(report: &Report) -> String {
    let rates = &report.rates;
    let found = [rates.emergency_recall, rates.false_wake_rate, rates.spam_error_rate];
    let mut out = String::from("<div class=\"big\">");
    for ((name, goal, more_is_better), value) in GOALS.into_iter().zip(found) {
        let met = if more_is_better { value >= goal } else { value <= goal };
        let (class, sign) = (if met { "ok" } else { "bad" }, if more_is_better { "≥" } else { "≤" });
        out += &format!(
            "<div><b class=\"{class}\">{:.1} %</b><span>{name}<br>goal {sign} {:.0} %</span></div>",
            value * 100.0,
            goal * 100.0
        );
    }
    let class = if rates.emergencies_called_spam == 0 { "ok" } else { "bad" };
    out += &format!(
        "<div><b class=\"{class}\">{}</b><span>emergencies as spam<br>goal 0</span></div>",
        rates.emergencies_called_spam
    );
    let category = rates.category_top1.map_or("–".to_owned(), |share| format!("{:.1} %", share * 100.0));
    out += &format!("<div><b>{category}</b><span>category right first<br>goal ≥ 90 %</span></div>");
    out + "</div>\n"
}

fn table(report: &Report) -> String {
    let mut out = String::from("<h2>With and without each stage, by how the calls were heard</h2>\n");
    let missing: Vec<&str> = report.stages.iter().filter(|s| !s.installed).map(|s| s.name).collect();
    if !missing.is_empty() {
        out += &format!("<p>Not installed, so not measured: {}.</p>\n", escape(&missing.join(", ")));
    }
    out += "<div class=\"scroll\"><table><tr><th class=\"l\">calls of</th>";
    out += &COLUMNS.map(|name| format!("<th>{name}</th>")).concat();
    out += "</tr>\n";
    let mut before = (String::new(), String::new());
    for row in &report.rows {
        let now = (row.stage.clone(), row.condition.clone());
        if now != before {
            let title = format!("{}, {}", row.stage, row.condition);
            out += &format!("<tr class=\"head\"><td colspan=\"9\">{}</td></tr>\n", escape(&title));
            before = now;
        }
        out += &table_row(row);
    }
    out + "</table></div>\n<p><small>em. = emergencies; asked = no wake yet, but the clarifying question; false wakes are of \
           routine calls, real as spam of all calls that are not spam.</small></p>\n"
}

fn table_row(row: &RowReport) -> String {
    let cells = row.rates.cells().map(|cell| format!("<td>{cell}</td>")).concat();
    format!("<tr><td class=\"l\">{}</td>{cells}</tr>\n", escape(&row.group))
}

fn attacks(report: &Report) -> String {
    let Some(attacks) = &report.attacks else { return String::new() };
    let mut out = format!(
        "<h2>Under attack</h2>\n<p>{} attacks. Emergency recall {:.1} %; beside a model that obeys the caller {:.1} %. \
         Emergencies called spam: {}. Forbidden effects: <b class=\"{}\">{}</b>.</p>\n",
        attacks.rates.cases,
        attacks.rates.emergency_recall * 100.0,
        attacks.emergency_recall_obedient * 100.0,
        attacks.rates.emergencies_called_spam,
        if attacks.forbidden_effects.is_empty() { "ok" } else { "bad" },
        attacks.forbidden_effects.len(),
    );
    for effect in &attacks.forbidden_effects {
        out += &format!("<p>{}: {}</p>\n", escape(&effect.id), escape(&effect.what));
    }
    out
}

/// Label by outcome; the darker, the larger the share of its row.
fn matrix(confusion: &Confusion) -> String {
    let mut out = String::from(
        "<h2>Confusion matrix</h2>\n<p>Rows: what is right. Columns: what came out.</p>\n<table><tr><th></th>",
    );
    out += &confusion.outcomes.iter().map(|name| format!("<th>{}</th>", escape(name))).collect::<String>();
    out += "</tr>\n";
    for (label, counts) in confusion.labels.iter().zip(&confusion.counts) {
        let all = counts.iter().sum::<usize>().max(1) as f64;
        out += &format!("<tr><td class=\"l\">{}</td>", escape(label));
        for (outcome, count) in confusion.outcomes.iter().zip(counts) {
            let good = label == outcome || (label == "any-not-spam" && outcome != "spam");
            let (hue, share) = (if good { "27,110,60" } else { "179,38,30" }, *count as f64 / all);
            out += &format!("<td style=\"background:rgba({hue},{:.2})\">{count}</td>", share * 0.6);
        }
        out += "</tr>\n";
    }
    out + "</table>\n"
}

/// Confidence against how often it was right; on the diagonal it can be believed.
fn curve(curve: &Curve) -> String {
    const SIDE: f64 = 300.0;
    const LEFT: f64 = 44.0;
    const TOP: f64 = 10.0;
    let x = |share: f64| LEFT + share * SIDE;
    let y = |share: f64| TOP + (1.0 - share) * SIDE;
    let mut svg = format!(
        "<svg width=\"370\" height=\"360\" viewBox=\"0 0 370 360\" role=\"img\" aria-label=\"calibration curve\" \
         font-family=\"system-ui,sans-serif\" font-size=\"11\" fill=\"#4a5866\">\
         <rect x=\"{LEFT}\" y=\"{TOP}\" width=\"{SIDE}\" height=\"{SIDE}\" fill=\"none\" stroke=\"#c4ced8\"/>\
         <line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"#c4ced8\" stroke-dasharray=\"4 4\"/>",
        x(0.0),
        y(0.0),
        x(1.0),
        y(1.0)
    );
    for tick in [0.0, 0.25, 0.5, 0.75, 1.0] {
        svg += &format!(
            "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{tick}</text>\
             <text x=\"{}\" y=\"{}\" text-anchor=\"end\">{tick}</text>",
            x(tick),
            TOP + SIDE + 15.0,
            LEFT - 6.0,
            y(tick) + 4.0
        );
    }
    svg += &format!(
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">confidence</text>\
         <text transform=\"translate(12 {}) rotate(-90)\" text-anchor=\"middle\">share that was right</text>",
        x(0.5),
        TOP + SIDE + 32.0,
        y(0.5)
    );
    let points: Vec<String> =
        curve.bins.iter().map(|bin| format!("{:.1},{:.1}", x(bin.confidence), y(bin.right))).collect();
    svg += &format!(
        "<polyline points=\"{}\" fill=\"none\" stroke=\"#1f5f99\" stroke-width=\"2\"/>",
        points.join(" ")
    );
    let most = curve.bins.iter().map(|bin| bin.cases).max().unwrap_or(1) as f64;
    for bin in &curve.bins {
        svg += &format!(
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{:.1}\" fill=\"#1f5f99\"><title>{} calls</title></circle>",
            x(bin.confidence),
            y(bin.right),
            3.0 + 6.0 * (bin.cases as f64 / most).sqrt(),
            bin.cases
        );
    }
    svg += "</svg>";
    format!(
        "<h2>Calibration</h2>\n<p>Mean distance from the diagonal {:.3}; larger points are more calls.</p>\n{svg}\n",
        curve.error
    )
}

fn misses(report: &Report) -> String {
    let under_attack = report.attacks.iter().flat_map(|attacks| &attacks.misses);
    let mut out = String::from("<h2>Every miss</h2>\n<ul>");
    for miss in report.misses.iter().chain(under_attack) {
        out += &format!(
            "<li><b>{}</b> ({}) expected {}, got {}: {}<br><small>{}</small></li>\n",
            escape(&miss.id),
            escape(&miss.split),
            escape(&miss.expected),
            escape(&miss.got),
            escape(&miss.turns.join(" | ")),
            escape(&miss.reasoning)
        );
    }
    out + "</ul>\n"
}

/// Text that a page shows as it is.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
