//! llama.cpp behind a safe face: a model, and a context whose key-value memory we fill and read.
//!
//! All `unsafe` of this program is here. A [`Context`] is used by one thread; it keeps its model alive.

#![expect(unsafe_code, reason = "llama.cpp is a C library")]

use std::{
    ffi::{CStr, CString, c_char, c_void},
    path::Path,
    ptr::NonNull,
    rc::Rc,
    sync::{Mutex, Once, PoisonError},
};

use llama_cpp_sys_2 as sys;
use worker_kit::Brake;

/// A token's number in the model's vocabulary.
pub(crate) type Token = sys::llama_token;

/// A sequence of tokens in the context's memory.
pub(crate) type Sequence = sys::llama_seq_id;

/// Why llama.cpp did not do it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Undone {
    /// The brake holds.
    Stopped,
    /// It reports an error.
    Broke(String),
}

/// Hands llama.cpp's log to us; `verbose` passes it on to stderr. The last error is kept for [`Model::load`].
pub(crate) fn set_up(verbose: bool) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let user_data = if verbose { std::ptr::without_provenance_mut(1) } else { std::ptr::null_mut() };
        // SAFETY: the callback is a static function that reads its text during the call only; `user_data` is
        // never dereferenced.
        unsafe {
            sys::llama_log_set(Some(hear_log), user_data);
            sys::llama_backend_init();
        }
    });
}

static LAST_ERROR: Mutex<String> = Mutex::new(String::new());

/// SAFETY: llama.cpp passes a C string that lives during the call.
unsafe extern "C" fn hear_log(level: sys::ggml_log_level, text: *const c_char, verbose: *mut c_void) {
    if text.is_null() {
        return;
    }
    let text = unsafe { CStr::from_ptr(text) }.to_string_lossy();
    if !verbose.is_null() {
        eprint!("{text}");
    }
    if level == sys::GGML_LOG_LEVEL_ERROR {
        *LAST_ERROR.lock().unwrap_or_else(PoisonError::into_inner) = text.trim().to_owned();
    }
}

/// What llama.cpp calls before it aborts the process; set once.
static FAREWELL: Mutex<Option<fn(&str)>> = Mutex::new(None);

/// `farewell` is called with the reason when llama.cpp is about to abort; it must end the process.
pub(crate) fn before_abort(farewell: fn(&str)) {
    /// SAFETY: ggml passes a C string that lives during the call.
    unsafe extern "C" fn on_abort(message: *const c_char) {
        let message = unsafe { CStr::from_ptr(message) }.to_string_lossy();
        let farewell = *FAREWELL.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(farewell) = farewell {
            farewell(&message);
        }
    }
    *FAREWELL.lock().unwrap_or_else(PoisonError::into_inner) = Some(farewell);
    // SAFETY: a static function.
    unsafe { sys::ggml_set_abort_callback(Some(on_abort)) };
}

/// llama.cpp's own version: states of one are not read by another.
pub(crate) fn version() -> String {
    // SAFETY: a static C string.
    unsafe { CStr::from_ptr(sys::llama_version()) }.to_string_lossy().into_owned()
}

/// A loaded model.
#[derive(Debug)]
pub(crate) struct Model(NonNull<sys::llama_model>);

impl Drop for Model {
    fn drop(&mut self) {
        // SAFETY: ours, and no context is left: each holds an `Rc` of us.
        unsafe { sys::llama_model_free(self.0.as_ptr()) };
    }
}

impl Model {
    /// Loads a file that [`crate::gguf::check`] has let pass. The error text is for the owner.
    pub(crate) fn load(path: &Path) -> Result<Rc<Self>, String> {
        let c_path = CString::new(path.as_os_str().as_encoded_bytes())
            .map_err(|_| format!("{} is no file name", path.display()))?;
        // SAFETY: default parameters hold no pointers of ours; the path lives during the call.
        let raw = unsafe {
            let mut params = sys::llama_model_default_params();
            params.n_gpu_layers = 0;
            params.load_mode = sys::LLAMA_LOAD_MODE_MMAP;
            params.check_tensors = true;
            sys::llama_model_load_from_file(c_path.as_ptr(), params)
        };
        let why = || LAST_ERROR.lock().unwrap_or_else(PoisonError::into_inner).clone();
        NonNull::new(raw)
            .map(|raw| Rc::new(Self(raw)))
            .ok_or_else(|| format!("llama.cpp does not load {}: {}", path.display(), why()))
    }

