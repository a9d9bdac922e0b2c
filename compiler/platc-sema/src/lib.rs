//! From trees to a checked model: outline, link, expand, check, relate.
