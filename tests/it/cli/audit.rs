//! `doorward audit verify|export`.

use serde_json::Value;

use super::{Home, Program};
use crate::harness::on_both;

impl Home {
    fn verify(&self) -> Value {
        let told = Program::run(self.command(&["audit", "verify"]).args(["--output", "json"]));
        serde_json::from_str(told.fine()).unwrap()
    }
}

on_both! {
    async fn lo3_a_log_is_proved_beside_the_server_and_what_was_changed_is_named(home: Home) {
        Program::run(&mut home.setup("Acme")).fine();
        let before = home.verify();
        assert_eq!((&before["whole"], &before["sealed"]), (&true.into(), &0.into()));
        let server = Program::serve(&mut home.serve());
        assert_eq!(home.verify()["whole"], true, "while the server runs");
        server.stop().fine();
        let after = home.verify();
        assert_eq!((&after["whole"], &after["unsealed"]), (&true.into(), &0.into()), "the last round is at the end");
        assert!(after["sealed"].as_u64().unwrap() > 2);
        let table = Program::run(&mut home.command(&["audit", "verify"]));
        assert!(table.fine().ends_with("whole\n"), "{table:?}");

        let mut raw = home.raw().await;
        let id = raw.texts("SELECT id FROM audit_events ORDER BY position LIMIT 1").await.remove(0);
        raw.run(&format!("UPDATE audit_events SET actor = 'nobody' WHERE id = '{id}'")).await;
        let ended = Program::run(&mut home.command(&["audit", "verify"]));
        assert_eq!(ended.code, Some(1));
        assert!(ended.stderr.contains("this event is not as it was written") && ended.stderr.contains(&id), "{ended:?}");
    }

    async fn lo3_an_export_is_proved_far_from_server_and_keys(home: Home) {
        Program::run(&mut home.setup("Acme")).fine();
        Program::serve(&mut home.serve()).stop().fine();
        let file = home.config.data_dir.join("acme.jsonl");
        let file = file.to_str().unwrap();
        Program::run(&mut home.command(&["audit", "export", "--organization", "acme", "--to", file])).fine();
        let again = Program::run(&mut home.command(&["audit", "export", "--organization", "acme", "--to", file]));
        assert_eq!(again.code, Some(1), "what is there is not written over: {again:?}");
        let none = Program::run(&mut home.command(&["audit", "export", "--organization", "den", "--to", "nowhere"]));
        assert!(none.code == Some(1) && none.stderr.contains("there is no organization den"), "{none:?}");
        let key = home.verify()["public_key"].as_str().unwrap().to_owned();
        let prove = |more: &[&str]| {
            let mut command = home.command(&["audit", "verify"]);
            Program::run(command.args(["--export", file]).args(more))
        };
        let believed = prove(&[]);
        assert!(believed.code == Some(0) && believed.stderr.contains("compare its fingerprint"), "{believed:?}");
        assert_eq!(prove(&["--public-key", &key]).code, Some(0));
        let another = prove(&["--public-key", &"A".repeat(43)]);
        assert!(another.code == Some(1) && another.stderr.contains("another key"), "{another:?}");
        assert_eq!(prove(&["--public-key", "short"]).code, Some(2));
        let text = std::fs::read_to_string(file).unwrap();
        std::fs::write(file, text.replacen("organization.created", "organization.deleted", 1)).unwrap();
        let changed = prove(&["--public-key", &key]);
        assert!(changed.code == Some(1) && changed.stderr.contains("not whole"), "{changed:?}");
    }
}
