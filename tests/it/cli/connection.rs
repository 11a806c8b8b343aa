//! Which server is asked, and with which key: a key goes nowhere but to its own server, and is told to nobody.

use std::os::unix::fs::PermissionsExt;

use doorward::domain::access::PermissionSet;

use super::home::mode;
use super::impostor::Impostor;
use super::program::{Ended, Program};
use super::shell::Shell;
use crate::harness::{Engine, House};

const DOMAINS: &[&str] = &["domains", "list", "--organization", "acme"];
const NOTHING: &str = r#"{"data":[],"next_cursor":null}"#;

impl Shell {
    /// Runs the program with these variables and no others.
    #[track_caller]
    fn told(&self, variables: &[(&str, &str)], line: &[&str]) -> Ended {
        let mut command = self.bare(env!("CARGO_BIN_EXE_doorward"));
        let ended = Program::run(command.envs(variables.iter().copied()).args(line));
        assert!(
            !ended.stdout.contains(&self.key) && !ended.stderr.contains(&self.key),
            "{ended:?}"
        );
        ended
    }

    /// Keeps the key in a profile of this name.
    #[track_caller]
    fn keeps(&self, name: &str, url: &str) -> Ended {
        let file = self.folder.path().join("key");
        std::fs::write(&file, format!("{}\n", self.key)).unwrap();
        self.told(
            &[],
            &[
                "profile",
                "add",
                name,
                "--url",
                url,
                "--key-file",
                file.to_str().unwrap(),
            ],
        )
    }

    fn profiles(&self) -> std::path::PathBuf {
        self.folder.path().join(".config/doorward/config.toml")
    }
}

