//! The judge: letters from one forward pass, and after a call a card by a grammar.
//!
//! ```text
//! sequence 0   prompt + runbook ─ call so far ─ (stays; the next turn adds its words)
//! sequences 1 to 3                    └─► "Severity:"  "Service:"  "Action:"   computed side by side
//! ```
//!
//! What is computed stays until something else is asked, so a turn costs its own words only. A computation
//! that is stopped keeps what it has done.

use std::{
    path::{Path, PathBuf},
    rc::Rc,
};

use worker_kit::Brake;

use crate::{
    calibration::Calibration,
    gguf::{self, Use},
    kept::{Kept, State},
    llama::{BATCH_MAX, Batch, Context, Grammar, Model, Purpose, Sequence, Token, Undone},
    prompt::{self, CALL_CHARS_MAX, CARD, CARD_GRAMMAR, QUESTIONS},
};

/// The whole window in tokens, less if the model has less.
const WINDOW_MAX: u32 = 2048;

/// Tokens that may be written for a card.
pub(crate) const CARD_TOKENS_MAX: usize = 256;

/// Room for the questions' own tokens.
const QUESTION_TOKENS: usize = 32;

/// How far a restored state's logits may be from the fresh ones': another number of threads adds up in
/// another order.
const PROOF_TOLERANCE: f32 = 0.2;

const BASE: Sequence = 0;

/// A loaded generative model.
pub(crate) struct Judge {
    context: Context,
    shared: Rc<Model>,
    calibration: Calibration,
    kept: Kept,
    letters: [Token; 5],
    /// The tokens in sequence 0.
    held: Vec<Token>,
    about: String,
    window: usize,
}

/// A prompt that is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ready {
    pub(crate) tokens: usize,
    pub(crate) lines_cut: usize,
    pub(crate) restored: bool,
}

/// Probabilities of the letters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) answers: [Vec<f32>; 3],
    pub(crate) fresh_tokens: usize,
    pub(crate) kept_tokens: usize,
}

/// How a sequence came to hold what it should.
#[derive(Debug, Clone, Copy, Default)]
struct Settled {
    fresh: usize,
    kept: usize,
    restored: bool,
}

impl Judge {
    /// Checks and loads a model. The error text is for the owner.
    pub(crate) fn load(path: &Path, states: Option<PathBuf>, limit_mib: u64) -> Result<Self, String> {
        let fault = |fault: gguf::ModelFault| fault.to_string();
        let shape = gguf::check(path, Use::Generator).map_err(fault)?;
        let tokens = shape.window.min(u64::from(WINDOW_MAX));
        gguf::check_memory(path, &shape, tokens, limit_mib, gguf::available_mib()).map_err(fault)?;
        let calibration = Calibration::beside(path)?;
        let kept = Kept::new(path, states).map_err(|cause| format!("{}: {cause}", path.display()))?;
        let model = Model::load(path)?;
        let letters = letters(&model).ok_or_else(|| {
            format!("{} has no single token for each answer letter: take another model", path.display())
        })?;
        let window = model.window().min(WINDOW_MAX);
        let context = Context::new(&model, Purpose::Generation { tokens: window, sequences: 4 })?;
        let calibrated = if calibration.is_measured() { "calibrated" } else { "not calibrated" };
        let about = format!("{}, {calibrated}", model.about());
        let mut judge = Self {
            context,
            shared: model,
            calibration,
            kept,
            letters,
            held: Vec::new(),
            about,
            window: window as usize,
        };
        let (bare, _) = judge.prefix("");
        if bare.len() > judge.prefix_max() {
            let window = judge.window;
            return Err(format!("{}: its window of {window} tokens is too small", path.display()));
        }
        judge.held.clear();
        Ok(judge)
    }

    /// For a log line.
    pub(crate) fn about(&self) -> &str {
        &self.about
    }

    /// Threads for the next computations.
    pub(crate) fn set_threads(&mut self, threads: u32) {
        self.context.set_threads(threads);
    }

    /// Reads a runbook, so that a call costs its own words only.
    pub(crate) fn prepare(&mut self, runbook: &str, brake: &Brake) -> Result<Ready, Undone> {
        let (prefix, lines_cut) = self.prefix(runbook);
        let settled = self.settle(&prefix, &[], brake)?;
        Ok(Ready { tokens: prefix.len(), lines_cut, restored: settled.restored })
    }

    /// The letters for a call.
    pub(crate) fn judge(&mut self, runbook: &str, lines: &str, brake: &Brake) -> Result<Verdict, Undone> {
        let settled = self.read(runbook, lines, brake)?;
        let rows = self.ask(brake);
        for sequence in 1..=3 {
            self.context.forget(sequence, 0);
        }
        let (rows, asked) = rows?;
        let mut answers = [const { Vec::new() }; 3];
        for (at, row) in rows.iter().enumerate() {
            answers[at] = self.calibration.probabilities(at, row);
        }
        Ok(Verdict { answers, fresh_tokens: settled.fresh + asked, kept_tokens: settled.kept })
    }