    /// What llama.cpp calls it: "qwen2 0.5B Q4_0".
    pub(crate) fn about(&self) -> String {
        let mut text = [0_u8; 128];
        // SAFETY: the buffer is as long as we say; the text ends with a zero.
        unsafe { sys::llama_model_desc(self.0.as_ptr(), text.as_mut_ptr().cast(), text.len()) };
        CStr::from_bytes_until_nul(&text)
            .map_or_else(|_| String::new(), |text| text.to_string_lossy().into_owned())
    }

    /// The window it was trained for, in tokens.
    pub(crate) fn window(&self) -> u32 {
        // SAFETY: a plain read.
        u32::try_from(unsafe { sys::llama_model_n_ctx_train(self.0.as_ptr()) }).unwrap_or(0)
    }

    /// Width of an embedding.
    pub(crate) fn width(&self) -> usize {
        // SAFETY: a plain read.
        usize::try_from(unsafe { sys::llama_model_n_embd(self.0.as_ptr()) }).unwrap_or(0)
    }

    /// Number of tokens in the vocabulary.
    pub(crate) fn words(&self) -> usize {
        // SAFETY: a plain read.
        usize::try_from(unsafe { sys::llama_vocab_n_tokens(self.vocab()) }).unwrap_or(0)
    }

    /// The tokens of a text; `start`: with the tokens that the model wants around it. What looks like a
    /// control token in the text stays plain text.
    pub(crate) fn tokens(&self, text: &str, start: bool) -> Vec<Token> {
        let Ok(bytes) = i32::try_from(text.len()) else { return Vec::new() };
        // no token is shorter than a byte, and a model adds a few around the text
        let mut tokens: Vec<Token> = vec![0; text.len() + 8];
        let room = i32::try_from(tokens.len()).unwrap_or(i32::MAX);
        // SAFETY: both buffers are as long as we say.
        let count = unsafe {
            sys::llama_tokenize(
                self.vocab(),
                text.as_ptr().cast(),
                bytes,
                tokens.as_mut_ptr(),
                room,
                start,
                false,
            )
        };
        tokens.truncate(usize::try_from(count).unwrap_or(0));
        tokens
    }

    /// The bytes of a token; they may be part of a letter.
    pub(crate) fn piece(&self, token: Token) -> Vec<u8> {
        let mut piece = [0_u8; 256];
        // SAFETY: the buffer is as long as we say.
        let count = unsafe {
            sys::llama_token_to_piece(self.vocab(), token, piece.as_mut_ptr().cast(), 256, 0, false)
        };
        piece[..usize::try_from(count).unwrap_or(0).min(256)].to_vec()
    }

    /// True for tokens that end a text.
    pub(crate) fn is_end(&self, token: Token) -> bool {
        // SAFETY: a plain read; llama.cpp checks the range.
        unsafe { sys::llama_vocab_is_eog(self.vocab(), token) }
    }

    fn vocab(&self) -> *const sys::llama_vocab {
        // SAFETY: part of the model, lives as long.
        unsafe { sys::llama_model_get_vocab(self.0.as_ptr()) }
    }
}

/// What a context is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// One embedding of up to so many tokens.
    Embedding { tokens: u32 },
    /// Key-value memory for so many tokens in so many sequences.
    Generation { tokens: u32, sequences: u32 },
}

/// Tokens that one call computes at most; llama.cpp looks at the brake inside, too.
pub(crate) const BATCH_MAX: usize = 128;

/// Rows of logits that one batch may ask for.
const OUTPUTS_MAX: u32 = 8;

