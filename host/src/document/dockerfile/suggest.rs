//! "Did you mean": the known name that a misspelt one looks like.

/// The nearest of `known`, where it is near: at most two letters to change, one in a word of up to three.
/// Case does not matter.
pub(crate) fn nearest(name: &str, known: impl IntoIterator<Item = &'static str>) -> Option<&'static str> {
    let name: Vec<char> = name.to_lowercase().chars().take(32).collect();
    let limit = if name.len() <= 3 { 1 } else { 2 };
    let near = known.into_iter().map(|known| (distance(&name, &known.to_lowercase()), known));
    near.filter(|(distance, _)| *distance <= limit).min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

/// Fewest insertions, deletions and replacements that make one of the other.
fn distance(one: &[char], other: &str) -> usize {
    let mut row: Vec<usize> = (0..=one.len()).collect();
    for (line, right) in other.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (column, left) in one.iter().enumerate() {
            let replaced = diagonal + usize::from(*left != right);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[one.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_names_are_suggested() {
        let known = ["FROM", "RUN", "COPY", "ENTRYPOINT"];
        assert_eq!(nearest("form", known), Some("FROM"));
        assert_eq!(nearest("RUNN", known), Some("RUN"));
        assert_eq!(nearest("ENTRIPOINT", known), Some("ENTRYPOINT"));
        assert_eq!(nearest("apt-get", known), None);
        assert_eq!(nearest("cd", known), None);
        assert_eq!(nearest(&"x".repeat(100_000), known), None);
    }
}
