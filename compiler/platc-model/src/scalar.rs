//! Scalars with meaning: what a word in quotes becomes once it is checked. A `Cidr` can only come from
//! its parser, so nobody checks again.
//!
//! Each has `parse`, which says what would be right when it refuses, and a canonical `Display`: parsing
//! what is displayed gives the same value. Not here: where a scalar may stand (`types`), and spans.
//!
//! Start with [`Scalar`], the list of them.

mod amount;
mod image;
mod name;
mod net;
mod time;

use std::fmt;

pub use amount::{Bytes, Cpu, Percent, Rate};
pub use image::{Digest, Image};
pub use name::{check_dns_label, check_dns_name, check_path, check_url};
pub use net::{Cidr, HostPort, Mac, parse_ip};
pub use time::{Cron, Date, Duration, Version};

/// Why a text is not the scalar that was wanted: the way out, as a clause.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrong(pub String);

impl Wrong {
    fn new(help: impl Into<String>) -> Self {
        Self(help.into())
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! scalars {
    ($($variant:ident $word:literal $noun:literal $like:literal,)*) => {
        /// The scalar types of the language.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Scalar {
            $(#[doc = concat!("`", $word, "`: ", $noun, ", like `", $like, "`.")] $variant,)*
        }

        impl Scalar {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name in type expressions.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// What it is, with its article: *an address range*.
            pub const fn noun(self) -> &'static str {
                match self { $(Self::$variant => $noun,)* }
            }

            /// One that would be right, as KDL.
            pub const fn like(self) -> &'static str {
                match self { $(Self::$variant => $like,)* }
            }
        }
    };
}

scalars! {
    Bool "bool" "a truth value" "#true",
    Int "int" "a whole number" "3",
    Float "float" "a number" "0.5",
    String "string" "a text" "\"text\"",
    Cpu "cpu" "an amount of CPU" "\"500m\"",
    Bytes "bytes" "an amount of memory" "\"2GiB\"",
    Duration "duration" "a duration" "\"250ms\"",
    Percent "percent" "a percentage" "\"10%\"",
    Rate "rate" "a rate" "\"100/s\"",
    Port "port" "a port" "8080",
    Ip "ip" "an IP address" "\"10.1.0.11\"",
    Cidr "cidr" "an address range" "\"10.1.0.0/24\"",
    Mac "mac" "a hardware address" "\"52:54:00:76:0a:14\"",
    HostPort "host-port" "a host with a port" "\"db1.internal:5432\"",
    DnsLabel "dns-label" "a DNS label" "metrics",
    DnsName "dns-name" "a DNS name" "\"shop.example.com\"",
    Image "image" "an image" "\"okm/web:2026.11.4\"",
    Version "version" "a version" "\"1.35.7\"",
    Path "path" "a path" "\"/healthz\"",
    Url "url" "a URL" "\"http://10.1.0.11:9200\"",
    Regex "regex" "a regular expression" "\"^[a-z]+$\"",
    Cron "cron" "a schedule" "\"15 3 * * *\"",
    Date "date" "a date" "\"2027-06-30\"",
    Digest "digest" "a digest" "\"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"",
}

impl Scalar {
    /// The scalar of that name.
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scalar| scalar.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scalar_is_found_by_its_word() {
        for scalar in Scalar::ALL {
            assert_eq!(Scalar::find(scalar.word()), Some(*scalar));
        }
        assert_eq!(Scalar::find("cpus"), None);
    }
}
