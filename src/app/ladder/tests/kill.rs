//! kill -9 of a real process at random moments, while alerts are opened, steps fired, refused, taken and answered:
//! no step is lost, none is doubled.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::OpenOptions,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use domain::{Channel, Outgoing, StepOutcome};
use oncall::Meaning;

use super::{a_call, a_page, office};
use crate::{
    app::{
        clock::WallClock,
        ladder::{NoLine, run},
        outbox::{Outbox, Routes},
        paging::Pager,
    },
    connectors::{Connector, FarEvent, NeverReason, SendFailure, Sent, Watch},
    store::{Archive, Store},
};

const FOLDER: &str = "NIGHTDESK_TEST_LADDER_FOLDER";
const FIRST: &str = "NIGHTDESK_TEST_LADDER_FIRST";
/// How often the process is killed; `NIGHTDESK_KILLS` sets another number.
const KILLS: u64 = 50;

/// A provider outside of the process: what it was given stays in a file, whatever happens to us.
#[derive(Debug)]
struct Outside {
    file: PathBuf,
    replies: Mutex<Vec<FarEvent>>,
}

#[async_trait]
impl Connector for Outside {
    fn name(&self) -> &'static str {
        "Outside"
    }

    fn takes(&self, what: &Outgoing) -> bool {
        matches!(what, Outgoing::Sms { .. })
    }

    async fn send(&self, what: &Outgoing, key: &str, repeat: bool) -> Result<Sent, SendFailure> {
        let Outgoing::Sms { to, body } = what else { panic!("only texts are offered") };
        let mut file = OpenOptions::new().append(true).create(true).open(&self.file).unwrap();
        file.write_all(format!("{key} {repeat}\n").as_bytes()).unwrap();
        // what the far side does depends on the message alone, so that every run sees the same world
        let kind = key.bytes().fold(7u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % 8;
        let why = "as the test wants it".to_string();
        match kind {
            0 | 1 if key.starts_with("step-") => {
                Err(SendFailure::Never { why, reason: NeverReason::Rejected })
            }
            2 if !repeat => Err(SendFailure::Unsure { why }),
            _ => {
                let code = body.split("Reply 1 ").nth(1).and_then(|rest| rest.split_whitespace().next());
                if let Some(code) = code.filter(|_| kind % 2 == 1) {
                    let (from, body) = (to.e164().to_string(), format!("1 {code}"));
                    let far_id = format!("reply-{key}");
                    let at = jiff::Timestamp::now();
                    self.replies.lock().unwrap().push(FarEvent::Reply { from, body, far_id, at });
                }
                Ok(Sent::Accepted { far_id: format!("far-{key}") })
            }
        }
    }

    async fn poll(&self, _watch: &Watch<'_>) -> Result<Vec<FarEvent>, SendFailure> {
        Ok(std::mem::take(&mut self.replies.lock().unwrap()))
    }

    async fn check(&self) -> Result<String, SendFailure> {
        Ok("fine".into())
    }
}

/// The program that gets killed: emergencies without end, one printed line for each that was promised.
#[test]
#[ignore = "runs only as the child of the test below"]
fn emergencies_without_end() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let first: u64 = std::env::var(FIRST).unwrap().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(Path::new(&folder)).unwrap();
        let (office, inbox) = office(store, WallClock::default());
        let file = Path::new(&folder).join("provider.txt");
        let outside = Arc::new(Outside { file, replies: Mutex::default() });
        let mut routes = Routes::default();
        routes.add(Channel::Sms, outside);
        let outbox = Outbox::start(&office, routes).await;
        tokio::spawn(run(office.clone(), inbox, outbox, Arc::new(NoLine)));
        let mut out = std::io::stdout();
        for n in first..first + 12 {
            let call = a_call(&office, n);
            office.store.begin_call(call.clone()).await.unwrap();
            let shop = office.businesses[0].shop.clone();
            let pager = Pager {
                store: office.store.clone(),
                clock: office.clock.clone(),
                lines: office.lines.clone(),
            };
            for revision in 0..2 {
                let address = (revision == 1).then_some("218 Oak Lane");
                pager.commit(&shop, &a_page(&call, revision, address)).await.unwrap();
            }
            writeln!(out, "promised {}", call.id).and_then(|()| out.flush()).unwrap();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_secs(20)).await; // goes on until it is killed
    });
}

