//! TEMP
#![allow(missing_docs)]
use std::{path::PathBuf, sync::Arc, time::Duration};
#[derive(Debug, Clone, Copy)]
pub enum Engine { Flite, EspeakNg, Piper }
#[derive(Debug, Clone)]
pub struct VoiceConfig;
impl VoiceConfig { pub fn new(_e: Engine, _v: Option<String>, _c: PathBuf, _r: Option<PathBuf>) -> Self { Self } }
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct VoiceError;
#[derive(Debug, Clone)]
pub struct Voice;
impl Voice {
    pub fn start(_c: VoiceConfig) -> Self { Self }
    pub fn cached(&self, _t: &str) -> Option<Arc<[i16]>> { None }
    pub async fn say(&self, _t: &str, _l: bool, _d: Duration) -> Result<Arc<[i16]>, VoiceError> { tokio::task::yield_now().await; Err(VoiceError) }
    pub async fn prepare(&self, _t: Vec<String>, _p: impl Fn(usize, usize)) -> Result<(), VoiceError> { tokio::task::yield_now().await; Err(VoiceError) }
}
