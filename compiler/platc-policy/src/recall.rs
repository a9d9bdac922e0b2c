//! When a result that was kept still holds: if the model is the same, or if everything that the policy asked
//! of it has the same answer.
//!
//! Not here: where results are kept ([`crate::memo`]).
//!
//! Start with [`recall`].

use platc_artifact::judge::Cost;
use serde::{Deserialize, Serialize};

use crate::budget::Limits;
use crate::guest::Output;
use crate::memo::Memo;
use crate::questions::{self, Asked, Question};
use crate::run::Sight;

/// A result of a run that came to its end.
pub(crate) struct Recalled {
    pub(crate) output: Output,
    pub(crate) cost: Cost,
    pub(crate) log: Vec<String>,
}

/// The form in which it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// Digest of the model; zeros if none was shown.
    input: [u8; 32],
    /// What was asked of it, unless that was too much.
    questions: Option<Vec<Question>>,
    /// Digest of what was answered.
    answers: [u8; 32],
    output: Output,
    fuel: u64,
    host_work: u64,
    memory_bytes_max: u64,
    log: Vec<String>,
}

/// The result that is kept, if it holds for this model and these limits.
pub(crate) fn recall(
    memo: &dyn Memo,
    slot: [u8; 32],
    limits: &Limits,
    sight: Option<&Sight>,
) -> Option<Recalled> {
    // What cannot be read was written by another version. Nothing is lost: it is worked out anew.
    let mut kept: Kept = serde_json::from_slice(&memo.get(&slot)?).ok()?;
    let memory = usize::try_from(kept.memory_bytes_max).unwrap_or(usize::MAX);
    if kept.fuel > limits.fuel || kept.host_work > limits.host_work || memory > limits.memory_bytes {
        return None;
    }
    let input = sight.map_or([0; 32], |sight| sight.digest);
    if kept.input != input {
        let (questions, sight) = kept.questions.as_deref().zip(sight)?;
        if questions::answers(sight.view.as_ref(), &sight.selects, questions) != kept.answers {
            return None;
        }
        // The next time the model need only be the same as it is now.
        kept.input = input;
        put(memo, slot, &kept);
    }
    let Kept { output, fuel, host_work, memory_bytes_max, log, .. } = kept;
    Some(Recalled { output, cost: Cost { fuel, host_work, memory_bytes_max }, log })
}

/// Keeps a result.
pub(crate) fn keep(memo: &dyn Memo, slot: [u8; 32], result: Recalled, asked: Asked, sight: Option<&Sight>) {
    let questions = asked.into_questions();
    let answers = questions
        .as_deref()
        .zip(sight)
        .map(|(questions, sight)| questions::answers(sight.view.as_ref(), &sight.selects, questions));
    let Cost { fuel, host_work, memory_bytes_max } = result.cost;
    let kept = Kept {
        input: sight.map_or([0; 32], |sight| sight.digest),
        questions,
        answers: answers.unwrap_or_default(),
        output: result.output,
        fuel,
        host_work,
        memory_bytes_max,
        log: result.log,
    };
    put(memo, slot, &kept);
}

fn put(memo: &dyn Memo, slot: [u8; 32], kept: &Kept) {
    match serde_json::to_vec(kept) {
        Ok(kept) => memo.put(&slot, &kept),
        Err(_) => unreachable!("a record of texts, lists and numbers can always be written"),
    }
}