    /// The card of a call as JSON, and its length in tokens.
    pub(crate) fn write(
        &mut self,
        runbook: &str,
        lines: &str,
        tokens_max: usize,
        brake: &Brake,
    ) -> Result<(String, usize), Undone> {
        self.read(runbook, lines, brake)?;
        self.context.copy(BASE, 1);
        let written = self.write_by_grammar(tokens_max.min(CARD_TOKENS_MAX), brake);
        self.context.forget(1, 0);
        written
    }

    /// The prompt's tokens with as much of the runbook as fits, and how many lines did not.
    fn prefix(&self, runbook: &str) -> (Vec<Token>, usize) {
        let most = self.prefix_max();
        let all = runbook.trim().lines().count();
        let mut left = Some(runbook.to_owned());
        while let Some(text) = left {
            let tokens = self.shared.tokens(&prompt::prefix(&text), true);
            if tokens.len() <= most {
                return (tokens, all - text.trim().lines().count());
            }
            left = prompt::shorter(&text, tokens.len(), most);
        }
        (self.shared.tokens(&prompt::prefix(""), true), all)
    }

    /// The call's tokens; its oldest lines go until it fits.
    fn call(&self, lines: &str) -> Vec<Token> {
        let mut chars = CALL_CHARS_MAX;
        loop {
            let tokens = self.shared.tokens(&prompt::call(lines, chars), false);
            if tokens.len() <= self.call_max() || chars <= 16 {
                return tokens.into_iter().take(self.call_max()).collect();
            }
            chars = chars * 3 / 4;
        }
    }

    fn call_max(&self) -> usize {
        (self.window / 4).min(512)
    }

    fn prefix_max(&self) -> usize {
        self.window - self.call_max() - CARD_TOKENS_MAX.min(self.window / 4) - QUESTION_TOKENS
    }

    fn read(&mut self, runbook: &str, lines: &str, brake: &Brake) -> Result<Settled, Undone> {
        let (prefix, _) = self.prefix(runbook);
        let call = self.call(lines);
        self.settle(&prefix, &call, brake)
    }

    /// Makes sequence 0 hold `prefix` and `call`, computing only what is not there.
    fn settle(&mut self, prefix: &[Token], call: &[Token], brake: &Brake) -> Result<Settled, Undone> {
        let wanted = [prefix, call].concat();
        let same = common(&self.held, &wanted);
        let mut settled = Settled::default();
        // a sequence that cannot be shortened is put back to the end of its prompt
        if same == self.held.len() || self.context.forget(BASE, same) {
            self.held.truncate(same);
        } else {
            self.clear();
        }
        if self.held.len() < prefix.len() {
            settled.restored = self.recall(prefix, brake)?;
        }
        settled.kept = self.held.len();
        settled.fresh = wanted.len() - settled.kept;
        if settled.kept < prefix.len() {
            self.extend(prefix, brake)?;
            self.keep(prefix, brake)?;
        }
        self.extend(&wanted, brake)?;
        Ok(settled)
    }

    /// Computes what sequence 0 lacks of `wanted`, which begins with what it holds.
    fn extend(&mut self, wanted: &[Token], brake: &Brake) -> Result<(), Undone> {
        while self.held.len() < wanted.len() {
            let from = self.held.len();
            let to = wanted.len().min(from + BATCH_MAX);
            let mut batch = Batch::default();
            batch.start(BASE, from);
            for token in &wanted[from..to] {
                batch.add(*token, BASE, false);
            }
            if let Err(undone) = self.context.compute(&mut batch, brake) {
                // whatever part of the batch is in memory is not counted on
                if !self.context.forget(BASE, from) {
                    self.clear();
                }
                return Err(undone);
            }
            self.held.extend_from_slice(&wanted[from..to]);
        }
        Ok(())
    }

    /// Puts the state after `prefix` back, from memory or disk.
    fn recall(&mut self, prefix: &[Token], brake: &Brake) -> Result<bool, Undone> {
        if let Some(state) = self.kept.at_hand(prefix) {
            if self.context.restore(BASE, &state.bytes) {
                self.held = prefix.to_vec();
                return Ok(true);
            }
            self.clear();
            return Ok(false);
        }
        let Some(state) = self.kept.on_disk(prefix) else { return Ok(false) };
        if self.context.restore(BASE, &state.bytes) {
            self.held = prefix.to_vec();
            let proof = self.proof(brake)?;
            if close(&proof, &state.proof) {
                self.kept.remember(prefix, state);
                return Ok(true);
            }
            eprintln!("nightdesk-llm: a kept runbook does not prove right and is read again");
        }
        self.kept.discard(prefix);
        self.clear();
        Ok(false)
    }

