//! Rules by which the checker decides values that nobody wrote.

platc_diag::rules! {
    KIND_DEFAULT "default-of-the-kind": "What a field is when it is left out, as its kind says.";
    ONLY_ONE "the-only-one": "What may be left out while there is but one.";
}
