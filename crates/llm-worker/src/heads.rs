//! The linear heads: from an embedding to probabilities.

use std::path::Path;

use serde::Deserialize;
use worker_wire::Head;

/// Larger files are no heads of ours.
const BYTES_MAX: u64 = 8 * 1024 * 1024;

/// All heads of one encoder.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Heads {
    heads: Vec<(String, Linear)>,
}

/// `softmax((weights · embedding + bias) / temperature)`
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Linear {
    labels: Vec<String>,
    weights: Vec<Vec<f32>>,
    bias: Vec<f32>,
    temperature: f32,
}

#[derive(Deserialize)]
struct File {
    dim: usize,
    heads: std::collections::BTreeMap<String, Linear>,
}

impl Heads {
    /// Reads a heads file for an encoder of this width. The error text is for the owner.
    pub(crate) fn load(path: &Path, width: usize) -> Result<Self, String> {
        let fault = |what: String| format!("heads file {}: {what}", path.display());
        let about = std::fs::metadata(path).map_err(|cause| fault(cause.to_string()))?;
        if about.len() > BYTES_MAX {
            return Err(fault(format!("larger than {BYTES_MAX} bytes, it cannot be one")));
        }
        let text = std::fs::read(path).map_err(|cause| fault(cause.to_string()))?;
        Self::read(&text, width).map_err(fault)
    }

    fn read(text: &[u8], width: usize) -> Result<Self, String> {
        let file: File = serde_json::from_slice(text).map_err(|cause| cause.to_string())?;
        if file.dim != width {
            return Err(format!("made for an encoder of width {}, the model has {width}", file.dim));
        }
        for (name, head) in &file.heads {
            head.check(width).map_err(|what| format!("head {name:?} {what}"))?;
        }
        if !file.heads.contains_key("severity") {
            return Err("it has no head \"severity\"".into());
        }
        Ok(Self { heads: file.heads.into_iter().collect() })
    }

    /// Number of heads.
    pub(crate) fn len(&self) -> usize {
        self.heads.len()
    }

    /// What each head makes of an embedding, most likely answer first.
    pub(crate) fn apply(&self, embedding: &[f32]) -> Vec<Head> {
        let answer = |(name, head): &(String, Linear)| {
            let odds = head.weights.iter().zip(&head.bias).map(|(row, bias)| {
                row.iter().zip(embedding).map(|(weight, part)| weight * part).sum::<f32>() + bias
            });
            let odds: Vec<f32> = odds.collect();
            let labels = head.labels.iter().cloned();
            let mut answers: Vec<(String, f32)> = labels.zip(softmax(&odds, head.temperature)).collect();
            answers.sort_by(|a, b| b.1.total_cmp(&a.1));
            Head { name: name.clone(), answers }
        };
        self.heads.iter().map(answer).collect()
    }
}

impl Linear {
    fn check(&self, width: usize) -> Result<(), String> {
        let count = self.labels.len();
        if count < 2 || self.weights.len() != count || self.bias.len() != count {
            return Err("needs two labels at least, and a row of weights and a bias for each".into());
        }
        if self.weights.iter().any(|row| row.len() != width) {
            return Err(format!("has a row that is not {width} weights long"));
        }
        let all = self.weights.iter().flatten().chain(&self.bias);
        if !all.copied().all(f32::is_finite) || !(0.01..=100.0).contains(&self.temperature) {
            return Err("has a weight or a temperature that is no sensible number".into());
        }
        Ok(())
    }
}

/// Probabilities from log-odds; a greater temperature makes them more equal.
pub(crate) fn softmax(odds: &[f32], temperature: f32) -> Vec<f32> {
    let most = odds.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f32> = odds.iter().map(|odd| ((odd - most) / temperature).exp()).collect();
    let sum: f32 = weights.iter().sum();
    if !sum.is_finite() || sum <= 0.0 {
        // no sensible odds: nothing is more likely than anything else
        return vec![1.0 / odds.len().max(1) as f32; odds.len()];
    }
    weights.into_iter().map(|weight| weight / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(weights: &str, temperature: &str) -> String {
        format!(
            r#"{{"encoder":"x","dim":2,"heads":{{"severity":{{"labels":["routine","emergency"],
               "weights":{weights},"bias":[0.0,0.0],"temperature":{temperature}}}}}}}"#
        )
    }

    #[test]
    fn probabilities_sum_to_one_and_the_likeliest_comes_first() {
        let heads = Heads::read(file("[[1,0],[0,3]]", "1.0").as_bytes(), 2).unwrap();
        let head = &heads.apply(&[0.0, 1.0])[0];
        assert_eq!((head.name.as_str(), head.answers[0].0.as_str()), ("severity", "emergency"));
        let sum: f32 = head.answers.iter().map(|answer| answer.1).sum();
        assert!((sum - 1.0).abs() < 1e-6 && head.answers[0].1 > 0.9);
    }

    #[test]
    fn temperature_makes_the_head_less_sure() {
        let sure = softmax(&[3.0, 0.0], 1.0)[0];
        let unsure = softmax(&[3.0, 0.0], 3.0)[0];
        assert!(sure > unsure && unsure > 0.5, "{sure} {unsure}");
    }

    #[test]
    fn odds_that_are_no_numbers_favour_nothing() {
        assert_eq!(softmax(&[f32::NAN, f32::NAN], 1.0), [0.5, 0.5]);
        assert_eq!(softmax(&[f32::NEG_INFINITY, f32::NEG_INFINITY], 1.0), [0.5, 0.5]);
    }

    #[test]
    fn file_that_does_not_fit_the_encoder_is_refused_with_a_reason() {
        let refusal = |text: String, width| Heads::read(text.as_bytes(), width).unwrap_err();
        assert_eq!(
            refusal(file("[[1,0],[0,1]]", "1.0"), 384),
            "made for an encoder of width 2, the model has 384"
        );
        assert!(refusal(file("[[1],[0,1]]", "1.0"), 2).contains("not 2 weights long"));
        assert!(refusal(file("[[1,0]]", "1.0"), 2).contains("needs two labels"));
        assert!(refusal(file("[[1,0],[0,1]]", "0.0"), 2).contains("no sensible number"));
        assert!(refusal("{}".into(), 2).contains("missing field"));
    }
}