async fn impostor() -> (Impostor, Shell) {
    let impostor = Impostor::open().await;
    let shell = Shell::at(&impostor.url, "dw_the-secret-of-the-impostor");
    (impostor, shell)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_kept_for_its_owners_eyes_and_used_until_it_is_removed() {
    let house = House::open(Engine::Sqlite).await;
    let (_, api) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
    let shell = house.shell(&api);
    let url = house.url.replace("127.0.0.1", "localhost");
    shell.keeps("work", &url).fine();
    assert_eq!(mode(&shell.profiles()), 0o600);
    shell.told(&[], &["members", "list"]).fine();
    shell.told(&[], &["members", "list", "--profile", "work"]).fine();
    shell
        .told(&[("DOORWARD_PROFILE", "work")], &["members", "list"])
        .fine();
    shell.keeps("home", "https://id.example.com").fine();
    let listed = shell.told(&[], &["profile", "list"]);
    assert!(
        listed.fine().contains("home  https://id.example.com  yes\n"),
        "{listed:?}"
    );
    shell.told(&[], &["profile", "use", "work"]).fine();
    shell.told(&[], &["members", "list"]).fine();
    shell
        .told(&[], &["members", "list", "--profile", "wrok"])
        .refused(2, &["no profile wrok, only home, work"]);
    shell
        .told(&[], &["profile", "use", "wrok"])
        .refused(2, &["no profile wrok"]);
    for name in ["work", "home"] {
        shell.told(&[], &["profile", "remove", name]).fine();
    }
    shell
        .told(&[], &["members", "list"])
        .refused(2, &["no key to ask with", "DOORWARD_API_KEY", "profile add"]);
    assert!(
        !std::fs::read_to_string(shell.profiles())
            .unwrap()
            .contains(&shell.key)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn lo1_profiles_that_others_may_read_are_refused_and_their_text_is_told_to_nobody() {
    let (_impostor, shell) = impostor().await;
    shell.keeps("work", &shell.url).fine();
    let file = shell.profiles();
    for open in [0o644, 0o640, 0o604] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(open)).unwrap();
        shell
            .told(&[], DOMAINS)
            .refused(2, &["others than you may read it", "chmod 600"]);
    }
    std::fs::write(
        &file,
        format!("[profiles.work]\nurl = \"x\"\nkey = {}\n", shell.key),
    )
    .unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    shell.told(&[], DOMAINS).refused(2, &["makes no sense in line 3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_comes_by_environment_file_or_standard_input_and_by_no_argument() {
    let (impostor, shell) = impostor().await;
    let file = shell.folder.path().join("key");
    std::fs::write(&file, format!("{}\r\n", shell.key)).unwrap();
    let (url, key, file) = (
        ("DOORWARD_URL", shell.url.as_str()),
        shell.key.as_str(),
        file.to_str().unwrap(),
    );
    for variables in [
        [url, ("DOORWARD_API_KEY", key)],
        [url, ("DOORWARD_API_KEY_FILE", file)],
    ] {
        impostor.answers(200, NOTHING);
        shell.told(&variables, DOMAINS).fine();
        let asked = impostor.asked().pop().unwrap();
        assert_eq!(
            asked.authorization.as_deref(),
            Some(format!("Bearer {key}").as_str())
        );
    }
    let both = [("DOORWARD_API_KEY", key), ("DOORWARD_API_KEY_FILE", file)];
    shell.told(&both, DOMAINS).refused(2, &["both set"]);
    shell
        .told(&[url, ("DOORWARD_API_KEY_FILE", "/nowhere")], DOMAINS)
        .refused(2, &["/nowhere", "DOORWARD_API_KEY_FILE"]);
    shell
        .told(&[url, ("DOORWARD_API_KEY", "two words")], DOMAINS)
        .refused(2, &["no API key in DOORWARD_API_KEY"]);
    let argument = shell.told(&[url], &["domains", "list", "--api-key", "dw_x"]);
    assert_eq!(argument.code, Some(2), "{argument:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn se9_a_key_is_not_taken_to_where_a_redirect_leads() {
    let (impostor, shell) = impostor().await;
    let other = Impostor::open().await;
    for status in [301, 302, 303, 307, 308] {
        let to = format!("{}/v2/organizations/acme/domains", other.url);
        impostor.answers_with(status, &[("location", &to)], "");
        shell
            .run(DOMAINS)
            .refused(1, &["leads to", "a key is not taken there", "DOORWARD_URL"]);
    }
    assert_eq!(other.asked().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn se9_a_key_goes_to_no_server_but_its_own() {
    let (impostor, shell) = impostor().await;
    let other = Impostor::open().await;
    shell.keeps("work", &shell.url).fine();
    let there = [DOMAINS, &["--url", &other.url]].concat();
    shell
        .told(&[], &there)
        .refused(2, &["the profile work belongs to", &shell.url, &other.url]);
    shell
        .told(&[("DOORWARD_URL", &other.url)], DOMAINS)
        .refused(2, &["the profile work belongs to"]);
    shell
        .run(&there)
        .refused(2, &["the key of DOORWARD_API_KEY belongs to"]);
    assert_eq!((impostor.asked().len(), other.asked().len()), (0, 0));
    for url in [
        "http://id.example.com",
        "http://192.0.2.7",
        "ftp://localhost",
        "https://id.example.com/sso",
        "id.example.com",
    ] {
        let told = shell.told(
            &[("DOORWARD_URL", url), ("DOORWARD_API_KEY", &shell.key)],
            DOMAINS,
        );
        told.refused(2, &["no address to send a key to", "https"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_nothing_is_asked_again_and_what_is_made_is_made_once() {
    let (impostor, shell) = impostor().await;
    impostor
        .answers_with(503, &[("retry-after", "0")], "{}")
        .answers(200, NOTHING);
    shell.run(DOMAINS).fine();
    assert_eq!(impostor.asked().len(), 2);
    let make = [
        "roles",
        "create",
        "--organization",
        "acme",
        "--name",
        "night-watch",
        "--permissions",
        "device:read",
    ];
    impostor
        .answers_with(503, &[("retry-after", "0")], "{}")
        .answers(201, "{}")
        .answers(201, "{}");
    assert_eq!(shell.run(&make).code, Some(3));
    shell.run(&make).fine();
    shell
        .run(&[make.as_slice(), &["--idempotency-key", "mine"]].concat())
        .fine();
    let asked = impostor.asked();
    let keys: Vec<_> = asked[2..]
        .iter()
        .map(|asked| (asked.method.as_str(), asked.once.clone().unwrap()))
        .collect();
    assert_eq!(keys.len(), 3, "no POST is repeated");
    assert!(keys[0].1 != keys[1].1 && keys[0].1.len() == 22, "{keys:?}");
    assert_eq!(keys[2], ("POST", "mine".to_owned()));
}
