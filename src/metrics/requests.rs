//! HTTP requests by route pattern, method and class of status, and how long they take.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::histogram::Histogram;
use super::{Exposition, Kind};

/// Places for a route with a method; several times as many as there are.
const PLACES: usize = 1024;

/// The classes of status.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Requests by route and method: a table that is only ever added to, so that counting in it takes no lock.
pub struct Requests {
    places: Box<[OnceLock<Series>]>,
    /// Those that found no place.
    others: Series,
}

/// One route with one method.
struct Series {
    route: Box<str>,
    method: &'static str,
    classes: [AtomicU64; CLASSES.len()],
    took: Histogram,
}

impl Default for Requests {
    fn default() -> Self {
        Self {
            places: (0..PLACES).map(|_| OnceLock::new()).collect(),
            others: Series::new("other", "other"),
        }
    }
}

impl Requests {
    /// One more. `route` is a pattern of the router's, never the address that somebody asked for.
    pub fn count(&self, route: &str, method: &'static str, status: u16, took: Duration) {
        let series = self.series(route, method);
        let class = usize::from(status / 100).clamp(1, CLASSES.len()) - 1;
        series.classes[class].fetch_add(1, Ordering::Relaxed);
        series.took.observe(took);
    }

    fn series(&self, route: &str, method: &'static str) -> &Series {
        let start = hash(route, method);
        (0..PLACES)
            .map(|step| self.places[(start + step) % PLACES].get_or_init(|| Series::new(route, method)))
            .find(|series| series.method == method && *series.route == *route)
            .unwrap_or(&self.others)
    }

    /// Writes both families, routes in alphabetical order.
    pub(super) fn write(&self, page: &mut Exposition) {
        let others = Some(&self.others).filter(|others| others.is_used());
        let mut all: Vec<_> = self
            .places
            .iter()
            .filter_map(OnceLock::get)
            .chain(others)
            .collect();
        all.sort_by_key(|series| (&series.route, series.method));

        let name = "doorward_http_requests_total";
        page.family(name, Kind::Counter, "Requests answered on the public port.");
        for series in &all {
            for (class, count) in CLASSES.iter().zip(&series.classes) {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    let [route, method] = series.labels();
                    page.sample(name, &[route, method, ("status", class)], count);
                }
            }
        }
        let name = "doorward_http_request_duration_seconds";
        page.family(
            name,
            Kind::Histogram,
            "From a request's head to its answer's head.",
        );
        for series in &all {
            series.took.write(page, name, series.labels());
        }
    }
}

impl Series {
    fn new(route: &str, method: &'static str) -> Self {
        Self {
            route: route.into(),
            method,
            classes: Default::default(),
            took: Histogram::default(),
        }
    }

    fn is_used(&self) -> bool {
        self.classes.iter().any(|count| count.load(Ordering::Relaxed) > 0)
    }

    fn labels(&self) -> [(&str, &str); 2] {
        [("route", &self.route), ("method", self.method)]
    }
}

/// FNV-1a: the words are ours, so nobody can choose them to collide.
fn hash(route: &str, method: &str) -> usize {
    let bytes = route.bytes().chain(method.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    usize::try_from(hash >> 32).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(requests: &Requests) -> String {
        let mut page = Exposition::default();
        requests.write(&mut page);
        page.into_text()
    }

    #[test]
    fn each_route_method_and_class_has_its_own_count() {
        let requests = Requests::default();
        for (route, method, status) in [
            ("/a", "GET", 200),
            ("/a", "GET", 204),
            ("/a", "GET", 404),
            ("/a", "POST", 200),
            ("/b/{id}", "GET", 503),
        ] {
            requests.count(route, method, status, Duration::from_micros(1));
        }
        let text = text(&requests);
        for line in [
            r#"doorward_http_requests_total{route="/a",method="GET",status="2xx"} 2"#,
            r#"doorward_http_requests_total{route="/a",method="GET",status="4xx"} 1"#,
            r#"doorward_http_requests_total{route="/a",method="POST",status="2xx"} 1"#,
            r#"doorward_http_requests_total{route="/b/{id}",method="GET",status="5xx"} 1"#,
            r#"doorward_http_request_duration_seconds_count{route="/a",method="GET"} 3"#,
        ] {
            assert!(text.lines().any(|found| found == line), "no {line} in {text}");
        }
    }

    #[test]
    fn more_routes_than_places_are_counted_as_others_and_none_is_lost() {
        let requests = Requests::default();
        let routes = PLACES + 10;
        for number in 0..routes {
            requests.count(&format!("/{number}"), "GET", 200, Duration::ZERO);
        }
        let text = text(&requests);
        assert!(text.contains(r#"requests_total{route="other",method="other",status="2xx"} 10"#));
    }

    #[test]
    fn threads_that_count_at_once_lose_nothing() {
        let requests = Requests::default();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for number in 0..1000 {
                        let route = if number % 2 == 0 { "/even" } else { "/odd" };
                        requests.count(route, "GET", 200, Duration::ZERO);
                    }
                });
            }
        });
        let text = text(&requests);
        assert!(text.contains(r#"requests_total{route="/even",method="GET",status="2xx"} 2000"#));
        assert!(text.contains(r#"requests_total{route="/odd",method="GET",status="2xx"} 2000"#));
    }
}
