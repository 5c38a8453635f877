//! Memory of a box that runs as a process of its own.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, bail};
use serde::Serialize;
use tokio::time::{Instant, sleep};

use crate::app::{caller::Step, clips::NIGHT};

/// Resident memory in MiB.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Memory {
    /// The daemon, without the models.
    pub(crate) daemon_mb: f64,
    /// Daemon and workers.
    pub(crate) box_mb: f64,
}

/// Starts `nightdesk run`, lets two callers talk to it, and reads what it and its workers use.
pub(super) async fn of_a_box(folder: &Path) -> anyhow::Result<Memory> {
    let port = std::net::UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port();
    let config = folder.join("memory.toml");
    std::fs::write(&config, config_text(&folder.join("box"), port))?;
    let child = Command::new(std::env::current_exe()?)
        .args(["run", "--config"])
        .arg(&config)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start a second nightdesk")?;
    let running = Running(child);
    let uri = format!("sip:metro@127.0.0.1:{port}");
    answers(&uri).await?;
    let mut memory = Memory::default();
    for night in &NIGHT[..2] {
        super::call(&uri, 4000, night.script()?, Duration::from_secs(120)).await?;
        let daemon_mb = resident_mb(running.0.id());
        let workers_mb: f64 = children(running.0.id()).into_iter().map(resident_mb).sum();
        memory.daemon_mb = memory.daemon_mb.max(daemon_mb);
        memory.box_mb = memory.box_mb.max(daemon_mb + workers_mb);
    }
    Ok(memory)
}

/// Ends the box when the measurement ends, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Nothing to do about a child that is gone already.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn config_text(data_dir: &Path, port: u16) -> String {
    let example = include_str!("../../../examples/metro-plumbing/nightdesk.toml");
    let mut config: toml::Table = example.parse().unwrap_or_default();
    if let Some(line) = config.get_mut("line").and_then(toml::Value::as_table_mut) {
        line.insert("listen".into(), toml::Value::Array(vec![format!("127.0.0.1:{port}").into()]));
    }
    // The shop answers now, whatever the hour, and without the runbook that lies beside the example.
    for shop in config.get_mut("shop").and_then(toml::Value::as_array_mut).into_iter().flatten() {
        if let Some(shop) = shop.as_table_mut() {
            shop.remove("runbook");
            shop.remove("in_hours");
            shop.insert("always_active".into(), true.into());
        }
    }
    let mut storage = toml::Table::new();
    storage.insert("data_dir".into(), data_dir.display().to_string().into());
    config.insert("storage".into(), storage.into());
    config.to_string()
}

async fn answers(uri: &str) -> anyhow::Result<()> {
    let until = Instant::now() + Duration::from_secs(20);
    while Instant::now() < until {
        let script = vec![Step::Wait(Duration::from_millis(300)), Step::HangUp];
        if super::call(uri, 4001, script, Duration::from_secs(5)).await.is_ok() {
            return Ok(());
        }
        sleep(Duration::from_millis(300)).await;
    }
    bail!("the second nightdesk does not answer")
}

fn resident_mb(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    let kib: f64 = line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse().ok()).unwrap_or(0.0);
    kib / 1024.0
}

fn children(pid: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    tasks
        .filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|list| list.split_whitespace().filter_map(|p| p.parse().ok()).collect::<Vec<u32>>())
        .collect()
}
