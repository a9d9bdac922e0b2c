//! Cursor markers: `[|]` in a file of a case is where the cursor stands.

/// The text without its markers, and the byte offsets at which they stood.
pub fn take_cursors(text: &str) -> (String, Vec<usize>) {
    let mut plain = String::with_capacity(text.len());
    let mut cursors = Vec::new();
    let mut parts = text.split("[|]").peekable();
    while let Some(part) = parts.next() {
        plain.push_str(part);
        if parts.peek().is_some() {
            cursors.push(plain.len());
        }
    }
    (plain, cursors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_taken_out() {
        assert_eq!(take_cursors("a[|]b[|]"), ("ab".to_owned(), vec![1, 2]));
        assert_eq!(take_cursors("ab"), ("ab".to_owned(), vec![]));
    }
}
