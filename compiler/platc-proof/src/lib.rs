//! What fits, what is left and what may fail: claims over a plan, proven or refuted.
//!
//! A crate of its own, above the plan: the plan says what is decided and does not know whether that was shown
//! to hold; nothing here decides anything. So a proof can be slow, be cut off or be left out, and no byte of
//! output changes.
//!
//! | module | answers |
//! |---|---|
//! | [`pack`] | does everything find a place, or why not: numbers only |
//! | [`room`] | which pods and hosts those numbers are |
//! | [`loss`] | what is left after hosts are gone |
//! | [`drain`] | does a drain of each host end |
//! | [`rollout`] | can each service roll |
//! | [`what_if`] | what if there were another host, or twice the pods |
//! | [`claims`] | what is claimed with `survives`, and what came of it |
//!
//! Not here: what is on each host before any service and what pods ask for (`platc_plan::ledger`), and how
//! any of it is drawn (`platc-report`).
//!
//! Start with [`prove`].

pub mod claims;
pub mod drain;
mod errors;
pub mod findings;
pub mod loss;
pub mod pack;
pub mod rollout;
pub mod room;
pub mod shortage;
pub mod what_if;

pub use claims::{Claim, Proof, Proofs, Standing, lose, prove};
pub use loss::{Break, Case, Fit, Outcome, Prover, Scope};

/// Whether a finding is one of this crate: of a plan that is sound, and asks for more than it has.
pub fn is_of_a_proof(finding: &platc_diag::Diagnostic) -> bool {
    use platc_diag::codes;
    let own = [
        codes::E0508,
        codes::E0512,
        codes::E0513,
        codes::E0514,
        codes::E0515,
        codes::E0540,
        codes::E0541,
        codes::E0542,
        codes::E0543,
        codes::E0544,
        codes::E0545,
        codes::E0546,
    ];
    own.iter().any(|code| finding.code().id() == code.id())
}
