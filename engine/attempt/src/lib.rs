//! How the policy answers.
