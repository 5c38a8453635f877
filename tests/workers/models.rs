use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use nightdesk::workers::models::{DownloadError, Model, catalog, download};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

/// What the server does with a request.
#[derive(Clone, Copy)]
enum Serving {
    /// Serves the file, also parts of it.
    Properly,
    /// Ignores Range.
    Whole,
    /// Ends the connection after so many bytes of the answer's body.
    EndsAfter(usize),
    /// Answers with this status line.
    Status(&'static str),
}

/// A web server for one file; remembers the Range headers that it saw.
struct Server {
    url: String,
    ranges: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(content: Vec<u8>, serving: Serving) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/model.bin", listener.local_addr().unwrap());
        let ranges = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&ranges);
        tokio::spawn(async move {
            while let Ok((mut peer, _)) = listener.accept().await {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    request.push(peer.read_u8().await.unwrap());
                }
                let request = String::from_utf8(request).unwrap().to_lowercase();
                let range =
                    request.lines().find_map(|line| line.strip_prefix("range: ")).unwrap_or("").to_owned();
                seen.lock().unwrap().push(range.clone());
                peer.write_all(&answer(&content, &range, serving)).await.unwrap();
            }
        });
        Self { url, ranges }
    }

    fn ranges(&self) -> Vec<String> {
        self.ranges.lock().unwrap().clone()
    }
}

fn answer(content: &[u8], range: &str, serving: Serving) -> Vec<u8> {
    if let Serving::Status(status) = serving {
        return format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into_bytes();
    }
    let from = range.trim_start_matches("bytes=").trim_end_matches('-').parse::<usize>().ok();
    let from = from.filter(|_| !matches!(serving, Serving::Whole));
    let all = content.len();
    let head = match from {
        Some(from) => format!("206 Partial Content\r\nContent-Range: bytes {from}-{}/{all}", all - 1),
        None => "200 OK".into(),
    };
    let body = &content[from.unwrap_or(0)..];
    let sent = if let Serving::EndsAfter(bytes) = serving { &body[..bytes.min(body.len())] } else { body };
    let length = body.len();
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), sent].concat()
}

const CONTENT: &[u8] = b"0123456789";

fn model(url: &str) -> Model {
    let tiny = catalog().into_iter().find(|model| model.name == "tiny").unwrap();
    Model {
        file: "model.bin".into(),
        size: 10,
        sha256: Some("84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882".into()),
        url: Some(url.into()),
        ..tiny
    }
}

async fn fetch(url: &str, folder: &Path) -> Result<Vec<u8>, DownloadError> {
    download(&model(url), folder, |_, _| ()).await.map(|path| std::fs::read(path).unwrap())
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn model_is_fetched_verified_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(CONTENT.into(), Serving::Properly).await;
    assert_eq!(fetch(&server.url, folder.path()).await.unwrap(), CONTENT);
    assert_eq!(files(folder.path()), ["model.bin"]);
    // a second time nothing is asked of the server
    assert_eq!(fetch(&server.url, folder.path()).await.unwrap(), CONTENT);
    assert_eq!(server.ranges().len(), 1);
}

#[tokio::test]
async fn interrupted_download_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let breaking = Server::start(CONTENT.into(), Serving::EndsAfter(4)).await;
    let said = fetch(&breaking.url, folder.path()).await.unwrap_err();
    assert!(matches!(said, DownloadError::CutShort { got: 4, size: 10 }), "{said}");
    assert!(said.to_string().contains("it goes on there"));
    assert_eq!(files(folder.path()), ["model.bin.part"]);

    let whole = Server::start(CONTENT.into(), Serving::Properly).await;
    assert_eq!(fetch(&whole.url, folder.path()).await.unwrap(), CONTENT);
    assert_eq!(whole.ranges(), ["bytes=4-"]);
    assert_eq!(files(folder.path()), ["model.bin"]);
}

#[tokio::test]
async fn server_that_ignores_the_range_does_not_double_the_beginning() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("model.bin.part"), "0123").unwrap();
    let server = Server::start(CONTENT.into(), Serving::Whole).await;
    assert_eq!(fetch(&server.url, folder.path()).await.unwrap(), CONTENT);
}

#[tokio::test]
async fn wrong_content_is_deleted_and_never_named() {
    for content in [&b"012345678X"[..], b"0123456789AB"] {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(content.into(), Serving::Properly).await;
        let said = fetch(&server.url, folder.path()).await.unwrap_err();
        assert!(matches!(said, DownloadError::WrongFile { .. }), "{said}");
        assert_eq!(files(folder.path()), Vec::<String>::new());
    }
}

#[tokio::test]
async fn complete_part_of_an_earlier_try_needs_no_network() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("model.bin.part"), CONTENT).unwrap();
    assert_eq!(fetch("http://127.0.0.1:9/nobody", folder.path()).await.unwrap(), CONTENT);
}

#[tokio::test]
async fn wrong_file_in_place_is_fetched_anew() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("model.bin"), "rubbish").unwrap();
    let server = Server::start(CONTENT.into(), Serving::Properly).await;
    assert_eq!(fetch(&server.url, folder.path()).await.unwrap(), CONTENT);
}

#[tokio::test]
async fn absent_file_and_absent_network_say_how_to_do_it_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    for status in ["404 Not Found", "401 Unauthorized", "503 Service Unavailable"] {
        let server = Server::start(CONTENT.into(), Serving::Status(status)).await;
        let said = fetch(&server.url, folder.path()).await.unwrap_err().to_string();
        assert!(said.contains(status) && said.contains("USB stick"), "{said}");
    }
    let said = fetch("http://127.0.0.1:9/nobody", folder.path()).await.unwrap_err().to_string();
    assert!(said.contains("cannot be reached") && said.contains("refused"), "{said}");
    let target = folder.path().join("model.bin").display().to_string();
    assert!(said.contains("USB stick") && said.contains(&target), "{said}");
}

#[tokio::test]
async fn folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let server = Server::start(CONTENT.into(), Serving::Properly).await;
    let said = fetch(&server.url, &file.join("models")).await.unwrap_err().to_string();
    assert!(said.contains("cannot be written"), "{said}");
}

#[tokio::test]
async fn shipped_model_is_not_downloaded() {
    let folder = tempfile::tempdir().unwrap();
    let mini = catalog().into_iter().find(|model| model.test_article).unwrap();
    let said = download(&mini, folder.path(), |_, _| ()).await.unwrap_err().to_string();
    assert_eq!(said, "nightdesk-mini.en is not downloaded: it comes with NightDesk");
}
