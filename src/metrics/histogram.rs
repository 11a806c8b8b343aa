//! How long something takes, in buckets.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Exposition;

/// The upper bounds in microseconds, and how they are written in seconds. From a key that is in memory to a password
/// that waits its turn.
const BOUNDS: [(u64, &str); 14] = [
    (100, "0.0001"),
    (250, "0.00025"),
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (1_000_000, "1"),
    (5_000_000, "5"),
    (30_000_000, "30"),
];

/// Durations, counted.
#[derive(Default)]
pub(super) struct Histogram {
    buckets: [AtomicU64; BOUNDS.len() + 1],
    nanos: AtomicU64,
}

impl Histogram {
    /// One more.
    pub(super) fn observe(&self, took: Duration) {
        let bucket = BOUNDS.partition_point(|(bound, _)| Duration::from_micros(*bound) < took);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.nanos.fetch_add(nanos, Ordering::Relaxed);
    }

    /// Its samples: cumulative buckets, sum and count.
    pub(super) fn write(&self, page: &mut Exposition, family: &str, labels: [(&str, &str); 2]) {
        let [first, second] = labels;
        let mut seen = 0;
        let bounds = BOUNDS.iter().map(|(_, written)| *written).chain(["+Inf"]);
        for (bucket, bound) in self.buckets.iter().zip(bounds) {
            seen += bucket.load(Ordering::Relaxed);
            page.sample(&format!("{family}_bucket"), &[first, second, ("le", bound)], seen);
        }
        let sum = Duration::from_nanos(self.nanos.load(Ordering::Relaxed));
        page.sample(&format!("{family}_sum"), &labels, sum.as_secs_f64());
        page.sample(&format!("{family}_count"), &labels, seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_its_bucket_and_every_bucket_holds_those_below() {
        let histogram = Histogram::default();
        for took in [
            Duration::ZERO,
            Duration::from_micros(100),
            Duration::from_nanos(100_001),
            Duration::from_mins(2),
        ] {
            histogram.observe(took);
        }
        let mut page = Exposition::default();
        histogram.write(&mut page, "x", [("a", "b"), ("c", "d")]);
        let text = page.into_text();
        for line in [
            r#"x_bucket{a="b",c="d",le="0.0001"} 2"#,
            r#"x_bucket{a="b",c="d",le="0.00025"} 3"#,
            r#"x_bucket{a="b",c="d",le="30"} 3"#,
            r#"x_bucket{a="b",c="d",le="+Inf"} 4"#,
            r#"x_sum{a="b",c="d"} 120.000200001"#,
            r#"x_count{a="b",c="d"} 4"#,
        ] {
            assert!(text.lines().any(|found| found == line), "no {line} in {text}");
        }
    }
}
