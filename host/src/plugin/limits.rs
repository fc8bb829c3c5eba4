//! What a plugin may use up, and the record of what it was refused.

use wasmtime::ResourceLimiter;

use super::PluginError;

/// Bytes of a mebibyte.
const MIB: usize = 1 << 20;

/// What one call of a plugin may use up. Nothing is counted in seconds, so that a plugin fails everywhere or nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Instructions, roughly. 10^9 are about 65 ms of native work.
    pub fuel: u64,
    /// What is added to it for each byte of the texts that the call is about: many rules each read a large text once.
    pub fuel_per_byte: u64,
    /// What the host may do for the plugin, in bytes that it reads, makes or hands over.
    pub host_work: u64,
    /// Bytes of linear memory while it checks a document.
    pub memory: usize,
    /// Bytes of linear memory while it checks the project.
    pub project_memory: usize,
    /// Bytes of stack; the calling thread needs as much again.
    pub stack: usize,
    /// Elements of all tables.
    pub table_elements: usize,
    /// Findings of one call.
    pub findings: usize,
    /// Bytes that it may hand over in one call.
    pub returned_bytes: usize,
    /// Bytes of a component; a larger one is not even compiled.
    pub component_size: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel: 1_000_000_000,
            fuel_per_byte: 200,
            host_work: 1_000_000_000,
            memory: 64 * MIB,
            project_memory: 256 * MIB,
            stack: MIB,
            table_elements: 1_000_000,
            findings: 10_000,
            returned_bytes: 8 * MIB,
            component_size: 64 * MIB,
        }
    }
}

/// Counts a store's memory and tables over all instances in it, and remembers what it refused: a guest that is refused
/// memory merely stops, and says nothing of the reason.
#[derive(Debug, Default)]
pub(super) struct Limiter {
    memory_limit: usize,
    memory: usize,
    table_limit: usize,
    table_elements: usize,
    refused: Option<Refused>,
}

#[derive(Clone, Copy, Debug)]
enum Refused {
    Memory,
    Tables,
}

impl Limiter {
    /// Begins a call that may use so much in all.
    pub(super) fn begin(&mut self, memory: usize, table_elements: usize) {
        self.memory_limit = memory;
        self.table_limit = table_elements;
        self.refused = None;
    }

    /// Bytes of memory in use.
    pub(super) const fn memory(&self) -> usize {
        self.memory
    }

    /// Why something was refused since [`Limiter::begin`].
    pub(super) fn refusal(&self) -> Option<PluginError> {
        Some(match self.refused? {
            Refused::Memory => PluginError::MemoryExhausted { mebibytes: self.memory_limit / MIB },
            Refused::Tables => PluginError::TablesExhausted { elements: self.table_limit },
        })
    }
}

/// The total after growth, unless that is over the limit.
fn grown(total: usize, current: usize, desired: usize, limit: usize) -> Option<usize> {
    let total = total.checked_add(desired.saturating_sub(current))?;
    (total <= limit).then_some(total)
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let Some(total) = grown(self.memory, current, desired, self.memory_limit) else {
            self.refused = Some(Refused::Memory);
            return Ok(false);
        };
        self.memory = total;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let Some(total) = grown(self.table_elements, current, desired, self.table_limit) else {
            self.refused = Some(Refused::Tables);
            return Ok(false);
        };
        self.table_elements = total;
        Ok(true)
    }

    fn instances(&self) -> usize {
        1_000
    }

    fn memories(&self) -> usize {
        100
    }

    fn tables(&self) -> usize {
        1_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_counts_over_all_memories_and_the_refusal_is_remembered() {
        let mut limiter = Limiter::default();
        limiter.begin(2 * MIB, 10);
        assert!(limiter.memory_growing(0, MIB, None).unwrap());
        assert!(limiter.memory_growing(0, MIB, None).unwrap());
        assert!(limiter.refusal().is_none());
        assert!(!limiter.memory_growing(MIB, MIB + 1, None).unwrap());
        assert!(matches!(limiter.refusal(), Some(PluginError::MemoryExhausted { mebibytes: 2 })));
        limiter.begin(3 * MIB, 10);
        assert!(limiter.refusal().is_none());
        assert!(limiter.memory_growing(MIB, 2 * MIB, None).unwrap());
    }

    #[test]
    fn growth_beyond_what_the_memory_itself_declares_is_not_our_refusal() {
        let mut limiter = Limiter::default();
        limiter.begin(MIB, 10);
        assert!(!limiter.memory_growing(0, 2 * MIB, Some(MIB)).unwrap());
        assert!(limiter.refusal().is_none());
    }
}