    fn keep(&mut self, prefix: &[Token], brake: &Brake) -> Result<(), Undone> {
        let proof = self.proof(brake)?;
        let Some(bytes) = self.context.state(BASE) else { return Ok(()) };
        if let Err(cause) = self.kept.keep(prefix, State { bytes, proof }) {
            eprintln!("nightdesk-llm: the read runbook cannot be kept on disk: {cause}");
        }
        Ok(())
    }

    /// The letters' logits after the first question, straight behind what is held.
    fn proof(&mut self, brake: &Brake) -> Result<Vec<f32>, Undone> {
        self.context.copy(BASE, 1);
        let mut batch = Batch::default();
        let at = self.add_question(&mut batch, 1, QUESTIONS[0].0);
        let computed = self.context.compute(&mut batch, brake);
        self.context.forget(1, 0);
        computed?;
        self.letter_logits(at, self.letters.len())
    }

    /// All questions side by side; their letters' logits, and the number of tokens that took.
    fn ask(&mut self, brake: &Brake) -> Result<(Vec<Vec<f32>>, usize), Undone> {
        let mut batch = Batch::default();
        let mut ends = Vec::new();
        for (sequence, (question, letters)) in (1..).zip(QUESTIONS) {
            self.context.copy(BASE, sequence);
            ends.push((self.add_question(&mut batch, sequence, question), letters));
        }
        self.context.compute(&mut batch, brake)?;
        let rows = ends.into_iter().map(|(at, letters)| self.letter_logits(at, letters));
        Ok((rows.collect::<Result<_, _>>()?, batch.len()))
    }

    /// Adds a question behind what sequence 0 holds; returns the index of its last token.
    fn add_question(&self, batch: &mut Batch, sequence: Sequence, question: &str) -> usize {
        let tokens = self.shared.tokens(question, false);
        batch.start(sequence, self.held.len());
        let mut at = 0;
        for (nth, token) in tokens.iter().enumerate() {
            at = batch.add(*token, sequence, nth + 1 == tokens.len());
        }
        at
    }

    fn letter_logits(&self, at: usize, letters: usize) -> Result<Vec<f32>, Undone> {
        let row = self.context.logits(at)?;
        let logit = |letter: &Token| usize::try_from(*letter).ok().and_then(|at| row.get(at)).copied();
        Ok(self.letters.iter().take(letters).map(|letter| logit(letter).unwrap_or(f32::MIN)).collect())
    }

    fn write_by_grammar(&mut self, tokens_max: usize, brake: &Brake) -> Result<(String, usize), Undone> {
        let mut grammar = Grammar::new(&self.shared, CARD_GRAMMAR)
            .ok_or_else(|| Undone::Broke("llama.cpp does not take the card's grammar".into()))?;
        let mut batch = Batch::default();
        let mut at = self.add_question(&mut batch, 1, CARD);
        let mut position = self.held.len() + batch.len();
        self.context.compute(&mut batch, brake)?;
        let mut bytes = Vec::new();
        for written in 1..=tokens_max {
            let Some(token) = grammar.choose(self.context.logits(at)?) else { break };
            if self.shared.is_end(token) {
                break;
            }
            bytes.extend(self.shared.piece(token));
            if let Some(card) = complete(&bytes) {
                return Ok((card, written));
            }
            let mut next = Batch::default();
            next.start(1, position);
            at = next.add(token, 1, true);
            position += 1;
            self.context.compute(&mut next, brake)?;
        }
        Err(Undone::Broke(format!("no whole card within {tokens_max} tokens")))
    }

    fn clear(&mut self) {
        self.context.forget(BASE, 0);
        self.held.clear();
    }
}

/// The tokens of " A" to " E" (or of "A" to "E" where a model puts the space elsewhere).
fn letters(model: &Model) -> Option<[Token; 5]> {
    let mut letters = [0; 5];
    for (place, letter) in letters.iter_mut().zip(["A", "B", "C", "D", "E"]) {
        let single = |text: &str| match model.tokens(text, false).as_slice() {
            [token] => Some(*token),
            _ => None,
        };
        *place = single(&format!(" {letter}")).or_else(|| single(letter))?;
    }
    Some(letters)
}

/// The text, if it is a whole JSON object.
fn complete(bytes: &[u8]) -> Option<String> {
    if bytes.last() != Some(&b'}') {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?.trim();
    serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).ok()?;
    Some(text.to_owned())
}

fn common(a: &[Token], b: &[Token]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

fn close(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= PROOF_TOLERANCE)
}

#[cfg(test)]
mod tests;
