use serde::Serialize;
use serde_json::Value;

/// One setting of a part, as `explain` shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The key in the recipe.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// The value where a recipe says nothing.
    pub default: Value,
    /// Where the default comes from: a sentence of the paper, or "ours".
    pub source: &'static str,
    /// The range that values may be in, in words, if it has one.
    pub range: Option<String>,
    /// What stands in it, where it is a table that several parts share; empty for a plain setting.
    pub table: Vec<Setting>,
}

/// What a part says of itself.
pub trait Describe {
    /// Its name in recipes: the file's name.
    fn name(&self) -> &'static str;
    /// What it does: the doc comment of its declaration.
    fn doc(&self) -> &'static str;
    /// The file that holds it.
    fn file(&self) -> &'static str;
    /// Raised when the part's behaviour changes, so that older outputs of it are seen to be stale.
    fn version(&self) -> u32;
    /// Its settings with their defaults.
    fn settings(&self) -> Vec<Setting>;
    /// The values it has now, as a JSON object.
    fn values(&self) -> Value;
}

/// What the type of a part is known by, before there is a value of it.
pub trait Part: Describe + Default {
    /// Its name in recipes.
    const NAME: &'static str;
}

/// Declares a part: its settings with documentation, default, the default's source and the range
/// that values may be in, in one place. A value outside of its range is refused when the recipe is
/// read.
///
/// ```
/// recipe::part! {
///     /// Several independent answers per task.
///     pub struct Sample = "sample", version 1 {
///         /// Answers per task.
///         pub per_task: u32 = 16, "ours", 1..=100_000;
///         /// Softmax temperature; 0 is greedy.
///         pub temperature: f32 = 1.0, "ours", 0.0..;
///     }
/// }
/// let part: Sample = serde_json::from_str(r#"{ "per_task": 4 }"#).unwrap();
/// assert_eq!((part.per_task, part.temperature), (4, 1.0));
/// let fault = serde_json::from_str::<Sample>(r#"{ "per_task": 0 }"#).unwrap_err().to_string();
/// assert!(fault.starts_with("`per_task` is 0, and must be from 1 to 100000"));
/// ```
///
/// A setting that is a table of its own, itself declared as a part, says `as table "FUNCTION"`
/// after its source, where the function reads it: `"recipe::plain"` is the type's own reader.
#[macro_export]
macro_rules! part {
    (@table $type:ty) => {
        ::std::vec::Vec::new()
    };
    (@table $type:ty, $read:literal) => {
        $crate::Describe::settings(&<$type as ::std::default::Default>::default())
    };
    (
        $(#[doc = $doc:literal])+
        pub struct $type:ident = $name:literal, version $version:literal {
            $($(#[doc = $field_doc:literal])+
            pub $field:ident : $field_type:ty = $default:expr, $source:literal $(as table $read:literal)? $(, $range:expr)?;)*
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, $crate::serde::Serialize)]
        #[serde(crate = "recipe::serde")]
        pub struct $type {
            $($(#[doc = $field_doc])+ pub $field: $field_type,)*
        }

        const _: () = {
            /// The settings as they are written, in any range.
            #[derive($crate::serde::Deserialize)]
            #[serde(crate = "recipe::serde", deny_unknown_fields, default)]
            struct Written {
                $($(#[serde(deserialize_with = $read)])? $field: $field_type,)*
            }

            impl Default for Written {
                fn default() -> Self {
                    let $type { $($field,)* } = $type::default();
                    Written { $($field,)* }
                }
            }

            impl<'de> $crate::serde::Deserialize<'de> for $type {
                fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let Written { $($field,)* } = $crate::serde::Deserialize::deserialize(deserializer)?;
                    $($(
                        if let Some(fault) = $crate::outside(stringify!($field), &$field, &($range)) {
                            return Err($crate::serde::de::Error::custom(fault));
                        }
                    )?)*
                    Ok($type { $($field,)* })
                }
            }
        };

        #[allow(clippy::derivable_impls)] // whether it could be derived depends on the settings
        impl Default for $type {
            fn default() -> Self {
                $type { $($field: $default,)* }
            }
        }

        impl $crate::Part for $type {
            const NAME: &'static str = $name;
        }

        impl $crate::Describe for $type {
            fn name(&self) -> &'static str {
                $name
            }
            fn doc(&self) -> &'static str {
                concat!($($doc, "\n"),+)
            }
            fn file(&self) -> &'static str {
                file!()
            }
            fn version(&self) -> u32 {
                $version
            }
            fn settings(&self) -> Vec<$crate::Setting> {
                let _defaults = $crate::values_of(&$type::default()); // unused where there are no settings
                vec![$($crate::Setting {
                    name: stringify!($field),
                    doc: concat!($($field_doc, "\n"),+),
                    default: _defaults.get(stringify!($field)).cloned().unwrap_or_default(),
                    source: $source,
                    range: [$($crate::wanted(&$type::default().$field, &($range)))?].into_iter().next(),
                    table: $crate::part!(@table $field_type $(, $read)?),
                },)*]
            }
            fn values(&self) -> $crate::Json {
                $crate::values_of(self)
            }
        }
    };
}

/// Reads a table as its type does.
pub fn plain<'de, T: serde::Deserialize<'de>, D: serde::Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    T::deserialize(from)
}

/// A part's values as JSON. Settings are plain data, so this cannot fail; a value that JSON has no
/// form for is `null`.
#[doc(hidden)]
pub fn values_of(part: &impl Serialize) -> Value {
    serde_json::to_value(part).unwrap_or_default()
}
