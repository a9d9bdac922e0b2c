//! Patterns of paths: `*` is any part of a name, `**` any number of folders.
//!
//! Not here: braces, classes, escapes. Patterns are written by us, for names that we made.

/// Whether `path` fits `pattern`, both from the same folder.
pub fn matches(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    fits(&pattern, &path)
}

fn fits(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        // At the end it stands for files, not for the folder itself.
        (Some((&"**", [])), _) => !path.is_empty(),
        (Some((&"**", rest)), _) => {
            (0..=path.len()).any(|at| path.get(at..).is_some_and(|tail| fits(rest, tail)))
        }
        (Some((first, pattern)), Some((name, path))) => names(first, name) && fits(pattern, path),
        _ => false,
    }
}

fn names(pattern: &str, name: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(rest) = name.strip_prefix(before) else {
        return false;
    };
    (0..=rest.len()).any(|at| rest.get(at..).is_some_and(|tail| names(after, tail)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stay_within_a_name_and_double_stars_do_not() {
        assert!(matches("hosts/*/*/rootfs/**/*.sh", "hosts/a/b/rootfs/x.sh"));
        assert!(matches("hosts/*/*/rootfs/**/*.sh", "hosts/a/b/rootfs/c/d/x.sh"));
        assert!(!matches("hosts/*/*/rootfs/*.sh", "hosts/a/b/rootfs/c/x.sh"));
        assert!(matches("**/*.yaml", "a.yaml") && matches("**/*.yaml", "a/b.yaml"));
        assert!(matches("etc/**", "etc/a/b") && !matches("etc/**", "etc"));
        assert!(matches("a*c*e", "abcde") && !matches("a*c*e", "abde") && !matches("a", "ab"));
    }
}
