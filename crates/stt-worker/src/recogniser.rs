//! whisper.cpp, set up for short telephone turns.
//!
//! The settings follow performance.md 1.2 and models/README.md; each one that looks odd has its reason
//! beside it.

use std::{
    ffi::{c_int, c_void},
    path::Path,
};

use whisper_rs::{
    FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperState, WhisperSysContext,
    WhisperSysState, WhisperTokenData,
};
use worker_kit::Brake;
use worker_wire::SpokenLanguage;

use crate::model_file::{self, ModelShape};

/// Samples per second of everything that comes in.
pub(crate) const SAMPLE_RATE: usize = 16_000;

/// A loaded model with the memory for one transcription at a time.
pub(crate) struct Recogniser {
    context: WhisperContext,
    state: WhisperState,
    shape: ModelShape,
}

/// What to write down, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Task<'a> {
    /// 16 kHz mono.
    pub(crate) samples: &'a [i16],
    /// Expected language; without effect on English-only models.
    pub(crate) language: SpokenLanguage,
    /// Encoder window; `None` = by model and length.
    pub(crate) audio_ctx: Option<u32>,
    /// Bench only: exactly so many tokens.
    pub(crate) forced_tokens: Option<u32>,
    /// Threads to use.
    pub(crate) threads: u32,
}

/// What the model wrote.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Written {
    pub(crate) text: String,
    pub(crate) language: String,
    pub(crate) tokens: u32,
    /// Mean probability of the text tokens.
    pub(crate) probability: f32,
}

/// Why nothing was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotWritten {
    /// The brake was pulled or the deadline passed.
    Stopped,
    /// whisper.cpp reports an error.
    Broke(String),
}

impl Recogniser {
    /// Checks and loads a model file. The error text is for the owner.
    pub(crate) fn load(path: &Path) -> Result<Self, String> {
        let shape = model_file::check(path).map_err(|fault| fault.to_string())?;
        let mut params = WhisperContextParameters::default();
        // On CPU flash attention is slower and attends over unmasked padding unless audio_ctx is a multiple of 256.
        params.flash_attn(false);
        params.use_gpu(false);
        let refused = |fault| format!("whisper.cpp does not load {}: {fault}", path.display());
        let context = WhisperContext::new_with_params(path, params).map_err(refused)?;
        let state = context.create_state().map_err(refused)?;
        Ok(Self { context, state, shape })
    }

    /// The sizes of the loaded model.
    pub(crate) fn shape(&self) -> &ModelShape {
        &self.shape
    }

    /// Writes down what is said, or stops when the brake holds.
    pub(crate) fn write(&mut self, task: Task<'_>, brake: &Brake) -> Result<Written, NotWritten> {
        if brake.holds() {
            return Err(NotWritten::Stopped);
        }
        let samples: Vec<f32> = task.samples.iter().map(|sample| f32::from(*sample) / 32768.0).collect();
        let mut params = self.params(&task);
        let eot = self.context.token_eot();
        hook_brake(&mut params, brake);
        if task.forced_tokens.is_some() {
            hook_no_end(&mut params, &eot);
        }
        match self.state.full(params, &samples) {
            Ok(()) => Ok(self.written()),
            Err(_) if brake.holds() => Err(NotWritten::Stopped),
            Err(fault) => Err(NotWritten::Broke(fault.to_string())),
        }
    }