/// The memory for one computation at a time.
#[derive(Debug)]
pub(crate) struct Context {
    raw: NonNull<sys::llama_context>,
    /// Freed after the context.
    model: Rc<Model>,
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: ours.
        unsafe { sys::llama_free(self.raw.as_ptr()) };
    }
}

impl Context {
    /// Reserves memory. The error text is for the owner.
    pub(crate) fn new(model: &Rc<Model>, purpose: Purpose) -> Result<Self, String> {
        // SAFETY: default parameters hold no pointers of ours; the model outlives the context.
        let raw = unsafe {
            let mut params = sys::llama_context_default_params();
            params.no_perf = true;
            // more only when a core is free, see Cores
            params.n_threads = 1;
            params.n_threads_batch = 1;
            params.offload_kqv = false;
            params.op_offload = false;
            match purpose {
                Purpose::Embedding { tokens } => {
                    params.n_ctx = tokens;
                    params.n_batch = tokens;
                    params.n_ubatch = tokens;
                    params.embeddings = true;
                    params.pooling_type = sys::LLAMA_POOLING_TYPE_MEAN;
                }
                Purpose::Generation { tokens, sequences } => {
                    params.n_ctx = tokens;
                    params.n_batch = BATCH_MAX as u32;
                    params.n_ubatch = BATCH_MAX as u32;
                    params.n_seq_max = sequences;
                    params.n_outputs_max = OUTPUTS_MAX;
                    // sequences share their beginning, so a copy of one costs nothing
                    params.kv_unified = true;
                }
            }
            sys::llama_init_from_model(model.0.as_ptr(), params)
        };
        NonNull::new(raw)
            .map(|raw| Self { raw, model: Rc::clone(model) })
            .ok_or_else(|| "llama.cpp cannot reserve the memory for its computation".to_owned())
    }

    /// The model.
    pub(crate) fn model(&self) -> &Model {
        &self.model
    }

    /// Threads for the next computations.
    pub(crate) fn set_threads(&mut self, threads: u32) {
        let threads = i32::try_from(threads).unwrap_or(1);
        // SAFETY: a plain write.
        unsafe { sys::llama_set_n_threads(self.raw.as_ptr(), threads, threads) };
    }

    /// The embedding of a text, of length 1.
    pub(crate) fn embed(&mut self, tokens: &[Token], brake: &Brake) -> Result<Vec<f32>, Undone> {
        let mut batch = Batch::default();
        for token in tokens {
            batch.add(*token, 0, true);
        }
        self.with_brake(brake, |raw| {
            // SAFETY: the batch's arrays are of equal length and live during the call.
            unsafe { sys::llama_encode(raw, batch.view()) }
        })?;
        // SAFETY: for a pooled context this is the sequence's embedding, as wide as the model says.
        let pooled = unsafe {
            let row = sys::llama_get_embeddings_seq(self.raw.as_ptr(), 0);
            if row.is_null() {
                return Err(Undone::Broke("llama.cpp gives no embedding".into()));
            }
            std::slice::from_raw_parts(row, self.model.width())
        };
        let length = pooled.iter().map(|part| part * part).sum::<f32>().sqrt();
        if !length.is_finite() || length == 0.0 {
            return Err(Undone::Broke("the embedding is no vector".into()));
        }
        Ok(pooled.iter().map(|part| part / length).collect())
    }

    /// Computes a batch of at most [`BATCH_MAX`] tokens. After [`Undone::Stopped`] none of it is in memory.
    pub(crate) fn compute(&mut self, batch: &mut Batch, brake: &Brake) -> Result<(), Undone> {
        self.with_brake(brake, |raw| {
            // SAFETY: the batch's arrays are of equal length and live during the call.
            unsafe { sys::llama_decode(raw, batch.view()) }
        })
    }

    /// Logits over the whole vocabulary after the batch's `index`-th token, which had asked for them.
    pub(crate) fn logits(&self, index: usize) -> Result<&[f32], Undone> {
        let index = i32::try_from(index).unwrap_or(-1);
        // SAFETY: null if the index did not ask for logits, else as many numbers as the vocabulary has words;
        // valid until the next computation, which needs `&mut self`.
        unsafe {
            let row = sys::llama_get_logits_ith(self.raw.as_ptr(), index);
            if row.is_null() {
                return Err(Undone::Broke("llama.cpp gives no logits".into()));
            }
            Ok(std::slice::from_raw_parts(row, self.model.words()))
        }
    }

