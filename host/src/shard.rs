//! Several runs that share a tree, each of which reports on its own files: a CI's matrix is the engine for trees that
//! outgrow one machine.

use std::str::FromStr;

use sha2::{Digest, Sha256};

/// One of several runs, written `2/5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 0.
    index: u32,
    /// At least 1.
    count: u32,
}

impl Shard {
    /// Whether a file is one of this run's. Every path is of exactly one of the runs, whatever other files there are.
    #[must_use]
    pub fn holds(self, path: &str) -> bool {
        let hash = Sha256::digest(path);
        let number = hash[..8].iter().fold(0, |number: u64, &byte| number << 8 | u64::from(byte));
        number % u64::from(self.count) == u64::from(self.index)
    }
}

/// What is no shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write I/N, as in `2/5` for the second of five")]
pub struct NoShard;

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        let (index, count) = text.split_once('/').ok_or(NoShard)?;
        let number = |text: &str| text.parse::<u32>().ok().filter(|&number| number > 0).ok_or(NoShard);
        let (index, count) = (number(index)?, number(count)?);
        if index > count {
            return Err(NoShard);
        }
        Ok(Self { index: index - 1, count })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_shard_is_written_as_two_numbers() {
        assert_eq!("2/5".parse(), Ok(Shard { index: 1, count: 5 }));
        for text in ["", "2", "0/5", "6/5", "1/0", "-1/2", "a/b", "1/2/3"] {
            assert_eq!(text.parse::<Shard>(), Err(NoShard), "{text}");
        }
    }

    #[test]
    fn files_are_spread_and_stay_where_they_are() {
        let shard = |index| Shard { index, count: 4 };
        let counts =
            [0, 1, 2, 3].map(|index| (0..1000).filter(|number| shard(index).holds(&format!("{number}.yaml"))).count());
        assert!(counts.iter().all(|count| (200..300).contains(count)), "{counts:?}");
        assert!(shard(1).holds("a/Dockerfile"), "another version of this program must not move it");
    }

    proptest! {
        #[test]
        fn every_path_is_of_exactly_one_run(path in ".{0,40}", count in 1..20_u32) {
            let shards = (0..count).map(|index| Shard { index, count });
            prop_assert_eq!(shards.filter(|shard| shard.holds(&path)).count(), 1);
        }
    }
}
