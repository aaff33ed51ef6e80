use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};

/// Declares the registry of a verb: one variant per part, and nothing else to keep in step with it.
///
/// In a recipe a part is its name (`"keep_right"`: its defaults) or a table of one key
/// (`{ sample = { per_task = 4 } }`).
///
/// ```
/// recipe::part! {
///     /// Several independent answers per task.
///     pub struct Sample = "sample", version 1 {
///         /// Answers per task.
///         pub per_task: u32 = 16, "ours";
///     }
/// }
/// recipe::part! {
///     /// Once more, with the answer as a hint.
///     pub struct Hint = "hint", version 1 {}
/// }
/// recipe::parts! {
///     /// How the policy answers.
///     pub enum AttemptPart { Sample(Sample), Hint(Hint) }
/// }
/// let parts: Vec<AttemptPart> = serde_json::from_str(r#"[{ "sample": { "per_task": 4 } }, "hint"]"#).unwrap();
/// assert_eq!(parts, [AttemptPart::Sample(Sample { per_task: 4 }), AttemptPart::Hint(Hint {})]);
/// assert_eq!(parts[0].describe().name(), "sample");
/// assert_eq!(AttemptPart::catalogue().len(), 2);
/// ```
///
/// With a trait after its name, `pub enum AttemptPart: Attempt { … }`, the registry's value is its
/// part: it dereferences to `dyn Attempt`, which every part implements. What a part needs it says
/// there, in a method with a default body, so that a new part is its file and its line here.
#[macro_export]
macro_rules! parts {
    (
        $(#[doc = $doc:literal])+
        pub enum $registry:ident: $trait:path { $($variant:ident($part:ty)),+ $(,)? }
    ) => {
        $crate::parts! {
            $(#[doc = $doc])+
            pub enum $registry { $($variant($part)),+ }
        }

        /// The part itself: what it says of itself, and does.
        impl ::std::ops::Deref for $registry {
            type Target = dyn $trait;

            fn deref(&self) -> &Self::Target {
                match self {
                    $($registry::$variant(part) => part,)+
                }
            }
        }
    };
    (
        $(#[doc = $doc:literal])+
        pub enum $registry:ident { $($variant:ident($part:ty)),+ $(,)? }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq)]
        pub enum $registry {
            $(#[doc = concat!("The part [`", stringify!($part), "`].")] $variant($part),)+
        }

        impl $registry {
            /// What this part says of itself.
            pub fn describe(&self) -> &dyn $crate::Describe {
                match self {
                    $($registry::$variant(part) => part,)+
                }
            }

            /// Every part with its defaults, in the order of declaration.
            pub fn catalogue() -> Vec<Box<dyn $crate::Describe>> {
                vec![$(Box::new(<$part>::default()),)+]
            }
        }

        impl $crate::Registry for $registry {
            const NAMES: &'static [&'static str] = &[$(<$part as $crate::Part>::NAME),+];

            fn with_defaults(name: &str) -> Option<Self> {
                match name {
                    $(<$part as $crate::Part>::NAME => Some($registry::$variant(<$part>::default())),)+
                    _ => None,
                }
            }

            fn with_settings<'de, A>(name: &str, map: &mut A) -> Result<Option<Self>, A::Error>
            where
                A: $crate::serde::de::MapAccess<'de>,
            {
                match name {
                    $(<$part as $crate::Part>::NAME => Ok(Some($registry::$variant(map.next_value()?))),)+
                    _ => Ok(None),
                }
            }
        }

        impl $crate::serde::Serialize for $registry {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $($registry::$variant(part) => serializer.serialize_newtype_variant(
                        stringify!($registry), 0, <$part as $crate::Part>::NAME, part,
                    ),)+
                }
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $registry {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::deserialize_part(deserializer)
            }
        }
    };
}

/// The parts of a verb, as [`parts!`] declares them.
pub trait Registry: Sized {
    /// Their names in recipes.
    const NAMES: &'static [&'static str];

    /// The part of that name, with its defaults.
    fn with_defaults(name: &str) -> Option<Self>;

    /// The part of that name, with the settings that stand next in the map.
    fn with_settings<'de, A: MapAccess<'de>>(name: &str, map: &mut A) -> Result<Option<Self>, A::Error>;
}

/// Reads a part: a name, or a table of one key. Errors are raised while the key or string itself is
/// read, because a reader that knows places attaches the place of what it is reading.
#[doc(hidden)]
pub fn deserialize_part<'de, R: Registry, D: Deserializer<'de>>(deserializer: D) -> Result<R, D::Error> {
    deserializer.deserialize_any(PartVisitor(PhantomData))
}

struct PartVisitor<R>(PhantomData<R>);

impl<'de, R: Registry> Visitor<'de> for PartVisitor<R> {
    type Value = R;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a part, or a table with one: `{ name = { setting = value } }`")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<R, E> {
        R::with_defaults(name).ok_or_else(|| unknown::<R, E>(name))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<R, A::Error> {
        let name = map.next_key_seed(KnownName::<R>(PhantomData))?;
        let name = name.ok_or_else(|| A::Error::custom(format_args!("an empty table where a part belongs: {NEED}")))?;
        let part = R::with_settings(&name, &mut map)?;
        map.next_key_seed(NoSecondName::<R>(&name, PhantomData))?;
        part.ok_or_else(|| unknown::<R, A::Error>(&name))
    }
}

const NEED: &str = "write `{ name = { setting = value } }`";

fn unknown<R: Registry, E: Error>(name: &str) -> E {
    E::unknown_variant(name, R::NAMES)
}

/// Reads a key that must be one of the registry's names.
struct KnownName<R>(PhantomData<R>);

impl<'de, R: Registry> DeserializeSeed<'de> for KnownName<R> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, key: D) -> Result<String, D::Error> {
        let name = <String as serde::Deserialize>::deserialize(key)?;
        if R::NAMES.contains(&name.as_str()) { Ok(name) } else { Err(unknown::<R, D::Error>(&name)) }
    }
}

/// Refuses a second key, at its place.
struct NoSecondName<'a, R>(&'a str, PhantomData<R>);

impl<'de, R: Registry> DeserializeSeed<'de> for NoSecondName<'_, R> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, key: D) -> Result<(), D::Error> {
        let second = KnownName::<R>(PhantomData).deserialize(key)?;
        let first = self.0;
        Err(D::Error::custom(format_args!(
            "`{second}` is a second part where `{first}` stands, and there is room for one"
        )))
    }
}