    /// Forgets a sequence from position `from` on; false if it cannot be forgotten in part.
    pub(crate) fn forget(&mut self, sequence: Sequence, from: usize) -> bool {
        let from = i32::try_from(from).unwrap_or(i32::MAX);
        // SAFETY: llama.cpp checks the ranges.
        unsafe { sys::llama_memory_seq_rm(self.memory(), sequence, from, -1) }
    }

    /// Makes `to` a copy of `from`.
    pub(crate) fn copy(&mut self, from: Sequence, to: Sequence) {
        // SAFETY: llama.cpp checks the ranges.
        unsafe { sys::llama_memory_seq_cp(self.memory(), from, to, -1, -1) };
    }

    /// What the memory holds of a sequence, as bytes.
    pub(crate) fn state(&mut self, sequence: Sequence) -> Option<Vec<u8>> {
        // SAFETY: the buffer is as long as llama.cpp asked for.
        unsafe {
            let size = sys::llama_state_seq_get_size(self.raw.as_ptr(), sequence);
            let mut bytes = vec![0_u8; size];
            let got = sys::llama_state_seq_get_data(self.raw.as_ptr(), bytes.as_mut_ptr(), size, sequence);
            (got == size && size > 0).then_some(bytes)
        }
    }

    /// Puts back what [`Context::state`] gave; false if llama.cpp does not take it.
    pub(crate) fn restore(&mut self, sequence: Sequence, state: &[u8]) -> bool {
        // SAFETY: the buffer is as long as we say; llama.cpp reads no further and says zero on a fault.
        unsafe { sys::llama_state_seq_set_data(self.raw.as_ptr(), state.as_ptr(), state.len(), sequence) > 0 }
    }

    fn memory(&self) -> sys::llama_memory_t {
        // SAFETY: part of the context.
        unsafe { sys::llama_get_memory(self.raw.as_ptr()) }
    }

    fn with_brake(
        &mut self,
        brake: &Brake,
        compute: impl FnOnce(*mut sys::llama_context) -> i32,
    ) -> Result<(), Undone> {
        /// SAFETY: called only during `compute`, while the brake is borrowed; it is only read.
        unsafe extern "C" fn holds(brake: *mut c_void) -> bool {
            unsafe { &*brake.cast::<Brake>() }.holds()
        }
        if brake.holds() {
            return Err(Undone::Stopped);
        }
        let raw = self.raw.as_ptr();
        let data = std::ptr::from_ref(brake).cast_mut().cast();
        // SAFETY: the callback and its data are taken away again before the brake's borrow ends.
        let code = unsafe {
            sys::llama_set_abort_callback(raw, Some(holds), data);
            let code = compute(raw);
            sys::llama_set_abort_callback(raw, None, std::ptr::null_mut());
            code
        };
        match code {
            0 => Ok(()),
            _ if brake.holds() => Err(Undone::Stopped),
            1 => Err(Undone::Broke("the text does not fit into the model's memory".into())),
            code => Err(Undone::Broke(format!("llama.cpp reports error {code}"))),
        }
    }
}

/// Tokens to compute. Positions follow on from what a sequence has.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    tokens: Vec<Token>,
    positions: Vec<sys::llama_pos>,
    counts: Vec<i32>,
    sequences: Vec<Sequence>,
    pointers: Vec<*mut Sequence>,
    outputs: Vec<i8>,
    next: Vec<(Sequence, sys::llama_pos)>,
}

impl Batch {
    /// The next token of sequence `sequence` stands at `position`; before this the sequence starts at 0.
    pub(crate) fn start(&mut self, sequence: Sequence, position: usize) {
        self.next.retain(|(other, _)| *other != sequence);
        self.next.push((sequence, i32::try_from(position).unwrap_or(i32::MAX)));
    }

