//! One run of the real program under `WebDriver`.

use std::mem::ManuallyDrop;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use roundtable_tests::root;
use serde_json::{Value, json};
use thirtyfour::prelude::*;
use thirtyfour::{Capabilities, WebElement};

/// Longest wait for anything on screen.
const PATIENCE: Duration = Duration::from_secs(30);

/// The window and the driver that moves it. Dropping it ends both.
pub(crate) struct Window {
    /// Never dropped: it would wait for a server that has been ended.
    driver: ManuallyDrop<WebDriver>,
    server: Child,
    folder: PathBuf,
}

/// The built program: `ROUNDTABLE_APP`, else the release build, else the debug build.
fn program() -> PathBuf {
    if let Some(given) = std::env::var_os("ROUNDTABLE_APP") {
        return given.into();
    }
    let built = ["target/release/roundtable", "target/debug/roundtable"].map(|path| root().join(path));
    built.into_iter().find(|path| path.exists()).expect("build the program first: scripts/run --build-only")
}

impl Window {
    /// Opens the program on a data folder.
    pub(crate) async fn open(folder: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Command::new("WebKitWebDriver")
            .args([format!("--port={port}"), "--host=127.0.0.1".to_owned()])
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("WebKitWebDriver is installed (package webkit2gtk-driver)");
        let mut capabilities = Capabilities::new();
        capabilities
            .set("webkitgtk:browserOptions", json!({"binary": program(), "args": ["--data-dir", folder]}))
            .unwrap();
        let address = format!("http://127.0.0.1:{port}");
        let mut tries = 0;
        let driver = loop {
            match WebDriver::new(&address, capabilities.clone()).await {
                Ok(driver) => break driver,
                Err(error) if tries < 40 => {
                    tries += 1;
                    let _ = error;
                    tokio::time::sleep(Duration::from_millis(250)).await;
                }
                Err(error) => panic!("the window does not open: {error}"),
            }
        };
        Self { driver: ManuallyDrop::new(driver), server, folder: folder.to_owned() }
    }

    /// The element of a CSS selector, once it is there.
    pub(crate) async fn find(&self, selector: &str) -> WebElement {
        self.query(By::Css(selector), selector).await
    }

    /// The button with these words on it, or with this label.
    pub(crate) async fn button(&self, words: &str) -> WebElement {
        let path = format!("//button[contains(normalize-space(.), '{words}') or @aria-label='{words}']");
        self.query(By::XPath(path), words).await
    }

    async fn query(&self, by: By, what: &str) -> WebElement {
        match self.driver.query(by).wait(PATIENCE, Duration::from_millis(50)).first().await {
            Ok(element) => element,
            Err(error) => {
                let page = self.driver.source().await.unwrap_or_default();
                let text = self.find_text().await;
                panic!("no {what} on screen: {error}\n{text}\n({} bytes of page)", page.len());
            }
        }
    }

