//! The tables of the warm path: what they remember, forget, and never believe.

use std::fs;

use super::help::*;
use crate::recall::RECALL_RECORDS_MAX;
use crate::{BuildId, Digest, Known};

fn digest(number: usize) -> Digest {
    Digest::of(&number.to_le_bytes())
}

#[test]
fn inputs_are_remembered_and_the_oldest_forgotten() {
    let sandbox = Sandbox::new("recall");
    let store = store(&sandbox.dist("dist"));
    assert_eq!(store.recall(&digest(0)), None);
    let id = |number| BuildId::from(digest(number + 1_000_000));
    for number in 0..RECALL_RECORDS_MAX {
        store.remember(&digest(number), &id(number)).unwrap();
    }
    assert_eq!(store.recall(&digest(0)), Some(id(0)));
    assert_eq!(store.recall(&digest(RECALL_RECORDS_MAX - 1)), Some(id(RECALL_RECORDS_MAX - 1)));
    // One more, and half goes.
    store.remember(&digest(RECALL_RECORDS_MAX), &id(7)).unwrap();
    assert_eq!(store.recall(&digest(0)), None);
    assert_eq!(store.recall(&digest(RECALL_RECORDS_MAX - 1)), Some(id(RECALL_RECORDS_MAX - 1)));
    assert_eq!(store.recall(&digest(RECALL_RECORDS_MAX)), Some(id(7)));
    let size = fs::metadata(store.dist().join("store/recall")).unwrap().len();
    assert_eq!(size, (RECALL_RECORDS_MAX as u64 / 2) * 80);
    // The newest answer counts.
    store.remember(&digest(RECALL_RECORDS_MAX), &id(8)).unwrap();
    assert_eq!(store.recall(&digest(RECALL_RECORDS_MAX)), Some(id(8)));
    assert_tidy(store.dist());
}

#[test]
fn a_memo_grows_and_keeps_what_is_used() {
    let sandbox = Sandbox::new("memo");
    let store = store(&sandbox.dist("dist"));
    let known = |number| Known { digest: digest(number + 1_000_000), size: number as u64 };
    let memo = store.memo();
    // Beyond what is spare besides four for each that is used.
    let count = 100_000;
    (0..count).for_each(|number| memo.learn(digest(number), known(number)));
    store.save_memo(&memo).unwrap();
    let memo = store.memo();
    assert_eq!(memo.get(&digest(0)), Some(known(0)));
    assert_eq!(memo.get(&digest(count)), None);
    memo.learn(digest(count), known(count));
    memo.learn(digest(1), known(5));
    store.save_memo(&memo).unwrap();
    let memo = store.memo();
    assert_eq!(memo.get(&digest(0)), Some(known(0)), "it was used");
    assert_eq!(memo.get(&digest(1)), Some(known(5)), "the newest answer counts");
    assert_eq!(memo.get(&digest(count)), Some(known(count)), "it is new");
    let rest = (2..count).filter(|number| memo.get(&digest(*number)).is_some()).count();
    assert!((30_000..34_000).contains(&rest), "half of what is spare, not {rest}");
    assert!(fs::metadata(store.dist().join("store/memo")).unwrap().len() < 80 * 34_000);
    // Nothing learned, nothing written.
    let before = all_of_it(store.dist());
    store.save_memo(&memo).unwrap();
    assert_eq!(all_of_it(store.dist()), before);
}

#[test]
fn a_torn_table_is_written_anew() {
    let sandbox = Sandbox::new("torn");
    let store = store(&sandbox.dist("dist"));
    let id = drive(&store, 1).unwrap();
    for name in ["store/memo", "store/recall"] {
        let table = store.dist().join(name);
        let whole = fs::read(&table).unwrap();
        fs::write(&table, &whole[..whole.len() - 3]).unwrap();
        assert_eq!(store.verify().unwrap().troubles.len(), 1);
        assert_eq!(drive(&store, 1).unwrap(), id);
        assert_clean(store.dist());
        assert_eq!(store.recall(&inputs(1)), Some(id));
        fs::remove_file(&table).unwrap();
        assert_eq!(drive(&store, 1).unwrap(), id);
        assert_eq!(store.memo().get(&Digest::of(b"ansible/inventory.yml 1")).unwrap().size, 8);
    }
}

#[test]
fn known_artifacts_need_no_bytes_unless_the_object_is_gone() {
    let sandbox = Sandbox::new("known");
    let store = store(&sandbox.dist("dist"));
    drive(&store, 1).unwrap();
    let (path, meta, bytes) = sample(1).remove(0);
    let known = Known { digest: Digest::of(&bytes), size: bytes.len() as u64 };
    let build = store.begin().unwrap();
    assert!(build.put_known(&path, meta.clone(), known).unwrap());
    let other = Known { digest: Digest::of(b"never stored"), size: 12 };
    assert!(!build.put_known(&super::help::path("other"), meta.clone(), other).unwrap());
    let size = Known { size: 3, ..known };
    assert!(!build.put_known(&super::help::path("other"), meta, size).unwrap());
    assert_eq!(build.finish(&finish(9)).unwrap().written.files, 2, "its lists");
    assert_clean(store.dist());
}
