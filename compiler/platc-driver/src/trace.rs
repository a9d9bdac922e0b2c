//! How long what took, for `--timings` and `--trace`: spans with names, recorded once somebody installed a clock.
//!
//! A span is begun by [`span`] and ends when it is dropped. Without a clock that is nearly free, and the library
//! has none of its own, so no result can depend on time. It is one for the process, as a log would be, and not
//! a parameter of every phase, none of which has anything to do with it.
//!
//! Start at [`install`] and [`span`].

use std::sync::{Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

/// Time since some moment that stays the same.
pub type Clock = Box<dyn Fn() -> Duration + Send + Sync>;

struct Recorder {
    clock: Clock,
    spans: Mutex<Vec<Span>>,
}

static RECORDER: OnceLock<Recorder> = OnceLock::new();

/// Hears of phases as they begin.
pub type Listener = Box<dyn Fn(&str) + Send + Sync>;

static LISTENER: RwLock<Option<Listener>> = RwLock::new(None);

/// While it lives, somebody listens.
#[derive(Debug)]
#[must_use = "nobody listens once it is dropped"]
pub struct Listening(());

/// Something that took time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Span {
    /// What was done, or to which file.
    pub name: String,
    /// What sort of thing it is.
    pub kind: Kind,
    /// Since the clock's moment.
    pub begin: Duration,
    /// Since the clock's moment.
    pub end: Duration,
    /// 0 is the thread that everything begins on; the others are those of the pool.
    pub thread: usize,
}

/// What sort of thing took time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// A step of the pipeline; such steps follow one another.
    Phase,
    /// One file of many, beside others.
    File,
}

/// A span that has not ended. It does when it is dropped.
#[derive(Debug)]
#[must_use = "a span ends when it is dropped"]
pub struct Open(Option<(String, Kind, Duration)>);

/// Records from now on. A second clock is refused: spans of two would not compare.
pub fn install(clock: Clock) {
    // Whoever was first stays.
    let _ = RECORDER.set(Recorder { clock, spans: Mutex::default() });
}

/// Tells of phases as they begin, for somebody who waits; of two at once, the later listens.
pub fn tell(listener: Listener) -> Listening {
    *LISTENER.write().unwrap_or_else(PoisonError::into_inner) = Some(listener);
    Listening(())
}

impl Drop for Listening {
    fn drop(&mut self) {
        *LISTENER.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Begins a phase.
pub fn span(name: &str) -> Open {
    if let Some(listener) = &*LISTENER.read().unwrap_or_else(PoisonError::into_inner) {
        listener(name);
    }
    open(Kind::Phase, || name.to_owned())
}

/// Begins work on one file of many.
pub fn file(path: &str) -> Open {
    open(Kind::File, || path.to_owned())
}

/// What was recorded until now, in the order of beginning; it is forgotten here.
pub fn take() -> Vec<Span> {
    let Some(recorder) = RECORDER.get() else { return Vec::new() };
    let mut spans = std::mem::take(&mut *recorder.spans.lock().unwrap_or_else(PoisonError::into_inner));
    spans.sort_by(|a, b| (a.begin, b.end, a.thread, &a.name).cmp(&(b.begin, a.end, b.thread, &b.name)));
    spans
}

fn open(kind: Kind, name: impl FnOnce() -> String) -> Open {
    Open(RECORDER.get().map(|recorder| (name(), kind, (recorder.clock)())))
}

impl Drop for Open {
    fn drop(&mut self) {
        let (Some((name, kind, begin)), Some(recorder)) = (self.0.take(), RECORDER.get()) else { return };
        let thread = rayon::current_thread_index().map_or(0, |index| index + 1);
        let span = Span { name, kind, begin, end: (recorder.clock)(), thread };
        recorder.spans.lock().unwrap_or_else(PoisonError::into_inner).push(span);
    }
}

/// Spans in the trace event format, which Perfetto and Chrome's `about:tracing` open: a complete event (`X`) for
/// each, times in microseconds.
pub fn chrome(spans: &[Span]) -> String {
    let micros = |time: Duration| serde_json::json!(time.as_nanos().div_ceil(1000));
    let event = |span: &Span| {
        serde_json::json!({
            "name": span.name,
            "cat": match span.kind { Kind::Phase => "phase", Kind::File => "file" },
            "ph": "X",
            "ts": micros(span.begin),
            "dur": micros(span.end.saturating_sub(span.begin)),
            "pid": 1,
            "tid": span.thread,
        })
    };
    let mut threads: Vec<usize> = spans.iter().map(|span| span.thread).collect();
    threads.sort_unstable();
    threads.dedup();
    let named = threads.into_iter().map(|thread| {
        let name = if thread == 0 { "main".to_owned() } else { format!("worker {thread}") };
        serde_json::json!({ "name": "thread_name", "ph": "M", "pid": 1, "tid": thread, "args": { "name": name } })
    });
    let lines: Vec<String> = named.chain(spans.iter().map(event)).map(|event| event.to_string()).collect();
    format!("{{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n{}\n]}}\n", lines.join(",\n"))
}

/// The phases with what each took, for people. One that ran twice has one line; one within another is indented.
pub fn table(spans: &[Span]) -> String {
    let mut rows: Vec<(usize, &str, Duration)> = Vec::new();
    let mut around: Vec<Duration> = Vec::new();
    for span in spans.iter().filter(|span| span.kind == Kind::Phase) {
        while around.last().is_some_and(|end| *end <= span.begin) {
            around.pop();
        }
        let took = span.end.saturating_sub(span.begin);
        match rows.iter_mut().find(|(depth, name, _)| *depth == around.len() && *name == span.name) {
            Some((_, _, sum)) => *sum += took,
            None => rows.push((around.len(), &span.name, took)),
        }
        around.push(span.end);
    }
    let line = |(depth, name, took): &(usize, &str, Duration)| {
        let micros = took.as_micros();
        format!("{:>6}.{:03} ms  {:indent$}{name}\n", micros / 1000, micros % 1000, "", indent = depth * 2)
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phase(name: &str, begin: u64, end: u64) -> Span {
        let time = Duration::from_micros;
        Span { name: name.into(), kind: Kind::Phase, begin: time(begin), end: time(end), thread: 0 }
    }

    #[test]
    fn a_table_sums_phases_and_indents_what_is_within() {
        let file = Span { kind: Kind::File, thread: 2, ..phase("a.yaml", 2100, 2200) };
        let spans = [phase("read", 0, 1500), phase("plan", 1500, 4000), phase("prove", 2000, 3000), file];
        let spans = [&spans[..], &[phase("read", 4000, 4250)]].concat();
        assert_eq!(table(&spans), "     1.750 ms  read\n     2.500 ms  plan\n     1.000 ms    prove\n");
    }

    #[test]
    fn a_trace_is_json_with_complete_events() {
        let spans = [phase("read \"it\"", 0, 1500), Span { kind: Kind::File, thread: 2, ..phase("a", 5, 7) }];
        let trace: serde_json::Value = serde_json::from_str(&chrome(&spans)).expect("JSON");
        let events = trace["traceEvents"].as_array().expect("a list");
        assert_eq!(events.len(), 4, "two threads with names, two spans");
        assert_eq!(events[2]["name"], "read \"it\"");
        assert_eq!(
            (&events[3]["ph"], &events[3]["ts"], &events[3]["dur"], &events[3]["tid"]),
            (&"X".into(), &5.into(), &2.into(), &2.into())
        );
    }

    #[test]
    fn without_a_clock_nothing_is_recorded() {
        // Tests run in processes of their own, and this one installs none.
        drop(span("x"));
        assert_eq!(take(), []);
    }
}
