//! Server-sent events: a feed that is asked every second and sent as it grows.

use std::cell::Cell;
use std::convert::Infallible;

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::LocalBoxStream;
use http_body::Frame;
use http_body_util::StreamBody;
use spin_sdk::wasip3::clocks::monotonic_clock;
use web::Problem;
use web::events::{Feed, Progress};

/// How often a feed is asked.
const ASK_MS: u64 = 1_000;
/// How long a stream lasts. Hosts end a request after 30 seconds, and a stream that ends in order is resumed.
const STREAM_MS_MAX: u64 = 25_000;
/// Longest silence: proxies take one for the end, and a reader that is gone is noticed only when it is written to.
const SILENCE_MS_MAX: u64 = 10_000;
/// Streams open in one instance. Beyond them readers get what is new at once, and come back for more.
const STREAMS_MAX: usize = 64;
/// When a reader comes back to a stream that ended.
const RETRY_MS: u64 = 1_000;
/// When a reader comes back to an instance that has no room for its stream.
const RETRY_FULL_MS: u64 = 5_000;

const NANOS_IN_MS: u64 = 1_000_000;

/// The body of a feed.
pub type Body = StreamBody<LocalBoxStream<'static, Result<Frame<Bytes>, Infallible>>>;

thread_local! {
    static OPEN: Cell<usize> = const { Cell::new(0) };
}

/// A place among the instance's streams.
struct Place;

impl Place {
    fn take() -> Option<Self> {
        let open = OPEN.get();
        (open < STREAMS_MAX).then(|| {
            OPEN.set(open + 1);
            Self
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        OPEN.set(OPEN.get() - 1);
    }
}

/// A stream being sent.
struct Stream {
    feed: Feed,
    component: &'static str,
    /// None where there was no room: then everything is said at once.
    place: Option<Place>,
    started_ms: u64,
    spoken_ms: u64,
    ends: bool,
}

/// The body that asks `feed` until it ends, or its time is over. What is new already is in it from the beginning.
///
/// # Errors
/// When the feed fails at the first question: nothing was sent yet, so it may be answered with a problem.
pub fn body(component: &'static str, feed: Feed) -> Result<Body, Problem> {
    let now = now_ms();
    let place = Place::take();
    let retry = if place.is_some() { RETRY_MS } else { RETRY_FULL_MS };
    let mut stream =
        Stream { feed, component, ends: place.is_none(), place, started_ms: now, spoken_ms: now };
    let mut first = format!("retry: {retry}\n\n");
    first += &stream.ask()?;
    let frames = futures::stream::unfold((Some(first), stream), |(first, mut stream)| async move {
        let text = match first {
            Some(first) => first,
            None => stream.next().await?,
        };
        let frame = Frame::data(Bytes::from(text));
        Some((Ok::<_, Infallible>(frame), (None, stream)))
    });
    Ok(StreamBody::new(frames.boxed_local()))
}

impl Stream {
    /// What is to be sent next; none when the stream is over.
    async fn next(&mut self) -> Option<String> {
        while !self.ends && now_ms() - self.started_ms < STREAM_MS_MAX {
            monotonic_clock::wait_for(ASK_MS * NANOS_IN_MS).await;
            let text = match self.ask() {
                Ok(text) => text,
                Err(problem) => {
                    eprintln!("feed.failed component={} cause={:?}", self.component, problem.cause());
                    return None;
                }
            };
            let now = now_ms();
            let is_silent = now - self.spoken_ms >= SILENCE_MS_MAX;
            if !text.is_empty() || is_silent {
                self.spoken_ms = now;
                return Some(if text.is_empty() { ": \n\n".to_owned() } else { text });
            }
        }
        self.place = None;
        None
    }

    fn ask(&mut self) -> Result<String, Problem> {
        let events = match (self.feed)(crate::sql::connection(), crate::system_now())? {
            Progress::Goes(events) => events,
            Progress::Ends(events) => {
                self.ends = true;
                events
            }
        };
        Ok(events.iter().map(web::events::Event::text).collect())
    }
}

fn now_ms() -> u64 {
    monotonic_clock::now() / NANOS_IN_MS
}
