//! The sentence encoder: the caller's words in, an embedding and the heads' opinions out.

use std::path::Path;

use worker_kit::Brake;
use worker_wire::Head;

use crate::{
    gguf::{self, Use},
    heads::Heads,
    llama::{Context, Model, Purpose, Token, Undone},
};

/// Word pieces that are looked at: the newest of the call, with the two that the model wants around them.
const PIECES_MAX: usize = 256;

/// An encoder with its heads.
pub(crate) struct Encoder {
    context: Context,
    heads: Heads,
}

impl Encoder {
    /// Checks and loads both files. The error text is for the owner.
    pub(crate) fn load(model: &Path, heads: &Path, limit_mib: u64) -> Result<Self, String> {
        let fault = |fault: gguf::ModelFault| fault.to_string();
        let shape = gguf::check(model, Use::Encoder).map_err(fault)?;
        gguf::check_memory(model, &shape, 0, limit_mib, gguf::available_mib()).map_err(fault)?;
        let model = Model::load(model)?;
        let heads = Heads::load(heads, model.width())?;
        let tokens = model.window().clamp(16, PIECES_MAX as u32);
        let context = Context::new(&model, Purpose::Embedding { tokens })?;
        Ok(Self { context, heads })
    }

    /// For a log line.
    pub(crate) fn about(&self) -> String {
        format!("{}, {} heads", self.context.model().about(), self.heads.len())
    }

    /// The embedding of the newest words, and what each head makes of it.
    pub(crate) fn sense(
        &mut self,
        words: &str,
        threads: u32,
        brake: &Brake,
    ) -> Result<(Vec<f32>, Vec<Head>), Undone> {
        self.context.set_threads(threads);
        let tokens = newest(self.context.model().tokens(words, true));
        let embedding = self.context.embed(&tokens, brake)?;
        let heads = self.heads.apply(&embedding);
        Ok((embedding, heads))
    }
}

/// First and last token are the model's own; between them the newest stay.
fn newest(mut tokens: Vec<Token>) -> Vec<Token> {
    if tokens.len() > PIECES_MAX {
        tokens.drain(1..=tokens.len() - PIECES_MAX);
    }
    tokens
}

#[cfg(test)]
mod tests;
