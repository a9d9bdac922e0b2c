//! Numbers as every reader of every format reads them back.
//!
//! Not here: which numbers a format lacks; its own file says so. Start with [`push_float`].

use std::io::Write;

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

/// Appends the shortest digits that read back as `value`, which is finite: always with a point and, if there
/// is an exponent, with its sign. Readers of YAML 1.1 take `1e21` for a string, and `30` is a whole number.
pub(crate) fn push_float(out: &mut Vec<u8>, value: f64) {
    let start = out.len();
    // Writing into a vector does not fail.
    let _ = write!(out, "{value:?}");
    let mut sides = out.get(start..).unwrap_or_default().split(|byte| *byte == b'e');
    let (Some(digits), Some(exponent)) = (sides.next(), sides.next()) else { return };
    let point: &[u8] = if digits.contains(&b'.') { b"" } else { b".0" };
    let sign: &[u8] = if exponent.starts_with(b"-") { b"" } else { b"+" };
    let number = [digits, point, b"e", sign, exponent].concat();
    out.truncate(start);
    out.extend_from_slice(&number);
}

#[cfg(test)]
mod tests {
    use super::push_float;

    #[test]
    fn a_float_always_looks_like_one() {
        let float = |value| {
            let mut out = b"1e5 ".to_vec();
            push_float(&mut out, value);
            String::from_utf8(out.split_off(4)).unwrap()
        };
        let shown = [30.0, -0.0, 0.1, 1e21, 1.5e300, 1e-7, 5e-324].map(float);
        assert_eq!(shown, ["30.0", "-0.0", "0.1", "1.0e+21", "1.5e+300", "1.0e-7", "5.0e-324"]);
    }
}
