//! One voice for each language of the conversation.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use domain::Language;

use super::tts::{Voice, VoiceConfig, VoiceError, VoiceState};

/// The voices of the box. Clones share them.
#[derive(Debug, Clone)]
pub struct Voices {
    english: Voice,
    spanish: Option<Voice>,
    /// Every fixed Spanish sentence is there, rendered or recorded: they can be said without the engine.
    spanish_prepared: Arc<AtomicBool>,
}

impl Voices {
    /// Starts the workers and returns at once. `spanish` is `None` where nothing can say Spanish. Must be called
    /// inside a tokio runtime.
    pub fn start(english: VoiceConfig, spanish: Option<VoiceConfig>) -> Self {
        Self {
            english: Voice::start(english),
            spanish: spanish.map(|spanish| Voice::start(VoiceConfig { list: "sentences-es.tsv", ..spanish })),
            spanish_prepared: Arc::default(),
        }
    }

    /// The voice that the box cannot do without.
    pub fn english(&self) -> &Voice {
        &self.english
    }

    /// Whether a call can be held in this language now. English always counts as possible.
    pub fn can_say(&self, language: Language) -> bool {
        match (language, &self.spanish) {
            (Language::English, _) => true,
            (Language::Spanish, None) => false,
            (Language::Spanish, Some(voice)) => match voice.state() {
                VoiceState::Ready | VoiceState::Restarting => true,
                VoiceState::Starting | VoiceState::Dead(_) => self.spanish_prepared.load(Ordering::Relaxed),
            },
        }
    }

    /// The sound of a sentence that was recorded or rendered before: 16 kHz mono.
    pub fn cached(&self, language: Language, text: &str) -> Option<Arc<[i16]>> {
        self.voice(language)?.cached(text)
    }

    /// The sound of a sentence, 16 kHz mono, at the latest after `deadline`. See [`Voice::say`].
    pub async fn say(
        &self,
        language: Language,
        text: &str,
        live: bool,
        deadline: Duration,
    ) -> Result<Arc<[i16]>, VoiceError> {
        match self.voice(language) {
            Some(voice) => voice.say(text, live, deadline).await,
            None => Err(VoiceError::Dead("nothing here can say Spanish".into())),
        }
    }

    /// Renders what is missing of these sentences and keeps it, English first. `progress` hears (done, of all).
    ///
    /// # Errors
    /// English sentences that could not be made ahead. Missing Spanish ones are logged: a call is then held in
    /// English.
    pub async fn prepare(
        &self,
        english: Vec<String>,
        spanish: Vec<String>,
        progress: impl Fn(usize, usize) + Send + Sync + 'static,
    ) -> Result<(), VoiceError> {
        let progress = Arc::new(progress);
        let spanish = if self.spanish.is_some() { distinct(spanish) } else { Vec::new() };
        let english = distinct(english);
        let (first, all) = (english.len(), english.len() + spanish.len());
        let told = Arc::clone(&progress);
        let result = self.english.prepare(english, move |done, _| told(done, all)).await;
        if let Some(voice) = &self.spanish {
            match voice.prepare(spanish, move |done, _| progress(first + done, all)).await {
                Ok(()) => self.spanish_prepared.store(true, Ordering::Relaxed),
                Err(error) => tracing::warn!(%error, "not every Spanish sentence can be said"),
            }
        }
        result
    }

    fn voice(&self, language: Language) -> Option<&Voice> {
        match language {
            Language::English => Some(&self.english),
            Language::Spanish => self.spanish.as_ref(),
        }
    }
}

fn distinct(texts: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    texts.into_iter().filter(|text| seen.insert(text.clone())).collect()
}
