//! Tokenizers and the mask of the tokens the model itself wrote.
