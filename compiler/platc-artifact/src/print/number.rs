//! Numbers as every reader of every format reads them back.
//!
//! Not here: which numbers a format lacks; its own file says so. Start with [`push_float`].

/// Appends a whole number.
#[inline]
pub(crate) fn push_int(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends a whole number.
#[inline]
pub(crate) fn push_uint(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// The shortest digits that read back as `value`, always with a point and, if there is an exponent,
/// with its sign: readers of YAML 1.1 take `1e21` for a string, and `30` would be a whole number.
/// `value` is finite.
pub(crate) fn float(value: f64) -> String {
    let shortest = format!("{value:?}");
    match shortest.split_once('e') {
        None => shortest,
        Some((digits, exponent)) => {
            let point = if digits.contains('.') { "" } else { ".0" };
            let sign = if exponent.starts_with('-') { "" } else { "+" };
            format!("{digits}{point}e{sign}{exponent}")
        }
    }
}

/// Appends what [`float`] gives.
pub(crate) fn push_float(out: &mut Vec<u8>, value: f64) {
    out.extend_from_slice(float(value).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::float;

    #[test]
    fn a_float_always_looks_like_one() {
        let shown: Vec<String> = [30.0, -0.0, 0.1, 1e21, 1.5e300, 1e-7, 5e-324].map(float).into();
        assert_eq!(shown, ["30.0", "-0.0", "0.1", "1.0e+21", "1.5e+300", "1.0e-7", "5.0e-324"]);
    }
}
