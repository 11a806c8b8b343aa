//! Whether anything happens on a connection. A client that is silent, or sends a head byte by byte, is not waited for.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use hyper::body::Frame;

/// A connection without a request is closed after this long, or at most twice as long.
const PATIENCE: Duration = Duration::from_secs(10);

/// What happens on a connection. A look at it now and then costs a request less than a timer of its own.
#[derive(Default)]
pub(super) struct Pulse {
    begun: AtomicU32,
    ended: AtomicU32,
}

/// One request, until it is dropped: with its answer, or with the connection.
pub(super) struct Beat(Arc<Pulse>);

/// An answer that is not whole yet.
struct GoingOn {
    body: Body,
    _beat: Beat,
}

impl Pulse {
    /// Waits until nothing has happened for too long.
    #[expect(clippy::disallowed_methods, reason = "waits for a client that says nothing")]
    pub(super) async fn stops(&self) {
        let mut seen = self.look();
        loop {
            tokio::time::sleep(PATIENCE).await;
            let now = self.look();
            if is_silence(seen, now) {
                return;
            }
            seen = now;
        }
    }

    fn look(&self) -> [u32; 2] {
        [&self.begun, &self.ended].map(|count| count.load(Ordering::Relaxed))
    }
}

impl Beat {
    /// A request's head is here.
    pub(super) fn begin(pulse: &Arc<Pulse>) -> Self {
        pulse.begun.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(pulse))
    }

    /// The request goes on for as long as its answer is made; one of known length is made already.
    pub(super) fn end_with(self, answer: Response) -> Response {
        if answer.body().size_hint().exact().is_some() {
            return answer;
        }
        answer.map(|body| Body::new(GoingOn { body, _beat: self }))
    }
}

impl Drop for Beat {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

impl HttpBody for GoingOn {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }
}

/// Nothing began and nothing ended since the last look, and nothing goes on.
fn is_silence(seen: [u32; 2], now: [u32; 2]) -> bool {
    seen == now && now[0] == now[1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_connection_without_any_request_is_silent() {
        let pulse = Arc::<Pulse>::default();
        let silent = |before| is_silence(before, pulse.look());
        let before = pulse.look();
        assert!(silent(before));
        let beat = Beat::begin(&pulse);
        assert!(!silent(before));
        assert!(!silent(pulse.look()), "a request goes on");
        let before = pulse.look();
        drop(beat.end_with(Response::new(Body::from("short"))));
        assert!(!silent(before), "it ended since");
        assert!(silent(pulse.look()));
    }

    #[test]
    fn an_answer_of_unknown_length_goes_on_until_it_is_dropped() {
        let pulse = Arc::<Pulse>::default();
        let stream = Body::new(GoingOn {
            body: Body::empty(),
            _beat: Beat::begin(&pulse),
        });
        let answer = Beat::begin(&pulse).end_with(Response::new(stream));
        assert!(!is_silence(pulse.look(), pulse.look()));
        drop(answer);
        assert!(is_silence(pulse.look(), pulse.look()));
    }
}
