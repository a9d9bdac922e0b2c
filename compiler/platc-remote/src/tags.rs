//! What tags mean: the digest of the image that a registry has under each of them.
//!
//! Start at [`digests`].

use platc_store::Digest;

use crate::parallel::each;
use crate::{Credentials, Error, Reference, Registry, Result};

/// The digest of each image, as whoever pulls it by digest has to name it; nothing for those that are not there.
///
/// # Errors
/// Where a registry cannot be asked, or does not let us.
pub fn digests(references: &[Reference], credentials: &Credentials) -> Result<Vec<Option<Digest>>> {
    each(references, |reference| match Registry::open(reference, credentials.clone()).digest() {
        Ok(digest) => Ok(Some(digest)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    })
}
