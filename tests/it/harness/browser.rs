//! A real browser: Debian's Chromium, driven over `WebDriver`, each with a fresh profile, gone with the test
//! process.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fantoccini::error::CmdError;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Value, json};

use super::lifeline::Lifeline;

const MISSING: &str = "no browser to test with: install Chromium and its driver (Debian: apt-get install chromium chromium-driver)";

/// Starts the driver in a process group of its own, says its port, and ends the whole group, browser
/// included, at the end of its input.
const KEEPER: &str = r#"
trap '' HUP INT TERM PIPE
command -v chromedriver >/dev/null || exit 1
folder=$(mktemp -d /tmp/doorward-browser.XXXXXX) || exit 1
HOME=$folder TMPDIR=$folder setsid chromedriver --port=0 >"$folder/log" 2>&1 </dev/null &
driver=$!
finish() {
    kill -s KILL -- "-$driver"
    wait
    rm -rf "$folder" || { sleep 1; rm -rf "$folder"; }
}
trap finish EXIT
until port=$(sed -n 's/.*successfully on port \([0-9]*\).*/\1/p' "$folder/log") && [ -n "$port" ]; do
    kill -0 "$driver" || { cat "$folder/log"; exit 1; }
    sleep 0.05
done
echo "ready $port $folder"
exec >/dev/null
while read -r _; do :; done
"#;

/// Chromium without what would make it talk to anyone but the pages under test, or draw differently from run
/// to run.
const ARGUMENTS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--lang=en-US",
];

/// What the person's system asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColorScheme {
    Light,
    Dark,
}

/// The size of the page's area, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Viewport {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// A desk's screen.
pub(crate) const WIDE: Viewport = Viewport {
    width: 1280,
    height: 900,
};
/// A telephone's; narrower than a window of Chromium can be, so it is emulated.
pub(crate) const NARROW: Viewport = Viewport {
    width: 390,
    height: 844,
};

/// A browser window. Everything `fantoccini` can do with one, it can.
#[derive(Debug)]
pub(crate) struct Browser {
    client: Client,
    _lifeline: Lifeline,
}

/// Whether pages may run scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scripts {
    Run,
    Blocked,
}

/// Opens a browser, wide and light.
///
/// # Panics
///
/// When Chromium or its driver is absent or does not start: a test that needs them must not pass without.
pub(crate) async fn browser() -> Browser {
    browser_with(Scripts::Run).await
}

/// Opens a browser that runs the pages' scripts or, as somebody careful has set it, doesn't.
pub(crate) async fn browser_with(scripts: Scripts) -> Browser {
    // On a busy machine Chromium sometimes does not come up in the time that its driver gives it.
    let mut said = String::new();
    for _ in 0..3 {
        match opened(scripts).await {
            Ok(browser) => return browser,
            Err(why) => said = why,
        }
    }
    panic!("{MISSING}\n{said}");
}

async fn opened(scripts: Scripts) -> Result<Browser, String> {
    let (lifeline, ready) = match Lifeline::start(Command::new("sh").args(["-c", KEEPER])) {
        Ok(started) => started,
        Err(said) => return Err(said),
    };
    let (port, folder) = ready.split_once(' ').expect("the keeper says port and folder");
    let mut arguments = ARGUMENTS.map(str::to_owned).to_vec();
    arguments.push(format!("--user-data-dir={folder}/profile"));
    let scripts = if scripts == Scripts::Run { 1 } else { 2 };
    let preferences = json!({ "profile.managed_default_content_settings.javascript": scripts });
    let options = json!({ "args": arguments, "prefs": preferences });
    let capabilities = Capabilities::from_iter([
        ("goog:chromeOptions".to_owned(), options),
        ("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" })),
        ("timeouts".to_owned(), json!({ "script": 120_000 })),
    ]);
    let client = ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities)
        .connect(&format!("http://127.0.0.1:{port}"))
        .await
        .map_err(|error| error.to_string())?;
    let browser = Browser {
        client,
        _lifeline: lifeline,
    };
    browser.resize(WIDE).await;
    browser.prefer(ColorScheme::Light).await;
    Ok(browser)
}

impl Browser {
    /// Gives the page this much room, from now on.
    pub(crate) async fn resize(&self, Viewport { width, height }: Viewport) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await
            .expect("the size is a usual one");
    }

    /// Makes `prefers-color-scheme` match `scheme`, from now on, and keeps pages from animating.
    pub(crate) async fn prefer(&self, scheme: ColorScheme) {
        let scheme = match scheme {
            ColorScheme::Light => "light",
            ColorScheme::Dark => "dark",
        };
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features }))
            .await
            .expect("the features exist");
    }

    /// Writes the whole page, however long, to `target/screenshots/{name}.png`, and returns that path.
    pub(crate) async fn screenshot(&self, name: &str) -> PathBuf {
        let layout = self
            .devtools("Page.getLayoutMetrics", json!({}))
            .await
            .expect("a page is open");
        let mut clip = layout["cssContentSize"].clone();
        clip["scale"] = json!(1);
        let wanted = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let picture = self
            .devtools("Page.captureScreenshot", wanted)
            .await
            .expect("a page can be drawn");
        let data = picture["data"].as_str().expect("a picture has data");
        let picture = STANDARD.decode(data).expect("DevTools speaks base64");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        fs::create_dir_all(&folder).expect("the target folder is ours");
        let path = folder.join(name).with_extension("png");
        fs::write(&path, picture).expect("the target folder is ours");
        path
    }

    /// What the browser's console says of the pages since it was last asked: broken policies, failed loads, errors.
    pub(crate) async fn console(&self) -> Vec<String> {
        let entries = self
            .client
            .issue_cmd(Console)
            .await
            .expect("Chromium keeps a log");
        let entries = entries.as_array().cloned().unwrap_or_default();
        let message = |entry: Value| entry["message"].as_str().unwrap_or_default().to_owned();
        entries.into_iter().map(message).collect()
    }

    pub(super) async fn devtools(&self, method: &'static str, parameters: Value) -> Result<Value, CmdError> {
        self.client.issue_cmd(Devtools { method, parameters }).await
    }
}

impl Deref for Browser {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// A command of Chromium's own protocol, for what `WebDriver` has no word for.
#[derive(Debug)]
struct Devtools {
    method: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for Devtools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as std::str::FromStr>::Err> {
        base.join(&format!(
            "session/{}/goog/cdp/execute",
            session.unwrap_or_default()
        ))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (
            Method::POST,
            Some(json!({ "cmd": self.method, "params": self.parameters }).to_string()),
        )
    }
}

/// Chromium's console since it was last asked.
#[derive(Debug)]
struct Console;

impl WebDriverCompatibleCommand for Console {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as std::str::FromStr>::Err> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}
