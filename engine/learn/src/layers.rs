//! Which layer a weight belongs to.

/// The layer that a weight is of, by its name; those of an adapter have the family's own word for
/// layers.
pub(crate) fn layer_of(name: &str) -> Option<usize> {
    let (_, rest) = name.split_once(".layers.").or(name.split_once(".h."))?;
    rest.split('.').next()?.parse().ok()
}
