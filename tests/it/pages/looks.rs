//! Looking at the page that a browser is on, as everybody would: wide and narrow, light and dark, and with axe-core's eyes.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::harness::browser::{Browser, ColorScheme, NARROW, WIDE};

const AXE: &str = "tests/clients/node/node_modules/axe-core/axe.min.js";

/// No preloading: it would fetch the stylesheet by a script, which the policy forbids.
const RUN: &str = "const done = arguments[0];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    axe.run({ runOnly: tags, preload: false }).then(
        ({ violations }) => done(violations.flatMap(({ id, nodes }) =>
            nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`))),
        (error) => done([String(error)]));";

impl Browser {
    /// Takes the page's pictures as `{name}-wide-light.png` and so on, and tells what is wrong with it in any of them.
    /// Leaves it wide and light.
    pub(super) async fn looks(&self, name: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        for (size, viewport) in [("narrow", NARROW), ("wide", WIDE)] {
            self.resize(viewport).await;
            for (tone, scheme) in [("dark", ColorScheme::Dark), ("light", ColorScheme::Light)] {
                self.prefer(scheme).await;
                self.screenshot(&format!("{name}-{size}-{tone}")).await;
                let violations = self.violations().await;
                wrong.extend(
                    violations
                        .into_iter()
                        .map(|one| format!("{name} {size} {tone}: {one}")),
                );
            }
            let measure = "return document.documentElement.scrollWidth - innerWidth";
            if self.execute(measure, Vec::new()).await.unwrap() != json!(0) {
                wrong.push(format!("{name} {size}: wider than its window"));
            }
        }
        wrong
    }

    /// What axe-core finds wrong with the page as it stands.
    pub(super) async fn violations(&self) -> Vec<String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(AXE);
        let axe = fs::read_to_string(path).expect("axe-core is not installed: run `make clients`");
        self.execute(&axe, Vec::new()).await.unwrap();
        let found = self.execute_async(RUN, Vec::new()).await.unwrap();
        let found = found.as_array().expect("the script answers with a list").iter();
        found
            .map(|one| one.as_str().unwrap_or_default().to_owned())
            .collect()
    }
}
