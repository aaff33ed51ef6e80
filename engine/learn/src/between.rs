//! What is written between micro-batches and read within them, by several threads at a time.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A value that changes only while no micro-batch is being computed.
#[derive(Default)]
pub(crate) struct Between<T>(RwLock<T>);

impl<T> Between<T> {
    pub(crate) fn new(value: T) -> Between<T> {
        Between(RwLock::new(value))
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