    async fn find_text(&self) -> String {
        match self.driver.find(By::Css("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Everything that can be read on screen.
    pub(crate) async fn text(&self) -> String {
        self.find_text().await
    }

    /// Types a prompt and sends it.
    pub(crate) async fn ask(&self, prompt: &str) {
        let field = self.find("textarea[data-composer]").await;
        field.send_keys(prompt).await.unwrap();
        field.send_keys(Key::Enter + "").await.unwrap();
    }

    /// States of the answers of the last turn, from the left.
    pub(crate) async fn states(&self) -> Vec<String> {
        let script = "return [...document.querySelectorAll('.turn')].at(-1)?.querySelectorAll('article') \
                      ? [...[...document.querySelectorAll('.turn')].at(-1).querySelectorAll('article')].map(a => a.dataset.state) : []";
        self.driver.execute(script, vec![]).await.unwrap().convert().unwrap()
    }

    /// The text of the n-th answer of the last turn, from 0.
    pub(crate) async fn answer(&self, lane: usize) -> String {
        let script = "return [...[...document.querySelectorAll('.turn')].at(-1).querySelectorAll('article')][arguments[0]].innerText";
        self.driver.execute(script, vec![json!(lane)]).await.unwrap().convert().unwrap()
    }

    /// Waits until the states of the last turn's answers are as wished.
    pub(crate) async fn until(&self, wish: impl Fn(&[String]) -> bool) -> Vec<String> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let states = self.states().await;
            if wish(&states) {
                return states;
            }
            assert!(tokio::time::Instant::now() < deadline, "answers stay {states:?}\n{}", self.text().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Runs a script in the page, which must give back a promise's outcome as text.
    pub(crate) async fn run_async(&self, script: &str) -> String {
        self.driver.execute_async(script, vec![]).await.unwrap().convert().unwrap()
    }

    /// Runs a command of the program as the page would, and gives what it answers.
    pub(crate) async fn invoke(&self, command: &str, arguments: Value) -> Value {
        let script = "const done = arguments[2];
            window.__TAURI_INTERNALS__.invoke(arguments[0], arguments[1])
                .then((answer) => done({ answer }), (error) => done({ error }))";
        let outcome = self.driver.execute_async(script, vec![json!(command), arguments]).await.unwrap();
        let mut outcome: Value = outcome.json().clone();
        assert!(outcome.get("error").is_none(), "{command}: {outcome}");
        outcome.get_mut("answer").map(Value::take).unwrap_or_default()
    }

    /// Adds a server as a provider of one's own, `afar`, and opens a conversation with these of its models. The page knows of
    /// it when the window is opened again.
    pub(crate) async fn add_provider(&self, base_url: &str, models: &[&str]) {
        let provider = json!({"id": null, "name": "Afar", "dialect": "custom", "api": "ollama", "base_url": base_url,
            "plain_http_confirmed": false});
        let saved = self.invoke("save_provider", json!({"provider": provider})).await;
        let slug = saved["id"].as_str().expect("a saved provider has an id");
        let targets: Vec<String> = models.iter().map(|model| format!("{slug}/{model}")).collect();
        self.invoke("create_conversation", json!({"targets": targets})).await;
    }

    /// Changes the settings; the page knows of it when the window is opened again.
    pub(crate) async fn set(&self, changes: Value) {
        let startup = self.invoke("startup", json!({})).await;
        let mut settings = startup["settings"].clone();
        for (name, value) in changes.as_object().expect("names and values") {
            settings[name] = value.clone();
        }
        self.invoke("save_settings", json!({"settings": settings})).await;
    }

    /// Keeps a picture of the window, when `ROUNDTABLE_SCREENSHOTS` names a folder.
    pub(crate) async fn photograph(&self, name: &str) {
        if let Some(folder) = std::env::var_os("ROUNDTABLE_SCREENSHOTS") {
            std::fs::create_dir_all(&folder).unwrap();
            self.driver.screenshot(&PathBuf::from(folder).join(format!("{name}.png"))).await.unwrap();
        }
    }

    /// Makes the window this large.
    pub(crate) async fn resize(&self, width: u32, height: u32) {
        self.driver.set_window_rect(0, 0, width, height).await.unwrap();
    }

    /// Kills the program as a power cut would.
    pub(crate) fn kill(mut self) {
        for pid in self.program_pids() {
            Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
        }
        self.end_driver();
    }

    /// Closes the window as a person does, and waits until the program has ended.
    pub(crate) async fn close(mut self) {
        let pids = self.program_pids();
        // The driver may lose its answer with the window.
        let _ = self.driver.close_window().await;
        let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
        while pids.iter().any(|pid| Path::new(&format!("/proc/{pid}")).exists()) {
            if tokio::time::Instant::now() > deadline {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.end_driver();
    }

    /// Processes that run the program on our data folder.
    fn program_pids(&self) -> Vec<u32> {
        let folder = self.folder.display().to_string();
        let name = program().display().to_string();
        let pids = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
            let entry = entry.ok()?;
            let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
            let command = std::fs::read_to_string(entry.path().join("cmdline")).ok()?;
            (command.starts_with(&name) && command.contains(&folder)).then_some(pid)
        });
        pids.collect()
    }

    fn end_driver(&mut self) {
        let group = format!("-{}", self.server.id());
        let _ = Command::new("kill").args(["-9", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.server.wait();
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        self.end_driver();
        for pid in self.program_pids() {
            let _ = Command::new("kill").args(["-9", &pid.to_string()]).status();
        }
    }
}
