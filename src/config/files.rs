//! The files that a configuration names: runbooks, calendars and passwords, on disk or inside the program.

use std::{
    io,
    path::{Path, PathBuf},
};

/// A password file that is longer is not one.
const SECRET_BYTES_MAX: u64 = 4096;
/// A runbook or calendar that is longer is not one.
const DOCUMENT_BYTES_MAX: u64 = 1024 * 1024;

/// What stands around a configuration.
pub(super) trait Surroundings {
    /// A name in the configuration as a path of this machine.
    fn path(&self, name: &str) -> PathBuf;
    /// The bytes of a runbook or calendar.
    fn document(&self, name: &str) -> io::Result<Vec<u8>>;
    /// The text of a password file, and whether everybody on the machine may read it.
    fn secret(&self, name: &str) -> io::Result<(String, bool)>;
    /// Whether there is such a folder.
    fn is_folder(&self, name: &str) -> bool;
    /// Where the service may write, if the system said so.
    fn state_dir(&self) -> Option<PathBuf>;
}

/// Files beside the configuration, and systemd's folders.
#[derive(Debug)]
pub(super) struct OnDisk {
    /// The folder of the configuration.
    pub(super) base: PathBuf,
    /// `$CREDENTIALS_DIRECTORY`.
    pub(super) credentials: Option<PathBuf>,
    /// `$STATE_DIRECTORY`.
    pub(super) state: Option<PathBuf>,
}

impl OnDisk {
    /// For a configuration at this path, in the present environment.
    pub(super) fn around(config: &Path) -> Self {
        let folder = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        Self {
            base: config.parent().unwrap_or(Path::new("")).to_owned(),
            credentials: folder("CREDENTIALS_DIRECTORY"),
            state: folder("STATE_DIRECTORY"),
        }
    }
}

impl Surroundings for OnDisk {
    fn path(&self, name: &str) -> PathBuf {
        self.base.join(name)
    }

    fn document(&self, name: &str) -> io::Result<Vec<u8>> {
        read_short(&self.path(name), DOCUMENT_BYTES_MAX)
    }

    fn secret(&self, name: &str) -> io::Result<(String, bool)> {
        let credential = self.credentials.as_ref().map(|c| c.join(name)).filter(|c| c.is_file());
        let given_by_systemd = credential.is_some();
        let path = credential.unwrap_or_else(|| self.path(name));
        let text = String::from_utf8(read_short(&path, SECRET_BYTES_MAX)?);
        let text = text.map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))?;
        Ok((text, !given_by_systemd && open_to_all(&path)))
    }

    fn is_folder(&self, name: &str) -> bool {
        self.path(name).is_dir()
    }

    fn state_dir(&self) -> Option<PathBuf> {
        self.state.clone()
    }
}

/// A configuration inside the program: it names only the runbooks given here, and no secrets.
#[derive(Debug)]
pub(super) struct Embedded {
    /// Name and text.
    pub(super) runbooks: &'static [(&'static str, &'static str)],
}

impl Surroundings for Embedded {
    fn path(&self, name: &str) -> PathBuf {
        PathBuf::from(name)
    }

    fn document(&self, name: &str) -> io::Result<Vec<u8>> {
        let found = self.runbooks.iter().find(|(n, _)| *n == name);
        found.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn secret(&self, _: &str) -> io::Result<(String, bool)> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn is_folder(&self, _: &str) -> bool {
        false
    }

    fn state_dir(&self) -> Option<PathBuf> {
        None
    }
}

fn read_short(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let about = std::fs::metadata(path)?;
    if !about.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
    }
    if about.len() > bytes_max {
        let reason = format!("it has {} bytes, more than the {bytes_max} expected", about.len());
        return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
    }
    std::fs::read(path)
}

fn open_to_all(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o004 != 0)
}