    fn params<'a>(&self, task: &Task<'_>) -> FullParams<'a, 'a> {
        let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        params.set_n_threads(task.threads as c_int);
        params.set_audio_ctx(audio_ctx(&self.shape, task) as c_int);
        params.set_max_tokens(tokens_max(task) as c_int);
        params.set_no_timestamps(true);
        params.set_single_segment(true);
        params.set_no_context(true);
        params.set_temperature(0.0);
        // One attempt: the default tries up to six temperatures when it is not content.
        params.set_temperature_inc(0.0);
        // With the default an empty transcript is forbidden and silence is written as "[BLANK_AUDIO]".
        params.set_suppress_blank(false);
        params.set_print_progress(false);
        params.set_print_realtime(false);
        params.set_print_special(false);
        params.set_print_timestamps(false);
        // English is the default; each other setting leaks its few bytes inside whisper-rs.
        match task.language {
            SpokenLanguage::Spanish if !self.shape.english_only() => params.set_language(Some("es")),
            SpokenLanguage::Auto if !self.shape.english_only() => params.set_language(None),
            SpokenLanguage::English | SpokenLanguage::Spanish | SpokenLanguage::Auto => {}
        }
        params
    }

    fn written(&self) -> Written {
        let eot = self.context.token_eot();
        let mut written = Written { text: String::new(), language: "en".into(), tokens: 0, probability: 0.0 };
        for segment in self.state.as_iter() {
            if let Ok(text) = segment.to_str_lossy() {
                written.text.push_str(&text);
            }
            let tokens = (0..segment.n_tokens()).filter_map(|at| segment.get_token(at));
            for token in tokens.filter(|token| token.token_id() < eot) {
                written.tokens += 1;
                written.probability += token.token_probability();
            }
        }
        written.text = written.text.trim().to_owned();
        written.probability = finite(written.probability / written.tokens.max(1) as f32);
        if !self.shape.english_only()
            && let Some(code) = whisper_rs::get_lang_str(self.state.full_lang_id_from_state())
        {
            written.language = code.to_owned();
        }
        written
    }
}

fn finite(probability: f32) -> f32 {
    if probability.is_finite() { probability.clamp(0.0, 1.0) } else { 0.0 }
}

/// Encoder positions for a task, 20 ms each. Audio beyond them is not heard.
fn audio_ctx(shape: &ModelShape, task: &Task<'_>) -> u32 {
    let most = shape.n_audio_ctx as u32;
    let wanted = task.audio_ctx.unwrap_or_else(|| {
        let needed = task.samples.len().div_ceil(SAMPLE_RATE / 50) as u32;
        if shape.needs_ten_seconds() {
            // ten seconds and two of margin: below that stock weights repeat themselves
            (needed + 100).max(600)
        } else if needed <= 400 {
            400
        } else {
            (needed + 20).max(500)
        }
    });
    wanted.clamp(50, most)
}

/// Nobody says more than eight tokens per second; what goes on longer is a loop.
fn tokens_max(task: &Task<'_>) -> usize {
    match task.forced_tokens {
        // whisper.cpp counts from zero and compares before it stops
        Some(forced) => (forced as usize).saturating_sub(1).clamp(1, 200),
        None => task.samples.len() * 8 / SAMPLE_RATE + 16,
    }
}

// whisper-rs 0.16 has a safe way to set the abort callback, but its trampoline reads the wrong type from
// the pointer (it stores a boxed trait object and reads the closure), so the raw way is the sound one.
#[expect(unsafe_code, reason = "whisper.cpp calls back through C function pointers")]
fn hook_brake(params: &mut FullParams<'_, '_>, brake: &Brake) {
    // SAFETY: called by whisper.cpp only during `full`, while `brake` is borrowed by `write`; it is only read.
    unsafe extern "C" fn holds(brake: *mut c_void) -> bool {
        unsafe { &*brake.cast::<Brake>() }.holds()
    }
    // SAFETY: the callback touches nothing of whisper's; the pointer outlives the call to `full` in `write`.
    unsafe {
        params.set_abort_callback(Some(holds));
        params.set_abort_callback_user_data(std::ptr::from_ref(brake).cast_mut().cast());
    }
}

#[expect(unsafe_code, reason = "whisper.cpp calls back through C function pointers")]
fn hook_no_end(params: &mut FullParams<'_, '_>, end_token: &c_int) {
    // SAFETY: whisper.cpp passes an array of one logit per word; the end token is one of the words.
    unsafe extern "C" fn forbid(
        _: *mut WhisperSysContext,
        _: *mut WhisperSysState,
        _: *const WhisperTokenData,
        _: c_int,
        logits: *mut f32,
        end_token: *mut c_void,
    ) {
        unsafe { *logits.offset(*end_token.cast::<c_int>() as isize) = f32::NEG_INFINITY };
    }
    // SAFETY: as above; `end_token` lives in `write` until `full` has returned.
    unsafe {
        params.set_filter_logits_callback(Some(forbid));
        params.set_filter_logits_callback_user_data(std::ptr::from_ref(end_token).cast_mut().cast());
    }
}

#[cfg(test)]
mod tests;
