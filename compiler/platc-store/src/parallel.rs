//! The same work on many things, on as many threads as the caller allows.
//!
//! Each thread takes one contiguous part, so that neighbours in a directory stay together, and the
//! results come back in order. Not here: a pool; the threads live as long as the call.

use std::num::NonZeroUsize;
use std::thread;

/// Below this, starting a thread costs more than it saves: a thread is worth about a hundred `stat`s.
pub(crate) const FILES_MIN: usize = 128;

/// Calls `work` on contiguous parts of `items`, of at least `part_min`, each on its own thread, and gives
/// the results in order.
pub(crate) fn in_parts<T: Sync, R: Send>(
    threads: NonZeroUsize,
    items: &[T],
    part_min: usize,
    work: impl Fn(&[T]) -> R + Sync,
) -> Vec<R> {
    let parts = threads.get().min(items.len() / part_min.max(1)).max(1);
    let mut chunks = items.chunks(items.len().div_ceil(parts).max(1));
    let Some(own) = chunks.next() else { return vec![work(items)] };
    thread::scope(|scope| {
        let work = &work;
        let others: Vec<_> = chunks.map(|chunk| scope.spawn(move || work(chunk))).collect();
        let mut results = vec![work(own)];
        for other in others {
            match other.join() {
                Ok(result) => results.push(result),
                // A panic is a bug of ours, and stays one.
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order_whatever_the_threads() {
        let items: Vec<usize> = (0..1000).collect();
        for threads in [1, 2, 3, 64] {
            let threads = NonZeroUsize::new(threads).unwrap();
            let parts = in_parts(threads, &items, FILES_MIN, <[usize]>::to_vec);
            assert_eq!(parts.concat(), items);
            assert_eq!(in_parts(threads, &items[..0], 1, <[usize]>::len), [0]);
        }
    }
}
