//! "Did you mean": the known name that a misspelt one looks like.

/// The nearest of `known` to a name that is none of them, where it is near: one letter more, less or other, or two letters
/// swapped; two such slips in a name of eight letters or more. Names of fewer than four letters, and names that differ in
/// digits only, are meant as they are written.
///
/// ```
/// use hullmark_sdk::nearest;
///
/// assert_eq!(nearest("HEALTCHECK", ["HEALTHCHECK", "EXPOSE"]), Some("HEALTHCHECK"));
/// assert_eq!(nearest("USER", ["EXPOSE"]), None);
/// ```
#[must_use]
pub fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let letters: Vec<char> = name.chars().take(64).collect();
    let limit = match letters.len() {
        0..4 => return None,
        4..8 => 1,
        _ => 2,
    };
    known
        .into_iter()
        .filter(|known| known.len() <= 64 && without_digits(known) != without_digits(name))
        .map(|known| (distance(&letters, &known.chars().collect::<Vec<_>>()), known))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, known)| known)
}

fn without_digits(name: &str) -> String {
    name.chars().filter(|char| !char.is_ascii_digit()).collect()
}

/// Fewest insertions, deletions, replacements and swaps of neighbours that make one of the other.
fn distance(one: &[char], other: &[char]) -> usize {
    let width = other.len() + 1;
    let mut table = vec![0; (one.len() + 1) * width];
    for row in 0..=one.len() {
        for column in 0..width {
            table[row * width + column] = if row == 0 || column == 0 {
                row + column
            } else {
                let above = table[(row - 1) * width + column] + 1;
                let left = table[row * width + column - 1] + 1;
                let changed = usize::from(one[row - 1] != other[column - 1]);
                let replaced = table[(row - 1) * width + column - 1] + changed;
                let is_swap =
                    row > 1 && column > 1 && one[row - 1] == other[column - 2] && one[row - 2] == other[column - 1];
                let swapped = if is_swap { table[(row - 2) * width + column - 2] + 1 } else { usize::MAX };
                above.min(left).min(replaced).min(swapped)
            };
        }
    }
    table[one.len() * width + other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_as_written_has_no_neighbour() {
        assert_eq!(nearest("HOME", ["NAME"]), None);
        assert_eq!(nearest("DIR", ["DIRS"]), None);
        assert_eq!(nearest("VERSION1", ["VERSION2", "VERSION"]), None);
        assert_eq!(nearest("USER", ["USERNAME"]), None);
    }

    #[test]
    fn slips_are_seen() {
        assert_eq!(nearest("PAHT", ["PATH", "HOME"]), Some("PATH"));
        assert_eq!(nearest("DIR_ASSET", ["DIR_BINARIES", "DIR_ASSETS"]), Some("DIR_ASSETS"));
        assert_eq!(nearest("BULIDPLATFORM", ["TARGETPLATFORM", "BUILDPLATFORM"]), Some("BUILDPLATFORM"));
        assert_eq!(nearest("MYARCH", ["MY_OS", "MY_ARCH"]), Some("MY_ARCH"));
    }
}
