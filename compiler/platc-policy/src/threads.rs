//! A work queue over policies, on threads whose stacks are large enough for them.
//!
//! Not here: the order of results: they come back by number, whoever finished first.
//!
//! Start with [`each`].

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use platc_diag::limits;

/// Does `work` for 0, 1, … `n_jobs` on up to `threads` threads. `None` for what was not done, because the
/// system gave us no thread.
///
/// Always on threads of our own, even for a single job: the caller's stack may be too small.
pub(crate) fn each<T: Send>(
    n_jobs: usize,
    threads: NonZeroUsize,
    work: impl Fn(usize) -> T + Sync,
) -> Vec<Option<T>> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let job = next.fetch_add(1, Ordering::Relaxed);
            if job >= n_jobs {
                return done;
            }
            done.push((job, work(job)));
        }
    };
    let mut results: Vec<Option<T>> = (0..n_jobs).map(|_| None).collect();
    thread::scope(|scope| {
        let spawn = || {
            let builder = thread::Builder::new().name("policy".into());
            builder.stack_size(limits::POLICY_THREAD_STACK_BYTES).spawn_scoped(scope, worker).ok()
        };
        let workers: Vec<_> = (0..threads.get().min(n_jobs)).map_while(|_| spawn()).collect();
        for worker in workers {
            match worker.join() {
                Ok(done) => {
                    for (job, result) in done {
                        if let Some(place) = results.get_mut(job) {
                            *place = Some(result);
                        }
                    }
                }
                // A bug of ours. It goes on to the edge, where it is caught and reported.
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    results
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_back_by_number() {
        for threads in [1, 4, 64] {
            let threads = NonZeroUsize::new(threads).expect("not zero");
            let squares = each(100, threads, |n| n * n);
            assert_eq!(squares, (0..100).map(|n| Some(n * n)).collect::<Vec<_>>());
        }
        assert!(each(0, NonZeroUsize::MIN, |n| n).is_empty());
    }
}