    /// Adds a token at the end of a sequence; `output`: its logits (or embedding) are wanted. Returns its index.
    pub(crate) fn add(&mut self, token: Token, sequence: Sequence, output: bool) -> usize {
        if !self.next.iter().any(|(other, _)| *other == sequence) {
            self.next.push((sequence, 0));
        }
        let next = self.next.iter_mut().find(|(other, _)| *other == sequence);
        let position = next.map_or(0, |(_, next)| {
            *next += 1;
            *next - 1
        });
        self.tokens.push(token);
        self.positions.push(position);
        self.counts.push(1);
        self.sequences.push(sequence);
        self.outputs.push(i8::from(output));
        self.tokens.len() - 1
    }

    /// Number of tokens.
    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    fn view(&mut self) -> sys::llama_batch {
        self.pointers = self.sequences.iter_mut().map(std::ptr::from_mut).collect();
        sys::llama_batch {
            n_tokens: i32::try_from(self.tokens.len()).unwrap_or(0),
            token: self.tokens.as_mut_ptr(),
            embd: std::ptr::null_mut(),
            pos: self.positions.as_mut_ptr(),
            n_seq_id: self.counts.as_mut_ptr(),
            seq_id: self.pointers.as_mut_ptr(),
            logits: self.outputs.as_mut_ptr(),
        }
    }
}

/// Allows only what a grammar in GBNF allows.
#[derive(Debug)]
pub(crate) struct Grammar {
    raw: NonNull<sys::llama_sampler>,
    /// The sampler reads its vocabulary.
    _model: Rc<Model>,
}

impl Drop for Grammar {
    fn drop(&mut self) {
        // SAFETY: ours.
        unsafe { sys::llama_sampler_free(self.raw.as_ptr()) };
    }
}

impl Grammar {
    /// Reads a grammar whose first rule is `root`; `None` if it is none.
    pub(crate) fn new(model: &Rc<Model>, grammar: &str) -> Option<Self> {
        let grammar = CString::new(grammar).ok()?;
        // SAFETY: both strings live during the call; the vocabulary lives as long as the model.
        let raw =
            unsafe { sys::llama_sampler_init_grammar(model.vocab(), grammar.as_ptr(), c"root".as_ptr()) };
        NonNull::new(raw).map(|raw| Self { raw, _model: Rc::clone(model) })
    }

    /// The most likely token that the grammar allows next; `None` when there is none. The grammar moves on.
    pub(crate) fn choose(&mut self, logits: &[f32]) -> Option<Token> {
        let all = || {
            let numbered = logits.iter().enumerate().filter(|(_, logit)| logit.is_finite());
            numbered.map(|(id, logit)| sys::llama_token_data { id: id as Token, logit: *logit, p: 0.0 })
        };
        let best = |candidates: Vec<sys::llama_token_data>| {
            let allowed = candidates.into_iter().filter(|candidate| candidate.logit.is_finite());
            allowed.max_by(|a, b| a.logit.total_cmp(&b.logit)).map(|candidate| candidate.id)
        };
        // asking for the whole vocabulary is slow, and the favourite is mostly right
        let favourite = all().max_by(|a, b| a.logit.total_cmp(&b.logit))?;
        let token = best(self.filter(vec![favourite])).or_else(|| best(self.filter(all().collect())))?;
        // SAFETY: the grammar has just allowed this token.
        unsafe { sys::llama_sampler_accept(self.raw.as_ptr(), token) };
        Some(token)
    }

    /// Sets the logits of what is not allowed to minus infinity.
    fn filter(&mut self, mut candidates: Vec<sys::llama_token_data>) -> Vec<sys::llama_token_data> {
        let mut view = sys::llama_token_data_array {
            data: candidates.as_mut_ptr(),
            size: candidates.len(),
            selected: -1,
            sorted: false,
        };
        // SAFETY: the array is ours and as long as we say; a grammar only writes logits.
        unsafe { sys::llama_sampler_apply(self.raw.as_ptr(), &raw mut view) };
        candidates
    }
}
