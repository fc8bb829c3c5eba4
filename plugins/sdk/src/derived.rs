//! What a plugin derives from a document or from all of them, once for all of its rules.

use std::any::Any;
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

/// Values that were derived, by a number that their maker gives them.
#[derive(Default)]
pub(crate) struct Derived {
    values: RefCell<Vec<(u32, Rc<dyn Any>)>>,
}

impl fmt::Debug for Derived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} values", self.values.borrow().len())
    }
}

impl Derived {
    /// The value of this type and number; made where there is none yet.
    pub(crate) fn get<T: 'static>(&self, number: u32, make: impl FnOnce() -> T) -> Rc<T> {
        if let Some(value) = self.find(number) {
            return value;
        }
        // Nothing is borrowed while it is made: that may need something else derived.
        let value = Rc::new(make());
        self.values.borrow_mut().push((number, Rc::clone(&value) as Rc<dyn Any>));
        value
    }

    fn find<T: 'static>(&self, number: u32) -> Option<Rc<T>> {
        let values = self.values.borrow();
        let mut same = values.iter().filter(|(known, _)| *known == number);
        same.find_map(|(_, value)| Rc::clone(value).downcast().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_made_once_for_each_type_and_number() {
        let derived = Derived::default();
        assert_eq!(*derived.get(1, || "a"), "a");
        assert_eq!(*derived.get(1, || "b"), "a");
        assert_eq!(*derived.get(2, || "c"), "c");
        assert_eq!(*derived.get(1, || 5), 5);
    }
}
