//! Episodes: what they are made of, what ends them, and that they do not depend on their company.

mod drawing;
mod rolling;
mod scripted;
