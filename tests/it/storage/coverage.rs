//! The suite knows every public function of storage: a new one without a test fails here.

use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let rust = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    rust.map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect()
}

#[test]
fn every_public_function_of_storage_is_called_here() {
    let suite: String = files("tests/it/storage")
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    let mut known = 0;
    for (path, text) in files("src/storage") {
        let module = path.file_stem().unwrap().to_str().unwrap();
        for line in text.lines() {
            let function = line
                .strip_prefix("pub async fn ")
                .or_else(|| line.strip_prefix("pub fn "));
            let Some(name) = function.and_then(|rest| rest.split(['(', '<']).next()) else {
                continue;
            };
            let module = if module == "open" { "storage" } else { module };
            assert!(
                suite.contains(&format!("{module}::{name}(")),
                "{module}::{name} has no test"
            );
            known += 1;
        }
    }
    assert!(known > 60, "only {known} found: has their form changed?");
}