fn start(folder: &Path, first: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["app::ladder::tests::kill::emergencies_without_end", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn killed_at_any_moment_no_step_is_lost_and_none_is_doubled() {
    let folder = tempfile::tempdir().unwrap();
    let seed =
        std::env::var("SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(u64::from(std::process::id()));
    let kills = std::env::var("NIGHTDESK_KILLS").ok().and_then(|k| k.parse().ok()).unwrap_or(KILLS);
    eprintln!("SEED={seed}"); // shown when the test fails
    let mut random = seed;
    let mut next = |below: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let mut promised = BTreeSet::new();
    for round in 0..kills {
        let mut child = start(folder.path(), round * 100);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut lines = lines.filter_map(|line| line.strip_prefix("promised ").map(str::to_string));
        let after = usize::try_from(next(12)).unwrap();
        promised.extend(lines.by_ref().take(after));
        // the moments that count are between two writes, far shorter than any sleep: spin a random way on
        (0..next(3_000_000)).for_each(|_| std::hint::spin_loop());
        child.kill().unwrap();
        child.wait().unwrap();
        promised.extend(lines);
    }
    let steps = check_all(folder.path(), &promised);
    eprintln!("{kills} kills, {} alerts promised, {steps} steps fired", promised.len());
    assert!(u64::try_from(promised.len()).unwrap() > kills / 2, "hardly anything happened");
}

/// Everything that was promised and fired is there once. The number of steps that were fired.
fn check_all(folder: &Path, promised: &BTreeSet<String>) -> usize {
    drop(Store::open(folder).unwrap()); // recovers the write-ahead file, as a start does
    let archive = Archive::open(folder).unwrap();
    let stories = archive.latest_alerts(u32::MAX).unwrap();
    let alerts: BTreeSet<String> = stories.iter().map(|s| s.alert.call_id.to_string()).collect();
    let lost: Vec<_> = promised.difference(&alerts).collect();
    assert!(lost.is_empty(), "alerts that were promised and are gone: {lost:?}");
    let given = std::fs::read_to_string(folder.join("provider.txt")).unwrap_or_default();
    let mut firsts: BTreeMap<&str, u32> = BTreeMap::new();
    for (key, repeat) in given.lines().filter_map(|line| line.split_once(' ')) {
        *firsts.entry(key).or_default() += u32::from(repeat == "false");
    }
    let mut fired = 0;
    for story in &stories {
        assert!(!story.steps.is_empty(), "an alert without its ladder: {}", story.alert.id);
        let mut seen = BTreeSet::new();
        for step in story.steps.iter().filter(|s| s.attempted_at.is_some() && !s.means.is_call()) {
            fired += 1;
            let items = story.items.iter().filter(|i| i.step == Some(step.number)).count();
            assert_eq!(items, 1, "a step is one message: {step:?}");
            let new = seen.insert((step.rung, step.contact.clone(), step.means));
            assert!(new || step.may_repeat, "the same step twice: {:?}", story.steps);
        }
        for step in story.steps.iter().filter(|s| s.outcome == StepOutcome::Sent) {
            let key = crate::app::ladder::errands::step_key(step);
            assert!(firsts.contains_key(key.as_str()), "said to be sent, and never given: {key}");
        }
    }
    for (key, times) in firsts {
        assert!(times <= 1, "{key} was given {times} times without saying that it may be a repeat");
    }
    fired
}

/// The reply that the provider of this test writes is one that is understood.
#[test]
fn replies_of_the_test_are_acknowledgements() {
    let contact = "mike".parse().unwrap();
    let meant = oncall::meaning("1 K7P", &contact, &[]);
    assert!(
        matches!(meant, Meaning::Say(oncall::Say::UnknownCode { .. } | oncall::Say::NothingOpen)),
        "{meant:?}"
    );
}
