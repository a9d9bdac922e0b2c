//! SHA-256 as a type, its hexadecimal form, and the id of a build.
//!
//! Not here: anything that reads files; whoever has bytes asks [`Digest::of`]. Start at [`Digest`].

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::BadName;

/// A SHA-256. Written as 64 lower-case hexadecimal digits; only those are read back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// The id of a build: the SHA-256 of its manifest's canonical bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BuildId(Digest);

/// A digest of bytes that come in parts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hasher(Sha256);

impl Hasher {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn digest(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

const DIGITS: [u8; 16] = *b"0123456789abcdef";

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// A digest that was computed elsewhere: a fingerprint of inputs, for instance.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 lower-case hexadecimal digits.
    ///
    /// # Errors
    /// Where `text` is anything else, upper-case digits included: one digest has one spelling, or two
    /// manifests of the same files could differ.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        Self::from_digits(text.bytes())
            .ok_or_else(|| BadName::new("a SHA-256", text, "64 digits out of `0-9a-f`"))
    }

    /// Reads the name of an object: that of its directory and its own.
    pub(crate) fn of_object_name(shard: &str, rest: &str) -> Option<Self> {
        (shard.len() == SHARD_DIGITS).then(|| Self::from_digits(shard.bytes().chain(rest.bytes())))?
    }

    fn from_digits(mut digits: impl Iterator<Item = u8>) -> Option<Self> {
        let mut bytes = [0; 32];
        let mut wrong = 0;
        for byte in &mut bytes {
            let (high, low) = (nibble(digits.next()?), nibble(digits.next()?));
            wrong |= high | low;
            *byte = (high << 4) | (low & 15);
        }
        (wrong < NO_DIGIT && digits.next().is_none()).then_some(Self(bytes))
    }

    /// Appends the 64 digits.
    pub(crate) fn write_hex(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.hex());
    }

    /// `ab/cdef…`: the name of the object with this digest, below `store/sha256`.
    pub(crate) fn object_name(&self) -> String {
        let hex = self.hex();
        let (shard, rest) = text(&hex).split_at(SHARD_DIGITS);
        let mut name = String::with_capacity(hex.len() + 1);
        name.push_str(shard);
        name.push('/');
        name.push_str(rest);
        name
    }

    /// `ab`: the directory of [`object_name`](Self::object_name).
    pub(crate) fn shard_name(&self) -> String {
        let hex = self.hex();
        text(&hex).split_at(SHARD_DIGITS).0.to_owned()
    }

    /// Which of the 256 directories of objects this digest belongs to.
    pub(crate) fn shard(&self) -> usize {
        let [first, ..] = self.0;
        usize::from(first)
    }

    fn hex(&self) -> [u8; 64] {
        let mut digits = [0; 64];
        for (pair, byte) in digits.as_chunks_mut().0.iter_mut().zip(self.0) {
            *pair = [digit(byte >> 4), digit(byte & 15)];
        }
        digits
    }
}

fn text(digits: &[u8; 64]) -> &str {
    str::from_utf8(digits).unwrap_or_else(|_| unreachable!("digits are ASCII"))
}

/// How many digits name the directory of an object. 256 directories keep each below a block of names
/// for tens of thousands of objects.
const SHARD_DIGITS: usize = 2;

impl BuildId {
    /// The id of the build whose manifest has these bytes.
    pub fn of(manifest: &[u8]) -> Self {
        Self(Digest::of(manifest))
    }

    /// Reads an id; see [`Digest::parse`].
    ///
    /// # Errors
    /// As [`Digest::parse`].
    pub fn parse(text: &str) -> Result<Self, BadName> {
        Digest::parse(text).map(Self)
    }

    /// As a digest: of `build.json`, which is also an object of the store.
    pub const fn digest(&self) -> &Digest {
        &self.0
    }
}

impl From<Digest> for BuildId {
    fn from(digest: Digest) -> Self {
        Self(digest)
    }
}

/// Bytes by what is known of them: enough to find their object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known {
    /// Their SHA-256.
    pub digest: Digest,
    /// Their number.
    pub size: u64,
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(text(&self.hex()))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for BuildId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for BuildId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

fn digit(nibble: u8) -> u8 {
    DIGITS.get(usize::from(nibble)).copied().unwrap_or_else(|| unreachable!("a nibble is below 16"))
}

/// What a byte is worth as a digit; [`NO_DIGIT`] where it is none. Looked up and not compared, because
/// nobody, the processor included, can guess the next digit of a hash.
fn nibble(digit: u8) -> u8 {
    NIBBLES.get(usize::from(digit)).copied().unwrap_or(NO_DIGIT)
}

const NO_DIGIT: u8 = 16;

const NIBBLES: [u8; 256] = {
    let mut nibbles = [NO_DIGIT; 256];
    let mut worth = 0;
    while worth < DIGITS.len() {
        #[expect(
            clippy::indexing_slicing,
            clippy::cast_possible_truncation,
            reason = "below 16; at compile time"
        )]
        {
            nibbles[DIGITS[worth] as usize] = worth as u8;
        }
        worth += 1;
    }
    nibbles
};

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn a_digest_has_one_spelling() {
        assert_eq!(Digest::of(b"").to_string(), EMPTY);
        assert_eq!(Digest::parse(EMPTY), Ok(Digest::of(b"")));
        for wrong in [&EMPTY.to_uppercase(), &EMPTY[1..], &format!("{EMPTY}0"), &EMPTY.replace('e', "g"), ""]
        {
            assert!(Digest::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_object_lies_in_the_directory_of_its_first_byte() {
        let digest = Digest::of(b"");
        assert_eq!(digest.object_name(), format!("{}/{}", &EMPTY[..2], &EMPTY[2..]));
        assert_eq!(digest.shard_name(), "e3");
        assert_eq!(digest.shard(), 0xe3);
    }
}
