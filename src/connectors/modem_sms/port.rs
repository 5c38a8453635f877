//! The serial port: bytes in and out, each with a deadline. A modem that is pulled out ends every wait.

use std::{io, os::fd::OwnedFd, path::Path, time::Duration};

use rustix::{
    fs::{Mode, OFlags, open},
    termios::{ControlModes, OptionalActions, QueueSelector, ioctl_tiocexcl, tcflush, tcgetattr, tcsetattr},
};
use tokio::{
    io::unix::AsyncFd,
    time::{Instant, timeout_at},
};

/// USB modems ignore it; a modem on a real line answers at it.
const BAUD: u32 = 115_200;

/// An open port.
#[derive(Debug)]
pub(super) struct Port(AsyncFd<OwnedFd>);

impl Port {
    /// Opens and takes it: no other program may open it then.
    pub(super) fn open(device: &Path) -> io::Result<Self> {
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let fd = open(device, flags, Mode::empty())?;
        let mut terminal = tcgetattr(&fd)?;
        terminal.make_raw();
        // modems do not all drive the carrier line
        terminal.control_modes |= ControlModes::CLOCAL | ControlModes::CREAD;
        terminal.set_speed(BAUD)?;
        tcsetattr(&fd, OptionalActions::Now, &terminal)?;
        ioctl_tiocexcl(&fd)?;
        // what was half said to another program is not for us
        tcflush(&fd, QueueSelector::IOFlush)?;
        #[expect(
            deprecated,
            reason = "unsound for types that may close or swap their descriptor; an OwnedFd does not"
        )]
        let fd = AsyncFd::new(fd)?;
        Ok(Self(fd))
    }

    pub(super) async fn write(&self, mut bytes: &[u8], within: Duration) -> io::Result<()> {
        let until = Instant::now() + within;
        while !bytes.is_empty() {
            let mut ready = timeout_at(until, self.0.writable()).await??;
            if let Ok(written) = ready.try_io(|fd| Ok(rustix::io::write(fd.get_ref(), bytes)?)) {
                bytes = bytes.get(written?..).unwrap_or_default();
            }
        }
        Ok(())
    }

    /// What has come, at least a byte; `TimedOut` when nothing has by `until`.
    pub(super) async fn read(&self, room: &mut [u8], until: Instant) -> io::Result<usize> {
        loop {
            let mut ready = timeout_at(until, self.0.readable()).await??;
            match ready.try_io(|fd| Ok(rustix::io::read(fd.get_ref(), &mut *room)?)) {
                Ok(Ok(0)) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => return read,
                Err(_not_yet) => {}
            }
        }
    }
}
