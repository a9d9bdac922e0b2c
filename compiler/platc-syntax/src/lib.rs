//! KDL text to a lossless tree with a typed view; types, expressions and the formatter.
