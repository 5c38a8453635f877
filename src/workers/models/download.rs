//! Fetches a recogniser file: goes on where it stopped, keeps nothing that is wrong.

use std::{
    fs::{self, File, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use reqwest::{StatusCode, header};

use super::{Model, Verdict};

/// How to get the file without this machine's network.
fn by_hand(url: &str, target: &Path) -> String {
    format!(
        "Without a network here: fetch {url} on another computer, carry it over on a USB stick, \
         copy it to {}, then run `nightdesk models check`",
        target.display()
    )
}

/// Why a model was not fetched; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// It comes with the program.
    #[error("{0} is not downloaded: it comes with NightDesk")]
    ComesAlong(String),
    /// No connection, or it broke and nothing more came.
    #[error("{url} cannot be reached: {cause}.\n{}", by_hand(.url, .target))]
    NoNetwork {
        /// Address.
        url: String,
        /// Where the file belongs.
        target: PathBuf,
        /// What the network says.
        cause: String,
    },
    /// The server answered, but not with the file.
    #[error("{url} answers {status}: the file is not served there (any more).\n{}", by_hand(.url, .target))]
    NotServed {
        /// Address.
        url: String,
        /// Where the file belongs.
        target: PathBuf,
        /// HTTP status.
        status: StatusCode,
    },
    /// The connection ended early; what came is kept.
    #[error("the connection ended after {got} of {size} bytes. Run the same command again: it goes on there")]
    CutShort {
        /// Bytes so far.
        got: u64,
        /// Bytes in all.
        size: u64,
    },
    /// What came is not the file of the catalog; it was deleted.
    #[error(
        "what {url} serves is not the file of the catalog ({what}); it was deleted. \
         Try again; if it stays wrong, somebody between here and there changes files"
    )]
    WrongFile {
        /// Address.
        url: String,
        /// What differs.
        what: String,
    },
    /// The disk refuses.
    #[error("{path} cannot be written: {cause}")]
    Disk {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
}

/// Fetches a model into a folder and returns its path. `progress` hears (bytes so far, of all).
/// A file that is already there and right is left alone.
pub async fn download(
    model: &Model,
    folder: &Path,
    progress: impl Fn(u64, u64),
) -> Result<PathBuf, DownloadError> {
    let target = folder.join(&model.file);
    let Some(url) = &model.url else { return Err(DownloadError::ComesAlong(model.name.clone())) };
    if target.is_file() && matches!(model.verify(&target), Verdict::Right | Verdict::Unknown(_)) {
        return Ok(target);
    }
    let fetch = Fetch { model, url, half: folder.join(format!("{}.part", model.file)), target };
    fs::create_dir_all(folder).map_err(|cause| fetch.disk(cause))?;
    fetch.run(&progress).await?;
    Ok(fetch.target)
}

struct Fetch<'a> {
    model: &'a Model,
    url: &'a str,
    half: PathBuf,
    target: PathBuf,
}

impl Fetch<'_> {
    async fn run(&self, progress: &impl Fn(u64, u64)) -> Result<(), DownloadError> {
        let mut have = fs::metadata(&self.half).map_or(0, |about| about.len());
        if have > self.model.size {
            have = 0;
        }
        if have < self.model.size {
            self.receive(have, progress).await?;
        }
        self.accept()
    }

    async fn receive(&self, have: u64, progress: &impl Fn(u64, u64)) -> Result<(), DownloadError> {
        let mut response = self.ask(have).await?;
        // a server that ignores the range sends all of it again
        let resumed = response.status() == StatusCode::PARTIAL_CONTENT && starts_at(&response, have);
        let mut got = if resumed { have } else { 0 };
        let mut file = self.open(resumed)?;
        progress(got, self.model.size);
        loop {
            match response.chunk().await {
                Ok(None) => break,
                Err(_) => break, // what came is kept; the size tells that more is needed
                Ok(Some(chunk)) => {
                    got += chunk.len() as u64;
                    if got > self.model.size {
                        return Err(self.wrong(format!("longer than {} bytes", self.model.size)));
                    }
                    file.write_all(&chunk).map_err(|cause| self.disk(cause))?;
                    progress(got, self.model.size);
                }
            }
        }
        file.sync_all().map_err(|cause| self.disk(cause))?;
        if got < self.model.size {
            return Err(DownloadError::CutShort { got, size: self.model.size });
        }
        Ok(())
    }

    async fn ask(&self, have: u64) -> Result<reqwest::Response, DownloadError> {
        // a second installation in one process finds the first one in place, which is as good
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(20))
            .read_timeout(Duration::from_secs(60))
            .user_agent(concat!("nightdesk/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|fault| self.no_network(&fault))?;
        let mut request = client.get(self.url);
        if have > 0 {
            request = request.header(header::RANGE, format!("bytes={have}-"));
        }
        let response = request.send().await.map_err(|fault| self.no_network(&fault))?;
        if response.status() == StatusCode::RANGE_NOT_SATISFIABLE {
            return Err(self.wrong("shorter than in the catalog".into()));
        }
        if !response.status().is_success() {
            let (url, target) = (self.url.to_owned(), self.target.clone());
            return Err(DownloadError::NotServed { url, target, status: response.status() });
        }
        Ok(response)
    }

    fn open(&self, resumed: bool) -> Result<File, DownloadError> {
        let mut options = OpenOptions::new();
        options.create(true).write(true).append(resumed).truncate(!resumed);
        options.open(&self.half).map_err(|cause| self.disk(cause))
    }

    /// Verifies what was received and gives it its name.
    fn accept(&self) -> Result<(), DownloadError> {
        match self.model.verify(&self.half) {
            Verdict::Right => {}
            Verdict::Unknown(found) => {
                tracing::warn!(sha256 = found, "checksum unknown: verify this one and pin it in the catalog");
            }
            Verdict::WrongSize { found } => return Err(self.wrong(format!("{found} bytes"))),
            Verdict::WrongChecksum { found } => return Err(self.wrong(format!("SHA-256 {found}"))),
            Verdict::Unreadable(cause) => return Err(self.disk(std::io::Error::other(cause))),
        }
        fs::rename(&self.half, &self.target).map_err(|cause| self.disk(cause))
    }

    fn wrong(&self, what: String) -> DownloadError {
        // if it cannot be deleted, the next try finds it too long or wrong again
        let _ = fs::remove_file(&self.half);
        DownloadError::WrongFile { url: self.url.to_owned(), what }
    }

    fn no_network(&self, fault: &reqwest::Error) -> DownloadError {
        let mut cause = fault.to_string();
        let mut deeper = std::error::Error::source(fault);
        while let Some(source) = deeper {
            cause = source.to_string();
            deeper = source.source();
        }
        DownloadError::NoNetwork { url: self.url.to_owned(), target: self.target.clone(), cause }
    }

    fn disk(&self, cause: std::io::Error) -> DownloadError {
        DownloadError::Disk { path: self.half.clone(), cause }
    }
}

fn starts_at(response: &reqwest::Response, have: u64) -> bool {
    let range = response.headers().get(header::CONTENT_RANGE).and_then(|value| value.to_str().ok());
    range.is_some_and(|range| range.starts_with(&format!("bytes {have}-")))
}
